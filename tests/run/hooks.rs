//! The user's commands at turning points: they hear of every end, and change none.

use std::fs;
use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::scene::{Scene, epic, eventually};

/// More than a busy machine needs, and less than the minute that a command may take.
const AT_ONCE: Duration = Duration::from_secs(30);

/// The configuration of these commands.
fn hooks(commands: &Value) -> String {
    format!("policy: {{ maxAttempts: 1 }}\nhooks: {commands}")
}

/// A command that adds a line to the mark `told`.
fn tells(scene: &Scene, words: &str) -> String {
    format!("echo \"{words}\" >> '{}'", scene.mark("told").display())
}

/// The lines of the mark `told`, sorted: commands for epics run side by side.
fn told(scene: &Scene) -> Vec<String> {
    let text = fs::read_to_string(scene.mark("told")).unwrap_or_default();
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    lines.sort();
    lines
}

fn log(scene: &Scene, name: &str) -> String {
    fs::read_to_string(scene.run_dir().join("hooks").join(name)).unwrap()
}

/// One epic that is merged, and one whose first session waits for the mark `go on`.
fn two_epics() -> Scene {
    let scene = Scene::of(&[epic("A", &["a"], &[]), epic("B", &["b"], &["A"])]);
    scene.script(
        &json!({ "B/team-lead/1": [{ "touch": scene.mark("begun") }, { "wait_for": scene.mark("go on") }, "honest"] }),
    );
    scene
}

#[test]
fn every_end_is_told_in_the_root_of_the_repository_with_what_it_is_about() {
    let scene = Scene::of(&[epic("A", &["a"], &[]), epic("B", &["b"], &[]), epic("C", &["c"], &["B"])]);
    scene.script(&json!({ "B/*/*": [{ "exit": 1 }] }));
    let about = "$RALPH_OUTCOME $RALPH_RUN_ID $RALPH_LOOP_BRANCH $RALPH_RUN_DIR $PWD";
    let epic_end = format!("cat; {}", tells(&scene, &format!("$RALPH_EPIC_ID {about}")));
    let run_end = tells(&scene, &format!("run ${{RALPH_EPIC_ID-}} {about} $RALPH_VERDICT"));
    scene.reconfigure(&hooks(&json!({ "epicEnd": epic_end, "runEnd": run_end })));
    scene.run(&["run"]).exited_with(1);
    let run_dir = scene.run_dir();
    let about = format!(
        "{} {} {} {}",
        scene.run_id(),
        scene.loop_branch(),
        run_dir.display(),
        scene.repo.path().canonicalize().unwrap().display()
    );
    let verdict = run_dir.join("verdict.json");
    let expected = [
        format!("A merged {about}"),
        format!("B failed {about}"),
        format!("C blocked {about}"),
        format!("run  fail {about} {}", verdict.display()),
    ];
    assert_eq!(told(&scene), expected);
    scene.has_no_process_left();
}

#[test]
fn one_that_hangs_is_ended_at_its_limit_and_the_run_passes() {
    let scene = Scene::of(&[epic("alpha", &["a"], &[])]);
    scene.reconfigure(&hooks(&json!({ "epicEnd": "echo here; sleep 1000 & sleep 1000", "timeout": 1 })));
    scene.run(&["run"]).exited_with(0).says("took longer than 1 s and was ended");
    assert_eq!(log(&scene, "epic-end-alpha.log"), "here\n");
    scene.has_no_process_left();
}

#[test]
fn one_that_fails_is_told_and_changes_neither_the_exit_code_nor_the_last_line() {
    let scene = Scene::of(&[epic("A", &["a"], &[])]);
    scene.reconfigure(&hooks(&json!({ "epicEnd": "exit 4", "runEnd": "echo gone wrong >&2; exit 3" })));
    let outcome = scene.run(&["run", "--ui", "json"]).exited_with(0).says("exited with 4");
    assert!(outcome.stderr.contains("note: hooks.runEnd: ") && outcome.stderr.contains("exited with 3"), "{outcome:?}");
    let last: Value = serde_json::from_str(outcome.stdout.lines().last().unwrap()).unwrap();
    assert_eq!(last["type"], "run-ended");
    assert_eq!(log(&scene, "run-end.log"), "gone wrong\n");
}

#[test]
fn while_a_run_goes_on_a_failure_is_told_like_any_trouble() {
    let scene = two_epics();
    scene.reconfigure(&hooks(&json!({ "epicEnd": "exit 4" })));
    let mut running = scene.start(&["run"]);
    running.until("the trouble", |running| running.stdout().contains("trouble, the run goes on: hooks.epicEnd"));
    fs::write(scene.mark("go on"), "").unwrap();
    running.outcome().exited_with(0);
}

#[test]
fn an_interrupted_run_says_so_and_tells_no_epic_twice() {
    let scene = two_epics();
    let (epic_end, run_end) = (tells(&scene, "$RALPH_EPIC_ID"), tells(&scene, "run $RALPH_OUTCOME ${RALPH_VERDICT-}"));
    scene.reconfigure(&hooks(&json!({ "epicEnd": epic_end, "runEnd": run_end })));
    let mut running = scene.start(&["run"]);
    running.until_exists(&scene.mark("begun"));
    running.signal(Signal::INT);
    running.outcome().exited_with(130);
    assert_eq!(told(&scene), ["A", "run interrupted "]);
    fs::write(scene.mark("go on"), "").unwrap();
    scene.run(&["resume"]).exited_with(0);
    let verdict = scene.run_dir().join("verdict.json");
    assert_eq!(
        told(&scene),
        ["A".to_owned(), "B".into(), "run interrupted ".into(), format!("run pass {}", verdict.display())]
    );
}

