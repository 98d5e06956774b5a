//! The working part of a track's life: a slot is free, the worktree is made, sessions work, findings go back, until the
//! track is proven or out of attempts. How what they leave is looked at stands in `check`.

use super::aside::session_ask;
use super::command::{Command, Finding, Purpose, SessionAsk};
use super::event::{Failure, FailureKind, SessionEnd, SessionFailure, Sign};
use super::failure::Answer;
use super::job::{Job, Scope, Task};
use super::judge::headline;
use super::notice::{Limit, Notice};
use super::run::Run;
use super::track::{Phase, Work};
use crate::domain::id::{CommitId, SessionId};
use crate::domain::outcome::Outcome;

impl Run {
    /// Gives free slots to tracks.
    pub(super) fn start_tracks(&mut self) {
        while self.stopping.is_none() {
            let Some(position) = self.next_to_start() else { return };
            if let Some(renew) = self.tracks[position].parked.take() {
                self.ask_again(position, renew);
            } else if self.tracks[position].phase == Phase::Outdated {
                self.bring_up_to_date(position);
            } else {
                self.prepare(position);
            }
        }
    }

    fn prepare(&mut self, position: usize) {
        let scope = self.tracks[position].scope.clone();
        self.started.extend(scope.epic().cloned());
        let kept = scope.epic().and_then(|epic| self.kept.get(epic));
        let start = kept.unwrap_or(&self.loop_tip).clone();
        // A branch of an earlier run builds on what was there before this one.
        let is_kept = scope.epic().is_some_and(|epic| self.kept.contains_key(epic));
        self.tracks[position].red_below = if is_kept { self.red_at_start.clone() } else { self.red_on_loop() };
        self.tell(Notice::Preparing { scope: scope.clone() });
        let job = self.name_job(&scope, Task::Prepare);
        self.enter(position, Phase::Preparing { job: job.clone(), start: start.clone() });
        self.ask(Command::Prepare { job, start });
    }

    /// The worktree is there and set up: the first session begins, or what an earlier run proved is looked at.
    /// `planned`: the epic has a plan already.
    pub(super) fn prepared(&mut self, job: &Job, tip: &CommitId, planned: bool) {
        let Some(position) = self.waiting_for(job) else { return };
        let Phase::Preparing { start, .. } = &self.tracks[position].phase else { return };
        let base = start.clone();
        let track = &mut self.tracks[position];
        track.base = Some(base);
        track.tip = Some(tip.clone());
        track.attempt = 1;
        if matches!(track.scope, Scope::Fix(_)) {
            self.start_session(position, Purpose::Fix);
        } else if track.asked().is_empty() {
            // An earlier run proved it and could not merge it: nothing is left but to look at it and merge.
            track.proven = true;
            self.check(position, None, None);
        } else {
            self.plan_or_build(position, planned);
        }
    }

    /// Asks for a session on a track.
    pub(super) fn start_session(&mut self, position: usize, purpose: Purpose) {
        let scope = self.tracks[position].scope.clone();
        let job = self.name_job(&scope, Task::Session(purpose.role()));
        let work = Work::new(job, purpose, self.at);
        self.enter(position, Phase::Working(work));
        self.ask_for_session(position);
    }

    /// Says (again) what the session in the track's phase is asked to do.
    pub(super) fn ask_for_session(&mut self, position: usize) {
        if let Some(reason) = self.epic_spent(position, "its next session was not begun") {
            let judges = matches!(&self.tracks[position].phase, Phase::Working(work) if work.purpose == Purpose::Judge);
            return if judges { self.go_on_unjudged(position, &reason) } else { self.give_up(position, &reason) };
        }
        if self.is_spent() {
            // It keeps its place and its name until there is more to spend.
            self.tracks[position].parked = Some(false);
            return;
        }
        let Phase::Working(work) = &self.tracks[position].phase else { return };
        let role = work.purpose.role();
        let Some(backend) = work.backend.clone().or_else(|| self.free_backend(role)) else {
            let (until, purpose) = (self.backend_is_back(role), work.purpose.clone());
            self.tracks[position].parked = None;
            return self.enter(position, Phase::Resting { until, purpose });
        };
        if let Phase::Working(work) = &mut self.tracks[position].phase {
            work.backend = Some(backend.clone());
        }
        let track = &self.tracks[position];
        let Phase::Working(work) = &track.phase else { return };
        let job = work.job.clone();
        // Who judges does so by itself.
        let notes = if work.purpose == Purpose::Judge { Vec::new() } else { self.notes_to_tell() };
        let ask = SessionAsk { notes, ..session_ask(track, work, backend, &self.loop_tip) };
        if self.stopping.is_none() && !track.held {
            self.tell(Notice::SessionStarted {
                scope: job.scope.clone(),
                role,
                attempt: ask.attempt,
                fix_cycle: ask.cycle,
                continued: ask.continues.is_some(),
            });
        }
        self.ask(Command::Session { job, ask: Box::new(ask) });
    }

