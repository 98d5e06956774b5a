//! Names that break programs: ids with spaces, slashes, quotes and other scripts; paths of every kind.

use serde_json::json;

use crate::common::repo::Repo;
use crate::scene::{Running, Scene, epic, read_json};

const IDS: [&str; 9] =
    ["an epic", "team/epic", "Größe 日本", "it's \"quoted\"", "-rf", "--help", "$(touch pwned)", "..", "a*b?[c]"];

#[test]
fn every_id_reaches_its_branch_its_session_and_its_merge() {
    let epics: Vec<_> = IDS.iter().zip(0..).map(|(id, n)| epic(id, &[&format!("s{n}")], &[])).collect();
    let scene = Scene::of(&epics);
    scene.run(&["run", "--parallel", "4"]).exited_with(0);
    let mut merged = scene.merged_since("main");
    merged.sort();
    let mut expected = IDS.map(str::to_owned);
    expected.sort();
    assert_eq!(merged, expected);
    assert!(IDS.iter().all(|id| scene.status(id) == "completed"));
    let tree = scene.repo.git(&["ls-tree", "-r", "--name-only", &scene.loop_branch()]);
    assert!(!tree.contains("pwned"), "{tree}");
    scene.has_no_process_left();
}

#[test]
fn story_ids_may_be_anything_too() {
    let scene = Scene::of(&[epic("E", &["a story", "ünï", "x'y\"z", "-n"], &[])]);
    scene.run(&["run"]).exited_with(0);
    assert!(scene.epic("E")["userStories"].as_array().unwrap().iter().all(|story| story["passes"] == true));
}

#[test]
fn ids_that_differ_only_in_case_or_marks_are_different_epics() {
    let scene = Scene::of(&[
        epic("epic 1", &["a"], &[]),
        epic("EPIC 1", &["b"], &[]),
        epic("epic-1", &["c"], &[]),
        epic("epic_1", &["d"], &[]),
    ]);
    scene.run(&["run", "--parallel", "4"]).exited_with(0);
    assert_eq!(scene.merged_since("main").len(), 4);
}

#[test]
fn a_repository_may_be_anywhere() {
    for name in ["a repo", "häuser & 'gärten' \"日本\" $HOME", "-dash", "semi;colon#hash"] {
        let gate = "gates:\n  - { name: readme, run: test -s README.md }\nworktrees: { setup: 'test -d .' }";
        let scene = Scene::on(Repo::called(name), "prd.json", &[epic("E", &["s"], &[])], &json!({}), gate);
        scene.run(&["run"]).exited_with(0);
        assert_eq!(scene.status("E"), "completed", "{name}");
    }
}

#[test]
fn the_prd_may_be_in_a_subfolder_and_the_program_started_there() {
    let scene = Scene::on(Repo::new(), "docs/plans/prd.json", &[epic("E", &["s"], &[])], &json!({}), "");
    let mut command = scene.command(&["run"]);
    let folder = scene.repo.path().join("docs/plans");
    command.current_dir(&folder);
    Running::new(command, &scene.repo.beside("tmp")).outcome().exited_with(0);
    assert_eq!(scene.status("E"), "completed");
    assert_eq!(scene.verdict()["verdict"], "pass");
    assert!(!folder.join(".ralph-teams").exists());
}

#[test]
fn a_prd_in_a_subfolder_is_resumed_too() {
    let path = "plans/my prd.json";
    let scene = Scene::on(Repo::new(), path, &[epic("A", &["a"], &[]), epic("B", &["b"], &[])], &json!({}), "");
    scene.script(
        &json!({ "B/team-lead/1": [{ "touch": scene.mark("begun") }, { "wait_for": scene.mark("go on") }, "honest"] }),
    );
    let mut running = scene.start(&["run", path]);
    running.until_exists(&scene.mark("begun"));
    running.signal(rustix::process::Signal::KILL);
    drop(running);
    std::fs::write(scene.mark("go on"), "").unwrap();
    scene.run(&["resume"]).exited_with(0);
    assert_eq!(read_json(&scene.repo.path().join(path))["epics"][1]["status"], "completed");
}
