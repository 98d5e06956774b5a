//! The state of a run, and the one door through which events come in.

use std::collections::{BTreeMap, BTreeSet};

use super::Output;
use super::budget::Told;
use super::command::{Command, ToldNote};
use super::delegation::Delegation;
use super::disk::LowDisk;
use super::event::{Begun, Event, Failure};
use super::fresh::track_of;
use super::job::{Job, Scope, Task};
use super::notice::Notice;
use super::park::Parked;
use super::project::Projection;
use super::stop::Stopping;
use super::track::{Phase, Track};
use super::validate::Validation;
use crate::domain::gate::GateOutcome;
use crate::domain::id::{CommitId, EpicId, RunId};
use crate::domain::outcome::{Outcome, RunEnd};
use crate::domain::plan::Plan;
use crate::domain::policy::Policy;
use crate::domain::usage::Consumption;

/// A run that began.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Run {
    pub id: RunId,
    pub plan: Plan,
    pub policy: Policy,
    pub base: CommitId,
    pub start: CommitId,
    pub prd_path: String,
    /// Commits on which epics go on from earlier runs.
    pub kept: BTreeMap<EpicId, CommitId>,
    /// Running time of the latest event that was not stale.
    pub at: u64,
    /// When this life of the run began.
    pub life_since: u64,
    pub stage: Stage,
    pub loop_tip: CommitId,
    /// The gates as they ran on `loop_tip`.
    pub loop_gates: Vec<GateOutcome>,
    /// The gates that were red on the commit that the run started from.
    pub red_at_start: BTreeSet<String>,
    /// The epics in the order of the PRD, then the rounds of fixes.
    pub tracks: Vec<Track>,
    pub positions: BTreeMap<Scope, usize>,
    /// Positions of tracks that wait to be merged, first come first.
    pub queue: Vec<usize>,
    /// Jobs that were asked for in this life and have not answered.
    pub in_flight: BTreeSet<Job>,
    /// The last number given, for each scope and task.
    pub numbers: BTreeMap<(Scope, Task), u32>,
    /// Epics that were started in this run.
    pub started: BTreeSet<EpicId>,
    /// How often it was resumed after it had ended at its number of epics: each time as many again may be started.
    pub more_epics: u32,
    /// Epics that a person set back in this run: what earlier runs left of them counts no more.
    pub afresh: BTreeSet<EpicId>,
    pub validation: Validation,
    pub prd: Projection,
    /// What changed in the user's repository while sessions ran.
    pub meddlings: Vec<String>,
    /// What agents noted, oldest first.
    pub notes: Vec<ToldNote>,
    pub stopping: Option<Stopping>,
    /// Agent programs whose providers turned sessions away.
    pub parked: BTreeMap<String, Parked>,
    /// A person asked that nothing new is started; ends with this life of the run.
    pub paused: bool,
    /// Set while the disk has too little room for new work.
    pub disk: Option<LowDisk>,
    /// How it ended, once nothing is in flight any more.
    pub end: Option<RunEnd>,
    /// By all sessions of all lives, as far as they told.
    pub consumed: Consumption,
    /// What was told of the budget.
    pub budget_told: Told,
    /// What handling the current event led to; empty between events.
    pub out: Output,
}

/// Where the run as a whole stands.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Stage {
    Opening {
        job: Job,
    },
    Working,
    Validating,
    /// Everything is decided; the last jobs are waited for, then the verdict is written.
    Judging {
        job: Option<Job>,
    },
}

impl Run {
    /// The first event.
    pub fn begin(at: u64, begun: &Begun) -> Self {
        let Begun { run, plan, policy, base, start, prd, kept } = begun.clone();
        let tracks: Vec<Track> =
            plan.epics().iter().enumerate().map(|(n, epic)| track_of(epic, plan.wave(n), &policy)).collect();
        let positions = tracks.iter().enumerate().map(|(n, track)| (track.scope.clone(), n)).collect();
        let first = Job { scope: Scope::Run, task: Task::Open, n: 0 };
        let mut run = Self {
            id: run,
            plan,
            policy,
            base,
            loop_tip: start.clone(),
            start,
            prd_path: prd,
            kept,
            at,
            life_since: at,
            stage: Stage::Opening { job: first },
            loop_gates: Vec::new(),
            red_at_start: BTreeSet::new(),
            tracks,
            positions,
            queue: Vec::new(),
            in_flight: BTreeSet::new(),
            numbers: BTreeMap::new(),
            started: BTreeSet::new(),
            more_epics: 0,
            afresh: BTreeSet::new(),
            validation: Validation::default(),
            prd: Projection::default(),
            meddlings: Vec::new(),
            notes: Vec::new(),
            stopping: None,
            parked: BTreeMap::new(),
            paused: false,
            disk: None,
            end: None,
            consumed: Consumption::default(),
            budget_told: Told::default(),
            out: Output::default(),
        };
        run.tell(Notice::RunBegan {
            run: run.id.clone(),
            n_epics: run.plan.epics().len(),
            n_waves: run.plan.n_waves(),
            slots: run.policy.slots,
            base: run.base.clone(),
        });
        run.open();
        run
    }

