//! Conflicts and gates: what two epics do to each other, and what the user's commands say of the result.

use serde_json::{Value, json};

use crate::scene::{Scene, epic};

/// Two epics that start from the same commit, each with more steps before its honest work.
fn side_by_side(first: &[Value], second: &[Value], more: &Value, config: &str) -> Scene {
    let scene = Scene::scripted(&[epic("A", &["a"], &[]), epic("B", &["b"], &[])], &json!({}), config);
    let meet =
        |own: &str, other: &str| vec![json!({ "touch": scene.mark(own) }), json!({ "wait_for": scene.mark(other) })];
    let mut script = more.clone();
    script["A/team-lead/*"] = [meet("a", "b"), first.to_vec(), vec![json!("honest")]].concat().into();
    script["B/team-lead/*"] = [meet("b", "a"), second.to_vec(), vec![json!("honest")]].concat().into();
    scene.script(&script);
    scene
}

/// Two epics that write the same line in two ways, and a resolver.
fn conflicting(resolver: &Value, config: &str) -> Scene {
    let line = |text: &str| [json!({ "write": { "path": "line.txt", "text": text } }), json!({ "commit": "line" })];
    side_by_side(&line("of A\n"), &line("of B\n"), &json!({ "*/resolver/*": resolver }), config)
}

fn statuses(scene: &Scene) -> Vec<Value> {
    scene.verdict()["epics"].as_array().unwrap().iter().map(|epic| epic["status"].clone()).collect()
}

#[test]
fn a_conflict_is_resolved_and_merged() {
    let scene = conflicting(&json!(["honest"]), "");
    scene.run(&["run", "--parallel", "2"]).exited_with(0).says("line.txt");
    assert_eq!(statuses(&scene), ["merged", "merged"]);
    let text = scene.repo.git(&["show", &format!("{}:line.txt", scene.loop_branch())]);
    let mut lines: Vec<&str> = text.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["of A", "of B"]);
    scene.has_no_process_left();
}

#[test]
fn a_resolution_that_is_not_committed_is_committed_by_the_runner() {
    let scene = conflicting(&json!([{ "resolve": { "commit": false } }]), "");
    scene.run(&["run", "--parallel", "2"]).exited_with(0);
    assert_eq!(statuses(&scene), ["merged", "merged"]);
}

#[track_caller]
fn merge_fails_with(resolver: &Value) {
    let scene = conflicting(resolver, "policy: { maxMergeRounds: 1, maxAttempts: 1 }");
    scene.run(&["run", "--parallel", "2"]).exited_with(1);
    let mut told = statuses(&scene);
    told.sort_by_key(Value::to_string);
    assert_eq!(told, ["merge-failed", "merged"]);
    let verdict = scene.verdict();
    let epics = verdict["epics"].as_array().unwrap();
    let failed = epics.iter().find(|epic| epic["status"] == "merge-failed").unwrap();
    assert_eq!(scene.status(failed["id"].as_str().unwrap()), "merge-failed");
    let own = format!("{}.txt", failed["stories"][0]["id"].as_str().unwrap());
    scene.repo.git(&["cat-file", "-e", &format!("{}:{own}", failed["branch"].as_str().unwrap())]);
    let line = scene.repo.git(&["show", &format!("{}:line.txt", scene.loop_branch())]);
    assert_eq!(line.lines().count(), 1, "{line}");
    scene.has_no_process_left();
}

#[test]
fn markers_that_a_resolver_leaves_are_never_merged() {
    merge_fails_with(&json!([{ "print": "looks fine to me" }]));
}

#[test]
fn markers_that_a_resolver_commits_are_never_merged() {
    merge_fails_with(&json!([{ "commit": "Resolve" }]));
}

#[test]
fn a_red_gate_goes_back_to_the_lead_and_is_merged_once_it_is_green() {
    let script =
        json!({ "E/team-lead/*": [{ "append": { "path": "n.txt", "line": "once" } }, { "commit": "n" }, "honest"] });
    let gate = "gates:\n  - { name: twice, run: '! test -f n.txt || test $(wc -l < n.txt) -ge 2' }";
    let scene = Scene::scripted(&[epic("E", &["s"], &[])], &script, gate);
    scene.run(&["run"]).exited_with(0).says("gate twice is red").says("fix round 1 of 2");
    let judged = scene.judged("E");
    assert_eq!((&judged["status"], &judged["fix_cycles"]), (&json!("merged"), &json!(1)));
    assert_eq!(scene.verdict()["gates"][0]["green"], true);
}

#[test]
fn a_gate_that_stays_red_keeps_the_epic_out() {
    let scene = Scene::scripted(
        &[epic("E", &["s"], &[])],
        &json!({}),
        "gates:\n  - { name: without-s, run: '! test -f s.txt' }\npolicy: { maxFixCycles: 1 }",
    );
    scene.run(&["run"]).exited_with(1);
    assert_eq!(scene.judged("E")["status"], "failed");
    assert_eq!(scene.status("E"), "failed");
    assert_eq!(scene.repo.id(&scene.loop_branch()), scene.repo.id("HEAD"));
    assert_eq!(scene.epic("E")["userStories"][0]["passes"], false);
}

