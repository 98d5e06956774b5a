//! What follows when the provider turns sessions away, and when the model refuses.

use super::super::command::Purpose;
use super::super::event::{Checkup, Event, FailureKind, ReportFound, SessionFailure};
use super::super::failure::{Answer, FAILURE_KINDS};
use super::super::view::TrackState;
use super::super::{Command, Role, Scope, Task};
use super::play::{Play, commit, ended, gate, policy, ran, scope};
use super::{LEAD, validated};
use crate::domain::outcome::{Outcome, RunEnd};
use crate::domain::policy::{FinalValidation, Policy};

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

/// Lets the rest of a track go by.
fn rest(play: &mut Play) {
    play.at = play.scheduler.next_deadline().expect("a rest");
    play.say(Event::Tick);
}

#[test]
fn whom_the_provider_turned_away_in_the_middle_of_its_work_rests_and_uses_up_no_round() {
    let limits = Policy { max_fix_cycles: 0, max_attempts: 1, gates: vec![gate("t")], ..policy(1) };
    let mut play = Play::new(&["a"], limits);
    play.prepare("a");
    for attempt in 2..5 {
        play.end_session("a", Some(FailureKind::UsageLimit));
        // It had reported something, and a gate is red because it is not done.
        play.check("a", false, 1);
        assert!(matches!(play.state("a"), TrackState::Resting { .. }), "{:?}", play.state("a"));
        rest(&mut play);
        let ask = play.ask("a");
        assert_eq!((ask.purpose, ask.attempt, ask.cycle), (Purpose::Implement, attempt, 0));
    }
    play.end_session("a", Some(FailureKind::UsageLimit));
    play.check("a", true, 0);
    assert_eq!(play.state("a"), TrackState::Merging, "what is whole counts, however its session ended");
}

#[test]
fn a_resolver_that_the_provider_turned_away_rests_and_uses_up_no_round_of_merging() {
    let mut play = Play::new(&["a"], Policy { max_merge_rounds: 1, max_attempts: 1, ..policy(1) });
    play.work("a");
    let files = vec!["x".to_owned()];
    let job = play.job(&scope("a"), Task::Candidate);
    play.say(Event::Conflicted { job, files: files.clone() });
    let job = play.job(&scope("a"), Task::Update);
    play.say(Event::Updated { job, tip: commit(2), conflicts: files.clone() });
    for _ in 0..3 {
        play.end_session("a", Some(FailureKind::RateLimited));
        play.check_with("a", ReportFound::NotAsked, vec![], vec!["markers in x".to_owned()]);
        assert!(matches!(play.state("a"), TrackState::Resting { .. }), "{:?}", play.state("a"));
        rest(&mut play);
        assert_eq!(play.purpose("a"), Purpose::Resolve { files: files.clone() });
    }
    play.end_session("a", None);
    play.check_with("a", ReportFound::NotAsked, vec![], vec![]);
    play.merge("a", 7);
}

/// A round of fixes whose session is at work.
fn mending(max_attempts: u32) -> Play {
    let final_validation = Some(FinalValidation { max_fix_cycles: 1 });
    let mut play = Play::new(&["a", "b"], Policy { final_validation, max_attempts, ..policy(2) });
    for (name, to) in [("a", 7), ("b", 8)] {
        play.work(name);
        play.merge(name, to);
    }
    let job = play.job(&Scope::Run, Task::Session(Role::FinalValidator));
    play.say(ended(job, None));
    let job = play.job(&Scope::Run, Task::CheckValidation);
    play.say(Event::ValidationChecked { job, report: Ok(validated(false)), undone: vec![] });
    let job = play.job(&Scope::Fix(1), Task::Prepare);
    play.say(Event::Prepared { job, tip: commit(8), planned: false });
    play
}

/// The session of the round ends so, and its check finds so many commits and nothing wrong.
fn fixer_ends(play: &mut Play, failure: FailureKind, n_commits: u32) {
    let job = play.job(&Scope::Fix(1), LEAD);
    play.say(ended(job, Some(failure)));
    let job = play.job(&Scope::Fix(1), Task::Check);
    let (report, leftovers, violations) = (ReportFound::NotAsked, vec![], vec![]);
    let checkup = Checkup { tip: commit(8 + n_commits), n_commits, leftovers, report, violations, gates: vec![] };
    play.say(Event::Checked { job, checkup: Box::new(checkup) });
}

#[test]
fn a_round_of_fixes_is_not_done_because_its_provider_turned_it_away() {
    for n_commits in [0, 1] {
        let mut play = mending(1);
        fixer_ends(&mut play, FailureKind::Overloaded, n_commits);
        rest(&mut play);
        let ask = play.ask_of(&Scope::Fix(1));
        assert_eq!((ask.purpose, ask.cycle), (Purpose::Fix, 0), "after {n_commits} commits");
    }
}

#[test]
fn a_round_of_fixes_that_breaks_before_it_did_anything_is_a_failed_attempt() {
    let mut play = mending(2);
    fixer_ends(&mut play, FailureKind::Crashed, 0);
    assert_eq!(play.ask_of(&Scope::Fix(1)).attempt, 2);
    fixer_ends(&mut play, FailureKind::Crashed, 0);
    play.settle();
    assert_eq!(play.scheduler.ended(), Some(&RunEnd::Judged { pass: false }), "what was found still stands");

    let mut play = mending(1);
    fixer_ends(&mut play, FailureKind::Crashed, 1);
    play.job(&Scope::Fix(1), Task::Candidate);
}

#[test]
fn a_conversation_that_is_too_long_is_not_gone_on_with_although_it_left_something() {
    let mut play = Play::new(&["a"], Policy { gates: vec![gate("t")], ..policy(1) });
    play.prepare("a");
    let job = play.session("a");
    play.say(Event::SessionIdentified { job, session: crate::domain::id::SessionId::new("talk").expect("an id") });
    play.end_session("a", Some(FailureKind::TooLong));
    play.check_with("a", ReportFound::Read(vec![]), vec![ran("t", 0)], vec![]);
    let ask = play.ask("a");
    assert_eq!((ask.purpose, ask.cycle, ask.continues), (Purpose::Fix, 1, None));
}
