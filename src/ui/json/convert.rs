//! Notices and activities -> lines, field by field: renaming something in the program cannot change the format unnoticed.

use super::delegation;
use super::line::{self, What};
use crate::domain::activity::Activity;
use crate::domain::budget::Spent;
use crate::domain::gate::{GateEnd, GateOutcome};
use crate::domain::note::NoteKind;
use crate::domain::outcome::{Outcome, RunEnd, StoryProof};
use crate::domain::role::Role;
use crate::domain::usage::Usage;
use crate::scheduler::command::Finding;
use crate::scheduler::event::{FailureKind, SessionFailure, Sign, Stop};
use crate::scheduler::notice::{Limit, StopReason};
use crate::scheduler::{Notice, RunView, Scope};
use crate::ui::phrases;
use crate::ui::safe;

/// The longest text in a field, in characters; of longer ones the end is kept.
const TEXT_MAX: usize = 8_000;

/// The line for a notice; `view` is the run right after it.
pub fn notice(notice: &Notice, view: &RunView) -> What {
    match notice {
        Notice::RunBegan { n_epics, n_waves, slots, .. } => run_began(view, *n_epics, *n_waves, *slots),
        Notice::RunResumed { run, n_jobs } => What::RunResumed { run: run.to_string(), jobs: *n_jobs },
        Notice::Opened { red, n_gates } => {
            What::Opened { loop_branch: view.run.loop_branch(), gates: *n_gates, red: red.iter().map(gate).collect() }
        }
        Notice::Preparing { scope } => What::Preparing { scope: who(scope) },
        Notice::SessionStarted { scope, role: of, attempt, fix_cycle, continued } => {
            let (scope, role, attempt) = (who(scope), role(*of), *attempt);
            What::SessionStarted { scope, role, attempt, fix_cycle: *fix_cycle, continued: *continued }
        }
        Notice::SessionEnded { scope, role: of, failure, cut, usage: consumed, took_ms } => {
            let (failure, usage) = (failure.as_ref().map(session_failure), usage(*consumed));
            What::SessionEnded { scope: who(scope), role: role(*of), failure, stopped: *cut, usage, took_ms: *took_ms }
        }
        Notice::Delegated { session, role, story, backend, attempt, of } => {
            delegation::started(session, (*role, story.as_ref()), backend, *attempt, *of)
        }
        Notice::DelegateEnded { session, role, story, how, usage, took_ms } => {
            delegation::ended(session, (*role, story.as_ref()), how, *usage, *took_ms)
        }
        Notice::DelegateRefused { scope, role, story, reason } => {
            delegation::refused(scope, (*role, story.as_ref()), reason)
        }
        Notice::TimedOut { scope, role: of, limit, last } => timed_out(scope, *of, *limit, *last),
        Notice::Noted { scope, note } => {
            What::Noted { scope: who(scope), kind: note_kind(note.kind), text: text(&note.text) }
        }
        Notice::LeftoversCommitted { scope, files } => {
            What::LeftoversCommitted { scope: who(scope), files: texts(files) }
        }
        Notice::StoryChecked { scope, proof } => story_checked(scope, proof),
        Notice::GateRan { scope, on_candidate, outcome } => {
            What::GateRan { scope: who(scope), on_candidate: *on_candidate, gate: gate(outcome) }
        }
        Notice::Retrying { scope, attempt, of, reason, delay_ms } => {
            What::Retrying { scope: who(scope), attempt: *attempt, of: *of, reason: text(reason), delay_ms: *delay_ms }
        }
        Notice::FixCycle { scope, cycle, of, findings } => {
            let findings = findings.iter().map(finding).collect();
            What::FixCycle { scope: who(scope), cycle: *cycle, of: *of, findings }
        }
        Notice::Queued { scope, ahead } => What::Queued { scope: who(scope), ahead: *ahead },
        Notice::Conflict { scope, files, round, of } => {
            What::Conflict { scope: who(scope), files: texts(files), round: *round, of: *of }
        }
        Notice::Merged { scope, commit } => {
            What::Merged { scope: who(scope), commit: commit.to_string(), loop_branch: view.run.loop_branch() }
        }
        Notice::EpicEnded { epic, outcome, branch } => epic_ended(epic.as_str(), outcome, branch.as_deref()),
        Notice::Validated { pass, findings, round } => {
            What::Validated { pass: *pass, findings: texts(findings), round: *round }
        }
        Notice::Planned { epic, missing } => {
            What::Planned { epic: text(epic.as_str()), missing: missing.as_deref().map(text) }
        }
        Notice::EpicValidated { epic, pass, findings } => {
            What::EpicValidated { epic: text(epic.as_str()), pass: *pass, findings: texts(findings) }
        }
        Notice::NotValidated { epic, reason } => What::NotValidated { epic: text(epic.as_str()), reason: text(reason) },
        Notice::PutBack { epic, saved } => What::PutBack { epic: text(epic.as_str()), saved: texts(saved) },
        Notice::WorktreeKept { scope, reason } => What::WorktreeKept { scope: who(scope), reason: text(reason) },
        Notice::Meddled { scope, ran, changes } => meddled(scope, ran, changes),
        Notice::Trouble { scope, what } => What::Trouble { scope: who(scope), what: text(what) },
        Notice::Paused { paused } => What::Paused { paused: *paused },
        Notice::Parked { backend, delay_ms, reason } => {
            What::Parked { backend: text(backend), delay_ms: *delay_ms, reason: text(reason) }
        }
        Notice::EpicHeld { epic } => What::EpicHeld { epic: text(epic.as_str()) },
        Notice::EpicReleased { epic } => What::EpicReleased { epic: text(epic.as_str()) },
        Notice::EpicResetting { epic } => What::EpicResetting { epic: text(epic.as_str()) },
        Notice::EpicReset { epic, saved } => What::EpicReset { epic: text(epic.as_str()), saved: texts(saved) },
        Notice::DiskLow { free_mib } => What::DiskLow { free_mib: *free_mib },
        Notice::DiskOk => What::DiskOk {},
        Notice::Budget { spent } => budget(*spent),
        Notice::Stopping { how, reason, n_jobs } => stopping(*how, reason, *n_jobs),
        Notice::RunEnded { end } => run_ended(end, view),
    }
}

