//! What the end of an opencode session means, by what can be done about it.

use super::super::Ended;
use super::super::parts::{because, end};
use super::super::text::{LINE_MAX, last_line, one_line};
use super::super::trouble;
use super::line::Fault;
use crate::scheduler::event::{FailureKind, SessionFailure};

/// The error of a conversation that has become too long; opencode compacts it and goes on.
pub(super) const OVERFLOW: &str = "ContextOverflowError";

/// What is known at the end.
#[derive(Debug)]
pub(super) struct Evidence<'a> {
    /// Why the last step ended; `None` when it did not, or when there was none.
    pub reason: Option<&'a str>,
    /// The last error, unless it was mended.
    pub fault: Option<&'a Fault>,
    /// Whether an earlier error was mended.
    pub mended: bool,
    /// Whether it went round in circles over answers that broke off.
    pub broken_answers: bool,
    /// Whether it went round in circles over a conversation that stays too long.
    pub overflowed: bool,
    /// Whether the last tool was not permitted.
    pub rejected: bool,
    /// How the program ended.
    pub ended: &'a Ended,
    /// Lines that were not JSON and the error output, without colours.
    pub complaint: &'a str,
}

/// Why the session did not end as it should; `None`: it did.
pub(super) fn failure(evidence: &Evidence<'_>) -> Option<SessionFailure> {
    let (kind, detail) = match (&evidence.ended.failed_to_start, evidence.fault) {
        (Some(reason), _) => (FailureKind::Unusable, format!("opencode could not be started: {reason}")),
        (None, _) if evidence.broken_answers => {
            (FailureKind::Overloaded, "its answers broke off again and again, and it asked for ever".to_owned())
        }
        (None, _) if evidence.overflowed => (
            FailureKind::TooLong,
            "its conversation stays too long for the model, however often it compacts it".to_owned(),
        ),
        (None, Some(fault)) => (kind_of(fault), said(fault, evidence.ended)),
        (None, None) => without_fault(evidence)?,
    };
    let message = evidence.fault.map_or(evidence.complaint, |fault| &fault.data.message);
    Some(trouble::failure(kind, detail, message, evidence.ended.at.as_ref()))
}

/// Whether opencode says that it does not know the conversation that it should go on with.
pub(super) fn conversation_is_lost(evidence: &Evidence<'_>) -> bool {
    evidence.reason.is_none() && evidence.fault.is_none() && evidence.complaint.contains("Session not found")
}

fn kind_of(fault: &Fault) -> FailureKind {
    match fault.name.as_str() {
        "ContentFilterError" => return FailureKind::Refused,
        "ProviderAuthError" => return FailureKind::SignIn,
        "ProviderModelNotFoundError" | "ProviderInitError" => return FailureKind::Unusable,
        OVERFLOW => return FailureKind::TooLong,
        // Its own server, not the provider's.
        "UnknownError" if fault.data.message.contains("Unexpected server error") => return FailureKind::Crashed,
        _ => {}
    }
    let passes = if fault.data.is_retryable == Some(true) { FailureKind::Overloaded } else { FailureKind::Crashed };
    match fault.data.status_code.and_then(trouble::by_status) {
        Some(FailureKind::RateLimited) => trouble::slow_down(&fault.data.message),
        Some(kind) => kind,
        None => trouble::by_text(&fault.data.message).unwrap_or(passes),
    }
}

fn said(fault: &Fault, ended: &Ended) -> String {
    let message = one_line(&fault.data.message, LINE_MAX);
    let what = if message.is_empty() { one_line(&fault.name, LINE_MAX) } else { message };
    let status = fault.data.status_code.map(|status| format!("{status}, ")).unwrap_or_default();
    let hint = match fault.name.as_str() {
        // All that it says of a model that it does not know.
        "UnknownError" => " It says so of a model that it does not know, too: look at the model's name.",
        _ => "",
    };
    format!("{what} ({status}{}){hint}", end(ended))
}

fn without_fault(evidence: &Evidence<'_>) -> Option<(FailureKind, String)> {
    let ended = end(evidence.ended);
    // An error that was mended leaves its exit code behind.
    let is_good_end = evidence.ended.code == Some(0) || evidence.ended.code == Some(1) && evidence.mended;
    let told = match (evidence.reason, is_good_end) {
        (Some("stop"), true) => return None,
        (Some("content-filter"), _) => (FailureKind::Refused, format!("the provider's filter blocked it ({ended})")),
        (Some("length"), true) => (FailureKind::Crashed, format!("an answer ran into its limit of tokens ({ended})")),
        (Some("unknown"), true) => (FailureKind::Overloaded, format!("its last answer broke off ({ended})")),
        (Some(_), true) if evidence.rejected => {
            let asked = evidence.complaint.lines().rev().find(|line| line.contains("permission requested"));
            let what = asked.map_or_else(|| "a tool".to_owned(), |line| one_line(line, LINE_MAX));
            (FailureKind::Refused, format!("it ended because something was not permitted: {what} ({ended})"))
        }
        (Some(reason), true) => {
            (FailureKind::Crashed, format!("it ended in the middle, after {:?} ({ended})", one_line(reason, LINE_MAX)))
        }
        (Some(_), false) => {
            (FailureKind::Crashed, with_complaint(format!("it ended in the middle, {ended}"), evidence))
        }
        (None, _) => (without_answer(evidence), with_complaint(format!("no answer, {ended}"), evidence)),
    };
    Some(told)
}

fn with_complaint(what: String, evidence: &Evidence<'_>) -> String {
    // Its errors begin with this word and go on for many lines.
    let first = evidence.complaint.lines().find(|line| line.contains("Error: "));
    let complaint = first.map(|line| one_line(line, LINE_MAX)).or_else(|| last_line(evidence.complaint));
    because(what, complaint.as_deref())
}

fn without_answer(evidence: &Evidence<'_>) -> FailureKind {
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| evidence.complaint.contains(phrase));
    if matches!(evidence.ended.code, Some(126 | 127)) {
        return FailureKind::Unusable;
    }
    if evidence.ended.code != Some(1) {
        return FailureKind::Crashed;
    }
    // Another first start made the same data base at the same time: nobody's fault, and gone after a rest.
    if says(&["CREATE TABLE", "database is locked", "already exists"]) {
        return FailureKind::Overloaded;
    }
    // What it says of a command line or a configuration that it cannot work with, whoever asks and however often.
    let unusable = ["opencode run [message..]", "is not valid JSON", "Configuration is invalid", "You must provide a"];
    if says(&unusable) { FailureKind::Unusable } else { FailureKind::Crashed }
}
