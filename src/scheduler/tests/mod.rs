//! Transition tests: one event in, the state and the commands after it.

mod outage;
mod park;
mod phases;
mod stagnation;
mod play;
mod replan;
mod disk;
mod notes;
mod pause;
mod selection;
mod budget;
mod by_story;
mod hold;
mod reset;
mod delegate;
mod delegate_end;

use play::{Play, commit, ended, epic_id, gate, policy, ran, scope};

use super::command::Purpose;
use super::event::{Event, Failure, FailureKind, ReportFound, SessionEnd, Sign, Stop};
use super::job::{Job, Role, Scope, Task};
use super::view::{TrackState, WaitReason};
use super::{Command, Notice};
use crate::domain::outcome::{Outcome, RunEnd};
use crate::domain::policy::{FinalValidation, Policy, Schedule};
use crate::domain::report::{Check, ValidationReport};
use crate::domain::usage::Usage;

const LEAD: Task = Task::Session(Role::TeamLead);
const VALIDATOR: Task = Task::Session(Role::FinalValidator);

#[test]
fn nothing_starts_before_the_base_is_proven() {
    let play = Play::unopened(&["a"], policy(4));
    assert_eq!(play.open.len(), 1);
    assert!(matches!(play.open[0], Command::Open { .. }));
    assert_eq!(play.state("a"), TrackState::Waiting(WaitReason::Opening));
}

#[test]
fn a_gate_that_cannot_be_run_on_the_base_ends_the_run_before_a_token_is_spent() {
    let mut play = Play::unopened(&["a"], Policy { gates: vec![gate("t")], ..policy(1) });
    let job = play.job(&Scope::Run, Task::Open);
    play.say(Event::Opened { job, gates: vec![ran("t", 127)] });
    assert!(matches!(play.scheduler.ended(), Some(RunEnd::Environment { reason }) if reason.contains("gate `t`")));
}

#[test]
fn as_many_epics_start_as_there_are_slots_heaviest_chain_first() {
    let play = Play::new(&["a", "b", "c", "d<b", "e<d"], policy(2));
    assert!(play.is_open("b", Task::Prepare) && play.is_open("a", Task::Prepare));
    assert!(!play.is_open("c", Task::Prepare));
    assert_eq!(play.state("c"), TrackState::Waiting(WaitReason::Slot));
    assert_eq!(play.state("d"), TrackState::Waiting(WaitReason::Dependencies(vec![epic_id("b")])));
}

#[test]
fn a_dependent_starts_once_its_dependency_is_on_the_loop_branch_and_branches_off_there() {
    let mut play = Play::new(&["a", "b<a"], policy(2));
    play.work("a");
    assert!(!play.is_open("b", Task::Prepare));
    play.merge("a", 7);
    let job = play.job(&scope("b"), Task::Prepare);
    assert!(play.open.contains(&Command::Prepare { job, start: commit(7) }));
}

#[test]
fn waves_are_barriers_when_asked_for() {
    let mut play = Play::new(&["a", "b", "c<a"], Policy { schedule: Schedule::Waves, ..policy(3) });
    play.work("a");
    play.merge("a", 7);
    assert_eq!(play.state("c"), TrackState::Waiting(WaitReason::Wave));
    play.work("b");
    play.merge("b", 8);
    assert_eq!(play.state("c"), TrackState::Preparing);
}

#[test]
fn a_stale_reply_changes_nothing_in_any_phase() {
    let mut play = Play::new(&["a"], policy(1));
    let prepare = play.job(&scope("a"), Task::Prepare);
    let unknown = Job { scope: scope("a"), task: LEAD, n: 9 };
    play.ignores(ended(unknown, None));
    play.prepare("a");
    play.ignores(Event::Prepared { job: prepare.clone(), tip: commit(3), planned: false });
    let session = play.session("a");
    // The right job with an answer that cannot be its.
    play.ignores(Event::Published { job: session.clone() });
    play.end_session("a", None);
    for late in [
        ended(session.clone(), None),
        Event::Active { job: session.clone(), sign: Sign::Output },
        Event::Cut { job: session },
    ] {
        play.ignores(late);
    }
    play.check("a", true, 0);
    play.merge("a", 7);
    play.ignores(Event::Prepared { job: prepare, tip: commit(3), planned: false });
    play.settle();
    assert_eq!(play.scheduler.ended(), Some(&RunEnd::Judged { pass: true }));
    play.ignores(Event::Tick);
    play.ignores(Event::StopAsked { how: Stop::Graceful });
    play.ignores(Event::Resumed { policy: Box::new(policy(1)) });
}

