//! The immutable picture of a run, for the screens and for `status`. Every epic that is not done says why it waits.

use std::collections::BTreeMap;

use super::job::{Role, Scope};
use crate::domain::budget::Spent;
use crate::domain::id::{CommitId, EpicId, RunId};
use crate::domain::outcome::{Outcome, RunEnd};
use crate::domain::usage::{ByStory, Usage};

/// The whole run at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunView {
    /// The run.
    pub run: RunId,
    /// The project's name.
    pub project: String,
    /// Milliseconds of running time.
    pub at: u64,
    /// Epics that may run at the same time.
    pub slots: u32,
    /// Sessions, set-ups and checks that occupy a slot now.
    pub slots_used: u32,
    /// Where the run as a whole stands.
    pub phase: RunPhase,
    /// The commit that it builds on.
    pub base: CommitId,
    /// The tip of the loop branch.
    pub loop_tip: CommitId,
    /// The epics, in the order of the PRD.
    pub epics: Vec<TrackView>,
    /// The rounds of fixes after a final validation, in their order.
    pub fixes: Vec<TrackView>,
    /// The merge queue, first to be merged first.
    pub queue: Vec<Scope>,
    /// What the run consumed.
    pub usage: Usage,
    /// The same by role.
    pub usage_by_role: BTreeMap<Role, Usage>,
    /// How far the budget is used; `None`: there is none.
    pub budget: Option<Spent>,
}

/// Where the run as a whole stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RunPhase {
    /// The base is being proven.
    Opening,
    /// Epics are worked on.
    Working,
    /// The final validator is at work.
    Validating {
        /// Which round, counted from 1.
        round: u32,
    },
    /// What the final validator found is being fixed.
    Fixing {
        /// Which round, counted from 1.
        round: u32,
    },
    /// The verdict is being written.
    Judging,
    /// Everything in flight is being ended.
    Stopping,
    /// It is over.
    Ended(RunEnd),
}

/// One epic, or one round of fixes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackView {
    /// Which.
    pub scope: Scope,
    /// One line for people.
    pub title: String,
    /// Its wave, counted from 1.
    pub wave: usize,
    /// Where it stands.
    pub state: TrackState,
    /// Since when, in milliseconds of running time.
    pub since: u64,
    /// Last sign of life of its session.
    pub last_active: Option<u64>,
    /// Stories that pass, by the last check or by earlier runs.
    pub stories_passed: usize,
    /// All its stories.
    pub n_stories: usize,
    /// Sessions that failed or are running, counted from 1 once it started.
    pub attempt: u32,
    /// Rounds of fixes so far.
    pub fix_cycle: u32,
    /// What it consumed.
    pub usage: Usage,
    /// The same by role.
    pub usage_by_role: BTreeMap<Role, Usage>,
    /// The same by the story that it was for.
    pub usage_by_story: ByStory,
}

/// Where one track stands. Exactly one of these holds at any time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrackState {
    /// It did not start yet.
    Waiting(WaitReason),
    /// Its worktree is being made and set up.
    Preparing,
    /// A session is at work.
    Working(Role),
    /// Its session is being stopped because of a limit, or because a person asked for that.
    Stopping(Role),
    /// It begins again: what is in flight for it is ended, then its work is saved and taken away.
    Resetting,
    /// What the session left is being checked.
    Checking,
    /// It waits before another attempt, until this time.
    Resting {
        /// Milliseconds of running time.
        until: u64,
    },
    /// It is proven and waits to be merged.
    Queued {
        /// How many are before it.
        ahead: usize,
    },
    /// It is being merged.
    Merging,
    /// It must be brought up to date with the loop branch and waits for a slot.
    Outdated,
    /// It is being brought up to date with the loop branch.
    Updating,
    /// It is over.
    Done(Outcome),
}

impl TrackState {
    /// How it ended; `None` while it has not.
    #[must_use]
    pub fn outcome(&self) -> Option<&Outcome> {
        match self {
            Self::Done(outcome) => Some(outcome),
            Self::Waiting(_)
            | Self::Preparing
            | Self::Working(_)
            | Self::Stopping(_)
            | Self::Resetting
            | Self::Checking
            | Self::Resting { .. }
            | Self::Queued { .. }
            | Self::Merging
            | Self::Outdated
            | Self::Updating => None,
        }
    }

    /// Whether it began and is not over.
    #[must_use]
    pub fn is_at_work(&self) -> bool {
        !matches!(self, Self::Waiting(_) | Self::Done(_))
    }
}

/// Why an epic does not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WaitReason {
    /// These epics must be merged before.
    Dependencies(Vec<EpicId>),
    /// These epics that it depends on ended without being merged: it will not start in this run.
    Blocked(Vec<EpicId>),
    /// Epics of earlier waves are not over (`--schedule waves`).
    Wave,
    /// All slots are taken.
    Slot,
    /// The agent programs that it could start on are parked until this moment, in milliseconds of running time.
    Backend {
        /// When the first of them is back.
        until: u64,
    },
    /// A person asked that nothing new is started.
    Paused,
    /// The disk has too little room.
    Disk,
    /// The budget of the run is used up.
    Budget,
    /// A person stopped it, and can let it go on.
    Held,
    /// It is not selected, or the limit of epics to start is reached.
    LeftOut,
    /// The base is being proven.
    Opening,
    /// The run is being stopped.
    Stopping,
}