const NOT_BOTH: &str = "gates:\n  - { name: not-both, run: '! test -f a.txt || ! test -f b.txt || test -f fix.txt' }";

#[test]
fn two_green_epics_that_are_red_together_are_mended_before_the_second_is_merged() {
    let scene = side_by_side(&[], &[], &json!({}), NOT_BOTH);
    scene.run(&["run", "--parallel", "2"]).exited_with(0).says("on the merged result");
    assert_eq!(statuses(&scene), ["merged", "merged"]);
    scene.repo.git(&["cat-file", "-e", &format!("{}:fix.txt", scene.loop_branch())]);
}

#[test]
fn two_green_epics_that_stay_red_together_are_not_both_merged() {
    let config =
        "gates:\n  - { name: not-both, run: '! test -f a.txt || ! test -f b.txt' }\npolicy: { maxMergeRounds: 1 }";
    let scene = side_by_side(&[], &[], &json!({}), config);
    scene.run(&["run", "--parallel", "2"]).exited_with(1);
    let mut told = statuses(&scene);
    told.sort_by_key(Value::to_string);
    assert_eq!(told, ["merge-failed", "merged"]);
    assert_eq!(scene.verdict()["gates"][0]["green"], true, "the tip is green");
}

#[test]
fn a_gate_that_is_red_before_any_work_holds_nothing_up_and_is_told() {
    let scene =
        Scene::scripted(&[epic("E", &["s"], &[])], &json!({}), "gates:\n  - { name: has-s, run: test -f s.txt }");
    scene.run(&["run"]).exited_with(0).says("red before any work");
    assert_eq!(scene.verdict()["verdict"], "pass");
}

#[test]
fn a_gate_that_is_never_green_makes_the_verdict_a_failure() {
    let scene = Scene::scripted(&[epic("E", &["s"], &[])], &json!({}), "gates:\n  - { name: never, run: 'false' }");
    scene.run(&["run"]).exited_with(1);
    assert_eq!(scene.judged("E")["status"], "merged");
    assert_eq!(scene.verdict()["verdict"], "fail");
}

#[test]
fn a_gate_that_cannot_run_ends_the_run_before_any_session() {
    let scene = Scene::scripted(
        &[epic("E", &["s"], &[])],
        &json!({}),
        "gates:\n  - { name: typo, run: crago-does-not-exist test }",
    );
    scene.script(&json!({ "*/*/*": [{ "touch": scene.mark("session") }, "honest"] }));
    scene.run(&["run"]).exited_with(3).says("crago-does-not-exist");
    assert!(!scene.mark("session").exists(), "a session was started");
    scene.has_no_process_left();
}

#[test]
fn a_gate_that_hangs_is_ended_at_its_limit() {
    let gate =
        "gates:\n  - { name: hangs, run: '! test -f s.txt || sleep 60', timeout: 0.5 }\npolicy: { maxFixCycles: 0 }";
    let scene = Scene::scripted(&[epic("E", &["s"], &[])], &json!({}), gate);
    scene.run(&["run"]).exited_with(1);
    assert_eq!(scene.judged("E")["gates"][0]["timed_out"], true);
    scene.has_no_process_left();
}

#[test]
fn forbidden_files_are_sent_back() {
    let script =
        json!({ "E/team-lead/*": [{ "write": { "path": "secret/key", "text": "k\n" } }, { "commit": "k" }, "honest"] });
    let config = "policy: { forbiddenPaths: [secret/], maxFixCycles: 1 }";
    let scene = Scene::scripted(&[epic("E", &["s"], &[])], &script, config);
    scene.run(&["run"]).exited_with(1).says("policy.forbiddenPaths");
    assert_eq!(scene.judged("E")["status"], "failed");
}

#[test]
fn what_the_final_validator_finds_is_fixed_and_judged_again() {
    let epics = [epic("A", &["a"], &[]), epic("B", &["b"], &[])];
    let scene = Scene::scripted(&epics, &json!({}), "");
    let first_time = json!([
        { "validate": { "verdict": "fail", "findings": ["the door squeaks"] } },
        { "fail_first": { "counter": scene.mark("validated"), "code": 0 } },
        "honest"
    ]);
    scene.script(&json!({ "run/final-validator/*": first_time }));
    scene.run(&["run"]).exited_with(0).says("the door squeaks");
    scene.repo.git(&["cat-file", "-e", &format!("{}:fix.txt", scene.loop_branch())]);
}

#[test]
fn the_final_validators_no_stands() {
    let epics = [epic("A", &["a"], &[]), epic("B", &["b"], &[])];
    let no = json!([{ "validate": { "verdict": "fail", "findings": ["the door squeaks"] } }]);
    let scene = Scene::scripted(&epics, &json!({ "run/final-validator/*": no }), "");
    scene.run(&["run"]).exited_with(1);
    let verdict = scene.verdict();
    assert_eq!((&verdict["verdict"], &verdict["findings"]), (&json!("fail"), &json!(["the door squeaks"])));
}
