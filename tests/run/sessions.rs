//! What agents do that they should not, one epic each: what was honestly done is merged, and nothing else is.

use serde_json::{Value, json};

use crate::processes;
use crate::scene::{Scene, epic};

/// One epic with one story, and a lead that takes these steps whatever attempt it is.
fn lead(steps: &Value, config: &str) -> Scene {
    Scene::scripted(&[epic("E", &["s"], &[])], &json!({ "E/team-lead/*": steps }), config)
}

/// One epic, and a lead that takes these steps at first and is honest in its second attempt.
fn lead_at_first(steps: &Value, config: &str) -> Scene {
    Scene::scripted(&[epic("E", &["s"], &[])], &json!({ "E/team-lead/1": steps }), config)
}

#[track_caller]
fn merged_after(scene: &Scene, attempts: u32) {
    let judged = scene.judged("E");
    assert_eq!((&judged["status"], &judged["attempts"]), (&json!("merged"), &json!(attempts)), "{judged:#}");
    assert_eq!(scene.status("E"), "completed");
    assert_eq!(scene.repo.git(&["show", &format!("{}:s.txt", scene.loop_branch())]), "s is done");
    scene.has_no_process_left();
}

/// The epic failed, its status is so, and the loop branch never moved.
#[track_caller]
fn failed_as(scene: &Scene, status: &str, reason: &str) {
    let judged = scene.judged("E");
    assert_eq!(judged["status"], status, "{judged:#}");
    let said = judged["reason"].as_str().unwrap();
    assert!(said.contains(reason), "{said}");
    assert_eq!(scene.status("E"), status);
    assert_eq!(scene.repo.id(&scene.loop_branch()), scene.repo.id("HEAD"));
    scene.has_no_process_left();
}

#[test]
fn an_honest_session_is_merged() {
    let scene = lead(&json!(["honest"]), "");
    scene.run(&["run"]).exited_with(0);
    merged_after(&scene, 1);
}

#[test]
fn an_epic_done_in_part_is_kept_and_not_merged() {
    let script =
        json!({ "E/team-lead/*": [{ "work_on": ["s1"] }, { "report": { "failing": { "s2": "no printer" } } }] });
    let scene = Scene::scripted(&[epic("E", &["s1", "s2"], &[])], &script, "policy: { maxFixCycles: 0 }");
    scene.run(&["run"]).exited_with(1).says("no printer");
    failed_as(&scene, "partial", "no printer");
    let stories = scene.epic("E")["userStories"].clone();
    assert_eq!((&stories[0]["passes"], &stories[1]["passes"]), (&json!(true), &json!(false)));
    assert_eq!(stories[1]["failureReason"], "no printer");
    let branch = format!("ralph/epic/{}/e-{}", scene.run_id(), "");
    let kept = scene.repo.git(&["for-each-ref", "--format=%(refname:short)", "refs/heads/ralph/epic"]);
    assert!(kept.starts_with(&branch) && kept.lines().count() == 1, "{kept}");
    assert_eq!(scene.repo.git(&["show", &format!("{kept}:s1.txt")]), "s1 is done");
    assert_eq!(scene.worktrees().len(), 1, "its worktree is kept for a look");
}

#[test]
fn a_silent_session_is_stopped_tried_again_and_fails_in_the_end() {
    let scene = lead(&json!([{ "sleep_ms": 60_000 }]), "timeouts: { idleTimeout: 0.4 }\npolicy: { maxAttempts: 2 }");
    scene.run(&["run"]).exited_with(1).says("attempt 2 of 2").says("no sign of life");
    failed_as(&scene, "failed", "silent");
    assert_eq!(scene.judged("E")["attempts"], 2);
}

#[test]
fn a_session_that_ignores_signals_is_killed() {
    let steps = json!([{ "ignore": ["INT", "TERM", "HUP"] }, { "sleep_ms": 60_000 }]);
    let scene = lead(&steps, "timeouts: { idleTimeout: 0.4 }\npolicy: { maxAttempts: 1 }");
    scene.run(&["run"]).exited_with(1);
    failed_as(&scene, "failed", "silent");
}

