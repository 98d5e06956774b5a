//! What follows when the provider turns sessions away, and when the model refuses.

use super::super::Command;
use super::super::event::{Event, FailureKind, ReportFound, SessionFailure};
use super::super::failure::{Answer, FAILURE_KINDS};
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
fn a_provider_that_says_when_it_is_back_is_asked_a_minute_after_that() {
    let mut play = Play::new(&["a"], Policy { retry_delay_ms: 400_000, ..policy(1) });
    play.prepare("a");
    let until =
        SessionFailure { rest_ms: Some(5 * 3_600_000), ..SessionFailure::new(FailureKind::UsageLimit, "reset") };
    play.fail_session("a", until);
    play.check_with("a", ReportFound::Missing, vec![], vec![]);
    assert_eq!(play.state("a"), TrackState::Resting { until: play.at + 5 * 3_600_000 + 60_000 });
}

#[test]
fn what_a_person_must_mend_stops_the_run_and_charges_nobody() {
    for kind in FAILURE_KINDS.into_iter().filter(|kind| kind.answer() == Answer::Stop) {
        let mut play = Play::new(&["a"], policy(1));
        play.prepare("a");
        play.end_session("a", Some(kind));
        assert!(matches!(play.scheduler.ended(), Some(RunEnd::Environment { .. })), "{kind:?}");
    }
}

#[test]
fn a_conversation_that_is_too_long_is_charged_and_begun_afresh() {
    let mut play = Play::new(&["a"], Policy { max_attempts: 2, ..policy(1) });
    play.prepare("a");
    let job = play.session("a");
    play.say(Event::SessionIdentified { job, session: crate::domain::id::SessionId::new("talk").expect("an id") });
    play.end_session("a", Some(FailureKind::TooLong));
    play.check_with("a", ReportFound::Missing, vec![], vec![]);
    let Some(Command::Session { ask, .. }) = play.open.first().cloned() else { panic!("no session") };
    assert_eq!((ask.attempt, ask.continues), (2, None));
}

#[test]
fn a_refusal_is_not_asked_for_twice() {
    let mut play = Play::new(&["a"], policy(1));
    play.prepare("a");
    play.end_session("a", Some(FailureKind::Refused));
    play.check_with("a", ReportFound::Missing, vec![], vec![]);
    assert_eq!(play.state("a"), TrackState::Done(Outcome::Failed { reason: "it broke".to_owned() }));
}
