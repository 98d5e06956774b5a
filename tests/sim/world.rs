//! The world that the commands act on: what is on the disk and survives a crash, and the tasks that do not.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use ralph_teams::domain::budget::Budget;
use ralph_teams::domain::gate::GateOutcome;
use ralph_teams::domain::id::{CommitId, EpicId, SessionId, StoryId};
use ralph_teams::domain::note::{Note, NoteKind};
use ralph_teams::domain::outcome::PrdState;
use ralph_teams::domain::plan::Plan;
use ralph_teams::domain::report::ValidationReport;
use ralph_teams::domain::usage::Usage;
use ralph_teams::domain::verdict::Verdict;
use ralph_teams::scheduler::command::{Purpose, SessionAsk};
use ralph_teams::scheduler::event::{Failure, FailureKind, SessionEnd, SessionFailure, Sign, Stop};
use ralph_teams::scheduler::{Command, Event, Job, Role, Scope, Task};

use crate::delegating::{self, Call};
use crate::fates::{Fates, SessionFate, SessionKey};
use crate::generate::{FIRST_KEPT, SNAPSHOT, Setup, commit_id};
use crate::graph::{Content, Graph, Part};

/// Longest time that a session or a gate may take to end once it is asked to.
pub const LADDER_MS: u64 = 10_000;

/// What the report of a track's last session is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Report {
    /// It can be read; what it says is in the commits.
    Readable,
    /// It cannot be read.
    Faulty,
}

/// Branch, worktree and report of one track.
#[derive(Debug, Clone, Default)]
pub struct Track {
    /// Tip of its branch.
    pub tip: Option<CommitId>,
    /// Whether its worktree exists.
    pub worktree: bool,
    /// The loop tip that is being merged into it, while its conflicts stand in the worktree.
    pub standing: Option<CommitId>,
    /// Conflicts that were resolved.
    pub resolved: u32,
    /// Files that the last session left uncommitted.
    pub leftovers: bool,
    /// The report of its last session.
    pub report: Option<Report>,
    /// Stories that are claimed without a commit.
    pub unproven: Vec<StoryId>,
    /// Whether a plan lies in the worktree.
    pub plan: bool,
}

/// Something that a task in flight does at a certain time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    Identified,
    Active,
    /// The user's repository changes while it runs.
    Meddles,
    /// Active, and again after this many milliseconds, for ever.
    Again(u64),
    /// It is noticed that it repeats itself, again after so long.
    Repeats(u64),
    Finish,
    Cut,
    /// The lead delegates: its call of this number.
    Asks(usize),
    /// The lead does not wait any longer for the answer to this call.
    Drops(u32),
}

/// What a task does, and when.
type Steps = VecDeque<(u64, Step)>;

#[derive(Debug, Clone)]
struct InFlight {
    command: Command,
    fate: Option<SessionFate>,
    steps: Steps,
    /// What a lead asks for.
    calls: Vec<Call>,
    /// The call whose answer the lead waits for, since when, and what it does after that.
    waits: Option<(u32, u64, Steps)>,
}

/// Everything outside of the scheduler.
#[derive(Debug, Clone)]
pub struct World {
    /// What is being simulated.
    pub setup: Arc<Setup>,
    /// The plan that the run must have by now: the one that it began with, and the edits that it had to take in.
    pub plan: Plan,
    /// What will happen.
    pub fates: Fates,
    /// All commits.
    pub graph: Graph,
    /// Every commit at which the loop branch ever stood, the tip last.
    pub loop_branch: Vec<CommitId>,
    /// Branches and worktrees.
    pub tracks: BTreeMap<Scope, Track>,
    /// Exit files: the ends of the sessions that ended by themselves.
    pub exits: BTreeMap<Job, Event>,
    /// How often the provider turned a session away, by whose it was.
    pub turned_away: BTreeMap<Scope, u32>,
    /// The epics that have a plan.
    pub plans: BTreeSet<EpicId>,
    /// The epics that `prd.json` calls planned.
    pub planned: BTreeSet<EpicId>,
    /// The reports of validators.
    pub validations: BTreeMap<Job, Result<ValidationReport, String>>,
    /// The states in `prd.json` that were written.
    pub prd: BTreeMap<EpicId, PrdState>,
    /// `verdict.json`.
    pub verdict: Option<Verdict>,
    /// The journal.
    pub journal: Vec<(u64, Event)>,
    /// Sessions that may be hosted at the same time, by the newest policy.
    pub slots: usize,
    /// What may be consumed, by the newest policy.
    pub budget: Budget,
    /// Whether somebody else moved the loop branch.
    pub overtaken: bool,
    /// Whether the disk has too little room.
    pub disk_low: bool,
    /// Epics that were set back.
    pub afresh: BTreeSet<EpicId>,
    /// How often the process was started.
    pub life: u32,
    n_failed: BTreeMap<(Scope, Task), u32>,
    n_calls: u32,
    tasks: Vec<InFlight>,
}

