//! Merging in memory: nothing is checked out, and a crash leaves at worst an unreachable object.

use super::{Git, GitError, Place, nul_separated};
use crate::domain::id::CommitId;

/// What merging two commits would give.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Candidate {
    /// The merge commit, on no branch yet; the commit merged onto when there is nothing to merge.
    Clean(CommitId),
    /// The files that conflict.
    Conflict(Vec<String>),
}

/// What merging two trees gave.
pub(super) enum Merged {
    /// The tree.
    Tree(String),
    /// The files that conflict.
    Conflict(Vec<String>),
}

impl Git {
    /// Merges `tip` into `onto` in memory and makes the merge commit with `onto` as its first parent. `message` ends
    /// with its trailers.
    ///
    /// # Errors
    /// The commits have no common history, one does not exist, nobody is named as author, or git fails.
    pub fn candidate(&self, tip: &CommitId, onto: &CommitId, message: &str) -> Result<Candidate, GitError> {
        if self.is_ancestor(tip, onto)? {
            return Ok(Candidate::Clean(onto.clone()));
        }
        match self.merge_trees(onto, tip)? {
            Merged::Tree(tree) => match self.commit_tree(Place::Store, &tree, &[onto, tip], message) {
                Ok(commit) => Ok(Candidate::Clean(commit)),
                // Asked afterwards, for it costs two processes and says something only when somebody is missing.
                Err(fault) => self.check_identity().and(Err(fault)),
            },
            Merged::Conflict(files) => Ok(Candidate::Conflict(files)),
        }
    }

    pub(super) fn merge_trees(&self, ours: &CommitId, theirs: &CommitId) -> Result<Merged, GitError> {
        let merge =
            ["merge-tree", "--write-tree", "-z", "--name-only", "--no-messages", ours.as_str(), theirs.as_str()];
        // Merge drivers are named by attributes: those of our side count, not those of whatever is checked out.
        // Older versions ignore the variable.
        let ended = self.call(Place::Store)?.env("GIT_ATTR_SOURCE", ours.as_str()).args(merge).end()?;
        let mut parts = nul_separated(ended.stdout());
        let tree = parts.next().map(|tree| String::from_utf8_lossy(tree).trim_end().to_owned());
        match (ended.code(), tree) {
            (Some(0), Some(tree)) => Ok(Merged::Tree(tree)),
            (Some(1), Some(_)) => {
                let mut files: Vec<String> = parts.map(|file| String::from_utf8_lossy(file).into_owned()).collect();
                files.sort();
                files.dedup();
                Ok(Merged::Conflict(files))
            }
            (Some(0 | 1), None) => Err(ended.unexpected()),
            (Some(_) | None, _) => Err(ended.failed()),
        }
    }
}
