//! Bringing a worktree back to its branch, when a session switched to another one, detached `HEAD`, deleted the branch
//! or stopped in the middle of a rebase.
//!
//! **Invariant:** nothing is lost: what is reachable stays where it is, everything else is saved as a backup first.

use std::path::Path;

use super::Worktrees;
use crate::domain::id::CommitId;
use crate::effects::git::snapshot::BackupName;
use crate::effects::git::{GitError, Linked, Place};

impl Worktrees {
    /// Puts the worktree at `path` on `branch`, if it is not. Work that was committed on top of the branch, wherever
    /// that was done, is taken over; work on another line of history is only kept: answers under which reference. Under the
    /// mutex.
    pub(super) fn bring_back(&self, path: &Path, branch: &str) -> Result<Option<String>, GitError> {
        let linked = self.git.linked(path)?;
        let place = Place::Linked(&linked);
        let found = self.git.branch_of(place)?;
        if found.as_deref() == Some(branch) {
            return Ok(None);
        }
        self.check_free(branch)?;
        let (Some(tip), Ok(head)) = (self.git.branch_tip(branch)?, self.git.head_of(place)) else {
            let found = found.unwrap_or_else(|| "no branch (detached)".to_owned());
            return Err(GitError::OnAnotherBranch { path: path.to_owned(), expected: branch.to_owned(), found });
        };
        tracing::info!("{path:?} is brought back to {branch}");
        if self.git.is_ancestor(&tip, &head)? {
            self.take_over(&linked, branch, &head, &tip).map(|()| None)
        } else {
            self.switch_back(&linked, branch)
        }
    }

    /// The branch moves on to what the worktree holds: neither index nor files change.
    fn take_over(&self, linked: &Linked, branch: &str, head: &CommitId, tip: &CommitId) -> Result<(), GitError> {
        let place = Place::Linked(linked);
        let reference = format!("refs/heads/{branch}");
        self.end_rebase(linked)?;
        let forward = ["update-ref", "-m", "ralph-teams: take over", &reference, head.as_str(), tip.as_str()];
        self.git.call(place)?.args(forward).run()?;
        self.point_head(linked, &reference)
    }

    /// The worktree goes back to what the branch holds.
    fn switch_back(&self, linked: &Linked, branch: &str) -> Result<Option<String>, GitError> {
        let reference = format!("refs/heads/{branch}");
        let saved = self.git.backup_linked(linked, &BackupName::of_branch(branch))?;
        self.end_rebase(linked)?;
        self.point_head(linked, &reference)?;
        self.git.call(Place::Linked(linked))?.args(["reset", "--quiet", "--hard", "HEAD"]).run()?;
        Ok(saved.reference())
    }

    fn point_head(&self, linked: &Linked, reference: &str) -> Result<(), GitError> {
        let point = ["symbolic-ref", "-m", "ralph-teams: bring back", "HEAD", reference];
        self.git.call(Place::Linked(linked))?.args(point).run().map(drop)
    }

    /// Forgets a rebase in progress without touching anything else.
    fn end_rebase(&self, linked: &Linked) -> Result<(), GitError> {
        let is_there = ["rebase-merge", "rebase-apply"].iter().any(|name| linked.git_dir.join(name).is_dir());
        if is_there {
            self.git.call(Place::Linked(linked))?.args(["rebase", "--quit"]).run()?;
        }
        Ok(())
    }
}
