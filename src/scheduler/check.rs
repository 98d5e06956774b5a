//! The look at what a session left: asked for after each of them, and what follows from it.
//!
//! **Invariant:** nothing that a session says moves a track on, only what git and the gates show. Whom the provider turned
//! away in the middle of its work uses up neither an attempt nor a round.

use super::command::{CheckAsk, Command, Finding, Purpose};
use super::event::{Checkup, FailureKind, ReportFound, SessionFailure};
use super::failure::Answer;
use super::job::{Job, Scope, Task};
use super::judge::{Judgement, judge};
use super::notice::Notice;
use super::run::Run;
use super::track::{Checking, Phase};
use crate::domain::gate::GateOutcome;

impl Run {
    /// Looks at what is on the branch and in the worktree.
    pub(super) fn check(&mut self, position: usize, after: Option<Purpose>, failure: Option<SessionFailure>) {
        let scope = self.tracks[position].scope.clone();
        let task = match after {
            Some(Purpose::Plan) => Task::CheckPlan,
            Some(Purpose::Judge) => Task::CheckValidation,
            Some(
                Purpose::Implement | Purpose::Fix | Purpose::Resolve { .. } | Purpose::Validate | Purpose::Delegated(_),
            )
            | None => Task::Check,
        };
        let job = self.name_job(&scope, task);
        self.enter(position, Phase::Checking(Checking { job, after, failure }));
        self.ask_for_check(position);
    }

    /// Says (again) what the check in the track's phase looks for.
    pub(super) fn ask_for_check(&mut self, position: usize) {
        let track = &self.tracks[position];
        let (Phase::Checking(checking), Some(base)) = (&track.phase, &track.base) else { return };
        let job = checking.job.clone();
        let conflicts = match &checking.after {
            Some(Purpose::Plan) => {
                let stood = track.tip.clone();
                return self.ask(Command::CheckPlan { job, stood });
            }
            Some(Purpose::Judge) => return self.ask(self.read_judgement(position, job)),
            Some(Purpose::Resolve { files }) => files.clone(),
            Some(Purpose::Implement | Purpose::Fix | Purpose::Validate | Purpose::Delegated(_)) | None => Vec::new(),
        };
        let ask = CheckAsk { stories: track.asked(), base: base.clone(), conflicts };
        self.ask(Command::Check { job, ask });
    }

    /// What a session left was looked at: on to merging, back with the findings, or another attempt.
    pub(super) fn checked(&mut self, job: &Job, checkup: &Checkup) {
        let Some(position) = self.waiting_for(job) else { return };
        let Phase::Checking(checking) = self.tracks[position].phase.clone() else { return };
        let asked = self.tracks[position].asked();
        self.tell_checkup(&job.scope, checkup);
        let blocking: Vec<GateOutcome> = self.tracks[position].blocking(&checkup.gates).cloned().collect();
        let mut against: Vec<Finding> = blocking.into_iter().map(Finding::GateRed).collect();
        if checkup.violations.is_empty() {
            against.extend(self.gates_not_run(&checkup.gates));
        }
        let known = &self.tracks[position].proofs;
        let judgement = judge(&asked, known, checkup, checking.failure.as_ref(), against);
        self.take_in(position, checkup, &judgement);
        let purpose = checking.after.unwrap_or(Purpose::Fix);
        if let Some(failure) = checking.failure.as_ref().filter(|failure| failure.kind.answer() == Answer::Rest)
            && !self.is_done_all_the_same(position, &judgement)
        {
            // It would have gone on: what is still missing uses up no round, and the program is parked.
            return self.came_to_nothing(position, purpose, &failure.detail, Some(failure));
        }
        self.note_service(position, checking.failure.as_ref(), &judgement);
        match judgement {
            Judgement::Proven => self.judge_or_queue(position),
            Judgement::Findings(findings) if self.tracks[position].proven => {
                self.merge_round(position, findings, purpose);
            }
            Judgement::Findings(findings) => self.fix_round(position, findings),
            Judgement::NothingUsable(reason) => {
                self.came_to_nothing(position, purpose, &reason, checking.failure.as_ref());
            }
        }
    }

    /// Keeps what a check found, if it could be judged.
    fn take_in(&mut self, position: usize, checkup: &Checkup, judgement: &Judgement) {
        let track = &mut self.tracks[position];
        track.tip = Some(checkup.tip.clone());
        track.leftovers.extend(checkup.leftovers.iter().cloned());
        track.borne_out = match judgement {
            Judgement::Proven => true,
            Judgement::Findings(findings) => findings.iter().all(|finding| matches!(finding, Finding::Story { .. })),
            Judgement::NothingUsable(_) => return,
        };
        track.gates.clone_from(&checkup.gates);
        if let ReportFound::Read(proofs) = &checkup.report {
            track.take_proofs(proofs.clone());
        }
    }

    /// Whether a session that its provider turned away had done everything before. Rounds of fixes report nothing: only an
    /// end in good order says that one is done.
    fn is_done_all_the_same(&self, position: usize, judgement: &Judgement) -> bool {
        *judgement == Judgement::Proven && !matches!(self.tracks[position].scope, Scope::Fix(_))
    }

    /// A session that left something to judge was served by its provider. One whose conversation grew too long for its
    /// model is followed by a fresh one, whatever it left.
    fn note_service(&mut self, position: usize, failure: Option<&SessionFailure>, judgement: &Judgement) {
        let track = &mut self.tracks[position];
        if failure.is_some_and(|failure| failure.kind == FailureKind::TooLong) {
            track.conversation = None;
        }
        let is_turned_away = failure.is_some_and(|failure| failure.kind.answer() == Answer::Rest);
        if !is_turned_away && !matches!(judgement, Judgement::NothingUsable(_)) {
            let (backend, asked_at) = track.ran_on.clone();
            self.served(&backend, asked_at);
        }
    }

    fn tell_checkup(&mut self, scope: &Scope, checkup: &Checkup) {
        if !checkup.leftovers.is_empty() {
            self.tell(Notice::LeftoversCommitted { scope: scope.clone(), files: checkup.leftovers.clone() });
        }
        if let ReportFound::Read(proofs) = &checkup.report {
            for proof in proofs {
                self.tell(Notice::StoryChecked { scope: scope.clone(), proof: proof.clone() });
            }
        }
        for outcome in &checkup.gates {
            self.tell(Notice::GateRan { scope: scope.clone(), on_candidate: false, outcome: outcome.clone() });
        }
    }
}
