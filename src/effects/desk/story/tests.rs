//! What is accepted of a story's report, without a repository.

use super::*;
use crate::scheduler::{Job, Role, Scope, Task};

fn id(text: &str) -> StoryId {
    StoryId::new(text).expect("an id")
}

fn commit(digit: &str) -> CommitId {
    CommitId::new(&digit.repeat(40)).expect("a commit id")
}

fn errand(stories: &[&str]) -> Errand {
    Errand {
        job: Job { scope: Scope::Fix(1), task: Task::Session(Role::TeamLead), n: 1 },
        caller: Role::TeamLead,
        tools: Vec::new(),
        worktree: "/w".into(),
        files: SessionFiles::of(std::path::Path::new("/w")),
        is_delegated: false,
        branch: Some("ralph/epic/r/e".to_owned()),
        base: commit("a"),
        stories: stories.iter().map(|story| id(story)).collect(),
        judged: vec![],
        notes: vec![],
    }
}

fn passing(story: &str) -> ReportStory {
    ReportStory { story: story.to_owned(), passes: true, ..ReportStory::default() }
}

fn at(commit: Named) -> Look {
    Look { commit, ..Look::default() }
}

#[test]
fn only_a_story_that_is_asked_for_can_be_reported() {
    assert_eq!(asked(&errand(&["a", "b"]), " b "), Ok(id("b")));
    assert!(asked(&errand(&["a", "b"]), "c\n# x").expect_err("a refusal").contains("these are: a, b"));
    assert!(asked(&errand(&[]), "a").expect_err("a refusal").contains("no story"));
}

#[test]
fn a_commit_that_is_not_the_branchs_own_is_refused_with_what_to_do() {
    let claim = |named| done(id("a"), &passing("a"), &at(named), Some("ralph/epic/r/e"));
    assert_eq!(claim(Named::OnBranch(commit("b"))).expect("accepted").commit, Some("b".repeat(40)));
    let fault = claim(Named::Elsewhere(commit("c"))).expect_err("a refusal");
    assert!(
        fault.contains("cccccccccc") && fault.contains("ralph/epic/r/e") && fault.contains("git log -1"),
        "{fault}"
    );
    assert!(claim(Named::NoId("HEAD".to_owned())).expect_err("a refusal").contains("40 hex digits"));
    assert_eq!(claim(Named::Nothing).expect("accepted, unproven").commit, None);
}

#[test]
fn a_broken_rule_is_refused_and_files_that_are_not_committed_are_only_said() {
    let look = Look { broken_rules: vec!["x must not be changed".to_owned()], ..at(Named::Nothing) };
    assert!(done(id("a"), &passing("a"), &look, None).expect_err("a refusal").contains("x must not be changed"));
    let look = Look { uncommitted: (0..12).map(|n| format!("f{n}")).collect(), ..Look::default() };
    let claim = done(id("a"), &passing("a"), &look, None).expect("accepted");
    let text = accepted(std::slice::from_ref(&claim), &look, &errand(&["a", "b"]), std::slice::from_ref(&claim));
    assert!(text.contains("f9, and 2 more") && text.ends_with("Still to be reported: b."), "{text}");
}

#[test]
fn a_story_that_is_given_up_needs_a_reason() {
    let report =
        ReportStory { story: "a".to_owned(), reason: Some(" no\nprinter ".to_owned()), ..ReportStory::default() };
    assert_eq!(given_up(id("a"), &report).expect("accepted").failure_reason.as_deref(), Some("no printer"));
    assert!(given_up(id("a"), &ReportStory { reason: Some(" ".to_owned()), ..report }).is_err());
}

#[test]
fn a_red_gate_refuses_with_the_end_of_its_output() {
    let gate = |code| GateOutcome {
        name: "unit".to_owned(),
        command: "cargo test".to_owned(),
        end: GateEnd::Exited(code),
        took_ms: 1,
        log_digest: String::new(),
        log: String::new(),
        tail: "expected 1, found 2\n".to_owned(),
    };
    assert_eq!(gates_green(&[gate(0)]), Ok(()));
    let fault = gates_green(&[gate(0), gate(101)]).expect_err("a refusal");
    assert!(fault.contains("exit code 101:\nexpected 1, found 2") && fault.contains("without run_gates"), "{fault}");
}

#[test]
fn what_is_blocked_is_one_story_or_all_that_are_not_reported() {
    let block = |story: Option<&str>| Blocked {
        story: story.map(str::to_owned),
        on: "a key".to_owned(),
        detail: "set API_KEY".to_owned(),
    };
    let errand = errand(&["a", "b", "c"]);
    let reported = [done(id("b"), &passing("b"), &Look::default(), None).expect("accepted")];
    let ids = |claims: Vec<StoryClaim>| claims.into_iter().map(|claim| claim.id.to_string()).collect::<Vec<_>>();
    let all = blocked(&errand, &block(None), &reported).expect("claims");
    assert_eq!(all[0].failure_reason.as_deref(), Some("blocked on a key: set API_KEY"));
    assert!(all.iter().all(|claim| !claim.passes));
    assert_eq!(ids(all), ["a", "c"]);
    assert_eq!(ids(blocked(&errand, &block(Some("b")), &reported).expect("claims")), ["b"]);
    assert!(blocked(&errand, &block(Some("x")), &reported).is_err());
    assert!(blocked(&errand, &Blocked { on: " ".to_owned(), ..block(None) }, &reported).is_err());
}
