//! Calls that are made again under their name because their connection broke: nothing is done twice for them.

use std::path::Path;

use serde_json::{Value, json};

use crate::delegate::{builds, job_dir, merged_once, scene};
use crate::desk::Paused;
use crate::processes;
use crate::raw::{Desk, last_line};
use crate::scene::{PATIENCE, Running, Scene, eventually, read_json};

fn lines(path: &Path) -> usize {
    std::fs::read_to_string(path).unwrap().lines().count()
}

/// How often a text stands in the journal.
fn journalled(scene: &Scene, text: &str) -> usize {
    String::from_utf8_lossy(&std::fs::read(scene.run_dir().join("journal.jsonl")).unwrap()).matches(text).count()
}

#[test]
fn a_report_a_block_and_a_note_that_are_made_again_are_answered_again_and_taken_once() {
    let paused = Paused::new("gates: [{ name: counted, run: 'if test -e ran; then echo once >> ran; fi' }]");
    let (desk, worktree) = (paused.desk(), paused.worktree());
    let ran = worktree.join("ran");
    std::fs::write(&ran, "").unwrap();

    let block = json!({ "on": "a key", "detail": "ask for one" });
    let blocked = desk.asked("block", "blocked", &block);
    assert!(blocked.contains("a: accepted as not done"), "{blocked}");
    assert_eq!(desk.asked("block", "blocked", &block), blocked);
    assert!(desk.asked("another block", "blocked", &block).contains("no story is left"));

    let commit = paused.scene.repo.git_in(&worktree, &["rev-parse", "HEAD"]);
    let report = json!({ "story": "a", "passes": true, "commit": commit, "run_gates": true });
    let reported = desk.asked("report", "report_story", &report);
    assert!(reported.contains("a: accepted as done"), "{reported}");
    assert_eq!((desk.asked("report", "report_story", &report), lines(&ran)), (reported, 1));
    desk.asked("another report", "report_story", &report);
    assert_eq!(lines(&ran), 2, "another call is carried out");

    let note = |text: &str| json!({ "kind": "decision", "text": text });
    let noted = desk.asked("note", "note", &note("once is enough"));
    assert_eq!(desk.asked("note", "note", &note("once is enough")), noted);
    desk.asked("another note", "note", &note("the last one"));
    eventually("the last note", PATIENCE, || journalled(&paused.scene, "the last one") == 1);
    assert_eq!(journalled(&paused.scene, "once is enough"), 1);
    std::fs::remove_file(&ran).unwrap();
    paused.ends();
}

#[test]
fn a_report_that_was_cut_short_is_taken_when_it_is_made_again() {
    let paused = Paused::new("gates: [{ name: slow, run: 'if test -e slow; then sleep 603; fi' }]");
    let (desk, worktree) = (paused.desk(), paused.worktree());
    std::fs::write(worktree.join("slow"), "").unwrap();
    let commit = paused.scene.repo.git_in(&worktree, &["rev-parse", "HEAD"]);
    let report = json!({ "story": "a", "passes": true, "commit": commit, "run_gates": true });
    let sleeps = || processes::of_runs(&paused.scene.run_ids()).iter().any(|(_, line)| line.contains("sleep 603"));
    let broken = desk.begin("1", "report_story", &report);
    eventually("the gate", PATIENCE, sleeps);
    std::fs::remove_file(worktree.join("slow")).unwrap();
    drop(broken);
    let said = desk.asked("1", "report_story", &report);
    assert!(said.contains("accepted as done") && !sleeps(), "{said}");
    paused.ends();
}

/// A lead that stands still, and a builder that never ends, for which a call `1` was made.
fn hanging() -> (Scene, Running, Desk, Value) {
    let scene = scene(&json!({}), json!({}));
    scene.script(&json!({
        "login/team-lead/*": ["work", { "touch": scene.mark("begun") }, { "wait_for": scene.mark("go on") }, "honest"],
        "login/builder/1": [{ "touch": scene.mark("first") }, { "wait_for": "/nonexistent" }],
        "login/builder/*": builds(json!([{ "touch": scene.mark("second") }])),
    }));
    let mut running = scene.start(&["run"]);
    running.until_exists(&scene.mark("begun"));
    let desk = Desk::of(&read_json(&job_dir(&scene, "login.team-lead.1").join("mcp.json")));
    (scene, running, desk, json!({ "role": "builder", "story": "a", "brief": "x" }))
}

#[test]
fn a_delegation_whose_connection_broke_is_never_begun_a_second_time() {
    let (scene, mut running, desk, with) = hanging();
    let broken = desk.begin("1", "delegate", &with);
    running.until_exists(&scene.mark("first"));
    drop(broken);
    let said = desk.asked("1", "delegate", &with);
    assert!(said.contains("cut it short") && said.contains("\"refused\":true"), "{said}");
    eventually("the end of the builder", PATIENCE, || job_dir(&scene, "login.builder.1").join("exit.json").exists());
    assert_eq!(desk.asked("1", "delegate", &with), said);
    assert!(!job_dir(&scene, "login.builder.2").exists(), "nobody was started for it");
    running.until("the word that it was stopped", |running| running.stdout().contains("builder for a was stopped"));
    let anew = desk.asked("2", "delegate", &with);
    assert!(anew.contains("it ended as it should") && scene.mark("second").exists(), "{anew}");
    assert_eq!(desk.asked("2", "delegate", &with), anew, "one that is over is answered again");
    assert!(!job_dir(&scene, "login.builder.3").exists(), "nobody was started for it");
    std::fs::write(scene.mark("go on"), "").unwrap();
    running.outcome().exited_with(0);
    merged_once(&scene);
}

#[test]
fn a_delegation_that_is_made_again_while_it_is_at_work_gets_the_same_answer() {
    let (scene, mut running, desk, with) = hanging();
    scene.script(&json!({
        "login/builder/*": builds(json!([{ "touch": scene.mark("first") }, { "wait_for": scene.mark("build") }])),
    }));
    let first = desk.begin("1", "delegate", &with);
    running.until_exists(&scene.mark("first"));
    let second = desk.begin("1", "delegate", &with);
    std::fs::write(scene.mark("build"), "").unwrap();
    let said = last_line(first);
    assert!(said.contains("it ended as it should"), "{said}");
    assert_eq!(last_line(second), said);
    assert!(!job_dir(&scene, "login.builder.2").exists(), "nobody was started for it");
    std::fs::write(scene.mark("go on"), "").unwrap();
    running.outcome().exited_with(0);
    merged_once(&scene);
}
