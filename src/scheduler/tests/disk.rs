//! Transition tests of a disk with too little room.

use super::play::{Play, policy, scope};
use crate::domain::outcome::RunEnd;
use crate::domain::policy::{FinalValidation, Policy};
use crate::scheduler::event::{Event, Stop};
use crate::scheduler::notice::StopReason;
use crate::scheduler::view::{TrackState, WaitReason};
use crate::scheduler::{Job, Notice, Role, Scope, Task};

const LOW: Event = Event::DiskLow { free_mib: 7 };

#[test]
fn without_room_nothing_starts_and_what_runs_goes_on_until_it_is_merged() {
    let mut play = Play::new(&["a", "b"], policy(1));
    play.say(LOW);
    assert_eq!(play.state("b"), TrackState::Waiting(WaitReason::Disk));
    play.work("a");
    play.merge("a", 7);
    assert!(!play.is_open("b", Task::Prepare));
    assert_eq!(play.state("b"), TrackState::Waiting(WaitReason::Disk));
    play.say(Event::DiskOk);
    assert!(play.is_open("b", Task::Prepare));
    assert!(play.notices.contains(&Notice::DiskLow { free_mib: 7 }) && play.notices.contains(&Notice::DiskOk));
}

#[test]
fn without_room_the_final_validator_waits() {
    let validation = Some(FinalValidation { max_fix_cycles: 0 });
    let mut play = Play::new(&["a", "b"], Policy { final_validation: validation, ..policy(2) });
    play.work("a");
    play.merge("a", 7);
    play.work("b");
    play.say(LOW);
    play.merge("b", 8);
    let validator = Job { scope: Scope::Run, task: Task::Session(Role::FinalValidator), n: 1 };
    let is_asked = |play: &Play| play.open.iter().any(|command| *command.job() == validator);
    assert!(!is_asked(&play));
    play.say(Event::DiskOk);
    assert!(is_asked(&play));
}

#[test]
fn a_disk_that_is_said_to_be_low_or_fine_twice_changes_nothing() {
    let mut play = Play::new(&["a"], policy(1));
    play.ignores(Event::DiskOk);
    play.say(LOW);
    play.ignores(Event::DiskLow { free_mib: 3 });
}

#[test]
fn a_run_that_only_waits_for_room_stops_after_ten_minutes_and_can_be_resumed() {
    let mut play = Play::unopened(&["a"], policy(1));
    play.say(LOW);
    assert_eq!(play.scheduler.next_deadline(), None, "something is in flight");
    let job = play.job(&Scope::Run, Task::Open);
    play.at = 5_000;
    play.say(Event::Opened { job, gates: vec![] });
    answer_writes(&mut play);
    assert_eq!(play.scheduler.next_deadline(), Some(605_000));
    play.at = 605_000;
    play.say(Event::Tick);
    answer_writes(&mut play);
    assert!(matches!(play.scheduler.ended(), Some(RunEnd::Limit { reason }) if reason.contains("7 MiB")));
    play.ignores(LOW);
    play.say(Event::Resumed { policy: Box::new(policy(1)) });
    assert!(play.is_open("a", Task::Prepare));
}

#[test]
fn a_full_disk_stops_the_run_in_good_order() {
    let mut play = Play::new(&["a"], policy(1));
    play.say(Event::DiskFull);
    let is_stop = |notice: &Notice| {
        matches!(notice, Notice::Stopping { how: Stop::Graceful, reason: StopReason::Disk { .. }, .. })
    };
    assert!(play.notices.iter().any(is_stop));
    play.ignores(Event::DiskFull);
    let job = play.job(&scope("a"), Task::Prepare);
    play.say(Event::Cut { job });
    answer_writes(&mut play);
    assert!(matches!(play.scheduler.ended(), Some(RunEnd::Limit { .. })), "{:?}", play.scheduler.ended());
}

fn answer_writes(play: &mut Play) {
    while let Some(job) = play.open.iter().map(|command| command.job().clone()).find(|job| job.task == Task::Prd) {
        play.say(Event::Written { job });
    }
}
