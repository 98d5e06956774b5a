//! Readiness: which tracks may start now, in which order, and why the others wait. Questions only, no changes.

use super::job::{Role, Scope};
use super::run::{Run, Stage};
use super::track::{Phase, Track};
use super::view::WaitReason;
use crate::domain::id::EpicId;
use crate::domain::outcome::Outcome;
use crate::domain::policy::Schedule;

/// What keeps tracks from ever starting.
pub(super) struct Prospects {
    /// For each track, whether it waits for something that will not be merged in this run.
    pub doomed: Vec<bool>,
    /// For each track, whether a person stopped it, or it waits for one that they stopped.
    pub stalled: Vec<bool>,
}

impl Prospects {
    /// Whether nothing happens to a track unless a person does something.
    fn is_stuck(&self, position: usize) -> bool {
        self.doomed[position] || self.stalled[position]
    }
}

impl Run {
    /// How many slots are taken.
    pub(super) fn slots_used(&self) -> u32 {
        let used = self.tracks.iter().filter(|track| track.holds_slot()).count();
        u32::try_from(used).unwrap_or(u32::MAX)
    }

    /// The track that should get the next free slot. Work that was begun goes first, then finished work that only has
    /// to be brought up to date, then rounds of fixes, then the epic with the heaviest chain of work behind it; ties in the order of the PRD.
    pub(super) fn next_to_start(&self) -> Option<usize> {
        if self.disk.is_some() || self.paused {
            return None;
        }
        if !matches!(self.stage, Stage::Working | Stage::Validating) || self.slots_used() >= self.policy.slots {
            return None;
        }
        let positions = 0..self.tracks.len();
        // Without money left only the look at what was finished goes on: all else leads to sessions.
        let is_spent = self.is_spent();
        let may_go_on = |track: &Track| !track.held && (!is_spent || matches!(track.phase, Phase::Checking(_)));
        let parked = |n: &usize| self.tracks[*n].parked.is_some() && may_go_on(&self.tracks[*n]);
        if let Some(parked) = positions.clone().find(parked) {
            return Some(parked);
        }
        if is_spent {
            return None;
        }
        let is_outdated = |n: &usize| self.tracks[*n].phase == Phase::Outdated && !self.tracks[*n].held;
        if let Some(outdated) = positions.clone().find(is_outdated) {
            return Some(outdated);
        }
        let weights = self.plan.remaining_path_weights();
        let prospects = self.prospects();
        positions
            .filter(|&n| self.tracks[n].phase == Phase::Waiting && self.wait_reason(n, &prospects) == WaitReason::Slot)
            .max_by_key(|&n| (weights.get(n).copied().unwrap_or(usize::MAX), std::cmp::Reverse(n)))
    }

    /// Why a track that did not start yet waits. `Slot` means that nothing but a slot is missing.
    pub(super) fn wait_reason(&self, position: usize, prospects: &Prospects) -> WaitReason {
        if prospects.doomed[position] {
            return WaitReason::Blocked(self.blockers(position));
        }
        if self.tracks[position].held {
            return WaitReason::Held;
        }
        if self.stopping.is_some() {
            return WaitReason::Stopping;
        }
        if matches!(self.stage, Stage::Opening { .. }) {
            return WaitReason::Opening;
        }
        if matches!(self.tracks[position].scope, Scope::Fix(_)) {
            return self.slot_or_hold();
        }
        if self.is_over_the_limit(position) {
            return WaitReason::LeftOut;
        }
        let open = self.open_dependencies(position);
        if !open.is_empty() {
            return WaitReason::Dependencies(open);
        }
        let wave = self.tracks[position].wave;
        if self.policy.schedule == Schedule::Waves
            && self.epics().any(|n| self.tracks[n].wave < wave && !self.tracks[n].is_done() && !prospects.is_stuck(n))
        {
            return WaitReason::Wave;
        }
        if self.free_backend(Role::TeamLead).is_none() {
            return WaitReason::Backend { until: self.backend_is_back(Role::TeamLead) };
        }
        self.slot_or_hold()
    }

    /// Whether so many other epics were started that this one may not.
    fn is_over_the_limit(&self, position: usize) -> bool {
        let is_started = self.tracks[position].scope.epic().is_some_and(|epic| self.started.contains(epic));
        let most = self.policy.max_epics.map(|number| number.saturating_mul(1 + self.more_epics) as usize);
        !is_started && most.is_some_and(|most| self.started.len() >= most)
    }

    /// Why something waits that could start: there is nothing left to spend, room for what it would write is missing, a
    /// person paused the run, or only a slot is missing.
    pub(super) fn slot_or_hold(&self) -> WaitReason {
        if self.is_spent() {
            WaitReason::Budget
        } else if self.disk.is_some() {
            WaitReason::Disk
        } else if self.paused {
            WaitReason::Paused
        } else {
            WaitReason::Slot
        }
    }

