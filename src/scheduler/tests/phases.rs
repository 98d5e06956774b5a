//! Planning before and judging after: who works when, what counts against whom, and what goes on without them.

use super::play::{Play, commit, ended, gate, policy, ran, scope};
use crate::domain::outcome::Outcome;
use crate::domain::policy::{Policy, Workflow};
use crate::domain::report::{Check, ValidationReport};
use crate::scheduler::command::{Command, Finding, Purpose};
use crate::scheduler::event::{Event, FailureKind, Stop};
use crate::scheduler::view::TrackState;
use crate::scheduler::{Job, Notice, Role, Scope, Task};

const PLANNER: Task = Task::Session(Role::EpicPlanner);
const VALIDATOR: Task = Task::Session(Role::EpicValidator);
const LEAD: Task = Task::Session(Role::TeamLead);

fn with(workflow: Workflow) -> Policy {
    Policy { workflow, ..policy(1) }
}

fn planned() -> Policy {
    with(Workflow { epic_planning: true, ..Workflow::default() })
}

fn judged(fix_cycles: u32) -> Policy {
    with(Workflow { epic_validation: Some(fix_cycles), ..Workflow::default() })
}

fn prepare(play: &mut Play, planned: bool) {
    let job = play.job(&scope("a"), Task::Prepare);
    play.say(Event::Prepared { job, tip: commit(1), planned });
}

fn plan_checked(play: &mut Play, plan: Result<(), &str>) {
    let job = play.job(&scope("a"), Task::CheckPlan);
    play.say(Event::PlanChecked { job, plan: plan.map_err(str::to_owned), undone: vec![] });
}

fn word(play: &mut Play, report: Result<&[&str], &str>) {
    let job = play.job(&scope("a"), Task::CheckValidation);
    let report = report.map_err(str::to_owned).map(|findings| ValidationReport {
        pass: findings.is_empty(),
        tests: Check::Na,
        browser_check: Check::Na,
        findings: findings.iter().map(|text| (*text).to_owned()).collect(),
    });
    play.say(Event::ValidationChecked { job, report, undone: vec![] });
}

fn tells(play: &Play, wanted: impl Fn(&Notice) -> bool) -> usize {
    play.notices.iter().filter(|notice| wanted(notice)).count()
}

#[test]
fn a_planner_works_first_only_where_it_is_on_and_there_is_no_plan() {
    for (policy, has_plan, first) in
        [(planned(), false, PLANNER), (planned(), true, LEAD), (policy(1), false, LEAD), (judged(1), false, LEAD)]
    {
        let mut play = Play::new(&["a"], policy);
        prepare(&mut play, has_plan);
        assert_eq!(play.session("a").task, first, "has a plan: {has_plan}");
    }
}

#[test]
fn once_there_is_a_plan_the_lead_begins_in_its_first_attempt_and_the_prd_says_so() {
    let mut play = Play::new(&["a"], planned());
    prepare(&mut play, false);
    assert_eq!(play.purpose("a"), Purpose::Plan);
    play.end_session("a", None);
    plan_checked(&mut play, Ok(()));
    let Some(Command::Session { ask, .. }) = play.open.iter().find(|command| command.job().task == LEAD) else {
        panic!("no lead")
    };
    assert_eq!((&ask.purpose, ask.attempt, ask.findings.len()), (&Purpose::Implement, 1, 0));
    let writes = |command: &Command| matches!(command, Command::WritePrd { planned, states, .. } if planned.len() == 1 && states.is_empty());
    assert!(play.open.iter().any(writes), "{:#?}", play.open);
}

#[test]
fn a_planner_that_leaves_nothing_is_tried_twice_and_then_the_epic_goes_on_without() {
    for failure in [None, Some(FailureKind::Crashed), Some(FailureKind::TooLong)] {
        let mut play = Play::new(&["a"], planned());
        prepare(&mut play, false);
        for _ in 0..2 {
            let job = play.job(&scope("a"), PLANNER);
            play.say(ended(job, failure));
            plan_checked(&mut play, Err("it left no plan"));
        }
        assert_eq!(play.purpose("a"), Purpose::Implement, "{failure:?}");
        let missing = |notice: &Notice| matches!(notice, Notice::Planned { missing: Some(_), .. });
        assert_eq!(tells(&play, missing), 1);
        play.end_session("a", None);
        play.check("a", true, 0);
        play.merge("a", 7);
        assert!(matches!(play.state("a"), TrackState::Done(Outcome::Merged { .. })));
    }
}

