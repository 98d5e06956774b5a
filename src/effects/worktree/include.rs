//! Bringing files that git ignores, such as `.env`, from the user's checkout into a new worktree.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Component, Path, PathBuf};

use tempfile::NamedTempFile;

use crate::effects::git::{Git, GitError, Place, RUNS_DIR, TALK_DIR, is_below, nul_separated, path_of};
use crate::effects::paths::shown;

/// What was brought along.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Included {
    /// The files that were copied, relative to the top folder.
    pub copied: Vec<String>,
    /// The files that were not, with the reason.
    pub skipped: Vec<(String, String)>,
}

impl Git {
    /// Copies the ignored files of the user's checkout that match one of the patterns (globs from the top folder;
    /// `**/` for any depth) into the worktree. An existing file is never replaced, nothing outside of the two folders
    /// is ever read or written, and a file that git does not ignore is skipped: it would end up in a commit.
    ///
    /// # Errors
    /// A pattern leads out of the checkout, it is no worktree of this repository, or a file cannot be copied.
    pub fn include(&self, worktree: &Path, patterns: &[String]) -> Result<Included, GitError> {
        let mut included = Included::default();
        if patterns.is_empty() {
            return Ok(included);
        }
        let linked = self.linked(worktree)?;
        let checkout = self.checkout()?.to_owned();
        let visible = self.others(patterns, &["--exclude-standard"])?;
        for path in self.others(patterns, &[])? {
            let skip = if visible.contains(&path) {
                Some("git does not ignore it, so it would be committed; add it to .gitignore".to_owned())
            } else {
                copy(&checkout, &linked.path, &path)?
            };
            match skip {
                None => included.copied.push(shown(&path)),
                Some(reason) => included.skipped.push((shown(&path), reason)),
            }
        }
        Ok(included)
    }

    /// The untracked files of the user's checkout that match.
    fn others(&self, patterns: &[String], options: &[&str]) -> Result<BTreeSet<PathBuf>, GitError> {
        let patterns = patterns.iter().map(|pattern| format!(":(glob){pattern}"));
        let call = self.call(Place::Checkout)?.args(["ls-files", "--others", "-z"]).args(options).arg("--");
        let list = call.args(patterns).run()?;
        let files = nul_separated(&list).filter(|file| !file.ends_with(b"/")).map(path_of);
        Ok(files.filter(|file| !is_below(file, RUNS_DIR) && !is_below(file, TALK_DIR)).collect())
    }
}

/// Copies one file; why not, if it must not be.
fn copy(from: &Path, to: &Path, path: &Path) -> Result<Option<String>, GitError> {
    let source = from.join(path);
    let real = match source.canonicalize() {
        Ok(real) => real,
        Err(fault) => return Ok(Some(format!("it cannot be read: {fault}"))),
    };
    if !real.starts_with(from) {
        return Ok(Some(format!("it is a link that leads out of the checkout, to {}", real.display())));
    }
    if !real.is_file() {
        return Ok(Some("it is not a file".to_owned()));
    }
    let Some(folder) = make_folder(to, path)? else {
        return Ok(Some("its folder in the worktree is a link or a file".to_owned()));
    };
    let target = to.join(path);
    if fs::symlink_metadata(&target).is_ok() {
        return Ok(Some("the worktree has it already".to_owned()));
    }
    let write = || -> io::Result<bool> {
        let mut file = NamedTempFile::new_in(&folder)?;
        let mut reader = fs::File::open(&real)?;
        io::copy(&mut reader, &mut file)?;
        file.as_file().set_permissions(reader.metadata()?.permissions())?;
        match file.persist_noclobber(&target) {
            Ok(_) => Ok(true),
            Err(fault) if fault.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
            Err(fault) => Err(fault.error),
        }
    };
    let is_new = write().map_err(GitError::io("write", &target))?;
    Ok((!is_new).then(|| "the worktree has it already".to_owned()))
}

/// Makes the folder of `path` below `top`, step by step; `None` when a link or a file is in the way.
fn make_folder(top: &Path, path: &Path) -> Result<Option<PathBuf>, GitError> {
    let mut folder = top.to_owned();
    for part in path.parent().unwrap_or(Path::new("")).components() {
        let Component::Normal(name) = part else { return Ok(None) };
        folder.push(name);
        match fs::create_dir(&folder) {
            Ok(()) => {}
            Err(fault) if fault.kind() == io::ErrorKind::AlreadyExists => {
                if !fs::symlink_metadata(&folder).is_ok_and(|data| data.is_dir()) {
                    return Ok(None);
                }
            }
            Err(fault) => return Err(GitError::io("make the folder", &folder)(fault)),
        }
    }
    Ok(Some(folder))
}
