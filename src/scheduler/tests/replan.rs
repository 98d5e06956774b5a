//! What an edited PRD, and changes in the user's repository, do to a run.

use super::play::{Play, epic, epic_id, policy, scope};
use crate::domain::id::StoryId;
use crate::domain::outcome::{Outcome, RunEnd, Status};
use crate::domain::pattern::PathPattern;
use crate::domain::plan::{Epic, Plan};
use crate::domain::policy::Policy;
use crate::scheduler::event::{Event, Stop};
use crate::scheduler::job::{Role, Task};
use crate::scheduler::replan::Replan;
use crate::scheduler::view::{TrackState, WaitReason};
use crate::scheduler::{Command, Notice};

fn plan(epics: Vec<Epic>) -> Plan {
    Plan::check("p", "", epics).expect("a plan")
}

fn plan_of(epics: &[&str]) -> Plan {
    plan(epics.iter().map(|text| epic(text)).collect())
}

fn changed(plan: &Plan) -> Event {
    Event::PlanChanged { plan: Box::new(plan.clone()) }
}

fn resumed(slots: u32) -> Event {
    Event::Resumed { policy: Box::new(policy(slots)) }
}

/// The run's `a` is at work, `b` waits for it; then the process is gone.
fn with_a_at_work() -> Play {
    let mut play = Play::new(&["a", "b<a"], policy(1));
    play.prepare("a");
    play.open.clear();
    play
}

#[test]
fn the_same_plan_with_other_states_changes_nothing() {
    let mut play = with_a_at_work();
    let mut same = plan_of(&["a", "b<a"]).epics().to_vec();
    same[1].status = Status::Failed;
    same[1].user_stories[0].passes = true;
    let same = plan(same);
    assert_eq!(play.scheduler.replan(&same), Replan::Same);
    play.ignores(changed(&same));
}

#[test]
fn what_an_epic_touches_can_always_be_edited_and_counts_where_nothing_was_begun() {
    let mut play = with_a_at_work();
    let mut edited = plan_of(&["a", "b<a"]).epics().to_vec();
    let touches = vec![PathPattern::new("src/**").expect("a pattern")];
    edited[0].touches.clone_from(&touches);
    assert_eq!(play.scheduler.replan(&plan(edited.clone())), Replan::Same, "a is begun");
    edited[1].touches.clone_from(&touches);
    let edited = plan(edited);
    assert_eq!(
        play.scheduler.replan(&edited),
        Replan::Fits { changes: vec!["b: what it touches is changed".to_owned()] }
    );
    play.say(changed(&edited));
    let known = play.scheduler.plan().expect("a plan").epics();
    assert!(known[0].touches.is_empty() && known[1].touches == touches, "{known:?}");
}

#[test]
fn what_passed_by_its_old_words_passes_by_its_new_ones_only_if_the_file_says_so() {
    for (says_so, passes) in [(true, true), (false, false)] {
        let mut play = with_a_at_work();
        let mut epics = plan_of(&["a", "b<a", "c<a"]).epics().to_vec();
        epics[2].user_stories[0].passes = true;
        play.say(changed(&plan(epics.clone())));
        epics[2].user_stories[0].acceptance_criteria = vec!["something else".to_owned()];
        epics[2].user_stories[0].passes = says_so;
        play.say(changed(&plan(epics)));
        let known = play.scheduler.plan().expect("a plan").epics();
        assert_eq!(known[2].user_stories[0].passes, passes);
    }
}

#[test]
fn new_epics_and_edits_of_what_was_not_begun_are_taken_in() {
    let mut play = with_a_at_work();
    let mut edited = plan_of(&["c", "a", "b"]).epics().to_vec();
    edited[2].description = "more".to_owned();
    let edited = plan(edited);
    let changes = ["c is new", "b: its description is changed", "b: its dependsOn is changed"].map(str::to_owned);
    assert_eq!(play.scheduler.replan(&edited), Replan::Fits { changes: changes.to_vec() });
    play.say(changed(&edited));
    assert_eq!(play.open, [], "it starts nothing by itself");
    play.say(resumed(3));
    assert_eq!(play.sessions(), ["a"]);
    assert!(play.is_open("b", Task::Prepare) && play.is_open("c", Task::Prepare));
    play.open.retain(|command| !matches!(command, Command::Prepare { .. }) || command.job().scope == scope("b"));
    play.end_session("a", None);
    play.check("a", true, 0);
    play.merge("a", 7);
    assert!(matches!(play.state("a"), TrackState::Done(Outcome::Merged { .. })), "it is still the same track");
}

