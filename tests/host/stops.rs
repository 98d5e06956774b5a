//! Stops, kills, pauses and limits of time.

use std::io::Write as _;
use std::process::{Command, Stdio};

use ralph_teams::effects::host::spec::{EndedBy, HostExit};
use ralph_teams::effects::hosted::adopt;
use ralph_teams::scheduler::event::Stop;
use serde_json::json;

use crate::scene::{FOR_EVER, HANG, HOST, Scene, until, within};

#[tokio::test]
async fn a_stop_interrupts_a_program_that_listens() {
    let scene = Scene::new();
    let mut spec = scene.spec("job", json!([{ "touch": "ready" }, { "sleep_ms": FOR_EVER }]));
    spec.int_ms = 10 * u64::try_from(HANG.as_millis()).unwrap();
    let mut hosted = scene.start(&spec);
    scene.exists("ready").await;
    hosted.stop(Stop::Graceful);
    let exit = within(hosted.wait()).await;
    assert_eq!((exit.signal, exit.ended_by), (Some(2), EndedBy::Stopped));
    assert_eq!(adopt(&spec.exit_file), None);
}

#[tokio::test]
async fn a_stop_kills_a_program_that_ignores_every_signal() {
    let scene = Scene::new();
    let steps = json!([{ "ignore": ["TERM", "INT", "HUP"] }, { "touch": "ready" }, { "sleep_ms": FOR_EVER },
                       { "sleep_ms": FOR_EVER }, { "sleep_ms": FOR_EVER }]);
    let mut hosted = scene.start(&scene.spec("job", steps));
    scene.exists("ready").await;
    hosted.stop(Stop::Graceful);
    let exit = within(hosted.wait()).await;
    assert_eq!((exit.signal, exit.ended_by), (Some(9), EndedBy::Stopped));
    assert!(exit.took_ms >= 200, "the ladder was cut short: {} ms", exit.took_ms);
    scene.all_gone().await;
}

#[tokio::test]
async fn a_kill_does_not_climb_the_ladder() {
    let scene = Scene::new();
    let steps = json!([{ "ignore": ["TERM", "INT"] }, { "touch": "ready" }, { "sleep_ms": FOR_EVER }]);
    let mut spec = scene.spec("job", steps);
    (spec.int_ms, spec.term_ms) = (FOR_EVER, FOR_EVER);
    let mut hosted = scene.start(&spec);
    scene.exists("ready").await;
    hosted.stop(Stop::Graceful);
    hosted.stop(Stop::Now);
    let exit = within(hosted.wait()).await;
    assert_eq!((exit.signal, exit.ended_by), (Some(9), EndedBy::Killed));
}

/// The state letter of a process, as `/proc` tells it.
fn state(pid: u32) -> char {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit_once(") ").and_then(|(_, fields)| fields.chars().next()).unwrap_or('?')
}

#[tokio::test]
async fn a_pause_stops_the_whole_tree_until_it_goes_on() {
    let scene = Scene::new();
    let steps = json!([{ "daemon": FOR_EVER }, { "touch": "ready" }, { "wait_for": "enough" }]);
    let mut hosted = scene.start(&scene.spec("job", steps));
    scene.exists("ready").await;
    let host = hosted.host_pid().unwrap();
    let n_stopped = || scene.processes().into_iter().filter(|pid| *pid != host && state(*pid) == 'T').count();
    hosted.pause();
    until("program and daemon to stand still", || n_stopped() == 2).await;
    std::fs::write(scene.path("enough"), "").unwrap();
    hosted.go_on();
    let exit = within(hosted.wait()).await;
    assert_eq!((exit.code, exit.ended_by), (Some(0), EndedBy::Itself));
}

#[tokio::test]
async fn a_limit_of_time_kills_the_tree() {
    let scene = Scene::new();
    let mut spec = scene.spec("job", json!([{ "daemon": FOR_EVER }, { "sleep_ms": FOR_EVER }]));
    spec.timeout_ms = Some(300);
    let exit = within(scene.start(&spec).wait()).await;
    assert_eq!((exit.signal, exit.ended_by), (Some(9), EndedBy::TimedOut));
    scene.all_gone().await;
}

#[tokio::test]
async fn a_stop_that_comes_before_the_program_ends_it_too() {
    for how in [Stop::Graceful, Stop::Now] {
        let scene = Scene::new();
        let mut hosted = scene.start(&scene.spec("job", json!([{ "sleep_ms": FOR_EVER }])));
        hosted.stop(how);
        let exit = within(hosted.wait()).await;
        assert!(matches!(exit.ended_by, EndedBy::Stopped | EndedBy::Killed), "{exit:?}");
        scene.all_gone().await;
    }
}

#[tokio::test]
async fn a_host_is_deaf_to_signals_and_its_program_hears_the_ones_that_the_runner_ignores() {
    let scene = Scene::new();
    let mut spec = scene.spec("job", json!([{ "touch": "ready" }, { "sleep_ms": FOR_EVER }]));
    spec.int_ms = FOR_EVER;
    spec.write(&scene.path("spec.json")).unwrap();
    // As from a background job of a plain shell.
    let ignoring = "trap '' INT HUP; exec \"$0\" host \"$1\"";
    let mut host = Command::new("/bin/sh")
        .args(["-c", ignoring, HOST])
        .arg(scene.path("spec.json"))
        .env_clear()
        .envs(&spec.env)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    scene.exists("ready").await;
    let pid = rustix::process::Pid::from_raw(i32::try_from(host.id()).unwrap()).unwrap();
    for signal in [rustix::process::Signal::INT, rustix::process::Signal::TERM, rustix::process::Signal::HUP] {
        rustix::process::kill_process(pid, signal).unwrap();
    }
    host.stdin.as_mut().unwrap().write_all(b"s").unwrap();
    until("the host's end", || host.try_wait().unwrap().is_some()).await;
    let exit = HostExit::read(&spec.exit_file).unwrap();
    assert_eq!((exit.signal, exit.ended_by), (Some(2), EndedBy::Stopped));
}
