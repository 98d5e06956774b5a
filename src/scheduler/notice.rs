//! What people are told. Data only: the wording is the screens' business.

use super::command::Finding;
use super::delegation::{Ending, Refusal};
use super::event::{SessionFailure, Sign, Stop};
use std::fmt;

use super::job::{Job, Role, Scope};
use crate::domain::budget::Spent;
use crate::domain::gate::GateOutcome;
use crate::domain::id::{CommitId, EpicId, RunId, StoryId};
use crate::domain::note::Note;
use crate::domain::outcome::{Outcome, RunEnd, StoryProof};
use crate::domain::usage::Usage;

/// Something worth telling.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Notice {
    /// The run began.
    RunBegan {
        /// Its id.
        run: RunId,
        /// Epics in the plan.
        n_epics: usize,
        /// Waves in the plan.
        n_waves: usize,
        /// Epics that may run at the same time.
        slots: u32,
        /// The commit that it builds on.
        base: CommitId,
    },
    /// The run goes on in a new process.
    RunResumed {
        /// Its id.
        run: RunId,
        /// Pieces of work that are taken up again.
        n_jobs: usize,
    },
    /// The loop branch exists; the gates were run on the commit that the run starts from.
    Opened {
        /// The gates that are already red there; they do not block a merge until they turn green.
        red: Vec<GateOutcome>,
        /// How many gates there are.
        n_gates: usize,
    },
    /// A worktree is being made and set up.
    Preparing {
        /// Whose.
        scope: Scope,
    },
    /// A session starts.
    SessionStarted {
        /// Whose.
        scope: Scope,
        /// In which role.
        role: Role,
        /// Which attempt, counted from 1.
        attempt: u32,
        /// Which round of fixes, 0 for none.
        fix_cycle: u32,
        /// Whether it goes on in an earlier conversation.
        continued: bool,
    },
    /// A session ended.
    SessionEnded {
        /// Whose.
        scope: Scope,
        /// In which role.
        role: Role,
        /// Why it failed, if it did.
        failure: Option<SessionFailure>,
        /// Whether it was stopped because somebody asked for it, or because of a limit.
        cut: bool,
        /// What it consumed.
        usage: Usage,
        /// Its life in milliseconds of running time.
        took_ms: u64,
    },
    /// A session starts that works for the lead of an epic, which waits for it.
    Delegated {
        /// Which.
        session: Job,
        /// In which role.
        role: Role,
        /// For which story; `None`: for the epic.
        story: Option<StoryId>,
        /// On which agent program.
        backend: String,
        /// Which session in this role for this story, counted from 1.
        attempt: u32,
        /// Of how many.
        of: u32,
    },
    /// A session that worked for the lead of an epic ended.
    DelegateEnded {
        /// Which.
        session: Job,
        /// In which role.
        role: Role,
        /// For which story; `None`: for the epic.
        story: Option<StoryId>,
        /// How.
        how: Ending,
        /// What it consumed.
        usage: Usage,
        /// Its life in milliseconds of running time.
        took_ms: u64,
    },
    /// A lead wanted to delegate, and nothing was started.
    DelegateRefused {
        /// Whose.
        scope: Scope,
        /// To which role.
        role: Role,
        /// For which story; `None`: for the epic.
        story: Option<StoryId>,
        /// Why not.
        reason: Refusal,
    },
    /// A session is being stopped because of a limit.
    TimedOut {
        /// Whose.
        scope: Scope,
        /// In which role.
        role: Role,
        /// Which limit.
        limit: Limit,
        /// What its last sign of life was.
        last: Sign,
    },
    /// An agent left a note for the sessions after it.
    Noted {
        /// Whose session left it.
        scope: Scope,
        /// What it says.
        note: Note,
    },
    /// The runner committed what the session left uncommitted.
    LeftoversCommitted {
        /// Whose.
        scope: Scope,
        /// The files.
        files: Vec<String>,
    },
    /// A story was found done or not done.
    StoryChecked {
        /// Whose.
        scope: Scope,
        /// What was found, with what proves it.
        proof: StoryProof,
    },
    /// A gate ran in a worktree or on a candidate.
    GateRan {
        /// Whose.
        scope: Scope,
        /// Whether it ran on the merged candidate.
        on_candidate: bool,
        /// How it ended.
        outcome: GateOutcome,
    },
    /// An epic gets another attempt.
    Retrying {
        /// Whose.
        scope: Scope,
        /// Which attempt comes now.
        attempt: u32,
        /// Of how many.
        of: u32,
        /// Why the one before does not count.
        reason: String,
        /// Milliseconds to wait before it starts.
        delay_ms: u64,
    },
    /// Findings go back to the lead.
    FixCycle {
        /// Whose.
        scope: Scope,
        /// Which round, counted from 1.
        cycle: u32,
        /// Of how many.
        of: u32,
        /// The findings.
        findings: Vec<Finding>,
    },
    /// An agent program is parked, because its provider turns sessions away.
    Parked {
        /// Which.
        backend: String,
        /// Milliseconds until it is used again.
        delay_ms: u64,
        /// What the provider said.
        reason: String,
    },
    /// A track is proven on its own branch and waits to be merged.
    Queued {
        /// Whose.
        scope: Scope,
        /// How many are before it.
        ahead: usize,
    },
    /// The merge is not clean; a resolver gets it.
    Conflict {
        /// Whose.
        scope: Scope,
        /// The files.
        files: Vec<String>,
        /// Which round, counted from 1.
        round: u32,
        /// Of how many.
        of: u32,
    },
    /// A round of fixes is on the loop branch. That an epic is there, its end tells.
    Merged {
        /// Whose work came in.
        scope: Scope,
        /// Where it stands now.
        commit: CommitId,
    },
    /// An epic is over.
    EpicEnded {
        /// Which.
        epic: EpicId,
        /// How.
        outcome: Outcome,
        /// Its branch, when it is kept for a look.
        branch: Option<String>,
    },
    /// The final validator spoke.
    Validated {
        /// Its word.
        pass: bool,
        /// Its findings.
        findings: Vec<String>,
        /// Which round, counted from 1.
        round: u32,
    },
    /// An epic has a plan now, or goes on without one.
    Planned {
        /// Which.
        epic: EpicId,
        /// Why there is none.
        missing: Option<String>,
    },
    /// The validator of an epic spoke.
    EpicValidated {
        /// Which epic.
        epic: EpicId,
        /// Its word.
        pass: bool,
        /// Its findings.
        findings: Vec<String>,
    },
    /// An epic goes on to be merged although nobody judged it.
    NotValidated {
        /// Which.
        epic: EpicId,
        /// Why.
        reason: String,
    },
    /// The planner or the validator of an epic changed what it only had to look at. That was saved and taken back.
    PutBack {
        /// Which epic.
        epic: EpicId,
        /// The references under which it is saved.
        saved: Vec<String>,
    },
    /// A worktree that should be gone was kept.
    WorktreeKept {
        /// Whose.
        scope: Scope,
        /// Why.
        reason: String,
    },
    /// The user's checkout, branches or configuration changed while sessions ran. The user may have done it.
    Meddled {
        /// Whose session has just ended.
        scope: Scope,
        /// The sessions that ran meanwhile, that one first.
        ran: Vec<(Scope, Role)>,
        /// What changed, one line each.
        changes: Vec<String>,
    },
    /// Something went wrong that did not end anything.
    Trouble {
        /// Whose.
        scope: Scope,
        /// What.
        what: String,
    },
    /// A person asked that nothing new is started, or that the run goes on.
    Paused {
        /// Whether nothing new is started.
        paused: bool,
    },
    /// A person stopped an epic: nothing is done for it until they let it go on.
    EpicHeld {
        /// Which.
        epic: EpicId,
    },
    /// A person lets an epic go on that they had stopped.
    EpicReleased {
        /// Which.
        epic: EpicId,
    },
    /// A person asked that an epic begins again; what is in flight for it is ended first.
    EpicResetting {
        /// Which.
        epic: EpicId,
    },
    /// An epic begins again: its branch and worktree are gone.
    EpicReset {
        /// Which.
        epic: EpicId,
        /// The references under which its work is saved; none when there was none.
        saved: Vec<String>,
    },
    /// The disk has too little room: nothing new starts, what runs goes on.
    DiskLow {
        /// How much is free, in MiB.
        free_mib: u64,
    },
    /// The disk has room again.
    DiskOk,
    /// The budget of the run is used to the share from which on people are warned, or is used up: then no session is
    /// started any more.
    Budget {
        /// How far.
        spent: Spent,
    },
    /// The run is being stopped.
    Stopping {
        /// How.
        how: Stop,
        /// Why.
        reason: StopReason,
        /// Jobs that are being ended.
        n_jobs: usize,
    },
    /// The run is over.
    RunEnded {
        /// How.
        end: RunEnd,
    },
}

