//! What follows for others when the provider of one agent program turns sessions away.

use std::collections::BTreeMap;

use super::super::command::SessionAsk;
use super::super::event::{Event, FailureKind, ReportFound, SessionFailure};
use super::super::job::Role;
use super::super::notice::Notice;
use super::super::view::{TrackState, WaitReason};
use super::play::{Play, epic_id, policy, scope};
use crate::domain::id::SessionId;
use crate::domain::policy::Policy;

/// Leads work on these programs, best first.
fn leads_on(programs: &[&str], slots: u32) -> Policy {
    let names = programs.iter().map(|name| (*name).to_owned()).collect();
    Policy { backends: BTreeMap::from([(Role::TeamLead, names)]), retry_delay_ms: 1000, ..policy(slots) }
}

fn ask(play: &Play, name: &str) -> Option<SessionAsk> {
    play.asks().find(|(job, _)| job.scope == scope(name)).map(|(_, ask)| ask.clone())
}

fn turned_away(play: &mut Play, name: &str) {
    play.end_session(name, Some(FailureKind::RateLimited));
    play.check_with(name, ReportFound::Missing, vec![], vec![]);
}

#[test]
fn a_stand_in_takes_over_at_once_in_a_conversation_of_its_own() {
    let mut play = Play::new(&["a"], leads_on(&["claude", "codex"], 1));
    play.prepare("a");
    play.say(Event::SessionIdentified { job: play.session("a"), session: SessionId::new("talk").expect("an id") });
    turned_away(&mut play, "a");
    let stand_in = ask(&play, "a").expect("a session");
    assert_eq!((stand_in.backend.as_str(), stand_in.continues, stand_in.attempt), ("codex", None, 2));
    turned_away(&mut play, "a");
    assert_eq!(play.state("a"), TrackState::Resting { until: play.at + 1000 });
    play.at += 1000;
    play.say(Event::Tick);
    let again = ask(&play, "a").expect("a session");
    let talk = SessionId::new("talk").ok();
    assert_eq!((again.backend.as_str(), again.continues), ("claude", talk), "the conversation that this program knows");
}

#[test]
fn nobody_starts_on_a_parked_program_and_each_says_why() {
    let mut play = Play::new(&["a", "b"], leads_on(&["claude"], 1));
    play.prepare("a");
    turned_away(&mut play, "a");
    let until = play.at + 1000;
    assert_eq!(play.state("a"), TrackState::Resting { until });
    assert_eq!(play.state("b"), TrackState::Waiting(WaitReason::Backend { until }));
    assert_eq!(play.scheduler.next_deadline(), Some(until));
    play.at = until;
    play.say(Event::Tick);
    assert!(ask(&play, "a").is_some());
}

#[test]
fn a_person_does_not_have_to_wait() {
    let mut play = Play::new(&["a", "b"], leads_on(&["claude"], 2));
    play.prepare("a");
    turned_away(&mut play, "a");
    play.say(Event::RetryAsked { epic: epic_id("b") });
    assert_eq!(play.state("b"), TrackState::Preparing);
    assert_eq!(ask(&play, "a"), None, "it rests until its own time");
    play.say(Event::RetryAsked { epic: epic_id("a") });
    assert!(ask(&play, "a").is_some());
}

#[test]
fn several_sessions_that_meet_the_same_limit_count_once() {
    let mut play = Play::new(&["a", "b"], leads_on(&["claude"], 2));
    play.prepare("a");
    play.prepare("b");
    turned_away(&mut play, "a");
    let until = play.at + 1000;
    play.at += 400;
    turned_away(&mut play, "b");
    assert_eq!(play.state("b"), TrackState::Resting { until });
    let parks = play.notices.iter().filter(|notice| matches!(notice, Notice::Parked { .. }));
    assert_eq!(parks.count(), 1);
}

#[test]
fn what_was_at_work_before_the_limit_does_not_end_the_park() {
    let mut play = Play::new(&["a", "b", "c"], leads_on(&["claude"], 2));
    play.prepare("a");
    play.prepare("b");
    play.at = 10;
    let limit = SessionFailure { rest_ms: Some(3_600_000), ..SessionFailure::new(FailureKind::UsageLimit, "used up") };
    play.fail_session("a", limit);
    play.check_with("a", ReportFound::Missing, vec![], vec![]);
    play.end_session("b", None);
    play.check("b", true, 0);
    let until = 10 + 3_600_000 + 60_000;
    assert_eq!(play.state("c"), TrackState::Waiting(WaitReason::Backend { until }));
}

#[test]
fn a_new_life_tries_at_once() {
    let limits = leads_on(&["claude"], 1);
    let mut play = Play::new(&["a", "b"], limits.clone());
    play.prepare("a");
    turned_away(&mut play, "a");
    play.open.clear();
    play.say(Event::StopAsked { how: super::super::event::Stop::Graceful });
    play.open.clear();
    play.say(Event::Resumed { policy: Box::new(limits) });
    assert_eq!(play.state("b"), TrackState::Preparing);
}