    /// Whether no session may be started that nothing at work leads to: there is no room, nothing left to spend, or a
    /// person paused the run.
    pub(super) fn starts_nothing_new(&self) -> bool {
        self.disk.is_some() || self.paused || self.is_spent()
    }

    /// Whether an epic is one of those that were chosen for this run.
    pub(super) fn is_selected(&self, position: usize) -> bool {
        self.policy.only.is_empty() || self.policy.only.contains(&self.plan.epics()[position].id)
    }

    /// Positions of the epics, without the rounds of fixes.
    pub(super) fn epics(&self) -> std::ops::Range<usize> {
        0..self.plan.epics().len()
    }

    /// What keeps tracks that wait from ever starting. One pass along the waves, so that a plan of a thousand epics
    /// costs no more than its edges.
    pub(super) fn prospects(&self) -> Prospects {
        let (mut doomed, mut stalled) = (vec![false; self.tracks.len()], vec![false; self.tracks.len()]);
        let mut by_wave: Vec<usize> = self.epics().collect();
        by_wave.sort_by_key(|&n| self.tracks[n].wave);
        for n in by_wave {
            let lost = |&d: &usize| doomed[d] || (self.tracks[d].is_done() && !self.tracks[d].is_merged());
            let is_waiting = self.tracks[n].phase == Phase::Waiting;
            doomed[n] = is_waiting && self.plan.dependencies(n).iter().any(lost);
            let waits_in_vain = is_waiting && self.plan.dependencies(n).iter().any(|&d| stalled[d]);
            stalled[n] = self.tracks[n].held || waits_in_vain;
        }
        Prospects { doomed, stalled }
    }

    fn open_dependencies(&self, position: usize) -> Vec<EpicId> {
        let dependencies = self.plan.dependencies(position).iter();
        dependencies.filter(|&&d| !self.tracks[d].is_merged()).map(|&d| self.plan.epics()[d].id.clone()).collect()
    }

    /// The epics that this one depends on, directly or not, and that ended without being merged.
    pub(super) fn blockers(&self, position: usize) -> Vec<EpicId> {
        let mut seen = vec![false; self.tracks.len()];
        let mut todo = self.plan.dependencies(position).to_vec();
        let mut found = Vec::new();
        while let Some(n) = todo.pop() {
            if std::mem::replace(&mut seen[n], true) {
                continue;
            }
            match &self.tracks[n].phase {
                Phase::Done(Outcome::Merged { .. } | Outcome::AlreadyCompleted) => {}
                Phase::Done(
                    Outcome::Partial { .. }
                    | Outcome::Failed { .. }
                    | Outcome::MergeFailed { .. }
                    | Outcome::LeftOut
                    | Outcome::Interrupted,
                ) => found.push(n),
                // Its own blockers are the reason.
                Phase::Waiting | Phase::Done(Outcome::Blocked { .. }) => todo.extend(self.plan.dependencies(n)),
                Phase::Preparing { .. }
                | Phase::Working(_)
                | Phase::Checking(_)
                | Phase::Resting { .. }
                | Phase::Queued
                | Phase::Merging(_)
                | Phase::Outdated
                | Phase::Updating { .. }
                | Phase::Resetting(_) => {}
            }
        }
        found.sort_unstable();
        found.into_iter().map(|n| self.plan.epics()[n].id.clone()).collect()
    }

    /// Whether any track is on its way, or could still start. What a person stopped, and what waits for that, does not
    /// keep the run alive.
    pub(super) fn work_is_left(&self) -> bool {
        let prospects = self.prospects();
        (0..self.tracks.len())
            .any(|n| if prospects.stalled[n] { !self.is_at_rest(n) } else { self.is_open(n, &prospects) })
    }

    fn is_open(&self, position: usize, prospects: &Prospects) -> bool {
        match self.tracks[position].phase {
            Phase::Done(_) => false,
            Phase::Waiting => match self.wait_reason(position, prospects) {
                WaitReason::Blocked(_) | WaitReason::LeftOut | WaitReason::Held => false,
                WaitReason::Dependencies(_)
                | WaitReason::Wave
                | WaitReason::Slot
                | WaitReason::Backend { .. }
                | WaitReason::Paused
                | WaitReason::Disk
                | WaitReason::Budget
                | WaitReason::Opening
                | WaitReason::Stopping => true,
            },
            Phase::Preparing { .. }
            | Phase::Working(_)
            | Phase::Checking(_)
            | Phase::Resting { .. }
            | Phase::Queued
            | Phase::Merging(_)
            | Phase::Outdated
            | Phase::Updating { .. }
            | Phase::Resetting(_) => true,
        }
    }
}
