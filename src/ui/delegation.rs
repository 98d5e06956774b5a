//! The words for sessions that work for a lead.

use super::safe::short;
use super::text::{Tone, Words, neutral};
use crate::domain::id::StoryId;
use crate::domain::role::Role;
use crate::scheduler::delegation::{Ending, Refusal};

fn what(role: Role, story: Option<&StoryId>) -> String {
    story.map_or_else(|| role.name().to_owned(), |story| format!("{} for {}", role.name(), short(story.as_str())))
}

/// One starts.
pub(super) fn started(role: Role, story: Option<&StoryId>, backend: &str, attempt: u32, of: u32) -> String {
    let on = if backend.is_empty() { String::new() } else { format!(" on {}", short(backend)) };
    let count = if attempt > 1 { format!(", session {attempt} of {of}") } else { String::new() };
    format!("the team-lead delegates: {} starts{on}{count}", what(role, story))
}

/// One ended. `after`: how long it took and what it consumed.
pub(super) fn ended(role: Role, story: Option<&StoryId>, how: &Ending, after: &str) -> Words {
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
pub(super) fn refused(role: Role, story: Option<&StoryId>, reason: &Refusal) -> Words {
    let line = format!("the team-lead may not delegate to {}: {}", what(role, story), short(&reason.to_string()));
    (Tone::Doubtful, line, vec![])
}
