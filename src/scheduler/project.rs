//! What the disk must show: the states in `prd.json` and the verdict, both computed from the state and nothing else.
//!
//! **Invariant:** the verdict is never rosier than the evidence in it: it passes when every selected epic is merged,
//! every gate is green on the tip, and the validator (where there is one) agrees; what was left out stands in it as an
//! open risk.

use super::command::Command;
use super::event::Failure;
use super::job::{Job, Scope, Task};
use super::judging::unseen_risk;
use super::notice::Notice;
use super::run::{Run, Stage};
use super::track::Track;
use crate::domain::id::EpicId;
use crate::domain::outcome::{Outcome, PrdState, RunEnd, Status, StoryProof};
use crate::domain::plan::{Epic, Story};
use crate::domain::report::Check;
use crate::domain::verdict::{EpicVerdict, Verdict};

/// Failed writes in a row before the run stops.
const MAX_FAILED_WRITES: u32 = 3;

/// Leftover files that are named at most.
const LEFTOVERS_SHOWN: usize = 5;

/// The state of `prd.json` as a projection.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Projection {
    /// Something ended since the last write began.
    pub dirty: bool,
    /// The write under way.
    pub writing: Option<Job>,
    /// What the last write that was asked for says.
    pub last: Vec<PrdState>,
    /// The epics that it calls planned.
    pub last_planned: Vec<EpicId>,
    /// Failed writes in a row, of this file or of the verdict.
    pub failed: u32,
}

impl Run {
    /// Writes the states if they changed; one write at a time. This goes on while the run is being stopped.
    pub(super) fn project_prd(&mut self) {
        if !self.prd.dirty || self.prd.writing.is_some() || self.end.is_some() {
            return;
        }
        self.prd.dirty = false;
        let states: Vec<PrdState> = self.epics().filter_map(|n| self.prd_state(n)).collect();
        let planned = self.planned_epics();
        if states == self.prd.last && planned == self.prd.last_planned {
            return;
        }
        self.prd.last.clone_from(&states);
        self.prd.last_planned.clone_from(&planned);
        let job = self.name_job(&Scope::Run, Task::Prd);
        self.prd.writing = Some(job.clone());
        self.ask_even_when_stopping(Command::WritePrd { job, states, planned });
    }

    fn prd_state(&self, position: usize) -> Option<PrdState> {
        let (track, epic) = (&self.tracks[position], &self.plan.epics()[position]);
        let decided = track.outcome().filter(|outcome| **outcome != Outcome::AlreadyCompleted);
        let Some((outcome, status)) = decided.and_then(|outcome| Some((outcome, outcome.status()?))) else {
            return self.afresh.contains(&epic.id).then(|| pending(epic));
        };
        let stories = stories_in_the_end(track, epic, outcome);
        let stories = stories.into_iter().map(|proof| (proof.id, proof.passes, proof.reason)).collect();
        Some(PrdState { epic: epic.id.clone(), status, stories })
    }

    /// A write arrived on the disk.
    pub(super) fn written(&mut self, job: &Job) {
        self.prd.failed = 0;
        if self.prd.writing.take_if(|writing| writing == job).is_some() {
            return;
        }
        if matches!(&self.stage, Stage::Judging { job: Some(judging) } if judging == job) {
            let unfinished = self.left_out_by_limit();
            let end = if unfinished > 0 {
                let epics = if unfinished == 1 { "1 epic was".to_owned() } else { format!("{unfinished} epics were") };
                RunEnd::Limit { reason: format!("{epics} not started: the limit was reached") }
            } else {
                RunEnd::Judged { pass: self.verdict().pass }
            };
            self.finish_run(end);
        }
    }

    /// A write failed: it is tried again a few times, then the run stops in good order.
    pub(super) fn not_written(&mut self, job: &Job, failure: &Failure) {
        self.prd.failed += 1;
        self.tell(Notice::Trouble { scope: Scope::Run, what: failure.what.clone() });
        if self.prd.failed >= MAX_FAILED_WRITES {
            self.environment_broke(&failure.what);
        }
        self.write_was_cut(job);
    }

