//! The types of a line of `--ui json`: a promise to other programs, and therefore apart from the program's own types.
//!
//! Names of types are kebab-case, names of fields camelCase, times and durations milliseconds, money millionths of a US
//! dollar. New fields and new types may appear in version 1; a reader ignores what it does not know.

use schemars::JsonSchema;
use serde::Serialize;

/// The version of the format; another number means that a reader of this one would misread it.
pub const VERSION: u32 = 1;

/// One line.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Line {
    /// The version of the format.
    pub v: u32,
    /// Milliseconds of running time since the run began; time in which the run was not running does not count.
    pub at: u64,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What happened, told apart by `type`.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "type", rename_all = "kebab-case", rename_all_fields = "camelCase")]
pub enum What {
    /// The run began.
    RunBegan { run: String, project: String, epics: usize, waves: usize, slots: u32, base: String, loop_branch: String },
    /// The run goes on in a new process.
    RunResumed { run: String, jobs: usize },
    /// The loop branch exists; `red` are the gates that fail already on the commit the run starts from.
    Opened { loop_branch: String, gates: usize, red: Vec<Gate> },
    /// A worktree is being made and set up.
    Preparing { scope: Scope },
    /// A session of an agent starts.
    SessionStarted { scope: Scope, role: Role, attempt: u32, fix_cycle: u32, continued: bool },
    /// A session of an agent ended; `failure` is null when it ended as it should.
    SessionEnded {
        scope: Scope,
        role: Role,
        failure: Option<SessionFailure>,
        stopped: bool,
        usage: Usage,
        took_ms: u64,
    },
    /// A session starts that works for the team lead of an epic, which waits for it; `story` is null when it is about the
    /// whole epic.
    Delegated { scope: Scope, role: Role, story: Option<String>, backend: String, attempt: u32, of: u32 },
    /// A session that worked for a team lead ended; `detail` says in words how, unless it ended as it should.
    DelegateEnded {
        scope: Scope,
        role: Role,
        story: Option<String>,
        how: DelegateEnding,
        detail: Option<String>,
        usage: Usage,
        took_ms: u64,
    },
    /// A team lead wanted to delegate, and nothing was started.
    DelegateRefused { scope: Scope, role: Role, story: Option<String>, reason: String },
    /// A session is being stopped because of a limit.
    TimedOut { scope: Scope, role: Role, limit: Limit, limit_ms: Option<u64>, turns: Option<u32>, last_sign: Sign },
    /// An agent left a note for the sessions after it.
    Noted { scope: Scope, kind: NoteKind, text: String },
    /// The runner committed what a session left uncommitted.
    LeftoversCommitted { scope: Scope, files: Vec<String> },
    /// A story was found done or not done.
    StoryChecked {
        scope: Scope,
        story: String,
        passes: bool,
        unproven: bool,
        reason: Option<String>,
        /// The commit that the agent named and that the runner found on the branch.
        commit: Option<String>,
        /// What the agent offers as evidence, in its own words.
        evidence: Vec<String>,
    },
    /// A gate ran in a worktree or on the merged candidate.
    GateRan { scope: Scope, on_candidate: bool, gate: Gate },
    /// A session is tried again.
    Retrying { scope: Scope, attempt: u32, of: u32, reason: String, delay_ms: u64 },
    /// Findings go back to the team lead.
    FixCycle { scope: Scope, cycle: u32, of: u32, findings: Vec<Finding> },
    /// The work is proven on its own branch and waits to be merged.
    Queued { scope: Scope, ahead: usize },
    /// The merge is not clean; a resolver takes over.
    Conflict { scope: Scope, files: Vec<String>, round: u32, of: u32 },
    /// The loop branch moved on to `commit`.
    Merged { scope: Scope, commit: String, loop_branch: String },
    /// An epic is over; `branch` is its branch when that is kept for a look.
    EpicEnded {
        epic: String,
        outcome: Outcome,
        commit: Option<String>,
        reason: Option<String>,
        blocked_by: Vec<String>,
        branch: Option<String>,
    },
    /// The final validator spoke.
    Validated { pass: bool, findings: Vec<String>, round: u32 },
    /// An epic has a plan now, or goes on without one for the reason in `missing`.
    Planned { epic: String, missing: Option<String> },
    /// The validator of an epic spoke.
    EpicValidated { epic: String, pass: bool, findings: Vec<String> },
    /// An epic goes on to be merged although nobody judged it.
    NotValidated { epic: String, reason: String },
    /// What the validator of an epic left in its worktree was saved under these references and taken away.
    PutBack { epic: String, saved: Vec<String> },
    /// A worktree that should be gone was kept.
    WorktreeKept { scope: Scope, reason: String },
    /// The user's checkout, branches or configuration changed while sessions ran.
    Meddled { scope: Scope, ran: Vec<Ran>, changes: Vec<String> },
    /// Something went wrong that did not end anything.
    Trouble { scope: Scope, what: String },
    /// A person asked that nothing new is started, or that the run goes on.
    Paused { paused: bool },
    /// An agent program is parked, because its provider turns sessions away.
    Parked { backend: String, delay_ms: u64, reason: String },
    /// A person stopped an epic: nothing is done for it until they let it go on.
    EpicHeld { epic: String },
    /// A person lets an epic go on that they had stopped.
    EpicReleased { epic: String },
    /// A person asked that an epic begins again; what is in flight for it is ended first.
    EpicResetting { epic: String },
    /// An epic begins again; `saved` are the references under which its work is saved.
    EpicReset { epic: String, saved: Vec<String> },
    /// The disk has too little room: nothing new starts until it has more, what runs goes on.
    DiskLow { free_mib: u64 },
    /// The disk has room again.
    DiskOk {},
    /// The budget is used to the share from which on people are warned, or is used up: then no session starts any more.
    Budget { limit: BudgetLimit, used: u64, of: u64, percent: u64, used_up: bool },
    /// The run is being stopped; `jobs` pieces of work are being ended.
    Stopping { how: Stop, reason: StopReason, detail: Option<String>, limit_ms: Option<u64>, jobs: usize },
    /// The run is over: the last line.
    RunEnded { end: End, pass: Option<bool>, reason: Option<String>, epics: usize, merged: usize, usage: Usage },
    /// What an agent is doing right now.
    Activity {
        scope: Scope,
        kind: ActivityKind,
        /// The tool or sub-agent.
        name: Option<String>,
        text: String,
        /// Milliseconds until the provider is asked again.
        delay_ms: Option<u64>,
    },
    /// So much was left out here, because the reader did not keep up.
    Missed { notices: u64, activities: u64 },
}

