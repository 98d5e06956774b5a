//! What a budget holds back, what it lets go on, and how a run goes on with a higher one.

use super::play::{Play, commit, gate, policy, scope};
use super::{LEAD, VALIDATOR, validated};
use crate::domain::budget::{Allowance, Budget, Spent};
use crate::domain::outcome::{Outcome, RunEnd};
use crate::domain::policy::{FinalValidation, Policy, Workflow};
use crate::domain::role::Role;
use crate::domain::usage::Usage;
use crate::scheduler::event::{Event, ReportFound, SessionEnd, Stop};
use crate::scheduler::job::{Scope, Task};
use crate::scheduler::notice::StopReason;
use crate::scheduler::view::{RunPhase, TrackState, WaitReason};
use crate::scheduler::{Command, Notice};

fn tokens(n: u64) -> Allowance {
    Allowance { max_tokens: Some(n), ..Allowance::default() }
}

fn run_budget(slots: u32, max_tokens: u64) -> Policy {
    Policy { budget: Budget { run: tokens(max_tokens), ..Budget::default() }, ..policy(slots) }
}

fn epic_budget(max_tokens: u64) -> Policy {
    Policy { budget: Budget { epic: tokens(max_tokens), ..Budget::default() }, ..policy(1) }
}

/// A session that used so many tokens.
fn used(n: u64) -> SessionEnd {
    SessionEnd { failure: None, cut: false, usage: Usage { output_tokens: n, ..Usage::default() }, said: None }
}

impl Play {
    fn uses(&mut self, name: &str, n: u64) {
        let job = self.session(name);
        self.say(Event::SessionEnded { job, end: used(n) });
    }

    /// The process dies and another one takes over.
    fn crash(&mut self, policy: Policy) {
        self.open.clear();
        self.say(Event::Resumed { policy: Box::new(policy) });
    }

    fn budgets_told(&self) -> Vec<Spent> {
        let told = self.notices.iter();
        told.filter_map(|notice| if let Notice::Budget { spent } = notice { Some(*spent) } else { None }).collect()
    }

    fn is_stopped_by_its_budget(&self) -> bool {
        matches!(self.scheduler.ended(), Some(RunEnd::Limit { reason }) if reason.contains("the budget is used up"))
    }
}

#[test]
fn people_are_warned_once_and_told_once_that_it_is_used_up() {
    let mut play = Play::new(&["a", "b", "c", "d"], run_budget(4, 100));
    for name in ["a", "b", "c", "d"] {
        play.prepare(name);
    }
    let spent = |used| Spent::Tokens { used, limit: 100 };
    for (name, n, told) in [
        ("a", 79, vec![]),
        ("b", 1, vec![spent(80)]),
        ("c", 19, vec![spent(80)]),
        ("d", 1, vec![spent(80), spent(100)]),
    ] {
        play.uses(name, n);
        assert_eq!(play.budgets_told(), told, "after {name}");
    }
}

#[test]
fn a_budget_cuts_no_session_short_and_finished_work_is_checked_and_merged_before_the_run_stops() {
    let mut play = Play::new(&["a", "b", "c"], run_budget(2, 100));
    play.prepare("a");
    play.prepare("b");
    play.uses("a", 100);
    assert!(!play.open.iter().any(|command| matches!(command, Command::Cancel { .. })));
    play.check("a", true, 0);
    assert_eq!(play.state("c"), TrackState::Waiting(WaitReason::Budget), "a slot is free");
    play.merge("a", 7);
    assert!(play.scheduler.ended().is_none(), "b is still at work");
    play.uses("b", 5);
    play.check("b", true, 0);
    play.merge("b", 8);
    play.settle();
    assert!(play.is_stopped_by_its_budget(), "{:?}", play.scheduler.ended());
    let reason = StopReason::Budget(Spent::Tokens { used: 105, limit: 100 });
    assert!(play.notices.contains(&Notice::Stopping { how: Stop::Graceful, reason, n_jobs: 0 }));
}

#[test]
fn what_is_held_back_goes_on_where_it_was_once_there_is_more_to_spend() {
    let limits = Policy { gates: vec![gate("t")], ..run_budget(1, 100) };
    let mut play = Play::new(&["a"], limits.clone());
    play.prepare("a");
    play.uses("a", 100);
    play.check("a", true, 1);
    assert_eq!(play.sessions(), [""; 0], "the fix is held back");
    play.settle();
    assert!(play.is_stopped_by_its_budget());
    play.say(Event::Resumed { policy: Box::new(limits) });
    play.settle();
    assert!(play.is_stopped_by_its_budget(), "nothing more to spend");
    assert_eq!(play.budgets_told().len(), 1, "the same budget is not told again");
    play.say(Event::Resumed { policy: Box::new(Policy { gates: vec![gate("t")], ..run_budget(1, 101) }) });
    assert_eq!(play.sessions(), ["a"]);
    let view = play.scheduler.view().unwrap();
    assert_eq!((view.epics[0].attempt, view.epics[0].fix_cycle), (1, 1), "nobody was charged");
}

