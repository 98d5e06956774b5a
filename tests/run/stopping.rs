//! Ctrl-C, SIGTERM and SIGKILL in the middle of a run, each followed by a resume that ends in a pass.

use std::time::{Duration, Instant};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::processes;
use crate::scene::{Running, Scene, epic, eventually};

/// What is promised is 11 seconds, and one second after a second Ctrl-C; a machine that is busy with other tests gets more,
/// and a stop that waits for what does not end does not pass.
const BOUND: Duration = Duration::from_secs(15);
const AT_ONCE: Duration = Duration::from_secs(5);

/// One epic that is merged at once and one whose first session never ends by itself; after it was begun once, honest.
/// `stubborn`: it also ignores the signals that ask it to end.
fn scene(stubborn: bool) -> Scene {
    let scene = Scene::of(&[epic("A", &["a"], &[]), epic("B", &["b"], &["A"])]);
    let ignored = if stubborn { json!(["INT", "TERM", "HUP"]) } else { json!([]) };
    scene.script(&json!({ "B/team-lead/1": [
        "work",
        { "ignore": ignored },
        { "daemon": 100_000 },
        { "touch": scene.mark("begun") },
        { "wait_for": scene.mark("go on") },
        "honest"
    ] }));
    scene
}

/// Starts a run and waits until B's session is in the middle of its work.
fn in_the_middle(scene: &Scene) -> Running {
    let mut running = scene.start(&["run"]);
    running.until_exists(&scene.mark("begun"));
    running
}

/// The run can be resumed, and ends as if nothing had happened: the session that was cut is not charged.
#[track_caller]
fn resumes_to_a_pass(scene: &Scene) {
    assert_eq!(scene.status("B"), "pending");
    std::fs::write(scene.mark("go on"), "").unwrap();
    scene.run(&["resume"]).exited_with(0);
    assert_eq!(scene.run_ids().len(), 1, "the same run goes on");
    let verdict = scene.verdict();
    assert_eq!(verdict["verdict"], "pass");
    for epic in verdict["epics"].as_array().unwrap() {
        assert_eq!((&epic["status"], &epic["attempts"]), (&json!("merged"), &json!(1)), "{epic:#}");
    }
    assert_eq!(scene.merged_since("main"), ["A", "B"]);
    assert_eq!(scene.status("B"), "completed");
    scene.has_no_process_left();
    scene.repo.git(&["fsck", "--strict", "--no-dangling"]);
}

#[track_caller]
fn ends_within(running: Running, limit: Duration, code: Option<i32>) {
    let began = Instant::now();
    let outcome = running.outcome();
    assert!(began.elapsed() < limit, "it took {:?}", began.elapsed());
    assert_eq!(outcome.code, code, "{}\n{}", outcome.stdout, outcome.stderr);
}

#[test]
fn an_interrupted_run_stops_in_good_order_and_is_resumed() {
    let scene = scene(false);
    let running = in_the_middle(&scene);
    running.signal(Signal::INT);
    ends_within(running, Duration::from_secs(11), Some(130));
    scene.has_no_process_left();
    resumes_to_a_pass(&scene);
}

#[test]
fn sigterm_stops_a_run_as_ctrl_c_does() {
    let scene = scene(false);
    let running = in_the_middle(&scene);
    running.signal(Signal::TERM);
    ends_within(running, Duration::from_secs(11), Some(130));
    scene.has_no_process_left();
    resumes_to_a_pass(&scene);
}

#[test]
fn a_stubborn_session_does_not_delay_the_stop_for_more_than_its_bound() {
    let scene = scene(true);
    let running = in_the_middle(&scene);
    running.signal(Signal::INT);
    ends_within(running, BOUND, Some(130));
    scene.has_no_process_left();
    resumes_to_a_pass(&scene);
}

#[test]
fn a_second_interrupt_kills_at_once() {
    let scene = scene(true);
    let mut running = in_the_middle(&scene);
    running.signal(Signal::INT);
    running.until("the stop", |running| running.stdout().contains("stopping"));
    running.signal(Signal::INT);
    ends_within(running, AT_ONCE, Some(130));
    eventually("the end of all processes", Duration::from_secs(5), || processes::of_runs(&scene.run_ids()).is_empty());
    resumes_to_a_pass(&scene);
}

