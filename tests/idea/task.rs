//! `task`: a sentence is done, proven and landed, and no run of a PRD notices.

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::scene::{Scene, epic};
use crate::texts::at_terminal;

fn scene(script: &Value) -> Scene {
    Scene::scripted(&[epic("A", &["A-1"], &[]), epic("B", &["B-1"], &["A"])], script, "")
}

fn done_file(scene: &Scene) -> Option<String> {
    let files = std::fs::read_dir(scene.repo.path()).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names.into_iter().find(|name| name.starts_with("TASK-"))
}

fn tasks(scene: &Scene) -> usize {
    std::fs::read_dir(scene.state().join("tasks")).map_or(0, Iterator::count)
}

#[test]
fn a_task_is_done_and_lands_at_once_where_that_was_said() {
    for flag in ["--here", "--yes"] {
        let scene = scene(&json!({}));
        let before = scene.repo.git(&["rev-parse", "HEAD"]);
        scene.run(&["task", "The clock shows seconds", flag, "--ui", "plain"]).exited_with(0).says("landed: main");
        assert!(done_file(&scene).is_some(), "the work is in the checkout");
        assert_ne!(scene.repo.git(&["rev-parse", "HEAD"]), before);
        assert_eq!((scene.status("A").as_str(), scene.repo.git(&["status", "--porcelain"]).as_str()), ("pending", ""));
    }
}

#[test]
fn the_agent_is_told_the_task_and_the_verdict_speaks_of_it() {
    let mut script = json!({});
    let scene = scene(&script);
    let told = scene.mark("told");
    script["*/team-lead/1"] = json!([{ "save_prompt": told }, "honest"]);
    scene.script(&script);
    scene.run(&["task", "The clock shows seconds", "--ui", "json"]).exited_with(0).says("ralph-teams land ");
    let told = std::fs::read_to_string(told).unwrap();
    assert!(told.contains("It is done when:\n- The clock shows seconds"), "{told}");
    assert_eq!(done_file(&scene), None, "nobody said that it should land");
    let run = scene.run_ids().remove(0);
    scene.run(&["land", &run]).exited_with(0);
    assert!(done_file(&scene).is_some());
}

#[test]
fn a_person_is_asked_before_it_lands() {
    for (key, lands) in [("y\r", true), ("n\r", false)] {
        let scene = scene(&json!({}));
        let mut pty = at_terminal(&scene, &["task", "The clock shows seconds", "--ui", "plain"]);
        pty.wait_for("Land it on main?", 0);
        pty.press(key.as_bytes());
        assert_eq!(pty.exit_code(), Some(0), "{}", pty.printed(0));
        assert_eq!(done_file(&scene).is_some(), lands);
    }
}

#[test]
fn whoever_leaves_the_question_is_told_where_the_work_is() {
    for (way, code) in [(Way::Key("\u{1b}"), 0), (Way::Key("\u{3}"), 0), (Way::Signal(Signal::TERM), 130)] {
        let scene = scene(&json!({}));
        let mut pty = at_terminal(&scene, &["task", "The clock shows seconds", "--ui", "plain"]);
        let at = pty.wait_for("Land it on main?", 0);
        match way {
            Way::Key(key) => pty.press(key.as_bytes()),
            Way::Signal(signal) => pty.signal(signal),
        }
        assert_eq!(pty.exit_code(), Some(code), "{way:?}: {}", pty.printed(at));
        pty.wait_for("bring it in with: ralph-teams land ", at);
        assert!(pty.is_cooked() && done_file(&scene).is_none(), "{way:?}");
    }
}