    /// Any later event. Stale, repeated and impossible ones return before anything is touched.
    pub fn handle(&mut self, at: u64, event: &Event) {
        if let Some(job) = event.job() {
            if !self.in_flight.contains(job) || !event.fits(job.task) {
                return;
            }
            if event.closes_job() {
                self.in_flight.remove(job);
            }
        }
        match event {
            Event::Begun(_) => return,
            Event::Resumed { .. } if matches!(self.end, Some(RunEnd::Judged { .. })) => return,
            Event::StopAsked { .. } if self.ended().is_some() => return,
            Event::PauseAsked { paused } if self.is_ending() || self.paused == *paused => return,
            // It is being ended anyway, and that is not its fault.
            Event::Stagnant { job, .. } if self.is_ending() || self.is_let_be(job) || self.is_delegating(job) => return,
            Event::RetryAsked { epic } if self.is_ending() || !self.can_go_on(epic) => return,
            Event::StopEpicAsked { epic } if self.is_ending() || self.holdable(epic).is_none() => return,
            Event::ResetAsked { epic } if self.is_ending() || self.resettable(epic).is_none() => return,
            Event::DiskLow { .. } if self.ended().is_some() || self.disk.is_some() => return,
            Event::DiskOk if self.ended().is_some() || self.disk.is_none() => return,
            Event::DiskFull if self.ended().is_some() || self.stopping.is_some() => return,
            Event::Tick if self.next_deadline().is_none_or(|deadline| deadline > at) => return,
            Event::Resumed { .. }
            | Event::StopAsked { .. }
            | Event::PauseAsked { .. }
            | Event::RetryAsked { .. }
            | Event::StopEpicAsked { .. }
            | Event::ResetAsked { .. }
            | Event::Tick
            | Event::DiskLow { .. }
            | Event::DiskOk
            | Event::DiskFull => {}
            // These change nothing that could start or end something by itself.
            Event::SessionIdentified { job, session } => return self.identified(at, job, session),
            Event::Active { job, sign } => return self.active(at, job, *sign),
            Event::Noted { job, note } => return self.noted(at, job, note),
            Event::Meddled { job, beside, changes } => return self.meddled(at, job, beside, changes),
            Event::PlanChanged { plan } => return self.plan_changed(at, plan),
            Event::Stagnant { .. }
            | Event::DelegateAsked { .. }
            | Event::DelegateDropped { .. }
            | Event::Opened { .. }
            | Event::Prepared { .. }
            | Event::SessionEnded { .. }
            | Event::Checked { .. }
            | Event::CandidateBuilt { .. }
            | Event::Conflicted { .. }
            | Event::Proved { .. }
            | Event::Published { .. }
            | Event::LoopMoved { .. }
            | Event::Updated { .. }
            | Event::Retired { .. }
            | Event::Abandoned { .. }
            | Event::PlanChecked { .. }
            | Event::ValidationChecked { .. }
            | Event::Written { .. }
            | Event::Failed { .. }
            | Event::Cut { .. } => {}
        }
        self.at = self.at.max(at);
        self.apply(event);
        self.settle();
    }

    pub fn apply(&mut self, event: &Event) {
        if self.waits_for_delegate(event) || self.delegate_answered(event) {
            return;
        }
        if let Some(position) = self.ended_for_reset(event) {
            return self.make_room(position, event);
        }
        match event {
            Event::Begun(_)
            | Event::SessionIdentified { .. }
            | Event::Active { .. }
            | Event::Noted { .. }
            | Event::Meddled { .. }
            | Event::PlanChanged { .. } => {}
            Event::Stagnant { job, turns } => self.stagnant(job, *turns),
            Event::DelegateAsked { job, call, role, story, brief } => {
                let (by, story, brief) = (job.clone(), story.clone(), brief.clone());
                self.delegate_asked(Delegation { by, call: *call, role: *role, story, brief });
            }
            Event::DelegateDropped { job, call } => self.delegate_dropped(job, *call),
            Event::Resumed { policy } => self.resume(policy),
            Event::Tick => self.deadlines_passed(),
            Event::StopAsked { how } => self.stop_asked(*how),
            Event::PauseAsked { paused } => self.pause_asked(*paused),
            Event::RetryAsked { epic } => self.retry_asked(epic),
            Event::StopEpicAsked { epic } => self.stop_epic_asked(epic),
            Event::ResetAsked { epic } => self.reset_asked(epic),
            Event::DiskLow { free_mib } => self.disk_low(*free_mib),
            Event::DiskOk => self.disk_ok(),
            Event::DiskFull => self.disk_full(),
            Event::Opened { gates, .. } => self.opened(gates),
            Event::Prepared { job, tip, planned } => self.prepared(job, tip, *planned),
            Event::SessionEnded { job, end } => self.session_ended(job, end),
            Event::Checked { job, checkup } => self.checked(job, checkup),
            Event::CandidateBuilt { job, commit } => self.candidate_built(job, commit),
            Event::Conflicted { job, files } => self.conflicted(job, files),
            Event::Proved { job, gates } => self.proved(job, gates),
            Event::Published { job } => self.published(job),
            Event::LoopMoved { tip, .. } => self.loop_moved(tip.as_ref()),
            Event::Updated { job, tip, conflicts } => self.updated(job, tip, conflicts),
            Event::Retired { job, kept } => self.retired(job, kept.as_deref()),
            Event::Abandoned { job, saved, kept } => self.abandoned(job, saved, kept.as_deref()),
            Event::PlanChecked { job, plan, undone } => self.plan_checked(job, plan, undone),
            Event::ValidationChecked { job, report, .. } if job.scope == Scope::Run => self.validation_checked(report),
            Event::ValidationChecked { job, report, undone } => self.epic_judged(job, report, undone),
            Event::Written { job } => self.written(job),
            Event::Failed { job, failure } => self.failed(job, failure),
            Event::Cut { job } => self.was_cut(job),
        }
    }