#[test]
fn an_epic_that_was_not_begun_can_be_removed() {
    let mut play = with_a_at_work();
    let edited = plan_of(&["a"]);
    assert_eq!(play.scheduler.replan(&edited), Replan::Fits { changes: vec!["b is removed".to_owned()] });
    play.say(changed(&edited));
    play.say(resumed(1));
    play.end_session("a", None);
    play.check("a", true, 0);
    play.merge("a", 7);
    play.settle();
    assert_eq!(play.scheduler.ended(), Some(&RunEnd::Judged { pass: true }));
}

#[test]
fn what_contradicts_begun_work_is_named_and_ignored() {
    let mut play = with_a_at_work();
    let mut stories = plan_of(&["a", "b<a"]).epics().to_vec();
    stories[0].user_stories[0].title = "another".to_owned();
    let mut renamed = stories.clone();
    renamed[0].user_stories[0].id = StoryId::new("a-9").expect("an id");
    let table = [
        (plan(stories), vec!["a was begun, and its story a-1 is changed"]),
        (plan(renamed), vec!["a was begun, and its story a-1 is removed", "a was begun, and its story a-9 is new"]),
        (plan_of(&["a<c", "b", "c"]), vec!["a was begun, and its dependsOn is changed"]),
        (plan_of(&["b"]), vec!["a was begun, and it is removed"]),
    ];
    for (edited, expected) in table {
        let contradictions = expected.into_iter().map(str::to_owned).collect();
        assert_eq!(play.scheduler.replan(&edited), Replan::Contradicts { contradictions });
        play.ignores(changed(&edited));
    }
}

#[test]
fn tracks_in_the_merge_queue_keep_their_place_when_the_order_changes() {
    let mut play = Play::new(&["a", "b"], policy(2));
    play.work("a");
    play.work("b");
    play.say(changed(&plan_of(&["c", "b", "a"])));
    play.merge("a", 7);
    assert_eq!(play.state("b"), TrackState::Merging);
    play.merge("b", 8);
    assert!(matches!(play.state("b"), TrackState::Done(Outcome::Merged { .. })));
}

#[test]
fn a_new_epic_that_is_not_selected_is_left_out() {
    let mut play = Play::new(&["a"], Policy { only: vec![epic_id("a")], ..policy(1) });
    play.prepare("a");
    play.say(changed(&plan_of(&["a", "b"])));
    assert_eq!(play.state("b"), TrackState::Done(Outcome::LeftOut));
}

#[test]
fn a_run_that_was_stopped_takes_the_plan_in_and_one_that_is_over_does_not() {
    let mut play = Play::new(&["a"], policy(1));
    let job = play.job(&scope("a"), Task::Prepare);
    play.say(Event::StopAsked { how: Stop::Graceful });
    play.say(Event::Cut { job });
    assert_eq!(play.scheduler.ended(), Some(&RunEnd::Interrupted));
    play.say(changed(&plan_of(&["a", "b<a"])));
    assert_eq!(play.state("b"), TrackState::Waiting(WaitReason::Stopping));

    let mut play = Play::new(&["a"], policy(1));
    play.work("a");
    play.merge("a", 7);
    play.settle();
    assert!(matches!(play.scheduler.replan(&plan_of(&["a", "b"])), Replan::Contradicts { .. }));
    play.ignores(changed(&plan_of(&["a", "b"])));
}

#[test]
fn meddling_is_told_with_all_who_ran_and_stands_in_the_verdict() {
    let mut play = Play::new(&["a", "b"], policy(2));
    play.prepare("a");
    play.prepare("b");
    let (job, other) = (play.session("a"), play.session("b"));
    let meddled = Event::Meddled { job, beside: vec![other], changes: vec!["the index: changed".to_owned()] };
    play.say(meddled.clone());
    let ran = vec![(scope("a"), Role::TeamLead), (scope("b"), Role::TeamLead)];
    let notice = Notice::Meddled { scope: scope("a"), ran, changes: vec!["the index: changed".to_owned()] };
    assert_eq!(play.notices.last(), Some(&notice));
    for name in ["a", "b"] {
        play.end_session(name, None);
        play.check(name, true, 0);
    }
    // Its session is over.
    play.ignores(meddled);
    play.merge("a", 7);
    play.merge("b", 8);
    while play.verdict().is_none() {
        play.settle_one();
    }
    let verdict = play.verdict().expect("one");
    let risk = "changed in your repository while a (team-lead), b (team-lead) ran: the index: changed";
    assert!(verdict.open_risks.iter().any(|found| found == risk), "{:?}", verdict.open_risks);
    assert!(verdict.pass, "nobody is charged");
}
