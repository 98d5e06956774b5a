//! The ways to run: a rehearsal, the demo, a selection, a limit, waves.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::common::repo::Repo;
use crate::scene::{Running, Scene, epic, read_json};

#[test]
fn the_example_prd_is_rehearsed_to_a_pass_without_any_agent() {
    let repo = Repo::new();
    repo.write("prd.json", include_str!("../../prd.json.example"));
    repo.commit("The PRD");
    let scene = Scene::bare(repo, "prd.json");
    scene.run(&["run", "--rehearse", "--parallel", "2"]).exited_with(0);
    assert_eq!(scene.merged_since("main").len(), 4);
    assert_eq!(scene.verdict()["verdict"], "pass");
    scene.has_no_process_left();
}

#[test]
fn the_demo_shows_a_conflict_and_a_gate_that_turns_green_and_passes() {
    let scene = Scene::of(&[epic("E", &["s"], &[])]);
    let folder = scene.repo.beside("a demo");
    let began = Instant::now();
    let outcome = scene.run(&["demo", folder.to_str().unwrap()]).exited_with(0);
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    let outcome = outcome.says(&format!("rm -rf '{}'", folder.display()));
    outcome.says("conflict").says("nothing-broken is red").says("nothing-broken passes").says("report.md");
    let verdict = read_json(&folder.join(".ralph-teams/current/verdict.json"));
    assert_eq!(verdict["verdict"], "pass");
    scene.run(&["demo", folder.to_str().unwrap()]).exited_with(2).says("not empty");
}

#[test]
fn only_the_selected_epics_are_worked_on() {
    let scene = Scene::of(&[epic("A", &["a"], &[]), epic("B", &["b"], &["A"]), epic("C", &["c"], &[])]);
    scene.run(&["run", "--only", "A", "--only", "B"]);
    assert_eq!(["A", "B", "C"].map(|id| scene.status(id)), ["completed", "completed", "pending"]);
    assert_eq!(scene.judged("C")["status"], "left-out");
    assert_eq!(scene.merged_since("main"), ["A", "B"]);
    scene.run(&["run", "--only", "C"]);
    assert_eq!(scene.status("C"), "completed");
}

#[test]
fn a_limit_of_epics_stops_the_run_and_the_rest_can_be_resumed_or_run() {
    let scene = Scene::of(&[epic("A", &["a"], &[]), epic("B", &["b"], &[]), epic("C", &["c"], &[])]);
    scene.run(&["run", "--max-epics", "1"]).exited_with(4).says("ralph-teams resume");
    assert_eq!(scene.merged_since("main"), ["A"]);
    assert_eq!(["A", "B", "C"].map(|id| scene.status(id)), ["completed", "pending", "pending"]);
    scene.run(&["resume"]).exited_with(4);
    assert_eq!(scene.merged_since("main"), ["A", "B"]);
    assert_eq!((scene.run_ids().len(), scene.status("C")), (1, "pending".to_owned()));
    scene.run(&["run"]).exited_with(0);
    assert_eq!(["A", "B", "C"].map(|id| scene.status(id)), ["completed"; 3]);
}

#[test]
fn a_limit_of_time_stops_the_run_and_it_can_be_resumed() {
    let scene = Scene::scripted(&[epic("A", &["a"], &[])], &json!({}), "timeouts: { loopTimeout: 1 }");
    scene.script(&json!({ "A/team-lead/1": [{ "wait_for": scene.mark("go on") }, "honest"] }));
    scene.run(&["run"]).exited_with(4);
    scene.has_no_process_left();
    scene.reconfigure("timeouts: { loopTimeout: 0 }");
    std::fs::write(scene.mark("go on"), "").unwrap();
    scene.run(&["resume"]).exited_with(0);
    assert_eq!(scene.judged("A")["attempts"], 1);
}

#[test]
fn waves_wait_for_the_whole_wave_before() {
    let epics = [epic("A", &["a"], &[]), epic("B", &["b"], &[]), epic("C", &["c"], &["A"])];
    let scene = Scene::of(&epics);
    // B ends only when C has begun or A is merged for a while: in waves C must not begin before B has ended.
    scene.script(&json!({
        "B/team-lead/*": [{ "sleep_ms": 700 }, "honest", { "touch": scene.mark("b-ended") }],
        "C/team-lead/*": [{ "touch": scene.mark("c-began") }, "honest"]
    }));
    let lines = |schedule: &str| -> Vec<Value> {
        let outcome = scene.run(&["run", "--parallel", "2", "--ui", "json", "--schedule", schedule]).exited_with(0);
        outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    };
    let told = lines("waves");
    let place = |what: &str, epic: &str| {
        told.iter().position(|line| line["type"] == what && line.to_string().contains(&format!("\"{epic}\""))).unwrap()
    };
    assert!(place("epic-ended", "B") < place("session-started", "C"), "{told:#?}");
}

#[test]
fn two_repositories_run_side_by_side() {
    let scenes = [Scene::of(&[epic("E", &["s"], &[])]), Scene::of(&[epic("E", &["s"], &[])])];
    let running: Vec<Running> = scenes.iter().map(|scene| scene.start(&["run"])).collect();
    for one in running {
        one.outcome().exited_with(0);
    }
}
