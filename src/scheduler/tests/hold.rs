//! What holding one epic means in each of its phases: what is in flight ends, nothing follows, and it goes on where it
//! stood.

use super::*;
use crate::domain::id::SessionId;

fn hold(play: &mut Play, name: &str) {
    play.say(Event::StopEpicAsked { epic: epic_id(name) });
    play.ignores(Event::StopEpicAsked { epic: epic_id(name) });
}

fn release(play: &mut Play, name: &str) {
    play.say(Event::RetryAsked { epic: epic_id(name) });
}

/// Answers `Cut` to the job that is cancelled.
fn cut(play: &mut Play, name: &str) {
    let ends = |command: &&Command| matches!(command, Command::Cancel { job, how: Stop::Graceful } if job.scope == scope(name));
    let job = play.open.iter().find(ends).expect("a cancelled job").job().clone();
    play.say(Event::Cut { job });
}

const HELD: TrackState = TrackState::Waiting(WaitReason::Held);

fn two_gated() -> Play {
    Play::new(&["a", "b"], Policy { gates: vec![gate("test")], ..policy(2) })
}

/// Brings `a` into one of the phases that have a job in flight, and names the job's task.
fn phases() -> Vec<(Play, Task)> {
    let preparing = two_gated();
    let mut working = two_gated();
    working.prepare("a");
    let mut checking = two_gated();
    checking.prepare("a");
    checking.end_session("a", None);
    let mut updating = two_gated();
    updating.work("a");
    let job = updating.job(&scope("a"), Task::Candidate);
    updating.say(Event::Conflicted { job, files: vec!["f".to_owned()] });
    vec![(preparing, Task::Prepare), (working, LEAD), (checking, Task::Check), (updating, Task::Update)]
}

#[test]
fn what_is_in_flight_ends_gives_its_slot_away_and_goes_on_under_a_new_name() {
    for (mut play, task) in phases() {
        let job = play.job(&scope("a"), task);
        hold(&mut play, "a");
        assert!(play.open.contains(&Command::Cancel { job: job.clone(), how: Stop::Graceful }), "{task:?}");
        assert_ne!(play.state("a"), HELD, "{task:?}: it is not at rest yet");
        cut(&mut play, "a");
        assert_eq!(play.state("a"), HELD, "{task:?}");
        assert_eq!(play.scheduler.view().expect("a view").slots_used, 1, "{task:?}: only b has one");
        release(&mut play, "a");
        assert_eq!(play.job(&scope("a"), task), Job { n: job.n + 1, ..job }, "{task:?}");
        play.ignores(Event::RetryAsked { epic: epic_id("a") });
    }
}

#[test]
fn nobody_is_charged_and_the_session_goes_on_in_its_conversation() {
    let mut play = Play::new(&["a", "b"], Policy { max_attempts: 1, epic_timeout_ms: Some(1_000), ..policy(2) });
    play.prepare("a");
    let (job, name) = (play.session("a"), SessionId::new("s").expect("a name"));
    play.say(Event::SessionIdentified { job: job.clone(), session: name.clone() });
    hold(&mut play, "a");
    play.at = 5_000;
    play.say(Event::Tick);
    assert!(
        !play.notices.iter().any(|notice| matches!(notice, Notice::TimedOut { scope: who, .. } if *who == scope("a")))
    );
    let end = SessionEnd { failure: None, cut: true, usage: Usage::default(), said: None };
    play.say(Event::SessionEnded { job, end });
    release(&mut play, "a");
    let again = play.ask("a");
    assert_eq!((again.attempt, again.continues), (1, Some(name)));
}

#[test]
fn a_session_that_is_let_go_on_before_it_ended_is_begun_again_once_it_has() {
    let mut play = Play::new(&["a"], Policy { epic_timeout_ms: Some(1_000), ..policy(1) });
    play.prepare("a");
    let job = play.session("a");
    hold(&mut play, "a");
    release(&mut play, "a");
    play.at = 5_000;
    assert_eq!(play.scheduler.next_deadline(), None, "no limit counts for what we end");
    play.say(Event::Cut { job: job.clone() });
    assert_eq!(play.session("a"), Job { n: 2, ..job });
}

#[test]
fn work_that_was_done_before_the_end_came_is_looked_at_once_the_epic_goes_on() {
    let mut play = two_gated();
    play.prepare("a");
    hold(&mut play, "a");
    play.end_session("a", None);
    assert!(!play.is_open("a", Task::Check));
    assert_eq!(play.state("a"), HELD);
    release(&mut play, "a");
    play.check("a", true, 0);
    assert!(play.is_open("a", Task::Candidate));
}

#[test]
fn an_epic_that_did_not_start_or_rests_or_waits_to_be_merged_can_be_held() {
    let mut waiting = Play::new(&["a", "b"], policy(1));
    hold(&mut waiting, "b");
    waiting.work("a");
    assert!(!waiting.is_open("b", Task::Prepare), "the slot is free, and b is not started");
    assert_eq!(waiting.state("b"), HELD);
    release(&mut waiting, "b");
    assert!(waiting.is_open("b", Task::Prepare));

    let mut resting = Play::new(&["a", "b"], Policy { retry_delay_ms: 500, ..policy(2) });
    resting.prepare("a");
    resting.end_session("a", Some(FailureKind::Overloaded));
    resting.check_with("a", ReportFound::Missing, vec![], vec![]);
    hold(&mut resting, "a");
    resting.at = 9_000;
    resting.say(Event::Tick);
    assert_eq!(resting.state("a"), HELD);
    release(&mut resting, "a");
    resting.say(Event::Tick);
    assert!(resting.is_open("a", LEAD));

    let mut queued = Play::new(&["a", "b", "c"], policy(3));
    queued.work("a");
    queued.work("b");
    queued.work("c");
    hold(&mut queued, "b");
    assert_eq!(queued.state("b"), HELD);
    assert_eq!(queued.state("c"), TrackState::Queued { ahead: 1 });
    release(&mut queued, "b");
    assert_eq!(queued.state("b"), TrackState::Queued { ahead: 2 });
}

