//! Pieces of sentences that several texts share. Safe to show, where not said otherwise.

use super::safe::{self, short};
use super::text::Tone;
use super::units::{count, duration, money, tokens};
use crate::domain::activity::Activity;
use crate::domain::gate::{GateEnd, GateOutcome};
use crate::domain::id::EpicId;
use crate::domain::outcome::{Outcome, RunEnd};
use crate::domain::usage::Usage;
use crate::scheduler::command::Finding;
use crate::scheduler::view::TrackState;
use crate::scheduler::{RunView, Scope};

/// Names in a list before the rest is only counted.
const LIST_MAX: usize = 3;
/// Findings that are shown one by one before the rest is only counted.
const FINDINGS_MAX: usize = 10;

/// The name of a scope, safe to show.
#[must_use]
pub fn who(scope: &Scope) -> String {
    safe::line(&scope.to_string(), 40)
}

/// `12.3k tokens, $0.42`, or with unknown parts `at least 12.3k tokens, at least $0.42, 1 session's cost is not known`;
/// nothing when it is known that nothing was consumed.
#[must_use]
pub fn consumed(usage: Usage) -> Option<String> {
    let unpriced = match usage.unpriced_sessions {
        0 => String::new(),
        _ if !usage.knows_cost() => String::new(),
        1 => ", 1 session's cost is not known".to_owned(),
        n => format!(", the cost of {n} sessions is not known"),
    };
    consumed_in_short(usage).map(|consumed| consumed + &unpriced)
}