/// How a person leaves a question.
#[derive(Debug, Clone, Copy)]
enum Way {
    Key(&'static str),
    Signal(Signal),
}

#[test]
fn work_that_cannot_land_is_named() {
    let scene = scene(&json!({}));
    let dirty = scene.repo.path().join("README.md");
    scene.script(&json!({ "*/team-lead/*": [{ "append": { "path": dirty, "line": "mine" } }, "honest"] }));
    scene
        .run(&["task", "Fly", "--here", "--ui", "plain"])
        .exited_with(3)
        .says("commit or stash them")
        .says("bring it in with: ralph-teams land 2");
}

#[test]
fn a_task_that_fails_does_not_land_and_says_so_by_its_code() {
    let failing = json!([{ "shell": "printf '{\"epicId\":\"%s\",\"stories\":{\"%s-1\":{\"passes\":false,\"failureReason\":\"too hard\",\"commit\":null,\"evidence\":[]}}}' $RALPH_EPIC_ID $RALPH_EPIC_ID > \"$RALPH_REPORT\"" }]);
    let scene = scene(&json!({ "*/team-lead/*": failing }));
    let head = scene.repo.git(&["rev-parse", "HEAD"]);
    let failed =
        scene.run(&["task", "Fly", "--here", "--ui", "plain"]).exited_with(1).says("too hard").says("was a task");
    let run = scene.run_ids().remove(0);
    let failed = failed.says(&format!("ralph-teams logs --run {run}")).says("ralph-teams task Fly ");
    for about_a_prd in ["ralph-teams run ", "ralph-teams status"] {
        assert!(!failed.stdout.contains(about_a_prd), "{}", failed.stdout);
    }
    assert_eq!(scene.repo.git(&["rev-parse", "HEAD"]), head);
}

#[test]
fn a_checkout_with_changes_is_refused_before_anything_is_done_but_for_the_prd_that_runs_write() {
    let scene = scene(&json!({}));
    scene.repo.write("README.md", "mine\n");
    scene.run(&["task", "Fly", "--ui", "plain"]).exited_with(3).says("README.md").says("not committed");
    assert_eq!((scene.run_ids().len(), tasks(&scene)), (0, 0));
    scene.repo.git(&["checkout", "--quiet", "README.md"]);
    scene.run(&["run", "--ui", "plain"]).exited_with(0);
    assert_eq!(scene.repo.git(&["status", "--porcelain"]), " M prd.json");
    scene.run(&["task", "Fly", "--here", "--ui", "plain"]).exited_with(0).says("landed: main");
    scene.run(&["task", " ", "--here"]).exited_with(2).says("is empty");
}

#[test]
fn beside_a_run_a_task_is_refused_and_leaves_nothing() {
    let scene = scene(&json!({}));
    let begun = scene.mark("begun");
    scene.script(&json!({ "A/team-lead/*": [{ "touch": begun }, { "sleep_ms": 600_000 }] }));
    let mut running = scene.start(&["run", "--ui", "plain"]);
    running.until_exists(&begun);
    scene.run(&["task", "Fly", "--ui", "plain"]).exited_with(3).says("ralph-teams stop");
    assert_eq!((scene.run_ids().len(), tasks(&scene)), (1, 0));
}

#[test]
fn an_unfinished_run_of_the_prd_stays_the_one_that_resume_means() {
    let scene = scene(&json!({}));
    let begun = scene.mark("begun");
    let hangs = json!([{ "write": { "path": "a.txt", "text": "half" } }, { "commit": "half" }, { "touch": begun }, { "sleep_ms": 600_000 }]);
    scene.script(&json!({ "A/team-lead/1": hangs }));
    let mut running = scene.start(&["run", "--ui", "plain"]);
    running.until_exists(&begun);
    scene.run(&["stop"]).exited_with(0);
    running.outcome().exited_with(130);
    let main = scene.run_id();
    scene.script(&json!({}));
    scene.run(&["task", "Fly", "--here", "--ui", "plain"]).exited_with(0).says("landed: main");
    assert_eq!((scene.run_id(), scene.run_ids().len()), (main.clone(), 2));
    scene.run(&["status"]).exited_with(0).says(&main);
    scene.run(&["run", "--ui", "plain"]).exited_with(2).says(&format!("run {main} is unfinished"));
    scene.run(&["resume", "--ui", "plain"]).exited_with(0);
    assert_eq!((scene.status("A").as_str(), scene.status("B").as_str()), ("completed", "completed"));
    scene.run(&["land"]).exited_with(0).says("merge commit");
}

#[test]
fn an_unfinished_task_keeps_no_run_of_the_prd_from_beginning_and_can_be_resumed_by_its_name() {
    let scene = scene(&json!({}));
    let begun = scene.mark("begun");
    let hangs = json!([{ "write": { "path": "t.txt", "text": "half" } }, { "commit": "half" }, { "touch": begun }, { "sleep_ms": 600_000 }]);
    scene.script(&json!({ "*/team-lead/1": hangs }));
    let mut running = scene.start(&["task", "Fly", "--ui", "plain"]);
    running.until_exists(&begun);
    let task = scene.run_ids().remove(0);
    scene.run(&["status"]).exited_with(0).says(&task).says("at work");
    scene.run(&["stop"]).exited_with(0);
    let stopped = running.outcome().exited_with(130).says(&format!("go on with it: ralph-teams resume {task}"));
    assert!(!stopped.stderr.contains("say it again"), "{}", stopped.stderr);
    let card = stopped.stdout.split("\n\n").nth(1).unwrap_or_default();
    assert!(card.starts_with("no verdict yet, interrupted\n"), "{}", stopped.stdout);
    assert!(!stopped.stdout.contains("ralph-teams status"), "{}", stopped.stdout);
    scene.run(&["runs", "show", &task]).exited_with(0).says(&format!("; go on with: ralph-teams resume {task}\n"));
    scene.script(&json!({}));
    scene.run(&["run", "--ui", "plain"]).exited_with(0);
    assert_ne!(scene.run_id(), task);
    scene.run(&["resume", &task, "--ui", "plain"]).exited_with(0);
    scene.run(&["land", &task]).exited_with(0).says("landed");
    assert!(done_file(&scene).is_some());
}

#[test]
fn a_plan_comes_first_where_it_is_asked_for() {
    let plan =
        "# Plan\n## Approach\nx\n## Files\nx\n## Tests\n$RALPH_EPIC_ID-1.1: t\n## Verification\nx\n## Risks\nx\n";
    let write = format!(
        "printf '{}' > \"$RALPH_RESULT\"",
        plan.replace("$RALPH_EPIC_ID", "'$RALPH_EPIC_ID'").replace('\n', "\\n")
    );
    let scene = scene(
        &json!({ "*/plan/*": [{ "shell": write }], "*/team-lead/*": [{ "shell": "grep -q Approach .ralph/plan.md" }, "honest"] }),
    );
    scene.run(&["task", "Fly", "--plan", "--here", "--ui", "plain"]).exited_with(0).says("is planned").says("landed");
}
