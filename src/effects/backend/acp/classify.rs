//! What the end of a conversation with an agent means, by what can be done about it.

use super::super::Ended;
use super::super::parts::{because, end};
use super::super::text::{LINE_MAX, last_line, one_line};
use super::super::trouble;
use super::line::Stage;
use crate::scheduler::event::{FailureKind, SessionFailure};

/// The error of JSON-RPC with which an agent asks for a sign-in.
const SIGN_IN: i64 = -32_000;

/// How the conversation ended, as its log says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The turn was over, for this reason.
    Ended(String),
    /// It did not come to that.
    Failed { during: Stage, code: Option<i64>, message: String },
}

/// Why the session did not end as it should; `None`: it did.
pub(super) fn failure(outcome: Option<&Outcome>, ended: &Ended, complaint: &str) -> Option<SessionFailure> {
    let how = end(ended);
    let with_complaint = |what: String| because(what, last_line(complaint).as_deref());
    let (kind, detail) = match (&ended.failed_to_start, outcome) {
        (Some(reason), _) => (FailureKind::Unusable, format!("the conversation could not be started: {reason}")),
        (None, Some(Outcome::Ended(reason))) => of_turn(reason, ended, &how)?,
        (None, Some(Outcome::Failed { during, code, message })) => {
            let (kind, what) = of_stage(*during, *code, message);
            let detail = format!("{what}: {} ({how})", one_line(message, LINE_MAX));
            (kind, if *during == Stage::Closed { with_complaint(detail) } else { detail })
        }
        (None, None) => (FailureKind::Crashed, with_complaint(format!("no end of the conversation, {how}"))),
    };
    let message = match outcome {
        Some(Outcome::Failed { message, .. }) => message,
        Some(Outcome::Ended(_)) | None => "",
    };
    Some(trouble::failure(kind, detail, message, ended.at.as_ref()))
}

/// Whether the conversation that should go on is not there any more, or cannot be gone on with.
pub(super) fn conversation_is_lost(outcome: Option<&Outcome>) -> bool {
    matches!(outcome, Some(Outcome::Failed { during: Stage::Load, code, .. }) if *code != Some(SIGN_IN))
}

fn of_turn(reason: &str, ended: &Ended, how: &str) -> Option<(FailureKind, String)> {
    let told = match reason {
        "end_turn" if ended.code == Some(0) => return None,
        "end_turn" => (FailureKind::Crashed, format!("it reported the end of its turn, but {how}")),
        "refusal" => (FailureKind::Refused, format!("the agent refused ({how})")),
        "max_turn_requests" => (FailureKind::Refused, format!("its limit of requests in a turn was reached ({how})")),
        "max_tokens" => (FailureKind::Crashed, format!("an answer ran into its limit of tokens ({how})")),
        "cancelled" => (FailureKind::Crashed, format!("its turn was cancelled ({how})")),
        other => (FailureKind::Crashed, format!("its turn ended with {:?} ({how})", one_line(other, LINE_MAX))),
    };
    Some(told)
}

fn of_stage(during: Stage, code: Option<i64>, message: &str) -> (FailureKind, &'static str) {
    match during {
        Stage::Start => (FailureKind::Unusable, "no agent"),
        Stage::Version => (FailureKind::Unusable, "no common version"),
        // A program that does not know the first word of the protocol does not speak it.
        Stage::Initialize => (FailureKind::Unusable, "it does not answer as an agent does"),
        Stage::Choose => (FailureKind::Unusable, "a choice is not to be had"),
        Stage::New | Stage::Load => (of_error(code, message), "no conversation"),
        Stage::Prompt => (of_error(code, message), "the agent failed"),
        Stage::Closed => (FailureKind::Crashed, "the agent went away"),
        Stage::Stopped => (FailureKind::Crashed, "stopped"),
    }
}

/// Agents put what their provider said into one text; there is no common word for it.
fn of_error(code: Option<i64>, message: &str) -> FailureKind {
    if code == Some(SIGN_IN) {
        return FailureKind::SignIn;
    }
    let words = message.split(|c: char| !c.is_ascii_alphanumeric());
    let status = words.filter_map(|word| word.parse().ok()).filter(|status| (400..600).contains(status));
    let by_status = || status.into_iter().find_map(trouble::by_status);
    trouble::by_text(message).or_else(by_status).unwrap_or(FailureKind::Crashed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(outcome: &Outcome) -> Option<FailureKind> {
        let ended = Ended { code: Some(0), ..Ended::default() };
        failure(Some(outcome), &ended, "").map(|failure| failure.kind)
    }

    #[test]
    fn every_end_of_a_turn_has_its_kind() {
        let ended = |reason: &str| kind(&Outcome::Ended(reason.to_owned()));
        assert_eq!(ended("end_turn"), None);
        assert_eq!(ended("refusal"), Some(FailureKind::Refused));
        assert_eq!(ended("max_turn_requests"), Some(FailureKind::Refused));
        for other in ["max_tokens", "cancelled", "", "something new"] {
            assert_eq!(ended(other), Some(FailureKind::Crashed), "{other}");
        }
    }

    #[test]
    fn an_error_of_a_turn_is_judged_by_what_its_text_says() {
        for (code, message, expected) in [
            (-32_000, "Authentication required", FailureKind::SignIn),
            (-32_603, "Internal error: API Error: 401 invalid x-api-key", FailureKind::SignIn),
            (-32_603, "Internal error: 529 {\"type\":\"overloaded_error\"}", FailureKind::Overloaded),
            (-32_603, "You've hit your usage limit", FailureKind::UsageLimit),
            (-32_603, "status=503", FailureKind::Overloaded),
            (-32_603, "Internal error: 15031 is no status", FailureKind::Crashed),
            (-32_602, "Invalid params", FailureKind::Crashed),
        ] {
            let failed = Outcome::Failed { during: Stage::Prompt, code: Some(code), message: message.to_owned() };
            assert_eq!(kind(&failed), Some(expected), "{message}");
        }
    }

    #[test]
    fn a_conversation_that_cannot_be_loaded_is_lost_but_not_for_want_of_a_sign_in() {
        let load = |code| Outcome::Failed { during: Stage::Load, code, message: String::new() };
        assert!(conversation_is_lost(Some(&load(Some(-32_002)))));
        assert!(conversation_is_lost(Some(&load(None))));
        assert!(!conversation_is_lost(Some(&load(Some(SIGN_IN)))));
        assert!(!conversation_is_lost(None));
    }
}