/// Whom a line is about.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Scope {
    /// The whole run.
    Run,
    /// One epic.
    Epic { id: String },
    /// A round of fixes after a final validation, counted from 1.
    Fix { round: u32 },
}

/// A session.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Ran {
    pub scope: Scope,
    pub role: Role,
}

/// How a gate ended.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Gate {
    pub name: String,
    pub command: String,
    pub green: bool,
    /// Null when it did not exit by itself.
    pub exit_code: Option<i32>,
    /// The signal that killed it.
    pub signal: Option<i32>,
    pub timed_out: bool,
    pub took_ms: u64,
    /// The file with all of its output, relative to the run's directory.
    pub log: String,
    /// `sha256:` and hex digits.
    pub log_digest: String,
    /// The last lines of its output.
    pub tail: String,
}

/// Something that a session must mend.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Finding {
    pub kind: FindingKind,
    /// The story that it is about.
    pub story: Option<String>,
    pub text: String,
}

/// What a session consumed.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Usage {
    /// Tokens sent to the model, cached ones not counted. Null, like the other numbers of tokens, when no session told
    /// any; a lower bound when `uncountedSessions` is not 0.
    pub input_tokens: Option<u64>,
    /// Tokens read from or written to the provider's cache.
    pub cached_tokens: Option<u64>,
    /// Tokens that the model wrote.
    pub output_tokens: Option<u64>,
    /// Those of `outputTokens` that the model only thought with.
    pub reasoning_tokens: Option<u64>,
    /// Null when nothing is known; a lower bound when `unpricedSessions` is not 0.
    pub cost_microdollars: Option<u64>,
    /// Sessions whose money nobody knows.
    pub unpriced_sessions: u32,
    /// Sessions that told nothing, or not all, of their tokens.
    pub uncounted_sessions: u32,
}

/// Why a session did not end as it should.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SessionFailure {
    pub kind: FailureKind,
    pub detail: String,
    /// Milliseconds until the provider takes sessions again, when it said so.
    pub rest_ms: Option<u64>,
}

/// Declares an enum whose values are the kebab-case names of its variants.
macro_rules! words {
    ($($(#[$doc:meta])* $name:ident { $($variant:ident),+ })+) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Serialize, JsonSchema)]
        #[serde(rename_all = "kebab-case")]
        pub enum $name { $($variant),+ }
    )+ };
}

words! {
    /// The role of a session.
    Role {
        TeamLead, EpicPlanner, StoryPlanner, Builder, StoryValidator, EpicValidator, Resolver, FinalValidator
    }
    /// Which limit ended a session.
    Limit { Life, Silence, Repeats }
    /// What shows that a session lives.
    Sign { Output, Tool, Processes, Worktree }
    /// What a note is about.
    NoteKind { Decision, Discovery, Convention }
    /// What kind of finding.
    FindingKind { GateRed, GateRedMerged, Story, Report, Violation, Session, Validation }
    /// What kind of failure.
    FailureKind {
        Crashed, Overloaded, RateLimited, UsageLimit, Offline, SignIn, Billing, TooLong, Refused, Unusable
    }
    /// How a session ended that worked for a team lead.
    DelegateEnding { Done, Failed, TurnedAway, OverLimit, Stopped, NotStarted }
    /// How an epic ended.
    Outcome { AlreadyCompleted, Merged, Partial, Failed, MergeFailed, Blocked, LeftOut, Interrupted }
    /// How a run is stopped.
    Stop { Graceful, Now }
    /// Why a run is stopped.
    StopReason { Asked, LoopTimeout, Outage, Environment, Disk, Budget }
    /// Of what a budget has a limit: money in millionths of a US dollar, or tokens.
    BudgetLimit { Cost, Tokens }
    /// How a run ended.
    End { Judged, Limit, Interrupted, Environment }
    /// What an agent does.
    ActivityKind { Identified, Text, ToolStarted, ToolEnded, ToolFailed, SubAgentStarted, SubAgentProgress, SubAgentEnded, SubAgentFailed, Retrying }
}