    /// A session said the name of its conversation, with which it can be continued.
    pub(super) fn identified(&mut self, at: u64, job: &Job, session: &SessionId) {
        if job.scope == Scope::Run {
            return self.validator_identified(at, session);
        }
        if let (Some(position), Task::Session(role)) = (self.waiting_for(job), job.task) {
            self.tracks[position].talks_in(role, session);
        }
        self.active(at, job, Sign::Output);
    }

    /// A sign of life.
    pub(super) fn active(&mut self, at: u64, job: &Job, sign: Sign) {
        self.at = self.at.max(at);
        if job.scope == Scope::Run {
            return self.validator_active(sign);
        }
        if self.delegate_active(job, sign) {
            return;
        }
        let Some(position) = self.waiting_for(job) else { return };
        let at = self.at;
        if let Phase::Working(work) = &mut self.tracks[position].phase {
            (work.last_active, work.last_sign) = (at, sign);
        }
    }

    /// A session is over, however it ended: what it left is looked at, not what it says.
    pub(super) fn session_ended(&mut self, job: &Job, end: &SessionEnd) {
        if job.scope == Scope::Run {
            return self.validator_ended(end);
        }
        let Some(position) = self.waiting_for(job) else { return };
        let Phase::Working(work) = self.tracks[position].phase.clone() else { return };
        let backend = work.backend.clone().unwrap_or_default();
        self.consume(job, &backend, end.usage);
        self.tracks[position].ran_on = (backend, work.since);
        self.tell(Notice::SessionEnded {
            scope: job.scope.clone(),
            role: work.purpose.role(),
            failure: end.failure.clone(),
            cut: end.cut,
            usage: end.usage,
            took_ms: self.at.saturating_sub(work.since),
        });
        let hopeless = end.failure.as_ref().filter(|failure| failure.kind.answer() == Answer::Stop);
        if let Some(Limit::Repeats(turns)) = work.over
            && end.cut
            && !self.tracks[position].warned
            && self.tracks[position].aside(work.purpose.role()).is_none()
        {
            self.warn_of_repeating(position, work.purpose, turns);
        } else if let Some(limit) = work.over {
            let failure = SessionFailure::new(FailureKind::Crashed, limit.to_string());
            self.check(position, Some(work.purpose), Some(failure));
        } else if end.cut {
            self.track_was_cut(position);
        } else if let Some(failure) = hopeless {
            // The same program would fail every other session too: better stop now than burn every epic's attempts.
            self.environment_broke(&failure.detail);
        } else {
            self.check(position, Some(work.purpose), end.failure.clone());
        }
    }

    /// A session does the same again and again: it is ended. The first time it hears of it and goes on in its
    /// conversation; after that it counts as failed, unless what it left is good enough.
    pub(super) fn stagnant(&mut self, job: &Job, turns: u32) {
        if job.scope == Scope::Run {
            return self.validator_over(Limit::Repeats(turns));
        }
        if self.delegate_stagnant(job, turns) {
            return;
        }
        let Some(position) = self.waiting_for(job) else { return };
        let track = &self.tracks[position];
        let is_ending = track.cancelled.is_some();
        if !is_ending && matches!(&track.phase, Phase::Working(work) if work.over.is_none()) {
            self.session_timed_out(position, Limit::Repeats(turns));
        }
    }

