//! The invariants of `docs/architecture.md`, asserted after every event: what was asked, in the light of what happened.

use std::collections::{BTreeMap, BTreeSet};

use ralph_teams::domain::gate::GateOutcome;
use ralph_teams::domain::id::{CommitId, EpicId, StoryId};
use ralph_teams::domain::outcome::{PrdState, Status, StoryProof};
use ralph_teams::domain::plan::{Epic, Plan};
use ralph_teams::scheduler::command::{Purpose, SessionAsk};
use ralph_teams::scheduler::event::{Checkup, FailureKind, ReportFound, SessionEnd};
use ralph_teams::scheduler::{Command, Event, Job, Notice, Scope, Task};

use crate::delegating::{Delegating, check_worktree, is_delegate};
use crate::judgements::Judgements;
use crate::spending::Spending;
use crate::steering::Steered;
use crate::world::World;

/// A broken invariant.
#[derive(Debug, Clone)]
pub struct Violation {
    /// Which one, by number and name.
    pub invariant: &'static str,
    /// What was seen.
    pub what: String,
}

/// Returns a [`Violation`] unless a condition holds.
#[macro_export]
macro_rules! hold {
    ($condition:expr, $invariant:expr, $($what:tt)+) => {
        if !$condition {
            return Err($crate::invariants::Violation { invariant: $invariant, what: format!($($what)+) });
        }
    };
}

/// What was asked and answered so far, over all lives.
#[derive(Debug, Clone, Default)]
pub struct Watch {
    /// Asked and not answered in this life.
    pub in_flight: BTreeMap<Job, Command>,
    /// When a stop was asked for in this life.
    pub stopped_at: Option<u64>,
    /// Whether the last write of `prd.json` failed.
    pub prd_failed: bool,
    /// What a person asked of single epics.
    pub steered: Steered,
    /// The epics that were begun, as they were then.
    pub begun: BTreeMap<EpicId, Epic>,
    /// What leads delegate.
    pub delegating: Delegating,
    /// What all sessions consumed.
    pub spending: Spending,
    /// The ends of leads whose delegates have not ended yet.
    left: BTreeMap<Scope, Event>,
    asked: BTreeSet<Job>,
    closed: BTreeSet<Job>,
    cut_for_limit: BTreeSet<Job>,
    proven: BTreeMap<CommitId, Vec<GateOutcome>>,
    candidates: BTreeMap<CommitId, Scope>,
    claims: BTreeMap<Scope, BTreeSet<StoryId>>,
    evidence: BTreeSet<StoryId>,
    attempt_owed: BTreeMap<Job, u32>,
    /// Until when each agent program is parked, as people were told.
    parked: BTreeMap<String, u64>,
    /// The same as if nobody had let anything go on by hand: which programs that unparks is not followed here.
    pub parked_at_most: BTreeMap<String, u64>,
    /// How often sessions of each scope were found to repeat themselves.
    n_repeats: BTreeMap<Scope, u32>,
    /// Sessions that ended well and were not looked at yet.
    pub unchecked: BTreeMap<Scope, Job>,
    starts: BTreeMap<Scope, CommitId>,
    n_sessions: BTreeMap<Scope, u32>,
    published: BTreeSet<Scope>,
    /// What validators of epics said.
    judgements: Judgements,
}

