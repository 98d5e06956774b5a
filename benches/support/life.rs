//! A whole run in memory: the scheduler's own commands, answered at once by a world in which everything works.

use std::collections::VecDeque;

use ralph_teams::domain::gate::{Gate, GateEnd, GateOutcome};
use ralph_teams::domain::id::{CommitId, RunId, SessionId};
use ralph_teams::domain::outcome::StoryProof;
use ralph_teams::domain::plan::Plan;
use ralph_teams::domain::policy::Policy;
use ralph_teams::domain::usage::Usage;
use ralph_teams::scheduler::event::{Begun, Checkup, ReportFound, SessionEnd, Sign};
use ralph_teams::scheduler::{Command, Event, Scheduler};

/// The events of a run, each with its running time in milliseconds.
pub type Events = Vec<(u64, Event)>;

/// Sessions side by side.
const SLOTS: u32 = 4;

/// Time between two events, in milliseconds: long sessions, but within every limit.
const STEP_MS: u64 = 20;

/// A run with so many epics in which every session shows so many signs of life; played to its verdict.
pub fn events(n_epics: usize, n_signs: usize) -> Events {
    let plan = ralph_teams::domain::prd::check(super::prd::text(n_epics).as_bytes()).expect("a plan").plan;
    let mut play = Play { scheduler: Scheduler::default(), events: Vec::new(), waiting: VecDeque::new(), n_signs };
    play.take(Event::Begun(Box::new(begun(plan))));
    while let Some(event) = play.waiting.pop_front() {
        play.take(event);
    }
    assert!(play.scheduler.ended().is_some(), "the run came to its end");
    play.events
}

/// The state after these events.
pub fn fold(events: &Events) -> Scheduler {
    let mut scheduler = Scheduler::default();
    for (at, event) in events {
        scheduler.handle(*at, event);
    }
    scheduler
}

fn begun(plan: Plan) -> Begun {
    let gate = Gate { name: "test".to_owned(), command: "true".to_owned(), timeout_ms: 1_000 };
    let policy = Policy { slots: SLOTS, final_validation: None, gates: vec![gate], ..Policy::default() };
    Begun {
        run: RunId::new("20261120-101500-k3f9").expect("a run id"),
        plan,
        policy,
        base: commit(1),
        start: commit(1),
        prd: "/home/ada/project/prd.json".to_owned(),
        kept: Default::default(),
    }
}

fn commit(n: u64) -> CommitId {
    CommitId::new(&format!("{n:040x}")).expect("a commit id")
}

struct Play {
    scheduler: Scheduler,
    events: Events,
    waiting: VecDeque<Event>,
    n_signs: usize,
}

impl Play {
    fn take(&mut self, event: Event) {
        let at = self.events.len() as u64 * STEP_MS;
        let output = self.scheduler.handle(at, &event);
        self.events.push((at, event));
        for command in output.commands {
            self.answer(command);
        }
    }

    fn answer(&mut self, command: Command) {
        let fresh = commit(self.events.len() as u64 + 2);
        let answer = match command {
            Command::Open { job, .. } => Event::Opened { job, gates: gates() },
            Command::Prepare { job, start } => Event::Prepared { job, tip: start, planned: false },
            Command::Session { job, .. } => {
                let session = SessionId::new("0198a3b4-5c6d-7e8f-9a0b-1c2d3e4f5a6b").expect("a session id");
                self.waiting.push_back(Event::SessionIdentified { job: job.clone(), session });
                self.waiting.extend((0..self.n_signs).map(|_| Event::Active { job: job.clone(), sign: Sign::Output }));
                let said = Some("All stories are done and their tests pass.".to_owned());
                let end = SessionEnd { failure: None, cut: false, usage: Usage::default(), said };
                Event::SessionEnded { job, end }
            }
            Command::Check { job, ask } => {
                let proofs = ask.stories.into_iter().map(|id| StoryProof {
                    id,
                    passes: true,
                    reason: None,
                    commit: Some(fresh.clone()),
                    evidence: vec!["cargo test: 12 passed".to_owned()],
                });
                let report = ReportFound::Read(proofs.collect());
                let (tip, gates) = (fresh.clone(), gates());
                let checkup = Checkup { tip, n_commits: 5, leftovers: vec![], report, violations: vec![], gates };
                Event::Checked { job, checkup: Box::new(checkup) }
            }
            Command::Candidate { job, .. } => Event::CandidateBuilt { job, commit: fresh },
            Command::Prove { job, .. } => Event::Proved { job, gates: gates() },
            Command::Publish { job, .. } => Event::Published { job },
            Command::Update { job, onto } => Event::Updated { job, tip: onto, conflicts: vec![] },
            Command::Retire { job } => Event::Retired { job, kept: None },
            Command::Abandon { job } => Event::Abandoned { job, saved: vec![], kept: None },
            Command::CheckPlan { job, .. } => Event::PlanChecked { job, plan: Ok(()), undone: Vec::new() },
            Command::CheckValidation { job, .. } => Event::Cut { job },
            Command::WritePrd { job, .. } | Command::WriteVerdict { job, .. } => Event::Written { job },
            Command::Cancel { .. } | Command::TellLead { .. } => return,
        };
        self.waiting.push_back(answer);
    }
}

fn gates() -> Vec<GateOutcome> {
    vec![GateOutcome {
        name: "test".to_owned(),
        command: "true".to_owned(),
        end: GateEnd::Exited(0),
        took_ms: 1_200,
        log_digest: format!("sha256:{}", "0".repeat(64)),
        log: "jobs/epic-0001.check.1/gate-test.log".to_owned(),
        tail: "12 passed".to_owned(),
    }]
}
