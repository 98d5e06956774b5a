//! Finds a program the way a shell does: by path, or by name along `PATH`.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

/// The program's path. `PATH` is the one of `base`, because that is what the session gets.
pub(super) fn locate(program: &str, base: &BTreeMap<String, String>) -> Option<PathBuf> {
    if program.contains('/') {
        let path = PathBuf::from(program);
        return runnable(&path).then_some(path);
    }
    let path = base.get("PATH")?;
    std::env::split_paths(path)
        // An empty or relative entry means the working directory, and that is a worktree that an agent writes to.
        .filter(|directory| directory.is_absolute())
        .map(|directory| directory.join(program))
        .find(|candidate| runnable(candidate))
}

fn runnable(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| metadata.is_file() && metadata.permissions().mode() & 0o111 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_found_along_the_given_path_only() {
        let base = BTreeMap::from([("PATH".to_owned(), "relative::/nonexistent:/bin:/usr/bin".to_owned())]);
        let found = locate("sh", &base).expect("a shell");
        assert!(found.is_absolute() && found.ends_with("sh"));
        assert_eq!(locate("sh", &BTreeMap::new()), None);
        assert_eq!(locate("no-such-program-anywhere", &base), None);
    }

    #[test]
    fn a_path_must_be_a_program() {
        assert_eq!(locate("/bin/sh", &BTreeMap::new()), Some(PathBuf::from("/bin/sh")));
        let file = tempfile::NamedTempFile::new().expect("a file that is no program");
        assert_eq!(locate(&file.path().to_string_lossy(), &BTreeMap::new()), None);
        assert_eq!(locate("/tmp/", &BTreeMap::new()), None);
    }
}