impl World {
    /// The world before the run begins.
    pub fn new(setup: &Arc<Setup>) -> Self {
        let mut graph = Graph::default();
        let plan = &setup.begun.plan;
        let done = plan.epics().iter().filter(|epic| !setup.begun.kept.contains_key(&epic.id));
        let done = done.flat_map(|epic| &epic.user_stories).filter(|story| story.passes).map(|story| story.id.clone());
        let content = Content { done: done.collect(), ..Content::default() };
        let base = graph.commit(&[], content.clone());
        let snapshot = graph.commit(&[&base], content.clone());
        assert_eq!(snapshot, commit_id(SNAPSHOT));
        for (n, (epic, commit)) in setup.begun.kept.iter().enumerate() {
            let mut content = content.clone();
            let part = Part { level: 1, ..Part::default() };
            content.parts.insert(Scope::Epic(epic.clone()), part);
            let stories = plan.epic(epic).into_iter().flat_map(|epic| &epic.user_stories);
            content.done.extend(stories.filter(|story| story.passes).map(|story| story.id.clone()));
            assert_eq!((&graph.commit(&[&base], content), commit), (&commit_id(FIRST_KEPT + n), commit));
        }
        Self {
            fates: Fates::of(setup),
            setup: Arc::clone(setup),
            plan: plan.clone(),
            graph,
            loop_branch: Vec::new(),
            tracks: BTreeMap::new(),
            exits: BTreeMap::new(),
            turned_away: BTreeMap::new(),
            plans: BTreeSet::new(),
            planned: BTreeSet::new(),
            validations: BTreeMap::new(),
            prd: BTreeMap::new(),
            verdict: None,
            journal: Vec::new(),
            slots: setup.begun.policy.slots as usize,
            budget: setup.begun.policy.budget,
            overtaken: false,
            disk_low: false,
            afresh: BTreeSet::new(),
            life: 0,
            n_failed: BTreeMap::new(),
            n_calls: 0,
            tasks: Vec::new(),
        }
    }

    /// Tip of the loop branch.
    pub fn loop_tip(&self) -> Option<&CommitId> {
        self.loop_branch.last()
    }

    /// Whether the branch of a track is in a commit, as git sees it.
    pub fn is_in(&self, scope: &Scope, commit: &CommitId) -> bool {
        let tip = self.tracks.get(scope).and_then(|track| track.tip.as_ref());
        tip.is_some_and(|tip| self.graph.is_in(tip, commit))
    }

    /// The tracks whose work is on the loop branch.
    pub fn merged(&self) -> BTreeSet<Scope> {
        self.loop_tip().into_iter().flat_map(|tip| self.graph.content(tip).parts.keys().cloned()).collect()
    }

    /// Whether an epic may be worked on in this run.
    pub fn is_selected(&self, epic: &EpicId) -> bool {
        let only = &self.setup.begun.policy.only;
        only.is_empty() || only.contains(epic)
    }

