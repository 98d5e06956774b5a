//! Every input of the scheduler. These, and nothing else, are what the journal holds.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::job::{Job, Role};
use crate::domain::gate::GateOutcome;
use crate::domain::id::{CommitId, EpicId, RunId, SessionId, StoryId};
use crate::domain::note::Note;
use crate::domain::outcome::StoryProof;
use crate::domain::plan::Plan;
use crate::domain::policy::Policy;
use crate::domain::report::ValidationReport;
use crate::domain::usage::Usage;

pub use super::failure::{FailureKind, SessionFailure};

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Event {
    /// The run begins. Always the first event, and only the first.
    Begun(Box<Begun>),
    /// A new process took the run over; whatever was in flight in the old one has no answer any more.
    Resumed {
        /// The limits from now on.
        policy: Box<Policy>,
    },
    /// The PRD was edited while the run was not at work; [`super::Scheduler::replan`] says what contradicts begun work.
    PlanChanged {
        /// The plan as it reads now.
        plan: Box<Plan>,
    },
    /// A deadline that [`super::Scheduler::next_deadline`] named has passed.
    Tick,
    /// A person asked the run to stop.
    StopAsked {
        /// How.
        how: Stop,
    },
    /// A person asked that nothing new is started, or that the run goes on.
    PauseAsked {
        /// Whether to start nothing new.
        paused: bool,
    },
    /// A person asked that an epic which they stopped goes on, or that one which rests before another attempt does not
    /// wait any longer.
    RetryAsked {
        /// Which.
        epic: EpicId,
    },
    /// A person asked that nothing is done for an epic until they let it go on ([`Event::RetryAsked`]). What is in
    /// flight for it is cut short, and nobody is charged; everything that it has stays.
    StopEpicAsked {
        /// Which.
        epic: EpicId,
    },
    /// A person asked that an epic begins again: what is in flight for it is cut short, its work is saved and taken away.
    ResetAsked {
        /// Which.
        epic: EpicId,
    },
    /// The disk has too little room for new work; said once, until it is [`Event::DiskOk`].
    DiskLow {
        /// How much is free, in MiB.
        free_mib: u64,
    },
    /// The disk has room again.
    DiskOk,
    /// The journal was written with its reserve: the disk is full.
    DiskFull,
    /// Answer to `Open`: the loop branch exists and the gates ran on it.
    Opened {
        /// The job that this answers.
        job: Job,
        /// The gates on the commit that the run starts from.
        gates: Vec<GateOutcome>,
    },
    /// Answer to `Prepare`: branch and worktree exist and are set up.
    Prepared {
        /// The job that this answers.
        job: Job,
        /// The tip of the branch.
        tip: CommitId,
        /// Whether the epic has a plan already.
        #[serde(default)]
        planned: bool,
    },
    /// The agent of a session named its conversation.
    SessionIdentified {
        /// The session.
        job: Job,
        /// Its name.
        session: SessionId,
    },
    /// A session shows signs of life; at most once per session and eighth of the idle limit.
    Active {
        /// The session.
        job: Job,
        /// What showed it.
        #[serde(default)]
        sign: Sign,
    },
    /// A session does the same again and again, and nothing comes of it.
    Stagnant {
        /// The session.
        job: Job,
        /// Tool calls that were the same.
        turns: u32,
    },
    /// The agent of a session left a note for the sessions after it.
    Noted {
        /// The session.
        job: Job,
        /// What it noted.
        note: Note,
    },
    /// A lead wants that a session in another role works for it, and waits for the end of that session.
    DelegateAsked {
        /// The lead's session.
        job: Job,
        /// Which of its calls, counted from 1.
        call: u32,
        /// The role.
        role: Role,
        /// The story that it is about; `None`: the epic.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        story: Option<StoryId>,
        /// What the lead says of it.
        brief: String,
    },
    /// A lead does not wait any longer for the session that works for it.
    DelegateDropped {
        /// The lead's session.
        job: Job,
        /// Which of its calls.
        call: u32,
    },
    /// The user's checkout, branches or configuration changed while sessions ran; said before the end of `job`.
    Meddled {
        /// The session that has just ended.
        job: Job,
        /// Other sessions that ran meanwhile.
        beside: Vec<Job>,
        /// What changed, one line each.
        changes: Vec<String>,
    },
    /// A session is over, by itself or because it was cancelled (`end.cut`). A cancelled session that never started
    /// answers `Cut` instead.
    SessionEnded {
        /// The session.
        job: Job,
        /// How.
        end: SessionEnd,
    },
    /// Answer to `Check`.
    Checked {
        /// The job that this answers.
        job: Job,
        /// What was found.
        checkup: Box<Checkup>,
    },
    /// Answer to `Candidate`: the merge is clean.
    CandidateBuilt {
        /// The job that this answers.
        job: Job,
        /// The merge commit; equal to the loop tip when there was nothing to merge.
        commit: CommitId,
    },
    /// Answer to `Candidate`: the merge is not clean.
    Conflicted {
        /// The job that this answers.
        job: Job,
        /// The files that conflict.
        files: Vec<String>,
    },
    /// Answer to `Prove`.
    Proved {
        /// The job that this answers.
        job: Job,
        /// All gates, in their order, also those behind a red one: a gate that did not run counts as not passed.
        gates: Vec<GateOutcome>,
    },
    /// Answer to `Publish`: the loop branch stands at the candidate.
    Published {
        /// The job that this answers.
        job: Job,
    },
    /// Answer to `Publish`: the loop branch stands elsewhere, moved by somebody else.
    LoopMoved {
        /// The job that this answers.
        job: Job,
        /// Where it stands; `None`: it is gone.
        tip: Option<CommitId>,
    },
    /// Answer to `Update`: the loop tip is merged into the worktree, or stands there with conflicts.
    Updated {
        /// The job that this answers.
        job: Job,
        /// The tip of the epic branch.
        tip: CommitId,
        /// The files with conflict markers; empty: the merge is committed.
        conflicts: Vec<String>,
    },
    /// Answer to `Retire`.
    Retired {
        /// The job that this answers.
        job: Job,
        /// Why the worktree was kept after all.
        kept: Option<String>,
    },
    /// Answer to `Abandon`.
    Abandoned {
        /// The job that this answers.
        job: Job,
        /// The references under which everything was saved before it was taken away.
        saved: Vec<String>,
        /// Why branch and worktree were kept after all.
        kept: Option<String>,
    },
    /// Answer to `CheckPlan`.
    PlanChecked {
        /// The job that this answers.
        job: Job,
        /// Why there is no plan that could be used.
        plan: Result<(), String>,
        /// The references under which is saved what it changed besides.
        #[serde(default)]
        undone: Vec<String>,
    },
    /// Answer to `CheckValidation`.
    ValidationChecked {
        /// The job that this answers.
        job: Job,
        /// The validator's report, or what is wrong with it.
        report: Result<ValidationReport, String>,
        /// The references under which is saved what it changed although it only had to look.
        #[serde(default)]
        undone: Vec<String>,
    },
    /// Answer to `WritePrd` and `WriteVerdict`: it is on the disk.
    Written {
        /// The job that this answers.
        job: Job,
    },
    /// Any job: it could not be carried out, or its task panicked.
    Failed {
        /// The job that this answers.
        job: Job,
        /// What went wrong.
        failure: Failure,
    },
    /// Any job: it was cut short because we asked for it. Not its fault, and charged to nobody.
    Cut {
        /// The job that this answers.
        job: Job,
    },
}

