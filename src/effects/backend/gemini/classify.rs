//! What the end of a Gemini CLI session means, by what can be done about it.

use serde_json::Value;

use super::super::Ended;
use super::super::parts::{because, end};
use super::super::text::{LINE_MAX, last_line, one_line};
use super::super::trouble;
use crate::scheduler::event::{FailureKind, SessionFailure};

/// The result line, as far as it tells how the session ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ResultSeen {
    pub is_success: bool,
    /// What went wrong.
    pub message: String,
}

/// What is known at the end.
#[derive(Debug)]
pub(super) struct Evidence<'a> {
    pub result: Option<&'a ResultSeen>,
    /// The last error that was told before the end.
    pub error: Option<&'a str>,
    /// How the program ended.
    pub ended: &'a Ended,
    /// Lines that were not JSON and the error output, without colours.
    pub complaint: &'a str,
}

/// Why the session did not end as it should; `None`: it did.
pub(super) fn failure(evidence: &Evidence<'_>) -> Option<SessionFailure> {
    let ended = end(evidence.ended);
    let (kind, detail) = match (&evidence.ended.failed_to_start, evidence.result) {
        (Some(reason), _) => (FailureKind::Unusable, format!("Gemini CLI could not be started: {reason}")),
        (None, Some(result)) if !result.is_success => {
            (kind_of(&result.message, evidence.ended), format!("{} ({ended})", one_line(&result.message, LINE_MAX)))
        }
        (None, Some(_)) if evidence.ended.code == Some(0) => return None,
        (None, Some(_)) => (FailureKind::Crashed, format!("it reported success, but {ended}")),
        // Its exit code is 0 after a signal, too: without a result it has not come to its end.
        (None, None) => without_result(evidence, &ended),
    };
    let message = evidence.result.map_or(evidence.complaint, |result| &result.message);
    Some(trouble::failure(kind, detail, message, evidence.ended.at.as_ref()))
}

/// Whether Gemini CLI says that it does not know the conversation that it should go on with.
pub(super) fn conversation_is_lost(evidence: &Evidence<'_>) -> bool {
    let says = |text: &str| {
        ["Invalid session identifier", "No previous sessions found"].iter().any(|phrase| text.contains(phrase))
    };
    evidence.result.map_or_else(|| says(evidence.complaint), |result| !result.is_success && says(&result.message))
}

fn kind_of(message: &str, ended: &Ended) -> FailureKind {
    let by_exit_code = match ended.code {
        Some(41) => Some(FailureKind::SignIn),
        Some(44 | 52 | 55) => Some(FailureKind::Unusable),
        Some(53) => Some(FailureKind::Refused),
        Some(_) | None => None,
    };
    let status = || status(message).or_else(|| status_of_exit(ended.code?)).and_then(trouble::by_status);
    by_exit_code.or_else(status).unwrap_or_else(|| kind_by_text(message))
}

/// The status that the provider answered with: its answer stands in the message as JSON.
fn status(message: &str) -> Option<u16> {
    let json = message.get(message.find('{')?..=message.rfind('}')?)?;
    let answer: Value = serde_json::from_str(json).ok()?;
    u16::try_from(answer["error"]["code"].as_u64()?).ok()
}

/// It exits with the status of the provider's answer, of which the system keeps one byte: 145 is 401.
fn status_of_exit(code: i32) -> Option<u16> {
    match code {
        144..=148 | 173 | 244..=255 => u16::try_from(code).ok().map(|code| code + 256),
        _ => None,
    }
}

fn kind_by_text(message: &str) -> FailureKind {
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| message.contains(phrase));
    if says(&["UNAUTHENTICATED", "Please set an Auth method"]) {
        FailureKind::SignIn
    } else if says(&["maximum session turns", "max session turns", "blocked"]) {
        FailureKind::Refused
    } else {
        trouble::by_text(message).unwrap_or(FailureKind::Crashed)
    }
}

fn without_result(evidence: &Evidence<'_>, ended: &str) -> (FailureKind, String) {
    // A complaint about the command line comes first, and the whole help text behind it.
    let is_usage = evidence.complaint.contains("Usage: gemini");
    let complaint = match is_usage {
        true => evidence.complaint.lines().find(|line| line.starts_with("Unknown argument")).map(str::to_owned),
        false => evidence.error.map(str::to_owned).or_else(|| last_line(evidence.complaint)),
    };
    let why = complaint.as_deref().map(|complaint| one_line(complaint, LINE_MAX));
    let detail = because(format!("no result, {ended}"), why.as_deref());
    let kind = match evidence.ended.code {
        Some(126 | 127) => FailureKind::Unusable,
        Some(1) if is_usage => FailureKind::Unusable,
        Some(0) | None => FailureKind::Crashed,
        Some(_) => kind_of(complaint.as_deref().unwrap_or_default(), evidence.ended),
    };
    (kind, detail)
}