    /// A write did not happen: it is due again, in the next life if this one is being stopped.
    pub(super) fn write_was_cut(&mut self, job: &Job) {
        if self.prd.writing.take_if(|writing| writing == job).is_some() {
            self.prd.last.clear();
            self.prd.last_planned.clear();
            // While stopping it is left to the next life, or a full disk would hold the stop for ever.
            self.prd.dirty = self.stopping.is_none();
        }
        if let Stage::Judging { job: judging } = &mut self.stage {
            judging.take_if(|judging| judging == job);
        }
    }

    /// A new life writes everything again: it cannot know what of the old one's writes arrived.
    pub(super) fn writes_again(&mut self) {
        self.prd = Projection { dirty: true, ..Projection::default() };
        if let Stage::Judging { job } = &mut self.stage {
            *job = None;
        }
    }

    /// Writes the verdict as soon as everything is decided and nothing else is under way.
    pub(super) fn write_verdict(&mut self) {
        let decided = self.stage == Stage::Judging { job: None };
        if !decided || self.prd.dirty || !self.in_flight.is_empty() || self.stopping.is_some() || self.end.is_some() {
            return;
        }
        let job = self.name_job(&Scope::Run, Task::Verdict);
        self.stage = Stage::Judging { job: Some(job.clone()) };
        let verdict = Box::new(self.verdict());
        self.ask(Command::WriteVerdict { job, verdict });
    }

    fn left_out_by_limit(&self) -> usize {
        let limited = |n: &usize| self.is_selected(*n) && self.tracks[*n].outcome() == Some(&Outcome::LeftOut);
        self.epics().filter(limited).count()
    }

    /// The verdict of the state as it is.
    pub(super) fn verdict(&self) -> Verdict {
        let epics: Vec<EpicVerdict> = self.epics().map(|n| self.epic_verdict(n)).collect();
        let all_merged = self.epics().filter(|&n| self.is_selected(n)).all(|n| self.tracks[n].is_merged());
        let gates_green =
            self.loop_gates.iter().all(|gate| gate.green()) && self.gates_not_run(&self.loop_gates).is_empty();
        let report = self.validation.report.as_ref();
        let validated = self.validation.round == 0 || report.is_some_and(|report| report.pass);
        let tests = match (report.map(|report| report.tests), self.loop_gates.is_empty()) {
            _ if !gates_green => Check::Fail,
            (Some(Check::Fail), _) => Check::Fail,
            (Some(Check::Pass), _) | (_, false) => Check::Pass,
            (Some(Check::Na) | None, true) => Check::Na,
        };
        Verdict {
            run: self.id.clone(),
            pass: all_merged && gates_green && validated,
            tests,
            browser_check: report.map_or(Check::Na, |report| report.browser_check),
            base: self.base.clone(),
            tip: self.loop_tip.clone(),
            open_risks: self.open_risks(&epics),
            epics,
            gates: self.loop_gates.clone(),
            findings: report.map(|report| report.findings.clone()).unwrap_or_default(),
            usage: self.consumed.total,
            usage_by_role: self.consumed.by_role.clone(),
            took_ms: self.at,
        }
    }

    fn epic_verdict(&self, position: usize) -> EpicVerdict {
        let (track, epic) = (&self.tracks[position], &self.plan.epics()[position]);
        let outcome = track.outcome().cloned().unwrap_or(Outcome::Interrupted);
        EpicVerdict {
            id: epic.id.clone(),
            stories: stories_in_the_end(track, epic, &outcome),
            outcome,
            attempts: track.attempt,
            fix_cycles: track.fix_rounds(),
            branch: track.base.is_some().then(|| self.id.epic_branch(&track.scope.slug())),
            tip: track.tip.clone(),
            gates: track.gates.clone(),
            usage: track.consumed.total,
            usage_by_role: track.consumed.by_role.clone(),
            usage_by_story: track.by_story.clone(),
            judged: self.words_on(position),
        }
    }

