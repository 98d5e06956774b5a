//! What the simulation saw so far: asked, answered, parked, begun, consumed. The invariants are asserted in its light.

use std::collections::{BTreeMap, BTreeSet};

use ralph_teams::domain::gate::GateOutcome;
use ralph_teams::domain::id::{CommitId, EpicId, StoryId};
use ralph_teams::domain::outcome::StoryProof;
use ralph_teams::domain::plan::Epic;
use ralph_teams::scheduler::event::{Checkup, FailureKind, ReportFound, SessionEnd};
use ralph_teams::scheduler::{Command, Event, Job, Notice, Scope, Task};

use crate::conversations::Conversations;
use crate::delegating::{Delegating, is_delegate};
use crate::judgements::Judgements;
use crate::rounds::Rounds;
use crate::spending::Spending;
use crate::steering::Steered;
use crate::world::World;

/// What was asked and answered so far, over all lives.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    /// Asked and not answered in this life.
    pub in_flight: BTreeMap<Job, Command>,
    /// When a stop was asked for in this life.
    pub stopped_at: Option<u64>,
    /// Whether a person paused the run.
    pub paused: bool,
    /// How often the run was resumed after it had ended at its number of epics.
    pub more_epics: usize,
    /// What changed in the user's repository while sessions ran.
    pub meddled: BTreeSet<String>,
    /// Whether the last write of `prd.json` failed.
    pub prd_failed: bool,
    /// What a person asked of single epics.
    pub steered: Steered,
    /// The epics that were begun, as they were then.
    pub begun: BTreeMap<EpicId, Epic>,
    /// The conversations of agents.
    pub conversations: Conversations,
    /// Epics for which a plan was found, since they began.
    pub planned: BTreeSet<EpicId>,
    /// What leads delegate.
    pub delegating: Delegating,
    /// What all sessions consumed.
    pub spending: Spending,
    /// The ends of leads whose delegates have not ended yet.
    pub left: BTreeMap<Scope, Event>,
    pub asked: BTreeSet<Job>,
    pub closed: BTreeSet<Job>,
    pub cut_for_limit: BTreeSet<Job>,
    pub proven: BTreeMap<CommitId, Vec<GateOutcome>>,
    pub candidates: BTreeMap<CommitId, Scope>,
    pub claims: BTreeMap<Scope, BTreeSet<StoryId>>,
    pub evidence: BTreeSet<StoryId>,
    pub attempt_owed: BTreeMap<Job, u32>,
    /// Until when each agent program is parked, as people were told.
    pub parked: BTreeMap<String, u64>,
    /// The same as if nobody had let anything go on by hand: which programs that unparks is not followed here.
    pub parked_at_most: BTreeMap<String, u64>,
    /// How often sessions of each scope were found to repeat themselves.
    pub n_repeats: BTreeMap<Scope, u32>,
    /// Sessions that ended well and were not looked at yet.
    pub unchecked: BTreeMap<Scope, Job>,
    pub starts: BTreeMap<Scope, CommitId>,
    /// The commit of the loop branch that each track took in last.
    pub builds_on: BTreeMap<Scope, CommitId>,
    pub n_sessions: BTreeMap<Scope, u32>,
    pub published: BTreeSet<Scope>,
    /// What validators of epics said.
    pub judgements: Judgements,
    /// Who was turned away, and which rounds of validation were begun.
    pub rounds: Rounds,
}

impl Watch {
    /// Takes note of an event before the scheduler sees it.
    pub fn note_event(&mut self, world: &World, at: u64, event: &Event) {
        self.steered.note(event);
        let of_a_delegate = event.job().is_some_and(|job| self.is_delegate(job));
        let asked = event.job().and_then(|job| self.in_flight.get(job));
        self.delegating.note(event, asked.filter(|_| of_a_delegate));
        self.conversations.note(event, asked);
        self.rounds.note(event, asked, &self.cut_for_limit);
        if let Some(Job { scope, task: Task::Session(_), .. }) =
            event.job().filter(|job| !of_a_delegate && self.counts(job, event))
        {
            *self.n_sessions.entry(scope.clone()).or_default() += 1;
        }
        self.note_spending(event, of_a_delegate);
        self.note_ask(world, at, event);
        // What a delegate answers says nothing of its lead, nor of its attempts.
        if !of_a_delegate {
            self.note_session(event);
        }
        self.note_check(world, event);
        self.note_step(world, event);
        if event.job().is_some_and(|job| job.task == Task::Prd) {
            self.prd_failed = matches!(event, Event::Failed { .. });
        }
        if let Some(job) = event.job().filter(|_| event.closes_job()) {
            self.in_flight.remove(job);
            if was_cut(event) {
                self.asked.remove(job);
            } else {
                self.closed.insert(job.clone());
            }
        }
    }

