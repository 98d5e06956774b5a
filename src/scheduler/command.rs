//! Every output of the scheduler that the hands carry out. Each is idempotent and names its job; each gets exactly
//! one closing answer, also when its task fails or panics.

use super::delegation::{Delegation, Told};
use super::event::Stop;
use super::job::{Job, Role, Scope};
use crate::domain::gate::GateOutcome;
use crate::domain::id::{CommitId, EpicId, SessionId, StoryId};
use crate::domain::note::Note;
use crate::domain::outcome::PrdState;
use crate::domain::usage::Usage;
use crate::domain::verdict::Verdict;

/// Something to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Make the loop branch at `start` (or find it there), make the integration worktree, run setup and all gates on
    /// `start`. Answers: `Opened`, `Failed`, `Cut`.
    Open {
        /// Its name.
        job: Job,
        /// First commit of the loop branch.
        start: CommitId,
    },
    /// Make the track's branch at `start` and its worktree, or find and repair them, and run setup.
    /// Answers: `Prepared`, `Failed`, `Cut`.
    Prepare {
        /// Its name; the scope names branch and worktree.
        job: Job,
        /// Where the branch begins if it does not exist yet.
        start: CommitId,
    },
    /// Host a session. A session of this very job that ended by itself in an earlier life is not started again: its
    /// end is the answer. Answers: any number of `SessionIdentified` and `Active`, then `SessionEnded`, `Failed` or `Cut`.
    Session {
        /// Its name.
        job: Job,
        /// What the session is told.
        ask: Box<SessionAsk>,
    },
    /// Read the report, check its claims against git, commit leftovers, run the gates in the worktree.
    /// Answers: `Checked`, `Failed`, `Cut`.
    Check {
        /// Its name.
        job: Job,
        /// What is looked for.
        ask: CheckAsk,
    },
    /// Merge `tip` into `onto` in memory and make the merge commit. Answers: `CandidateBuilt`, `Conflicted`, `Failed`, `Cut`.
    Candidate {
        /// Its name.
        job: Job,
        /// Tip of the epic branch.
        tip: CommitId,
        /// Tip of the loop branch.
        onto: CommitId,
        /// The stories that the merge brings, for the trailers.
        stories: Vec<StoryId>,
    },
    /// Run the gates on `commit` in the integration worktree. Answers: `Proved`, `Failed`, `Cut`.
    Prove {
        /// Its name.
        job: Job,
        /// The commit.
        commit: CommitId,
    },
    /// Move the loop branch from `old` to `commit`, only if it stands at `old`; already at `commit` counts as done.
    /// Answers: `Published`, `LoopMoved`, `Failed`, `Cut`.
    Publish {
        /// Its name.
        job: Job,
        /// Where to.
        commit: CommitId,
        /// Where from.
        old: CommitId,
    },
    /// Merge the loop tip `onto` into the track's worktree and leave conflicts standing there.
    /// Answers: `Updated`, `Failed`, `Cut`.
    Update {
        /// Its name.
        job: Job,
        /// Tip of the loop branch.
        onto: CommitId,
    },
    /// Remove the worktree of a merged track, if git proves that nothing is lost. Answers: `Retired`, `Failed`, `Cut`.
    Retire {
        /// Its name.
        job: Job,
    },
    /// Save everything that the track's branch and worktree hold under backup references, then take both away.
    /// Answers: `Abandoned`, `Failed`, `Cut`.
    Abandon {
        /// Its name; the scope names branch and worktree.
        job: Job,
    },
    /// Look whether the epic has a plan now, and keep the one that its planner left in the worktree.
    /// Answers: `PlanChecked`, `Failed`, `Cut`.
    CheckPlan {
        /// Its name.
        job: Job,
        /// The commit that branch and worktree stood on before the planner: they are put back there, after what it changed
        /// was saved.
        stood: Option<CommitId>,
    },
    /// Read what the validator of `session` reported. Answers: `ValidationChecked`, `Failed`, `Cut`.
    CheckValidation {
        /// Its name.
        job: Job,
        /// The validator's session.
        session: Job,
        /// The commit that it judged on a branch: branch and worktree are put back there, after what it changed was
        /// saved. `None`: no branch was checked out.
        judged: Option<CommitId>,
    },
    /// Write these states into `prd.json` and leave everything else in it as it is. Answers: `Written`, `Failed`.
    WritePrd {
        /// Its name.
        job: Job,
        /// What it must say.
        states: Vec<PrdState>,
        /// The epics that were planned in this run.
        planned: Vec<EpicId>,
    },
    /// Write `verdict.json`, `report.md` and `final.diff`. Answers: `Written`, `Failed`.
    WriteVerdict {
        /// Its name.
        job: Job,
        /// The verdict.
        verdict: Box<Verdict>,
    },
    /// Tell a lead what became of its call. Has no answer of its own.
    TellLead {
        /// The lead's session.
        job: Job,
        /// Which of its calls.
        call: u32,
        /// What.
        told: Told,
    },
    /// End this job soon: sessions and gates are stopped, git operations run to their end. The job still answers, with
    /// `Cut` unless it had ended before. Has no answer of its own.
    Cancel {
        /// The job to end.
        job: Job,
        /// How.
        how: Stop,
    },
}

