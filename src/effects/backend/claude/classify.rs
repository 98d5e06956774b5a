//! What the end of a Claude Code session means, by what can be done about it.

use super::super::Ended;
use super::super::parts::because;
use super::super::text::{LINE_MAX, last_line, one_line};
use super::super::trouble;
use crate::scheduler::event::{FailureKind, SessionFailure};

/// The last result line, as far as it tells how the session ended.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct ResultSeen {
    /// The only word on success that counts: `subtype` says "success" for an answer that is an error of the provider.
    pub is_error: bool,
    pub subtype: String,
    pub stop_reason: String,
    pub terminal_reason: String,
    pub api_error_status: Option<u16>,
    /// The final text or the errors.
    pub text: String,
}

/// What is known at the end.
#[derive(Debug)]
pub(super) struct Evidence<'a> {
    /// The last result; there may have been several.
    pub result: Option<&'a ResultSeen>,
    /// The word of the last answer that was an error of the provider.
    pub api_error: Option<&'a str>,
    /// How the program ended.
    pub ended: &'a Ended,
    /// The last lines that were not JSON: what it says on standard error, also when that goes to the same place.
    pub complaint: &'a str,
}

/// Why the session did not end as it should; `None`: it did.
pub(super) fn failure(evidence: &Evidence<'_>) -> Option<SessionFailure> {
    let (kind, detail) = match (&evidence.ended.failed_to_start, evidence.result) {
        (Some(reason), _) => (FailureKind::Unusable, format!("Claude Code could not be started: {reason}")),
        (None, Some(result)) if result.is_error || result.subtype != "success" => {
            (kind_of(result, evidence.api_error), said(result, evidence.ended))
        }
        // A program that was told to stop can print success and then die of the signal.
        (None, Some(_)) if evidence.ended.code == Some(0) => return None,
        (None, Some(_)) => (FailureKind::Crashed, format!("it reported success, but {}", end(evidence.ended))),
        (None, None) => without_result(evidence),
    };
    let message = evidence.result.map_or(evidence.complaint, |result| &result.text);
    Some(trouble::failure(kind, detail, message, evidence.ended.at.as_ref()))
}

/// Whether Claude Code says that it does not know the conversation that it should go on with.
pub(super) fn conversation_is_lost(evidence: &Evidence<'_>) -> bool {
    let phrase = "No conversation found";
    let result_says = |result: &ResultSeen| result.is_error && result.text.contains(phrase);
    evidence.result.map_or_else(|| evidence.complaint.contains(phrase), result_says)
}

fn kind_of(result: &ResultSeen, api_error: Option<&str>) -> FailureKind {
    if result.stop_reason == "refusal"
        || matches!(result.subtype.as_str(), "error_max_turns" | "error_max_budget_usd")
        || matches!(result.terminal_reason.as_str(), "max_turns" | "budget_exhausted")
    {
        return FailureKind::Refused;
    }
    if result.terminal_reason == "prompt_too_long" {
        return FailureKind::TooLong;
    }
    // A conversation that is lost or was interrupted.
    if result.subtype != "success" {
        return FailureKind::Crashed;
    }
    match api_error {
        Some("authentication_failed" | "oauth_org_not_allowed") => return FailureKind::SignIn,
        Some("billing_error") => return FailureKind::Billing,
        Some("model_not_found") => return FailureKind::Unusable,
        // The same word stands for a slow-down of seconds and for a limit of hours; only the text tells.
        Some("rate_limit") => {
            let kind = trouble::by_text(&result.text).filter(|kind| *kind == FailureKind::UsageLimit);
            return kind.unwrap_or(FailureKind::RateLimited);
        }
        Some("overloaded") => return FailureKind::Overloaded,
        // Said too when there was no answer at all; then no status is stated.
        Some("server_error") => {
            let offline =
                result.api_error_status.is_none() && trouble::by_text(&result.text) == Some(FailureKind::Offline);
            return if offline { FailureKind::Offline } else { FailureKind::Overloaded };
        }
        Some(_) | None => {}
    }
    match result.api_error_status {
        Some(status) => trouble::by_status(status).unwrap_or(FailureKind::Crashed),
        None => kind_by_text(result),
    }
}

/// The last resort, for versions that state neither a word nor a status.
fn kind_by_text(result: &ResultSeen) -> FailureKind {
    let is_of_provider = result.terminal_reason == "api_error" || result.text.contains("API Error");
    let otherwise = if is_of_provider { FailureKind::Overloaded } else { FailureKind::Crashed };
    trouble::by_text(&result.text).unwrap_or(otherwise)
}

fn without_result(evidence: &Evidence<'_>) -> (FailureKind, String) {
    let complaint = last_line(evidence.complaint);
    let detail = because(format!("no result, {}", end(evidence.ended)), complaint.as_deref());
    // What it says about its own command line stands on standard error and nowhere else.
    let complains = |phrases: &[&str]| {
        evidence.ended.code == Some(1) && phrases.iter().any(|phrase| evidence.complaint.contains(phrase))
    };
    let kind = if complains(&NOT_SIGNED_IN) {
        FailureKind::SignIn
    } else if matches!(evidence.ended.code, Some(126 | 127)) || complains(&UNUSABLE) {
        FailureKind::Unusable
    } else {
        FailureKind::Crashed
    };
    (kind, detail)
}

/// What Claude Code says when it cannot work with what it was given, whoever asks and however often.
const UNUSABLE: [&str; 6] = [
    "error: unknown option",
    "error: option ",
    "error: unknown command",
    "Error: Invalid ",
    "Error: When using --print",
    "cannot be used with root/sudo",
];

/// What it says when nobody is signed in.
const NOT_SIGNED_IN: [&str; 2] = ["Not logged in", "Invalid API key"];

fn said(result: &ResultSeen, ended: &Ended) -> String {
    let text = one_line(&result.text, LINE_MAX);
    let why = match (text.is_empty(), result.terminal_reason.is_empty()) {
        (false, _) => text,
        (true, false) => result.terminal_reason.clone(),
        (true, true) => result.subtype.clone(),
    };
    format!("{why} ({})", end(ended))
}

fn end(ended: &Ended) -> String {
    match (ended.signal, ended.code) {
        (Some(signal), _) => format!("killed by signal {signal}"),
        // Claude Code turns the signals that it handles into exit codes.
        (None, Some(code @ 129..=159)) => format!("exit code {code}, that is signal {}", code - 128),
        (None, Some(code)) => format!("exit code {code}"),
        (None, None) => "ended in an unknown way".to_owned(),
    }
}
