//! Events that must change nothing: repeated, stale, impossible.

use fastrand::Rng;
use ralph_teams::domain::note::{Note, NoteKind};
use ralph_teams::domain::plan::Plan;
use ralph_teams::scheduler::event::{Failure, Stop};
use ralph_teams::scheduler::{Event, Job, Role, Scheduler, Scope, Task};

use crate::hold;
use crate::invariants::Violation;
use crate::watch::Watch;
use crate::world::World;

const UNTOUCHED: &str = "2 stale, repeated and impossible events change nothing";

/// An event that does not fit to what is in flight.
pub fn garbage(rng: &mut Rng, world: &World, watch: &Watch) -> Option<Event> {
    let event = match rng.u32(..12) {
        0..=3 => match &world.journal[rng.usize(..world.journal.len())].1 {
            // An older plan may fit again: what was added since is removed with it.
            Event::PlanChanged { .. } => return None,
            event => event.clone(),
        },
        4 => Event::Written { job: unknown_job(rng, world) },
        5 => Event::Cut { job: unknown_job(rng, world) },
        6 => {
            let failure = Failure { what: "out of the blue".to_owned(), environment: true };
            Event::Failed { job: unknown_job(rng, world), failure }
        }
        7 => Event::PlanChanged { plan: Box::new(world.plan.clone()) },
        8 => Event::PlanChanged { plan: contradiction(rng, world, watch)? },
        9 => {
            let note = Note { kind: NoteKind::Decision, text: "out of the blue".to_owned() };
            Event::Noted { job: unknown_job(rng, world), note }
        }
        10 => {
            let job = unknown_job(rng, world);
            Event::Meddled { job: job.clone(), beside: vec![job], changes: vec!["HEAD".to_owned()] }
        }
        _ => return wrong_kind(rng, watch),
    };
    let is_stale = match event.job() {
        Some(job) => !watch.in_flight.contains_key(job),
        // Whatever is no answer is an ask, and may change something at any time.
        None => matches!(event, Event::Begun(_) | Event::PlanChanged { .. }),
    };
    is_stale.then_some(event)
}

/// A plan in which an epic that is being worked on is described otherwise.
fn contradiction(rng: &mut Rng, world: &World, watch: &Watch) -> Option<Box<Plan>> {
    let begun: Vec<_> = watch.in_flight.keys().filter_map(|job| job.scope.epic()).collect();
    let begun = (*begun.get(rng.usize(..begun.len().max(1)))?).clone();
    let plan = &world.plan;
    let mut epics = plan.epics().to_vec();
    epics.iter_mut().find(|epic| epic.id == begun)?.description.push_str("something else");
    Plan::check(plan.project(), plan.description(), epics).ok().map(Box::new)
}

fn unknown_job(rng: &mut Rng, world: &World) -> Job {
    let epics = world.plan.epics();
    let scope = match rng.u32(..4) {
        0 => Scope::Run,
        1 => Scope::Fix(77),
        _ => Scope::Epic(epics[rng.usize(..epics.len())].id.clone()),
    };
    let tasks = [
        Task::Open,
        Task::Prepare,
        Task::Session(Role::TeamLead),
        Task::Session(Role::Resolver),
        Task::Session(Role::FinalValidator),
        Task::Check,
        Task::CheckPlan,
        Task::Session(Role::EpicPlanner),
        Task::Session(Role::EpicValidator),
        Task::Candidate,
        Task::Prove,
        Task::Publish,
        Task::Update,
        Task::Retire,
        Task::Abandon,
        Task::CheckValidation,
        Task::Prd,
        Task::Verdict,
    ];
    Job { scope, task: tasks[rng.usize(..tasks.len())], n: 1_000 + rng.u32(..10) }
}

/// An answer to a job in flight that such a job never gives.
fn wrong_kind(rng: &mut Rng, watch: &Watch) -> Option<Event> {
    let job = watch.in_flight.keys().nth(rng.usize(..watch.in_flight.len().max(1)))?.clone();
    Some(match job.task {
        Task::Publish => Event::Written { job },
        Task::Prd | Task::Verdict => Event::Published { job },
        Task::Session(_) => Event::Retired { job, kept: None },
        Task::Retire => Event::Proved { job, gates: Vec::new() },
        Task::Open
        | Task::Prepare
        | Task::Check
        | Task::CheckPlan
        | Task::Candidate
        | Task::Prove
        | Task::Update
        | Task::Abandon
        | Task::CheckValidation => Event::Published { job },
    })
}

/// Hands an event that must change nothing to a copy of the scheduler.
pub fn probe(scheduler: &Scheduler, at: u64, event: &Event) -> Result<(), Violation> {
    let mut copy = scheduler.clone();
    let output = copy.handle(at, event);
    hold!(output.commands.is_empty(), UNTOUCHED, "{event:?} led to {:?}", output.commands);
    hold!(copy == *scheduler, UNTOUCHED, "{event:?} changed the state");
    Ok(())
}

/// A scheduler before its first event is moved by nothing but `Begun`.
pub fn probe_unbegun(world: &World) -> Result<(), Violation> {
    let policy = Box::new(world.setup.begun.policy.clone());
    let events = [
        Event::Tick,
        Event::Resumed { policy },
        Event::StopAsked { how: Stop::Graceful },
        Event::DiskLow { free_mib: 1 },
        Event::DiskOk,
        Event::DiskFull,
        Event::Written { job: Job { scope: Scope::Run, task: Task::Prd, n: 1 } },
    ];
    events.iter().try_for_each(|event| probe(&Scheduler::default(), 0, event))
}
