//! What a person who steers a run gets: nothing new while it is paused, and no rest before another attempt.

use super::*;

#[test]
fn a_pause_starts_nothing_new_and_leaves_alone_what_is_at_work() {
    let mut play = Play::new(&["a", "b<a", "c"], policy(1));
    play.prepare("a");
    play.say(Event::PauseAsked { paused: true });
    play.ignores(Event::PauseAsked { paused: true });
    assert_eq!(play.state("c"), TrackState::Waiting(WaitReason::Paused));
    play.end_session("a", None);
    play.check("a", true, 0);
    play.merge("a", 7);
    assert!(!play.is_open("b", Task::Prepare) && !play.is_open("c", Task::Prepare));
    assert_eq!(play.scheduler.ended(), None);
    play.say(Event::PauseAsked { paused: false });
    assert!(play.is_open("b", Task::Prepare) || play.is_open("c", Task::Prepare));
}

#[test]
fn a_new_life_is_not_paused() {
    let mut play = Play::new(&["a", "b"], policy(1));
    play.say(Event::PauseAsked { paused: true });
    play.say(Event::Resumed { policy: Box::new(policy(2)) });
    assert!(play.is_open("b", Task::Prepare));
}

#[test]
fn an_epic_that_rests_can_be_told_to_try_again_now_and_no_other() {
    let mut play = Play::new(&["a", "b"], Policy { retry_delay_ms: 500, ..policy(2) });
    play.prepare("a");
    play.ignores(Event::RetryAsked { epic: epic_id("a") });
    play.end_session("a", Some(FailureKind::Overloaded));
    play.check_with("a", ReportFound::Missing, vec![], vec![]);
    play.ignores(Event::RetryAsked { epic: epic_id("b") });
    play.say(Event::RetryAsked { epic: epic_id("a") });
    assert_eq!(play.state("a"), TrackState::Working(Role::TeamLead));
    assert!(play.is_open("a", LEAD));
}

/// Two epics that are merged while the run is paused.
fn merged_while_paused() -> Play {
    let final_validation = Some(FinalValidation { max_fix_cycles: 1 });
    let mut play = Play::new(&["a", "b"], Policy { final_validation, ..policy(2) });
    play.work("a");
    play.work("b");
    play.say(Event::PauseAsked { paused: true });
    play.merge("a", 7);
    play.merge("b", 8);
    play.settle();
    play
}

fn is_validating(play: &Play) -> bool {
    play.open.iter().any(|command| command.job().task == VALIDATOR)
}

#[test]
fn the_final_validator_waits_for_the_end_of_a_pause_and_so_does_its_second_look() {
    let mut play = merged_while_paused();
    assert!(!is_validating(&play) && play.scheduler.ended().is_none());
    play.say(Event::PauseAsked { paused: false });
    let job = play.job(&Scope::Run, VALIDATOR);
    play.say(ended(job, None));
    let job = play.job(&Scope::Run, Task::CheckValidation);
    play.say(Event::ValidationChecked { job, report: Ok(validated(false)), undone: vec![] });
    let fix = Scope::Fix(1);
    let job = play.job(&fix, Task::Prepare);
    play.say(Event::Prepared { job, tip: commit(8), planned: false });
    let job = play.job(&fix, LEAD);
    play.say(ended(job, None));
    play.say(Event::PauseAsked { paused: true });
    let job = play.job(&fix, Task::Check);
    let (report, leftovers) = (ReportFound::NotAsked, vec![]);
    let checkup = super::super::event::Checkup {
        tip: commit(9),
        n_commits: 1,
        leftovers,
        report,
        violations: vec![],
        gates: vec![],
    };
    play.say(Event::Checked { job, checkup: Box::new(checkup) });
    let job = play.job(&fix, Task::Candidate);
    play.say(Event::CandidateBuilt { job, commit: commit(10) });
    let job = play.job(&fix, Task::Publish);
    play.say(Event::Published { job });
    play.settle();
    assert!(!is_validating(&play) && play.scheduler.ended().is_none());
    play.say(Event::PauseAsked { paused: false });
    assert!(is_validating(&play));
}

#[test]
fn a_final_validation_that_waits_for_the_end_of_a_pause_is_done_by_the_next_life() {
    let mut play = merged_while_paused();
    let limits = play.scheduler.policy().expect("begun").clone();
    play.say(Event::Resumed { policy: Box::new(limits) });
    play.settle();
    assert!(is_validating(&play));
}
