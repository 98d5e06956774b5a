//! Putting a branch and its worktree back to a commit, after a session that only had to look.
//!
//! **Invariant:** nothing is lost: whatever else is there, committed or not, is saved as a backup first. Ignored files stay.

use std::path::Path;

use super::Worktrees;
use super::abandon::reference;
use crate::domain::id::CommitId;
use crate::effects::git::snapshot::BackupName;
use crate::effects::git::{GitError, Place};

impl Worktrees {
    /// Puts `branch` and its worktree at `path` to exactly `tip`; answers the references under which is saved what was
    /// there besides. A repository inside of the worktree, of which git can save nothing, stays. May be repeated after any
    /// kill. No session may be alive in the worktree.
    ///
    /// # Errors
    /// As [`Worktrees::ensure`].
    pub fn put_back(&self, branch: &str, path: &Path, tip: &CommitId) -> Result<Vec<String>, GitError> {
        self.ensure(branch, tip, path)?;
        let linked = self.git.linked(path)?;
        let place = Place::Linked(&linked);
        let backup = BackupName::of_branch(branch);
        let mut saved: Vec<String> = reference(self.git.backup_linked(&linked, &backup)?).into_iter().collect();
        let head = self.git.head_of(place)?;
        // A backup of uncommitted work stands on top of the commit that it was left on.
        if saved.is_empty() && !self.git.is_ancestor(&head, tip)? {
            saved.extend(reference(self.git.keep(&backup, head, Vec::new())?));
        }
        self.git.call(place)?.args(["reset", "--quiet", "--hard", tip.as_str()]).run()?;
        self.git.call(place)?.args(["clean", "--quiet", "-fd", "--exclude", "/.ralph/"]).run()?;
        Ok(saved)
    }
}
