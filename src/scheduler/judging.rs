//! Judging an epic: where the workflow asks for it, a validator looks at an epic that is proven, before it is merged.
//!
//! **Invariants:**
//! - What is judged is a commit. After a round of fixes the epic is judged again; what merging changes later is not.
//! - A validator only looks: what it changed is taken back before anything follows from its word.
//! - Proven work is never lost because nobody could judge it: then it is merged, and the verdict says so.

use super::command::{Command, Finding, Purpose};
use super::job::{Job, Role, Scope, Task};
use super::judge::headline;
use super::notice::Notice;
use super::run::Run;
use super::track::Phase;
use crate::domain::report::ValidationReport;

impl Run {
    /// A track is proven on its own branch: it is judged if it must be, else it queues to be merged.
    pub(super) fn judge_or_queue(&mut self, position: usize) {
        let track = &mut self.tracks[position];
        let judges = self.policy.workflow.epic_validation.is_some() && matches!(track.scope, Scope::Epic(_));
        if !judges || track.judging.over {
            return self.queue_up(position);
        }
        track.findings.clear();
        track.judging.aside = super::aside::Aside::default();
        self.start_session(position, Purpose::Judge);
    }

    /// What reads the word of the validator whose session ended last, and takes back what it changed.
    pub(super) fn read_judgement(&self, position: usize, job: Job) -> Command {
        let track = &self.tracks[position];
        let (scope, task) = (track.scope.clone(), Task::Session(Role::EpicValidator));
        let n = self.numbers.get(&(scope.clone(), task)).copied().unwrap_or_default();
        Command::CheckValidation { job, session: Job { scope, task, n }, judged: track.tip.clone() }
    }

    /// The validator's word was read: on to merging, back to the lead, or another look.
    pub(super) fn epic_judged(&mut self, job: &Job, report: &Result<ValidationReport, String>, undone: &[String]) {
        let Some(position) = self.waiting_for(job) else { return };
        let Phase::Checking(checking) = self.tracks[position].phase.clone() else { return };
        let Some(epic) = job.scope.epic().cloned() else { return };
        self.tell_put_back(position, undone);
        match report {
            Ok(report) => {
                let (backend, asked_at) = self.tracks[position].ran_on.clone();
                self.served(&backend, asked_at);
                self.tell(Notice::EpicValidated { epic, pass: report.pass, findings: report.findings.clone() });
                if report.pass {
                    self.tracks[position].judging.over = true;
                    self.queue_up(position);
                } else {
                    self.mend_after_judgement(position, &report.findings);
                }
            }
            Err(fault) => {
                let failure = checking.failure.as_ref();
                if let Some(reason) = self.aside_came_to_nothing(position, Purpose::Judge, fault, failure) {
                    self.go_on_unjudged(position, &reason);
                }
            }
        }
    }

    /// Tells what was taken back of a session that had to change nothing.
    pub(super) fn tell_put_back(&mut self, position: usize, undone: &[String]) {
        if let Some(epic) = self.tracks[position].scope.epic().filter(|_| !undone.is_empty()).cloned() {
            self.tell(Notice::PutBack { epic, saved: undone.to_vec() });
        }
    }

    /// Findings of the validator go back to the lead, while rounds for them remain.
    fn mend_after_judgement(&mut self, position: usize, findings: &[String]) {
        let of = self.policy.workflow.epic_validation.unwrap_or_default();
        let mut findings: Vec<Finding> = findings.iter().cloned().map(Finding::Validation).collect();
        if findings.is_empty() {
            findings.push(Finding::Validation("the validator of the epic says fail, and not why".to_owned()));
        }
        let track = &mut self.tracks[position];
        track.findings.clone_from(&findings);
        // An earlier run may have proven it; from now on it has to be proven again.
        track.proven = false;
        if track.judging.fixes >= of {
            return self.give_up(position, &headline(&findings));
        }
        if let Some(reason) = self.epic_spent(position, &headline(&findings)) {
            return self.give_up(position, &reason);
        }
        let track = &mut self.tracks[position];
        track.judging.fixes += 1;
        let (scope, cycle) = (track.scope.clone(), track.judging.fixes);
        self.tell(Notice::FixCycle { scope, cycle, of, findings });
        self.start_session(position, Purpose::Fix);
    }

    /// Nobody could judge the epic: it is proven all the same.
    pub(super) fn go_on_unjudged(&mut self, position: usize, reason: &str) {
        let judging = &mut self.tracks[position].judging;
        judging.over = true;
        judging.missing = Some(reason.to_owned());
        if let Some(epic) = self.tracks[position].scope.epic().cloned() {
            self.tell(Notice::NotValidated { epic, reason: reason.to_owned() });
        }
        self.queue_up(position);
    }

    /// What the verdict must say of epics that are merged and were judged by nobody.
    pub(super) fn unjudged_risks(&self) -> impl Iterator<Item = String> {
        let merged = self.tracks.iter().filter(|track| track.is_merged());
        merged.filter_map(|track| {
            let reason = track.judging.missing.as_ref()?;
            Some(format!("{} was judged by nobody: {reason}", track.scope))
        })
    }
}