    /// What people want, and new lives.
    fn note_ask(&mut self, world: &World, at: u64, event: &Event) {
        if let Event::PauseAsked { paused } = event {
            self.paused = *paused;
        } else if let Event::Resumed { .. } = event {
            self.note_new_life();
        } else if let Event::StopAsked { .. } = event {
            self.stopped_at.get_or_insert(at);
        } else if let Event::ResetAsked { epic } = event {
            self.note_begun(world, epic);
        } else if let Event::RetryAsked { .. } = event {
            // Whoever asks for one epic does not want to wait for its program.
            self.parked.clear();
        }
    }

    /// How sessions of the work end, and what is noticed of them.
    fn note_session(&mut self, event: &Event) {
        if was_cut(event) {
            event.job().iter().for_each(|job| self.note_cut(job));
        } else if let Event::SessionEnded { job, end: SessionEnd { failure: None, .. } } = event {
            self.unchecked.insert(job.scope.clone(), job.clone());
        } else if let Event::Meddled { job, changes, .. } = event
            && self.in_flight.contains_key(job)
        {
            self.meddled.extend(changes.iter().cloned());
        } else if let Event::Stagnant { job, .. } = event {
            *self.n_repeats.entry(job.scope.clone()).or_default() += 1;
        } else if let Event::Failed { job, .. } = event {
            self.unchecked.remove(&job.scope);
            self.attempt_owed.retain(|owed, _| owed.scope != job.scope);
        }
    }

    /// What was found when a session had been looked at.
    fn note_check(&mut self, world: &World, event: &Event) {
        let Some(job) = event.job().filter(|job| job.scope != Scope::Run) else { return };
        if let Event::Checked { .. } | Event::PlanChecked { .. } | Event::ValidationChecked { .. } = event {
            self.unchecked.remove(&job.scope);
        }
        if let Event::Checked { checkup, .. } = event {
            self.note_checkup(world, &job.scope, checkup);
        } else if let Event::PlanChecked { plan: Ok(()), .. } = event {
            self.planned.extend(job.scope.epic().cloned());
        } else if let Event::ValidationChecked { report, .. } = event {
            let pass = report.as_ref().is_ok_and(|report| report.pass);
            self.judgements.note(world, self.in_flight.get(job), job, pass);
        }
    }

    /// The steps of a merge, and branches that are taken away.
    fn note_step(&mut self, world: &World, event: &Event) {
        if let Event::CandidateBuilt { job, commit } = event {
            self.candidates.insert(commit.clone(), job.scope.clone());
        } else if let Event::Proved { job, gates } = event
            && let Some(Command::Prove { commit, .. }) = self.in_flight.get(job)
        {
            self.proven.insert(commit.clone(), gates.clone());
        } else if let Event::Published { job } = event {
            self.published.insert(job.scope.clone());
        } else if let Event::Updated { job, .. } = event {
            if let Some(Command::Update { onto, .. }) = self.in_flight.get(job) {
                self.builds_on.insert(job.scope.clone(), onto.clone());
            }
            self.judgements.note_update(&job.scope);
        } else if let Event::Abandoned { job, kept: None, .. } = event {
            self.forget(world, &job.scope);
        }
    }

    /// What a lead consumed that ended before its delegate counts with the end of that, or of the life of the run.
    fn note_spending(&mut self, event: &Event, of_a_delegate: bool) {
        let scope = event.job().filter(|_| event.closes_job()).map(|job| &job.scope);
        let waits = |scope: &&Scope| self.in_flight.iter().any(|(job, c)| job.scope == **scope && is_delegate(c));
        match scope.filter(waits).filter(|_| !of_a_delegate) {
            Some(scope) => drop(self.left.insert(scope.clone(), event.clone())),
            None => self.spending.note(event),
        }
        match scope.filter(|_| of_a_delegate) {
            Some(scope) => self.left.remove(scope).iter().for_each(|left| self.spending.note(left)),
            None if matches!(event, Event::Resumed { .. }) => {
                std::mem::take(&mut self.left).values().for_each(|left| self.spending.note(left));
            }
            None => {}
        }
    }