    fn warn_of_repeating(&mut self, position: usize, purpose: Purpose, turns: u32) {
        let track = &mut self.tracks[position];
        track.warned = true;
        track.remember(&format!(
            "it made the same calls {turns} times and changed nothing. Do not repeat them: take another way, or report \
             what stands in it as not done, and why"
        ));
        self.start_session(position, purpose);
    }

    /// The session could not even be hosted.
    pub(super) fn session_failed_to_start(&mut self, job: &Job, failure: &Failure) {
        if job.scope == Scope::Run {
            return self.validator_failed_to_start(failure);
        }
        let Some(position) = self.waiting_for(job) else { return };
        let Phase::Working(work) = self.tracks[position].phase.clone() else { return };
        self.charge(position, work.purpose, &failure.what);
    }

    /// Findings go back to the lead, in its own conversation, while fix cycles remain.
    pub(super) fn fix_round(&mut self, position: usize, findings: Vec<Finding>) {
        let of = self.policy.max_fix_cycles;
        let track = &mut self.tracks[position];
        track.findings.clone_from(&findings);
        if track.fix_cycle >= of {
            return self.give_up(position, &headline(&findings));
        }
        if let Some(reason) = self.epic_spent(position, &headline(&findings)) {
            return self.give_up(position, &reason);
        }
        let track = &mut self.tracks[position];
        track.fix_cycle += 1;
        let (scope, cycle) = (track.scope.clone(), track.fix_cycle);
        self.tell(Notice::FixCycle { scope, cycle, of, findings });
        self.start_session(position, Purpose::Fix);
    }

    /// A session left nothing that could be judged. What follows depends on whose fault it is.
    pub(super) fn came_to_nothing(
        &mut self,
        position: usize,
        purpose: Purpose,
        reason: &str,
        failure: Option<&SessionFailure>,
    ) {
        if let Some(reason) = self.epic_spent(position, reason) {
            return self.give_up(position, &reason);
        }
        match failure.map(|failure| failure.kind.answer()) {
            Some(Answer::Rest) => {
                let known = failure.and_then(|failure| failure.rest_ms);
                self.turned_away(position, purpose, reason, known);
            }
            Some(Answer::GiveUp) => self.give_up(position, reason),
            Some(Answer::Charge | Answer::Stop) | None => self.charge(position, purpose, reason),
        }
    }

    /// A session of the work counts as failed. Another attempt begins in a new conversation, unless this was the last one.
    pub(super) fn charge_work(&mut self, position: usize, purpose: Purpose, reason: &str) {
        let of = self.policy.max_attempts;
        let track = &mut self.tracks[position];
        track.conversation = None;
        track.warned = false;
        track.charged += 1;
        if track.charged >= of {
            return self.give_up(position, reason);
        }
        track.attempt += 1;
        track.remember(reason);
        let (scope, attempt) = (track.scope.clone(), track.charged + 1);
        self.tell(Notice::Retrying { scope, attempt, of, reason: reason.to_owned(), delay_ms: 0 });
        self.start_session(position, purpose);
    }

    /// A job other than a session could not be carried out: it is asked for again, but not for ever.
    pub(super) fn track_job_failed(&mut self, job: &Job, failure: &Failure) {
        let Some(position) = self.waiting_for(job) else { return };
        let scope = job.scope.clone();
        let track = &mut self.tracks[position];
        track.troubles += 1;
        if track.troubles >= self.policy.max_attempts {
            if job.task == Task::Publish {
                // Nobody knows whether the branch moved, so nothing may be said of this track, nor built on top.
                track.troubles = 0;
                return self.environment_broke(&failure.what);
            }
            if job.task == Task::Abandon {
                return self.cannot_begin_again(position, &failure.what);
            }
            return self.give_up(position, &failure.what);
        }
        self.tell(Notice::Trouble { scope, what: failure.what.clone() });
        self.ask_again(position, true);
    }

    /// Ends a track that ran out of attempts or rounds, with what it proved.
    pub(super) fn give_up(&mut self, position: usize, reason: &str) {
        let track = &self.tracks[position];
        let reason = reason.to_owned();
        let outcome = if track.proven {
            Outcome::MergeFailed { reason }
        } else if track.borne_out && track.stories.iter().any(|id| track.passes(id)) {
            Outcome::Partial { reason }
        } else {
            Outcome::Failed { reason }
        };
        self.finish(position, outcome);
    }
}
