//! The words for sessions that work for a lead.

use super::safe::short;
use super::sessions::after;
use super::text::{Tone, Words, neutral};
use crate::domain::id::StoryId;
use crate::domain::role::Role;
use crate::scheduler::Notice;
use crate::scheduler::delegation::{Ending, Refusal};

fn what(role: Role, story: Option<&StoryId>) -> String {
    story.map_or_else(|| role.name().to_owned(), |story| format!("{} for {}", role.name(), short(story.as_str())))
}

/// What is told of such a session.
pub(super) fn words(notice: &Notice) -> Words {
    if let Notice::Delegated { role, story, backend, attempt, of, .. } = notice {
        neutral(started(*role, story.as_ref(), backend, *attempt, *of))
    } else if let Notice::DelegateEnded { role, story, how, usage, took_ms, .. } = notice {
        ended(*role, story.as_ref(), how, &after(*usage, *took_ms))
    } else if let Notice::DelegateRefused { role, story, reason, .. } = notice {
        refused(*role, story.as_ref(), reason)
    } else {
        neutral(String::new())
    }
}

/// One starts.
fn started(role: Role, story: Option<&StoryId>, backend: &str, attempt: u32, of: u32) -> String {
    let on = if backend.is_empty() { String::new() } else { format!(" on {}", short(backend)) };
    let count = if attempt > 1 { format!(", session {attempt} of {of}") } else { String::new() };
    format!("the team-lead delegates: {} starts{on}{count}", what(role, story))
}

/// One ended. `after`: how long it took and what it consumed.
fn ended(role: Role, story: Option<&StoryId>, how: &Ending, after: &str) -> Words {
    let what = what(role, story);
    match how {
        Ending::Done => neutral(format!("{what} ended {after}; the team-lead goes on")),
        Ending::Cut => (Tone::Doubtful, format!("{what} was stopped {after}"), vec![]),
        Ending::Failed(_) | Ending::TurnedAway { .. } | Ending::Over(_) | Ending::NotStarted(_) => {
            (Tone::Doubtful, format!("{what} came to nothing {after}: {}", short(&how.to_string())), vec![])
        }
    }
}

/// None was started.
fn refused(role: Role, story: Option<&StoryId>, reason: &Refusal) -> Words {
    let line = format!("the team-lead may not delegate to {}: {}", what(role, story), short(&reason.to_string()));
    (Tone::Doubtful, line, vec![])
}