#[test]
fn a_planner_that_refuses_is_not_asked_again_and_one_whose_provider_is_away_rests_uncharged() {
    let mut play = Play::new(&["a"], planned());
    prepare(&mut play, false);
    play.end_session("a", Some(FailureKind::Refused));
    plan_checked(&mut play, Err("no plan"));
    assert_eq!(play.purpose("a"), Purpose::Implement);

    let mut play = Play::new(&["a"], planned());
    prepare(&mut play, false);
    for _ in 0..4 {
        play.end_session("a", Some(FailureKind::RateLimited));
        plan_checked(&mut play, Err("no plan"));
        let TrackState::Resting { until } = play.state("a") else { panic!("{:?}", play.state("a")) };
        play.at = until;
        play.say(Event::Tick);
        assert_eq!(play.purpose("a"), Purpose::Plan);
    }
}

#[test]
fn a_proven_epic_is_judged_and_only_then_queues() {
    let mut play = Play::new(&["a"], judged(1));
    play.work("a");
    assert_eq!(play.state("a"), TrackState::Working(Role::EpicValidator));
    assert!(!play.is_open("a", Task::Candidate));
    play.end_session("a", None);
    let job = play.job(&scope("a"), Task::CheckValidation);
    let Some(Command::CheckValidation { session, judged, .. }) = play.open.iter().find(|c| *c.job() == job) else {
        panic!("nothing is read")
    };
    let expected = Job { scope: scope("a"), task: VALIDATOR, n: 1 };
    assert_eq!((session, judged), (&expected, &Some(commit(2))));
    word(&mut play, Ok(&[]));
    assert!(play.is_open("a", Task::Candidate));
}

#[test]
fn findings_of_the_validator_go_back_to_the_lead_while_its_rounds_remain() {
    let mut play = Play::new(&["a"], judged(1));
    play.work("a");
    play.end_session("a", None);
    word(&mut play, Ok(&["the menu is empty"]));
    let Some(Command::Session { ask, .. }) = play.open.iter().find(|command| command.job().task == LEAD) else {
        panic!("no lead")
    };
    let finding = Finding::Validation("the menu is empty".to_owned());
    assert_eq!((&ask.purpose, &ask.findings, ask.cycle), (&Purpose::Fix, &vec![finding], 1));
    play.end_session("a", None);
    play.check("a", true, 0);
    let Some(Command::Session { ask, .. }) = play.open.iter().find(|command| command.job().task == VALIDATOR) else {
        panic!("no validator")
    };
    assert!(ask.findings.is_empty() && ask.notes.is_empty() && ask.attempt == 1 && ask.continues.is_none());
    play.end_session("a", None);
    word(&mut play, Ok(&["the menu is still empty"]));
    let TrackState::Done(Outcome::Partial { reason }) = play.state("a") else { panic!("{:?}", play.state("a")) };
    assert_eq!(reason, "the menu is still empty");
}

#[test]
fn a_gate_that_breaks_while_findings_are_mended_counts_as_an_ordinary_fix_round() {
    let policy = Policy { gates: vec![gate("test")], max_fix_cycles: 1, ..judged(1) };
    let mut play = Play::new(&["a"], policy);
    play.work("a");
    play.end_session("a", None);
    word(&mut play, Ok(&["x"]));
    play.end_session("a", None);
    play.check("a", true, 1);
    assert_eq!(play.purpose("a"), Purpose::Fix);
    play.end_session("a", None);
    play.check("a", true, 0);
    assert_eq!(play.purpose("a"), Purpose::Judge);
}

#[test]
fn an_epic_that_nobody_can_judge_is_merged_and_the_verdict_says_so() {
    for (failure, n) in [(None, 2), (Some(FailureKind::Crashed), 2), (Some(FailureKind::Refused), 1)] {
        let mut play = Play::new(&["a"], judged(1));
        play.work("a");
        for _ in 0..n {
            let job = play.job(&scope("a"), VALIDATOR);
            play.say(ended(job, failure));
            word(&mut play, Err("the validator left no report"));
        }
        play.merge("a", 7);
        let told = |notice: &Notice| matches!(notice, Notice::NotValidated { .. });
        assert_eq!(tells(&play, told), 1, "{failure:?}");
        while play.verdict().is_none() {
            play.settle_one();
        }
        let risks = &play.verdict().expect("one").open_risks;
        assert!(risks.iter().any(|risk| risk.starts_with("a was judged by nobody: ")), "{risks:?}");
    }
}

