//! Rounds of fixes, of merging and of validation: whom the provider turned away uses up none of them, and is not done.

use std::collections::{BTreeMap, BTreeSet};

use ralph_teams::scheduler::command::{Purpose, SessionAsk};
use ralph_teams::scheduler::event::SessionEnd;
use ralph_teams::scheduler::failure::Answer;
use ralph_teams::scheduler::{Command, Event, Job, Scope, Task};

use crate::hold;
use crate::invariants::Violation;

/// What was seen of rounds so far.
#[derive(Debug, Clone, Default)]
pub struct Rounds {
    /// Sessions that the provider turned away, with the round in which they were, until what follows is known.
    turned_away: BTreeMap<Scope, (Task, u32)>,
    /// The rounds of the final validation that were begun.
    validations: BTreeSet<u32>,
}

impl Rounds {
    /// Takes note of an event; `asked` is the command that it answers. Who ended at a limit of its own (`over`) is charged for
    /// that, whatever the provider said.
    pub fn note(&mut self, event: &Event, asked: Option<&Command>, over: &BTreeSet<Job>) {
        if let Event::SessionEnded { job, end: SessionEnd { failure: Some(failure), cut: false, .. } } = event
            && let Some(Command::Session { ask, .. }) = asked
            && failure.kind.answer() == Answer::Rest
            && !over.contains(job)
            && !matches!(ask.purpose, Purpose::Delegated(_))
        {
            self.turned_away.insert(job.scope.clone(), (job.task, ask.cycle));
        }
    }

    /// An epic begins again.
    pub fn forget(&mut self, scope: &Scope) {
        self.turned_away.remove(scope);
    }

    /// Whether this is the first session of a round of the final validation.
    pub fn begins_validation(&mut self, ask: &SessionAsk) -> bool {
        self.validations.insert(ask.cycle)
    }

    /// Who was turned away comes again in the round in which it was.
    pub fn check_round(&mut self, job: &Job, ask: &SessionAsk) -> Result<(), Violation> {
        let before = self.turned_away.remove(&job.scope).filter(|(task, _)| *task == job.task);
        let same = before.is_none_or(|(_, cycle)| cycle == ask.cycle);
        hold!(same, "7 who was turned away uses up no round", "{job} is in round {}, before: {before:?}", ask.cycle);
        Ok(())
    }

    /// What is merged is done. Of an epic the check says so; a round of fixes says nothing but how its session ended.
    pub fn check_candidate(&mut self, scope: &Scope) -> Result<(), Violation> {
        let unfinished = self.turned_away.remove(scope).is_some() && matches!(scope, Scope::Fix(_));
        hold!(!unfinished, "7 who was turned away is not done", "{scope} is merged");
        Ok(())
    }
}
