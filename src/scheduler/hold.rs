//! Holding one epic: a person stops it, and lets it go on.
//!
//! **Invariant:** nothing is asked for a held epic but the end of what is in flight; the state remembers what would have
//! been asked, and asks it once the person lets the epic go on. Nobody is charged for what a hold cuts short.

use super::command::{Command, Purpose};
use super::event::Stop;
use super::job::{Job, Role, Scope};
use super::notice::Notice;
use super::run::Run;
use super::track::{Merging, Phase};
use crate::domain::id::EpicId;

/// Why an epic ends that a person stopped and never let go on.
const STOPPED_BY_HAND: &str = "stopped by hand";

impl Run {
    /// The position of an epic that a person can stop now. What is being published is merged any moment.
    pub(super) fn holdable(&self, epic: &EpicId) -> Option<usize> {
        let position = self.position_of(epic)?;
        let can_wait = match &self.tracks[position].phase {
            Phase::Waiting
            | Phase::Preparing { .. }
            | Phase::Working(_)
            | Phase::Checking(_)
            | Phase::Resting { .. }
            | Phase::Queued
            | Phase::Merging(Merging::Building { .. } | Merging::Proving { .. })
            | Phase::Outdated
            | Phase::Updating { .. } => true,
            Phase::Merging(Merging::Publishing { .. }) | Phase::Resetting(_) | Phase::Done(_) => false,
        };
        (can_wait && !self.tracks[position].held).then_some(position)
    }

    /// The position of a track that a person stopped.
    pub(super) fn held(&self, scope: &Scope) -> Option<usize> {
        self.positions.get(scope).copied().filter(|&position| self.tracks[position].held)
    }

    /// Whether there is anything that a person can let go on.
    pub(super) fn can_go_on(&self, epic: &EpicId) -> bool {
        self.held(&Scope::Epic(epic.clone())).is_some() || self.resting(epic).is_some() || self.waits_for_backend(epic)
    }

    /// Where an epic that rests before another attempt is, and what that attempt is for.
    fn resting(&self, epic: &EpicId) -> Option<(usize, Purpose)> {
        let position = self.position_of(epic)?;
        match &self.tracks[position].phase {
            Phase::Resting { purpose, .. } => Some((position, purpose.clone())),
            Phase::Waiting
            | Phase::Preparing { .. }
            | Phase::Working(_)
            | Phase::Checking(_)
            | Phase::Queued
            | Phase::Merging(_)
            | Phase::Outdated
            | Phase::Updating { .. }
            | Phase::Resetting(_)
            | Phase::Done(_) => None,
        }
    }

    /// Whether nothing is in flight that moves a track on.
    pub(super) fn is_at_rest(&self, position: usize) -> bool {
        let track = &self.tracks[position];
        track.delegate.is_none() && track.job().is_none_or(|job| !self.in_flight.contains(job))
    }

    /// Whether a session is ended because a person steers.
    pub(super) fn is_let_be(&self, session: &Job) -> bool {
        self.waiting_for(session).is_some_and(|position| self.tracks[position].is_let_be())
    }

    /// A person stops an epic.
    pub(super) fn stop_epic_asked(&mut self, epic: &EpicId) {
        let Some(position) = self.holdable(epic) else { return };
        self.tracks[position].held = true;
        self.tell(Notice::EpicHeld { epic: epic.clone() });
        self.cut_short(position);
    }

    /// Ends what is in flight for a track because a person steers; which job that is. Its answer comes as ever.
    pub(super) fn cut_short(&mut self, position: usize) -> Option<Job> {
        if self.is_at_rest(position) {
            return None;
        }
        self.end_delegate(position);
        let job = self.tracks[position].job().cloned()?;
        let has_ended = !self.in_flight.contains(&job);
        let is_ending =
            has_ended || matches!(&self.tracks[position].phase, Phase::Working(work) if work.over.is_some());
        if !is_ending && self.tracks[position].cancelled.as_ref() != Some(&job) {
            self.tracks[position].cancelled = Some(job.clone());
            self.out.commands.push(Command::Cancel { job: job.clone(), how: Stop::Graceful });
        }
        Some(job)
    }

    /// A person lets an epic go on: one that they stopped, else one that rests before another attempt.
    pub(super) fn retry_asked(&mut self, epic: &EpicId) {
        if let Some(position) = self.held(&Scope::Epic(epic.clone())) {
            self.tracks[position].held = false;
            if self.tracks[position].phase == Phase::Queued {
                self.queue.push(position);
            }
            self.tell(Notice::EpicReleased { epic: epic.clone() });
        } else if let Some((position, purpose)) = self.resting(epic) {
            self.unpark(purpose.role());
            self.rested(position, purpose);
        } else if self.waits_for_backend(epic) {
            self.unpark(Role::TeamLead);
        }
    }

    /// Lets held tracks stand where they are: what was in flight and has answered gives its slot, or its place in the
    /// merge, away.
    pub(super) fn lay_down_held(&mut self) {
        for position in self.epics() {
            let in_flight = &self.in_flight;
            self.tracks[position].cancelled.take_if(|job| !in_flight.contains(job));
            if !self.tracks[position].held || !self.is_at_rest(position) {
                continue;
            }
            self.queue.retain(|&queued| queued != position);
            if matches!(self.tracks[position].phase, Phase::Merging(_)) {
                // The loop branch goes on meanwhile: a candidate of before would be of no use.
                self.enter(position, Phase::Queued);
            } else if self.tracks[position].needs_slot() {
                // One that was never asked for keeps its name.
                self.tracks[position].parked.get_or_insert(true);
            }
        }
    }

    /// Nothing else is left to do: what a person stopped ends, and keeps what it has.
    pub(super) fn end_held(&mut self) {
        let mut held: Vec<usize> = self.epics().filter(|&position| self.tracks[position].held).collect();
        held.sort_by_key(|&position| self.tracks[position].wave);
        for position in held {
            let is_blocked = self.tracks[position].phase == Phase::Waiting && !self.blockers(position).is_empty();
            if !is_blocked {
                // An earlier run proved it, and nothing but merging was left.
                self.tracks[position].proven |= self.tracks[position].todo.is_empty();
                self.give_up(position, STOPPED_BY_HAND);
            }
        }
    }
}
