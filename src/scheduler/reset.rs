//! Setting one epic back: a person wants it to begin again. What is in flight ends first, then everything that it has is
//! saved and taken away, then it waits as on the first day.
//!
//! **Invariant:** its worktree is touched only after the answer of whatever was at work in it; nothing of before (proofs,
//! attempts, kept commits of earlier runs) counts afterwards. What it consumed stays with the run.

use super::command::Command;
use super::event::Event;
use super::fresh::track_of;
use super::job::{Job, Task};
use super::notice::Notice;
use super::run::{Run, Stage};
use super::track::{Merging, Phase, Resetting, Track};
use crate::domain::id::EpicId;
use crate::domain::outcome::Outcome;

impl Run {
    /// The position of an epic that can begin again. What is merged, or will be any moment, cannot.
    pub(super) fn resettable(&self, epic: &EpicId) -> Option<usize> {
        let position = self.position_of(epic)?;
        let can_begin_again = match &self.tracks[position].phase {
            Phase::Waiting
            | Phase::Preparing { .. }
            | Phase::Working(_)
            | Phase::Checking(_)
            | Phase::Resting { .. }
            | Phase::Queued
            | Phase::Merging(Merging::Building { .. } | Merging::Proving { .. })
            | Phase::Outdated
            | Phase::Updating { .. }
            | Phase::Done(Outcome::Partial { .. } | Outcome::Failed { .. } | Outcome::MergeFailed { .. }) => true,
            Phase::Merging(Merging::Publishing { .. })
            | Phase::Resetting(_)
            | Phase::Done(
                Outcome::AlreadyCompleted
                | Outcome::Merged { .. }
                | Outcome::Blocked { .. }
                | Outcome::LeftOut
                | Outcome::Interrupted,
            ) => false,
        };
        (can_begin_again && self.stage == Stage::Working).then_some(position)
    }

    /// A person wants an epic to begin again.
    pub(super) fn reset_asked(&mut self, epic: &EpicId) {
        let Some(position) = self.resettable(epic) else { return };
        self.tell(Notice::EpicResetting { epic: epic.clone() });
        let ending = self.cut_short(position);
        self.queue.retain(|&queued| queued != position);
        let track = &mut self.tracks[position];
        (track.held, track.cancelled, track.parked) = (false, None, None);
        let since = track.since;
        match ending {
            Some(job) => self.enter(position, Phase::Resetting(Resetting::Ending { job, since })),
            None => self.abandon(position),
        }
        self.unblock();
    }

    /// What was settled as blocked may start after all.
    fn unblock(&mut self) {
        for position in self.epics() {
            if matches!(self.tracks[position].phase, Phase::Done(Outcome::Blocked { .. })) {
                self.enter(position, Phase::Waiting);
            }
        }
    }

    /// The position of the track that waits for nothing but this answer to begin again.
    pub(super) fn ended_for_reset(&self, event: &Event) -> Option<usize> {
        let position = self.waiting_for(event.job().filter(|_| event.closes_job())?)?;
        matches!(self.tracks[position].phase, Phase::Resetting(Resetting::Ending { .. })).then_some(position)
    }

    /// What was in flight has ended, however: only its cost still counts.
    pub(super) fn make_room(&mut self, position: usize, event: &Event) {
        let Phase::Resetting(Resetting::Ending { since, .. }) = self.tracks[position].phase else { return };
        if let Event::SessionEnded { job: job @ Job { scope, task: Task::Session(role), .. }, end } = event {
            // Its conversation is left behind, whatever program it was on.
            self.consume(job, "", end.usage);
            self.tell(Notice::SessionEnded {
                scope: scope.clone(),
                role: *role,
                failure: end.failure.clone(),
                cut: end.cut,
                usage: end.usage,
                took_ms: self.at.saturating_sub(since),
            });
        }
        if let Event::Failed { failure, .. } = event
            && failure.environment
        {
            self.environment_broke(&failure.what);
        }
        self.abandon(position);
    }

    /// Asks that branch and worktree are saved and taken away.
    pub(super) fn abandon(&mut self, position: usize) {
        let scope = self.tracks[position].scope.clone();
        let job = self.name_job(&scope, Task::Abandon);
        self.enter(position, Phase::Resetting(Resetting::Abandoning { job: job.clone() }));
        self.ask(Command::Abandon { job });
    }

    /// Branch and worktree are gone, or had to be kept: then nothing can begin again, and asking once more would be no
    /// better.
    pub(super) fn abandoned(&mut self, job: &Job, saved: &[String], kept: Option<&str>) {
        let Some(position) = self.waiting_for(job) else { return };
        match kept {
            Some(reason) => self.cannot_begin_again(position, reason),
            None => self.begin_again(position, saved),
        }
    }

    /// Ends a track whose branch or worktree had to stay.
    pub(super) fn cannot_begin_again(&mut self, position: usize, reason: &str) {
        self.finish(position, Outcome::Failed { reason: format!("it cannot begin again: {reason}") });
    }

    fn begin_again(&mut self, position: usize, saved: &[String]) {
        let Some(epic) = self.tracks[position].scope.epic().cloned() else { return };
        self.plan.forget_passes(std::slice::from_ref(&epic));
        self.kept.remove(&epic);
        self.afresh.insert(epic.clone());
        // They speak of work that is gone.
        self.notes.retain(|told| told.by.epic() != Some(&epic));
        let wave = self.tracks[position].wave;
        let fresh = track_of(&self.plan.epics()[position], wave, &self.policy);
        self.tracks[position] = Track { since: self.at, ..fresh };
        self.prd.dirty = true;
        self.tell(Notice::EpicReset { epic, saved: saved.to_vec() });
    }
}
