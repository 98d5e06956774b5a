//! `reset`: an epic begins anew, nothing of it is lost, nothing of it comes back by itself.

use serde_json::json;

use crate::scene::Scene;

/// The script of an agent that fails the story of `B` in its only report.
fn b_fails() -> serde_json::Value {
    json!({ "B/*/*": [ { "write": { "path": "half.txt", "text": "half of b" } }, { "commit": "half of b" },
                       { "report": { "failing": { "B-1": "too hard" } } } ] })
}

#[test]
fn a_failed_epic_is_pending_again_and_its_branch_is_saved_and_not_revived() {
    let scene = Scene::new(&["A", "B"]);
    scene.says(b_fails());
    assert_eq!(scene.ralph(&["run", "--ui", "plain"]).code, 1);
    let run = scene.newest();
    assert_eq!(scene.status("B"), "failed");
    let branch = scene.refs("refs/heads/ralph/epic").into_iter().find(|name| name.contains("/b")).unwrap();
    let tip = scene.resolve(&branch).unwrap();

    let ended = scene.ralph(&["reset", "B"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!((scene.status("A").as_str(), scene.status("B").as_str()), ("completed", "pending"));
    assert_eq!(scene.prd()["epics"][1]["userStories"][0]["failureReason"], json!(null));
    assert_eq!(scene.resolve(&branch), None);
    let backups = scene.refs("refs/ralph/backup");
    assert!(backups.iter().any(|name| name.contains(&run) && scene.resolve(name) == Some(tip.clone())), "{backups:?}");
    assert!(!scene.repo.git(&["worktree", "list"]).contains("/b"), "its worktree is gone");

    scene.says(json!({}));
    let ended = scene.ralph(&["run", "--ui", "plain"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(!ended.stderr.contains("B goes on from"), "{}", ended.stderr);
    let tip = scene.resolve(&format!("ralph/loop/{}", scene.newest())).unwrap();
    assert!(
        !scene.repo.git(&["ls-tree", "--name-only", &tip]).contains("half.txt"),
        "nothing of the old work came back"
    );
}

#[test]
fn a_configuration_with_faults_is_told_before_anything_is_changed() {
    let scene = Scene::new(&["A"]);
    scene.pass(&["run", "--ui", "plain"]);
    let (prd, refs) = (scene.prd_text(), scene.refs("refs"));
    let config = scene.repo.path().join("ralph.config.yml");
    let text = std::fs::read_to_string(&config).unwrap();
    scene.repo.write("ralph.config.yml", &format!("{text}worktrees: {{ dirr: x }}\n"));
    let ended = scene.ralph(&["reset", "A"]);
    assert_eq!(ended.code, 2, "{}", ended.stdout);
    assert_eq!((scene.prd_text(), scene.refs("refs")), (prd, refs));
    scene.repo.write("ralph.config.yml", &text);
    assert_eq!(scene.ralph(&["reset", "A"]).code, 0);
}

#[test]
fn the_prd_keeps_every_byte_that_is_not_a_state() {
    let scene = Scene::new(&["A"]);
    let text = scene.prd_text().replace("\"project\": \"p\"", "\"project\":   \"p\", \"mine\": [1,  2.50]");
    scene.repo.write("prd.json", &text);
    scene.repo.commit("mine");
    scene.pass(&["run", "--ui", "plain"]);
    assert_ne!(scene.prd_text(), text);
    assert_eq!(scene.ralph(&["reset", "A"]).code, 0);
    assert_eq!(scene.prd_text(), text);
}

#[test]
fn what_was_built_on_top_is_named_and_needs_a_yes() {
    let scene = Scene::new(&["A", "B<A"]);
    let run = scene.pass(&["run", "--ui", "plain"]);
    let before = scene.prd_text();
    let ended = scene.ralph(&["reset", "A"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stdout.contains("B is completed and was built on top of it"), "{}", ended.stdout);
    assert!(ended.stdout.contains(&format!("A is merged into ralph/loop/{run}")), "{}", ended.stdout);
    assert!(ended.stdout.contains("ralph-teams run --base head (reset B too, then)"), "{}", ended.stdout);
    assert!(ended.stderr.contains("--yes"), "{}", ended.stderr);
    assert_eq!(scene.prd_text(), before, "nothing is done before the yes");
    assert_eq!(scene.refs("refs/ralph/backup"), [""; 0]);

    assert_eq!(scene.ralph(&["reset", "A", "--yes"]).code, 0);
    assert_eq!((scene.status("A").as_str(), scene.status("B").as_str()), ("pending", "completed"));
    // Without the loop branch the completed B would be missing: refused. With it, A is done again on top.
    let ended = scene.ralph(&["run", "--base", "head", "--ui", "plain"]);
    assert_eq!(ended.code, 3);
    assert!(ended.stderr.contains("B: it was merged as"), "{}", ended.stderr);
    let again = json!([ { "append": { "path": "A-1.txt", "line": "again" } }, { "commit": "again" }, "honest" ]);
    scene.says(json!({ "A/*/*": again }));
    let ended = scene.ralph(&["run", "--ui", "plain"]);
    assert_eq!(ended.code, 0, "{}{}", ended.stdout, ended.stderr);
    assert_eq!(scene.status("A"), "completed");
}

#[test]
fn all_epics_are_set_back_only_after_a_yes() {
    let scene = Scene::new(&["A", "B"]);
    scene.pass(&["run", "--ui", "plain"]);
    assert_eq!(scene.ralph(&["reset"]).code, 2);
    assert_eq!(scene.status("A"), "completed");
    assert_eq!(scene.ralph(&["reset", "--yes"]).code, 0);
    assert_eq!((scene.status("A").as_str(), scene.status("B").as_str()), ("pending", "pending"));
    assert_eq!(scene.refs("refs/heads/ralph/epic"), [""; 0]);
}

#[test]
fn an_epic_that_is_landed_is_done_again_on_top() {
    let scene = Scene::new(&["A"]);
    scene.pass(&["run", "--ui", "plain"]);
    assert_eq!(scene.ralph(&["land"]).code, 0);
    let ended = scene.ralph(&["reset", "A"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert!(ended.stdout.contains("A is part of your branch"), "{}", ended.stdout);
}

#[test]
fn a_run_at_work_is_not_disturbed() {
    let scene = Scene::new(&["A", "B<A"]);
    let _running = scene.start_and_hang_in_a();
    let ended = scene.ralph(&["reset", "B", "--yes"]);
    assert_eq!(ended.code, 3);
    assert!(ended.stderr.contains("ralph-teams stop"), "{}", ended.stderr);
}

#[test]
fn uncommitted_work_is_saved_and_the_unfinished_run_does_not_bring_the_epic_back() {
    let scene = Scene::new(&["A"]);
    let run = scene.leave_unfinished();
    let folder = scene.repo.git(&["worktree", "list", "--porcelain"]);
    let folder = folder
        .lines()
        .filter_map(|line| line.strip_prefix("worktree "))
        .find(|path| path.ends_with("/a") || path.contains("/a-"))
        .unwrap()
        .to_owned();
    std::fs::write(format!("{folder}/draft.txt"), "a draft").unwrap();

    assert_eq!(scene.ralph(&["reset", "A"]).code, 0);
    let saved = scene.refs("refs/ralph/backup");
    assert!(saved.iter().any(|name| scene.resolve(&format!("{name}:draft.txt")).is_some()), "{saved:?}");
    assert!(!std::path::Path::new(&folder).exists());
    let ended = scene.ralph(&["resume", &run]);
    assert_eq!(ended.code, 2, "{}", ended.stderr);
    assert!(ended.stderr.contains("A was set back"), "{}", ended.stderr);
    let ended = scene.ralph(&["run", "--ui", "plain"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
}

#[test]
fn an_unknown_epic_changes_nothing() {
    let scene = Scene::new(&["A"]);
    let ended = scene.ralph(&["reset", "Z"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains("there is no epic Z; there are A"), "{}", ended.stderr);
}
