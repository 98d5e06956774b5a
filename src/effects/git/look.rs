//! What a check and a prompt ask of a branch: its tip, its commits, its files.

use std::path::{Path, PathBuf};

use super::{Git, GitError, Place, nul_separated};
use crate::domain::id::CommitId;

impl Git {
    /// The commit at which a worktree stands.
    ///
    /// # Errors
    /// It is no worktree of this repository, or git fails.
    pub fn worktree_tip(&self, worktree: &Path) -> Result<CommitId, GitError> {
        let linked = self.linked(worktree)?;
        self.head_of(Place::Linked(&linked))
    }

    /// The files in a worktree that are not as committed, relative to its top folder; those that git ignores are left out.
    ///
    /// # Errors
    /// It is no worktree of this repository, or git fails.
    pub fn worktree_changes(&self, worktree: &Path) -> Result<Vec<PathBuf>, GitError> {
        let linked = self.linked(worktree)?;
        let changes = self.changes(Place::Linked(&linked), None)?;
        Ok(changes.into_iter().map(|change| change.path).collect())
    }

    /// The newest commits of `branch` that `base` does not reach, merges left out, oldest first: id and first line.
    ///
    /// # Errors
    /// A name does not exist, or git fails.
    pub fn subjects_since(
        &self,
        base: &CommitId,
        branch: &str,
        most: usize,
    ) -> Result<Vec<(CommitId, String)>, GitError> {
        let most = format!("--max-count={most}");
        let log = ["log", "--no-merges", "-z", "--format=%H %s", &most, branch, "--not", base.as_str(), "--"];
        let list = self.call(Place::Store)?.args(log).run()?;
        let mut commits = Vec::new();
        for entry in nul_separated(&list) {
            let entry = String::from_utf8_lossy(entry);
            let (id, subject) = entry.trim_end().split_once(' ').unwrap_or((entry.trim_end(), ""));
            commits.push((CommitId::new(id)?, subject.to_owned()));
        }
        commits.reverse();
        Ok(commits)
    }

    /// The files that were changed on the way from where `tip` and `branch` parted to `tip`, if they match one of
    /// `only` (when given) and none of `except`: globs from the top folder, as git reads them.
    ///
    /// # Errors
    /// A name does not exist, a pattern is none, or git fails.
    pub fn files_changed_on(
        &self,
        tip: &CommitId,
        branch: &str,
        only: &[String],
        except: &[String],
    ) -> Result<Vec<String>, GitError> {
        let range = format!("refs/heads/{branch}...{tip}");
        let only = only.iter().map(|glob| format!(":(top,glob){glob}"));
        let except = except.iter().map(|glob| format!(":(top,exclude,glob){glob}"));
        let diff = ["diff", "--name-only", "-z", "--no-renames", &range, "--"];
        let list = self.call(Place::Store)?.args(diff).args(only).args(except).run()?;
        Ok(nul_separated(&list).map(|file| String::from_utf8_lossy(file).into_owned()).collect())
    }
}
