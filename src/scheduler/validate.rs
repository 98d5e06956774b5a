//! The end of a run: the final validator judges the whole, its findings are fixed in rounds, the verdict is written.

use std::collections::BTreeSet;

use super::command::{Command, Finding, Purpose, SessionAsk};
use super::conversation::Conversation;
use super::event::{Failure, FailureKind, SessionEnd, SessionFailure, Sign};
use super::failure::Answer;
use super::job::{Job, Role, Scope, Task};
use super::notice::{Limit, Notice};
use super::run::{Run, Stage};
use super::track::{Phase, Track, Work};
use crate::domain::id::SessionId;
use crate::domain::outcome::{Outcome, RunEnd};
use crate::domain::policy::FinalValidation;
use crate::domain::report::ValidationReport;

/// What the final validation has come to.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Validation {
    pub step: Step,
    /// Validations asked for, counted from 1.
    pub round: u32,
    /// Sessions of this round that failed, plus the one that runs.
    pub attempt: u32,
    /// Rounds of fixes that were started.
    pub fixes: u32,
    pub conversation: Option<Conversation>,
    /// The program of the session that ended last, and when it was asked for.
    pub ran_on: (String, u64),
    /// Its last word.
    pub report: Option<ValidationReport>,
    /// Why there is no word.
    pub fault: Option<String>,
}

/// Where the current round stands.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) enum Step {
    #[default]
    Idle,
    /// This session is to be started as soon as there is something left to spend.
    Due(Work),
    Session(Work),
    /// All agent programs that could validate are parked until then.
    Resting {
        until: u64,
    },
    Reading {
        job: Job,
        session: Job,
        failure: Option<SessionFailure>,
    },
    /// A track of this scope mends what was found.
    Fixing(Scope),
}

impl Run {
    /// Takes the run from one stage to the next when nothing is left to do in it.
    pub(super) fn advance_stage(&mut self) {
        if self.stopping.is_some() || self.end.is_some() {
            return;
        }
        match &self.stage {
            // The verdict is written as soon as the last jobs have answered.
            Stage::Opening { .. } | Stage::Judging { .. } => {}
            Stage::Working => {
                if !self.work_is_left() {
                    self.settle_waiting();
                    self.begin_validation();
                }
            }
            Stage::Validating => self.after_fix(),
        }
    }

    /// What waits now will not start any more.
    fn settle_waiting(&mut self) {
        self.end_held();
        for position in self.epics() {
            if self.tracks[position].phase == Phase::Waiting {
                let by = self.blockers(position);
                let outcome = if by.is_empty() { Outcome::LeftOut } else { Outcome::Blocked { by } };
                self.finish(position, outcome);
            }
        }
    }

    /// Whether it ended, verdict written, because no more epics might be started.
    pub(super) fn ended_at_its_number(&self) -> bool {
        let is_judged = matches!(self.stage, Stage::Judging { job: Some(_) });
        is_judged && matches!(self.end, Some(RunEnd::Limit { .. }))
    }

    /// Whoever resumes a run that ended at its number of epics wants as many again.
    pub(super) fn begin_next_epics(&mut self) {
        if !self.ended_at_its_number() {
            return;
        }
        self.more_epics += 1;
        for position in self.epics().filter(|&position| self.is_selected(position)).collect::<Vec<_>>() {
            if matches!(self.tracks[position].phase, Phase::Done(Outcome::LeftOut | Outcome::Blocked { .. })) {
                self.enter(position, Phase::Waiting);
            }
        }
        // What is merged now has yet to be judged.
        let (round, fixes) = (self.validation.round, self.validation.fixes);
        self.validation = Validation { round, fixes, ..Validation::default() };
        self.stage = Stage::Working;
    }

    fn begin_validation(&mut self) {
        let merged_now = self.tracks.iter().any(|track| matches!(track.outcome(), Some(Outcome::Merged { .. })));
        let n_merged = self.tracks.iter().filter(|track| track.is_merged()).count();
        if self.policy.final_validation.is_some() && merged_now && n_merged >= 2 {
            if self.starts_nothing_new() {
                // It is asked for when there is room and money again, and nobody paused the run.
                return;
            }
            self.stage = Stage::Validating;
            self.next_validation();
        } else {
            self.begin_judging();
        }
    }

    fn begin_judging(&mut self) {
        self.validation.step = Step::Idle;
        self.stage = Stage::Judging { job: None };
    }

    fn next_validation(&mut self) {
        self.validation.round += 1;
        self.validation.attempt = 1;
        self.validation.conversation = None;
        self.validation.fault = None;
        self.start_validator();
    }

    pub(super) fn start_validator(&mut self) {
        let job = self.name_job(&Scope::Run, Task::Session(Role::FinalValidator));
        self.ask_for_validator(Work::new(job, Purpose::Validate, self.at));
    }