#[test]
fn a_merge_that_is_held_makes_way_for_the_next_one_and_a_publication_is_not_stopped() {
    let mut play = Play::new(&["a", "b", "c"], Policy { gates: vec![gate("test")], ..policy(3) });
    play.work("a");
    play.work("b");
    hold(&mut play, "a");
    let job = play.job(&scope("a"), Task::Candidate);
    play.say(Event::CandidateBuilt { job, commit: commit(7) });
    assert_eq!(play.state("a"), HELD);
    assert!(!play.is_open("a", Task::Prove));
    let job = play.job(&scope("b"), Task::Candidate);
    play.say(Event::CandidateBuilt { job, commit: commit(8) });
    let job = play.job(&scope("b"), Task::Prove);
    play.say(Event::Proved { job, gates: vec![ran("test", 0)] });
    play.ignores(Event::StopEpicAsked { epic: epic_id("b") });
    let job = play.job(&scope("b"), Task::Publish);
    play.say(Event::Published { job });
    assert!(!play.is_open("a", Task::Candidate));
    release(&mut play, "a");
    play.merge("a", 9);
    assert!(matches!(play.state("a"), TrackState::Done(Outcome::Merged { .. })));
}

#[test]
fn a_hold_survives_a_crash_and_a_stop() {
    let mut crashed = Play::new(&["a", "b"], policy(2));
    crashed.prepare("a");
    let job = crashed.session("a");
    hold(&mut crashed, "a");
    crashed.open.clear();
    crashed.say(Event::Resumed { policy: Box::new(policy(2)) });
    assert_eq!(crashed.state("a"), HELD);
    assert!(!crashed.is_open("a", LEAD));
    release(&mut crashed, "a");
    assert_eq!(crashed.session("a"), job, "an end of its own can still be adopted");

    let mut stopped = Play::new(&["a", "b"], policy(2));
    stopped.prepare("a");
    hold(&mut stopped, "a");
    stopped.say(Event::StopAsked { how: Stop::Graceful });
    cut(&mut stopped, "a");
    let job = stopped.job(&scope("b"), Task::Prepare);
    stopped.say(Event::Cut { job });
    assert_eq!(stopped.scheduler.ended(), Some(&RunEnd::Interrupted));
    stopped.say(Event::Resumed { policy: Box::new(policy(2)) });
    assert_eq!(stopped.state("a"), HELD);
    assert!(stopped.is_open("b", Task::Prepare) && !stopped.is_open("a", LEAD));
}

#[test]
fn a_held_epic_does_not_keep_the_run_alive_and_blocks_what_depends_on_it() {
    let mut play = Play::new(&["a", "b<a", "c"], policy(2));
    play.prepare("a");
    hold(&mut play, "a");
    play.work("c");
    play.merge("c", 7);
    assert_eq!(play.scheduler.ended(), None, "its session is still being ended");
    cut(&mut play, "a");
    let reason = "stopped by hand".to_owned();
    assert_eq!(play.state("a"), TrackState::Done(Outcome::Failed { reason }));
    assert_eq!(play.state("b"), TrackState::Done(Outcome::Blocked { by: vec![epic_id("a")] }));
    let is_kept =
        |notice: &Notice| matches!(notice, Notice::EpicEnded { epic, branch: Some(_), .. } if *epic == epic_id("a"));
    assert!(play.notices.iter().any(is_kept), "its work is kept");
    play.settle();
    assert_eq!(play.scheduler.ended(), Some(&RunEnd::Judged { pass: false }));
}

#[test]
fn a_proven_epic_that_is_held_to_the_end_keeps_its_proof() {
    let mut play = Play::new(&["a"], policy(1));
    play.prepare("a");
    play.end_session("a", None);
    hold(&mut play, "a");
    play.check("a", true, 0);
    let reason = "stopped by hand".to_owned();
    assert_eq!(play.state("a"), TrackState::Done(Outcome::MergeFailed { reason }));
}

#[test]
fn the_next_wave_does_not_wait_for_what_a_person_stopped() {
    let mut play = Play::new(&["a", "b", "c<b"], Policy { schedule: Schedule::Waves, ..policy(2) });
    hold(&mut play, "a");
    cut(&mut play, "a");
    play.work("b");
    play.merge("b", 7);
    assert!(play.is_open("c", Task::Prepare));
}

#[test]
fn nothing_can_be_held_that_is_over_unknown_or_of_a_run_that_ends() {
    let mut play = Play::new(&["a", "b"], policy(2));
    play.ignores(Event::StopEpicAsked { epic: epic_id("x") });
    play.work("a");
    play.merge("a", 7);
    play.ignores(Event::StopEpicAsked { epic: epic_id("a") });
    play.say(Event::StopAsked { how: Stop::Graceful });
    play.ignores(Event::StopEpicAsked { epic: epic_id("b") });
}
