//! What the end of a Copilot session means, by what can be done about it.

use super::super::Ended;
use super::super::text::{LINE_MAX, one_line};
use crate::scheduler::event::{FailureKind, SessionFailure};

/// An error of the session, as Copilot states it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ErrorSeen {
    /// `authentication`, `rate_limit`, `query`, ...
    pub kind: String,
    /// The provider's status of HTTP, if it answered.
    pub status: Option<u16>,
    pub message: String,
}

/// What is known at the end.
#[derive(Debug)]
pub(super) struct Evidence<'a> {
    /// The exit code that the last line states, if there was such a line.
    pub result: Option<i32>,
    /// Why it was ended from outside.
    pub aborted: Option<&'a str>,
    /// The last error after which the model said nothing more.
    pub error: Option<&'a ErrorSeen>,
    /// Whether anything was printed that belongs to a session.
    pub began: bool,
    /// How the program ended.
    pub ended: &'a Ended,
    /// Lines that were not JSON and the last lines of standard error.
    pub complaint: &'a str,
}

/// Why the session did not end as it should; `None`: it did.
pub(super) fn failure(evidence: &Evidence<'_>) -> Option<SessionFailure> {
    let ended = evidence.ended;
    let good = ended.code == Some(0) && ended.signal.is_none();
    let (kind, detail) = match (&ended.failed_to_start, evidence.aborted, evidence.result) {
        (Some(reason), _, _) => (FailureKind::Unusable, format!("Copilot could not be started: {reason}")),
        // It exits 0 after a signal, and may state 0 in its last line too.
        (None, Some(reason), _) => {
            (FailureKind::Crashed, format!("it was interrupted: {} ({})", one_line(reason, LINE_MAX), end(ended)))
        }
        (None, None, Some(0)) if good => return None,
        (None, None, Some(0)) => (FailureKind::Crashed, format!("it reported success, but {}", end(ended))),
        (None, None, Some(_) | None) => match evidence.error {
            Some(error) => (kind_of(error), format!("{} ({})", one_line(&error.message, LINE_MAX), end(ended))),
            None => without_reason(evidence),
        },
    };
    Some(SessionFailure { kind, detail })
}

/// Whether Copilot says that it does not know the conversation that it should go on with.
pub(super) fn conversation_is_lost(evidence: &Evidence<'_>) -> bool {
    !evidence.began && evidence.complaint.contains("No session") && evidence.complaint.contains(" matched ")
}

fn kind_of(error: &ErrorSeen) -> FailureKind {
    match (error.kind.as_str(), error.status) {
        ("authentication" | "authorization", _) | (_, Some(401..=404)) => FailureKind::Unusable,
        ("rate_limit", _) | (_, Some(408 | 409 | 425 | 429 | 500..)) => FailureKind::Provider,
        // Above all a conversation that became too long for the model.
        (_, Some(_)) => FailureKind::Crashed,
        (_, None) if says(&error.message, &OUTAGE) => FailureKind::Provider,
        (_, None) => FailureKind::Crashed,
    }
}

/// What passes, in the words of errors without a status.
const OUTAGE: [&str; 6] = [
    "Could not connect",
    "Failed to get response from the AI model",
    "fetch failed",
    "timed out",
    "ECONN",
    "rate limit",
];

fn without_reason(evidence: &Evidence<'_>) -> (FailureKind, String) {
    let complaint = evidence.complaint.lines().map(|line| one_line(line, LINE_MAX)).find(|line| !line.is_empty());
    let what = if evidence.result.is_some() { "it says not why" } else { "no result" };
    let detail = match &complaint {
        Some(complaint) => format!("{what}, {}: {complaint}", end(evidence.ended)),
        None => format!("{what}, {}", end(evidence.ended)),
    };
    // What it says about its sign-in and its command line stands on standard error, before anything else was printed.
    let kind = match evidence.ended.code {
        Some(126 | 127) => FailureKind::Unusable,
        Some(1) if !evidence.began && says(evidence.complaint, &UNUSABLE) => FailureKind::Unusable,
        Some(1) if !evidence.began && says(evidence.complaint, &OUTAGE) => FailureKind::Provider,
        Some(_) | None => FailureKind::Crashed,
    };
    (kind, detail)
}

/// What Copilot says when it cannot work with what it was given, whoever asks and however often.
const UNUSABLE: [&str; 10] = [
    "No authentication information found",
    "Offline mode requires a local model provider",
    "BYOK providers require an explicit model",
    "No such agent",
    "No prompt provided",
    "error: Invalid",
    "error: invalid value",
    "error: unexpected argument",
    "Invalid JSON",
    "is not a valid UUID",
];

fn says(text: &str, phrases: &[&str]) -> bool {
    phrases.iter().any(|phrase| text.contains(phrase))
}

fn end(ended: &Ended) -> String {
    match (ended.signal, ended.code) {
        (Some(signal), _) => format!("killed by signal {signal}"),
        (None, Some(code)) => format!("exit code {code}"),
        (None, None) => "ended in an unknown way".to_owned(),
    }
}