fn budget(spent: Spent) -> What {
    let (limit, used, of) = match spent {
        Spent::Cost { used, limit } => (line::BudgetLimit::Cost, used, limit),
        Spent::Tokens { used, limit } => (line::BudgetLimit::Tokens, used, limit),
    };
    What::Budget { limit, used, of, percent: spent.percent(), used_up: spent.is_used_up() }
}

fn timed_out(scope: &Scope, of: Role, limit: Limit, last: Sign) -> What {
    let (limit, limit_ms, turns) = match limit {
        Limit::Life(ms) => (line::Limit::Life, Some(ms), None),
        Limit::Silence(ms) => (line::Limit::Silence, Some(ms), None),
        Limit::Repeats(turns) => (line::Limit::Repeats, None, Some(turns)),
    };
    let last_sign = match last {
        Sign::Output => line::Sign::Output,
        Sign::Tool => line::Sign::Tool,
        Sign::Processes => line::Sign::Processes,
        Sign::Worktree => line::Sign::Worktree,
    };
    What::TimedOut { scope: who(scope), role: role(of), limit, limit_ms, turns, last_sign }
}

fn meddled(scope: &Scope, ran: &[(Scope, Role)], changes: &[String]) -> What {
    let ran = ran.iter().map(|(scope, of)| line::Ran { scope: who(scope), role: role(*of) }).collect();
    What::Meddled { scope: who(scope), ran, changes: texts(changes) }
}

/// The line for an activity.
pub fn activity(scope: &Scope, activity: &Activity) -> What {
    use line::ActivityKind as Kind;
    let (kind, name, said, delay_ms) = match activity {
        Activity::Identified(session) => (Kind::Identified, None, session.as_str(), None),
        Activity::Text(said) => (Kind::Text, None, said.as_str(), None),
        Activity::ToolStarted { name, summary, .. } => (Kind::ToolStarted, Some(name), summary.as_str(), None),
        Activity::ToolEnded { failed: false, summary, .. } => (Kind::ToolEnded, None, summary.as_str(), None),
        Activity::ToolEnded { failed: true, summary, .. } => (Kind::ToolFailed, None, summary.as_str(), None),
        Activity::SubAgentStarted { name, summary, .. } => (Kind::SubAgentStarted, Some(name), summary.as_str(), None),
        Activity::SubAgentProgress { summary, .. } => (Kind::SubAgentProgress, None, summary.as_str(), None),
        Activity::SubAgentEnded { name, failed: false, .. } => (Kind::SubAgentEnded, Some(name), "", None),
        Activity::SubAgentEnded { name, failed: true, .. } => (Kind::SubAgentFailed, Some(name), "", None),
        Activity::Retrying { reason, delay_ms } => (Kind::Retrying, None, reason.as_str(), *delay_ms),
    };
    What::Activity { scope: who(scope), kind, name: name.map(|name| text(name)), text: text(said), delay_ms }
}

