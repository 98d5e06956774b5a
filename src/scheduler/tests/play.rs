//! A small stage for transition tests: plans in one line, and commands answered by hand.

use crate::domain::gate::{Gate, GateEnd, GateOutcome};
use crate::domain::id::{CommitId, EpicId, RunId, StoryId};
use crate::domain::outcome::{Status, StoryProof};
use crate::domain::plan::{Epic, Plan, Story};
use crate::domain::policy::Policy;
use crate::domain::usage::Usage;
use crate::domain::verdict::Verdict;
use crate::scheduler::command::{Purpose, SessionAsk};
use crate::scheduler::event::{Begun, Checkup, FailureKind, ReportFound, SessionEnd, SessionFailure};
use crate::scheduler::{Command, Event, Job, Notice, Scheduler, Scope, Task};

/// A scheduler, what it asked for and has not been answered, and what it told.
pub struct Play {
    pub scheduler: Scheduler,
    pub at: u64,
    pub open: Vec<Command>,
    pub notices: Vec<Notice>,
}

pub fn epic_id(text: &str) -> EpicId {
    EpicId::new(text).expect("an epic id")
}

pub fn commit(n: u32) -> CommitId {
    CommitId::new(&format!("{n:040x}")).expect("a commit id")
}

/// An epic with one story of the same name, like `b`, or `b<a,c` for one that depends on a and c, or `b*2` for one with
/// two stories.
pub fn epic(text: &str) -> Epic {
    let (id, dependencies) = text.split_once('<').unwrap_or((text, ""));
    let (id, n_stories) = id.split_once('*').unwrap_or((id, "1"));
    let n_stories: u32 = n_stories.parse().expect("how many stories");
    let story = |n| Story {
        id: StoryId::new(&format!("{id}-{n}")).expect("a story id"),
        title: String::new(),
        description: String::new(),
        acceptance_criteria: vec![],
        priority: 0,
        passes: false,
    };
    Epic {
        id: epic_id(id),
        title: String::new(),
        description: String::new(),
        status: Status::Pending,
        planned: false,
        depends_on: dependencies.split(',').filter(|d| !d.is_empty()).map(epic_id).collect(),
        touches: vec![],
        user_stories: (1..=n_stories).map(story).collect(),
    }
}

pub fn policy(slots: u32) -> Policy {
    Policy { slots, final_validation: None, ..Policy::default() }
}

pub fn gate(name: &str) -> Gate {
    Gate { name: name.to_owned(), command: "true".to_owned(), timeout_ms: 1000 }
}

pub fn ran(name: &str, code: i32) -> GateOutcome {
    GateOutcome {
        name: name.to_owned(),
        command: "true".to_owned(),
        end: GateEnd::Exited(code),
        took_ms: 1,
        log_digest: String::new(),
        log: String::new(),
        tail: String::new(),
    }
}

impl Play {
    /// A run of these epics whose base is proven already.
    pub fn new(epics: &[&str], policy: Policy) -> Self {
        let gates = policy.gates.iter().map(|gate| ran(&gate.name, 0)).collect();
        let mut play = Self::unopened(epics, policy);
        let job = play.job(&Scope::Run, Task::Open);
        play.say(Event::Opened { job, gates });
        play
    }

    /// A run of these epics that has just begun.
    pub fn unopened(epics: &[&str], policy: Policy) -> Self {
        let plan = Plan::check("p", "", epics.iter().map(|text| epic(text)).collect()).expect("a plan");
        let run = RunId::new("r").expect("a run id");
        let begun = Begun {
            run,
            plan,
            policy,
            base: commit(1),
            start: commit(1),
            prd: "prd.json".to_owned(),
            kept: Default::default(),
        };
        let mut play = Self { scheduler: Scheduler::default(), at: 0, open: vec![], notices: vec![] };
        play.say(Event::Begun(Box::new(begun)));
        play
    }

    /// Hands an event in and remembers what comes out.
    pub fn say(&mut self, event: Event) {
        if let (Some(job), true) = (event.job().cloned(), event.closes_job()) {
            self.open.retain(|command| *command.job() != job);
        }
        let output = self.scheduler.handle(self.at, &event);
        self.open.extend(output.commands);
        self.notices.extend(output.notices);
    }

    /// Asserts that an event changes nothing and asks for nothing.
    pub fn ignores(&mut self, event: Event) {
        let before = self.scheduler.clone();
        let output = self.scheduler.handle(self.at, &event);
        assert_eq!(self.scheduler, before, "{event:?} changed the state");
        assert_eq!(output, crate::scheduler::Output::default(), "{event:?} led to something");
    }

    /// The open job of this kind.
    pub fn job(&self, scope: &Scope, task: Task) -> Job {
        let of_kind = |job: &&Job| job.scope == *scope && job.task == task;
        let asked = self.open.iter().filter(|command| !matches!(command, Command::Cancel { .. }));
        let found = asked.map(Command::job).find(of_kind);
        found.unwrap_or_else(|| panic!("no open {scope} {}; open are {:#?}", task.name(), self.open)).clone()
    }

    pub fn is_open(&self, name: &str, task: Task) -> bool {
        self.open.iter().any(|command| command.job().scope == scope(name) && command.job().task == task)
    }

    /// The epics that have a session now, in their order.
    pub fn sessions(&self) -> Vec<String> {
        self.asks().map(|(job, _)| job.scope.to_string()).collect()
    }