    fn open_risks(&self, epics: &[EpicVerdict]) -> Vec<String> {
        let mut risks = Vec::new();
        if self.loop_gates.is_empty() {
            risks.push("no gate is configured: only the agents' word and clean merges stand behind this".to_owned());
        }
        if !self.gates_not_run(&self.loop_gates).is_empty() {
            risks.push(
                "not every gate that is configured now was run on the tip: the gates changed during the run".to_owned(),
            );
        }
        for gate in self.loop_gates.iter().filter(|gate| !gate.green()) {
            risks.push(format!("gate `{}` was red before the run and still is", gate.name));
        }
        if let Some(fault) = self.validation.fault.as_ref().filter(|_| self.validation.report.is_none()) {
            risks.push(format!("the final validator gave no verdict: {fault}"));
        }
        risks.extend(self.unjudged_risks());
        risks.extend(self.meddlings.iter().cloned());
        for track in self.tracks.iter().filter(|track| !track.leftovers.is_empty() && track.is_merged()) {
            let (scope, n) = (&track.scope, track.leftovers.len());
            let shown: Vec<&str> = track.leftovers.iter().take(LEFTOVERS_SHOWN).map(String::as_str).collect();
            let more = if n > shown.len() { ", ..." } else { "" };
            risks.push(format!(
                "{scope}: a session left {n} files uncommitted, and the runner committed them: {}{more}",
                shown.join(", ")
            ));
        }
        for epic in epics {
            if epic.outcome == Outcome::LeftOut {
                risks.push(format!("{} was left out of this run", epic.id));
            }
            let unproven = epic.stories.iter().filter(|story| story.passes && story.commit.is_none());
            let unproven: Vec<&str> = unproven.map(|story| story.id.as_str()).collect();
            if matches!(epic.outcome, Outcome::Merged { .. }) && !unproven.is_empty() {
                risks.push(format!("{}: no commit was named for {}", epic.id, unproven.join(", ")));
            }
            risks.extend(unseen_risk(epic));
        }
        risks
    }
}

/// What the file says of an epic that a person set back.
fn pending(epic: &Epic) -> PrdState {
    let stories = epic.user_stories.iter().map(|story| (story.id.clone(), false, None)).collect();
    PrdState { epic: epic.id.clone(), status: Status::Pending, stories }
}

/// What holds of each story in the light of how the epic ended, for `prd.json` and the verdict alike: claims that the
/// gates did not bear out count for nothing.
fn stories_in_the_end(track: &Track, epic: &Epic, outcome: &Outcome) -> Vec<StoryProof> {
    epic.user_stories.iter().map(|story| story_in_the_end(track, story, outcome)).collect()
}

fn story_in_the_end(track: &Track, story: &Story, outcome: &Outcome) -> StoryProof {
    let proof = track.proofs.iter().find(|proof| proof.id == story.id).cloned();
    let nothing = StoryProof { id: story.id.clone(), passes: false, reason: None, commit: None, evidence: Vec::new() };
    let proof = proof.unwrap_or(nothing);
    let (passes, otherwise) = match outcome {
        Outcome::Merged { .. } | Outcome::AlreadyCompleted => (true, None),
        Outcome::Partial { reason } | Outcome::MergeFailed { reason } => (proof.passes, Some(reason)),
        // What an earlier run proved stays, what this one claims does not.
        Outcome::Failed { reason } => (story.passes, Some(reason)),
        Outcome::Blocked { .. } | Outcome::LeftOut | Outcome::Interrupted => (story.passes, None),
    };
    let reason = proof.reason.clone().or_else(|| otherwise.cloned()).filter(|_| !passes);
    StoryProof { passes, reason, commit: proof.commit.filter(|_| passes), ..proof }
}
