//! What lies in `.ralph/` of a worktree: all that a session is given, and what it answers.

use std::path::{Path, PathBuf};

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