impl Watch {
    /// Takes note of an event before the scheduler sees it.
    pub fn note_event(&mut self, world: &World, at: u64, event: &Event) {
        self.steered.note(event);
        let of_a_delegate = event.job().is_some_and(|job| self.is_delegate(job));
        self.delegating.note(event, of_a_delegate);
        if let Some(Job { scope, task: Task::Session(_), .. }) =
            event.job().filter(|job| !of_a_delegate && self.counts(job, event))
        {
            *self.n_sessions.entry(scope.clone()).or_default() += 1;
        }
        self.note_spending(event, of_a_delegate);
        match event {
            Event::Resumed { .. } => self.note_new_life(),
            Event::StopAsked { .. } => self.stopped_at = Some(self.stopped_at.unwrap_or(at)),
            // They say nothing of their lead, nor of its attempts.
            Event::SessionEnded { .. } | Event::Cut { .. } | Event::Failed { .. } | Event::Stagnant { .. }
                if of_a_delegate => {}
            Event::SessionEnded { job, end } if end.cut => self.note_cut(job),
            Event::SessionEnded { job, end } if end.failure.is_none() => {
                self.unchecked.insert(job.scope.clone(), job.clone());
            }
            Event::Checked { job, checkup } => {
                self.unchecked.remove(&job.scope);
                self.note_checkup(world, &job.scope, checkup);
            }
            Event::PlanChecked { job, .. } => drop(self.unchecked.remove(&job.scope)),
            Event::ValidationChecked { job, report, .. } => {
                if job.scope != Scope::Run {
                    self.unchecked.remove(&job.scope);
                }
                self.judgements.note(
                    world,
                    self.in_flight.get(job),
                    job,
                    report.as_ref().is_ok_and(|report| report.pass),
                )
            }
            Event::Updated { job, .. } => self.judgements.note_update(&job.scope),
            Event::CandidateBuilt { job, commit } => {
                drop(self.candidates.insert(commit.clone(), job.scope.clone()));
            }
            Event::ResetAsked { epic } => self.note_begun(world, epic),
            Event::Abandoned { job, kept: None, .. } => self.forget(world, &job.scope),
            Event::Proved { job, gates } => {
                if let Some(Command::Prove { commit, .. }) = self.in_flight.get(job) {
                    self.proven.insert(commit.clone(), gates.clone());
                }
            }
            Event::Published { job } => drop(self.published.insert(job.scope.clone())),
            Event::Failed { job, .. } => {
                self.unchecked.remove(&job.scope);
                self.attempt_owed.retain(|owed, _| owed.scope != job.scope);
            }
            Event::Stagnant { job, .. } => *self.n_repeats.entry(job.scope.clone()).or_default() += 1,
            // Whoever asks for one epic does not want to wait for its program.
            Event::RetryAsked { .. } => self.parked.clear(),
            Event::Cut { job } => self.note_cut(job),
            Event::Begun(_)
            | Event::Tick
            | Event::PauseAsked { .. }
            | Event::StopEpicAsked { .. }
            | Event::Abandoned { .. }
            | Event::DiskLow { .. }
            | Event::DiskOk
            | Event::DiskFull
            | Event::Opened { .. }
            | Event::Prepared { .. }
            | Event::SessionIdentified { .. }
            | Event::Active { .. }
            | Event::SessionEnded { .. }
            | Event::Conflicted { .. }
            | Event::LoopMoved { .. }
            | Event::Retired { .. }
            | Event::Written { .. }
            | Event::PlanChanged { .. }
            | Event::Noted { .. }
            | Event::DelegateAsked { .. }
            | Event::DelegateDropped { .. }
            | Event::Meddled { .. } => {}
        }
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
        match event {
            Event::SessionEnded { end, .. } => (!end.cut || self.cut_for_limit.contains(job)) && !unusable(end),
            Event::Cut { .. } => self.cut_for_limit.contains(job),
            Event::Failed { failure, .. } => !failure.environment,
            _ => event.closes_job(),
        }
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
    fn note_begun(&mut self, world: &World, epic: &EpicId) {
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
        self.starts.remove(scope);
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

    /// Checks the commands that an event led to. `stopping`: whether the run is being ended.
    pub fn check_commands(
        &mut self,
        world: &World,
        at: u64,
        stopping: bool,
        commands: &[Command],
    ) -> Result<(), Violation> {
        for command in commands {
            let job = command.job();
            if let Command::TellLead { call, told, .. } = command {
                let in_flight = |job: &Job| self.in_flight.contains_key(job);
                self.delegating.check_told(job, *call, told, in_flight)?;
                continue;
            }
            if let Command::Cancel { .. } = command {
                hold!(self.in_flight.contains_key(job), "5 answers", "{job} is cancelled but not in flight");
                if !stopping && !self.steered.ends_by_hand(job) {
                    self.cut_for_limit.insert(job.clone());
                }
                continue;
            }
            let again = self.asked.insert(job.clone());
            hold!(again, "5 asked once per life", "{job} is asked twice");
            hold!(!self.closed.contains(job), "5 asked once", "{job} is asked again after its answer");
            let writes = matches!(job.task, Task::Prd | Task::Verdict);
            hold!(self.stopped_at.is_none() || writes, "6 a stop starts nothing", "{job} is started after the stop");
            self.steered.check_command(command)?;
            self.check_command(world, at, command)?;
            self.in_flight.insert(job.clone(), command.clone());
        }
        self.check_in_flight(world)
    }

    /// What was begun is carried out as it was when it was begun.
    pub fn check_plan(&self, world: &World, plan: Option<&Plan>) -> Result<(), Violation> {
        hold!(plan == Some(&world.plan), "15 the plan is the edited one", "{plan:?}, expected {:?}", world.plan);
        for (id, epic) in &self.begun {
            let now = world.plan.epic(id);
            hold!(now == Some(epic), "15 begun epics never change", "{now:?}, begun as {epic:?}");
        }
        Ok(())
    }

    fn check_in_flight(&self, world: &World) -> Result<(), Violation> {
        let in_flight = |wanted: fn(&Task) -> bool| self.in_flight.keys().filter(move |job| wanted(&job.task));
        let merging = in_flight(|task| matches!(task, Task::Candidate | Task::Prove | Task::Publish));
        let merging: Vec<&Job> = merging.collect();
        hold!(merging.len() <= 1, "4 one merge in flight", "{merging:?}");
        check_worktree(self.in_flight.iter())?;
        let mut worktrees = BTreeSet::new();
        for job in in_flight(|task| {
            matches!(
                task,
                Task::Prepare
                    | Task::Session(_)
                    | Task::Check
                    | Task::CheckPlan
                    | Task::CheckValidation
                    | Task::Update
                    | Task::Retire
                    | Task::Abandon
            )
        })
        .filter(|job| !self.is_delegate(job))
        {
            hold!(worktrees.insert(&job.scope), "3 one job per worktree", "two jobs in the worktree of {}", job.scope);
        }
        // A lead that waits for its delegate does not work.
        let works = |job: &&Job| {
            let of_it = |(other, command): (&Job, &Command)| other.scope == job.scope && is_delegate(command);
            self.is_delegate(job) || !self.in_flight.iter().any(of_it)
        };
        let sessions: Vec<&Job> = in_flight(|task| matches!(task, Task::Session(_))).filter(works).collect();
        let slots = world.slots;
        hold!(sessions.len() <= slots, "3 at most `slots` sessions", "{sessions:?} with {slots} slots");
        let validates = sessions.iter().any(|job| job.scope == Scope::Run);
        hold!(!validates || sessions.len() == 1, "3 the final validator works alone", "{sessions:?}");
        Ok(())
    }

    fn check_command(&mut self, world: &World, at: u64, command: &Command) -> Result<(), Violation> {
        let job = command.job();
        match command {
            Command::Prepare { start, .. } => self.check_prepare(world, job, start),
            Command::Session { ask, .. } => {
                self.spending.check_start(world, job)?;
                self.check_session(world, at, job, ask)
            }
            Command::Check { .. } | Command::CheckPlan { .. } | Command::Update { .. } => {
                self.check_worktree(world, job)
            }
            Command::Candidate { tip, onto, .. } => {
                hold!(world.graph.knows(tip), "9 commits exist", "{job}: {tip} is no commit");
                let at_tip = world.loop_tip() == Some(onto) || world.overtaken;
                hold!(at_tip, "4 candidates build on the loop tip", "{job} on {onto}");
                hold!(!self.published.contains(&job.scope), "4 merged at most once", "{job} after its merge");
                self.judgements.check_candidate(world, &job.scope, tip)
            }
            Command::Publish { commit, old, .. } => self.check_publish(world, job, commit, old),
            Command::WritePrd { states, planned, .. } => {
                let unplanned = planned.iter().find(|epic| !world.plans.contains(*epic));
                hold!(unplanned.is_none(), "9 planned means that there is a plan", "{job}: {unplanned:?}");
                states.iter().try_for_each(|state| self.check_prd(world, job, state))
            }
            Command::WriteVerdict { verdict, .. } => {
                let proofs = verdict.epics.iter().flat_map(|epic| &epic.stories).filter(|proof| proof.passes);
                for proof in proofs {
                    let known = self.evidence.contains(&proof.id) || passed_before(world, &proof.id);
                    hold!(known, "14 only evidence passes a story", "{job}: {} was never proven", proof.id);
                }
                Ok(())
            }
            Command::Open { .. }
            | Command::Prove { .. }
            | Command::Retire { .. }
            | Command::Abandon { .. }
            | Command::CheckValidation { .. }
            | Command::TellLead { .. }
            | Command::Cancel { .. } => Ok(()),
        }
    }

    fn check_prepare(&mut self, world: &World, job: &Job, start: &CommitId) -> Result<(), Violation> {
        self.check_dependencies(world, job, start)?;
        if let Some(epic) = job.scope.epic() {
            self.note_begun(world, epic);
        }
        let kept = job.scope.epic().and_then(|epic| world.kept(epic));
        let allowed = world.loop_branch.contains(start) || kept == Some(start);
        hold!(allowed, "4 an epic starts from the loop branch", "{job} starts from {start}");
        self.starts.entry(job.scope.clone()).or_insert_with(|| start.clone());
        let started: BTreeSet<&Scope> = self.starts.keys().chain(&self.steered.begun_before).collect();
        let n_started = started.iter().filter(|scope| scope.epic().is_some()).count();
        let limit = world.setup.begun.policy.max_epics.map_or(usize::MAX, |limit| limit as usize);
        hold!(n_started <= limit, "4 at most `max_epics` are started", "{job} is number {n_started} of {limit}");
        let first = &self.starts[&job.scope];
        hold!(first == start, "4 the start is recorded", "{job} starts from {start} and earlier from {first}");
        Ok(())
    }

    fn check_dependencies(&self, world: &World, job: &Job, start: &CommitId) -> Result<(), Violation> {
        let plan = &world.plan;
        let Some(epic) = job.scope.epic() else { return Ok(()) };
        let epic = plan.epic(epic).expect("a known epic");
        hold!(epic.status != Status::Completed, "4 merged at most once", "{job}: it was completed before");
        hold!(world.is_selected(&epic.id), "4 only what is selected", "{job} is not selected");
        for dependency in &epic.depends_on {
            let scope = Scope::Epic(dependency.clone());
            let before = plan.epic(dependency).is_some_and(|epic| epic.status == Status::Completed);
            let loop_tip = world.loop_tip().unwrap_or(start);
            let merged = before || world.is_in(&scope, loop_tip);
            hold!(merged, "4 dependencies are merged first", "{job} starts, {dependency} is not merged");
            let there = before || world.kept(&epic.id).is_some() || world.is_in(&scope, start);
            hold!(there, "4 dependencies are in the start", "{job} starts from {start} without {dependency}");
        }
        Ok(())
    }

    fn check_worktree(&self, world: &World, job: &Job) -> Result<(), Violation> {
        let there = world.tracks.get(&job.scope).is_some_and(|track| track.worktree);
        hold!(there, "3 a worktree is prepared first", "{job} without a worktree");
        Ok(())
    }

    fn check_session(&mut self, world: &World, at: u64, job: &Job, ask: &SessionAsk) -> Result<(), Violation> {
        let back = self.parked.get(&ask.backend).copied().unwrap_or_default();
        hold!(
            back <= at,
            "17 nothing starts on a parked program",
            "{job} on {:?} at {at}, back at {back}",
            ask.backend
        );
        let able = world.setup.begun.policy.backends_of(ask.role);
        hold!(able.contains(&ask.backend), "17 a role works on its own programs", "{job} on {:?}", ask.backend);
        self.delegating.check_session(job, ask)?;
        if let Purpose::Delegated(_) = ask.purpose {
            let policy = &world.setup.begun.policy;
            let most = policy.max_attempts.max(policy.max_fix_cycles + 1);
            hold!((1..=most).contains(&ask.attempt), "20 delegations are bounded", "{job}: {} of {most}", ask.attempt);
            return self.check_worktree(world, job);
        }
        // Whom the provider turned away is not charged, and comes again.
        let turned_away = world.turned_away.get(&job.scope).copied().unwrap_or_default();
        let bound = world.setup.begun.policy.max_attempts + turned_away;
        hold!(
            (1..=bound).contains(&ask.attempt),
            "7 attempts are bounded",
            "{job}: attempt {} of {bound}",
            ask.attempt
        );
        self.check_owed(world, job, ask)?;
        self.attempt_owed.retain(|owed, _| owed.scope != job.scope);
        if let Some(name) = &ask.continues {
            let theirs = name.as_str().starts_with(&format!("{}.", job.scope.slug()));
            hold!(theirs, "7 a conversation belongs to its worktree", "{job} continues {name}");
        }
        if ask.purpose == Purpose::Validate {
            return Ok(());
        }
        self.check_worktree(world, job)?;
        self.judgements.check_ask(world, job, ask)?;
        self.check_budget(world, job)?;
        if let Some(unchecked) = self.unchecked.get(&job.scope).filter(|unchecked| *unchecked != job) {
            hold!(false, "7 finished work is looked at", "{job} starts, {unchecked} ended well and was not checked");
        }
        Ok(())
    }

    /// The session that was cut short comes again under the attempt that it had, and one that ended by itself while
    /// nobody listened is not run a second time.
    fn check_owed(&self, world: &World, job: &Job, ask: &SessionAsk) -> Result<(), Violation> {
        for (owed, attempt) in self.attempt_owed.iter().filter(|(owed, _)| owed.scope == job.scope) {
            if world.exits.contains_key(owed) && !self.closed.contains(owed) {
                hold!(owed == job, "7 finished work is not done again", "{job} starts, {owed} had ended by itself");
            }
            let same = owed.task != job.task || *attempt == ask.attempt;
            hold!(
                same,
                "7 a cut attempt is not charged",
                "{owed} was cut in attempt {attempt}, {job} is {}",
                ask.attempt
            );
        }
        Ok(())
    }

    fn check_budget(&self, world: &World, job: &Job) -> Result<(), Violation> {
        let policy = &world.setup.begun.policy;
        let judged = policy.workflow.epic_validation.unwrap_or_default();
        let rounds = policy.max_fix_cycles + policy.max_merge_rounds + judged + 1;
        let beside = 2 + 2 * (judged + 1);
        // Whom the provider turned away is not charged.
        let turned_away = world.turned_away.get(&job.scope).copied().unwrap_or_default();
        // Who repeats itself is warned once in each attempt, and that is not charged.
        let warned = self.n_repeats.get(&job.scope).copied().unwrap_or_default().min(policy.max_attempts);
        let most = policy.max_attempts * rounds + beside + turned_away + warned;
        let n_sessions = self.n_sessions.get(&job.scope).copied().unwrap_or_default();
        hold!(n_sessions < most, "7 sessions are bounded", "{job} comes after {n_sessions}, at most {most} may be");
        Ok(())
    }

    fn check_publish(&self, world: &World, job: &Job, commit: &CommitId, old: &CommitId) -> Result<(), Violation> {
        hold!(self.candidates.contains_key(commit), "9 only candidates are published", "{job}: {commit}");
        hold!(world.graph.is_in(old, commit), "9 the loop branch only grows", "{job}: {old} is not in {commit}");
        let gates = &world.setup.begun.policy.gates;
        let proven = self.proven.get(commit).is_some_and(|proven| proven.len() == gates.len());
        hold!(gates.is_empty() || proven || commit == old, "9 candidates are proven", "{job}: {commit} is not");
        for gate in gates {
            let red = |at: &CommitId| world.graph.is_red(&world.fates, at, &gate.name);
            hold!(!red(commit) || red(old), "9 the loop branch stays green", "{job}: {} turns red", gate.name);
        }
        Ok(())
    }

    fn check_prd(&self, world: &World, job: &Job, state: &PrdState) -> Result<(), Violation> {
        let epic = world.plan.epic(&state.epic).expect("a known epic");
        let scope = Scope::Epic(epic.id.clone());
        let merged = world.loop_tip().is_some_and(|tip| world.is_in(&scope, tip));
        let completed = state.status == Status::Completed && epic.status != Status::Completed;
        hold!(!completed || merged, "9 completed means merged", "{job}: {} is completed and not merged", epic.id);
        for (story, _, _) in state.stories.iter().filter(|(_, passes, _)| *passes) {
            let known = self.evidence.contains(story) || passed_before(world, story);
            hold!(known, "14 only evidence passes a story", "{job}: {story} was never proven");
        }
        Ok(())
    }
}

fn passed_before(world: &World, story: &StoryId) -> bool {
    let stories = world.plan.epics().iter().flat_map(|epic| &epic.user_stories);
    stories.filter(|known| known.passes).any(|known| known.id == *story)
}

fn was_cut(event: &Event) -> bool {
    let ended_cut = matches!(event, Event::SessionEnded { end, .. } if end.cut);
    ended_cut || matches!(event, Event::Cut { .. })
}
