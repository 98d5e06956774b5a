//! Running again: nothing is done twice, nothing that was done is lost, and `completed` always stands for work that is
//! in the base.

use serde_json::json;

use crate::scene::{Scene, epic};

/// A run in which A is merged and B fails in its only attempt, with a commit of its own.
fn with_a_failed_epic() -> Scene {
    let epics = [epic("A", &["a"], &[]), epic("B", &["b"], &[]), epic("C", &["c"], &["B"])];
    let scene = Scene::scripted(&epics, &json!({}), "policy: { maxAttempts: 1 }");
    scene.script(&json!({
        "A/team-lead/*": [{ "append": { "path": scene.mark("a-sessions"), "line": "x" } }, "honest"],
        "B/team-lead/*": [{ "write": { "path": "half.txt", "text": "half\n" } }, { "commit": "Half of it" }]
    }));
    scene.run(&["run"]).exited_with(1);
    assert_eq!(["A", "B", "C"].map(|id| scene.status(id)), ["completed", "failed", "pending"]);
    scene
}

fn heal(scene: &Scene) {
    scene.script(
        &json!({ "A/team-lead/*": [{ "append": { "path": scene.mark("a-sessions"), "line": "x" } }, "honest"] }),
    );
}

fn sessions_of_a(scene: &Scene) -> usize {
    std::fs::read_to_string(scene.mark("a-sessions")).unwrap().lines().count()
}

#[test]
fn a_second_run_goes_on_from_the_loop_branch_and_does_nothing_twice() {
    let scene = with_a_failed_epic();
    let (first_branch, first_tip) = (scene.loop_branch(), scene.repo.id(&scene.loop_branch()));
    heal(&scene);
    scene.run(&["run"]).exited_with(0).says(&first_branch).says("B goes on from");
    assert_eq!(scene.run_ids().len(), 2);
    assert_eq!(sessions_of_a(&scene), 1, "A was done once");
    assert_eq!(scene.verdict()["base"], first_tip.as_str());
    assert_eq!(scene.judged("A")["status"], "already-completed");
    assert_eq!(scene.merged_since(first_tip.as_str()), ["B", "C"]);
    assert_eq!(scene.repo.git(&["show", &format!("{}:half.txt", scene.loop_branch())]), "half");
    assert_eq!(scene.repo.git(&["show", &format!("{}:a.txt", scene.loop_branch())]), "a is done");
    let halves = scene.repo.git(&["log", "--format=%s", "--grep=^Half of it", &scene.loop_branch()]);
    assert_eq!(halves.lines().count(), 1, "{halves}");
    assert_eq!(["A", "B", "C"].map(|id| scene.status(id)), ["completed"; 3]);
    scene.has_no_process_left();
}

#[test]
fn starting_at_head_without_the_work_of_completed_epics_is_refused() {
    let scene = with_a_failed_epic();
    let refs = scene.repo.git(&["for-each-ref"]);
    scene.run(&["run", "--base", "head"]).exited_with(3).says("A").says("--base loop");
    assert_eq!(refs, scene.repo.git(&["for-each-ref"]));
    assert_eq!(scene.run_ids().len(), 1);
}

#[test]
fn after_the_user_merged_the_loop_branch_a_run_starts_at_head() {
    let scene = with_a_failed_epic();
    scene.repo.git(&["add", "--all"]);
    scene.repo.git(&["commit", "--quiet", "-m", "Results"]);
    scene.repo.git(&["merge", "--quiet", "--no-edit", &scene.loop_branch()]);
    let head = scene.repo.id("HEAD");
    heal(&scene);
    scene.run(&["run"]).exited_with(0);
    assert_eq!(scene.verdict()["base"], head.as_str());
    assert_eq!(sessions_of_a(&scene), 1);
    scene.repo.git(&["cat-file", "-e", &format!("{}:half.txt", scene.loop_branch())]);
}

#[test]
fn a_head_that_moved_on_otherwise_is_refused_and_base_loop_goes_on() {
    let scene = with_a_failed_epic();
    scene.repo.write("more.txt", "more\n");
    scene.repo.commit("The user goes on");
    let tip = scene.repo.id(&scene.loop_branch());
    heal(&scene);
    scene.run(&["run"]).exited_with(3).says("--base loop");
    scene.run(&["run", "--base", "loop"]).exited_with(0);
    assert_eq!(scene.verdict()["base"], tip.as_str());
}

#[test]
fn a_partial_epic_goes_on_with_the_stories_that_are_left() {
    let scene = Scene::scripted(&[epic("E", &["s1", "s2"], &[])], &json!({}), "policy: { maxFixCycles: 0 }");
    scene.script(&json!({ "E/team-lead/*": [{ "work_on": ["s1"] }, { "report": "honest" }] }));
    scene.run(&["run"]).exited_with(1);
    assert_eq!(scene.status("E"), "partial");
    scene.script(&json!({ "E/team-lead/*": [{ "save_prompt": scene.mark("prompt") }, { "work_on": ["s2"] }, { "report": "honest" }] }));
    scene.run(&["run"]).exited_with(0);
    assert_eq!(scene.status("E"), "completed");
    for file in ["s1.txt", "s2.txt"] {
        scene.repo.git(&["cat-file", "-e", &format!("{}:{file}", scene.loop_branch())]);
    }
}

#[test]
fn a_run_with_nothing_left_to_do_passes() {
    let scene = Scene::of(&[epic("E", &["s"], &[])]);
    scene.run(&["run"]).exited_with(0);
    let tip = scene.repo.id(&scene.loop_branch());
    scene.script(&json!({ "*/*/*": [{ "touch": scene.mark("session") }, "honest"] }));
    scene.run(&["run"]).exited_with(0);
    assert!(!scene.mark("session").exists(), "a session was started");
    assert_eq!(scene.repo.id(&scene.loop_branch()), tip);
}
