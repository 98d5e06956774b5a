//! What the end of a Codex session means, by what can be done about it. Codex states neither a status nor a word for what
//! went wrong, only sentences, so sentences are what is judged.

use super::super::Ended;
use super::super::parts::{because, end};
use super::super::text::{LINE_MAX, one_line};
use super::super::trouble;
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
    let message = if let Turn::Failed(reason) = evidence.turn { reason } else { "" };
    Some(trouble::failure(kind, detail, message, ended.at.as_ref()))
}

/// Whether Codex says that it does not know the conversation that it should go on with.
pub(super) fn conversation_is_lost(evidence: &Evidence<'_>) -> bool {
    *evidence.turn == Turn::None
        && ["no rollout found for thread", "thread/resume failed"].iter().any(|said| evidence.complaint.contains(said))
}

fn kind_of(reason: &str) -> FailureKind {
    let own = OWN_WORDS.iter().find(|(phrase, _)| reason.contains(phrase)).map(|(_, kind)| *kind);
    let by_status = || match status(reason)? {
        429 => Some(trouble::slow_down(reason)),
        status => trouble::by_status(status),
    };
    // Crashed: also an answer that was cut off.
    own.or_else(by_status).or_else(|| trouble::by_text(reason)).unwrap_or(FailureKind::Crashed)
}

/// Codex's own sentences, which say more than a status, in the order in which they are looked for.
const OWN_WORDS: [(&str, FailureKind); 8] = [
    ("content_filter", FailureKind::Refused),
    ("was flagged", FailureKind::Refused),
    // It offers to sell more in the same sentence; what is used up comes back all the same.
    ("usage limit", FailureKind::UsageLimit),
    ("Missing environment variable", FailureKind::SignIn),
    ("codex login", FailureKind::SignIn),
    ("access token could not be refreshed", FailureKind::SignIn),
    ("does not exist", FailureKind::Unusable),
    ("high demand", FailureKind::Overloaded),
];

/// The status of HTTP that a sentence names: `unexpected status 503 ...`, `last status: 429 ...`.
fn status(reason: &str) -> Option<u16> {
    let mut after = reason.split("status").skip(1).map(|text| text.trim_start_matches([':', ' ']));
    after.find_map(|text| text.get(..3)?.parse().ok())
}

fn without_end(evidence: &Evidence<'_>) -> (FailureKind, String) {
    let complaint = reason_in(evidence.complaint);
    let what = if *evidence.turn == Turn::None { "no turn began" } else { "its turn was not completed" };
    let detail = because(format!("{what}, {}", end(evidence.ended)), complaint.as_deref());
    let says = |phrases: &[&str]| phrases.iter().any(|phrase| evidence.complaint.contains(phrase));
    let never = match evidence.ended.code {
        // 2: an option that it does not know.
        Some(2 | 126 | 127) => true,
        Some(1) => says(&["Error loading config", "No prompt provided", "Not inside a trusted directory"]),
        Some(_) | None => false,
    };
    (if never && *evidence.turn == Turn::None { FailureKind::Unusable } else { FailureKind::Crashed }, detail)
}

/// The line of a complaint that tells most: the first that calls itself an error, with the one after it when it ends in a
/// colon; else the last. What it always says is no complaint.
fn reason_in(complaint: &str) -> Option<String> {
    let lines: Vec<&str> =
        complaint.lines().map(str::trim).filter(|line| !line.is_empty() && !is_usual(line)).collect();
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

/// Whether it says this in good sessions too, or only explains.
fn is_usual(line: &str) -> bool {
    let reads = line.starts_with("Reading ") && line.ends_with(" from stdin...");
    reads || line.starts_with("WARNING: ") || line.starts_with("note: ")
}
