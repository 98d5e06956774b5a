//! Stopping and going on: what is cancelled, when a stop is complete, what a new life takes up again, and the
//! deadlines that stop a session or the run.
//!
//! **Invariant:** while the run is being stopped nothing new is asked for but the last write of `prd.json`; the state
//! remembers what would have been asked, and a resumed run asks it.

use std::collections::BTreeSet;

use super::command::{Command, Purpose};
use super::event::{FailureKind, SessionFailure, Sign, Stop};
use super::job::{Job, Scope, Task};
use super::notice::{Limit, Notice, StopReason};
use super::run::{Run, Stage};
use super::track::{Phase, Resetting, Work};
use crate::domain::outcome::RunEnd;
use crate::domain::policy::Policy;

/// A stop under way.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Stopping {
    pub how: Stop,
    pub reason: StopReason,
}

impl Run {
    /// A person asked for a stop.
    pub(super) fn stop_asked(&mut self, how: Stop) {
        self.begin_stop(how, StopReason::Asked);
    }

    /// Nothing can go on before a person mended what is around the program.
    pub(super) fn environment_broke(&mut self, what: &str) {
        self.begin_stop(Stop::Graceful, StopReason::Environment(what.to_owned()));
    }

    /// Whether nothing can be steered any more.
    pub(super) fn is_ending(&self) -> bool {
        self.stopping.is_some() || self.end.is_some()
    }

    /// Starts nothing new from now on, or goes on. What is at work is not touched.
    pub(super) fn pause_asked(&mut self, paused: bool) {
        self.paused = paused;
        self.tell(Notice::Paused { paused });
    }

    /// Begins a stop, or makes one that is under way more urgent.
    pub(super) fn begin_stop(&mut self, how: Stop, reason: StopReason) {
        let reason = match &self.stopping {
            Some(stopping) if stopping.how == Stop::Now || how == Stop::Graceful => return,
            Some(stopping) => stopping.reason.clone(),
            None => reason,
        };
        self.stopping = Some(Stopping { how, reason: reason.clone() });
        let writes = |job: &&Job| matches!(job.task, Task::Prd | Task::Verdict);
        let jobs: Vec<Job> = self.in_flight.iter().filter(|job| !writes(job)).cloned().collect();
        self.tell(Notice::Stopping { how, reason, n_jobs: jobs.len() });
        self.out.commands.extend(jobs.into_iter().map(|job| Command::Cancel { job, how }));
    }

    /// The stop is complete once everything in flight has answered.
    pub(super) fn end_if_stopped(&mut self) {
        let Some(stopping) = &self.stopping else { return };
        if !self.in_flight.is_empty() || self.end.is_some() {
            return;
        }
        let end = match stopping.reason.clone() {
            StopReason::Asked => RunEnd::Interrupted,
            StopReason::LoopTimeout(ms) => {
                RunEnd::Limit { reason: format!("the whole run took longer than {} s", ms / 1000) }
            }
            StopReason::Outage(reason) => {
                RunEnd::Limit { reason: format!("the provider turned sessions away for too long: {reason}") }
            }
            StopReason::Environment(reason) => RunEnd::Environment { reason },
            StopReason::Budget(spent) => RunEnd::Limit { reason: Self::budget_words(spent) },
            StopReason::Disk { free_mib } => {
                RunEnd::Limit { reason: format!("only {free_mib} MiB are free on the disk; make room, then resume") }
            }
        };
        self.finish_run(end);
    }

    /// The run is over; nothing follows.
    pub(super) fn finish_run(&mut self, end: RunEnd) {
        self.end = Some(end.clone());
        self.tell(Notice::RunEnded { end });
    }

    /// A job was cut short because we asked for it: nobody is charged.
    pub(super) fn was_cut(&mut self, job: &Job) {
        if let Some(position) = self.waiting_for(job) {
            return self.track_was_cut(position);
        }
        match job.task {
            Task::Session(_) | Task::CheckValidation if job.scope == Scope::Run => self.validation_was_cut(),
            Task::Open if self.stopping.is_none() => self.open(),
            Task::Retire if self.stopping.is_none() => self.retired(job, Some("removing it was cut short")),
            Task::Prd | Task::Verdict => self.write_was_cut(job),
            Task::Open
            | Task::Retire
            | Task::Abandon
            | Task::Session(_)
            | Task::CheckValidation
            | Task::Prepare
            | Task::Check
            | Task::CheckPlan
            | Task::Candidate
            | Task::Prove
            | Task::Publish
            | Task::Update => {}
        }
    }

