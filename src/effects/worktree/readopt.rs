//! Taking back a worktree whose entry was lost while its files are still there; every step is one rename.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Attach, Worktrees, is_occupied_beside_git};
use crate::effects::git::{GitError, Place, path_of};

impl Worktrees {
    /// Makes a new entry for the files at `path`, which stay as they are, and an index that shows how they differ.
    /// Refuses files that do not say that they were a worktree of this repository. Under the mutex.
    pub(super) fn readopt(&self, path: &Path, attach: &Attach<'_>) -> Result<(), GitError> {
        if !self.was_ours(path) {
            return Err(GitError::Foreign { path: path.to_owned() });
        }
        let aside = aside(path);
        fs::rename(path, &aside).map_err(GitError::io("move aside", path))?;
        self.add_entry(path, attach)?;
        self.finish_readopting(path)?;
        let linked = self.git.linked(path)?;
        self.git.call(Place::Linked(&linked))?.args(["reset", "--quiet"]).run()?;
        Ok(())
    }

    /// Brings back the files that were moved aside, after a kill too.
    pub(super) fn finish_readopting(&self, path: &Path) -> Result<(), GitError> {
        let aside = aside(path);
        if !aside.exists() {
            return Ok(());
        }
        if path.exists() {
            if is_occupied_beside_git(path)? {
                return Err(GitError::Foreign { path: path.to_owned() });
            }
            let pointer = path.join(".git");
            if pointer.exists() {
                fs::rename(&pointer, aside.join(".git")).map_err(GitError::io("move", &pointer))?;
            }
            fs::remove_dir(path).map_err(GitError::io("remove the empty folder", path))?;
        }
        fs::rename(&aside, path).map_err(GitError::io("move back", &aside))
    }

    /// Whether the `.git` file there names an entry (perhaps lost) of this repository.
    fn was_ours(&self, path: &Path) -> bool {
        let text = fs::read(path.join(".git")).unwrap_or_default();
        let entry = text.strip_prefix(b"gitdir: ").map(|entry| path_of(entry.trim_ascii_end()));
        entry.is_some_and(|entry| entry.parent() == Some(&self.git.common_dir().join("worktrees")))
    }
}

fn aside(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".readopting");
    path.with_file_name(name)
}