    /// Takes a command over, as the hands do.
    pub fn start(&mut self, now: u64, command: &Command) {
        if let Command::Cancel { job, how } = command {
            self.cancel(now, job, *how);
            return;
        }
        if let Command::TellLead { job, call, .. } = command {
            self.told(now, job, *call);
            return;
        }
        let job = command.job();
        let mut task =
            InFlight { command: command.clone(), fate: None, steps: VecDeque::new(), calls: Vec::new(), waits: None };
        if self.exits.contains_key(job) {
            task.steps.push_back((now + 1, Step::Finish));
        } else if let Command::Session { job, ask } = command {
            let fate = self.begin_session(job, ask);
            task.fate = Some(fate);
            task.steps = self.session_steps(now, job, fate);
            if let Purpose::Implement | Purpose::Fix = ask.purpose {
                let level = self.part(&job.scope).level;
                let key = SessionKey { scope: &job.scope, role: ask.role, attempt: ask.attempt, level };
                task.calls = delegating::calls(&self.setup, &self.fates, &key, ask);
                // All of them before anything else that the session does.
                (0..task.calls.len()).rev().for_each(|n| task.steps.push_front((now + 1, Step::Asks(n))));
            }
        } else {
            let (from, to) = usual_ms(job.task);
            let took = self.fates.between((job, self.life), from, to);
            task.steps.push_back((now + took, Step::Finish));
        }
        self.tasks.push(task);
    }

    fn begin_session(&mut self, job: &Job, ask: &SessionAsk) -> SessionFate {
        if let Purpose::Delegated(_) = ask.purpose {
            return delegating::fate(&self.setup, &self.fates, job);
        }
        let track = self.tracks.entry(job.scope.clone()).or_default();
        track.report = None;
        let level = match ask.purpose {
            Purpose::Validate => self.loop_tip().map_or(0, |tip| {
                let parts = &self.graph.content(tip).parts;
                parts.keys().filter(|scope| matches!(scope, Scope::Fix(_))).count() as u32
            }),
            Purpose::Implement
            | Purpose::Fix
            | Purpose::Resolve { .. }
            | Purpose::Plan
            | Purpose::Judge
            | Purpose::Delegated(_) => self.part(&job.scope).level,
        };
        self.fates.session(&SessionKey { scope: &job.scope, role: ask.role, attempt: ask.attempt, level })
    }

    fn session_steps(&self, now: u64, job: &Job, fate: SessionFate) -> VecDeque<(u64, Step)> {
        let idle = self.setup.begun.policy.idle_timeout_ms.unwrap_or(400_000);
        let every = idle / 8;
        let mut steps = VecDeque::new();
        if !self.fates.number(("named", job)).is_multiple_of(8) {
            steps.push_back((now + 500, Step::Identified));
        }
        if self.fates.number(("meddles", job)).is_multiple_of(16) {
            steps.push_back((now + 550, Step::Meddles));
        }
        match fate {
            SessionFate::Silent => {}
            SessionFate::Endless => steps.push_back((now + every, Step::Again(every))),
            SessionFate::Repeats => steps.push_back((now + every, Step::Repeats(every))),
            SessionFate::Works
            | SessionFate::SomeFail
            | SessionFate::LeavesFiles
            | SessionFate::NoReport
            | SessionFate::FaultyReport
            | SessionFate::NoCommit
            | SessionFate::Crashes
            | SessionFate::CrashesAfterWork
            | SessionFate::ProviderFails
            | SessionFate::ProviderFailsLater
            | SessionFate::Refuses
            | SessionFate::Unusable => {
                let most = if job.task == Task::Session(Role::TeamLead) { 300_000 } else { 60_000 };
                let took = self.fates.between((job, self.life), 600, most);
                steps.extend((1..=took / every).map(|n| (now + n * every, Step::Active)));
                steps.push_back((now + took, Step::Finish));
            }
        }
        steps
    }

    /// What a track achieved on its own branch.
    pub fn part(&self, scope: &Scope) -> Part {
        let tip = self.tracks.get(scope).and_then(|track| track.tip.as_ref());
        tip.and_then(|tip| self.graph.content(tip).parts.get(scope)).copied().unwrap_or_default()
    }

    fn cancel(&mut self, now: u64, job: &Job, how: Stop) {
        if self.exits.contains_key(job) {
            // It had ended before; the hands answer with that end, whatever is wanted now.
            return;
        }
        let cuttable = matches!(job.task, Task::Open | Task::Prepare | Task::Session(_) | Task::Check | Task::Prove);
        let limit = match how {
            Stop::Graceful => LADDER_MS,
            Stop::Now => 100,
        };
        let took = self.fates.between(("ladder", job, self.life), 0, limit);
        if let Some(task) = self.tasks.iter_mut().find(|task| task.command.job() == job && cuttable) {
            task.steps.retain(|&(due, step)| step != Step::Cut && due <= now + took);
            if !task.steps.iter().any(|&(_, step)| step == Step::Finish) {
                task.steps.push_back((now + took, Step::Cut));
            }
        }
    }

