//! What a run does that was told to do only a part of its plan: chosen epics, or a number of them.

use super::play::{Play, ended, epic, epic_id, policy, scope};
use super::{VALIDATOR, validated};
use crate::domain::outcome::{Outcome, RunEnd};
use crate::domain::plan::Plan;
use crate::domain::policy::{FinalValidation, Policy};
use crate::scheduler::event::{Event, FailureKind, ReportFound};
use crate::scheduler::replan::Replan;
use crate::scheduler::view::TrackState;
use crate::scheduler::{Scope, Task};

/// One epic at a time, and no more than one in a life.
fn one_each() -> Policy {
    Policy { max_epics: Some(1), ..policy(1) }
}

fn resume(play: &mut Play) {
    play.say(Event::Resumed { policy: Box::new(one_each()) });
}

/// Does what may be done of this epic, to the end of the run.
fn do_all(play: &mut Play, name: &str, to: u32) {
    play.work(name);
    play.merge(name, to);
    play.settle();
}

fn is_at_its_number(play: &Play) -> bool {
    matches!(play.scheduler.ended(), Some(RunEnd::Limit { reason }) if reason.contains("not started: the limit was reached"))
}

#[test]
fn what_the_final_validator_finds_is_fixed_also_when_only_some_epics_were_chosen() {
    let final_validation = Some(FinalValidation { max_fix_cycles: 1 });
    let only = vec![epic_id("a"), epic_id("b")];
    let mut play = Play::new(&["a", "b", "c"], Policy { final_validation, only, ..policy(2) });
    for (name, to) in [("a", 7), ("b", 8)] {
        play.work(name);
        play.merge(name, to);
    }
    let job = play.job(&Scope::Run, VALIDATOR);
    play.say(ended(job, None));
    let job = play.job(&Scope::Run, Task::CheckValidation);
    play.say(Event::ValidationChecked { job, report: Ok(validated(false)), undone: vec![] });
    play.job(&Scope::Fix(1), Task::Prepare);
}

#[test]
fn a_run_that_ended_at_its_number_of_epics_starts_as_many_again_when_it_is_resumed() {
    let mut play = Play::new(&["a", "b", "c"], one_each());
    for (name, to) in [("a", 7), ("b", 8)] {
        do_all(&mut play, name, to);
        assert!(is_at_its_number(&play), "after {name}: {:?}", play.scheduler.ended());
        resume(&mut play);
    }
    do_all(&mut play, "c", 9);
    assert_eq!(play.scheduler.ended(), Some(&RunEnd::Judged { pass: true }));
}

#[test]
fn a_crash_before_the_last_word_does_not_start_more_than_the_number() {
    let mut play = Play::new(&["a", "b"], one_each());
    play.work("a");
    play.merge("a", 7);
    while play.verdict().is_none() {
        play.settle_one();
    }
    play.open.clear();
    resume(&mut play);
    play.settle();
    assert!(is_at_its_number(&play));
    assert_eq!(play.state("b"), TrackState::Done(Outcome::LeftOut));
}

#[test]
fn what_failed_stays_failed_and_what_it_blocks_stays_blocked_in_the_next_number() {
    let mut play = Play::new(&["a", "b<a", "c"], one_each());
    play.prepare("a");
    play.end_session("a", Some(FailureKind::Refused));
    play.check_with("a", ReportFound::Missing, vec![], vec![]);
    play.settle();
    assert!(is_at_its_number(&play));
    resume(&mut play);
    do_all(&mut play, "c", 7);
    assert_eq!(play.scheduler.ended(), Some(&RunEnd::Judged { pass: false }));
    assert_eq!(play.state("b"), TrackState::Done(Outcome::Blocked { by: vec![epic_id("a")] }));
}

#[test]
fn a_run_that_ended_at_its_number_takes_in_what_was_edited_since() {
    let mut play = Play::new(&["a", "b"], one_each());
    do_all(&mut play, "a", 7);
    let edited = Plan::check("p", "", ["a", "b", "c"].map(epic).to_vec()).expect("a plan");
    assert_eq!(play.scheduler.replan(&edited), Replan::Fits { changes: vec!["c is new".to_owned()] });
    play.say(Event::PlanChanged { plan: Box::new(edited) });
    resume(&mut play);
    do_all(&mut play, "b", 8);
    assert!(is_at_its_number(&play));
    resume(&mut play);
    assert!(play.is_open("c", Task::Prepare) && !play.open.iter().any(|command| command.job().scope == scope("a")));
}
