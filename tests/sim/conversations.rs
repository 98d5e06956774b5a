//! Conversations of agents: who may go on with which one.

use std::collections::BTreeMap;

use ralph_teams::domain::id::SessionId;
use ralph_teams::scheduler::command::SessionAsk;
use ralph_teams::scheduler::{Command, Event, Job, Role, Scope};

use crate::hold;
use crate::invariants::Violation;

/// A conversation that an agent named.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Known {
    scope: Scope,
    role: Role,
    program: String,
    /// Whether a validator gave its word in it.
    is_over: bool,
}

/// All conversations so far.
#[derive(Debug, Clone, Default)]
pub struct Conversations(BTreeMap<SessionId, Known>);

impl Conversations {
    /// Takes note of an event; `asked` is the command that it answers.
    pub fn note(&mut self, event: &Event, asked: Option<&Command>) {
        if let (Event::SessionIdentified { session, .. }, Some(Command::Session { job, ask })) = (event, asked) {
            let (scope, role, program) = (job.scope.clone(), ask.role, ask.backend.clone());
            self.0.insert(session.clone(), Known { scope, role, program, is_over: false });
        } else if let Event::ValidationChecked { job, report: Ok(_), .. } = event {
            let judges = |known: &&mut Known| {
                known.scope == job.scope && matches!(known.role, Role::EpicValidator | Role::FinalValidator)
            };
            self.0.values_mut().filter(judges).for_each(|known| known.is_over = true);
        }
    }

    /// A session goes on only in a conversation of its own: of its track, its role and its program, and, where it judges, of
    /// this very judgement.
    pub fn check(&self, job: &Job, ask: &SessionAsk) -> Result<(), Violation> {
        let Some(name) = &ask.continues else { return Ok(()) };
        let own = Known { scope: job.scope.clone(), role: ask.role, program: ask.backend.clone(), is_over: false };
        let known = self.0.get(name);
        hold!(known == Some(&own), "7 a conversation is gone on with by its own", "{job} continues {known:?}");
        Ok(())
    }
}
