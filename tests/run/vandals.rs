//! Sessions that harm the repository they work in, and people who change things while a run is at work.

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::processes;
use crate::scene::{Running, Scene, epic, pretty};

/// A lead that runs these commands after its first honest work, and is only honest from then on.
fn after_work(command: &str) -> Scene {
    once_after_work(Scene::of(&[epic("E", &["s"], &[])]), command)
}

/// The same in a scene that is there already.
fn once_after_work(scene: Scene, command: &str) -> Scene {
    let mark = scene.mark("done once");
    let once = json!({ "fail_first": { "counter": mark, "times": 1, "code": 0 } });
    let command = format!("if test -e {mark:?}; then exit 0; fi; {command}");
    scene.script(&json!({ "E/team-lead/*": ["honest", { "shell": command }, once] }));
    scene
}

/// The work reached the loop branch, whatever was done to the worktree, and the repository is sound.
#[track_caller]
fn passes(scene: &Scene) {
    scene.run(&["run"]).exited_with(0);
    assert_eq!(scene.repo.git(&["show", &format!("{}:s.txt", scene.loop_branch())]), "s is done");
    scene.repo.git(&["fsck", "--strict", "--no-dangling"]);
    scene.has_no_process_left();
}

#[test]
fn a_detached_head_with_more_commits() {
    let scene = after_work("git checkout --quiet --detach; echo x > more.txt; git add .; git commit --quiet -m more");
    passes(&scene);
}

#[test]
fn another_branch_in_the_worktree() {
    passes(&after_work(
        "git checkout --quiet -b feature/of-the-agent; echo x > more.txt; git add .; git commit --quiet -m more",
    ));
}

#[test]
fn a_worktree_without_its_link_to_the_repository() {
    passes(&after_work("rm .git"));
}

#[test]
fn a_lock_of_the_index_that_a_killed_git_left() {
    passes(&after_work("echo x > left.txt; touch \"$(git rev-parse --git-path index.lock)\""));
}

#[test]
fn a_broken_index() {
    passes(&after_work("echo broken > \"$(git rev-parse --git-path index)\""));
}

#[test]
fn a_merge_in_progress_goes_back_to_the_lead_and_is_never_concluded_with_markers() {
    let scene = Scene::of(&[epic("E", &["s"], &[])]);
    let clash = "git branch side; echo 1 > f; git add f; git commit --quiet -m 1; git checkout --quiet side; echo 2 > f; \
                 git add f; git commit --quiet -m 2; git checkout --quiet -; git merge side > /dev/null || true";
    let once = json!({ "fail_first": { "counter": scene.mark("clashed"), "times": 1, "code": 0 } });
    let clash = format!("if ! test -e {:?}; then {clash}; fi", scene.mark("clashed"));
    let lead = json!(["honest", { "shell": clash }, once, { "resolve": { "commit": true } }, { "report": "honest" }]);
    scene.script(&json!({ "E/team-lead/*": lead }));
    passes(&scene);
    assert_eq!(scene.judged("E")["fix_cycles"], 1);
    assert_eq!(scene.repo.git(&["show", &format!("{}:f", scene.loop_branch())]).lines().count(), 2);
}

#[test]
fn a_rebase_in_progress() {
    passes(&after_work(
        "git branch side; echo 1 > f; git add f; git commit --quiet -m 1; git branch keep; \
         git checkout --quiet side; echo 2 > f; git add f; git commit --quiet -m 2; git checkout --quiet \"$RALPH_EPIC_BRANCH\"; \
         git rebase side > /dev/null 2>&1 || true",
    ));
}

#[test]
fn a_repository_inside_of_the_worktree() {
    passes(&after_work("git init --quiet inner; cd inner; echo x > x; git add x; git commit --quiet -m inner"));
}

#[test]
fn our_own_files_forced_into_a_commit() {
    let epics = [epic("E", &["s"], &[]), epic("F", &["t"], &["E"])];
    let force = "git add --force .ralph; git commit --quiet -m 'Everything'";
    let scene = Scene::scripted(&epics, &json!({ "E/team-lead/1": ["honest", { "shell": force }] }), "");
    passes(&scene);
    assert_eq!(scene.status("F"), "completed");
}