/// What a session is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionAsk {
    /// In which role.
    pub role: Role,
    /// For what.
    pub purpose: Purpose,
    /// Which attempt this is, counted from 1; sessions that were cut short are not counted.
    pub attempt: u32,
    /// Which round of fixes (or of merging, once the epic was proven) this is; 0 for the first session of an attempt.
    pub cycle: u32,
    /// What earlier checks found.
    pub findings: Vec<Finding>,
    /// The stories that are still to be done; for the validator of an epic, all of it.
    pub stories: Vec<StoryId>,
    /// What agents of this run noted so far, oldest first; a validator is told none, so that it judges by itself.
    pub notes: Vec<ToldNote>,
    /// The epics on the loop branch, for the final validator.
    pub merged: Vec<EpicId>,
    /// The commit that the branch began from; for the final validator, the base of the run.
    pub base: CommitId,
    /// The gates that were red at `base` already, by their names.
    pub red_at_base: Vec<String>,
    /// The tip of the loop branch.
    pub loop_tip: CommitId,
    /// The agent program, one of those that the policy names for the role.
    pub backend: String,
    /// The conversation to go on with.
    pub continues: Option<SessionId>,
    /// What the sessions of that conversation said that they consumed.
    pub consumed: Usage,
}

/// A note as later sessions are told it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldNote {
    /// Whose session left it.
    pub by: Scope,
    /// What it says.
    pub note: Note,
}

/// What a session is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// Build the epic's stories.
    Implement,
    /// Mend what the findings say.
    Fix,
    /// Resolve the conflicts that stand in the worktree, in these files.
    Resolve {
        /// Paths relative to the worktree.
        files: Vec<String>,
    },
    /// Judge the whole at the tip of the loop branch.
    Validate,
    /// Do for a lead what it asked for, in its worktree.
    Delegated(Box<Delegation>),
    /// Plan the epic before its stories are built.
    Plan,
    /// Judge the epic at the tip of its branch, before it is merged.
    Judge,
}

/// What a check looks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CheckAsk {
    /// The stories that a report must speak of. Empty: no report is asked for.
    pub stories: Vec<StoryId>,
    /// The commit that the branch began from.
    pub base: CommitId,
    /// Files that had conflicts before the session.
    pub conflicts: Vec<String>,
}

/// Something that a session must mend.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Finding {
    /// A gate is red in the epic's own worktree.
    GateRed(GateOutcome),
    /// A gate is red once the epic is merged with the loop branch.
    GateRedMerged(GateOutcome),
    /// A story is not done.
    Story {
        /// Which.
        id: StoryId,
        /// Why.
        reason: String,
    },
    /// The report is missing, unreadable, or claims what git does not show.
    Report(String),
    /// A rule is broken.
    Violation(String),
    /// The session before ended badly.
    Session(String),
    /// A validator found this.
    Validation(String),
}

impl Command {
    /// The job that this is.
    #[must_use]
    pub fn job(&self) -> &Job {
        match self {
            Self::Open { job, .. }
            | Self::Prepare { job, .. }
            | Self::Session { job, .. }
            | Self::Check { job, .. }
            | Self::CheckPlan { job, .. }
            | Self::Candidate { job, .. }
            | Self::Prove { job, .. }
            | Self::Publish { job, .. }
            | Self::Update { job, .. }
            | Self::Retire { job }
            | Self::Abandon { job }
            | Self::CheckValidation { job, .. }
            | Self::WritePrd { job, .. }
            | Self::WriteVerdict { job, .. }
            | Self::TellLead { job, .. }
            | Self::Cancel { job, .. } => job,
        }
    }
}