fn story_checked(scope: &Scope, proof: &StoryProof) -> What {
    What::StoryChecked {
        scope: who(scope),
        story: text(proof.id.as_str()),
        passes: proof.passes,
        unproven: proof.is_unproven(),
        reason: proof.fault().map(text),
        commit: proof.commit.as_ref().map(ToString::to_string),
        evidence: texts(&proof.evidence),
    }
}

fn epic_ended(epic: &str, outcome: &Outcome, branch: Option<&str>) -> What {
    let (kind, commit) = match outcome {
        Outcome::AlreadyCompleted => (line::Outcome::AlreadyCompleted, None),
        Outcome::Merged { commit } => (line::Outcome::Merged, Some(commit.to_string())),
        Outcome::Partial { .. } => (line::Outcome::Partial, None),
        Outcome::Failed { .. } => (line::Outcome::Failed, None),
        Outcome::MergeFailed { .. } => (line::Outcome::MergeFailed, None),
        Outcome::Blocked { .. } => (line::Outcome::Blocked, None),
        Outcome::LeftOut => (line::Outcome::LeftOut, None),
        Outcome::Interrupted => (line::Outcome::Interrupted, None),
    };
    let blocked_by = match outcome {
        Outcome::Blocked { by } => by.iter().map(|id| text(id.as_str())).collect(),
        Outcome::AlreadyCompleted
        | Outcome::Merged { .. }
        | Outcome::Partial { .. }
        | Outcome::Failed { .. }
        | Outcome::MergeFailed { .. }
        | Outcome::LeftOut
        | Outcome::Interrupted => vec![],
    };
    What::EpicEnded {
        epic: text(epic),
        outcome: kind,
        commit,
        reason: phrases::reason(outcome).map(text),
        blocked_by,
        branch: branch.map(text),
    }
}

fn stopping(how: Stop, reason: &StopReason, n_jobs: usize) -> What {
    let how = match how {
        Stop::Graceful => line::Stop::Graceful,
        Stop::Now => line::Stop::Now,
    };
    let (reason, detail, limit_ms) = match reason {
        StopReason::Asked => (line::StopReason::Asked, None, None),
        StopReason::LoopTimeout(ms) => (line::StopReason::LoopTimeout, None, Some(*ms)),
        StopReason::Outage(what) => (line::StopReason::Outage, Some(text(what)), None),
        StopReason::Budget(spent) => (line::StopReason::Budget, Some(spent.to_string()), None),
        StopReason::Disk { free_mib } => (line::StopReason::Disk, Some(format!("{free_mib} MiB free")), None),
        StopReason::Environment(what) => (line::StopReason::Environment, Some(text(what)), None),
    };
    What::Stopping { how, reason, detail, limit_ms, jobs: n_jobs }
}

fn run_ended(end: &RunEnd, view: &RunView) -> What {
    let (kind, pass, reason) = match end {
        RunEnd::Judged { pass } => (line::End::Judged, Some(*pass), None),
        RunEnd::Limit { reason } => (line::End::Limit, None, Some(text(reason))),
        RunEnd::Interrupted => (line::End::Interrupted, None, None),
        RunEnd::Environment { reason } => (line::End::Environment, None, Some(text(reason))),
    };
    let merged = phrases::n_merged(view);
    What::RunEnded { end: kind, pass, reason, epics: view.epics.len(), merged, usage: usage(view.usage) }
}

fn gate(gate: &GateOutcome) -> line::Gate {
    let (exit_code, signal, timed_out) = match gate.end {
        GateEnd::Exited(code) => (Some(code), None, false),
        GateEnd::Killed(signal) => (None, Some(signal), false),
        GateEnd::TimedOut => (None, None, true),
    };
    line::Gate {
        name: text(&gate.name),
        command: text(&gate.command),
        green: gate.green(),
        exit_code,
        signal,
        timed_out,
        took_ms: gate.took_ms,
        log: text(&gate.log),
        log_digest: text(&gate.log_digest),
        tail: text(&gate.tail),
    }
}

