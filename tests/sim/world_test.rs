//! The world itself behaves: what the simulation rests on.

use std::collections::BTreeSet;
use std::sync::Arc;

use ralph_teams::domain::id::{CommitId, EpicId};
use ralph_teams::scheduler::delegation::Ending;
use ralph_teams::scheduler::event::{SessionFailure, Stop};
use ralph_teams::scheduler::failure::Answer;
use ralph_teams::scheduler::notice::StopReason;
use ralph_teams::scheduler::{Command, Event, Job, Notice, Scheduler, Scope, Task};

use crate::driver::{Strike, StrikeKind, play};
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

/// Plays a run until the first session is asked for; the scheduler itself writes what it is told.
fn until_session(seed: u64) -> Option<(World, Command)> {
    let mut world = world(seed);
    let mut scheduler = Scheduler::default();
    let mut event = Event::Begun(Box::new(world.setup.begun.clone()));
    for _ in 0..50 {
        let commands = scheduler.handle(0, &event).commands;
        if let Some(session) = commands.iter().find(|command| matches!(command, Command::Session { .. })) {
            return Some((world, session.clone()));
        }
        commands.iter().for_each(|command| world.start(0, command));
        event = world.next_event()?;
    }
    None
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
    let mut n_ended = 0;
    for (mut world, command) in (0..50).filter_map(until_session) {
        world.crash(|_| false);
        world.start(0, &command);
        // A session that hangs has no end of its own.
        let events = std::iter::from_fn(|| world.next_event()).take(100);
        let ends = |event: &Event| matches!(event, Event::SessionEnded { .. });
        let Some(first) = events.filter(Event::closes_job).find(ends) else { continue };
        let scope = &command.job().scope;
        let tip = world.tracks[scope].tip.clone();
        world.crash(|_| true);
        assert_eq!(answer(&mut world, &command), first);
        assert_eq!(world.tracks[scope].tip, tip);
        n_ended += 1;
    }
    assert!(n_ended > 10, "{n_ended} sessions ended by themselves");
}