#[test]
fn a_report_that_is_no_file() {
    passes(&after_work("rm \"$RALPH_REPORT\"; mkdir -p \"$RALPH_REPORT/x\""));
    passes(&after_work("rm \"$RALPH_REPORT\"; mkfifo \"$RALPH_REPORT\""));
}

/// Something of the user's, which links of a session lead to.
fn precious(scene: &Scene) -> std::path::PathBuf {
    let precious = scene.repo.beside("precious");
    std::fs::create_dir(&precious).unwrap();
    std::fs::write(precious.join("mine"), "mine").unwrap();
    precious
}

#[track_caller]
fn is_untouched(precious: &std::path::Path) {
    let names: Vec<_> = std::fs::read_dir(precious).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["mine"]);
    assert_eq!(std::fs::read_to_string(precious.join("mine")).unwrap(), "mine");
}

#[test]
fn links_to_something_of_the_users_in_the_place_of_our_files() {
    for name in ["report.json", "epic.json", "prompt.md"] {
        let scene = Scene::of(&[epic("E", &["s"], &[])]);
        let precious = precious(&scene);
        // Without a report the lead is asked once more, and is given everything anew.
        let link = format!("rm .ralph/report.json; ln -sf {:?} .ralph/{name}", precious.join("mine"));
        let scene = once_after_work(scene, &link);
        passes(&scene);
        is_untouched(&precious);
        let kept = std::fs::read_to_string(scene.run_dir().join("jobs/E.team-lead.1/report.json")).unwrap_or_default();
        assert!(!kept.contains("mine"), "what a link leads to is read by nobody");
    }
}

#[test]
fn a_link_to_a_directory_of_the_users_in_the_place_of_ours() {
    let scene = Scene::of(&[epic("E", &["s"], &[])]);
    let precious = precious(&scene);
    let scene = once_after_work(scene, &format!("rm -r .ralph; ln -s {precious:?} .ralph"));
    passes(&scene);
    is_untouched(&precious);
}

#[test]
fn a_branch_that_is_gone() {
    passes(&after_work("git checkout --quiet --detach; git branch -D --quiet \"$RALPH_EPIC_BRANCH\""));
}

#[test]
fn a_branch_that_was_rewound_to_its_base() {
    passes(&after_work("git reset --quiet --hard \"$RALPH_BASE\""));
}

#[test]
fn a_worktree_that_was_removed_with_git() {
    passes(&after_work("cd /; git -C \"$OLDPWD\" worktree remove --force \"$OLDPWD\""));
}

#[test]
fn a_deleted_worktree_in_which_merges_are_proven_is_set_up_anew() {
    let scene = after_work("rm -rf ../_integration");
    scene.repo.write(".gitignore", "tools/\n");
    scene.reconfigure(
        "worktrees: { setup: mkdir -p tools; }\ngates: [{ name: tools, run: test -d tools }]\npolicy: { maxFixCycles: 0 }",
    );
    passes(&scene);
}

#[test]
fn files_that_cannot_be_written_or_entered() {
    passes(&after_work("mkdir -p locked/inner; echo x > locked/inner/x; chmod -R a-w locked"));
}

/// A first epic that is done at once and a second that waits for the test.
fn waiting() -> Scene {
    let scene = Scene::of(&[epic("A", &["a"], &[]), epic("B", &["b"], &["A"])]);
    scene.script(&json!({
        "B/team-lead/1": [{ "touch": scene.mark("begun") }, { "wait_for": scene.mark("go on") }, "honest"]
    }));
    scene
}

fn at_work(scene: &Scene) -> Running {
    let mut running = scene.start(&["run"]);
    running.until_exists(&scene.mark("begun"));
    running
}

fn go_on(scene: &Scene) {
    std::fs::write(scene.mark("go on"), "").unwrap();
}

