//! What lies in `.ralph/` of a worktree: all that a session is given, and what it answers.
//!
//! **Invariant:** what the runner writes there stays there. An agent may leave a link in the place of any of these files, or
//! of the directory, and what it leads to may be the user's.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::fs::{FsError, create_directory, write_atomic};
use crate::scheduler::Job;

/// What lies in `.ralph/` of a worktree: all that its session is given, and its report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFiles(PathBuf);

impl SessionFiles {
    /// The name of the directory, for exclude files.
    pub const NAME: &str = ".ralph";

    /// The files of the session in this worktree.
    #[must_use]
    pub fn of(worktree: &Path) -> Self {
        Self(worktree.join(Self::NAME))
    }

    /// The files of a session that works for the lead in this worktree, beside the lead's.
    #[must_use]
    pub fn of_delegate(worktree: &Path, job: &Job) -> Self {
        Self(worktree.join(Self::NAME).join(job.file_stem()))
    }

    /// The directory itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Makes the directory; whatever else stands in its place goes.
    ///
    /// # Errors
    /// The step that the system refused.
    pub fn make(&self) -> Result<(), FsError> {
        let is_top = |folder: &Path| folder.file_name() == Some(OsStr::new(Self::NAME));
        let above = self.0.parent().filter(|above| !is_top(&self.0) && is_top(above));
        for folder in above.into_iter().chain([self.path()]) {
            if fs::symlink_metadata(folder).is_ok_and(|found| !found.is_dir()) {
                remove(folder)?;
            }
        }
        create_directory(&self.0)
    }

    /// The epic with its pending stories.
    #[must_use]
    pub fn epic(&self) -> PathBuf {
        self.0.join("epic.json")
    }

    /// The implementation plan.
    #[must_use]
    pub fn plan(&self) -> PathBuf {
        self.0.join("plan.md")
    }

    /// What the session is told.
    #[must_use]
    pub fn prompt(&self) -> PathBuf {
        self.0.join("prompt.md")
    }

    /// Where the session must report.
    #[must_use]
    pub fn report(&self) -> PathBuf {
        self.0.join("report.json")
    }
}

/// Writes one of these files whole or not at all; whatever else stands in its place goes.
///
/// # Errors
/// The step that the system refused.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), FsError> {
    make_way(path)?;
    write_atomic(path, bytes)
}

/// Removes what stands in the place of one of these files and is no ordinary file.
///
/// # Errors
/// The system refuses.
pub fn make_way(path: &Path) -> Result<(), FsError> {
    match fs::symlink_metadata(path) {
        Ok(found) if !found.is_file() => remove(path),
        Ok(_) | Err(_) => Ok(()),
    }
}

/// Removes whatever is there, a directory with all that is in it too; already gone counts as done.
///
/// # Errors
/// The system refuses.
pub fn remove(path: &Path) -> Result<(), FsError> {
    let is_folder = fs::symlink_metadata(path).is_ok_and(|found| found.is_dir());
    let removed = if is_folder { fs::remove_dir_all(path) } else { fs::remove_file(path) };
    match removed {
        Err(fault) if fault.kind() != io::ErrorKind::NotFound => Err(FsError::of("remove", path)(fault)),
        Ok(()) | Err(_) => Ok(()),
    }
}
