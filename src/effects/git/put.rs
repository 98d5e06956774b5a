//! Putting a worktree to a commit, whatever else is in it.
//!
//! **Invariant:** nothing is lost: what is there besides, committed or not, is saved as a backup first. Ignored files stay.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::snapshot::BackupName;
use super::stage::is_recorded;
use super::status::ChangeKind;
use super::{Git, GitError, Linked, Place, RUNS_DIR, TALK_DIR};
use crate::domain::id::CommitId;

/// Ignore files may hide others of their kind. So many times what they hid is looked for, at most.
const PASSES: usize = 8;

impl Git {
    /// Puts branch, index and files of a worktree to exactly `commit`; answers the references under which is saved what was
    /// there besides. A repository inside of the worktree, of which git can save nothing, stays. May be repeated after any
    /// kill.
    pub(in crate::effects) fn put_to(
        &self,
        linked: &Linked,
        commit: &CommitId,
        backup: &BackupName,
    ) -> Result<Vec<String>, GitError> {
        let place = Place::Linked(linked);
        let mut seen = self.untracked(linked)?;
        let mut saved: Vec<String> = self.backup_linked(linked, backup)?.reference().into_iter().collect();
        let head = self.head_of(place)?;
        // A backup of uncommitted work stands on top of the commit that it was left on.
        if saved.is_empty() && !self.is_ancestor(&head, commit)? {
            saved.extend(self.keep(backup, head, Vec::new())?.reference());
        }
        self.call(place)?.args(["reset", "--quiet", "--hard", commit.as_str()]).run()?;
        for _ in 0..PASSES {
            // What only an ignore file hid that is gone by now is seen now, and goes next.
            let found = self.untracked(linked)?;
            if !found.is_subset(&seen) {
                saved.extend(self.backup_linked(linked, backup)?.reference());
            }
            if found.is_empty() {
                break;
            }
            seen.extend(found);
            self.call(place)?.args(["clean", "--quiet", "-fd", "--exclude", "/.ralph/"]).run()?;
        }
        Ok(saved)
    }

    /// The untracked files that a backup holds and a clean-up removes.
    fn untracked(&self, linked: &Linked) -> Result<BTreeSet<PathBuf>, GitError> {
        let kept_out = [Path::new(TALK_DIR), Path::new(RUNS_DIR)];
        let mut changes = self.changes(Place::Linked(linked), None)?;
        changes.retain(|change| change.kind == ChangeKind::Untracked && is_recorded(change, &kept_out));
        Ok(changes.into_iter().map(|change| change.path).collect())
    }
}
