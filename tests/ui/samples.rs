//! One of everything that can be told. A new variant breaks the build in `name`, and the tests until it is here.

use ralph_teams::domain::activity::Activity;
use ralph_teams::domain::budget::Spent;
use ralph_teams::domain::gate::{GateEnd, GateOutcome};
use ralph_teams::domain::id::{CommitId, EpicId, RunId, SessionId, StoryId};
use ralph_teams::domain::note::{Note, NoteKind};
use ralph_teams::domain::outcome::{Outcome, RunEnd, StoryProof};
use ralph_teams::domain::usage::Usage;
use ralph_teams::scheduler::command::Finding;
use ralph_teams::scheduler::delegation::{Ending, Refusal};
use ralph_teams::scheduler::event::{FailureKind, SessionFailure, Sign, Stop};
use ralph_teams::scheduler::notice::{Limit, StopReason};
use ralph_teams::scheduler::view::{RunPhase, TrackState, TrackView, WaitReason};
use ralph_teams::scheduler::{Job, Notice, Role, RunView, Scope, Task};

/// The name of a notice in `--ui json`.
pub fn name(notice: &Notice) -> &'static str {
    match notice {
        Notice::RunBegan { .. } => "run-began",
        Notice::RunResumed { .. } => "run-resumed",
        Notice::Opened { .. } => "opened",
        Notice::Preparing { .. } => "preparing",
        Notice::SessionStarted { .. } => "session-started",
        Notice::SessionEnded { .. } => "session-ended",
        Notice::Delegated { .. } => "delegated",
        Notice::DelegateEnded { .. } => "delegate-ended",
        Notice::DelegateRefused { .. } => "delegate-refused",
        Notice::TimedOut { .. } => "timed-out",
        Notice::Noted { .. } => "noted",
        Notice::LeftoversCommitted { .. } => "leftovers-committed",
        Notice::StoryChecked { .. } => "story-checked",
        Notice::GateRan { .. } => "gate-ran",
        Notice::Retrying { .. } => "retrying",
        Notice::FixCycle { .. } => "fix-cycle",
        Notice::Queued { .. } => "queued",
        Notice::Conflict { .. } => "conflict",
        Notice::Merged { .. } => "merged",
        Notice::EpicEnded { .. } => "epic-ended",
        Notice::Validated { .. } => "validated",
        Notice::Planned { .. } => "planned",
        Notice::EpicValidated { .. } => "epic-validated",
        Notice::NotValidated { .. } => "not-validated",
        Notice::PutBack { .. } => "put-back",
        Notice::WorktreeKept { .. } => "worktree-kept",
        Notice::Meddled { .. } => "meddled",
        Notice::Trouble { .. } => "trouble",
        Notice::Paused { .. } => "paused",
        Notice::Parked { .. } => "parked",
        Notice::EpicHeld { .. } => "epic-held",
        Notice::EpicReleased { .. } => "epic-released",
        Notice::EpicResetting { .. } => "epic-resetting",
        Notice::EpicReset { .. } => "epic-reset",
        Notice::DiskLow { .. } => "disk-low",
        Notice::DiskOk => "disk-ok",
        Notice::Budget { .. } => "budget",
        Notice::Stopping { .. } => "stopping",
        Notice::RunEnded { .. } => "run-ended",
    }
}

/// How many variants a notice has: the arms of [`name`].
pub const N_NOTICES: usize = 39;

/// A budget that is used up.
pub const SPENT: Spent = Spent::Tokens { used: 1_203_004, limit: 1_000_000 };

pub fn epic(n: u32) -> EpicId {
    EpicId::new(&format!("EPIC-{n:03}")).expect("an id")
}

pub fn note(text: &str) -> Note {
    Note { kind: NoteKind::Convention, text: text.to_owned() }
}

pub fn scope(n: u32) -> Scope {
    Scope::Epic(epic(n))
}

pub fn commit(digit: char) -> CommitId {
    CommitId::new(&digit.to_string().repeat(40)).expect("a commit id")
}

