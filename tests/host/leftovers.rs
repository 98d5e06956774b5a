//! Nothing outlives a program, its host or its runner.

use std::collections::BTreeSet;
use std::process::Command;

use ralph_teams::effects::host::spec::{EndedBy, HostExit};
use ralph_teams::effects::host::sweep::{Mark, sweep};
use ralph_teams::scheduler::event::Stop;
use serde_json::json;

use crate::scene::{FOR_EVER, HOST, Scene, kill, until, within};

#[tokio::test]
async fn nothing_outlives_a_program_that_leaves_daemons_groups_and_held_streams() {
    let scene = Scene::new();
    let steps = json!([{ "spawn": FOR_EVER }, { "own_group": FOR_EVER }, { "hold_stdout": FOR_EVER },
                       { "daemon": FOR_EVER }, { "print": "done" }]);
    let exit = scene.run(steps).await;
    assert_eq!((exit.code, exit.ended_by), (Some(0), EndedBy::Itself));
    assert_eq!((exit.n_left_over, exit.n_survivors), (4, 0));
    assert_eq!(scene.processes(), BTreeSet::new());
}

#[tokio::test]
async fn a_process_that_flees_by_forking_is_caught() {
    let scene = Scene::new();
    let exit = scene.run(json!([{ "rabbit": 20_000 }])).await;
    assert_eq!((exit.code, exit.n_survivors), (Some(0), 0));
    assert_eq!(scene.processes(), BTreeSet::new());
}

#[tokio::test]
async fn a_program_that_forks_for_ever_is_killed() {
    let scene = Scene::new();
    let mut spec = scene.spec("job", json!([]));
    let line = "trap '' INT TERM; touch ready; while :; do sleep 0.3 & done";
    spec.argv = ["sh", "-c", line].map(str::to_owned).to_vec();
    let mut hosted = scene.start(&spec);
    scene.exists("ready").await;
    hosted.stop(Stop::Now);
    assert_eq!(within(hosted.wait()).await.n_survivors, 0);
    assert_eq!(scene.processes(), BTreeSet::new());
}

#[tokio::test]
async fn a_dropped_program_is_killed_with_its_tree() {
    let scene = Scene::new();
    let steps = json!([{ "daemon": FOR_EVER }, { "touch": "ready" }, { "sleep_ms": FOR_EVER }]);
    let hosted = scene.start(&scene.spec("job", steps));
    scene.exists("ready").await;
    drop(hosted);
    scene.all_gone().await;
    until("the host's word", || scene.path("job.exit.json").exists()).await;
    assert_eq!(HostExit::read(&scene.path("job.exit.json")).unwrap().ended_by, EndedBy::RunnerGone);
}

#[tokio::test]
async fn the_tree_of_a_runner_that_was_killed_is_gone() {
    let scene = Scene::new();
    let steps = json!([{ "daemon": FOR_EVER }, { "touch": "ready" }, { "sleep_ms": FOR_EVER }]);
    let spec = scene.spec("job", steps);
    spec.write(&scene.path("spec.json")).unwrap();
    let (ear, control) = std::io::pipe().unwrap();
    // It holds the only other end of the control pipe, as a runner does.
    let mut runner = Command::new("sleep").arg("600").stdout(control).spawn().unwrap();
    let mut host = Command::new(HOST);
    host.arg("host").arg(scene.path("spec.json")).env_clear().envs(&spec.env).stdin(ear);
    let mut host_process = host.spawn().unwrap();
    drop(host);
    scene.exists("ready").await;
    kill(runner.id());
    runner.wait().unwrap();
    until("the host's end", || host_process.try_wait().unwrap().is_some()).await;
    assert_eq!(HostExit::read(&spec.exit_file).unwrap().ended_by, EndedBy::RunnerGone);
    assert_eq!(scene.processes(), BTreeSet::new());
}

#[tokio::test]
async fn what_a_killed_host_leaves_is_swept() {
    let scene = Scene::new();
    let steps =
        json!([{ "daemon": FOR_EVER }, { "own_group": FOR_EVER }, { "touch": "ready" }, { "sleep_ms": FOR_EVER }]);
    let mut hosted = scene.start(&scene.spec("job", steps));
    let bystander = scene.start(&scene.spec("other", json!([{ "touch": "other.ready" }, { "sleep_ms": FOR_EVER }])));
    scene.exists("ready").await;
    scene.exists("other.ready").await;
    kill(hosted.host_pid().unwrap());
    let exit = within(hosted.wait()).await;
    assert_eq!((exit.ended_by, exit.signal, exit.n_left_over), (EndedBy::HostLost, Some(9), 3));
    assert_eq!(scene.processes().len(), 2, "the other job's host and program live on");
    drop(bystander);
    scene.all_gone().await;
}

#[tokio::test]
async fn a_sweep_finds_the_run_and_spares_other_ones() {
    let (scene, other) = (Scene::new(), Scene::new());
    let steps = json!([{ "daemon": FOR_EVER }, { "touch": "ready" }, { "sleep_ms": FOR_EVER }]);
    let mut hosted = scene.start(&scene.spec("job", steps.clone()));
    let _bystander = other.start(&other.spec("job", steps));
    scene.exists("ready").await;
    other.exists("ready").await;
    let run = scene.run.clone();
    let swept = tokio::task::spawn_blocking(move || sweep(&Mark { runs: &[&run], job: None })).await.unwrap();
    assert_eq!(swept.n_survivors, 0);
    assert!(swept.killed.len() >= 3, "{swept:?}");
    assert!(swept.killed.iter().all(|process| process.job.as_deref() == Some("job")));
    assert!(swept.killed.iter().any(|process| process.command.contains("fake-agent")));
    scene.all_gone().await;
    assert_eq!(other.processes().len(), 3);
    assert_eq!(within(hosted.wait()).await.ended_by, EndedBy::HostLost);
}

#[tokio::test]
async fn two_hosts_do_not_hold_the_pipes_of_each_other() {
    let (first, second) = (Scene::new(), Scene::new());
    let steps = json!([{ "touch": "ready" }, { "sleep_ms": FOR_EVER }]);
    let older = first.start(&first.spec("job", steps.clone()));
    let younger = second.start(&second.spec("job", steps));
    first.exists("ready").await;
    second.exists("ready").await;
    drop(older);
    first.all_gone().await;
    assert_eq!(second.processes().len(), 2, "the younger host and its program live on");
    drop(younger);
    second.all_gone().await;
}