/// The same without how many sessions nobody knows.
#[must_use]
pub fn consumed_in_short(usage: Usage) -> Option<String> {
    if !usage.knows_tokens() && !usage.knows_cost() {
        return Some("tokens and cost not known".to_owned());
    }
    let parts: Vec<String> = tokens_of(usage).into_iter().chain(cost(usage)).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Tokens as far as they are known: `12.3k tokens`, `at least 12.3k tokens`, `tokens not known`; nothing when it is known that
/// there were none.
#[must_use]
pub fn tokens_of(usage: Usage) -> Option<String> {
    match (usage.tokens(), usage.uncounted_sessions) {
        (0, 0) => None,
        (0, _) => Some("tokens not known".to_owned()),
        (n, 0) => Some(format!("{} tokens", tokens(n))),
        (n, _) => Some(format!("at least {} tokens", tokens(n))),
    }
}

/// Money as far as it is known: `$0.42`, `at least $0.42`, `cost not known`; nothing when it is known that nothing was consumed.
#[must_use]
pub fn cost(usage: Usage) -> Option<String> {
    match (usage.cost_microdollars, usage.unpriced_sessions) {
        _ if usage.is_nothing() => None,
        (0, 1..) => Some("cost not known".to_owned()),
        (cost, 0) => Some(money(cost)),
        (cost, _) => Some(format!("at least {}", money(cost))),
    }
}

/// The same for a narrow column: `$0.42`, `$0.42+`, `$?`; nothing when it is known to have cost nothing.
#[must_use]
pub fn cost_cell(usage: Usage) -> Option<String> {
    match (usage.cost_microdollars, usage.unpriced_sessions) {
        (0, 0) => None,
        (0, _) => Some("$?".to_owned()),
        (cost, 0) => Some(money(cost)),
        (cost, _) => Some(format!("{}+", money(cost))),
    }
}

/// How a gate ended, in words.
#[must_use]
pub fn gate_end(gate: &GateOutcome) -> String {
    match gate.end {
        GateEnd::Exited(code) if gate.unrunnable() => {
            format!("exit code {code}, the shell could not start `{}`", short(&gate.command))
        }
        GateEnd::Exited(code) => format!("exit code {code}"),
        GateEnd::Killed(signal) => format!("killed by signal {signal}"),
        GateEnd::TimedOut => "it took longer than its limit".to_owned(),
    }
}

/// A finding in one line, safe to show.
#[must_use]
pub fn finding(finding: &Finding) -> String {
    match finding {
        Finding::GateRed(gate) => format!("gate {} is red: {}", short(&gate.name), gate_end(gate)),
        Finding::GateRedMerged(gate) => {
            format!("gate {} is red once merged with the others: {}", short(&gate.name), gate_end(gate))
        }
        Finding::Story { id, reason } => format!("story {}: {}", short(id.as_str()), short(reason)),
        Finding::Report(what) => format!("report: {}", short(what)),
        Finding::Violation(what) => format!("rule broken: {}", short(what)),
        Finding::Session(what) => format!("the session before: {}", short(what)),
        Finding::Validation(what) => format!("final validator: {}", short(what)),
    }
}

/// How a run ended: tone and words.
#[must_use]
pub fn verdict(end: &RunEnd) -> (Tone, String) {
    match end {
        RunEnd::Judged { pass: true } => (Tone::Good, "verdict: pass".to_owned()),
        RunEnd::Judged { pass: false } => (Tone::Bad, "verdict: fail".to_owned()),
        // Where the limit is one of the number of epics, there is a verdict on those that it worked on.
        RunEnd::Limit { reason } => (Tone::Doubtful, format!("stopped by a limit: {}", short(reason))),
        RunEnd::Interrupted => (Tone::Doubtful, "no verdict yet, interrupted".to_owned()),
        RunEnd::Environment { reason } => (Tone::Bad, format!("no verdict yet, stopped: {}", short(reason))),
    }
}

/// Why an epic is not merged, where there is a reason that its name does not say already. Not made safe.
#[must_use]
pub fn reason(outcome: &Outcome) -> Option<&str> {
    match outcome {
        Outcome::Partial { reason } | Outcome::Failed { reason } | Outcome::MergeFailed { reason } => Some(reason),
        Outcome::AlreadyCompleted
        | Outcome::Merged { .. }
        | Outcome::Blocked { .. }
        | Outcome::LeftOut
        | Outcome::Interrupted => None,
    }
}

/// How many of the epics are on the loop branch or were completed before.
#[must_use]
pub fn n_merged(view: &RunView) -> usize {
    let merged =
        |state: &TrackState| matches!(state, TrackState::Done(Outcome::Merged { .. } | Outcome::AlreadyCompleted));
    view.epics.iter().filter(|track| merged(&track.state)).count()
}

/// `2 of 3 epics`: [`n_merged`] of all epics.
#[must_use]
pub fn merged_of(view: &RunView) -> String {
    format!("{} of {}", n_merged(view), count(view.epics.len(), "epic", "epics"))
}

/// What an agent does, in one line that is safe to show; `None` where there is nothing to see.
#[must_use]
pub fn activity(activity: &Activity) -> Option<String> {
    let line = match activity {
        Activity::Identified(_) | Activity::ToolEnded { failed: false, .. } => return None,
        Activity::Text(text) => text.clone(),
        Activity::ToolStarted { name, summary, .. } => format!("{name} {summary}"),
        Activity::ToolEnded { failed: true, summary, .. } => format!("tool failed: {summary}"),
        Activity::SubAgentStarted { name, summary, .. } => format!("{name} starts: {summary}"),
        Activity::SubAgentProgress { summary, .. } => summary.clone(),
        Activity::SubAgentEnded { name, failed: false, .. } => format!("{name} ended"),
        Activity::SubAgentEnded { name, failed: true, .. } => format!("{name} failed"),
        Activity::Retrying { reason, delay_ms } => {
            let when = delay_ms.map(|ms| format!(" in {}", duration(ms))).unwrap_or_default();
            format!("the provider is asked again{when}: {reason}")
        }
    };
    Some(short(&line)).filter(|line| !line.is_empty())
}

/// The id of the sub-agent that does this; `None`: the session itself, or nobody tells.
#[must_use]
pub fn by(activity: &Activity) -> Option<&str> {
    match activity {
        Activity::ToolStarted { by, .. } | Activity::ToolEnded { by, .. } => by.as_deref(),
        Activity::SubAgentStarted { id, .. }
        | Activity::SubAgentProgress { id, .. }
        | Activity::SubAgentEnded { id, .. } => Some(id),
        Activity::Identified(_) | Activity::Text(_) | Activity::Retrying { .. } => None,
    }
}

/// Epic ids in one line, safe to show.
#[must_use]
pub fn epics(ids: &[EpicId]) -> String {
    listed(&ids.iter().map(ToString::to_string).collect::<Vec<_>>())
}

/// A text of the user's in quotation marks.
#[must_use]
pub fn quoted(text: &str) -> String {
    format!("\"{}\"", safe::line(text, 80))
}

/// `1 gate is`, `2 gates are`.
#[must_use]
pub fn are(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", count(n, one, many), if n == 1 { "is" } else { "are" })
}

/// The first few names in one line, and how many more there are.
#[must_use]
pub fn listed(names: &[String]) -> String {
    let mut shown: Vec<String> = names.iter().take(LIST_MAX).map(|name| safe::line(name, 80)).collect();
    if names.len() > LIST_MAX {
        shown.push(format!("{} more", names.len() - LIST_MAX));
    }
    shown.join(", ")
}

/// The first lines, and how many more there are.
#[must_use]
pub fn bounded(lines: impl ExactSizeIterator<Item = String>) -> Vec<String> {
    let n_lines = lines.len();
    let mut shown: Vec<String> = lines.take(FINDINGS_MAX).collect();
    if n_lines > FINDINGS_MAX {
        shown.push(format!("and {} more", n_lines - FINDINGS_MAX));
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(tokens: u64, cost_microdollars: u64, uncounted_sessions: u32, unpriced_sessions: u32) -> Usage {
        Usage { output_tokens: tokens, cost_microdollars, uncounted_sessions, unpriced_sessions, ..Usage::default() }
    }

    #[test]
    fn what_nobody_knows_is_never_told_as_nothing_and_a_sum_with_it_is_a_lower_bound() {
        let cases = [
            (usage(0, 0, 0, 0), None, None),
            (usage(12_345, 420_000, 0, 0), Some("12.3k tokens, $0.42"), Some("$0.42")),
            (usage(500, 0, 0, 0), Some("500 tokens, $0.00"), None),
            (usage(500, 0, 0, 1), Some("500 tokens, cost not known"), Some("$?")),
            (usage(0, 0, 1, 1), Some("tokens and cost not known"), Some("$?")),
            (
                usage(500, 3_100_000, 1, 1),
                Some("at least 500 tokens, at least $3.10, 1 session's cost is not known"),
                Some("$3.10+"),
            ),
            (
                usage(500, 3_100_000, 0, 2),
                Some("500 tokens, at least $3.10, the cost of 2 sessions is not known"),
                Some("$3.10+"),
            ),
            (usage(0, 3_100_000, 2, 0), Some("tokens not known, $3.10"), Some("$3.10")),
        ];
        for (usage, line, cell) in cases {
            assert_eq!((consumed(usage).as_deref(), cost_cell(usage).as_deref()), (line, cell), "{usage:?}");
        }
    }
}
