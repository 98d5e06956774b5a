//! What follows when the provider turns sessions away, and when the model refuses.

use super::super::Command;
use super::super::event::{Event, FailureKind, ReportFound};
use super::super::view::TrackState;
use super::play::{Play, policy};
use crate::domain::outcome::{Outcome, RunEnd};
use crate::domain::policy::Policy;

#[test]
fn an_outage_charges_nobody_keeps_the_conversation_and_stops_the_run_in_the_end() {
    let limits = Policy { retry_delay_ms: 0, max_attempts: 1, ..policy(1) };
    let mut play = Play::new(&["a"], limits.clone());
    play.prepare("a");
    let conversation = crate::domain::id::SessionId::new("talk").expect("an id");
    let job = play.session("a");
    play.say(Event::SessionIdentified { job, session: conversation.clone() });
    let mut n_sessions = 0;
    while play.scheduler.ended().is_none() {
        n_sessions += 1;
        play.end_session("a", Some(FailureKind::Overloaded));
        play.check_with("a", ReportFound::Missing, vec![], vec![]);
    }
    assert_eq!(n_sessions, 25);
    assert!(matches!(play.scheduler.ended(), Some(RunEnd::Limit { reason }) if reason.contains("it broke")));
    play.open.clear();
    play.say(Event::Resumed { policy: Box::new(limits) });
    play.say(Event::Tick);
    let Some(Command::Session { ask, .. }) = play.open.first().cloned() else { panic!("no session") };
    assert_eq!(ask.continues, Some(conversation));
}

#[test]
fn rests_grow_up_to_a_quarter_of_an_hour() {
    let mut play = Play::new(&["a"], Policy { retry_delay_ms: 400_000, ..policy(1) });
    play.prepare("a");
    for rest in [400_000, 800_000, 900_000, 900_000] {
        play.end_session("a", Some(FailureKind::Overloaded));
        play.check_with("a", ReportFound::Missing, vec![], vec![]);
        assert_eq!(play.state("a"), TrackState::Resting { until: play.at + rest });
        play.at += rest;
        play.say(Event::Tick);
    }
}

#[test]
fn a_refusal_is_not_asked_for_twice() {
    let mut play = Play::new(&["a"], policy(1));
    play.prepare("a");
    play.end_session("a", Some(FailureKind::Refused));
    play.check_with("a", ReportFound::Missing, vec![], vec![]);
    assert_eq!(play.state("a"), TrackState::Done(Outcome::Failed { reason: "it broke".to_owned() }));
}