#[test]
fn red_gates_go_back_to_the_lead_until_the_cycles_are_used_up() {
    let limits = Policy { gates: vec![gate("t")], max_fix_cycles: 1, ..policy(1) };
    let mut play = Play::new(&["a"], limits);
    play.prepare("a");
    play.end_session("a", None);
    play.check("a", true, 1);
    assert_eq!(play.purpose("a"), Purpose::Fix);
    play.end_session("a", None);
    play.check("a", true, 1);
    assert_eq!(play.state("a"), TrackState::Done(Outcome::Failed { reason: "gate `t` is red".to_owned() }));
}

#[test]
fn a_gate_that_was_red_on_the_base_does_not_block_until_it_turns_green() {
    let limits = Policy { gates: vec![gate("t")], max_fix_cycles: 0, max_merge_rounds: 0, ..policy(1) };
    let mut play = Play::unopened(&["a", "b<a", "c<b"], limits);
    let job = play.job(&Scope::Run, Task::Open);
    play.say(Event::Opened { job, gates: vec![ran("t", 1)] });
    play.prepare("a");
    play.end_session("a", None);
    play.check("a", true, 1);
    play.merge("a", 7);
    play.work("b");
    play.merge("b", 8);
    play.prepare("c");
    play.end_session("c", None);
    play.check("c", true, 1);
    assert!(matches!(play.state("c"), TrackState::Done(Outcome::Failed { .. })));
}

#[test]
fn a_session_that_leaves_no_report_is_tried_again_in_a_new_conversation() {
    let mut play = Play::new(&["a"], Policy { max_attempts: 2, ..policy(1) });
    play.prepare("a");
    for attempt in 1..=2 {
        assert_eq!(play.sessions(), ["a"], "attempt {attempt}");
        play.end_session("a", Some(FailureKind::Crashed));
        play.check_with("a", ReportFound::Missing, vec![], vec![]);
    }
    assert_eq!(play.state("a"), TrackState::Done(Outcome::Failed { reason: "it broke".to_owned() }));
}

#[test]
fn a_session_that_the_provider_turned_away_rests_before_the_next_attempt() {
    let mut play = Play::new(&["a"], Policy { retry_delay_ms: 500, ..policy(1) });
    play.prepare("a");
    play.end_session("a", Some(FailureKind::Overloaded));
    play.check_with("a", ReportFound::Missing, vec![], vec![]);
    assert_eq!(play.state("a"), TrackState::Resting { until: 500 });
    assert_eq!(play.scheduler.next_deadline(), Some(500));
    play.at = 500;
    play.say(Event::Tick);
    assert_eq!(play.sessions(), ["a"]);
}

#[test]
fn a_program_that_cannot_work_at_all_stops_the_run_and_charges_nobody() {
    let mut play = Play::new(&["a"], policy(1));
    play.prepare("a");
    play.end_session("a", Some(FailureKind::Unusable));
    assert_eq!(play.scheduler.ended(), Some(&RunEnd::Environment { reason: "it broke".to_owned() }));
    play.say(Event::Resumed { policy: Box::new(policy(1)) });
    assert_eq!(play.ask("a").attempt, 1);
}

#[test]
fn a_silent_session_is_stopped_and_what_it_left_still_counts() {
    let mut play = Play::new(&["a"], Policy { idle_timeout_ms: Some(100), ..policy(1) });
    play.prepare("a");
    play.at = 60;
    let job = play.session("a");
    play.say(Event::Active { job, sign: Sign::Processes });
    assert_eq!(play.scheduler.next_deadline(), Some(160));
    play.at = 160;
    play.say(Event::Tick);
    assert_eq!(play.state("a"), TrackState::Stopping(Role::TeamLead));
    assert_eq!(play.scheduler.next_deadline(), None);
    let job = play.session("a");
    play.say(Event::SessionEnded { job, end: cut() });
    play.check("a", true, 0);
    assert_eq!(play.state("a"), TrackState::Merging);
}

fn cut() -> SessionEnd {
    SessionEnd { failure: None, cut: true, usage: Usage::default(), said: None }
}

#[test]
fn one_merge_is_in_flight_at_a_time() {
    let mut play = Play::new(&["a", "b"], policy(2));
    play.work("a");
    play.work("b");
    assert_eq!(play.state("b"), TrackState::Queued { ahead: 1 });
    play.merge("a", 7);
    assert_eq!(play.state("b"), TrackState::Merging);
}