pub fn run() -> RunId {
    RunId::new("20261120-101500-k3f9").expect("a run id")
}

pub fn usage() -> Usage {
    Usage {
        input_tokens: 9_000,
        cached_tokens: 2_345,
        output_tokens: 1_000,
        cost_microdollars: 420_000,
        ..Usage::default()
    }
}

pub fn gate(end: GateEnd) -> GateOutcome {
    GateOutcome {
        name: "test".to_owned(),
        command: "cargo test".to_owned(),
        end,
        took_ms: 12_000,
        log_digest: "sha256:00ff".to_owned(),
        log: "jobs/epic-001.check.1/gate-1.log".to_owned(),
        tail: "running 2 tests\ntest login ... FAILED\n".to_owned(),
    }
}

pub fn track(n: u32, title: &str, state: TrackState) -> TrackView {
    TrackView {
        scope: scope(n),
        title: title.to_owned(),
        wave: 1,
        state,
        since: 60_000,
        last_active: None,
        stories_passed: 1,
        n_stories: 3,
        attempt: 1,
        fix_cycle: 0,
        usage: usage(),
        usage_by_role: [(Role::TeamLead, usage())].into(),
        usage_by_story: Default::default(),
    }
}

pub fn view() -> RunView {
    let mut waiting = track(3, "Reports", TrackState::Waiting(WaitReason::Dependencies(vec![epic(1), epic(2)])));
    waiting.attempt = 0;
    RunView {
        run: run(),
        project: "shop".to_owned(),
        at: 140_000,
        slots: 2,
        slots_used: 1,
        phase: RunPhase::Working,
        base: commit('a'),
        loop_tip: commit('b'),
        epics: vec![
            track(1, "Login", TrackState::Done(Outcome::Merged { commit: commit('b') })),
            track(2, "日本語の検索", TrackState::Working(Role::TeamLead)),
            waiting,
        ],
        fixes: vec![],
        queue: vec![],
        usage: usage(),
        usage_by_role: [(Role::TeamLead, usage())].into(),
        budget: None,
    }
}