/// Which limit ended a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    /// It lived too long; milliseconds.
    Life(u64),
    /// It was silent too long; milliseconds.
    Silence(u64),
    /// It did the same so many times, and nothing came of it.
    Repeats(u32),
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Life(ms) => write!(f, "the session took longer than {} s", seconds(*ms)),
            Self::Silence(ms) => write!(f, "the session was silent for {} s", seconds(*ms)),
            Self::Repeats(turns) => write!(f, "the session made the same calls {turns} times and changed nothing"),
        }
    }
}

/// Whole seconds where that says enough.
pub(super) fn seconds(ms: u64) -> String {
    if ms < 10_000 && !ms.is_multiple_of(1000) {
        format!("{}.{}", ms / 1000, ms % 1000 / 100)
    } else {
        (ms / 1000).to_string()
    }
}

/// Why a run is stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopReason {
    /// A person asked.
    Asked,
    /// The whole run took too long; milliseconds.
    LoopTimeout(u64),
    /// The provider turned sessions away for so long that waiting on makes no sense; its last words.
    Outage(String),
    /// Something around it does not work.
    Environment(String),
    /// The disk had too little room for too long, or is full.
    Disk {
        /// How much was free when that was noticed, in MiB.
        free_mib: u64,
    },
    /// The budget of the run is used up, and what could be done without another session is done.
    Budget(Spent),
}
