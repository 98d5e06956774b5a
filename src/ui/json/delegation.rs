//! The lines for sessions that work for a lead.

use super::convert::{role, text, usage, who};
use super::line::{DelegateEnding, What};
use crate::domain::id::StoryId;
use crate::domain::role::Role;
use crate::domain::usage::Usage;
use crate::scheduler::delegation::{Ending, Refusal};
use crate::scheduler::{Job, Scope};

/// In which role a session works, and for which story; `None`: for the epic.
pub(super) type Errand<'a> = (Role, Option<&'a StoryId>);

fn story(errand: Errand<'_>) -> Option<String> {
    errand.1.map(|story| text(story.as_str()))
}

pub(super) fn started(session: &Job, errand: Errand<'_>, backend: &str, attempt: u32, of: u32) -> What {
    let (scope, role, backend) = (who(&session.scope), role(errand.0), text(backend));
    What::Delegated { scope, role, story: story(errand), backend, attempt, of }
}

pub(super) fn ended(session: &Job, errand: Errand<'_>, how: &Ending, consumed: Usage, took_ms: u64) -> What {
    What::DelegateEnded {
        scope: who(&session.scope),
        role: role(errand.0),
        story: story(errand),
        how: ending(how),
        detail: (*how != Ending::Done).then(|| text(&how.to_string())),
        usage: usage(consumed),
        took_ms,
    }
}

pub(super) fn refused(scope: &Scope, errand: Errand<'_>, reason: &Refusal) -> What {
    let reason = text(&reason.to_string());
    What::DelegateRefused { scope: who(scope), role: role(errand.0), story: story(errand), reason }
}

fn ending(how: &Ending) -> DelegateEnding {
    match how {
        Ending::Done => DelegateEnding::Done,
        Ending::Failed(_) => DelegateEnding::Failed,
        Ending::TurnedAway { .. } => DelegateEnding::TurnedAway,
        Ending::Over(_) => DelegateEnding::OverLimit,
        Ending::Cut => DelegateEnding::Stopped,
        Ending::NotStarted(_) => DelegateEnding::NotStarted,
    }
}