    /// A lead is told what became of its call, and goes on with what it did before.
    fn told(&mut self, now: u64, lead: &Job, call: u32) {
        let Some(task) = self.tasks.iter_mut().find(|task| task.command.job() == lead) else { return };
        task.steps.retain(|(_, step)| *step != Step::Drops(call));
        let is_over = task.steps.iter().any(|(_, step)| *step == Step::Cut);
        if let Some((_, since, later)) = task.waits.take_if(|(waits, _, _)| *waits == call)
            && !is_over
        {
            task.steps.extend(later.into_iter().map(|(due, step)| (due + now - since, step)));
        }
    }

    /// A lead delegates.
    fn delegates(&mut self, now: u64, position: usize, n: usize) -> Event {
        self.n_calls += 1;
        let (call, task) = (self.n_calls, &mut self.tasks[position]);
        let (job, asked) = (task.command.job().clone(), task.calls[n].clone());
        let is_ending = task.steps.iter().any(|(_, step)| *step == Step::Cut);
        if asked.waits && !is_ending {
            task.waits = Some((call, now, std::mem::take(&mut task.steps)));
        }
        if let Some(after) = asked.drops_after.filter(|_| !is_ending) {
            task.steps.push_back((now + after, Step::Drops(call)));
            task.steps.make_contiguous().sort_by_key(|step| step.0);
        }
        Event::DelegateAsked { job, call, role: asked.role, story: asked.story, brief: "do it".to_owned() }
    }

    /// When the next answer of a task in flight comes.
    pub fn next_due(&self) -> Option<u64> {
        self.tasks.iter().filter_map(|task| task.steps.front()).map(|&(due, _)| due).min()
    }

    /// How many tasks are in flight.
    pub fn n_in_flight(&self) -> usize {
        self.tasks.len()
    }

    /// The next answer; what it tells of has happened then.
    pub fn next_event(&mut self) -> Option<Event> {
        let due = self.next_due()?;
        let at_front = |task: &InFlight| task.steps.front().is_some_and(|step| step.0 == due);
        let position = self.tasks.iter().position(at_front)?;
        let job = self.tasks[position].command.job().clone();
        let (_, step) = self.tasks[position].steps.pop_front()?;
        Some(match step {
            Step::Asks(n) => self.delegates(due, position, n),
            Step::Drops(call) => {
                // Who does not wait any longer goes on at once.
                self.told(due, &job, call);
                Event::DelegateDropped { job, call }
            }
            Step::Identified => {
                let name = format!("{}.{}", job.file_stem(), self.life);
                Event::SessionIdentified { session: SessionId::new(&name).expect("a name"), job }
            }
            Step::Active if self.fates.number(("note", &job)).is_multiple_of(3) => {
                let text = format!("{} has tests", job.scope);
                Event::Noted { note: Note { kind: NoteKind::Discovery, text }, job }
            }
            Step::Repeats(every) => {
                self.tasks[position].steps.push_front((due + every, Step::Repeats(every)));
                self.tasks[position].steps.make_contiguous().sort_by_key(|step| step.0);
                Event::Stagnant { job, turns: 20 }
            }
            Step::Active => Event::Active { job, sign: Sign::Output },
            Step::Meddles => {
                Event::Meddled { changes: vec![format!("HEAD moved beside {job}")], beside: Vec::new(), job }
            }
            Step::Again(every) => {
                self.tasks[position].steps.push_front((due + every, Step::Again(every)));
                // A cut that was asked for comes in its own time.
                self.tasks[position].steps.make_contiguous().sort_by_key(|step| step.0);
                Event::Active { job, sign: Sign::Output }
            }
            Step::Finish => {
                let task = self.tasks.remove(position);
                self.finish(&task.command, task.fate)
            }
            Step::Cut => {
                self.tasks.remove(position);
                self.cut(job)
            }
        })
    }

