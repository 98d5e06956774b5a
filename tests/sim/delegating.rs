//! Leads that delegate: what they ask for, how it goes, and what must hold of it.
//!
//! What a lead asks for belongs to the seed and to the session, like its fate. How it goes decides nothing about how the
//! lead ends, with one exception: a delegate that works for ever keeps its lead waiting until the lead's own limit.

use std::collections::{BTreeMap, BTreeSet};

use ralph_teams::domain::id::{SessionId, StoryId};
use ralph_teams::domain::policy::Policy;
use ralph_teams::scheduler::command::{Purpose, SessionAsk};
use ralph_teams::scheduler::delegation::Told;
use ralph_teams::scheduler::event::SessionEnd;
use ralph_teams::scheduler::failure::Answer;
use ralph_teams::scheduler::{Command, Event, Job, Role, Scope, Task};

use crate::fates::{Fates, SessionFate, SessionKey};
use crate::generate::Setup;
use crate::hold;
use crate::invariants::Violation;

/// One call of a lead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The role that is asked for.
    pub role: Role,
    /// The story.
    pub story: Option<StoryId>,
    /// Whether the lead waits; one that does not may end before its delegate does.
    pub waits: bool,
    /// After how many milliseconds the lead does not wait any longer.
    pub drops_after: Option<u64>,
}

/// Whether a command starts a session that works for a lead.
pub fn is_delegate(command: &Command) -> bool {
    matches!(command, Command::Session { ask, .. } if matches!(ask.purpose, Purpose::Delegated(_)))
}

/// Whether the delegates of a seed may work for ever: only where nothing but the lead's limit can decide about them.
fn may_run_for_ever(setup: &Setup) -> bool {
    let policy = &setup.begun.policy;
    let has_own_program = policy.workflow.epic_validation.is_none();
    has_own_program && policy.epic_timeout_ms.is_some() && policy.budget == Default::default()
}

/// What a lead asks for, in this order.
pub fn calls(setup: &Setup, fates: &Fates, key: &SessionKey<'_>, ask: &SessionAsk) -> Vec<Call> {
    if ask.role != Role::TeamLead || !fates.number("delegates").is_multiple_of(2) {
        return Vec::new();
    }
    if may_run_for_ever(setup) && fates.number(("endless delegate", key)).is_multiple_of(24) {
        return vec![Call { role: Role::EpicValidator, story: None, waits: true, drops_after: None }];
    }
    let roles = [Role::Builder, Role::Builder, Role::StoryValidator, Role::StoryPlanner, Role::Resolver];
    let n_calls = fates.number(("calls", key)) % 3;
    let call = |n: u64| {
        let number = fates.number(("call", key, n));
        let role = roles[number as usize % roles.len()];
        let own = ask.stories.get((number >> 8) as usize % ask.stories.len().max(1)).cloned();
        let other = StoryId::new("US-of-nobody").expect("an id");
        let story = if (number >> 16).is_multiple_of(8) { Some(other) } else { own };
        let drops_after = (number >> 24).is_multiple_of(6).then_some((number >> 32) % 40_000);
        Call { role, story, waits: !(number >> 40).is_multiple_of(6), drops_after }
    };
    (0..n_calls).map(call).collect()
}

/// How a delegate goes.
pub fn fate(setup: &Setup, fates: &Fates, job: &Job) -> SessionFate {
    use SessionFate as F;
    if job.task == Task::Session(Role::EpicValidator) {
        return F::Endless;
    }
    let all = [F::Works, F::Works, F::Works, F::Crashes, F::ProviderFails, F::Refuses, F::Silent, F::Repeats];
    match all[fates.number(("delegate fate", job)) as usize % all.len()] {
        F::Silent if setup.begun.policy.idle_timeout_ms.is_none() => F::Crashes,
        fate => fate,
    }
}

/// What was asked and answered.
#[derive(Debug, Clone, Default)]
pub struct Delegating {
    /// Calls that wait for their answer, with the session that works for each.
    open: BTreeSet<(Job, u32)>,
    /// Conversations of delegates.
    names: BTreeSet<SessionId>,
    /// Sessions that were asked to end.
    cancelled: BTreeSet<Job>,
    /// How many sessions of each role ended by themselves for each story, turned away by no provider.
    counts: BTreeMap<(Scope, Role, Option<StoryId>), u32>,
}

