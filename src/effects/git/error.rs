//! What can go wrong with git; each message says what happened, where, and what to do now.

use std::io;
use std::path::{Path, PathBuf};

use crate::domain::id::IdFault;
use crate::effects::fs::{FsError, is_environment};

/// A failure of git or of a file that git owns.
#[derive(Debug, thiserror::Error)]
pub enum GitError {
    /// The program could not be started.
    #[error("cannot start {program:?}: {source}; install git 2.38 or newer, or put it on the PATH")]
    Spawn {
        /// The program as configured.
        program: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The program ended with an error.
    #[error("`{command}` failed ({exit}): {stderr}")]
    Failed {
        /// The command, without the fixed flags.
        command: String,
        /// Exit code or signal.
        exit: String,
        /// The end of what it said.
        stderr: String,
    },
    /// The program said something that we do not understand.
    #[error("`{command}` answered {answer:?}, which is not understood; is the git on the PATH really git?")]
    Unexpected {
        /// The command, without the fixed flags.
        command: String,
        /// What it said.
        answer: String,
    },
    /// The program is older than what the runner needs.
    #[error("git {found} is too old: version 2.38 or newer is needed (merges in memory); update git")]
    TooOld {
        /// The version that was found.
        found: String,
    },
    /// There is no repository.
    #[error("{path:?} is not inside a git repository ({detail}); run `git init` there, or name another folder")]
    NotARepository {
        /// Where we looked.
        path: PathBuf,
        /// What git said.
        detail: String,
    },
    /// The repository has no checkout.
    #[error("{path:?} is a bare repository; start from a clone that has a checkout")]
    Bare {
        /// The repository.
        path: PathBuf,
    },
    /// The repository is stored in a way that the library cannot read.
    #[error(
        "{path:?} uses a storage format that cannot be read yet ({detail}); reftable and SHA-256 are \
         affected: work in a clone of the usual format (`git clone --ref-format=files <url>`)"
    )]
    UnsupportedFormat {
        /// The repository.
        path: PathBuf,
        /// What exactly.
        detail: String,
    },
    /// A repository cannot be read.
    #[error("cannot {what} in {path:?}: {source}")]
    Read {
        /// What was tried.
        what: &'static str,
        /// The repository.
        path: PathBuf,
        /// Why.
        source: git2::Error,
    },
    /// A file could not be read or written.
    #[error("cannot {what} {path:?}: {source}")]
    Io {
        /// What was tried.
        what: &'static str,
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Nobody is named as the author of commits.
    #[error("git does not know who commits ({detail}); set user.name and user.email with `git config`")]
    NoIdentity {
        /// What git said.
        detail: String,
    },
    /// A folder is not the worktree that it should be; nothing was done in it.
    #[error("{path:?} is not a worktree of this repository ({reason}); nothing was changed there")]
    NotAWorktree {
        /// The folder.
        path: PathBuf,
        /// How we know.
        reason: String,
    },
    /// A path is not below the folder of our worktrees.
    #[error("{path:?} is not below {root:?}, the folder of the run's worktrees; refusing to touch it")]
    OutsideRoot {
        /// The path.
        path: PathBuf,
        /// The folder.
        root: PathBuf,
    },
    /// Something of somebody else is in the way of a worktree.
    #[error("{path:?} already holds files that are no worktree of this run; move them away and resume")]
    Foreign {
        /// The folder.
        path: PathBuf,
    },
    /// A branch cannot be used because it is checked out.
    #[error("branch {branch} is checked out in {path:?}; switch that checkout to another branch and resume")]
    CheckedOut {
        /// The branch.
        branch: String,
        /// Where.
        path: PathBuf,
    },
    /// A worktree is on another branch than it should be.
    #[error(
        "the worktree {path:?} should be on {expected} but is on {found}; run `git switch {expected}` there and resume"
    )]
    OnAnotherBranch {
        /// The worktree.
        path: PathBuf,
        /// The branch that it was made for.
        expected: String,
        /// What is checked out.
        found: String,
    },
    /// A branch is not one of the runner's.
    #[error("{branch} is not a branch of the runner (ralph/...); refusing to move it")]
    NotOurBranch {
        /// The branch.
        branch: String,
    },
    /// Unmerged files stand in the user's checkout.
    #[error("{path:?} has unmerged files; finish or abort the merge there first")]
    Unmerged {
        /// The checkout.
        path: PathBuf,
    },
    /// git named an object by something that is no commit id.
    #[error(transparent)]
    Id(#[from] IdFault),
}

impl GitError {
    /// Whether everything else would fail as well: the disk is full or read-only, git is missing or too old.
    #[must_use]
    pub fn is_environment(&self) -> bool {
        match self {
            Self::Spawn { .. } | Self::TooOld { .. } | Self::NoIdentity { .. } | Self::UnsupportedFormat { .. } => true,
            Self::Io { source, .. } => is_environment(source),
            // git tells it in words only; its locale is fixed.
            Self::Failed { stderr, .. } => ["No space left on device", "Disk quota exceeded", "Read-only file system"]
                .iter()
                .any(|words| stderr.contains(words)),
            Self::Unexpected { .. }
            | Self::NotARepository { .. }
            | Self::Bare { .. }
            | Self::Read { .. }
            | Self::NotAWorktree { .. }
            | Self::OutsideRoot { .. }
            | Self::Foreign { .. }
            | Self::CheckedOut { .. }
            | Self::OnAnotherBranch { .. }
            | Self::NotOurBranch { .. }
            | Self::Unmerged { .. }
            | Self::Id(_) => false,
        }
    }

    /// Turns an [`io::Error`] into ours, with what was tried on which path; for `map_err`.
    pub fn io(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io { what, path: path.to_owned(), source }
    }

    /// A file that could not be written whole, and is as it was.
    pub(in crate::effects) fn unwritten(fault: FsError) -> Self {
        Self::Io { what: "write", path: fault.path, source: fault.source }
    }
}