#[track_caller]
fn bounded_under_a_flood(bytes: u64, line: usize) {
    let flood = json!([{ "flood": { "bytes": bytes, "line": line } }, "honest"]);
    let scene = lead(&flood, "");
    let mut running = scene.start(&["run"]);
    let mut peak = 0;
    while !running.is_over() {
        peak = processes::peak_kib(running.pid()).unwrap_or(0).max(peak);
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    running.outcome().exited_with(0);
    merged_after(&scene, 1);
    assert!(peak > 0 && peak < 64 * 1024, "the runner took {peak} KiB");
}

#[test]
fn a_flood_of_lines_does_not_fill_the_memory() {
    bounded_under_a_flood(60_000_000, 120);
}

#[test]
fn a_flood_without_a_line_break_does_not_fill_the_memory() {
    bounded_under_a_flood(200_000_000, 0);
}

#[test]
fn what_a_session_leaves_running_is_gone_when_the_run_is_over() {
    let steps =
        json!([{ "daemon": 60_000 }, { "own_group": 60_000 }, { "spawn": 60_000 }, { "rabbit": 100 }, "honest"]);
    let scene = lead(&steps, "");
    scene.run(&["run"]).exited_with(0);
    merged_after(&scene, 1);
}

#[test]
fn a_grandchild_that_holds_the_output_open_is_not_waited_for() {
    let scene = lead(&json!([{ "hold_stdout": 80_000 }, "honest"]), "");
    scene.run(&["run"]).exited_with(0);
    merged_after(&scene, 1);
}

#[test]
fn half_a_report_is_a_failed_attempt_and_the_commits_are_kept() {
    let scene = lead_at_first(&json!(["work", { "report": "half-written" }]), "");
    scene.run(&["run"]).exited_with(0).says("its report cannot be read");
    merged_after(&scene, 2);
}

#[test]
fn a_report_of_another_epic_is_a_failed_attempt() {
    let scene = lead_at_first(&json!(["work", { "report": "wrong-epic" }]), "");
    scene.run(&["run"]).exited_with(0);
    merged_after(&scene, 2);
}

#[test]
fn a_commit_that_does_not_exist_proves_nothing() {
    let scene = lead(&json!(["work", { "report": "wrong-commit" }]), "policy: { maxFixCycles: 1 }");
    scene.run(&["run"]).exited_with(1);
    failed_as(&scene, "failed", "not on the epic's branch");
    assert_eq!(scene.judged("E")["fix_cycles"], 1);
}

#[test]
fn a_commit_of_another_branch_proves_nothing() {
    let scene = lead(&json!([]), "policy: { maxFixCycles: 0 }");
    let elsewhere = scene.repo.branch_with("elsewhere", "main", &[("s.txt", "s is done\n")]);
    let claim = json!({ "epicId": "E", "stories": { "s": { "passes": true, "commit": elsewhere.as_str() } } });
    let steps = json!([{ "write": { "path": "x", "text": "x" } }, { "commit": "x" }, { "report": { "raw": claim.to_string() } }]);
    scene.script(&json!({ "E/team-lead/*": steps }));
    scene.run(&["run"]).exited_with(1);
    failed_as(&scene, "failed", "not on the epic's branch");
}

#[test]
fn a_session_that_deletes_its_worktree_loses_its_report_and_not_its_commits() {
    let scene = lead_at_first(&json!(["honest", "delete_worktree"]), "");
    scene.run(&["run"]).exited_with(0);
    merged_after(&scene, 2);
}

#[test]
fn claims_without_any_commit_fail() {
    let scene = lead(&json!([{ "report": "unproven" }]), "policy: { maxAttempts: 2 }");
    scene.run(&["run"]).exited_with(1);
    failed_as(&scene, "failed", "nothing was committed");
}

#[test]
fn an_unproven_claim_with_commits_is_merged_and_called_unproven() {
    let scene = lead(&json!(["work", { "report": "unproven" }]), "");
    scene.run(&["run"]).exited_with(0).says("unproven");
    merged_after(&scene, 1);
}

#[test]
fn a_session_that_ends_well_without_a_report_fails() {
    let scene = lead(&json!(["work"]), "policy: { maxAttempts: 1 }");
    scene.run(&["run"]).exited_with(1);
    failed_as(&scene, "failed", "it left no report");
}

#[test]
fn complete_work_counts_although_the_session_ended_badly() {
    for end in [json!({ "exit": 1 }), json!({ "die": 9 })] {
        let scene = lead(&json!(["honest", end]), "");
        scene.run(&["run"]).exited_with(0);
        merged_after(&scene, 1);
    }
}

#[test]
fn a_crash_is_tried_again_on_the_same_branch() {
    let scene = lead_at_first(&json!([{ "write": { "path": "half.txt", "text": "half\n" } }, { "die": 11 }]), "");
    scene.run(&["run"]).exited_with(0).says("attempt 2 of 3");
    merged_after(&scene, 2);
    assert_eq!(scene.repo.git(&["show", &format!("{}:half.txt", scene.loop_branch())]), "half");
}

#[test]
fn what_a_session_leaves_uncommitted_is_committed_and_told() {
    let scene = lead(&json!(["honest", { "write": { "path": "left behind.txt", "text": "left\n" } }]), "");
    scene.run(&["run"]).exited_with(0).says("left behind.txt");
    merged_after(&scene, 1);
    let labelled = ["log", "--format=%(trailers:key=Ralph-Leftovers,valueonly)", &scene.loop_branch()];
    assert!(scene.repo.git(&labelled).contains("yes"));
}

#[test]
fn the_output_of_a_session_is_kept_as_it_was_written() {
    let scene = lead(
        &json!([{ "print_bytes": [255, 0, 27, 91, 72, 10] }, { "print": "héllo" }, "work", { "report": "honest" }]),
        "",
    );
    scene.run(&["run"]).exited_with(0);
    merged_after(&scene, 1);
    let log = std::fs::read_dir(scene.run_dir().join("logs"))
        .unwrap()
        .map(|entry| std::fs::read(entry.unwrap().path()).unwrap())
        .find(|bytes| !bytes.is_empty())
        .unwrap();
    assert_eq!(log, [&[255, 0, 27, 91, 72, 10], "héllo\n".as_bytes()].concat());
}

#[test]
fn a_dependent_of_a_failed_epic_is_blocked_and_stays_pending() {
    let epics = [epic("E", &["s"], &[]), epic("F", &["t"], &["E"]), epic("G", &["u"], &[])];
    let scene = Scene::scripted(&epics, &json!({ "E/team-lead/*": [{ "exit": 0 }] }), "policy: { maxAttempts: 1 }");
    scene.run(&["run", "--parallel", "2"]).exited_with(1).says("blocked by E");
    assert_eq!(["E", "F", "G"].map(|id| scene.status(id)), ["failed", "pending", "completed"]);
    assert_eq!(scene.judged("F")["blocked_by"], json!(["E"]));
}