    /// The job that a track waits for was cut short: by a limit of the session, by a stop of the run, by a person, or (should that
    /// ever happen) by nobody that we know of, and then it is simply asked for again.
    pub(super) fn track_was_cut(&mut self, position: usize) {
        if let Phase::Working(work) = &self.tracks[position].phase
            && let Some(limit) = work.over
        {
            let purpose = work.purpose.clone();
            let failure = SessionFailure::new(FailureKind::Crashed, limit.to_string());
            return self.check(position, Some(purpose), Some(failure));
        }
        if self.stopping.is_none() && !self.tracks[position].held {
            self.ask_again(position, true);
        }
    }

    /// A new process took over. What was in flight when the old one died is asked for again under its own name, so
    /// that work which ended meanwhile can be adopted; what was cut short gets a new one.
    pub(super) fn resume(&mut self, policy: &Policy) {
        self.take_budget(policy.budget);
        self.begin_next_epics();
        self.policy = policy.clone();
        self.paused = false;
        // Nobody knows how long the run was away; a person who resumes it wants to try.
        self.parked.clear();
        self.disk = None;
        self.end = None;
        self.life_since = self.at;
        self.forget_delegates();
        let crashed = std::mem::take(&mut self.in_flight);
        match self.stage.clone() {
            Stage::Opening { job } if crashed.contains(&job) => self.open_again(job),
            Stage::Opening { .. } => self.open(),
            Stage::Working | Stage::Validating | Stage::Judging { .. } => {}
        }
        for position in 0..self.tracks.len() {
            self.take_up(position, &crashed);
        }
        self.validation_again(&crashed);
        self.writes_again();
        let n_parked = self.tracks.iter().filter(|track| track.parked.is_some() && !track.held).count();
        let n_jobs = self.in_flight.len() + n_parked;
        self.out.notices.insert(0, Notice::RunResumed { run: self.id.clone(), n_jobs });
    }

    /// Takes up one track. What needs a slot waits for one: the new life may have fewer than the old one had.
    fn take_up(&mut self, position: usize, crashed: &BTreeSet<Job>) {
        if matches!(self.tracks[position].phase, Phase::Resetting(Resetting::Ending { .. })) {
            // What was to be ended first ended with the process before.
            return self.abandon(position);
        }
        let track = &mut self.tracks[position];
        if let Some(job) = track.job().cloned() {
            let renew = !crashed.contains(&job);
            if track.needs_slot() {
                // One that was never asked for keeps waiting as it did.
                track.parked = track.parked.or(Some(renew));
            } else {
                self.ask_again(position, renew);
            }
        }
        self.retire_again(position, crashed);
    }

    /// Asks again for the job of a track's phase, under a new name if `renew`.
    pub(super) fn ask_again(&mut self, position: usize, renew: bool) {
        if let Some(purpose) = self.not_begun_again(position) {
            // What it had done when it was cut short is looked at all the same.
            let failure = SessionFailure::new(FailureKind::Crashed, "the session was cut short and not begun again");
            return self.check(position, Some(purpose), Some(failure));
        }
        if renew && let Some(job) = self.tracks[position].job().cloned() {
            let fresh = self.name_job(&job.scope, job.task);
            if let Some(job) = self.tracks[position].job_mut() {
                *job = fresh;
            }
        }
        let at = self.at;
        match &mut self.tracks[position].phase {
            Phase::Preparing { job, start } => {
                let command = Command::Prepare { job: job.clone(), start: start.clone() };
                self.ask(command);
            }
            Phase::Working(work) => {
                (work.since, work.last_active, work.over) = (at, at, None);
                if renew {
                    work.backend = None;
                }
                self.ask_for_session(position);
            }
            Phase::Checking(_) => self.ask_for_check(position),
            Phase::Merging(_) => self.ask_for_merge_step(position),
            Phase::Updating { job, onto } => {
                let command = Command::Update { job: job.clone(), onto: onto.clone() };
                self.ask(command);
            }
            Phase::Resetting(Resetting::Ending { job, .. } | Resetting::Abandoning { job }) => {
                let command = Command::Abandon { job: job.clone() };
                self.ask(command);
            }
            Phase::Waiting | Phase::Resting { .. } | Phase::Queued | Phase::Outdated | Phase::Done(_) => {}
        }
    }