fn texts(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

/// Every notice, and every way of saying it.
pub fn notices() -> Vec<Notice> {
    [starts(), sessions(), delegations(), checks(), merges(), ends()].concat()
}

fn starts() -> Vec<Notice> {
    vec![
        Notice::RunBegan { run: run(), n_epics: 3, n_waves: 2, slots: 2, base: commit('a') },
        Notice::RunResumed { run: run(), n_jobs: 2 },
        Notice::RunResumed { run: run(), n_jobs: 1 },
        Notice::Opened { red: vec![], n_gates: 2 },
        Notice::Opened { red: vec![gate(GateEnd::Exited(101))], n_gates: 2 },
        Notice::Opened { red: vec![], n_gates: 0 },
        Notice::Preparing { scope: scope(1) },
    ]
}

fn delegations() -> Vec<Notice> {
    let story = || Some(StoryId::new("US-1").expect("an id"));
    let session = |role| Job { scope: scope(1), task: Task::Session(role), n: 1 };
    let ended = |role, story, how| Notice::DelegateEnded {
        session: session(role),
        role,
        story,
        how,
        usage: Usage { output_tokens: 1_200, ..Usage::default() },
        took_ms: 80_000,
    };
    let away = Ending::TurnedAway { reason: "429 Too Many Requests".to_owned(), rest_ms: 60_000 };
    vec![
        Notice::Delegated {
            session: session(Role::Builder),
            role: Role::Builder,
            story: story(),
            backend: "codex".to_owned(),
            attempt: 2,
            of: 3,
        },
        ended(Role::Builder, story(), Ending::Done),
        ended(Role::Builder, story(), Ending::Failed(SessionFailure::new(FailureKind::Crashed, "exit code 3"))),
        ended(Role::StoryValidator, story(), away),
        ended(Role::StoryPlanner, story(), Ending::Over(Limit::Silence(900_000))),
        ended(Role::EpicValidator, None, Ending::Cut),
        ended(Role::Builder, None, Ending::NotStarted("there is no program".to_owned())),
        Notice::DelegateRefused {
            scope: scope(1),
            role: Role::Builder,
            story: story(),
            reason: Refusal::UsedUp { role: Role::Builder, of: 3 },
        },
    ]
}

fn sessions() -> Vec<Notice> {
    let (scope, role) = (scope(1), Role::TeamLead);
    let started = |attempt, fix_cycle, continued| Notice::SessionStarted {
        scope: scope.clone(),
        role,
        attempt,
        fix_cycle,
        continued,
    };
    let ended = |role, failure: Option<(FailureKind, &str)>, usage| Notice::SessionEnded {
        scope: scope.clone(),
        role,
        failure: failure.map(|(kind, detail)| SessionFailure::new(kind, detail)),
        cut: false,
        usage,
        took_ms: 80_000,
    };
    vec![
        started(1, 0, false),
        started(2, 0, true),
        started(1, 1, false),
        started(2, 1, false),
        ended(role, None, usage()),
        ended(Role::Resolver, None, Usage::default()),
        ended(Role::FinalValidator, None, Usage { cost_microdollars: 0, unpriced_sessions: 1, ..usage() }),
        ended(role, Some((FailureKind::Crashed, "exit code 1")), usage()),
        ended(role, Some((FailureKind::Overloaded, "overloaded")), usage()),
        ended(role, Some((FailureKind::RateLimited, "429")), usage()),
        ended(role, Some((FailureKind::UsageLimit, "usage limit reached, resets at 3pm")), usage()),
        ended(role, Some((FailureKind::Offline, "connection refused")), usage()),
        ended(role, Some((FailureKind::SignIn, "invalid API key")), usage()),
        ended(role, Some((FailureKind::Billing, "credit balance is too low")), usage()),
        ended(role, Some((FailureKind::TooLong, "prompt is too long")), usage()),
        ended(role, Some((FailureKind::Unusable, "claude: not found")), Usage::default()),
        ended(role, Some((FailureKind::Refused, "limit of turns reached")), usage()),
        Notice::TimedOut { scope: scope.clone(), role, limit: Limit::Life(7_200_000), last: Sign::Output },
        Notice::TimedOut { scope: scope.clone(), role, limit: Limit::Silence(300_000), last: Sign::Processes },
        Notice::TimedOut { scope: scope.clone(), role, limit: Limit::Repeats(20), last: Sign::Tool },
        Notice::Retrying {
            scope: scope.clone(),
            attempt: 2,
            of: 3,
            reason: "the session crashed".to_owned(),
            delay_ms: 30_000,
        },
        Notice::Retrying { scope, attempt: 3, of: 3, reason: "no report was written".to_owned(), delay_ms: 0 },
    ]
}

fn checks() -> Vec<Notice> {
    let scope = scope(1);
    let story = |reason: Option<&str>, commit| Notice::StoryChecked {
        scope: scope.clone(),
        proof: StoryProof {
            id: StoryId::new("US-001").expect("an id"),
            passes: reason.is_none(),
            reason: reason.map(str::to_owned),
            commit,
            evidence: texts(&["tests/page.rs proves it"]),
        },
    };
    let ran = |end, on_candidate| Notice::GateRan { scope: scope.clone(), on_candidate, outcome: gate(end) };
    let findings = vec![
        Finding::GateRed(gate(GateEnd::Exited(101))),
        Finding::GateRedMerged(gate(GateEnd::TimedOut)),
        Finding::Story { id: StoryId::new("US-002").expect("an id"), reason: "no test".to_owned() },
        Finding::Report("line 3: not an object".to_owned()),
        Finding::Violation("prd.json was changed".to_owned()),
        Finding::Session("exit code 1".to_owned()),
        Finding::Validation("the menu is empty".to_owned()),
    ];
    let one = vec![Finding::Report("there is none".to_owned())];
    vec![
        Notice::Noted { scope: scope.clone(), note: note("ids are lower case") },
        Notice::LeftoversCommitted { scope: scope.clone(), files: texts(&["a.rs"]) },
        Notice::LeftoversCommitted { scope: scope.clone(), files: texts(&["a.rs", "b.rs", "c.rs", "d.rs", "e.rs"]) },
        story(None, Some(commit('c'))),
        story(None, None),
        story(Some("the page is empty"), None),
        ran(GateEnd::Exited(0), false),
        ran(GateEnd::Exited(0), true),
        ran(GateEnd::Exited(101), false),
        ran(GateEnd::Exited(127), false),
        ran(GateEnd::Killed(9), true),
        ran(GateEnd::TimedOut, false),
        Notice::FixCycle { scope: scope.clone(), cycle: 1, of: 3, findings },
        Notice::FixCycle { scope, cycle: 2, of: 3, findings: one },
    ]
}

fn merges() -> Vec<Notice> {
    let scope = scope(1);
    vec![
        Notice::Queued { scope: scope.clone(), ahead: 0 },
        Notice::Queued { scope: scope.clone(), ahead: 1 },
        Notice::Queued { scope: scope.clone(), ahead: 2 },
        Notice::Conflict { scope: scope.clone(), files: texts(&["src/a.rs"]), round: 1, of: 2 },
        Notice::Merged { scope: scope.clone(), commit: commit('b') },
        Notice::Merged { scope: Scope::Fix(1), commit: commit('c') },
        Notice::WorktreeKept { scope: scope.clone(), reason: "a file in it is not committed".to_owned() },
        Notice::Meddled {
            scope: scope.clone(),
            ran: vec![(scope.clone(), Role::TeamLead), (self::scope(2), Role::Resolver)],
            changes: texts(&["the index: changed"]),
        },
        Notice::Trouble { scope, what: "a backup reference could not be written".to_owned() },
        Notice::EpicHeld { epic: epic(1) },
        Notice::EpicReleased { epic: epic(1) },
        Notice::EpicResetting { epic: epic(1) },
        Notice::EpicReset { epic: epic(1), saved: texts(&["refs/ralph/backup/20261120-101500-abc/epic-001/1"]) },
        Notice::EpicReset { epic: epic(2), saved: vec![] },
        Notice::DiskLow { free_mib: 300 },
        Notice::DiskOk,
        Notice::Budget { spent: Spent::Cost { used: 4_100_000, limit: 5_000_000 } },
        Notice::Budget { spent: SPENT },
    ]
}

/// Every way in which an epic or a run ends.
pub fn ends() -> Vec<Notice> {
    let reason = || "US-002 has no test".to_owned();
    let outcomes = [
        Outcome::AlreadyCompleted,
        Outcome::Merged { commit: commit('b') },
        Outcome::Partial { reason: reason() },
        Outcome::Failed { reason: reason() },
        Outcome::MergeFailed { reason: reason() },
        Outcome::Blocked { by: vec![epic(2), epic(3)] },
        Outcome::LeftOut,
        Outcome::Interrupted,
    ];
    let branch = Some(run().epic_branch(&scope(1).slug()));
    let mut ends: Vec<Notice> = outcomes
        .into_iter()
        .map(|outcome| {
            let kept = matches!(
                outcome,
                Outcome::Partial { .. } | Outcome::Failed { .. } | Outcome::MergeFailed { .. } | Outcome::Interrupted
            );
            Notice::EpicEnded { epic: epic(1), outcome, branch: branch.clone().filter(|_| kept) }
        })
        .collect();
    ends.push(Notice::Validated { pass: true, findings: vec![], round: 1 });
    ends.push(Notice::Validated { pass: false, findings: texts(&["the menu is empty"]), round: 2 });
    ends.extend(judgements());
    let stops = [
        (Stop::Graceful, StopReason::Asked),
        (Stop::Now, StopReason::Asked),
        (Stop::Graceful, StopReason::LoopTimeout(7_200_000)),
        (Stop::Graceful, StopReason::Outage("overloaded".to_owned())),
        (Stop::Graceful, StopReason::Environment("the disk is full".to_owned())),
        (Stop::Graceful, StopReason::Disk { free_mib: 12 }),
        (Stop::Graceful, StopReason::Budget(SPENT)),
    ];
    ends.extend([true, false].map(|paused| Notice::Paused { paused }));
    let reason = "usage limit reached, resets at 3pm".to_owned();
    ends.push(Notice::Parked { backend: "claude".to_owned(), delay_ms: 5_400_000, reason });
    ends.extend(stops.map(|(how, reason)| Notice::Stopping { how, reason, n_jobs: 2 }));
    ends.extend(run_ends().map(|end| Notice::RunEnded { end }));
    ends
}

fn judgements() -> Vec<Notice> {
    let reason = "the session was silent for 900 s".to_owned();
    vec![
        Notice::Planned { epic: epic(1), missing: None },
        Notice::Planned { epic: epic(1), missing: Some("the planner left no plan".to_owned()) },
        Notice::EpicValidated { epic: epic(1), pass: true, findings: vec![] },
        Notice::EpicValidated { epic: epic(1), pass: false, findings: texts(&["a-2, criterion 1 does not hold"]) },
        Notice::NotValidated { epic: epic(1), reason },
        Notice::PutBack { epic: epic(1), saved: texts(&["refs/ralph/backup/r1/epic-001/1"]) },
    ]
}

pub fn run_ends() -> [RunEnd; 5] {
    [
        RunEnd::Judged { pass: true },
        RunEnd::Judged { pass: false },
        RunEnd::Limit { reason: "the run took 2h".to_owned() },
        RunEnd::Interrupted,
        RunEnd::Environment { reason: "the disk is full".to_owned() },
    ]
}

/// Every activity.
pub fn activities() -> Vec<Activity> {
    let of = |activity: Activity| match activity {
        // Lists every variant, so that a new one breaks the build here.
        Activity::Identified(_)
        | Activity::Text(_)
        | Activity::ToolStarted { .. }
        | Activity::ToolEnded { .. }
        | Activity::SubAgentStarted { .. }
        | Activity::SubAgentProgress { .. }
        | Activity::SubAgentEnded { .. }
        | Activity::Retrying { .. } => activity,
    };
    [
        Activity::Text("I begin with the login page.".to_owned()),
        Activity::Identified(SessionId::new("5e55-10").expect("an id")),
        Activity::ToolStarted { by: None, name: "Edit".to_owned(), summary: "src/login.rs".to_owned() },
        Activity::ToolEnded { by: None, failed: false, summary: "ok".to_owned() },
        Activity::ToolEnded { by: None, failed: true, summary: "no such file".to_owned() },
        Activity::SubAgentStarted {
            id: "1".to_owned(),
            parent: None,
            name: "builder".to_owned(),
            summary: "US-001".to_owned(),
        },
        Activity::SubAgentProgress {
            id: "1".to_owned(),
            summary: "reads src/login.rs".to_owned(),
            tokens: Some(1_200),
        },
        Activity::SubAgentEnded { id: "1".to_owned(), name: "builder".to_owned(), failed: false },
        Activity::SubAgentEnded { id: "2".to_owned(), name: "builder".to_owned(), failed: true },
        Activity::Retrying { reason: "overloaded".to_owned(), delay_ms: Some(30_000) },
    ]
    .map(of)
    .to_vec()
}

/// A short run, as the sinks are told of it: times and notices.
pub fn short_run() -> Vec<(u64, Notice)> {
    let notices = notices();
    let first = |wanted: &str| notices.iter().find(|n| name(n) == wanted).expect("there is one of each").clone();
    vec![
        (0, first("run-began")),
        (1_000, first("opened")),
        (1_000, first("preparing")),
        (4_000, first("session-started")),
        (84_000, first("session-ended")),
        (85_000, first("story-checked")),
        (97_000, Notice::GateRan { scope: scope(1), on_candidate: false, outcome: gate(GateEnd::Exited(101)) }),
        (98_000, first("merged")),
        (140_000, first("run-ended")),
    ]
}