    /// The open sessions, with what they are told.
    pub fn asks(&self) -> impl Iterator<Item = (&Job, &SessionAsk)> {
        self.open.iter().filter_map(|command| {
            let Command::Session { job, ask } = command else { return None };
            Some((job, &**ask))
        })
    }

    /// What the open session of a scope is told.
    pub fn ask_of(&self, scope: &Scope) -> SessionAsk {
        let found = self.asks().find(|(job, _)| job.scope == *scope);
        found.unwrap_or_else(|| panic!("no open session of {scope}; open are {:#?}", self.open)).1.clone()
    }

    /// What the open session of an epic is told.
    pub fn ask(&self, name: &str) -> SessionAsk {
        self.ask_of(&scope(name))
    }

    /// What the open session of an epic is for.
    pub fn purpose(&self, name: &str) -> Purpose {
        self.ask(name).purpose
    }

    /// Answers `Prepare`.
    pub fn prepare(&mut self, name: &str) {
        let job = self.job(&scope(name), Task::Prepare);
        self.say(Event::Prepared { job, tip: commit(1), planned: false });
    }

    /// Ends the open session of an epic.
    pub fn end_session(&mut self, name: &str, failure: Option<FailureKind>) {
        let job = self.session(name);
        self.say(ended(job, failure));
    }

    /// Ends the open session of an epic with this failure.
    pub fn fail_session(&mut self, name: &str, failure: SessionFailure) {
        let job = self.session(name);
        let end = SessionEnd { failure: Some(failure), cut: false, usage: Usage::default(), said: None };
        self.say(Event::SessionEnded { job, end });
    }

    /// The open session of an epic.
    pub fn session(&self, name: &str) -> Job {
        let found = self.asks().find(|(job, _)| job.scope == scope(name));
        found.expect("an open session").0.clone()
    }

    /// Answers `Check`: the epic's story passes or not, and the gates ended with this code.
    pub fn check(&mut self, name: &str, passes: bool, gates: i32) {
        let reason = (!passes).then(|| "not yet".to_owned());
        let id = StoryId::new(&format!("{name}-1")).expect("a story id");
        let proof = StoryProof { id, passes, reason, commit: Some(commit(2)), evidence: vec![] };
        let names: Vec<String> = self.scheduler.policy().expect("begun").gates.iter().map(|g| g.name.clone()).collect();
        let gates = names.iter().map(|name| ran(name, gates)).collect();
        self.check_with(name, ReportFound::Read(vec![proof]), gates, vec![]);
    }

    pub fn check_with(&mut self, name: &str, report: ReportFound, gates: Vec<GateOutcome>, violations: Vec<String>) {
        let job = self.job(&scope(name), Task::Check);
        let checkup = Checkup { tip: commit(2), n_commits: 1, leftovers: vec![], report, violations, gates };
        self.say(Event::Checked { job, checkup: Box::new(checkup) });
    }

    /// Everything from `Prepare` to the merge queue.
    pub fn work(&mut self, name: &str) {
        self.prepare(name);
        self.end_session(name, None);
        self.check(name, true, 0);
    }

    /// Everything from the candidate to the loop branch.
    pub fn merge(&mut self, name: &str, to: u32) {
        let job = self.job(&scope(name), Task::Candidate);
        self.say(Event::CandidateBuilt { job, commit: commit(to) });
        if self.is_open(name, Task::Prove) {
            let job = self.job(&scope(name), Task::Prove);
            let names: Vec<String> =
                self.scheduler.policy().expect("begun").gates.iter().map(|g| g.name.clone()).collect();
            self.say(Event::Proved { job, gates: names.iter().map(|name| ran(name, 0)).collect() });
        }
        let job = self.job(&scope(name), Task::Publish);
        self.say(Event::Published { job });
    }

    /// Answers the writes and removals that are open.
    pub fn settle(&mut self) {
        while self.open.iter().any(is_housekeeping) {
            self.settle_one();
        }
    }

    /// Answers the first write or removal that is open.
    pub fn settle_one(&mut self) {
        let job = self.open.iter().find(|command| is_housekeeping(command)).expect("one is open").job().clone();
        let retires = job.task == Task::Retire;
        self.say(if retires { Event::Retired { job, kept: None } } else { Event::Written { job } });
    }

    /// The verdict that is being written.
    pub fn verdict(&self) -> Option<&Verdict> {
        self.open.iter().find_map(|command| {
            let Command::WriteVerdict { verdict, .. } = command else { return None };
            Some(&**verdict)
        })
    }

    /// The state of an epic, as the view tells it.
    pub fn state(&self, name: &str) -> crate::scheduler::view::TrackState {
        let view = self.scheduler.view().expect("a view");
        view.epics.iter().find(|track| track.scope == scope(name)).expect("an epic").state.clone()
    }
}

fn is_housekeeping(command: &Command) -> bool {
    matches!(command, Command::Retire { .. } | Command::WritePrd { .. } | Command::WriteVerdict { .. })
}

pub fn scope(name: &str) -> Scope {
    Scope::Epic(epic_id(name))
}

pub fn ended(job: Job, failure: Option<FailureKind>) -> Event {
    let failure = failure.map(|kind| SessionFailure::new(kind, "it broke"));
    Event::SessionEnded { job, end: SessionEnd { failure, cut: false, usage: Usage::default(), said: None } }
}
