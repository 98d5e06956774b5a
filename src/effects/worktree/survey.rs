//! Looking at all worktrees below our folder, and tidying up the folders that removed ones leave.

use std::fs;
use std::path::{Path, PathBuf};

use super::Worktrees;
use crate::domain::id::{CommitId, RunId};
use crate::effects::git::refs::Checkout;
use crate::effects::git::{GitError, Place, RUNS_DIR, TALK_DIR, is_below};

/// One worktree of a run, as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its folder.
    pub path: PathBuf,
    /// The run that it was made for.
    pub run: RunId,
    /// Its name in the run: the slug of a track, `_integration` or `_final`.
    pub name: String,
    /// Its branch by its short name; `None`: it is on none.
    pub branch: Option<String>,
    /// What stands in it, or why that cannot be told.
    pub content: Result<Content, String>,
}

/// What stands in a worktree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Its commit.
    pub tip: CommitId,
    /// Files that are not committed and not ignored.
    pub n_changes: usize,
}

impl Worktrees {
    /// All worktrees of runs of this repository, by path.
    ///
    /// # Errors
    /// git cannot list them.
    pub fn survey(&self) -> Result<Vec<Found>, GitError> {
        let mut found: Vec<Found> = self.git.checkouts()?.into_iter().filter_map(|one| self.found(one)).collect();
        found.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(found)
    }

    fn found(&self, checkout: Checkout) -> Option<Found> {
        let mut parts = checkout.path.strip_prefix(&self.root).ok()?.iter();
        let run = RunId::new(parts.next()?.to_str()?).ok()?;
        let name = parts.next()?.to_string_lossy().into_owned();
        let branch = checkout.branch.map(|name| name.trim_start_matches("refs/heads/").to_owned());
        let content = self.content(&checkout.path).map_err(|error| error.to_string());
        Some(Found { path: checkout.path, run, name, branch, content })
    }

    fn content(&self, path: &Path) -> Result<Content, GitError> {
        let linked = self.git.linked(path)?;
        let place = Place::Linked(&linked);
        let changes = self.git.changes(place, None)?;
        let is_work = |path: &Path| !is_below(path, TALK_DIR) && !is_below(path, RUNS_DIR);
        let n_changes = changes.iter().filter(|change| is_work(&change.path)).count();
        Ok(Content { tip: self.git.head_of(place)?, n_changes })
    }

    /// Why [`Worktrees::remove`] would keep a worktree; `None`: it would remove it. Nothing is changed or saved.
    ///
    /// # Errors
    /// It is no worktree of this repository, or git fails.
    pub fn would_keep(&self, path: &Path, proof: &str) -> Result<Option<String>, GitError> {
        self.reason_to_keep(&self.git.linked(path)?, proof)
    }

    /// Removes the folder of a run if no worktree is left in it.
    pub fn remove_empty_folder(&self, run: &RunId) {
        // Fails when something is in it, as it should.
        let _ = fs::remove_dir(self.root.join(run.as_str()));
    }
}
