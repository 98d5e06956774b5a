//! `land`: the work comes into the user's branch when it is asked for, and otherwise nothing is changed.

use serde_json::json;

use crate::scene::{Ended, Scene};

fn refused(scene: &Scene, args: &[&str], why: &str) -> Ended {
    let before = scene.repo.handle().fingerprint().unwrap();
    let ended = scene.ralph(args);
    assert_ne!(ended.code, 0, "{}", ended.stdout);
    assert!(ended.stderr.contains(why), "{}", ended.stderr);
    assert_eq!(before.changes(&scene.repo.handle().fingerprint().unwrap()), [""; 0]);
    ended
}

#[test]
fn a_branch_that_did_not_move_goes_forward_and_the_modified_prd_stays_as_the_run_wrote_it() {
    let scene = Scene::new(&["A"]);
    let run = scene.pass(&["run", "--ui", "plain"]);
    let prd = scene.prd_text();
    assert!(scene.repo.git(&["status", "--porcelain"]).contains(" M prd.json"), "it is tracked, and modified");
    let ended = scene.ralph(&["land"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!(scene.resolve("main"), scene.resolve(&format!("ralph/loop/{run}")));
    assert_eq!(scene.prd_text(), prd);
    assert_eq!(scene.status("A"), "completed");
    assert!(scene.repo.path().join("A-1.txt").exists(), "the files are in the checkout");
    let again = scene.ralph(&["land"]);
    assert_eq!(again.code, 0);
    assert!(again.stdout.starts_with("already landed"), "{}", again.stdout);
}

#[test]
fn a_branch_that_moved_on_gets_one_merge_commit() {
    let scene = Scene::new(&["A"]);
    let run = scene.pass(&["run", "--ui", "plain"]);
    let prd = scene.prd_text();
    scene.repo.write("mine.txt", "mine\n");
    scene.repo.git(&["add", "mine.txt"]);
    scene.repo.git(&["commit", "--quiet", "-m", "mine"]);
    let mine = scene.resolve("main").unwrap();
    let ended = scene.ralph(&["land", &run]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    let parents = scene.repo.git(&["log", "-1", "--format=%P", "main"]);
    assert_eq!(parents, format!("{mine} {}", scene.resolve(&format!("ralph/loop/{run}")).unwrap()));
    assert_eq!(scene.prd_text(), prd);
    assert!(scene.repo.path().join("A-1.txt").exists() && scene.repo.path().join("mine.txt").exists());
}

#[test]
fn a_conflict_changes_nothing() {
    let scene = Scene::new(&["A"]);
    scene.says(json!({ "A/*/*": [ { "write": { "path": "README.md", "text": "theirs\n" } }, "honest" ] }));
    scene.pass(&["run", "--ui", "plain"]);
    scene.repo.write("README.md", "mine\n");
    scene.repo.git(&["commit", "--quiet", "-m", "mine", "README.md"]);
    let ended = refused(&scene, &["land"], "README.md");
    assert_eq!(ended.code, 1);
    assert!(ended.stderr.contains("git merge ralph/loop/"), "{}", ended.stderr);
}

#[test]
fn uncommitted_work_and_files_in_the_way_are_never_overwritten() {
    let scene = Scene::new(&["A"]);
    scene.pass(&["run", "--ui", "plain"]);
    scene.repo.write("README.md", "not committed\n");
    refused(&scene, &["land"], "README.md");
    scene.repo.git(&["checkout", "README.md"]);
    // git itself would replace an ignored file without a word.
    std::fs::write(scene.repo.dot_git("info/exclude"), "/A-1.txt\n/.ralph-teams/\n").unwrap();
    scene.repo.write("A-1.txt", "mine");
    refused(&scene, &["land"], "A-1.txt");
    assert_eq!(std::fs::read_to_string(scene.repo.path().join("A-1.txt")).unwrap(), "mine");
}

#[test]
fn only_a_pass_lands_unless_it_is_asked_for() {
    let scene = Scene::new(&["A", "B"]);
    scene.says(json!({ "B/*/*": [ { "report": { "failing": { "B-1": "too hard" } } } ] }));
    assert_eq!(scene.ralph(&["run", "--ui", "plain"]).code, 1);
    let ended = refused(&scene, &["land"], "is no pass");
    assert!(ended.stderr.contains("--anyway"), "{}", ended.stderr);
    assert_eq!(scene.ralph(&["land", "--anyway"]).code, 0);
    assert!(scene.repo.path().join("A-1.txt").exists());
}

#[test]
fn a_branch_of_a_run_and_a_detached_head_are_refused() {
    let scene = Scene::new(&["A"]);
    scene.pass(&["run", "--ui", "plain"]);
    scene.repo.git(&["switch", "--quiet", "--detach"]);
    refused(&scene, &["land"], "on no branch");
}

#[test]
fn a_run_at_work_does_not_land() {
    let scene = Scene::new(&["A"]);
    let _running = scene.start_and_hang_in_a();
    refused(&scene, &["land", "--anyway"], "ralph-teams stop");
}

#[test]
fn what_was_moved_after_the_verdict_is_not_covered_by_it() {
    let scene = Scene::new(&["A"]);
    let run = scene.pass(&["run", "--ui", "plain"]);
    let branch = format!("ralph/loop/{run}");
    let more = scene.repo.branch_with("more", &branch, &[("more.txt", "more")]);
    scene.repo.git(&["update-ref", &format!("refs/heads/{branch}"), more.as_str()]);
    refused(&scene, &["land"], "the verdict of run");
    assert_eq!(scene.ralph(&["land", "--anyway"]).code, 0);
}

#[test]
fn nothing_planted_in_the_repository_is_executed() {
    let scene = Scene::new(&["A"]);
    scene.pass(&["run", "--ui", "plain"]);
    crate::guard::plant(&scene);
    assert_eq!(scene.ralph(&["land"]).code, 0);
    crate::guard::nothing_was_executed(&scene);
}