    /// Asks for this session, or remembers it while there is nothing left to spend.
    fn ask_for_validator(&mut self, mut work: Work) {
        if self.is_spent() {
            self.validation.step = Step::Due(work);
            return;
        }
        let Some(backend) = work.backend.clone().or_else(|| self.free_backend(Role::FinalValidator)) else {
            self.validation.step = Step::Resting { until: self.backend_is_back(Role::FinalValidator) };
            return;
        };
        work.backend = Some(backend.clone());
        let job = work.job.clone();
        self.validation.step = Step::Session(work);
        let known = self.validation.conversation.as_ref().filter(|known| known.backend == backend);
        let ask = SessionAsk {
            role: Role::FinalValidator,
            backend,
            purpose: Purpose::Validate,
            attempt: self.validation.attempt,
            cycle: self.validation.round.saturating_sub(1),
            findings: self.validation.fault.iter().cloned().map(Finding::Session).collect(),
            stories: Vec::new(),
            notes: Vec::new(),
            merged: self
                .epics()
                .filter(|&n| self.tracks[n].is_merged())
                .map(|n| self.plan.epics()[n].id.clone())
                .collect(),
            base: self.base.clone(),
            red_at_base: self.red_at_start.iter().cloned().collect(),
            loop_tip: self.loop_tip.clone(),
            continues: known.map(|known| known.session.clone()),
            consumed: known.map(|known| known.consumed).unwrap_or_default(),
        };
        if self.stopping.is_none() {
            self.tell(Notice::SessionStarted {
                scope: Scope::Run,
                role: Role::FinalValidator,
                attempt: ask.attempt,
                fix_cycle: ask.cycle,
                continued: ask.continues.is_some(),
            });
        }
        self.ask(Command::Session { job, ask: Box::new(ask) });
    }

    /// The validator said the name of its conversation.
    pub(super) fn validator_identified(&mut self, at: u64, session: &SessionId) {
        self.at = self.at.max(at);
        if let Step::Session(Work { backend: Some(backend), .. }) = &self.validation.step {
            let known = self.validation.conversation.take();
            self.validation.conversation = Some(Conversation::named(backend, session, known));
        }
        self.validator_active(Sign::Output);
    }

    /// The validator gave a sign of life.
    pub(super) fn validator_active(&mut self, sign: Sign) {
        if let Step::Session(work) = &mut self.validation.step {
            (work.last_active, work.last_sign) = (self.at, sign);
        }
    }

    /// The session of the validator is over: its report is looked at, unless it was cut short or can never work.
    pub(super) fn validator_ended(&mut self, end: &SessionEnd) {
        let Step::Session(work) = self.validation.step.clone() else { return };
        let backend = work.backend.clone().unwrap_or_default();
        self.consume(&work.job, &backend, end.usage);
        self.validation.ran_on = (backend, work.since);
        self.tell(Notice::SessionEnded {
            scope: Scope::Run,
            role: Role::FinalValidator,
            failure: end.failure.clone(),
            cut: end.cut,
            usage: end.usage,
            took_ms: self.at.saturating_sub(work.since),
        });
        let hopeless = end.failure.as_ref().filter(|failure| failure.kind.answer() == Answer::Stop);
        if let Some(limit) = work.over {
            self.read_validation(work.job, Some(timed_out(limit)));
        } else if end.cut {
            self.validation_was_cut();
        } else if let Some(failure) = hopeless {
            self.environment_broke(&failure.detail);
        } else {
            self.read_validation(work.job, end.failure.clone());
        }
    }

    /// The session of the validator could not even be hosted.
    pub(super) fn validator_failed_to_start(&mut self, failure: &Failure) {
        self.no_word(&failure.what);
    }

    fn read_validation(&mut self, session: Job, failure: Option<SessionFailure>) {
        let job = self.name_job(&Scope::Run, Task::CheckValidation);
        self.validation.step = Step::Reading { job: job.clone(), session: session.clone(), failure };
        self.ask(Command::CheckValidation { job, session, judged: None });
    }

    /// The validator's report was read: a pass, findings that begin a round of fixes, or nothing usable.
    pub(super) fn validation_checked(&mut self, report: &Result<ValidationReport, String>) {
        let Step::Reading { failure, .. } = self.validation.step.clone() else { return };
        match report {
            Ok(report) => self.take_word(report),
            Err(fault) => {
                let turned_away = failure.as_ref().filter(|failure| failure.kind.answer() == Answer::Rest);
                match turned_away {
                    Some(failure) => self.validator_turned_away(failure),
                    None => self.no_word(&failure.map_or_else(|| fault.clone(), |failure| failure.detail)),
                }
            }
        }
    }

