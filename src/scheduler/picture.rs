//! Draws the immutable view of a run from its state.

use super::job::Scope;
use super::ready::Prospects;
use super::run::{Run, Stage};
use super::track::{Phase, Track};
use super::validate::Step;
use super::view::{RunPhase, RunView, TrackState, TrackView, WaitReason};

impl Run {
    /// The run as it is at this moment.
    pub(super) fn view(&self) -> RunView {
        let prospects = self.prospects();
        let tracks: Vec<TrackView> =
            self.tracks.iter().enumerate().map(|(n, track)| self.track_view(n, track, &prospects)).collect();
        let (epics, fixes) = tracks.into_iter().partition(|track| track.scope.epic().is_some());
        RunView {
            run: self.id.clone(),
            project: self.plan.project().to_owned(),
            at: self.at,
            slots: self.policy.slots,
            slots_used: self.slots_used(),
            phase: self.run_phase(),
            base: self.base.clone(),
            loop_tip: self.loop_tip.clone(),
            epics,
            fixes,
            queue: self.queue.iter().map(|&n| self.tracks[n].scope.clone()).collect::<Vec<Scope>>(),
            usage: self.consumed.total,
            usage_by_role: self.consumed.by_role.clone(),
            budget: self.budget_spent(),
        }
    }

    fn run_phase(&self) -> RunPhase {
        if let Some(end) = &self.end {
            return RunPhase::Ended(end.clone());
        }
        if self.stopping.is_some() {
            return RunPhase::Stopping;
        }
        match (&self.stage, &self.validation.step) {
            (Stage::Opening { .. }, _) => RunPhase::Opening,
            (Stage::Working, _) => RunPhase::Working,
            (Stage::Validating, Step::Fixing(_)) => RunPhase::Fixing { round: self.validation.fixes },
            (
                Stage::Validating,
                Step::Idle | Step::Due(_) | Step::Session(_) | Step::Resting { .. } | Step::Reading { .. },
            ) => RunPhase::Validating { round: self.validation.round },
            (Stage::Judging { .. }, _) => RunPhase::Judging,
        }
    }

    fn track_view(&self, position: usize, track: &Track, prospects: &Prospects) -> TrackView {
        TrackView {
            scope: track.scope.clone(),
            title: track.title.clone(),
            wave: track.wave,
            state: self.track_state(position, track, prospects),
            since: track.since,
            last_active: match &track.phase {
                Phase::Working(work) => Some(work.last_active),
                Phase::Waiting
                | Phase::Preparing { .. }
                | Phase::Checking(_)
                | Phase::Resting { .. }
                | Phase::Queued
                | Phase::Merging(_)
                | Phase::Outdated
                | Phase::Updating { .. }
                | Phase::Resetting(_)
                | Phase::Done(_) => None,
            },
            stories_passed: track.stories_passed(),
            n_stories: track.stories.len(),
            attempt: track.attempt,
            fix_cycle: track.fix_rounds(),
            usage: track.consumed.total,
            usage_by_role: track.consumed.by_role.clone(),
            usage_by_story: track.by_story.clone(),
        }
    }

    fn track_state(&self, position: usize, track: &Track, prospects: &Prospects) -> TrackState {
        if track.held && self.is_at_rest(position) && !prospects.doomed[position] {
            return TrackState::Waiting(WaitReason::Held);
        }
        if track.parked.is_some() {
            let reason = if self.stopping.is_some() { WaitReason::Stopping } else { self.slot_or_hold() };
            return TrackState::Waiting(reason);
        }
        match &track.phase {
            Phase::Waiting => TrackState::Waiting(self.wait_reason(position, prospects)),
            Phase::Preparing { .. } => TrackState::Preparing,
            Phase::Working(work) if work.over.is_some() || track.cancelled.is_some() || track.has_left() => {
                TrackState::Stopping(work.purpose.role())
            }
            Phase::Working(work) => TrackState::Working(work.purpose.role()),
            Phase::Checking(_) => TrackState::Checking,
            Phase::Resting { until, .. } => TrackState::Resting { until: *until },
            Phase::Queued => {
                let merging = self.tracks.iter().filter(|other| matches!(other.phase, Phase::Merging(_))).count();
                let before = self.queue.iter().position(|&n| n == position).unwrap_or(0);
                TrackState::Queued { ahead: before + merging }
            }
            Phase::Merging(_) => TrackState::Merging,
            Phase::Outdated => TrackState::Outdated,
            Phase::Updating { .. } => TrackState::Updating,
            Phase::Resetting(_) => TrackState::Resetting,
            Phase::Done(outcome) => TrackState::Done(outcome.clone()),
        }
    }
}