#[test]
fn what_merging_changes_is_not_judged_again() {
    let policy = Policy { gates: vec![gate("test")], ..judged(1) };
    let mut play = Play::new(&["a"], policy);
    play.work("a");
    play.end_session("a", None);
    word(&mut play, Ok(&[]));
    let job = play.job(&scope("a"), Task::Candidate);
    play.say(Event::CandidateBuilt { job, commit: commit(5) });
    let job = play.job(&scope("a"), Task::Prove);
    play.say(Event::Proved { job, gates: vec![ran("test", 1)] });
    let job = play.job(&scope("a"), Task::Update);
    play.say(Event::Updated { job, tip: commit(6), conflicts: vec![] });
    play.end_session("a", None);
    let green = vec![ran("test", 0)];
    play.check_with("a", crate::scheduler::event::ReportFound::NotAsked, green, vec![]);
    assert!(play.is_open("a", Task::Candidate));
}

#[test]
fn a_validator_that_is_cut_short_goes_on_and_one_that_is_held_waits_for_the_person() {
    let limits = Policy { slots: 2, ..judged(1) };
    let mut play = Play::new(&["a", "b"], limits.clone());
    play.work("a");
    let first = play.session("a");
    let other = play.job(&scope("b"), Task::Prepare);
    play.say(Event::StopAsked { how: Stop::Graceful });
    play.say(Event::Cut { job: first.clone() });
    play.say(Event::Cut { job: other });
    play.open.clear();
    play.say(Event::Resumed { policy: Box::new(limits) });
    let second = play.session("a");
    assert!(second.task == VALIDATOR && second != first);
    let epic = scope("a").epic().expect("an epic").clone();
    play.say(Event::StopEpicAsked { epic: epic.clone() });
    play.say(Event::Cut { job: second });
    play.open.clear();
    play.say(Event::RetryAsked { epic: epic.clone() });
    assert_eq!(play.session("a").task, VALIDATOR);
    let job = play.session("a");
    play.say(Event::ResetAsked { epic });
    play.say(Event::Cut { job });
    assert!(play.is_open("a", Task::Abandon));
}

#[test]
fn rounds_of_fixes_are_neither_planned_nor_judged() {
    let fix = Scope::Fix(1);
    let limits = Policy {
        final_validation: Some(crate::domain::policy::FinalValidation { max_fix_cycles: 1 }),
        slots: 2,
        ..judged(0)
    };
    let mut play = Play::new(&["a", "b"], limits);
    for (name, to) in [("a", 7), ("b", 8)] {
        play.work(name);
        play.end_session(name, None);
        let job = play.job(&scope(name), Task::CheckValidation);
        let report = ValidationReport { pass: true, tests: Check::Na, browser_check: Check::Na, findings: vec![] };
        play.say(Event::ValidationChecked { job, report: Ok(report), undone: vec![] });
        play.merge(name, to);
    }
    let job = play.job(&Scope::Run, Task::Session(Role::FinalValidator));
    play.say(ended(job, None));
    let job = play.job(&Scope::Run, Task::CheckValidation);
    let report =
        ValidationReport { pass: false, tests: Check::Na, browser_check: Check::Na, findings: vec!["x".to_owned()] };
    play.say(Event::ValidationChecked { job, report: Ok(report), undone: vec![] });
    let job = play.job(&fix, Task::Prepare);
    play.say(Event::Prepared { job, tip: commit(8), planned: false });
    let job = play.job(&fix, LEAD);
    play.say(ended(job, None));
    let job = play.job(&fix, Task::Check);
    let checkup = crate::scheduler::event::Checkup {
        tip: commit(9),
        n_commits: 1,
        leftovers: vec![],
        report: crate::scheduler::event::ReportFound::NotAsked,
        violations: vec![],
        gates: vec![],
    };
    play.say(Event::Checked { job, checkup: Box::new(checkup) });
    play.job(&fix, Task::Candidate);
}
