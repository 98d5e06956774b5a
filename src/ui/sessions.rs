//! What people are told of sessions: how they start, end, and are stopped.

use super::phrases::consumed_in_short;
use super::safe::short;
use super::text::{Tone, Words, neutral};
use super::units::duration;
use crate::domain::usage::Usage;
use crate::scheduler::Role;
use crate::scheduler::event::{FailureKind, SessionFailure, Sign};
use crate::scheduler::notice::Limit;

pub(super) fn session_started(role: Role, attempt: u32, fix_cycle: u32, continued: bool) -> String {
    let what = match (attempt, fix_cycle) {
        (0 | 1, 0) => "starts".to_owned(),
        (attempt, 0) => format!("starts, attempt {attempt}"),
        (0 | 1, cycle) => format!("starts, fix round {cycle}"),
        (attempt, cycle) => format!("starts, fix round {cycle}, attempt {attempt}"),
    };
    format!("{} {what}{}", role.name(), if continued { ", in its earlier conversation" } else { "" })
}

/// `after 5m (12.3k tokens, $0.42)`.
pub(super) fn after(usage: Usage, took_ms: u64) -> String {
    let consumed = consumed_in_short(usage).map(|consumed| format!(" ({consumed})"));
    format!("after {}{}", duration(took_ms), consumed.unwrap_or_default())
}

pub(super) fn session_ended(role: Role, failure: Option<&SessionFailure>, usage: Usage, took_ms: u64) -> Words {
    let after = after(usage, took_ms);
    let Some(failure) = failure else {
        let next = match role {
            Role::TeamLead => "its work is checked now",
            Role::Resolver => "the worktree is checked now",
            Role::EpicPlanner => "its plan is read now",
            Role::StoryPlanner | Role::Builder | Role::StoryValidator => "its lead goes on now",
            Role::EpicValidator | Role::FinalValidator => "its report is read now",
        };
        return neutral(format!("{} ended {after}; {next}", role.name()));
    };
    let how = match failure.kind {
        FailureKind::Crashed => "crashed",
        FailureKind::Overloaded => "got an error from its provider",
        FailureKind::RateLimited => "was slowed down by its provider",
        FailureKind::UsageLimit => "used up what its account may use",
        FailureKind::Offline => "cannot reach its provider",
        FailureKind::SignIn => "is not signed in",
        FailureKind::Billing => "cannot be paid for",
        FailureKind::TooLong => "has more to read than the model can take",
        FailureKind::Unusable => "cannot work at all",
        FailureKind::Refused => "gave up or reached a limit of its own",
    };
    let (role, detail) = (role.name(), short(&failure.detail));
    let line = match failure.kind {
        FailureKind::Unusable => {
            format!("{role} {how}: {detail}; check that the agent program is installed and its options are right")
        }
        FailureKind::SignIn => format!("{role} {how}: {detail}; sign in with the agent program, then resume"),
        FailureKind::Billing => format!("{role} {how}: {detail}; put the account in order, then resume"),
        FailureKind::Crashed
        | FailureKind::Overloaded
        | FailureKind::RateLimited
        | FailureKind::UsageLimit
        | FailureKind::Offline
        | FailureKind::TooLong
        | FailureKind::Refused => format!("{role} {how} {after}: {detail}"),
    };
    (Tone::Bad, line, vec![])
}

pub(super) fn timed_out(role: Role, limit: Limit, last: Sign) -> String {
    let role = role.name();
    match limit {
        Limit::Life(ms) => format!("{role} is stopped: it ran for {}, its limit (timeouts.epicTimeout)", duration(ms)),
        Limit::Silence(ms) => {
            let last = match last {
                Sign::Output => "a line of output",
                Sign::Tool => "a call of a tool",
                Sign::Processes => "a process of its own at work",
                Sign::Worktree => "a change in its worktree",
            };
            let silence = duration(ms);
            format!(
                "{role} is stopped: no sign of life for {silence}, its limit (timeouts.idleTimeout); the last was {last}"
            )
        }
        Limit::Repeats(turns) => format!(
            "{role} is stopped: it made the same calls {turns} times and changed nothing (execution.stagnationTurns)"
        ),
    }
}
