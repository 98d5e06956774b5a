//! What the end of a Codex session means, by what can be done about it. Codex states neither a status nor a word for what
//! went wrong, only sentences, so sentences are what is judged.

use super::super::Ended;
use super::super::text::{LINE_MAX, one_line};
use crate::scheduler::event::{FailureKind, SessionFailure};

/// Where the last turn stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) enum Turn {
    /// None began.
    #[default]
    None,
    /// It goes on.
    Running,
    /// It is done.
    Completed,
    /// It failed for this reason.
    Failed(String),
}

/// What is known at the end.
#[derive(Debug)]
pub(super) struct Evidence<'a> {
    /// The last turn.
    pub turn: &'a Turn,
    /// Whether the model said or did anything.
    pub answered: bool,
    /// How the program ended.
    pub ended: &'a Ended,
    /// Lines that were not JSON and the last lines of standard error, where also good sessions complain.
    pub complaint: &'a str,
}

/// Why the session did not end as it should; `None`: it did.
pub(super) fn failure(evidence: &Evidence<'_>) -> Option<SessionFailure> {
    let ended = evidence.ended;
    let (kind, detail) = match (&ended.failed_to_start, evidence.turn) {
        (Some(reason), _) => (FailureKind::Unusable, format!("Codex could not be started: {reason}")),
        (None, Turn::Failed(reason)) => (kind_of(reason), format!("{} ({})", one_line(reason, LINE_MAX), end(ended))),
        (None, Turn::Completed) if ended.code != Some(0) || ended.signal.is_some() => {
            (FailureKind::Crashed, format!("its turn was completed, but {}", end(ended)))
        }
        // A refusal leaves no other trace than a turn without a word.
        (None, Turn::Completed) if !evidence.answered => {
            (FailureKind::Refused, "the model answered nothing at all, as it does when it refuses".to_owned())
        }
        (None, Turn::Completed) => return None,
        (None, Turn::None | Turn::Running) => without_end(evidence),
    };
    Some(SessionFailure { kind, detail })
}

/// Whether Codex says that it does not know the conversation that it should go on with.
pub(super) fn conversation_is_lost(evidence: &Evidence<'_>) -> bool {
    *evidence.turn == Turn::None
        && ["no rollout found for thread", "thread/resume failed"].iter().any(|said| evidence.complaint.contains(said))
}

fn kind_of(reason: &str) -> FailureKind {
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| reason.contains(phrase));
    if says(&["content_filter", "was flagged"]) {
        FailureKind::Refused
    } else if says(&UNUSABLE) {
        FailureKind::Unusable
    } else if says(&OUTAGE) {
        FailureKind::Provider
    } else {
        match status(reason) {
            Some(401..=404) => FailureKind::Unusable,
            Some(408 | 409 | 425 | 429 | 500..) => FailureKind::Provider,
            // Also a conversation that became too long for the model, or an answer that was cut off.
            Some(_) | None => FailureKind::Crashed,
        }
    }
}

/// What no further try mends: the sign-in, the money, the name of the model.
const UNUSABLE: [&str; 7] = [
    "Missing environment variable",
    "codex login",
    "Quota exceeded",
    "insufficient_quota",
    "does not exist",
    "model is not supported",
    "Your access token could not be refreshed",
];

/// What passes.
const OUTAGE: [&str; 9] = [
    "high demand",
    "at capacity",
    "overloaded",
    "usage limit",
    "Connection failed",
    "error sending request",
    "stream disconnected",
    "timed out",
    "timeout",
];

/// The status of HTTP that a sentence names: `unexpected status 503 ...`, `last status: 429 ...`.
fn status(reason: &str) -> Option<u16> {
    let mut after = reason.split("status").skip(1).map(|text| text.trim_start_matches([':', ' ']));
    after.find_map(|text| text.get(..3)?.parse().ok())
}

fn without_end(evidence: &Evidence<'_>) -> (FailureKind, String) {
    let complaint = reason_in(evidence.complaint);
    let what = if *evidence.turn == Turn::None { "no turn began" } else { "its turn was not completed" };
    let detail = match &complaint {
        Some(complaint) => format!("{what}, {}: {complaint}", end(evidence.ended)),
        None => format!("{what}, {}", end(evidence.ended)),
    };
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| evidence.complaint.contains(phrase));
    let never = match evidence.ended.code {
        // 2: an option that it does not know.
        Some(2 | 126 | 127) => true,
        Some(1) => {
            says(&["Error loading config", "No prompt provided", "Not inside a trusted directory", "codex login"])
        }
        Some(_) | None => false,
    };
    (if never && *evidence.turn == Turn::None { FailureKind::Unusable } else { FailureKind::Crashed }, detail)
}

/// The line of a complaint that tells most: the first that calls itself an error, with the one after it when it ends in a
/// colon; else the last. What it always says is no complaint.
fn reason_in(complaint: &str) -> Option<String> {
    let lines: Vec<&str> = complaint.lines().map(str::trim).filter(|line| !line.is_empty() && !USUAL(line)).collect();
    let place = lines.iter().position(|line| line.to_ascii_lowercase().starts_with("error"));
    let told = match place {
        Some(place) if lines[place].ends_with(':') => {
            lines[place..].iter().take(2).copied().collect::<Vec<_>>().join(" ")
        }
        Some(place) => lines[place].to_owned(),
        None => (*lines.last()?).to_owned(),
    };
    Some(one_line(&told, LINE_MAX))
}

/// What it says in good sessions too.
const USUAL: fn(&str) -> bool =
    |line| line.starts_with("Reading ") && line.ends_with(" from stdin...") || line.starts_with("WARNING: ");

fn end(ended: &Ended) -> String {
    match (ended.signal, ended.code) {
        (Some(signal), _) => format!("killed by signal {signal}"),
        (None, Some(code)) => format!("exit code {code}"),
        (None, None) => "ended in an unknown way".to_owned(),
    }
}