#[test]
fn a_job_that_is_cancelled_answers_once_and_soon() {
    for (mut world, command) in (0..50).filter_map(until_session) {
        world.crash(|_| false);
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

#[test]
fn between_lives_plans_are_edited_and_what_was_added_is_done() {
    let (mut n_edited, mut n_refused, mut n_added) = (0, 0, 0);
    for seed in 0..120 {
        let setup = Arc::new(Setup::of(seed));
        let strikes = [5, 15, 30].map(|step| Strike { step, kind: StrikeKind::CrashBefore });
        let ended = play(&setup, &strikes).expect("a run without a violation");
        let is_new = |id: &&EpicId| setup.begun.plan.epic(id).is_none();
        n_edited += usize::from(ended.found.plan != setup.begun.plan);
        let is_edit = |event: &Event| matches!(event, Event::PlanChanged { .. });
        n_refused += usize::from(
            ended.found.plan == setup.begun.plan
                && ended
                    .journal
                    .windows(2)
                    .any(|pair| is_edit(&pair[0].1) && matches!(pair[1].1, Event::Resumed { .. })),
        );
        let merged = ended.found.merged.iter().filter_map(Scope::epic);
        n_added += merged.filter(is_new).count();
    }
    let counts = (n_edited, n_refused, n_added);
    assert!(n_edited > 5 && n_refused > 1 && n_added > 5, "edited, refused, added epics that were merged: {counts:?}");
}

#[test]
fn persons_steer_and_what_begins_again_is_merged_after_all() {
    let (mut n_held, mut n_released, mut n_reset, mut n_stopped, mut n_merged) = (0, 0, 0, 0, 0);
    for seed in 0..120 {
        let ended = play(&Arc::new(Setup::of(seed)), &[]).expect("a run without a violation");
        let asks = ended.journal.iter().map(|(_, event)| event);
        n_held += asks.clone().filter(|event| matches!(event, Event::StopEpicAsked { .. })).count();
        n_released += asks.clone().filter(|event| matches!(event, Event::RetryAsked { .. })).count();
        let reset = asks.filter_map(|event| if let Event::ResetAsked { epic } = event { Some(epic) } else { None });
        let reset: BTreeSet<&EpicId> = reset.collect();
        n_reset += reset.len();
        n_merged += reset.iter().filter(|epic| ended.found.outcomes.get(**epic) == Some(&"merged")).count();
        n_stopped += ended.found.outcomes.values().filter(|kind| **kind == "stopped by hand").count();
    }
    let counts = (n_held, n_released, n_reset, n_stopped, n_merged);
    println!("{counts:?}");
    let enough = n_held > 30 && n_released > 20 && n_reset > 40 && n_stopped > 5 && n_merged > 20;
    assert!(enough, "held, released, set back, stopped for good, merged after all: {counts:?}");
}

fn word(how: &Ending) -> &'static str {
    match how {
        Ending::Done => "done",
        Ending::Failed(_) => "failed",
        Ending::TurnedAway { .. } => "turned away",
        Ending::Over(_) => "over",
        Ending::Cut => "cut",
        Ending::NotStarted(_) => "not started",
    }
}

#[test]
fn leads_delegate_and_their_sessions_end_in_every_way() {
    let mut found = BTreeSet::new();
    for seed in 0..60 {
        let ended = play(&Arc::new(Setup::of(seed)), &[]).expect("a run without a violation");
        let mut scheduler = Scheduler::default();
        for (at, event) in &ended.journal {
            let output = scheduler.handle(*at, event);
            for notice in &output.notices {
                found.extend(matches!(notice, Notice::Delegated { .. }).then_some("delegated"));
                found.extend(matches!(notice, Notice::DelegateRefused { .. }).then_some("refused"));
                found.extend(if let Notice::DelegateEnded { how, .. } = notice { Some(word(how)) } else { None });
            }
            if matches!(event, Event::DelegateDropped { .. }) {
                found.insert("dropped");
            }
        }
    }
    for what in ["delegated", "refused", "done", "failed", "turned away", "over", "cut", "dropped"] {
        assert!(found.contains(what), "{what} is missing: {found:?}");
    }
}

/// What must be met in some world, so that the invariants are asserted of it at all: a name, and how it is known.
type Met = (&'static str, fn(&Event, &Notice) -> bool);

const MET: [Met; 22] = [
    ("a plan", |_, told| matches!(told, Notice::Planned { missing: None, .. })),
    ("no plan", |_, told| matches!(told, Notice::Planned { missing: Some(_), .. })),
    ("an epic that passes", |_, told| matches!(told, Notice::EpicValidated { pass: true, .. })),
    ("an epic that does not pass", |_, told| matches!(told, Notice::EpicValidated { pass: false, .. })),
    ("an epic that nobody judged", |_, told| matches!(told, Notice::NotValidated { .. })),
    ("a branch that is put back", |_, told| matches!(told, Notice::PutBack { .. })),
    ("a run that passes", |_, told| matches!(told, Notice::Validated { pass: true, .. })),
    ("a run that does not pass", |_, told| matches!(told, Notice::Validated { pass: false, .. })),
    ("a park", |_, told| matches!(told, Notice::Parked { .. })),
    ("a stand-in", |event, told| is_turned_away(event) && matches!(told, Notice::Delegated { .. })),
    ("a rest", |_, told| matches!(told, Notice::Retrying { delay_ms: 1.., .. })),
    ("a round of fixes", |_, told| matches!(told, Notice::FixCycle { .. })),
    ("a conflict", |_, told| matches!(told, Notice::Conflict { .. })),
    ("a limit", |_, told| matches!(told, Notice::TimedOut { .. })),
    ("a note", |_, told| matches!(told, Notice::Noted { .. })),
    ("meddling", |_, told| matches!(told, Notice::Meddled { .. })),
    ("a pause", |_, told| matches!(told, Notice::Paused { paused: true })),
    ("a hold", |_, told| matches!(told, Notice::EpicHeld { .. })),
    ("a reset", |_, told| matches!(told, Notice::EpicReset { .. })),
    ("a full disk", |_, told| matches!(told, Notice::DiskLow { .. })),
    ("a budget that is used up", |_, told| matches!(told, Notice::Stopping { reason: StopReason::Budget(_), .. })),
    ("a worktree that is kept", |_, told| matches!(told, Notice::WorktreeKept { .. })),
];

fn is_turned_away(event: &Event) -> bool {
    let rests = |failure: &SessionFailure| failure.kind.answer() == Answer::Rest;
    matches!(event, Event::SessionEnded { end, .. } if end.failure.as_ref().is_some_and(rests))
}

#[test]
fn everything_that_can_happen_to_a_run_happens_in_some_world() {
    let mut missing: BTreeSet<&str> = MET.iter().map(|(name, _)| *name).collect();
    for seed in 0..200 {
        let ended = play(&Arc::new(Setup::of(seed)), &[]).expect("a run without a violation");
        let mut scheduler = Scheduler::default();
        for (at, event) in &ended.journal {
            let told = scheduler.handle(*at, event).notices;
            let is_met = |name: &str| {
                let known = MET.iter().find(|(known, _)| *known == name);
                known.is_some_and(|(_, is_it)| told.iter().any(|notice| is_it(event, notice)))
            };
            missing.retain(|name| !is_met(name));
        }
    }
    assert!(missing.is_empty(), "not met: {missing:?}");
}