#[test]
fn a_run_in_which_everything_is_decided_gets_its_verdict_although_the_budget_is_used_up() {
    let mut play = Play::new(&["a"], run_budget(1, 100));
    play.prepare("a");
    play.uses("a", 500);
    play.check("a", true, 0);
    play.merge("a", 7);
    play.settle();
    assert_eq!(play.scheduler.ended(), Some(&RunEnd::Judged { pass: true }));
}

#[test]
fn a_final_validation_that_is_not_paid_for_stops_the_run_before_it_and_comes_after() {
    let judge = Some(FinalValidation { max_fix_cycles: 1 });
    let limits = |n| Policy { final_validation: judge, ..run_budget(2, n) };
    let mut play = Play::new(&["a", "b"], limits(100));
    for (name, to) in [("a", 7), ("b", 8)] {
        play.prepare(name);
        play.uses(name, 50);
        play.check(name, true, 0);
        play.merge(name, to);
    }
    play.settle();
    assert!(play.is_stopped_by_its_budget());
    play.say(Event::Resumed { policy: Box::new(limits(101)) });
    let job = play.job(&Scope::Run, VALIDATOR);
    play.say(Event::SessionEnded { job, end: used(1) });
    let job = play.job(&Scope::Run, Task::CheckValidation);
    // It left nothing, and the next attempt is not paid for.
    play.say(Event::ValidationChecked { job, report: Err("no report".to_owned()), undone: vec![] });
    play.settle();
    assert!(play.is_stopped_by_its_budget());
    play.say(Event::Resumed { policy: Box::new(limits(200)) });
    let job = play.job(&Scope::Run, VALIDATOR);
    play.say(Event::SessionEnded { job, end: used(1) });
    let job = play.job(&Scope::Run, Task::CheckValidation);
    play.say(Event::ValidationChecked { job, report: Ok(validated(true)), undone: vec![] });
    play.settle();
    assert_eq!(play.scheduler.ended(), Some(&RunEnd::Judged { pass: true }));
    let by_role = play.scheduler.view().unwrap().usage_by_role;
    assert_eq!((by_role[&Role::FinalValidator].output_tokens, by_role[&Role::TeamLead].output_tokens), (2, 100));
}

#[test]
fn a_session_that_a_crash_cut_short_keeps_its_name_while_it_is_held_back_so_that_its_end_can_be_adopted() {
    let mut play = Play::new(&["a", "b"], run_budget(2, 100));
    play.prepare("a");
    play.prepare("b");
    let running = play.session("b");
    play.uses("a", 100);
    play.crash(run_budget(2, 100));
    assert_eq!(play.state("b"), TrackState::Waiting(WaitReason::Budget));
    play.check("a", true, 0);
    play.merge("a", 7);
    play.settle();
    assert!(play.is_stopped_by_its_budget());
    play.crash(run_budget(2, 200));
    assert_eq!(play.session("b"), running);
}

#[test]
fn a_validator_that_a_crash_cut_short_keeps_its_name_too() {
    let limits = |n| Policy { final_validation: Some(FinalValidation { max_fix_cycles: 1 }), ..run_budget(2, n) };
    let mut play = Play::new(&["a", "b"], limits(101));
    for (name, to) in [("a", 7), ("b", 8)] {
        play.prepare(name);
        play.uses(name, 50);
        play.check(name, true, 0);
        play.merge(name, to);
    }
    play.settle();
    let running = play.job(&Scope::Run, VALIDATOR);
    play.crash(limits(100));
    play.settle();
    assert!(play.is_stopped_by_its_budget(), "the limit was lowered");
    play.crash(limits(101));
    assert_eq!(play.job(&Scope::Run, VALIDATOR), running);
}

#[test]
fn an_epic_over_its_own_budget_ends_with_what_it_proved_and_the_others_go_on() {
    let mut play = Play::new(&["a", "b"], Policy { gates: vec![gate("t")], ..epic_budget(100) });
    play.prepare("a");
    play.uses("a", 100);
    play.check("a", true, 1);
    let TrackState::Done(Outcome::Failed { reason }) = play.state("a") else { panic!("{:?}", play.state("a")) };
    assert_eq!(reason, "its budget is used up, 100 of 100 tokens (budget.epic); gate `t` is red");
    assert_eq!(play.state("b"), TrackState::Preparing);
    assert!(play.budgets_told().is_empty(), "the run has no budget");
}

