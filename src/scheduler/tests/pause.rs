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
