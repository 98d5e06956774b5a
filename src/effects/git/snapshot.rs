//! Commits of work that nobody committed, made through a temporary index: neither index nor files are touched.

use std::path::Path;

use super::refs::OUR_REFS;
use super::stage::is_recorded;
use super::status::ChangeKind;
use super::{Git, GitError, Linked, Place, RUNS_DIR, TALK_DIR};
use crate::domain::id::{CommitId, RunId, Slug};
use crate::effects::paths::shown;

/// Under which name the backups of one track are kept: `refs/ralph/backup/<run>/<slug>/<n>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackupName(String);

impl BackupName {
    /// The name for one track of a run.
    #[must_use]
    pub fn new(run: &RunId, slug: &Slug) -> Self {
        Self(format!("{OUR_REFS}backup/{run}/{slug}"))
    }

    /// The name for the track that works on this branch.
    #[must_use]
    pub fn of_branch(branch: &str) -> Self {
        let track = branch.strip_prefix("ralph/epic/").or_else(|| branch.strip_prefix("ralph/")).unwrap_or(branch);
        Self(format!("{OUR_REFS}backup/{track}"))
    }
}

/// What became of a backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Backup {
    /// There was nothing that would be lost.
    NotNeeded,
    /// Everything that git can record is under this ref.
    Saved {
        /// The full name of the ref.
        reference: String,
        /// The commit.
        commit: CommitId,
        /// Repositories inside of the worktree, of which git can record nothing.
        left_out: Vec<String>,
    },
}

impl Backup {
    /// The full name of its ref, when one was made.
    #[must_use]
    pub fn reference(self) -> Option<String> {
        match self {
            Self::NotNeeded => None,
            Self::Saved { reference, .. } => Some(reference),
        }
    }
}

impl Git {
    /// Makes a commit on top of the user's `HEAD` that holds all uncommitted work (untracked files too, unless they
    /// are ignored) without the PRD and our run data. The user's index, files and branches stay as they are.
    /// `HEAD` itself when there is nothing to record.
    ///
    /// # Errors
    /// The checkout is in the middle of a merge, has no commit yet, or git fails.
    pub fn snapshot(&self, prd: Option<&Path>, message: &str) -> Result<CommitId, GitError> {
        let head = self.head_of(Place::Checkout)?;
        let changes = self.changes(Place::Checkout, None)?;
        if changes.iter().any(|change| change.kind == ChangeKind::Unmerged) {
            return Err(GitError::Unmerged { path: self.checkout()?.to_owned() });
        }
        let prd = prd.map(|prd| self.relative_to_checkout(prd)).transpose()?;
        let mut kept_out = vec![Path::new(RUNS_DIR)];
        kept_out.extend(prd.as_deref().filter(|prd| prd.is_relative()));
        if !changes.iter().any(|change| is_recorded(change, &kept_out)) {
            return Ok(head);
        }
        let index = self.temporary_index(Place::Checkout)?;
        self.stage(Place::Checkout, Some(index.path()), &changes, &kept_out)?;
        self.commit_index(Place::Checkout, index.path(), &[&head], message)
    }

    /// Saves the state of a worktree, untracked files included, under the next free number of `name`. Nothing is made
    /// when the worktree is clean and its commit reachable, or when the newest backup already holds this very state.
    ///
    /// # Errors
    /// It is no worktree of this repository, or git fails.
    pub fn backup(&self, worktree: &Path, name: &BackupName) -> Result<Backup, GitError> {
        let linked = self.linked(worktree)?;
        self.backup_linked(&linked, name)
    }

    pub(in crate::effects) fn backup_linked(&self, linked: &Linked, name: &BackupName) -> Result<Backup, GitError> {
        let place = Place::Linked(linked);
        let head = self.head_of(place)?;
        let merging = self.merge_head(place)?;
        let index = self.temporary_index(place)?;
        let changes = self.changes(place, Some(index.path()))?;
        let kept_out = [Path::new(TALK_DIR), Path::new(RUNS_DIR)];
        let repositories = changes.iter().filter(|change| change.kind == ChangeKind::Repository);
        let left_out = repositories.map(|change| shown(&change.path)).collect();
        if merging.is_none() && !changes.iter().any(|change| is_recorded(change, &kept_out)) {
            if self.is_reachable(&head)? {
                return Ok(Backup::NotNeeded);
            }
            return self.keep(name, head, left_out);
        }
        self.stage(place, Some(index.path()), &changes, &kept_out)?;
        let parents: Vec<&CommitId> = std::iter::once(&head).chain(&merging).collect();
        let message = "ralph-teams: backup of uncommitted work";
        let commit = self.commit_index(place, index.path(), &parents, message)?;
        self.keep(name, commit, left_out)
    }

    /// Whether a branch, a tag, a remote branch or one of our own refs leads to the commit.
    pub(in crate::effects) fn is_reachable(&self, commit: &CommitId) -> Result<bool, GitError> {
        let contains = ["for-each-ref", "--count=1", "--format=%(refname)", "--contains", commit.as_str()];
        let spaces = ["refs/heads", "refs/tags", "refs/remotes", OUR_REFS.trim_end_matches('/')];
        Ok(!self.call(Place::Store)?.args(contains).args(spaces).run()?.is_empty())
    }

    /// Puts the commit under the next free number, unless the newest number holds the same already.
    pub(in crate::effects) fn keep(
        &self,
        name: &BackupName,
        commit: CommitId,
        left_out: Vec<String>,
    ) -> Result<Backup, GitError> {
        let list = ["for-each-ref", "--format=%(refname) %(objectname) %(tree) %(parent)", &name.0];
        let shape = |commit: &CommitId| {
            let ask = ["show", "--no-patch", "--no-show-signature", "--format=%T %P", commit.as_str()];
            self.call(Place::Store)?.args(ask).text()
        };
        let list = self.call(Place::Store)?.args(list).text()?;
        let numbered = |line: &str| {
            let (reference, rest) = line.split_once(' ')?;
            let number: u32 = reference.rsplit_once('/')?.1.parse().ok()?;
            let (id, shape) = rest.split_once(' ')?;
            Some((number, id.to_owned(), shape.trim_end().to_owned()))
        };
        let newest = list.lines().filter_map(numbered).max();
        if let Some((number, id, newest_shape)) = &newest
            && *newest_shape == shape(&commit)?
        {
            let reference = format!("{}/{number}", name.0);
            return Ok(Backup::Saved { reference, commit: CommitId::new(id)?, left_out });
        }
        let next = newest.map_or(1, |(number, _, _)| number + 1);
        let reference = format!("{}/{next}", name.0);
        self.create_ref(&reference, &commit)?;
        Ok(Backup::Saved { reference, commit, left_out })
    }
}
