//! Refusals before a run: each says what to do, and each changes nothing at all.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::common::repo::Repo;
use crate::fingerprint::files;
use crate::scene::{Outcome, Scene, epic};

fn scene() -> Scene {
    Scene::of(&[epic("E", &["s"], &[]), epic("F", &["t"], &["E"])])
}

type Everything = [BTreeMap<PathBuf, (u32, Vec<u8>)>; 2];

/// The repository with all of `.git`, and the home folder with the place of the worktrees.
fn everything(scene: &Scene) -> Everything {
    [files(&scene.repo.path()), files(&scene.repo.beside("home"))]
}

/// Fails unless the program is refused with this code and leaves everything as it was.
#[track_caller]
fn refused(scene: &Scene, args: &[&str], code: i32) -> Outcome {
    let before = everything(scene);
    let outcome = scene.run(args).exited_with(code);
    let after = everything(scene);
    for (before, after) in before.iter().zip(&after) {
        let changed: Vec<_> =
            after.iter().filter(|(path, data)| before.get(*path) != Some(*data)).map(|(path, _)| path).collect();
        assert!(changed.is_empty(), "changed or new: {changed:?}");
        assert_eq!(before.len(), after.len(), "something is gone");
    }
    outcome
}

#[test]
fn a_dirty_checkout_is_refused_with_its_files() {
    let scene = scene();
    scene.repo.write("README.md", "changed\n");
    scene.repo.write("new file.txt", "new\n");
    scene.repo.write("staged.txt", "staged\n");
    scene.repo.git(&["add", "staged.txt"]);
    let outcome = refused(&scene, &["run"], 3);
    outcome.says("README.md").says("new file.txt").says("staged.txt").says("--dirty snapshot").says("--dirty ignore");
}

#[test]
fn a_changed_prd_does_not_make_the_checkout_dirty() {
    let scene = scene();
    let text = std::fs::read_to_string(scene.repo.path().join("prd.json")).unwrap();
    scene.repo.write("prd.json", &format!("{text}\n\n"));
    scene.run(&["run"]).exited_with(0);
}

#[test]
fn dirty_snapshot_starts_from_a_copy_of_the_changes() {
    let scene = scene();
    scene.repo.write("README.md", "changed\n");
    scene.repo.write("new.txt", "new\n");
    let before = crate::fingerprint::Fingerprint::of(&scene.repo);
    scene.run(&["run", "--dirty", "snapshot"]).exited_with(0);
    assert_eq!(before, crate::fingerprint::Fingerprint::of(&scene.repo));
    let show = |file: &str| scene.repo.git(&["show", &format!("{}:{file}", scene.loop_branch())]);
    assert_eq!(
        (show("README.md"), show("new.txt"), show("s.txt")),
        ("changed".into(), "new".into(), "s is done".into())
    );
}

#[test]
fn dirty_ignore_starts_without_the_changes() {
    let scene = scene();
    scene.repo.write("README.md", "changed\n");
    let before = crate::fingerprint::Fingerprint::of(&scene.repo);
    scene.run(&["run", "--dirty", "ignore"]).exited_with(0);
    assert_eq!(before, crate::fingerprint::Fingerprint::of(&scene.repo));
    assert_eq!(scene.repo.git(&["show", &format!("{}:README.md", scene.loop_branch())]), "scratch");
}

#[test]
fn an_untracked_prd_is_enough() {
    let scene = scene();
    scene.repo.git(&["rm", "--quiet", "--cached", "prd.json"]);
    scene.repo.git(&["commit", "--quiet", "-m", "The PRD is mine alone"]);
    scene.run(&["run"]).exited_with(0);
    assert_eq!(scene.status("F"), "completed");
}

#[test]
fn a_repository_without_commits_is_refused() {
    let scene = scene();
    scene.repo.git(&["update-ref", "-d", "HEAD"]);
    refused(&scene, &["run"], 3).says("no commit yet");
}

#[test]
fn a_folder_that_is_no_repository_is_refused() {
    let scene = scene();
    std::fs::rename(scene.repo.dot_git(""), scene.repo.beside("was git")).unwrap();
    refused(&scene, &["run"], 3);
}

#[test]
fn a_bare_repository_is_refused() {
    let scene = scene();
    let bare = scene.repo.beside("bare");
    scene.repo.git(&["clone", "--quiet", "--bare", ".", bare.to_str().unwrap()]);
    std::fs::copy(scene.repo.path().join("prd.json"), bare.join("prd.json")).unwrap();
    let before = files(&bare);
    refused(&scene, &["run", bare.join("prd.json").to_str().unwrap()], 3).says("bare");
    assert_eq!(before, files(&bare));
}

