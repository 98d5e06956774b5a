//! What follows when a session does the same again and again.

use super::super::event::{Event, ReportFound, SessionEnd, Stop};
use super::super::job::Role;
use super::super::view::TrackState;
use super::play::{Play, policy};
use crate::domain::id::SessionId;
use crate::domain::policy::Policy;
use crate::domain::usage::Usage;

/// The open session repeats itself and is ended for it.
fn repeat(play: &mut Play) {
    let job = play.session("a");
    play.say(Event::Stagnant { job: job.clone(), turns: 20 });
    assert_eq!(play.state("a"), TrackState::Stopping(Role::TeamLead));
    let end = SessionEnd { failure: None, cut: true, usage: Usage::default(), said: None };
    play.say(Event::SessionEnded { job, end });
}

#[test]
fn it_hears_of_it_once_in_its_own_conversation_and_is_charged_the_second_time() {
    let mut play = Play::new(&["a"], Policy { max_attempts: 2, ..policy(1) });
    play.prepare("a");
    let conversation = SessionId::new("talk").expect("an id");
    play.say(Event::SessionIdentified { job: play.session("a"), session: conversation.clone() });
    repeat(&mut play);
    let told = play.ask("a");
    assert_eq!((told.attempt, told.continues), (1, Some(conversation)));
    assert!(format!("{:?}", told.findings).contains("same calls 20 times"), "{:?}", told.findings);
    repeat(&mut play);
    play.check_with("a", ReportFound::Missing, vec![], vec![]);
    let fresh = play.ask("a");
    assert_eq!((fresh.attempt, fresh.continues), (2, None));
    repeat(&mut play);
    assert_eq!(play.ask("a").attempt, 2, "the next attempt is warned before it is charged");
}

#[test]
fn one_that_ended_by_itself_before_the_end_came_is_looked_at_and_not_warned() {
    let mut play = Play::new(&["a"], policy(1));
    play.prepare("a");
    let job = play.session("a");
    play.say(Event::Stagnant { job: job.clone(), turns: 20 });
    play.say(super::play::ended(job, None));
    play.check("a", true, 0);
    assert_eq!(play.state("a"), TrackState::Merging);
}

#[test]
fn a_session_that_is_being_ended_is_not_ended_twice() {
    let mut play = Play::new(&["a"], policy(1));
    play.prepare("a");
    let job = play.session("a");
    play.say(Event::Stagnant { job: job.clone(), turns: 20 });
    let before = play.scheduler.clone();
    play.say(Event::Stagnant { job, turns: 20 });
    assert_eq!(play.scheduler, before);
}

#[test]
fn what_is_noticed_while_the_run_stops_is_charged_to_nobody() {
    let mut play = Play::new(&["a"], policy(1));
    play.prepare("a");
    let job = play.session("a");
    play.say(Event::StopAsked { how: Stop::Graceful });
    let before = play.scheduler.clone();
    play.say(Event::Stagnant { job, turns: 20 });
    assert_eq!(play.scheduler, before);
}
