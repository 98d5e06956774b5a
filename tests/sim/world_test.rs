//! The world itself behaves: what the simulation rests on.

use std::sync::Arc;

use ralph_teams::domain::id::CommitId;
use ralph_teams::scheduler::command::{Purpose, SessionAsk};
use ralph_teams::scheduler::event::Stop;
use ralph_teams::scheduler::{Command, Event, Job, Role, Scope, Task};

use crate::generate::Setup;
use crate::world::World;

fn world(seed: u64) -> World {
    World::new(&Arc::new(Setup::of(seed)))
}

fn job(scope: Scope, task: Task) -> Job {
    Job { scope, task, n: 1 }
}

fn answer(world: &mut World, command: &Command) -> Event {
    world.start(0, command);
    loop {
        let event = world.next_event().expect("an answer");
        world.write(0, &event);
        if event.closes_job() {
            return event;
        }
    }
}

fn session(world: &World, scope: &Scope, base: &CommitId) -> Command {
    let epic = scope.epic().and_then(|id| world.setup.begun.plan.epic(id)).expect("an epic");
    let ask = SessionAsk {
        role: Role::TeamLead,
        purpose: Purpose::Implement,
        attempt: 1,
        cycle: 0,
        findings: Vec::new(),
        stories: epic.user_stories.iter().map(|story| story.id.clone()).collect(),
        merged: Vec::new(),
        base: base.clone(),
        loop_tip: base.clone(),
        continues: None,
    };
    Command::Session { job: job(scope.clone(), Task::Session(Role::TeamLead)), ask: Box::new(ask) }
}

#[test]
fn the_loop_branch_moves_only_from_where_it_is_said_to_stand() {
    let mut world = world(1);
    let start = world.setup.begun.start.clone();
    world.loop_branch.push(start.clone());
    let content = world.graph.content(&start).clone();
    let one = world.graph.commit(&[&start], content.clone());
    let other = world.graph.commit(&[&start], content);
    let publish = |commit: &CommitId| Command::Publish {
        job: job(Scope::Run, Task::Publish),
        commit: commit.clone(),
        old: start.clone(),
    };
    assert!(matches!(world.perform(&publish(&one), None), Event::Published { .. }));
    assert!(matches!(world.perform(&publish(&one), None), Event::Published { .. }), "saying it again is no harm");
    assert!(matches!(world.perform(&publish(&other), None), Event::LoopMoved { .. }));
    assert_eq!(world.loop_tip(), Some(&one));
}

#[test]
fn a_session_that_ended_by_itself_is_not_run_again_after_a_crash() {
    let mut world = world(1);
    let base = world.setup.begun.start.clone();
    let scope = Scope::Epic(world.setup.begun.plan.epics()[0].id.clone());
    let prepare = Command::Prepare { job: job(scope.clone(), Task::Prepare), start: base.clone() };
    world.perform(&prepare, None);
    let command = session(&world, &scope, &base);
    let first = answer(&mut world, &command);
    let tip = world.tracks[&scope].tip.clone();
    world.crash(|_| true);
    assert_eq!(answer(&mut world, &command), first);
    assert_eq!(world.tracks[&scope].tip, tip);
}

#[test]
fn a_job_that_is_cancelled_answers_once_and_soon() {
    for seed in 0..50 {
        let mut world = world(seed);
        let base = world.setup.begun.start.clone();
        let scope = Scope::Epic(world.setup.begun.plan.epics()[0].id.clone());
        world.perform(&Command::Prepare { job: job(scope.clone(), Task::Prepare), start: base.clone() }, None);
        let command = session(&world, &scope, &base);
        world.start(0, &command);
        world.start(100, &Command::Cancel { job: command.job().clone(), how: Stop::Now });
        let mut n_answers = 0;
        while let Some(due) = world.next_due() {
            assert!(due <= 200, "it goes on until {due}");
            n_answers += usize::from(world.next_event().is_some_and(|event| event.closes_job()));
        }
        assert_eq!(n_answers, 1);
    }
}

#[test]
fn a_seed_always_stands_for_the_same_project() {
    for seed in 0..50 {
        assert_eq!(Setup::of(seed).begun, Setup::of(seed).begun);
    }
}
