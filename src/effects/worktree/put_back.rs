//! Putting a branch and its worktree back to a commit, after a session that only had to look or to plan.
//!
//! **Invariant:** nothing is lost: whatever else is there, committed or not, is saved as a backup first. Ignored files stay.

use std::fs;
use std::path::Path;

use super::{Worktrees, remove_if_there};
use crate::domain::id::CommitId;
use crate::effects::git::GitError;
use crate::effects::git::snapshot::BackupName;
use crate::effects::vital::traces;

/// Says how a worktree stood. It lies in the worktree's own entry, where it goes with the worktree.
const NOTE: &str = "ralph-stood";

impl Worktrees {
    /// Puts `branch` and its worktree at `path` to exactly `tip`; answers the references under which is saved what was
    /// there besides. A repository inside of the worktree, of which git can save nothing, stays. May be repeated after any
    /// kill. No session may be alive in the worktree.
    ///
    /// # Errors
    /// As [`Worktrees::ensure`].
    pub fn put_back(&self, branch: &str, path: &Path, tip: &CommitId) -> Result<Vec<String>, GitError> {
        let mut saved = self.ensure(branch, tip, path)?.saved;
        let linked = self.git.linked(path)?;
        saved.extend(self.git.put_to(&linked, tip, &BackupName::of_branch(branch))?);
        Ok(saved)
    }

    /// Notes how a worktree stands, unless that was noted before: a session that is cut short and begun again is measured by
    /// what stood there before the first of its lives.
    ///
    /// # Errors
    /// It is no worktree of this repository, or git fails.
    pub fn note_stand(&self, path: &Path) -> Result<(), GitError> {
        let note = self.git.linked(path)?.git_dir.join(NOTE);
        if note.exists() {
            return Ok(());
        }
        fs::write(&note, traces(&self.git, path)?).map_err(GitError::io("write", &note))
    }

    /// As [`Self::put_back`], if the worktree does not stand as it was noted; `None` if it does. What is not committed and was
    /// there when it was noted goes too, and so does the note.
    ///
    /// # Errors
    /// As [`Worktrees::ensure`].
    pub fn take_back(&self, branch: &str, path: &Path, tip: &CommitId) -> Result<Option<Vec<String>>, GitError> {
        let mut saved = self.ensure(branch, tip, path)?.saved;
        let note = self.git.linked(path)?.git_dir.join(NOTE);
        let stands = traces(&self.git, path)?;
        if saved.is_empty() && fs::read_to_string(&note).is_ok_and(|stood| stood == stands) {
            return Ok(None);
        }
        saved.extend(self.put_back(branch, path, tip)?);
        remove_if_there(&note)?;
        Ok(Some(saved))
    }
}
