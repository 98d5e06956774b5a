//! What the end of a Copilot session means, by what can be done about it.

use super::super::Ended;
use super::super::parts::{because, end};
use super::super::text::{LINE_MAX, one_line};
use super::super::trouble;
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
    let message = evidence.error.map_or(evidence.complaint, |error| &error.message);
    Some(trouble::failure(kind, detail, message, ended.at.as_ref()))
}

/// Whether Copilot says that it does not know the conversation that it should go on with.
pub(super) fn conversation_is_lost(evidence: &Evidence<'_>) -> bool {
    !evidence.began && evidence.complaint.contains("No session") && evidence.complaint.contains(" matched ")
}

fn kind_of(error: &ErrorSeen) -> FailureKind {
    let told = || trouble::by_text(&error.message);
    match (error.kind.as_str(), error.status) {
        ("authentication" | "authorization", _) => FailureKind::SignIn,
        ("rate_limit", _) | (_, Some(429)) => trouble::slow_down(&error.message),
        (_, Some(status)) => trouble::by_status(status).or_else(told).unwrap_or(FailureKind::Crashed),
        (_, None) if error.message.contains("Could not connect") => FailureKind::Offline,
        // After some tries of its own.
        (_, None) if error.message.contains("Failed to get response from the AI model") => {
            told().unwrap_or(FailureKind::Overloaded)
        }
        (_, None) => told().unwrap_or(FailureKind::Crashed),
    }
}

fn without_reason(evidence: &Evidence<'_>) -> (FailureKind, String) {
    let complaint = evidence.complaint.lines().map(|line| one_line(line, LINE_MAX)).find(|line| !line.is_empty());
    let what = if evidence.result.is_some() { "it says not why" } else { "no result" };
    let detail = because(format!("{what}, {}", end(evidence.ended)), complaint.as_deref());
    // What it says about its sign-in and its command line stands on standard error, before anything else was printed.
    let kind = match evidence.ended.code {
        Some(126 | 127) => FailureKind::Unusable,
        Some(1) if !evidence.began && UNUSABLE.iter().any(|phrase| evidence.complaint.contains(phrase)) => {
            FailureKind::Unusable
        }
        Some(1) if !evidence.began => trouble::by_text(evidence.complaint).unwrap_or(FailureKind::Crashed),
        Some(_) | None => FailureKind::Crashed,
    };
    (kind, detail)
}

/// What Copilot says when it cannot work with what it was given, whoever asks and however often.
const UNUSABLE: [&str; 9] = [
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