#[test]
fn an_epic_over_its_own_budget_gets_no_further_attempt_and_no_merge_round() {
    let mut play = Play::new(&["a"], epic_budget(100));
    play.prepare("a");
    play.uses("a", 100);
    play.check_with("a", ReportFound::Missing, vec![], vec![]);
    assert!(matches!(play.state("a"), TrackState::Done(Outcome::Failed { .. })));

    let mut play = Play::new(&["a"], epic_budget(100));
    play.prepare("a");
    play.uses("a", 100);
    play.check("a", true, 0);
    let job = play.job(&scope("a"), Task::Candidate);
    play.say(Event::Conflicted { job, files: vec!["x".to_owned()] });
    assert!(matches!(play.state("a"), TrackState::Done(Outcome::MergeFailed { .. })));
}

/// A lead that a stop cut short when it had used up the budget of its epic, in a new life.
fn cut_short_over_budget() -> Play {
    let mut play = Play::new(&["a"], epic_budget(100));
    play.prepare("a");
    let job = play.session("a");
    play.say(Event::StopAsked { how: Stop::Graceful });
    play.say(Event::SessionEnded { job, end: SessionEnd { cut: true, ..used(100) } });
    play.say(Event::Resumed { policy: Box::new(epic_budget(100)) });
    assert_eq!(play.sessions(), [""; 0], "it is not begun again");
    play
}

#[test]
fn what_was_cut_short_over_the_budget_of_its_epic_is_looked_at_and_merged_when_it_is_whole() {
    let mut play = cut_short_over_budget();
    play.check("a", true, 0);
    assert_eq!(play.state("a"), TrackState::Merging);

    let mut play = cut_short_over_budget();
    play.check_with("a", ReportFound::Missing, vec![], vec![]);
    let TrackState::Done(Outcome::Failed { reason }) = play.state("a") else { panic!("{:?}", play.state("a")) };
    let words = "its budget is used up, 100 of 100 tokens (budget.epic); the session was cut short and not begun again";
    assert_eq!(reason, words);
}

#[test]
fn the_word_of_a_validator_that_was_cut_short_over_the_budget_of_its_epic_is_read() {
    let judged = Workflow { epic_validation: Some(1), ..Workflow::default() };
    let limits = Policy { workflow: judged, ..epic_budget(100) };
    let mut play = Play::new(&["a"], limits.clone());
    play.work("a");
    let job = play.session("a");
    play.say(Event::StopAsked { how: Stop::Graceful });
    play.say(Event::SessionEnded { job: job.clone(), end: SessionEnd { cut: true, ..used(100) } });
    play.say(Event::Resumed { policy: Box::new(limits) });
    let reads = |command: &Command| matches!(command, Command::CheckValidation { session, .. } if *session == job);
    assert!(play.open.iter().any(reads), "{:?}", play.open);
    let job = play.job(&scope("a"), Task::CheckValidation);
    play.say(Event::ValidationChecked { job, report: Ok(validated(true)), undone: vec![] });
    assert_eq!(play.state("a"), TrackState::Merging);
}

#[test]
fn consumption_that_nobody_knows_uses_no_budget_and_is_counted_apart() {
    let mut play = Play::new(&["a", "b"], run_budget(1, 100));
    play.prepare("a");
    let job = play.job(&scope("a"), LEAD);
    play.say(Event::SessionEnded { job, end: SessionEnd { usage: Usage::UNKNOWN, ..used(0) } });
    play.check("a", true, 0);
    let view = play.scheduler.view().unwrap();
    assert_eq!((view.usage.unpriced_sessions, view.usage.uncounted_sessions), (1, 1));
    assert_eq!(view.budget, Some(Spent::Tokens { used: 0, limit: 100 }));
    assert_eq!(view.phase, RunPhase::Working);
    assert_eq!(play.state("b"), TrackState::Preparing);
}

#[test]
fn the_merge_of_finished_work_goes_on_and_its_conflict_waits_for_more_to_spend() {
    let mut play = Play::new(&["a"], run_budget(1, 100));
    play.prepare("a");
    play.uses("a", 100);
    play.check("a", true, 0);
    let job = play.job(&scope("a"), Task::Candidate);
    play.say(Event::Conflicted { job, files: vec!["x".to_owned()] });
    play.settle();
    assert!(play.is_stopped_by_its_budget());
    play.say(Event::Resumed { policy: Box::new(run_budget(1, 101)) });
    let job = play.job(&scope("a"), Task::Update);
    play.say(Event::Updated { job, tip: commit(2), conflicts: vec!["x".to_owned()] });
    assert_eq!(play.sessions(), ["a"]);
}