/// What shows that a session lives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// It prints.
    #[default]
    Output,
    /// It calls a tool, or a tool answers.
    Tool,
    /// The processes that it started work.
    Processes,
    /// Something changes in its worktree.
    Worktree,
}

/// The start of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Begun {
    /// Its id.
    pub run: RunId,
    /// What is to be done.
    pub plan: Plan,
    /// Within which limits.
    pub policy: Policy,
    /// The user's commit that the run builds on.
    pub base: CommitId,
    /// The first commit of the loop branch: `base`, or a snapshot of uncommitted work on top of it.
    pub start: CommitId,
    /// The user's `prd.json`, in full.
    pub prd: String,
    /// Branches of earlier runs that epics go on from.
    pub kept: BTreeMap<EpicId, CommitId>,
}

/// How a person asks for a stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// Let sessions end in good order, within the bound of the ladder.
    Graceful,
    /// Kill everything.
    Now,
}

/// How a session ended and what it consumed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionEnd {
    /// `None`: it ended as it should. Even so nothing is believed before the check.
    pub failure: Option<SessionFailure>,
    /// Whether it ended because it was cancelled, whatever its exit code says.
    pub cut: bool,
    /// What it consumed.
    pub usage: Usage,
    /// The agent's last words, shortened.
    pub said: Option<String>,
}

/// What a check of an epic's worktree found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkup {
    /// The tip of the epic branch, leftovers included.
    pub tip: CommitId,
    /// Commits on the branch since its base.
    pub n_commits: u32,
    /// Files that were not committed and that the runner committed as the last commit of the epic.
    pub leftovers: Vec<String>,
    /// What the report says, checked against git.
    pub report: ReportFound,
    /// Rules that the work breaks: conflict markers left, unmerged entries, forbidden paths.
    pub violations: Vec<String>,
    /// All gates in the worktree, also those behind a red one; none when a rule is broken or the report is no good.
    pub gates: Vec<GateOutcome>,
}

/// The report of a session, after the runner looked at it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReportFound {
    /// It is there; each claim was checked.
    Read(Vec<StoryProof>),
    /// There is none.
    Missing,
    /// It cannot be read; the text says where and why.
    Faulty(String),
    /// None was asked for (resolver, fix round).
    NotAsked,
}

/// Why a job could not be carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    /// One sentence: what happened, where, and what to do now.
    pub what: String,
    /// Whether it concerns the whole run: full disk, broken repository, missing program.
    pub environment: bool,
}
