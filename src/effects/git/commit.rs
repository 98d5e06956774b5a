//! Committing what a session left behind, so that nothing of its work is lost.

use std::fs;
use std::path::Path;

use super::locks::remove_lock;
use super::refs::require_ours;
use super::stage::is_recorded;
use super::{Git, GitError, Linked, Place, RUNS_DIR, TALK_DIR};
use crate::effects::paths::shown;

impl Git {
    /// Commits everything in the worktree that is not committed, untracked files too, and concludes a merge that is
    /// in progress. What runner and session talk through is never committed; ignored files are not either. The files,
    /// as they were found; empty when there was nothing to do. No session may be alive in the worktree.
    ///
    /// A repository inside of the worktree cannot be recorded and is left alone.
    ///
    /// # Errors
    /// It is no worktree of this repository, it is on no branch, nobody is named as author, or git fails.
    pub fn commit_leftovers(&self, worktree: &Path, message: &str) -> Result<Vec<String>, GitError> {
        let linked = self.linked(worktree)?;
        let place = Place::Linked(&linked);
        self.require_branch(&linked)?;
        self.unlock(&linked)?;
        let kept_out = [Path::new(TALK_DIR), Path::new(RUNS_DIR)];
        let changes = self.changes(place, None)?;
        let recorded = changes.iter().filter(|change| is_recorded(change, &kept_out));
        let files: Vec<String> = recorded.map(|change| shown(&change.path)).collect();
        self.stage(place, None, &changes, &kept_out)?;
        let is_merging = self.merge_head(place)?.is_some();
        if !is_merging && self.call(place)?.args(["diff-index", "--cached", "--quiet", "HEAD", "--"]).yes()? {
            return Ok(Vec::new());
        }
        self.check_identity()?;
        let commit =
            ["commit", "--quiet", "--no-verify", "--no-gpg-sign", "--no-status", "--cleanup=whitespace", "--file=-"];
        self.call(place)?.args(commit).input(message).run()?;
        Ok(files)
    }

    /// A commit on a detached `HEAD` would be on no branch and lost sooner or later.
    pub(super) fn require_branch(&self, linked: &Linked) -> Result<String, GitError> {
        let found = self.branch_of(Place::Linked(linked))?;
        found.ok_or_else(|| GitError::NotAWorktree {
            path: linked.path.clone(),
            reason: "it is on no branch (detached); run `git switch` to its branch there".to_owned(),
        })
    }

    /// Removes what a killed git left in the worktree's own entry: its locks (`index.lock`, `ORIG_HEAD.lock`, ...), the
    /// lock of the runner's branch that it is on, and the note of a merge that is committed already.
    pub(in crate::effects) fn unlock(&self, linked: &Linked) -> Result<(), GitError> {
        let entries = fs::read_dir(&linked.git_dir).map_err(GitError::io("list", &linked.git_dir))?;
        for entry in entries {
            let path = entry.map_err(GitError::io("list", &linked.git_dir))?.path();
            if path.extension().is_some_and(|extension| extension == "lock") {
                remove_lock(&path)?;
            }
        }
        let place = Place::Linked(linked);
        if let Some(branch) = self.branch_of(place)?.filter(|branch| require_ours(branch).is_ok()) {
            self.unlock_branch(&branch)?;
        }
        // Else the next commit would be a second, empty merge of the same.
        if let Some(merged) = self.merge_head(place)?
            && self.is_ancestor(&merged, &self.head_of(place)?)?
        {
            self.call(place)?.args(["merge", "--quit"]).run()?;
        }
        Ok(())
    }
}
