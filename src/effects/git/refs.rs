//! Moving the runner's own branches, one compare-and-swap at a time.

use std::path::PathBuf;

use super::{Git, GitError, Place, path_of};
use crate::domain::id::CommitId;

/// All branches of the runner begin so.
pub const OUR_BRANCHES: &str = "ralph/";
/// All refs of the runner that are no branches begin so.
pub const OUR_REFS: &str = "refs/ralph/";

/// What became of a branch that was to be moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Publication {
    /// It stands at the commit, moved now or before.
    Published,
    /// Somebody else moved it: there; `None`: it is gone.
    Moved(Option<CommitId>),
}

impl Git {
    /// Moves the runner's branch from `old` to `commit`, only if it stands at `old`; already there counts as done.
    ///
    /// # Errors
    /// It is no branch of the runner, it is checked out somewhere (the move would leave that checkout behind), or git
    /// cannot write it.
    pub fn publish(&self, branch: &str, commit: &CommitId, old: &CommitId) -> Result<Publication, GitError> {
        require_ours(branch)?;
        match self.branch_tip(branch)? {
            Some(tip) if tip == *commit => return Ok(Publication::Published),
            Some(tip) if tip == *old => {}
            elsewhere => return Ok(Publication::Moved(elsewhere)),
        }
        if let Some(path) = self.checked_out_at(branch)? {
            return Err(GitError::CheckedOut { branch: branch.to_owned(), path });
        }
        match self.swap(branch, commit, old) {
            Ok(()) => Ok(Publication::Published),
            // Lost the race, or a real failure: the branch itself knows.
            Err(_) => match self.branch_tip(branch)? {
                Some(tip) if tip == *commit => Ok(Publication::Published),
                Some(tip) if tip == *old => {
                    // A killed git may have left its lock. A living one holds it for an instant only, and git waited.
                    self.unlock_branch(branch)?;
                    self.swap(branch, commit, old).map(|()| Publication::Published)
                }
                elsewhere => Ok(Publication::Moved(elsewhere)),
            },
        }
    }

    fn swap(&self, branch: &str, commit: &CommitId, old: &CommitId) -> Result<(), GitError> {
        let name = format!("refs/heads/{branch}");
        let swap = ["update-ref", "-m", "ralph-teams: merge", &name, commit.as_str(), old.as_str()];
        self.call(Place::Store)?.args(swap).run().map(drop)
    }

    /// Makes the runner's branch at `start`, or finds it; the commit where it stands.
    ///
    /// # Errors
    /// It is no branch of the runner, `start` does not exist, or git cannot write it.
    pub fn create_branch(&self, branch: &str, start: &CommitId) -> Result<CommitId, GitError> {
        require_ours(branch)?;
        if let Some(tip) = self.branch_tip(branch)? {
            return Ok(tip);
        }
        match self.create_ref(&format!("refs/heads/{branch}"), start) {
            Ok(()) => Ok(start.clone()),
            Err(fault) => self.branch_tip(branch)?.ok_or(fault),
        }
    }

    /// Removes the runner's branch, only if it stands at `tip`; already gone counts as done. Whoever calls has saved it.
    ///
    /// # Errors
    /// It is no branch of the runner, it stands elsewhere, or git cannot write.
    pub(in crate::effects) fn delete_branch(&self, branch: &str, tip: &CommitId) -> Result<(), GitError> {
        require_ours(branch)?;
        let delete = ["update-ref", "-d", &format!("refs/heads/{branch}"), tip.as_str()];
        let is_gone = || self.branch_tip(branch).map(|tip| tip.is_none());
        if self.call(Place::Store)?.args(delete).end()?.code() == Some(0) || is_gone()? {
            return Ok(());
        }
        self.unlock_packed_refs()?;
        match self.call(Place::Store)?.args(delete).run() {
            Err(fault) if !is_gone()? => Err(fault),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Makes a ref of the runner that must not exist yet.
    pub(super) fn create_ref(&self, name: &str, commit: &CommitId) -> Result<(), GitError> {
        let nothing = "0".repeat(commit.as_str().len());
        let create = ["update-ref", "-m", "ralph-teams: create", name, commit.as_str(), &nothing];
        self.call(Place::Store)?.args(create).run().map(drop).or_else(|_fault| {
            // Nobody else makes refs of the runner: a lock on one that does not exist is of a git that died with the machine.
            self.unlock_ref(name)?;
            self.call(Place::Store)?.args(create).run().map(drop)
        })
    }

    /// Where a branch is checked out, in the user's checkout or any linked worktree; `None`: nowhere.
    ///
    /// # Errors
    /// git cannot list the worktrees.
    pub fn checked_out_at(&self, branch: &str) -> Result<Option<PathBuf>, GitError> {
        let wanted = format!("refs/heads/{branch}");
        let all = self.checkouts()?;
        Ok(all.into_iter().find(|checkout| checkout.branch.as_deref() == Some(&wanted)).map(|checkout| checkout.path))
    }

    /// All checkouts of the repository.
    pub(in crate::effects) fn checkouts(&self) -> Result<Vec<Checkout>, GitError> {
        let list = self.call(Place::Store)?.args(["worktree", "list", "--porcelain", "-z"]).run()?;
        Ok(parse_checkouts(&list))
    }
}

/// One checkout, as git lists it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::effects) struct Checkout {
    /// Its top folder; perhaps gone.
    pub(in crate::effects) path: PathBuf,
    /// Full name of its branch; `None` when detached.
    pub(in crate::effects) branch: Option<String>,
}

fn parse_checkouts(list: &[u8]) -> Vec<Checkout> {
    let mut found: Vec<Checkout> = Vec::new();
    for line in list.split(|byte| *byte == 0) {
        if let Some(path) = line.strip_prefix(b"worktree ") {
            found.push(Checkout { path: path_of(path), branch: None });
        } else if let (Some(branch), Some(last)) = (line.strip_prefix(b"branch "), found.last_mut()) {
            last.branch = Some(String::from_utf8_lossy(branch).into_owned());
        }
    }
    found
}

/// Refuses every branch that is not the runner's.
pub(in crate::effects) fn require_ours(branch: &str) -> Result<(), GitError> {
    if branch.starts_with(OUR_BRANCHES) && !branch.split('/').any(|part| part.is_empty() || part.starts_with('.')) {
        Ok(())
    } else {
        Err(GitError::NotOurBranch { branch: branch.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_branches_of_the_runner_may_be_moved() {
        assert!(require_ours("ralph/loop/20261120-101500-k3f9").is_ok());
        for branch in ["main", "ralph", "feature/ralph/x", "ralph/../main", "ralph//x"] {
            assert!(require_ours(branch).is_err(), "{branch}");
        }
    }

    #[test]
    fn a_path_with_a_line_break_is_one_checkout() {
        let list = b"worktree /a\nbranch x\0HEAD 12\0branch refs/heads/main\0\0worktree /b\0HEAD 34\0detached\0\0";
        let found = parse_checkouts(list);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].path.to_str(), Some("/a\nbranch x"));
        assert_eq!(found[0].branch.as_deref(), Some("refs/heads/main"));
        assert_eq!(found[1].branch, None);
    }
}
