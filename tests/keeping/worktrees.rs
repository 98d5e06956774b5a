//! `ralph-teams worktrees`.

use crate::common::repo::write_in;
use crate::scene::{Scene, eventually};

/// Epic A fails and keeps its worktree; B is merged.
fn with_kept_worktree() -> (Scene, std::path::PathBuf) {
    let scene = Scene::new(&["A", "B"]);
    scene.configure("", r#"{ "stories": { "A-1": { "gives_up": "too hard", "files": { "half": "done" } } } }"#);
    let said = scene.ralph(&["run", "--rehearse", "--ui", "plain"]);
    assert_eq!(said.code, Some(1), "{}{}", said.out, said.err);
    let worktrees = json(&scene.out(&["worktrees", "--json"]))["worktrees"].clone();
    let kept =
        worktrees.as_array().unwrap().iter().find(|one| one["epic"] == "A").unwrap_or_else(|| panic!("{worktrees}"));
    let path = kept["path"].as_str().unwrap().into();
    (scene, path)
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn nothing_is_made_by_looking() {
    let scene = Scene::new(&["A"]);
    assert_eq!(scene.out(&["worktrees"]), "no worktrees\n");
    assert_eq!(scene.out(&["worktrees", "prune"]), "no worktrees\n");
    assert!(!scene.repo.beside("home").join(".state").exists());
}

#[test]
fn a_worktree_is_listed_with_what_is_in_it() {
    let (scene, path) = with_kept_worktree();
    write_in(&path, "left", "l");
    let list = scene.out(&["worktrees"]);
    let line = list.lines().find(|line| line.ends_with(path.to_str().unwrap())).unwrap_or_else(|| panic!("{list}"));
    assert!(line.contains("  A ") && line.contains("  1 file ") && line.contains("ralph/epic/"), "{line}");
}

#[test]
fn a_worktree_goes_when_its_branch_holds_everything_and_stays_when_not() {
    let (scene, path) = with_kept_worktree();
    let branch = scene.repo.git_in(&path, &["branch", "--show-current"]);
    let tip = scene.repo.id(&branch);
    write_in(&path, "left", "l");
    let before = scene.repo.handle().fingerprint().unwrap();
    let said = scene.out(&["worktrees", "prune"]);
    assert!(said.contains("uncommitted work: left; saved as refs/ralph/backup/"), "{said}");
    assert!(path.join("left").exists());
    scene.repo.commit_in(&path, "by hand");
    let dry = json(&scene.out(&["worktrees", "prune", "--dry-run", "--json"]));
    assert!(dry["removed"].as_array().unwrap().iter().any(|one| one.as_str() == path.to_str()), "{dry}");
    assert!(path.exists(), "a dry run removes nothing");
    scene.out(&["worktrees", "prune"]);
    assert!(!path.exists() && !path.parent().unwrap().exists(), "the folder of the run goes too");
    assert_eq!(scene.repo.show(&scene.repo.id(&branch), "left"), "l", "the branch stays");
    assert_ne!(scene.repo.id(&branch), tip);
    assert_eq!(before.changes(&scene.repo.handle().fingerprint().unwrap()), Vec::<String>::new());
}

#[test]
fn the_worktrees_of_a_run_that_is_at_work_or_can_be_resumed_stay() {
    let scene = Scene::new(&["A"]);
    scene.configure("", r#"{ "pause_ms": 600000 }"#);
    let mut run = scene.start(&["run", "--rehearse", "--ui", "plain"]);
    let path = eventually("a worktree", || {
        let listed = json(&scene.ralph(&["worktrees", "--json"]).out)["worktrees"][0].clone();
        listed["path"].as_str().map(std::path::PathBuf::from)
    });
    let kept = |reason: &str| {
        let said = scene.out(&["worktrees", "prune"]);
        assert!(said.contains(reason), "{said}");
        assert!(path.exists());
    };
    kept("its run is at work");
    run.kill().unwrap();
    run.wait().unwrap();
    kept("its run can be resumed");
}