    /// A job could not be carried out.
    fn failed(&mut self, job: &Job, failure: &Failure) {
        if failure.environment {
            return self.environment_broke(&failure.what);
        }
        match job.task {
            Task::Open => self.environment_broke(&failure.what),
            Task::Retire => self.retired(job, Some(&failure.what)),
            Task::Prd | Task::Verdict => self.not_written(job, failure),
            Task::CheckValidation if job.scope == Scope::Run => self.validation_checked(&Err(failure.what.clone())),
            Task::Session(_) => self.session_failed_to_start(job, failure),
            Task::Prepare
            | Task::Check
            | Task::CheckPlan
            | Task::CheckValidation
            | Task::Candidate
            | Task::Prove
            | Task::Publish
            | Task::Update
            | Task::Abandon => {
                self.track_job_failed(job, failure);
            }
        }
    }

    /// What may follow from the new state: starts, merges, writes, the next stage, the end.
    fn settle(&mut self) {
        self.tell_budget();
        self.lay_down_held();
        self.start_merge();
        self.start_tracks();
        self.project_prd();
        self.advance_stage();
        // Blocked epics and the like were settled by the stage; they belong into the file before the verdict.
        self.project_prd();
        self.write_verdict();
        self.note_idleness();
        self.stop_if_spent();
        self.end_if_stopped();
    }

    /// How it ended; `None` while it lives.
    pub fn ended(&self) -> Option<&RunEnd> {
        self.end.as_ref()
    }

    /// Takes out what the current event led to.
    pub fn drain(&mut self) -> Output {
        std::mem::take(&mut self.out)
    }

    /// Something for people.
    pub fn tell(&mut self, notice: Notice) {
        self.out.notices.push(notice);
    }

    /// A new name for a piece of work.
    pub fn name_job(&mut self, scope: &Scope, task: Task) -> Job {
        let n = self.numbers.entry((scope.clone(), task)).or_insert(0);
        *n += 1;
        Job { scope: scope.clone(), task, n: *n }
    }

    /// Asks for a job, unless the run is being stopped, or a person stopped the epic: then the state remembers it, and
    /// it is asked for when the run, or the epic, goes on.
    pub fn ask(&mut self, command: Command) {
        if let Some(position) = self.held(&command.job().scope) {
            if self.tracks[position].needs_slot() {
                // Its job was never asked for, so it keeps its name.
                self.tracks[position].parked.get_or_insert(false);
            }
        } else if self.stopping.is_none() {
            self.ask_even_when_stopping(command);
        }
    }

    /// Asks for a job that a stop needs, or that must not wait for a resume.
    pub fn ask_even_when_stopping(&mut self, command: Command) {
        self.in_flight.insert(command.job().clone());
        self.out.commands.push(command);
    }

    /// The position of the track that a job belongs to, if the track waits for exactly this job.
    pub fn waiting_for(&self, job: &Job) -> Option<usize> {
        let position = *self.positions.get(&job.scope)?;
        (self.tracks[position].job() == Some(job)).then_some(position)
    }

    /// Moves a track to another phase.
    pub fn enter(&mut self, position: usize, phase: Phase) {
        let track = &mut self.tracks[position];
        track.phase = phase;
        track.since = self.at;
    }

    /// Ends a track.
    pub fn finish(&mut self, position: usize, outcome: Outcome) {
        let kept = match &outcome {
            Outcome::Partial { .. } | Outcome::Failed { .. } | Outcome::MergeFailed { .. } => true,
            Outcome::AlreadyCompleted
            | Outcome::Merged { .. }
            | Outcome::Blocked { .. }
            | Outcome::LeftOut
            | Outcome::Interrupted => false,
        };
        self.enter(position, Phase::Done(outcome.clone()));
        self.prd.dirty = true;
        let track = &mut self.tracks[position];
        (track.held, track.cancelled, track.parked) = (false, None, None);
        if let Some(epic) = track.scope.epic().cloned() {
            let branch = (kept && track.base.is_some()).then(|| self.id.epic_branch(&track.scope.slug()));
            self.tell(Notice::EpicEnded { epic, outcome, branch });
        }
    }
}