    /// Whether a job in flight is a session that works for a lead.
    pub fn is_delegate(&self, job: &Job) -> bool {
        self.in_flight.get(job).is_some_and(is_delegate)
    }

    /// Whether this is the end of a session that was not cut short for reasons that are not its own.
    fn counts(&self, job: &Job, event: &Event) -> bool {
        let unusable = |end: &SessionEnd| end.failure.as_ref().is_some_and(|f| f.kind == FailureKind::Unusable);
        if let Event::SessionEnded { end, .. } = event {
            return (!end.cut || self.cut_for_limit.contains(job)) && !unusable(end);
        }
        let is_own = matches!(event, Event::Failed { failure, .. } if !failure.environment);
        is_own || (matches!(event, Event::Cut { .. }) && self.cut_for_limit.contains(job))
    }

    /// A claim becomes evidence once the gates are green on work that holds it.
    fn note_checkup(&mut self, world: &World, scope: &Scope, checkup: &Checkup) {
        let claims = self.claims.entry(scope.clone()).or_default();
        if let ReportFound::Read(proofs) = &checkup.report {
            let passed = |proof: &&StoryProof| proof.passes;
            claims.extend(proofs.iter().filter(passed).map(|proof| proof.id.clone()));
        }
        let green = |gate: &GateOutcome| gate.green() || world.fates.red_at_base(&gate.name);
        let all_ran = checkup.gates.len() == world.setup.begun.policy.gates.len();
        if all_ran && checkup.violations.is_empty() && checkup.gates.iter().all(green) {
            self.evidence.extend(claims.iter().cloned());
        }
    }

    /// An epic is begun as the plan has it now.
    pub fn note_begun(&mut self, world: &World, epic: &EpicId) {
        let known = world.plan.epic(epic).expect("a known epic");
        self.begun.entry(epic.clone()).or_insert_with(|| known.clone());
    }

    /// Nothing of a track that begins again may count any more.
    fn forget(&mut self, world: &World, scope: &Scope) {
        let epic = scope.epic().and_then(|epic| world.plan.epic(epic)).expect("a known epic");
        self.evidence.retain(|story| !epic.user_stories.iter().any(|own| own.id == *story));
        self.begun.remove(&epic.id);
        self.claims.remove(scope);
        self.judgements.forget(scope);
        self.unchecked.remove(scope);
        self.rounds.forget(scope);
        self.delegating.forget(scope);
        self.planned.remove(&epic.id);
        self.starts.remove(scope);
        self.builds_on.remove(scope);
        self.n_sessions.remove(scope);
        self.attempt_owed.retain(|owed, _| owed.scope != *scope);
        self.candidates.retain(|_, whose| whose != scope);
    }

    fn note_cut(&mut self, job: &Job) {
        if self.is_delegate(job) {
            return;
        }
        if let Some(Command::Session { ask, .. }) = self.in_flight.get(job)
            && !self.cut_for_limit.contains(job)
        {
            self.attempt_owed.insert(job.clone(), ask.attempt);
        }
    }

    fn note_new_life(&mut self) {
        let jobs: Vec<Job> = self.in_flight.keys().cloned().collect();
        jobs.iter().for_each(|job| self.note_cut(job));
        self.in_flight.clear();
        self.asked.clear();
        self.cut_for_limit.clear();
        self.stopped_at = None;
        self.paused = false;
        self.parked.clear();
        self.parked_at_most.clear();
    }

    /// Takes note of what people are told. A park ends at the moment that is told, or by hand, and not before.
    pub fn note_notices(&mut self, at: u64, notices: &[Notice]) {
        for notice in notices {
            self.spending.note_notice(notice);
            if let Notice::Parked { backend, delay_ms, .. } = notice {
                self.parked.insert(backend.clone(), at + delay_ms);
                self.parked_at_most.insert(backend.clone(), at + delay_ms);
            }
        }
    }

    /// Takes note of what people are told of judgements; merges may follow from the same event.
    pub fn note_judgements(&mut self, notices: &[Notice]) {
        notices.iter().for_each(|notice| self.judgements.note_notice(notice));
    }
}

fn was_cut(event: &Event) -> bool {
    let ended_cut = matches!(event, Event::SessionEnded { end, .. } if end.cut);
    ended_cut || matches!(event, Event::Cut { .. })
}
