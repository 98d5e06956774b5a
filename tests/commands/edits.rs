//! `resume` after the PRD was edited: taken in where it can be, refused where it contradicts work begun.

use serde_json::{Value, json};

use crate::scene::{Scene, new_epic};

fn epics(prd: &mut Value) -> &mut Vec<Value> {
    prd["epics"].as_array_mut().unwrap()
}

#[test]
fn a_new_epic_and_an_edit_of_one_that_waits_are_taken_in() {
    let scene = Scene::new(&["A", "B<A"]);
    let run = scene.leave_unfinished();
    scene.edit_prd(|prd| {
        epics(prd).push(new_epic("C"));
        epics(prd)[1]["userStories"][0]["id"] = json!("B-9");
        // States are no edits.
        epics(prd)[0]["status"] = json!("failed");
    });
    let ended = scene.ralph(&["resume", &run, "--ui", "plain"]);
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    for note in ["C is new", "B: its story B-1 is removed", "B: its story B-9 is new"] {
        assert!(ended.stderr.contains(note), "{}", ended.stderr);
    }
    let tip = scene.resolve(&format!("ralph/loop/{run}")).unwrap();
    let files = scene.repo.git(&["ls-tree", "--name-only", &tip]);
    assert!(files.contains("B-9.txt") && files.contains("C-1.txt") && !files.contains("B-1.txt"), "{files}");
    assert_eq!(scene.status("C"), "completed");
}

#[test]
fn an_edit_of_begun_work_is_refused_with_the_difference() {
    let scene = Scene::new(&["A", "B<A"]);
    let run = scene.leave_unfinished();
    let journal = scene.repo.path().join(format!(".ralph-teams/runs/{run}/journal.jsonl"));
    let before = std::fs::read(&journal).unwrap();
    scene.edit_prd(|prd| epics(prd)[0]["userStories"][0]["title"] = json!("something else"));
    let ended = scene.ralph(&["resume", &run, "--ui", "plain"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("A was begun, and its story A-1 is changed"), "{}", ended.stderr);
    assert!(ended.stderr.contains("--ignore-prd-edits"), "{}", ended.stderr);
    assert_eq!(std::fs::read(&journal).unwrap(), before, "nothing is written down");

    let ended = scene.ralph(&["resume", &run, "--ignore-prd-edits", "--ui", "plain"]);
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    assert_eq!(scene.prd()["epics"][0]["userStories"][0]["title"], json!("something else"), "the edit itself stays");
}

#[test]
fn a_prd_that_cannot_be_read_is_refused_before_anything_starts() {
    let scene = Scene::new(&["A"]);
    scene.leave_unfinished();
    let text = scene.prd_text();
    scene.repo.write("prd.json", &text[..text.len() / 2]);
    let ended = scene.ralph(&["resume"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("prd.json:") && ended.stderr.contains("--ignore-prd-edits"), "{}", ended.stderr);
    scene.repo.write("prd.json", &text);
    assert_eq!(scene.ralph(&["resume", "--ui", "plain"]).code, 0);
}