    /// A session that was running when it was cancelled leaves an end; all else only says that it was cut.
    fn cut(&self, job: Job) -> Event {
        let number = self.fates.number(("cut", &job, self.life));
        if !matches!(job.task, Task::Session(_)) || number.is_multiple_of(4) {
            return Event::Cut { job };
        }
        let detail = "killed by signal 15".to_owned();
        let failure = (number % 4 > 1).then_some(SessionFailure::new(FailureKind::Crashed, detail));
        let end = SessionEnd { failure, cut: true, usage: self.usage(&job), said: None };
        Event::SessionEnded { job, end }
    }

    /// Runs the gates on a commit.
    pub fn run_gates(&self, commit: &CommitId) -> Vec<GateOutcome> {
        let mut outcomes = self.graph.run_gates(&self.fates, commit, &self.setup.begun.policy.gates);
        if self.fates.stops_at_red()
            && let Some(red) = outcomes.iter().position(|outcome| !outcome.green())
        {
            outcomes.truncate(red + 1);
        }
        outcomes
    }

    fn finish(&mut self, command: &Command, fate: Option<SessionFate>) -> Event {
        let job = command.job();
        if let Some(end) = self.exits.get(job) {
            return end.clone();
        }
        let n_failed = self.n_failed.get(&(job.scope.clone(), job.task)).copied().unwrap_or_default();
        if n_failed < self.fates.failures(&job.scope, job.task) {
            let (scope, task) = (&job.scope, job.task);
            let environment = self.fates.breaks_the_run(scope, task) && !delegating::is_delegate(command);
            if !matches!(task, Task::Session(_)) && self.fates.fails_after_work(scope, task) {
                self.perform(command, None);
            }
            let failure = Failure { what: "the machine hiccuped".to_owned(), environment };
            return Event::Failed { job: job.clone(), failure };
        }
        self.perform(command, fate)
    }

    /// Writes an event into the journal.
    pub fn write(&mut self, at: u64, event: &Event) {
        if let Event::Failed { job, .. } = event {
            *self.n_failed.entry((job.scope.clone(), job.task)).or_default() += 1;
        }
        if let Event::Resumed { policy } = event {
            (self.slots, self.budget, self.disk_low) = (policy.slots as usize, policy.budget, false);
        } else if let Event::Abandoned { job, kept: None, .. } = event {
            self.begin_again(&job.scope);
        } else if let Event::DiskLow { .. } | Event::DiskOk = event {
            self.disk_low = *event != Event::DiskOk;
        }
        self.journal.push((at, event.clone()));
    }

    /// What earlier runs left of an epic, and what it met so far, is gone.
    fn begin_again(&mut self, scope: &Scope) {
        let epic = scope.epic().expect("only epics begin again").clone();
        self.plan.forget_passes(std::slice::from_ref(&epic));
        self.afresh.insert(epic);
        self.n_failed.retain(|(whose, task), _| whose != scope || *task == Task::Abandon);
        self.turned_away.remove(scope);
    }

    /// The commit of an earlier run on which an epic goes on.
    pub fn kept(&self, epic: &EpicId) -> Option<&CommitId> {
        self.setup.begun.kept.get(epic).filter(|_| !self.afresh.contains(epic))
    }

    /// Whether the branch of a track cannot be taken away.
    pub fn keeps_branch(&self, scope: &Scope) -> bool {
        self.fates.number(("branch is kept", scope)).is_multiple_of(6)
    }

    /// The runner is gone, and with it all that was in flight. Of the quick things that it had begun, `lucky` tells
    /// which had happened already although nobody was told.
    pub fn crash(&mut self, lucky: impl Fn(&Job) -> bool) {
        for task in std::mem::take(&mut self.tasks) {
            let quick = !matches!(task.command, Command::Session { .. });
            if quick && lucky(task.command.job()) {
                self.finish(&task.command, None);
            }
        }
    }

    /// What a session consumed: a number that belongs to it.
    pub fn usage(&self, job: &Job) -> Usage {
        Usage { output_tokens: self.fates.between(("usage", job), 1, 9_000), ..Usage::default() }
    }
}

fn usual_ms(task: Task) -> (u64, u64) {
    match task {
        Task::Open | Task::Prepare | Task::Check | Task::Prove => (20, 120_000),
        Task::Session(_) => (600, 300_000),
        Task::Candidate | Task::Publish | Task::Update | Task::Retire | Task::Abandon => (5, 400),
        Task::CheckPlan | Task::CheckValidation | Task::Prd | Task::Verdict => (1, 50),
    }
}
