//! `stop`: the live run ends as after Ctrl-C, nobody else is ever signalled.

use std::process::{Command, Stdio};

use serde_json::json;

use crate::scene::{Running, Scene};

#[test]
fn a_run_is_stopped_from_another_terminal_and_can_be_resumed() {
    let scene = Scene::new(&["A"]);
    let mut running = scene.start_and_hang_in_a();
    let ended = scene.ralph(&["stop"]);
    let run = scene.newest();
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(
        ended.stdout.contains(&format!("it is stopped; go on with it: ralph-teams resume {run}")),
        "{}",
        ended.stdout
    );
    assert_eq!(running.code(), 130);
    scene.says(json!({}));
    assert_eq!(scene.ralph(&["resume", &run]).code, 0);
    assert_eq!(scene.status("A"), "completed");
}

#[test]
fn stop_now_does_not_wait_for_a_session_that_does_not_listen() {
    let scene = Scene::new(&["A"]);
    let begun = scene.beside("begun");
    scene.says(
        json!({ "A/team-lead/1": [ { "ignore": ["INT", "TERM"] }, { "touch": begun }, { "sleep_ms": 600_000 } ] }),
    );
    let mut running = scene.start(&["run", "--ui", "plain"]);
    crate::scene::wait_for(begun.as_ref());
    let began = std::time::Instant::now();
    let ended = scene.ralph(&["stop", "--now"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(running.code(), 130);
    assert!(
        began.elapsed() < std::time::Duration::from_secs(7),
        "the ladder of a graceful stop takes longer than this"
    );
}

#[test]
fn nothing_at_work_is_no_failure() {
    let scene = Scene::new(&["A"]);
    let ended = scene.ralph(&["stop"]);
    assert_eq!((ended.code, ended.stdout.as_str()), (0, "no run is at work in this repository\n"));
    scene.pass(&["run", "--ui", "plain"]);
    assert_eq!(scene.ralph(&["stop"]).stdout, "no run is at work in this repository\n");
}

#[test]
fn a_stranger_that_got_the_process_id_of_a_killed_runner_is_left_alone() {
    let scene = Scene::new(&["A"]);
    let mut running = scene.start_and_hang_in_a();
    let lock = scene.repo.dot_git("ralph-teams.lock");
    let mut holder: serde_json::Value = serde_json::from_slice(&std::fs::read(&lock).unwrap()).unwrap();
    running.0.kill().unwrap();
    running.0.wait().unwrap();
    let mut stranger = Running(Command::new("sleep").arg("600").stdin(Stdio::null()).spawn().unwrap());
    holder["pid"] = stranger.0.id().into();
    std::fs::write(&lock, holder.to_string()).unwrap();
    let ended = scene.ralph(&["stop", "--now"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stdout.contains("no run is at work"), "{}", ended.stdout);
    assert!(stranger.0.try_wait().unwrap().is_none(), "the stranger was signalled");
}