#[test]
fn an_end_that_a_killed_run_did_not_get_to_tell_is_told_by_the_next_life() {
    let scene = two_epics();
    let tell = tells(&scene, "$RALPH_EPIC_ID");
    let wait = format!("while [ ! -e '{}' ]; do sleep 0.05; done", scene.mark("go on").display());
    scene.reconfigure(&hooks(&json!({ "epicEnd": format!("{tell}; {wait}") })));
    let mut running = scene.start(&["run"]);
    running.until_exists(&scene.mark("begun"));
    running.until("A's command", |_| !told(&scene).is_empty());
    running.signal(Signal::KILL);
    assert_eq!(running.outcome().code, None);
    eventually("the end of what it started", AT_ONCE, || crate::processes::of_runs(&scene.run_ids()).is_empty());
    fs::write(scene.mark("go on"), "").unwrap();
    scene.run(&["resume"]).exited_with(0);
    assert_eq!(told(&scene), ["A", "A", "B"]);
}

#[test]
fn ctrl_c_does_not_wait_for_the_command_at_the_end() {
    let scene = Scene::of(&[epic("A", &["a"], &[])]);
    let run_end = format!("touch '{}'; sleep 1000", scene.mark("at the end").display());
    scene.reconfigure(&hooks(&json!({ "runEnd": run_end })));
    let mut running = scene.start(&["run"]);
    running.until_exists(&scene.mark("at the end"));
    let began = Instant::now();
    running.signal(Signal::INT);
    running.outcome().exited_with(0);
    assert!(began.elapsed() < AT_ONCE, "it took {:?}", began.elapsed());
    eventually("its end", AT_ONCE, || crate::processes::of_runs(&scene.run_ids()).is_empty());
}

#[test]
fn a_second_ctrl_c_ends_the_command_of_an_epic_and_the_one_at_the_end_is_not_begun() {
    let scene = two_epics();
    let ignored = json!(["INT", "TERM", "HUP"]);
    scene.script(&json!({ "B/team-lead/1": [
        { "ignore": ignored }, { "touch": scene.mark("begun") }, { "wait_for": scene.mark("go on") }
    ] }));
    let epic_end = format!("{}; sleep 1000", tells(&scene, "$RALPH_EPIC_ID"));
    scene.reconfigure(&hooks(&json!({ "epicEnd": epic_end, "runEnd": tells(&scene, "run"), "timeout": 900 })));
    let mut running = scene.start(&["run"]);
    running.until_exists(&scene.mark("begun"));
    running.until("A's command", |_| !told(&scene).is_empty());
    running.signal(Signal::INT);
    running.until("the stop", |running| running.stdout().contains("stopping"));
    let began = Instant::now();
    running.signal(Signal::INT);
    running.outcome().exited_with(130);
    assert!(began.elapsed() < AT_ONCE, "it took {:?}", began.elapsed());
    eventually("the end of all", AT_ONCE, || crate::processes::of_runs(&scene.run_ids()).is_empty());
    assert_eq!(told(&scene), ["A"]);
}

#[test]
fn a_second_ctrl_c_does_not_wait_for_commands_that_are_still_at_work_when_the_run_has_stopped() {
    let scene = two_epics();
    let epic_end = format!("{}; sleep 1000", tells(&scene, "$RALPH_EPIC_ID"));
    let run_end = format!("{}; sleep 1000", tells(&scene, "run $RALPH_OUTCOME"));
    scene.reconfigure(&hooks(&json!({ "epicEnd": epic_end, "runEnd": run_end, "timeout": 900 })));
    let mut running = scene.start(&["run"]);
    running.until_exists(&scene.mark("begun"));
    running.until("A's command", |_| !told(&scene).is_empty());
    running.signal(Signal::INT);
    running.until("the command at the end", |_| told(&scene).len() == 2);
    let began = Instant::now();
    running.signal(Signal::INT);
    running.outcome().exited_with(130);
    assert!(began.elapsed() < AT_ONCE, "it took {:?}", began.elapsed());
    eventually("the end of all", AT_ONCE, || crate::processes::of_runs(&scene.run_ids()).is_empty());
    assert_eq!(told(&scene), ["A", "run interrupted"]);
}

#[test]
fn a_command_that_is_there_from_a_resume_on_is_told_of_earlier_ends_too() {
    let scene = two_epics();
    let mut running = scene.start(&["run"]);
    running.until_exists(&scene.mark("begun"));
    running.signal(Signal::INT);
    running.outcome().exited_with(130);
    scene.reconfigure(&hooks(&json!({ "epicEnd": tells(&scene, "$RALPH_EPIC_ID") })));
    fs::write(scene.mark("go on"), "").unwrap();
    scene.run(&["resume"]).exited_with(0);
    assert_eq!(told(&scene), ["A", "B"]);
}

#[test]
fn a_run_that_begins_ends_the_command_that_another_one_waits_for_at_its_end() {
    let scene = Scene::of(&[epic("A", &["a"], &[])]);
    let mark = scene.mark("at the end");
    let first = format!("if [ ! -e '{0}' ]; then touch '{0}'; sleep 1000; fi", mark.display());
    scene.reconfigure(&hooks(&json!({ "runEnd": first, "timeout": 900 })));
    let mut running = scene.start(&["run"]);
    running.until_exists(&mark);
    scene.run(&["run"]).exited_with(0).says("was still alive and was ended");
    running.outcome().exited_with(0).says("hooks.runEnd");
}