#[test]
fn a_conflict_is_resolved_in_the_worktree_and_queues_again_until_the_rounds_are_used_up() {
    let mut play = Play::new(&["a"], Policy { max_merge_rounds: 1, ..policy(1) });
    play.work("a");
    let files = vec!["x".to_owned()];
    let job = play.job(&scope("a"), Task::Candidate);
    play.say(Event::Conflicted { job, files: files.clone() });
    let job = play.job(&scope("a"), Task::Update);
    play.say(Event::Updated { job, tip: commit(2), conflicts: files.clone() });
    assert_eq!(play.purpose("a"), Purpose::Resolve { files: files.clone() });
    play.end_session("a", None);
    play.check_with("a", ReportFound::NotAsked, vec![], vec![]);
    let job = play.job(&scope("a"), Task::Candidate);
    play.say(Event::Conflicted { job, files });
    let reason = "it conflicts with the loop branch in x".to_owned();
    assert_eq!(play.state("a"), TrackState::Done(Outcome::MergeFailed { reason }));
}

#[test]
fn a_candidate_with_red_gates_is_never_published() {
    let mut play = Play::new(&["a"], Policy { gates: vec![gate("t")], max_merge_rounds: 1, ..policy(1) });
    play.work("a");
    let job = play.job(&scope("a"), Task::Candidate);
    play.say(Event::CandidateBuilt { job, commit: commit(7) });
    let job = play.job(&scope("a"), Task::Prove);
    play.say(Event::Proved { job, gates: vec![ran("t", 1)] });
    assert_eq!(play.state("a"), TrackState::Updating);
    let job = play.job(&scope("a"), Task::Update);
    play.say(Event::Updated { job, tip: commit(3), conflicts: vec![] });
    assert_eq!(play.purpose("a"), Purpose::Fix);
}

#[test]
fn a_loop_branch_that_somebody_moved_stops_the_run() {
    let mut play = Play::new(&["a"], policy(1));
    play.work("a");
    let job = play.job(&scope("a"), Task::Candidate);
    play.say(Event::CandidateBuilt { job, commit: commit(7) });
    let job = play.job(&scope("a"), Task::Publish);
    play.say(Event::LoopMoved { job, tip: Some(commit(9)) });
    assert!(matches!(play.scheduler.ended(), Some(RunEnd::Environment { .. })));
}

#[test]
fn what_depends_on_a_failed_epic_is_blocked_and_never_failed() {
    let mut play = Play::new(&["a", "b<a", "c<b"], Policy { max_attempts: 1, ..policy(1) });
    play.prepare("a");
    play.end_session("a", None);
    play.check_with("a", ReportFound::Missing, vec![], vec![]);
    play.settle();
    let by = vec![epic_id("a")];
    assert_eq!(play.state("c"), TrackState::Done(Outcome::Blocked { by }));
    assert_eq!(play.scheduler.ended(), Some(&RunEnd::Judged { pass: false }));
}

#[test]
fn a_stop_asks_for_nothing_new_and_ends_when_everything_answered() {
    let mut play = Play::new(&["a", "b"], policy(1));
    play.prepare("a");
    let session = play.session("a");
    play.open.clear();
    play.say(Event::StopAsked { how: Stop::Graceful });
    assert_eq!(play.open, [Command::Cancel { job: session.clone(), how: Stop::Graceful }]);
    assert_eq!(play.scheduler.ended(), None);
    play.say(Event::SessionEnded { job: session, end: cut() });
    assert_eq!(play.scheduler.ended(), Some(&RunEnd::Interrupted));
}

#[test]
fn a_session_that_was_cut_short_goes_on_in_its_conversation_and_is_not_charged() {
    let mut play = Play::new(&["a"], policy(1));
    play.prepare("a");
    let first = play.session("a");
    let conversation = crate::domain::id::SessionId::new("talk").expect("an id");
    play.say(Event::SessionIdentified { job: first.clone(), session: conversation.clone() });
    play.say(Event::StopAsked { how: Stop::Graceful });
    play.say(Event::SessionEnded { job: first.clone(), end: cut() });
    play.open.clear();
    play.say(Event::Resumed { policy: Box::new(policy(1)) });
    let Some(Command::Session { job, ask }) = play.open.first().cloned() else { panic!("no session") };
    assert_ne!(job, first);
    assert_eq!((ask.attempt, ask.continues), (1, Some(conversation)));
}