    fn retire_again(&mut self, position: usize, crashed: &BTreeSet<Job>) {
        let Some(old) = self.tracks[position].retiring.clone() else { return };
        let job = if crashed.contains(&old) { old } else { self.name_job(&old.scope, Task::Retire) };
        self.tracks[position].retiring = Some(job.clone());
        self.ask(Command::Retire { job });
    }

    /// The next moment at which something is due although nothing happens.
    pub(super) fn next_deadline(&self) -> Option<u64> {
        if self.stopping.is_some() || self.end.is_some() {
            return None;
        }
        let whole = self.policy.loop_timeout_ms.map(|limit| self.life_since.saturating_add(limit));
        let tracks = self.tracks.iter().filter(|track| !track.is_let_be()).filter_map(|track| match &track.phase {
            Phase::Working(work) => self.sessions_deadline(track, work),
            Phase::Resting { until, .. } => Some(*until),
            Phase::Waiting
            | Phase::Preparing { .. }
            | Phase::Checking(_)
            | Phase::Queued
            | Phase::Merging(_)
            | Phase::Outdated
            | Phase::Updating { .. }
            | Phase::Resetting(_)
            | Phase::Done(_) => None,
        });
        tracks
            .chain(whole)
            .chain(self.validation_deadline())
            .chain(self.park_deadline())
            .chain(self.disk_deadline())
            .min()
    }

    /// When a session must be over, and because of which limit.
    pub(super) fn session_deadline(&self, since: u64, last_active: u64) -> Option<(u64, Limit)> {
        let limits = [self.life_deadline(since), self.silence_deadline(last_active)];
        limits.into_iter().flatten().min_by_key(|(deadline, _)| *deadline)
    }

    pub(super) fn life_deadline(&self, since: u64) -> Option<(u64, Limit)> {
        self.policy.epic_timeout_ms.map(|ms| (since.saturating_add(ms), Limit::Life(ms)))
    }

    pub(super) fn silence_deadline(&self, last_active: u64) -> Option<(u64, Limit)> {
        self.policy.idle_timeout_ms.map(|ms| (last_active.saturating_add(ms), Limit::Silence(ms)))
    }

    /// Time went by: ends what is over its limit, and begins what rested long enough.
    pub(super) fn deadlines_passed(&mut self) {
        if let Some(limit) = self.policy.loop_timeout_ms
            && self.life_since.saturating_add(limit) <= self.at
        {
            return self.begin_stop(Stop::Graceful, StopReason::LoopTimeout(limit));
        }
        for position in 0..self.tracks.len() {
            if self.tracks[position].is_let_be() {
                continue;
            }
            match self.tracks[position].phase.clone() {
                Phase::Working(_) => self.end_overdue(position),
                Phase::Resting { until, purpose } if until <= self.at => self.rested(position, purpose),
                Phase::Waiting
                | Phase::Preparing { .. }
                | Phase::Checking(_)
                | Phase::Resting { .. }
                | Phase::Queued
                | Phase::Merging(_)
                | Phase::Outdated
                | Phase::Updating { .. }
                | Phase::Resetting(_)
                | Phase::Done(_) => {}
            }
        }
        self.validation_deadline_passed();
        self.disk_deadline_passed();
    }

    /// The rest is over; the session starts as soon as there is a slot.
    pub(super) fn rested(&mut self, position: usize, purpose: Purpose) {
        let scope = self.tracks[position].scope.clone();
        let job = self.name_job(&scope, Task::Session(purpose.role()));
        let work = Work::new(job, purpose, self.at);
        self.enter(position, Phase::Working(work));
        self.tracks[position].parked = Some(false);
    }

    pub(super) fn session_timed_out(&mut self, position: usize, limit: Limit) {
        let Phase::Working(work) = &mut self.tracks[position].phase else { return };
        work.over = Some(limit);
        let (job, role, last) = (work.job.clone(), work.purpose.role(), work.last_sign);
        self.end_delegate(position);
        self.cancel_for(job, role, limit, last);
    }

    /// Ends a session because of a limit.
    pub(super) fn cancel_for(&mut self, job: Job, role: super::job::Role, limit: Limit, last: Sign) {
        self.tell(Notice::TimedOut { scope: job.scope.clone(), role, limit, last });
        self.out.commands.push(Command::Cancel { job, how: Stop::Graceful });
    }
}
