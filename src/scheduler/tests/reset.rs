//! What setting one epic back means in each of its phases: what is in flight answers first, then its work is saved, then
//! it begins as on the first day.

use super::*;
use crate::domain::outcome::Status;

fn reset(play: &mut Play, name: &str) {
    play.say(Event::ResetAsked { epic: epic_id(name) });
    play.ignores(Event::ResetAsked { epic: epic_id(name) });
    play.ignores(Event::StopEpicAsked { epic: epic_id(name) });
    assert_eq!(play.state(name), TrackState::Resetting);
}

fn abandoned(play: &mut Play, name: &str) {
    let job = play.job(&scope(name), Task::Abandon);
    play.say(Event::Abandoned { job, saved: vec!["refs/ralph/backup/1".to_owned()], kept: None });
}

fn cancelled(play: &Play, name: &str) -> bool {
    play.open.iter().any(|command| matches!(command, Command::Cancel { job, .. } if job.scope == scope(name)))
}

fn gated(epics: &[&str]) -> Play {
    Play::new(epics, Policy { gates: vec![gate("test")], max_attempts: 2, ..policy(2) })
}

#[test]
fn what_is_in_flight_answers_before_anything_is_taken_away() {
    let mut preparing = gated(&["a"]);
    let prepare = preparing.job(&scope("a"), Task::Prepare);
    let mut working = gated(&["a"]);
    working.prepare("a");
    let session = working.session("a");
    let mut checking = gated(&["a"]);
    checking.prepare("a");
    checking.end_session("a", None);
    let check = checking.job(&scope("a"), Task::Check);
    let mut building = gated(&["a"]);
    building.work("a");
    let candidate = building.job(&scope("a"), Task::Candidate);
    let table = [
        (&mut preparing, Event::Cut { job: prepare }),
        (&mut working, ended(session, None)),
        (&mut checking, Event::Cut { job: check }),
        (&mut building, Event::CandidateBuilt { job: candidate, commit: commit(7) }),
    ];
    for (play, answer) in table {
        reset(play, "a");
        assert!(cancelled(play, "a") && !play.is_open("a", Task::Abandon), "{answer:?}");
        play.open.retain(|command| !matches!(command, Command::Cancel { .. }));
        play.say(answer.clone());
        assert_eq!(play.state("a"), TrackState::Resetting, "{answer:?}");
        abandoned(play, "a");
        assert!(play.is_open("a", Task::Prepare), "{answer:?}");
        let told = |notice: &Notice| matches!(notice, Notice::EpicReset { saved, .. } if saved.len() == 1);
        assert!(play.notices.iter().any(told), "{answer:?}");
    }
}

#[test]
fn a_session_that_is_ended_for_it_holds_its_slot_until_it_has_and_its_cost_counts() {
    let mut play = Play::new(&["a", "b"], policy(1));
    play.prepare("a");
    let job = play.session("a");
    reset(&mut play, "a");
    assert!(!play.is_open("b", Task::Prepare));
    let usage = Usage { output_tokens: 7, ..Usage::default() };
    play.say(Event::SessionEnded { job, end: SessionEnd { failure: None, cut: true, usage, said: None } });
    assert!(play.is_open("b", Task::Prepare), "taking away needs no slot");
    abandoned(&mut play, "a");
    assert_eq!(play.scheduler.view().expect("a view").usage, usage);
}

#[test]
fn nothing_of_before_counts_afterwards() {
    let mut play = gated(&["a", "b<a"]);
    play.prepare("a");
    play.end_session("a", Some(FailureKind::Crashed));
    play.check_with("a", ReportFound::Missing, vec![], vec![]);
    play.end_session("a", None);
    play.check("a", true, 1);
    let session = play.session("a");
    reset(&mut play, "a");
    play.say(Event::Cut { job: session.clone() });
    abandoned(&mut play, "a");
    let view = play.scheduler.view().expect("a view");
    assert_eq!((view.epics[0].attempt, view.epics[0].fix_cycle, view.epics[0].stories_passed), (0, 0, 0));
    play.prepare("a");
    let again = play.session("a");
    assert!(again.n > session.n, "no old session can be taken for it");
    play.end_session("a", Some(FailureKind::Crashed));
    play.check_with("a", ReportFound::Missing, vec![], vec![]);
    assert!(play.is_open("a", LEAD), "it has two attempts again");
}

