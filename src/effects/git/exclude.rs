//! Keeps our two folders out of git through `info/exclude`, never by editing the user's `.gitignore`.

use std::fs;
use std::io;

use super::{Git, GitError, RUNS_DIR, TALK_DIR};
use crate::effects::fs::write_atomic;

impl Git {
    /// Adds our folders to `info/exclude` unless they are there; everything else in it stays byte for byte.
    ///
    /// # Errors
    /// The file cannot be read or written.
    pub fn exclude_our_folders(&self) -> Result<(), GitError> {
        let _alone = self.alone();
        let folder = self.common_dir.join("info");
        fs::create_dir_all(&folder).map_err(GitError::io("make the folder", &folder))?;
        let path = folder.join("exclude");
        let old = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(fault) => return Err(GitError::io("read", &path)(fault)),
        };
        match with_lines(&old, &[&format!("{RUNS_DIR}/"), &format!("{TALK_DIR}/")]) {
            // Some people link this file to one that they share; the link survives.
            Some(new) => write_atomic(&path, &new).map_err(GitError::unwritten),
            None => Ok(()),
        }
    }
}

/// The text with the missing ones of `lines` at its end; `None` when none is missing.
fn with_lines(text: &[u8], lines: &[&str]) -> Option<Vec<u8>> {
    let is_there =
        |line: &&&str| text.split(|byte| *byte == b'\n').any(|have| have.trim_ascii_end() == line.as_bytes());
    let missing: Vec<&&str> = lines.iter().filter(|line| !is_there(line)).collect();
    if missing.is_empty() {
        return None;
    }
    let mut new = text.to_vec();
    if !new.is_empty() && !new.ends_with(b"\n") {
        new.push(b'\n');
    }
    for line in missing {
        new.extend_from_slice(line.as_bytes());
        new.push(b'\n');
    }
    Some(new)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_missing_lines_are_added_and_the_rest_stays() {
        let check = |old: &str, new: Option<&str>| {
            assert_eq!(with_lines(old.as_bytes(), &["a/", "b/"]).as_deref(), new.map(str::as_bytes), "{old:?}");
        };
        check("", Some("a/\nb/\n"));
        check("# mine", Some("# mine\na/\nb/\n"));
        check("b/\r\nx\n", Some("b/\r\nx\na/\n"));
        check("a/\nb/", None);
        check("aa/\n#b/\n", Some("aa/\n#b/\na/\nb/\n"));
    }
}
