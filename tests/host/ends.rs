//! How a program ends, or never begins.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::time::Duration;

use ralph_teams::effects::host::spec::{EndedBy, HostSpec};
use ralph_teams::effects::hosted::adopt;
use serde_json::{Value, json};

use crate::scene::{Scene, within};

#[tokio::test]
async fn a_program_that_ends_well_is_told_with_code_0_and_its_output_is_in_the_log() {
    let scene = Scene::new();
    let exit = scene.run(json!([{ "print": "out" }, { "print_error": "err" }])).await;
    assert_eq!((exit.code, exit.signal, exit.ended_by), (Some(0), None, EndedBy::Itself));
    assert_eq!((exit.n_left_over, exit.n_survivors, &exit.failed_to_start), (0, 0, &None));
    assert_ne!(exit.pid, 0);
    assert_eq!(std::fs::read_to_string(scene.path("job.log")).unwrap(), "out\nerr\n");
    assert_eq!(adopt(&scene.path("job.exit.json")), Some(exit));
}

#[tokio::test]
async fn an_exit_code_and_a_deadly_signal_are_told_apart() {
    let scene = Scene::new();
    let exit = scene.run(json!([{ "exit": 7 }])).await;
    assert_eq!((exit.code, exit.signal), (Some(7), None));
    let exit = scene.run(json!([{ "die": 9 }])).await;
    assert_eq!((exit.code, exit.signal, exit.ended_by), (None, Some(9), EndedBy::Itself));
}

#[tokio::test]
async fn the_prompt_is_read_to_its_end_and_the_environment_is_exactly_the_given_one() {
    let scene = Scene::new();
    let steps = json!([{ "save_prompt": "prompt.seen" }, { "save_env": "env.seen" }]);
    let mut spec = scene.spec("job", steps);
    spec.stdin = Some(scene.path("prompt.md"));
    std::fs::write(scene.path("prompt.md"), "Do this.\n").unwrap();
    assert_eq!(within(scene.start(&spec).wait()).await.code, Some(0));
    assert_eq!(std::fs::read_to_string(scene.path("prompt.seen")).unwrap(), "Do this.\n");
    let seen: Value = serde_json::from_slice(&std::fs::read(scene.path("env.seen")).unwrap()).unwrap();
    let names: BTreeSet<&str> = seen.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, BTreeSet::from(["FAKE_AGENT_SCRIPT", "PATH", "RALPH_JOB", "RALPH_RUN_ID"]));
}

#[tokio::test]
async fn a_program_that_cannot_be_started_is_told_with_the_reason() {
    let scene = Scene::new();
    let start = async |change: &dyn Fn(&mut HostSpec)| {
        let mut spec = scene.spec("job", json!([]));
        change(&mut spec);
        let exit = within(scene.start(&spec).wait()).await;
        assert_eq!((exit.code, exit.pid), (None, 0));
        assert_eq!(adopt(&spec.exit_file), None);
        exit.failed_to_start.unwrap()
    };
    let reason = start(&|spec| spec.argv = vec!["no-such-agent".into()]).await;
    assert!(reason.contains("`no-such-agent` was not found"), "{reason}");
    let plain_file = scene.path("plain");
    std::fs::write(&plain_file, "text").unwrap();
    let reason = start(&|spec| spec.argv = vec![plain_file.display().to_string()]).await;
    assert!(reason.contains("may not be executed"), "{reason}");
    let script = scene.path("script");
    std::fs::write(&script, "#!/no/such/interpreter\n").unwrap();
    std::fs::set_permissions(&script, std::fs::Permissions::from_mode(0o755)).unwrap();
    let reason = start(&|spec| spec.argv = vec![script.display().to_string()]).await;
    assert!(reason.contains("interpreter was not found"), "{reason}");
    let reason = start(&|spec| spec.cwd = scene.path("nowhere")).await;
    assert!(reason.contains("nowhere does not exist"), "{reason}");
    let reason = start(&|spec| spec.stdin = Some(scene.path("no-prompt"))).await;
    assert!(reason.contains("no-prompt"), "{reason}");
}

#[tokio::test]
async fn a_program_that_is_still_being_written_is_started_once_it_is_not() {
    let scene = Scene::new();
    let path = scene.path("fresh-program");
    let mut writer = std::fs::File::create(&path).unwrap();
    writer.write_all(b"#!/bin/sh\nexit 5\n").unwrap();
    writer.set_permissions(std::fs::Permissions::from_mode(0o755)).unwrap();
    let mut spec = scene.spec("job", json!([]));
    spec.argv = vec![path.display().to_string()];
    let mut hosted = scene.start(&spec);
    // The host must meet the busy file before the writer lets go of it.
    tokio::time::sleep(Duration::from_millis(200)).await;
    drop(writer);
    assert_eq!(within(hosted.wait()).await.code, Some(5));
}
