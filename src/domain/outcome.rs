//! How things end: an epic's status in the PRD, its outcome in a run, and the proof of each story.

use serde::{Deserialize, Serialize};

use super::id::{CommitId, EpicId, StoryId};

/// The `status` of an epic as `prd.json` holds it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Not done; also an epic that is blocked by one that failed.
    #[default]
    Pending,
    /// All stories pass and the epic is merged.
    Completed,
    /// Some stories pass; the branch is kept and nothing of it is merged.
    Partial,
    /// Nothing of it is proven.
    Failed,
    /// It is proven on its own branch, but could not be merged.
    MergeFailed,
}

impl Status {
    /// The status as `prd.json` spells it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Completed => "completed",
            Self::Partial => "partial",
            Self::Failed => "failed",
            Self::MergeFailed => "merge-failed",
        }
    }
}

/// How an epic ended in a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "outcome")]
pub enum Outcome {
    /// An earlier run completed it; this run did nothing for it.
    AlreadyCompleted,
    /// It is on the loop branch.
    Merged {
        /// The merge commit.
        commit: CommitId,
    },
    /// Some stories pass, some do not; not merged, the branch is kept.
    Partial {
        /// Why the rest does not pass.
        reason: String,
    },
    /// Nothing of it is proven.
    Failed {
        /// Short and concrete.
        reason: String,
    },
    /// It is proven on its own branch, but could not be merged; the branch is kept.
    MergeFailed {
        /// Short and concrete.
        reason: String,
    },
    /// It never started, because an epic that it depends on (directly or not) is not merged.
    Blocked {
        /// The epics that it waits for and that ended without being merged.
        by: Vec<EpicId>,
    },
    /// It was left out: not selected, or over the limit of epics to start.
    LeftOut,
    /// The run ended before it did.
    Interrupted,
}

impl Outcome {
    /// The status that `prd.json` gets. `None`: what stands there stays.
    #[must_use]
    pub fn status(&self) -> Option<Status> {
        match self {
            Self::AlreadyCompleted | Self::Merged { .. } => Some(Status::Completed),
            Self::Partial { .. } => Some(Status::Partial),
            Self::Failed { .. } => Some(Status::Failed),
            Self::MergeFailed { .. } => Some(Status::MergeFailed),
            // It stays what it was: an epic that an earlier run left half done keeps its branch and its state.
            Self::Blocked { .. } | Self::LeftOut | Self::Interrupted => None,
        }
    }
}

/// What the runner found out about one story: never more than its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StoryProof {
    /// The story.
    pub id: StoryId,
    /// Whether the runner accepts it as done.
    pub passes: bool,
    /// Why not.
    pub reason: Option<String>,
    /// The commit that the agent named and that the runner found on the epic branch.
    /// `None` with `passes`: accepted because the gates pass, shown as "unproven".
    pub commit: Option<CommitId>,
    /// What the agent offers as evidence, in its own words.
    pub evidence: Vec<String>,
}

impl StoryProof {
    /// Whether it is accepted although no commit proves it.
    #[must_use]
    pub fn is_unproven(&self) -> bool {
        self.passes && self.commit.is_none()
    }

    /// Why it does not pass, empty when nobody said; `None` when it passes.
    #[must_use]
    pub fn fault(&self) -> Option<&str> {
        (!self.passes).then(|| self.reason.as_deref().unwrap_or_default())
    }
}

/// What `prd.json` must say of one epic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrdState {
    /// The epic.
    pub epic: EpicId,
    /// Its status.
    pub status: Status,
    /// Per story: passes, and the reason when not.
    pub stories: Vec<(StoryId, bool, Option<String>)>,
}

/// How the whole run ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "ended")]
pub enum RunEnd {
    /// A verdict was written.
    Judged {
        /// Whether it is a pass.
        pass: bool,
    },
    /// A limit stopped it (loop timeout, number of epics); it can be resumed.
    Limit {
        /// Which limit.
        reason: String,
    },
    /// A person stopped it; it can be resumed.
    Interrupted,
    /// Something around it does not work (git, disk); it can be resumed when that is mended.
    Environment {
        /// What.
        reason: String,
    },
}