    fn take_word(&mut self, report: &ValidationReport) {
        let (backend, asked_at) = self.validation.ran_on.clone();
        self.served(&backend, asked_at);
        let (pass, findings, round) = (report.pass, report.findings.clone(), self.validation.round);
        self.validation.report = Some(report.clone());
        self.tell(Notice::Validated { pass, findings: findings.clone(), round });
        let all_merged = self.epics().filter(|&n| self.is_selected(n)).all(|n| self.tracks[n].is_merged());
        let may_fix = self.policy.final_validation.is_some_and(|FinalValidation { max_fix_cycles }| {
            self.validation.fixes < max_fix_cycles && all_merged && !findings.is_empty()
        });
        if pass || !may_fix {
            self.begin_judging();
        } else {
            self.begin_fix(findings);
        }
    }

    /// The validator's session left nothing to read.
    fn no_word(&mut self, reason: &str) {
        self.validation.fault = Some(reason.to_owned());
        self.validation.conversation = None;
        let of = self.policy.max_attempts;
        if self.validation.attempt >= of {
            self.validation.report = None;
            return self.begin_judging();
        }
        self.validation.attempt += 1;
        let (attempt, reason) = (self.validation.attempt, reason.to_owned());
        self.tell(Notice::Retrying { scope: Scope::Run, attempt, of, reason, delay_ms: 0 });
        self.start_validator();
    }

    /// A round of fixes is a track like an epic: worktree, session, check, merge.
    fn begin_fix(&mut self, findings: Vec<String>) {
        self.validation.fixes += 1;
        let scope = Scope::Fix(self.validation.fixes);
        let mut track =
            Track::new(scope.clone(), "what the final validator found".to_owned(), self.plan.n_waves() + 1, Vec::new());
        track.findings = findings.into_iter().map(Finding::Validation).collect();
        track.since = self.at;
        self.positions.insert(scope.clone(), self.tracks.len());
        self.tracks.push(track);
        self.validation.step = Step::Fixing(scope);
        self.start_tracks();
    }

    fn after_fix(&mut self) {
        let Step::Fixing(scope) = &self.validation.step else { return };
        let Some(&position) = self.positions.get(scope) else { return };
        let track = &self.tracks[position];
        if track.is_merged() && self.starts_nothing_new() {
            // The next look is due when the first one would be.
        } else if track.is_merged() {
            self.next_validation();
        } else if track.is_done() {
            self.begin_judging();
        }
    }

    /// Cut short by a limit, by a stop, or by nobody that we know of.
    pub(super) fn validation_was_cut(&mut self) {
        match self.validation.step.clone() {
            Step::Session(Work { job, over: Some(limit), .. }) => self.read_validation(job, Some(timed_out(limit))),
            Step::Session(_) if self.stopping.is_none() => self.start_validator(),
            Step::Reading { session, failure, .. } if self.stopping.is_none() => self.read_validation(session, failure),
            Step::Session(_)
            | Step::Resting { .. }
            | Step::Reading { .. }
            | Step::Due(_)
            | Step::Idle
            | Step::Fixing(_) => {}
        }
    }

    /// A new life takes up the step that stands.
    pub(super) fn validation_again(&mut self, crashed: &BTreeSet<Job>) {
        let at = self.at;
        match self.validation.step.clone() {
            Step::Session(work) if crashed.contains(&work.job) => self.ask_for_validator(work.begun_again(at)),
            Step::Due(work) => self.ask_for_validator(work.begun_again(at)),
            Step::Session(_) | Step::Resting { .. } => self.start_validator(),
            Step::Reading { session, failure, .. } => self.read_validation(session, failure),
            Step::Idle | Step::Fixing(_) => {}
        }
    }

    /// When the validator must be over.
    pub(super) fn validation_deadline(&self) -> Option<u64> {
        match &self.validation.step {
            Step::Session(work) if work.over.is_none() => {
                self.session_deadline(work.since, work.last_active).map(|(deadline, _)| deadline)
            }
            Step::Resting { until } => Some(*until),
            Step::Session(_) | Step::Due(_) | Step::Idle | Step::Reading { .. } | Step::Fixing(_) => None,
        }
    }

    /// Ends a validator that is over its limit.
    pub(super) fn validation_deadline_passed(&mut self) {
        if matches!(self.validation.step, Step::Resting { until } if until <= self.at) {
            return self.start_validator();
        }
        let Step::Session(work) = &self.validation.step else { return };
        let due = self.session_deadline(work.since, work.last_active).filter(|(deadline, _)| *deadline <= self.at);
        if let Some((_, limit)) = due {
            self.validator_over(limit);
        }
    }

    /// Ends the validator's session because of a limit, unless it is being ended already.
    pub(super) fn validator_over(&mut self, limit: Limit) {
        let Step::Session(work) = &mut self.validation.step else { return };
        if work.over.is_none() {
            work.over = Some(limit);
            let (job, last) = (work.job.clone(), work.last_sign);
            self.cancel_for(job, Role::FinalValidator, limit, last);
        }
    }
}

fn timed_out(limit: Limit) -> SessionFailure {
    SessionFailure::new(FailureKind::Crashed, limit.to_string())
}