#[test]
fn an_epic_that_failed_begins_again_and_what_it_blocked_waits_again() {
    let mut play = gated(&["a", "b<a", "c"]);
    play.prepare("a");
    play.end_session("a", Some(FailureKind::Refused));
    play.check_with("a", ReportFound::Missing, vec![], vec![]);
    assert!(matches!(play.state("a"), TrackState::Done(Outcome::Failed { .. })));
    assert_eq!(play.state("b"), TrackState::Waiting(WaitReason::Blocked(vec![epic_id("a")])));
    play.settle();
    reset(&mut play, "a");
    assert_eq!(play.state("b"), TrackState::Waiting(WaitReason::Dependencies(vec![epic_id("a")])));
    abandoned(&mut play, "a");
    let job = play.job(&Scope::Run, Task::Prd);
    let Some(Command::WritePrd { states, .. }) = play.open.iter().find(|command| *command.job() == job) else {
        panic!("prd.json does not follow")
    };
    assert_eq!((states[0].epic.clone(), states[0].status), (epic_id("a"), Status::Pending));
    for (name, to) in [("a", 7), ("c", 8), ("b", 9)] {
        play.work(name);
        play.merge(name, to);
    }
    play.settle();
    assert_eq!(play.scheduler.ended(), Some(&RunEnd::Judged { pass: true }));
}

#[test]
fn a_held_epic_can_begin_again_and_is_held_no_more() {
    let mut play = gated(&["a", "b"]);
    play.prepare("a");
    let job = play.session("a");
    play.say(Event::StopEpicAsked { epic: epic_id("a") });
    play.say(Event::Cut { job });
    reset(&mut play, "a");
    abandoned(&mut play, "a");
    assert!(play.is_open("a", Task::Prepare));
}

#[test]
fn it_does_not_count_twice_against_the_limit_of_epics_to_start() {
    let mut play = Play::new(&["a", "b"], Policy { max_epics: Some(1), ..policy(1) });
    play.prepare("a");
    let job = play.session("a");
    reset(&mut play, "a");
    play.say(Event::Cut { job });
    abandoned(&mut play, "a");
    assert!(play.is_open("a", Task::Prepare));
}

#[test]
fn a_branch_that_has_to_stay_ends_the_epic_and_so_does_one_that_cannot_be_taken_away() {
    let mut kept = gated(&["a", "b"]);
    let job = kept.job(&scope("a"), Task::Prepare);
    reset(&mut kept, "a");
    kept.say(Event::Cut { job });
    let job = kept.job(&scope("a"), Task::Abandon);
    kept.say(Event::Abandoned { job, saved: vec![], kept: Some("it is locked".to_owned()) });
    let reason = "it cannot begin again: it is locked".to_owned();
    assert_eq!(kept.state("a"), TrackState::Done(Outcome::Failed { reason }));

    let mut failing = gated(&["a", "b"]);
    let job = failing.job(&scope("a"), Task::Prepare);
    reset(&mut failing, "a");
    failing.say(Event::Cut { job });
    for _ in 0..2 {
        let job = failing.job(&scope("a"), Task::Abandon);
        failing.say(Event::Failed { job, failure: Failure { what: "no luck".to_owned(), environment: false } });
    }
    let reason = "it cannot begin again: no luck".to_owned();
    assert_eq!(failing.state("a"), TrackState::Done(Outcome::Failed { reason }));
}

#[test]
fn a_crash_at_any_point_of_it_is_made_up_for() {
    let mut ending = gated(&["a", "b"]);
    ending.prepare("a");
    reset(&mut ending, "a");
    ending.open.clear();
    ending.say(Event::Resumed { policy: Box::new(policy(2)) });
    let job = ending.job(&scope("a"), Task::Abandon);
    ending.open.clear();
    ending.say(Event::Resumed { policy: Box::new(policy(2)) });
    assert_eq!(ending.job(&scope("a"), Task::Abandon), job, "it is said again under its own name");
    abandoned(&mut ending, "a");
    assert!(ending.is_open("a", Task::Prepare));

    let mut stopped = gated(&["a"]);
    stopped.prepare("a");
    let job = stopped.session("a");
    reset(&mut stopped, "a");
    stopped.say(Event::StopAsked { how: Stop::Graceful });
    stopped.say(Event::Cut { job });
    assert!(!stopped.is_open("a", Task::Abandon), "a stop starts nothing");
    assert_eq!(stopped.scheduler.ended(), Some(&RunEnd::Interrupted));
    stopped.say(Event::Resumed { policy: Box::new(policy(2)) });
    abandoned(&mut stopped, "a");
    assert!(stopped.is_open("a", Task::Prepare));
}

#[test]
fn what_is_merged_or_being_published_or_unknown_stays() {
    let mut play = gated(&["a", "b"]);
    play.ignores(Event::ResetAsked { epic: epic_id("x") });
    play.work("a");
    let job = play.job(&scope("a"), Task::Candidate);
    play.say(Event::CandidateBuilt { job, commit: commit(7) });
    let job = play.job(&scope("a"), Task::Prove);
    play.say(Event::Proved { job, gates: vec![ran("test", 0)] });
    play.ignores(Event::ResetAsked { epic: epic_id("a") });
    let job = play.job(&scope("a"), Task::Publish);
    play.say(Event::Published { job });
    play.ignores(Event::ResetAsked { epic: epic_id("a") });
    play.say(Event::StopAsked { how: Stop::Graceful });
    play.ignores(Event::ResetAsked { epic: epic_id("b") });
}