impl Delegating {
    /// Takes note of an event before the scheduler sees it. `asked` is the command that it answers, if that is a delegate's.
    pub fn note(&mut self, event: &Event, asked: Option<&Command>) {
        if let Event::SessionEnded { end: SessionEnd { failure, cut: false, .. }, .. } = event
            && let Some(Command::Session { job, ask }) = asked
            && let Purpose::Delegated(what) = &ask.purpose
            && failure.as_ref().is_none_or(|failure| failure.kind.answer() != Answer::Rest)
            && !self.cancelled.contains(job)
        {
            *self.counts.entry((job.scope.clone(), what.role, what.story.clone())).or_default() += 1;
        }
        if let Event::DelegateAsked { job, call, .. } = event {
            self.open.insert((job.clone(), *call));
        } else if let Event::SessionIdentified { session, .. } = event
            && asked.is_some()
        {
            self.names.insert(session.clone());
        } else if let Event::Resumed { .. } = event {
            self.open.clear();
            self.cancelled.clear();
        } else if event.closes_job() {
            // Nobody waits any more.
            self.open.retain(|(lead, _)| Some(lead) != event.job());
        }
    }

    /// Takes note that a session is asked to end.
    pub fn note_cancel(&mut self, job: &Job) {
        self.cancelled.insert(job.clone());
    }

    /// Whoever ends a lead ends the session that works for it, and does not wait for the lead to do so.
    pub fn check_cancelled<'a>(
        &self,
        in_flight: impl Iterator<Item = (&'a Job, &'a Command)> + Clone,
    ) -> Result<(), Violation> {
        for (delegate, _) in in_flight.clone().filter(|(_, command)| is_delegate(command)) {
            let lead =
                in_flight.clone().map(|(job, _)| job).find(|job| job.scope == delegate.scope && *job != delegate);
            let goes_on = !self.cancelled.contains(delegate);
            let is_left = goes_on && lead.is_some_and(|lead| self.cancelled.contains(lead));
            hold!(!is_left, "20 a lead is ended with its delegate", "{delegate} goes on, {lead:?} is cancelled");
        }
        Ok(())
    }

    /// An epic begins again.
    pub fn forget(&mut self, scope: &Scope) {
        self.counts.retain(|(of, _, _), _| of != scope);
    }

    /// Each role has only so many sessions for a story.
    pub fn check_count(&self, job: &Job, ask: &SessionAsk, policy: &Policy) -> Result<(), Violation> {
        let Purpose::Delegated(what) = &ask.purpose else { return Ok(()) };
        let judged = policy.workflow.story_validation.unwrap_or(policy.max_fix_cycles);
        let most = match what.role {
            Role::StoryValidator => judged + 1,
            Role::EpicValidator => policy.max_fix_cycles + 1,
            Role::TeamLead
            | Role::EpicPlanner
            | Role::StoryPlanner
            | Role::Builder
            | Role::Resolver
            | Role::FinalValidator => policy.max_attempts,
        };
        let n = self.counts.get(&(job.scope.clone(), what.role, what.story.clone())).copied().unwrap_or_default();
        hold!(n < most, "20 sessions that work for leads are counted", "{job} comes after {n} of {most}");
        Ok(())
    }

    /// A lead is told once, and only of a session that is over.
    pub fn check_told(
        &mut self,
        lead: &Job,
        call: u32,
        told: &Told,
        in_flight: impl Fn(&Job) -> bool,
    ) -> Result<(), Violation> {
        let was_open = self.open.remove(&(lead.clone(), call));
        hold!(was_open, "20 a lead is told once", "{lead}, call {call}: {told:?}");
        if let Told::Ended { session, .. } = told {
            hold!(!in_flight(session), "20 a lead is told of what is over", "{lead}, call {call}: {session}");
        }
        Ok(())
    }

    /// A session that works for a lead was asked for by one that waits, and begins afresh.
    pub fn check_session(&self, job: &Job, ask: &SessionAsk) -> Result<(), Violation> {
        if let Some(name) = &ask.continues {
            hold!(!self.names.contains(name), "20 conversations are not mixed up", "{job} continues {name}");
        }
        let Purpose::Delegated(what) = &ask.purpose else { return Ok(()) };
        let is_open = self.open.contains(&(what.by.clone(), what.call));
        hold!(is_open, "20 nobody works for nobody", "{job} for {}, call {}", what.by, what.call);
        hold!(ask.continues.is_none(), "20 a delegate begins afresh", "{job} continues {:?}", ask.continues);
        let known = ask.stories.iter().all(|story| story.as_str() != "US-of-nobody");
        hold!(known && ask.role != Role::Resolver, "20 what may not be is refused", "{job}: {:?}", ask.stories);
        Ok(())
    }
}

/// Who may be in one worktree at the same time: one job, or a lead and the one session that works for it.
pub fn check_worktree<'a>(in_flight: impl Iterator<Item = (&'a Job, &'a Command)> + Clone) -> Result<(), Violation> {
    let delegates = in_flight.clone().filter(|(_, command)| is_delegate(command));
    for (delegate, _) in delegates {
        let others =
            in_flight.clone().map(|(job, _)| job).filter(|job| job.scope == delegate.scope && *job != delegate);
        for other in others {
            let leads = other.task == Task::Session(Role::TeamLead);
            hold!(leads, "3 a delegate is alone with its lead", "{delegate} and {other}");
        }
    }
    Ok(())
}