#[test]
fn a_missing_identity_is_refused() {
    let scene = scene();
    scene.repo.git(&["config", "--unset", "user.email"]);
    scene.repo.git(&["config", "--unset", "user.name"]);
    scene.repo.git(&["config", "user.useConfigOnly", "true"]);
    refused(&scene, &["run"], 3).says("user.");
}

#[test]
fn a_branch_that_is_in_the_way_is_refused() {
    let scene = scene();
    scene.repo.git(&["branch", "ralph"]);
    refused(&scene, &["run"], 3).says("git branch -m ralph");
}

#[test]
fn a_missing_agent_program_is_refused() {
    let scene = scene();
    scene.repo.write(
        "ralph.config.yml",
        "execution: { backend: command }\nbackends: { command: { argv: [/no/such/agent] } }\n",
    );
    scene.repo.commit("Configure");
    refused(&scene, &["run"], 3).says("/no/such/agent");
}

#[test]
fn a_faulty_prd_is_refused_with_all_its_faults() {
    let faulty = epic("F", &["s", "s"], &["NOBODY"]);
    let scene = Scene::of(&[epic("E", &["s"], &["F"]), faulty]);
    refused(&scene, &["run"], 2).says("NOBODY");
    scene.repo.write("prd.json", "{ \"project\": \"Scratch\", ");
    refused(&scene, &["run"], 2).says("prd.json");
    std::fs::remove_file(scene.repo.path().join("prd.json")).unwrap();
    refused(&scene, &["run"], 2).says("prd.json");
}

#[test]
fn a_faulty_configuration_is_refused_with_all_its_faults() {
    let scene = scene();
    scene.reconfigure("timeouts: { idleTimeuot: 3 }\npolicy: { maxAttempts: none }");
    refused(&scene, &["run"], 2).says("idleTimeout").says("maxAttempts");
    refused(&scene, &["run", "--config", "no-such.yml"], 2).says("no-such.yml");
}

#[test]
fn a_selection_that_cannot_be_is_refused() {
    let scene = scene();
    refused(&scene, &["run", "--only", "NOBODY"], 2).says("NOBODY").says("E, F");
    refused(&scene, &["run", "--only", "F"], 2).says("depends on E");
}

#[test]
fn wrong_usage_is_refused() {
    let scene = scene();
    for args in [
        &["run", "--parallel", "0"][..],
        &["run", "--parallel", "abc"],
        &["run", "--max-epics", "0"],
        &["run", "a", "b"],
        &["fly"],
    ] {
        refused(&scene, args, 2);
    }
    refused(&scene, &["resume"], 2).says("no run");
    refused(&scene, &["run", "--base", "loop"], 2).says("--base head");
}

#[test]
fn a_worktree_of_a_run_is_no_place_to_start_one() {
    let scene = Scene::scripted(
        &[epic("E", &["s"], &[])],
        &json!({ "E/team-lead/*": [{ "exit": 0 }] }),
        "policy: { maxAttempts: 1 }",
    );
    scene.run(&["run"]).exited_with(1);
    let worktree = scene.worktrees().pop().unwrap();
    let prd = format!("{worktree}/prd.json");
    let before = everything(&scene);
    scene.run(&["run", &prd]).exited_with(3).says("ralph/epic/");
    assert!(before == everything(&scene), "something changed");
}

#[test]
fn a_detached_head_is_a_place_to_start() {
    let scene = scene();
    scene.repo.git(&["checkout", "--quiet", "--detach"]);
    scene.run(&["run"]).exited_with(0);
    assert_eq!(scene.verdict()["verdict"], "pass");
}

#[test]
fn a_linked_worktree_of_the_users_is_a_place_to_start() {
    let scene = scene();
    let linked = scene.repo.beside("linked");
    scene.repo.git(&["worktree", "add", "--quiet", "-b", "mine", linked.to_str().unwrap()]);
    let main_before = crate::fingerprint::Fingerprint::of(&scene.repo);
    let mut command = scene.command(&["run"]);
    command.current_dir(&linked);
    let tmp = scene.repo.beside("tmp");
    crate::scene::Running::new(command, &tmp).outcome().exited_with(0);
    assert_eq!(main_before, crate::fingerprint::Fingerprint::of(&scene.repo));
    let prd: Value = crate::scene::read_json(&linked.join("prd.json"));
    assert_eq!(prd["epics"][0]["status"], "completed");
}

#[test]
fn a_shallow_history_is_enough() {
    let origin = Repo::new();
    origin.write("second.txt", "2\n");
    origin.commit("second");
    let repo = Repo::new();
    let url = format!("file://{}", origin.path().display());
    repo.git(&["fetch", "--quiet", "--depth", "1", &url, "main"]);
    repo.git(&["reset", "--quiet", "--hard", "FETCH_HEAD"]);
    let scene = Scene::on(repo, "prd.json", &[epic("E", &["s"], &[])], &json!({}), "");
    scene.run(&["run"]).exited_with(0);
}