#[test]
fn a_conversation_that_is_gone_on_with_is_told_what_its_sessions_consumed_and_a_fresh_one_nothing() {
    let mut play = Play::new(&["a"], policy(1));
    play.prepare("a");
    let name = |text: &str| crate::domain::id::SessionId::new(text).expect("an id");
    let spent = |tokens| Usage { output_tokens: tokens, ..Usage::default() };
    let mut consumed = Vec::new();
    for (talk, tokens) in [("talk", 5), ("talk", 7), ("another talk", 11)] {
        let job = play.session("a");
        play.say(Event::SessionIdentified { job: job.clone(), session: name(talk) });
        play.say(Event::StopAsked { how: Stop::Graceful });
        play.say(Event::SessionEnded { job, end: SessionEnd { usage: spent(tokens), ..cut() } });
        play.open.clear();
        play.say(Event::Resumed { policy: Box::new(policy(1)) });
        let Some(Command::Session { ask, .. }) = play.open.first() else { panic!("no session") };
        assert_eq!(ask.continues, Some(name(talk)));
        consumed.push(ask.consumed);
    }
    assert_eq!(consumed, [spent(5), spent(12), spent(11)]);
}

#[test]
fn after_a_crash_each_open_job_is_asked_for_again_under_its_own_name() {
    let mut play = Play::new(&["a", "b"], policy(2));
    play.prepare("a");
    let mut before: Vec<Job> = play.open.drain(..).map(|command| command.job().clone()).collect();
    play.say(Event::Resumed { policy: Box::new(policy(2)) });
    let mut after: Vec<Job> = play.open.iter().map(|command| command.job().clone()).collect();
    before.sort();
    after.sort();
    assert_eq!(before, after);
}

#[test]
fn the_loop_timeout_stops_the_run_and_it_can_be_resumed() {
    let limits = Policy { loop_timeout_ms: Some(50), ..policy(1) };
    let mut play = Play::new(&["a"], limits.clone());
    play.at = 50;
    play.say(Event::Tick);
    let job = play.job(&scope("a"), Task::Prepare);
    play.say(Event::Cut { job });
    assert!(matches!(play.scheduler.ended(), Some(RunEnd::Limit { .. })));
    play.say(Event::Resumed { policy: Box::new(limits) });
    assert_eq!(play.scheduler.next_deadline(), Some(100));
    assert_eq!(play.state("a"), TrackState::Preparing);
}

fn validated(pass: bool) -> ValidationReport {
    let findings = if pass { vec![] } else { vec!["the login page is missing".to_owned()] };
    ValidationReport { pass, tests: Check::Pass, browser_check: Check::Na, findings }
}

#[test]
fn what_the_final_validator_finds_is_fixed_merged_and_judged_again() {
    let limits = Policy { final_validation: Some(FinalValidation { max_fix_cycles: 1 }), ..policy(2) };
    let mut play = Play::new(&["a", "b"], limits);
    for (name, to) in [("a", 7), ("b", 8)] {
        play.work(name);
        play.merge(name, to);
    }
    let judge = |play: &mut Play, pass: bool| {
        let job = play.job(&Scope::Run, Task::Session(Role::FinalValidator));
        play.say(ended(job, None));
        let job = play.job(&Scope::Run, Task::CheckValidation);
        play.say(Event::ValidationChecked { job, report: Ok(validated(pass)), undone: vec![] });
    };
    judge(&mut play, false);
    let fix = Scope::Fix(1);
    let job = play.job(&fix, Task::Prepare);
    play.say(Event::Prepared { job, tip: commit(8), planned: false });
    let job = play.job(&fix, LEAD);
    play.say(ended(job, None));
    let job = play.job(&fix, Task::Check);
    let (report, leftovers) = (ReportFound::NotAsked, vec![]);
    let checkup =
        super::event::Checkup { tip: commit(9), n_commits: 1, leftovers, report, violations: vec![], gates: vec![] };
    play.say(Event::Checked { job, checkup: Box::new(checkup) });
    let job = play.job(&fix, Task::Candidate);
    play.say(Event::CandidateBuilt { job, commit: commit(10) });
    let job = play.job(&fix, Task::Publish);
    play.say(Event::Published { job });
    judge(&mut play, true);
    play.settle();
    assert_eq!(play.scheduler.ended(), Some(&RunEnd::Judged { pass: true }));
}

#[test]
fn a_write_that_keeps_failing_stops_the_run_in_good_order() {
    let mut play = Play::new(&["a"], policy(1));
    play.work("a");
    play.merge("a", 7);
    for _ in 0..3 {
        let job = play.job(&Scope::Run, Task::Prd);
        let failure = Failure { what: "no space left".to_owned(), environment: false };
        play.say(Event::Failed { job, failure });
    }
    play.settle();
    assert!(matches!(play.scheduler.ended(), Some(RunEnd::Environment { .. })));
    assert!(play.notices.iter().any(|notice| matches!(notice, Notice::Trouble { .. })));
}
