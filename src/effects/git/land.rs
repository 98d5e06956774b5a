//! Landing: the one place that writes into the user's checkout, and only because the user asked for it by name.
//!
//! **Invariant:** the merge is made in memory first, so that a conflict touches nothing; the checkout is then moved
//! forward by the git program, which refuses, and changes nothing, when a file in the way is not committed or ignored.

use super::merge::Candidate;
use super::{Git, GitError, Place};
use crate::domain::id::CommitId;

/// What became of a landing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Landing {
    /// The work was in the branch already; nothing was changed.
    Already,
    /// The branch moved forward to the work.
    Forward,
    /// The branch had moved on meanwhile and got this merge commit.
    Merged(CommitId),
    /// The two conflict in these files; nothing was changed.
    Conflict(Vec<String>),
}

impl Git {
    /// Brings `tip` into the branch that the user's checkout is on, which stands at `head`.
    ///
    /// # Errors
    /// A file in the way, an operation (merge, revert) that was not concluded, or any other refusal of git; nothing was
    /// changed then.
    pub fn land(&self, tip: &CommitId, head: &CommitId, message: &str) -> Result<Landing, GitError> {
        if self.is_ancestor(tip, head)? {
            return Ok(Landing::Already);
        }
        if self.is_ancestor(head, tip)? {
            self.move_checkout_forward(tip)?;
            return Ok(Landing::Forward);
        }
        match self.candidate(tip, head, message)? {
            Candidate::Conflict(files) => Ok(Landing::Conflict(files)),
            Candidate::Clean(commit) => {
                self.move_checkout_forward(&commit)?;
                Ok(Landing::Merged(commit))
            }
        }
    }

    fn move_checkout_forward(&self, to: &CommitId) -> Result<(), GitError> {
        // Without the last option git would silently replace files that it ignores.
        let merge = ["merge", "--quiet", "--ff-only", "--no-autostash", "--no-stat", "--no-overwrite-ignore"];
        self.call(Place::Checkout)?.args(merge).arg(to.as_str()).run().map(drop)
    }
}