#[test]
fn what_the_user_writes_into_the_prd_during_a_run_is_kept() {
    let scene = waiting();
    let running = at_work(&scene);
    let mut prd = scene.prd();
    prd["description"] = json!("A better description.");
    prd["epics"][1]["note"] = json!("mine");
    scene.repo.write("prd.json", &pretty(&prd));
    go_on(&scene);
    running.outcome().exited_with(0);
    let now = scene.prd();
    assert_eq!((&now["description"], &now["epics"][1]["note"]), (&json!("A better description."), &json!("mine")));
    assert_eq!(["A", "B"].map(|id| scene.status(id)), ["completed"; 2]);
}

#[test]
fn a_prd_that_is_gone_during_a_run_does_not_lose_the_work() {
    let scene = waiting();
    let running = at_work(&scene);
    let text = std::fs::read_to_string(scene.repo.path().join("prd.json")).unwrap();
    std::fs::remove_file(scene.repo.path().join("prd.json")).unwrap();
    go_on(&scene);
    let outcome = running.outcome();
    assert_eq!(outcome.code, Some(3), "{}\n{}", outcome.stdout, outcome.stderr);
    scene.repo.write("prd.json", &text);
    scene.run(&["resume"]).exited_with(0);
    assert_eq!(["A", "B"].map(|id| scene.status(id)), ["completed"; 2]);
}

#[test]
fn the_user_may_commit_and_change_branches_during_a_run() {
    let scene = waiting();
    let running = at_work(&scene);
    let base = scene.repo.id("HEAD");
    scene.repo.git(&["checkout", "--quiet", "-b", "mine"]);
    scene.repo.write("mine.txt", "mine\n");
    let mine = scene.repo.commit("Mine");
    go_on(&scene);
    running.outcome().exited_with(0);
    assert_eq!(scene.repo.id("HEAD"), mine);
    assert_eq!(scene.verdict()["base"], base.as_str());
    assert_eq!(scene.merged_since(base.as_str()), ["A", "B"]);
}

#[test]
fn a_loop_branch_that_somebody_moves_stops_the_run_until_it_is_put_back() {
    let scene = waiting();
    let running = at_work(&scene);
    let branch = scene.loop_branch();
    let extra = scene.repo.branch_with("extra", &branch, &[("extra.txt", "extra\n")]);
    scene.repo.git(&["update-ref", &format!("refs/heads/{branch}"), extra.as_str()]);
    go_on(&scene);
    let left = scene.status_tip();
    running.outcome().exited_with(3).says(&format!("git branch -f {branch}"));
    assert_eq!(scene.repo.id(&branch), extra, "what somebody did is left alone");
    scene.repo.git(&["branch", "--quiet", "-f", &branch, &left]);
    scene.run(&["resume"]).exited_with(0);
    assert_eq!(scene.merged_since("main"), ["A", "B"]);
}

#[test]
fn a_loop_branch_that_is_deleted_during_a_run_loses_no_merge() {
    let scene = waiting();
    let running = at_work(&scene);
    let branch = scene.loop_branch();
    scene.repo.git(&["branch", "-D", "--quiet", &branch]);
    go_on(&scene);
    let outcome = running.outcome();
    let code = outcome.code;
    assert!(matches!(code, Some(0 | 3)), "{code:?}\n{}\n{}", outcome.stdout, outcome.stderr);
    if code == Some(3) {
        assert_eq!(scene.status("B"), "pending");
        scene.repo.git(&["branch", &branch, scene.status_tip().as_str()]);
        scene.run(&["resume"]).exited_with(0);
    }
    assert_eq!(scene.merged_since("main"), ["A", "B"]);
}

#[test]
fn a_session_whose_host_is_killed_is_tried_again() {
    let scene = waiting();
    let running = at_work(&scene);
    let hosts: Vec<(i32, String)> =
        processes::of_runs(&scene.run_ids()).into_iter().filter(|(_, line)| line.contains(" host ")).collect();
    assert_eq!(hosts.len(), 1, "{hosts:?}");
    kill_process(Pid::from_raw(hosts[0].0).unwrap(), Signal::KILL).unwrap();
    running.outcome().exited_with(0).says("attempt 2 of 3");
    let attempts = |id: &str| -> Value { scene.judged(id)["attempts"].clone() };
    assert_eq!([attempts("A"), attempts("B")], [json!(1), json!(2)]);
    scene.has_no_process_left();
}
