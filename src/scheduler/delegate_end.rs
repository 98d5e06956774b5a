//! The end of a session that worked for a lead: what it comes to, whether another program stands in, and what the lead is
//! told. What must hold stands in `delegate`.

use super::delegate::Delegated;
use super::delegation::{Delegation, Ending, Told};
use super::event::{Event, SessionEnd, Stop};
use super::failure::Answer;
use super::notice::{Notice, StopReason};
use super::run::Run;
use super::stop::Stopping;
use super::track::{Phase, Track};
use crate::domain::usage::Usage;

impl Run {
    /// Keeps the closing answer of a lead whose delegate has not answered yet, and ends that. `false`: it counts now.
    pub(super) fn waits_for_delegate(&mut self, event: &Event) -> bool {
        let Some(job) = event.job().filter(|_| event.closes_job()) else { return false };
        let Some(&position) = self.positions.get(&job.scope) else { return false };
        let Some(delegate) = &mut self.tracks[position].delegate else { return false };
        if delegate.delegation.by != *job {
            return false;
        }
        delegate.then = Some(Box::new(event.clone()));
        self.end_delegate(position);
        true
    }

    /// Takes the closing answer of a delegate. `false`: it is none.
    pub(super) fn delegate_answered(&mut self, event: &Event) -> bool {
        let Some(position) = event.job().filter(|_| event.closes_job()).and_then(|job| self.delegate_at(job)) else {
            return false;
        };
        let Some(delegate) = self.tracks[position].delegate.take() else { return false };
        let (how, usage) = self.how_it_ended(position, &delegate, event);
        self.tell(Notice::DelegateEnded {
            session: delegate.job.clone(),
            role: delegate.delegation.role,
            story: delegate.delegation.story.clone(),
            how: how.clone(),
            usage,
            took_ms: self.at.saturating_sub(delegate.since),
        });
        self.stop_if_hopeless(event);
        let goes_on = delegate.then.as_deref().is_none_or(Event::was_cut);
        if how == Ending::Cut && !delegate.dropped && goes_on {
            self.tracks[position].remember_delegate(&delegate);
        }
        match &delegate.then {
            Some(end) => self.apply(end),
            None => self.lead_goes_on(position, &delegate, how),
        }
        true
    }

    fn how_it_ended(&mut self, position: usize, delegate: &Delegated, event: &Event) -> (Ending, Usage) {
        let (how, usage) = if let Event::SessionEnded { end, .. } = event {
            // It is in no conversation of the track's.
            let Delegation { role, story, .. } = &delegate.delegation;
            self.consumed.add(*role, end.usage);
            self.tracks[position].count(*role, story.as_ref(), end.usage);
            (self.ending_of(delegate, end), end.usage)
        } else if let (Event::Failed { failure, .. }, false) = (event, delegate.is_ending()) {
            (Ending::NotStarted(failure.what.clone()), Usage::default())
        } else {
            (delegate.over.map_or(Ending::Cut, Ending::Over), Usage::default())
        };
        let is_charged = match &how {
            Ending::Done | Ending::Failed(_) | Ending::Over(_) | Ending::NotStarted(_) => true,
            // A lead that never waits long enough would otherwise ask for ever.
            Ending::Cut => delegate.dropped,
            Ending::TurnedAway { .. } => false,
        };
        if is_charged {
            self.tracks[position].count_delegation(&delegate.delegation);
        }
        (how, usage)
    }

    fn ending_of(&mut self, delegate: &Delegated, end: &SessionEnd) -> Ending {
        if let Some(limit) = delegate.over {
            return Ending::Over(limit);
        }
        if delegate.cancelled || end.cut {
            return Ending::Cut;
        }
        match &end.failure {
            None => {
                self.served(&delegate.backend, delegate.since);
                Ending::Done
            }
            Some(failure) if failure.kind.answer() == Answer::Rest => {
                self.park(&delegate.backend, delegate.since, &failure.detail, failure.rest_ms);
                let rest_ms = self.rest_of(delegate.delegation.role);
                Ending::TurnedAway { reason: failure.detail.clone(), rest_ms }
            }
            Some(failure) => Ending::Failed(failure.clone()),
        }
    }

    /// The same program, or the same machine, would fail every other session too.
    fn stop_if_hopeless(&mut self, event: &Event) {
        if let Event::SessionEnded { end: SessionEnd { failure: Some(failure), cut: false, .. }, .. } = event
            && failure.kind.answer() == Answer::Stop
        {
            self.environment_broke(&failure.detail);
        } else if let Event::Failed { failure, .. } = event
            && failure.environment
        {
            self.environment_broke(&failure.what);
        }
    }

    /// Another program stands in for one that its provider turned away, once; else the lead is told.
    fn lead_goes_on(&mut self, position: usize, delegate: &Delegated, how: Ending) {
        let at = self.at;
        self.tracks[position].lead_is_alive(at, delegate.last_sign);
        if matches!(how, Ending::TurnedAway { .. })
            && !delegate.stands_in
            && let Ok((position, backend)) = self.may_delegate(&delegate.delegation)
            && backend != delegate.backend
        {
            return self.start_delegate(position, delegate.delegation.clone(), backend, true);
        }
        self.tell_lead(&delegate.delegation, Told::Ended { session: delegate.job.clone(), how });
    }

    /// A new life: nobody is at work in any worktree any more. What a lead ended with counts now, and one that has not
    /// ended learns, when it goes on, that nobody works for it.
    pub(super) fn forget_delegates(&mut self) {
        // What follows waits for a slot, as if the run had been stopped before.
        self.stopping = Some(Stopping { how: Stop::Graceful, reason: StopReason::Asked });
        for position in 0..self.tracks.len() {
            let Some(delegate) = self.tracks[position].delegate.take() else { continue };
            if delegate.then.as_deref().is_none_or(Event::was_cut) {
                self.tracks[position].remember_delegate(&delegate);
            }
            if let Some(end) = &delegate.then {
                self.apply(end);
            }
        }
        self.stopping = None;
    }
}

impl Event {
    /// Whether a session ended only because it was cut short.
    fn was_cut(&self) -> bool {
        matches!(self, Self::Cut { .. } | Self::SessionEnded { end: SessionEnd { cut: true, .. }, .. })
    }
}

impl Track {
    fn remember_delegate(&mut self, delegate: &Delegated) {
        if matches!(self.phase, Phase::Working(_)) {
            let Delegation { role, story, .. } = &delegate.delegation;
            let story = story.as_ref().map(|story| format!(" on {story}")).unwrap_or_default();
            self.remember(&format!(
                "a {} worked for you{story} when it was cut short together with you: what it committed is on your branch; \
                 look at it, and delegate again what is missing",
                role.name()
            ));
        }
    }
}
