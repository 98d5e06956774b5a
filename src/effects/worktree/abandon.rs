//! Taking a branch of the runner and its worktree away, after everything in them was saved.

use std::fs;
use std::path::{Path, PathBuf};

use super::Worktrees;
use crate::effects::git::refs::require_ours;
use crate::effects::git::snapshot::BackupName;
use crate::effects::git::{GitError, Place};

/// What became of a branch that was to go away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Abandoned {
    /// There was neither branch nor worktree.
    Nothing,
    /// Both are gone; what they held is under these refs.
    Saved(Vec<String>),
    /// They are still there, for this reason.
    Kept(String),
}

impl Worktrees {
    /// Saves `branch` and its worktree (expected at `path`; untracked files too, ignored ones not) under backup refs,
    /// then removes both. May be repeated after any kill. No session may be alive in the worktree.
    ///
    /// # Errors
    /// It is no branch of the runner, or git fails.
    pub fn abandon(&self, branch: &str, path: &Path) -> Result<Abandoned, GitError> {
        require_ours(branch)?;
        let backup = BackupName::of_branch(branch);
        {
            let _alone = self.git.alone();
            self.repair_entries_alone()?;
        }
        let mut saved = Vec::new();
        for folder in self.folders_of(branch, path)? {
            if !self.is_ours(&folder) {
                return Ok(Abandoned::Kept(format!("{branch} is checked out at {}, which is yours", folder.display())));
            }
            let linked = self.git.linked(&folder)?;
            if let Ok(why) = fs::read_to_string(linked.git_dir.join("locked")) {
                return Ok(Abandoned::Kept(format!("{} is locked ({})", folder.display(), why.trim())));
            }
            self.git.unlock(&linked)?;
            saved.extend(self.git.backup_linked(&linked, &backup)?.reference());
            // Its own commit may be on no branch.
            let tip = self.git.head_of(Place::Linked(&linked))?;
            saved.extend(self.git.keep(&backup, tip, Vec::new())?.reference());
            self.discard(&linked)?;
        }
        if let Some(tip) = self.git.branch_tip(branch)? {
            saved.extend(self.git.keep(&backup, tip.clone(), Vec::new())?.reference());
            self.git.unlock_branch(branch)?;
            self.git.delete_branch(branch, &tip)?;
        }
        saved.sort();
        saved.dedup();
        Ok(if saved.is_empty() { Abandoned::Nothing } else { Abandoned::Saved(saved) })
    }

    fn folders_of(&self, branch: &str, path: &Path) -> Result<Vec<PathBuf>, GitError> {
        let name = format!("refs/heads/{branch}");
        let checkouts = self.git.checkouts()?.into_iter();
        let of_branch = checkouts.filter(|one| one.path == path || one.branch.as_deref() == Some(&name));
        Ok(of_branch.map(|one| one.path).collect())
    }
}