#[test]
fn a_killed_runner_leaves_no_process_and_no_lock() {
    let scene = scene(true);
    let running = in_the_middle(&scene);
    running.signal(Signal::KILL);
    ends_within(running, AT_ONCE, None);
    eventually("the end of all processes", Duration::from_secs(10), || processes::of_runs(&scene.run_ids()).is_empty());
    resumes_to_a_pass(&scene);
}

#[test]
fn a_hangup_does_not_end_a_run() {
    let scene = scene(false);
    let running = in_the_middle(&scene);
    running.signal(Signal::HUP);
    std::fs::write(scene.mark("go on"), "").unwrap();
    running.outcome().exited_with(0);
    assert_eq!(scene.verdict()["verdict"], "pass");
}

#[test]
fn gates_are_stopped_too() {
    let scene = Scene::scripted(&[epic("E", &["s"], &[])], &json!({}), "");
    let marks = (scene.mark("begun"), scene.mark("go on"));
    let command =
        format!("! test -f s.txt || {{ touch {:?}; while ! test -e {:?}; do sleep 0.1; done; }}", marks.0, marks.1);
    scene.reconfigure(&format!("gates:\n  - {{ name: slow, run: {} }}", json!(command)));
    let mut running = scene.start(&["run"]);
    running.until_exists(&marks.0);
    running.signal(Signal::INT);
    ends_within(running, Duration::from_secs(11), Some(130));
    scene.has_no_process_left();
    std::fs::write(&marks.1, "").unwrap();
    scene.run(&["resume"]).exited_with(0);
    assert_eq!(scene.judged("E")["attempts"], 1);
}

#[test]
fn a_run_that_is_killed_over_and_over_ends_as_it_would_have() {
    let epics: Vec<Value> = [("A", &[][..]), ("B", &["A"]), ("C", &["A"]), ("D", &["B", "C"])]
        .iter()
        .map(|(id, depends_on)| epic(id, &[&id.to_lowercase()], depends_on))
        .collect();
    let scene = Scene::scripted(&epics, &json!({}), "gates:\n  - { name: readme, run: test -s README.md }");
    let lines = |running: &Running| running.stdout().lines().count();
    let mut command: &[&str] = &["run", "--parallel", "2"];
    let (kill, interrupt, terminate) = (Signal::KILL, Signal::INT, Signal::TERM);
    for (wanted, signal) in [(1, kill), (3, kill), (5, interrupt), (7, kill), (4, terminate), (6, kill), (2, interrupt)]
    {
        let mut running = scene.start(command);
        eventually("some lines", Duration::from_secs(60), || running.is_over() || lines(&running) >= wanted);
        // It may have ended already.
        let _ = rustix::process::kill_process(rustix::process::Pid::from_raw(running.pid()).unwrap(), signal);
        running.outcome();
        command = &["resume"];
    }
    scene.run(command).exited_with(0);
    assert_eq!(scene.verdict()["verdict"], "pass");
    let mut merged = scene.merged_since("main");
    merged.sort();
    assert_eq!(merged, ["A", "B", "C", "D"]);
    let all = |epic: &Value| epic["attempts"] == 1;
    assert!(scene.verdict()["epics"].as_array().unwrap().iter().all(all), "{:#}", scene.verdict());
    eventually("the end of all processes", Duration::from_secs(5), || processes::of_runs(&scene.run_ids()).is_empty());
    scene.repo.git(&["fsck", "--strict", "--no-dangling"]);
}

#[test]
fn a_run_that_is_over_is_not_resumed_twice() {
    let scene = Scene::of(&[epic("E", &["s"], &[])]);
    scene.run(&["run"]).exited_with(0);
    let tip = scene.repo.id(&scene.loop_branch());
    scene.run(&["resume"]).exited_with(0).says("is over");
    assert_eq!(scene.repo.id(&scene.loop_branch()), tip);
}

#[test]
fn a_second_runner_is_refused_and_told_who_is_at_work() {
    let scene = scene(false);
    let running = in_the_middle(&scene);
    for command in ["run", "resume"] {
        let began = Instant::now();
        scene.run(&[command]).exited_with(3).says(&running.pid().to_string());
        assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    }
    std::fs::write(scene.mark("go on"), "").unwrap();
    running.outcome().exited_with(0);
    assert_eq!(scene.run_ids().len(), 1);
}