fn finding(finding: &Finding) -> line::Finding {
    use line::FindingKind as Kind;
    let red = |gate: &GateOutcome| format!("{}: {}", gate.name, phrases::gate_end(gate));
    let (kind, story, what) = match finding {
        Finding::GateRed(gate) => (Kind::GateRed, None, red(gate)),
        Finding::GateRedMerged(gate) => (Kind::GateRedMerged, None, red(gate)),
        Finding::Story { id, reason } => (Kind::Story, Some(text(id.as_str())), reason.clone()),
        Finding::Report(what) => (Kind::Report, None, what.clone()),
        Finding::Violation(what) => (Kind::Violation, None, what.clone()),
        Finding::Session(what) => (Kind::Session, None, what.clone()),
        Finding::Validation(what) => (Kind::Validation, None, what.clone()),
    };
    line::Finding { kind, story, text: text(&what) }
}

fn session_failure(failure: &SessionFailure) -> line::SessionFailure {
    let kind = match failure.kind {
        FailureKind::Crashed => line::FailureKind::Crashed,
        FailureKind::Overloaded => line::FailureKind::Overloaded,
        FailureKind::RateLimited => line::FailureKind::RateLimited,
        FailureKind::UsageLimit => line::FailureKind::UsageLimit,
        FailureKind::Offline => line::FailureKind::Offline,
        FailureKind::SignIn => line::FailureKind::SignIn,
        FailureKind::Billing => line::FailureKind::Billing,
        FailureKind::TooLong => line::FailureKind::TooLong,
        FailureKind::Refused => line::FailureKind::Refused,
        FailureKind::Unusable => line::FailureKind::Unusable,
    };
    line::SessionFailure { kind, detail: text(&failure.detail), rest_ms: failure.rest_ms }
}

fn run_began(view: &RunView, epics: usize, waves: usize, slots: u32) -> What {
    let (run, project, base) = (view.run.to_string(), text(&view.project), view.base.to_string());
    What::RunBegan { run, project, epics, waves, slots, base, loop_branch: view.run.loop_branch() }
}

pub(super) fn who(scope: &Scope) -> line::Scope {
    match scope {
        Scope::Run => line::Scope::Run,
        Scope::Epic(id) => line::Scope::Epic { id: text(id.as_str()) },
        Scope::Fix(round) => line::Scope::Fix { round: *round },
    }
}

fn note_kind(kind: NoteKind) -> line::NoteKind {
    match kind {
        NoteKind::Decision => line::NoteKind::Decision,
        NoteKind::Discovery => line::NoteKind::Discovery,
        NoteKind::Convention => line::NoteKind::Convention,
    }
}

pub(super) fn role(role: Role) -> line::Role {
    match role {
        Role::TeamLead => line::Role::TeamLead,
        Role::EpicPlanner => line::Role::EpicPlanner,
        Role::StoryPlanner => line::Role::StoryPlanner,
        Role::Builder => line::Role::Builder,
        Role::StoryValidator => line::Role::StoryValidator,
        Role::EpicValidator => line::Role::EpicValidator,
        Role::Resolver => line::Role::Resolver,
        Role::FinalValidator => line::Role::FinalValidator,
    }
}

/// Consumption; what nobody knows is null.
pub fn usage(usage: Usage) -> line::Usage {
    let tokens = |n: u64| usage.knows_tokens().then_some(n);
    line::Usage {
        input_tokens: tokens(usage.input_tokens),
        cached_tokens: tokens(usage.cached_tokens),
        output_tokens: tokens(usage.output_tokens),
        reasoning_tokens: tokens(usage.reasoning_tokens),
        cost_microdollars: usage.knows_cost().then_some(usage.cost_microdollars),
        unpriced_sessions: usage.unpriced_sessions,
        uncounted_sessions: usage.uncounted_sessions,
    }
}

pub(super) fn text(text: &str) -> String {
    safe::block(text, TEXT_MAX)
}

fn texts(texts: &[String]) -> Vec<String> {
    texts.iter().map(|one| text(one)).collect()
}
