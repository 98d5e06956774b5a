//! Whole runs whose agents call our tools, as real clients of the real server.

use std::path::PathBuf;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::common::repo::Repo;
use crate::delegate::claude;
use crate::processes;
use crate::scene::{PATIENCE, Scene, epic, eventually, read_json};

/// A call that must be accepted.
fn call(tool: &str, with: Value, says: &str) -> Value {
    json!({ "tool": tool, "with": with, "says": says })
}

/// A call that must be refused.
fn refused(tool: &str, with: Value, says: &str) -> Value {
    json!({ "tool": tool, "with": with, "says": says, "refused": true })
}

fn passing(story: &str, commit: &str) -> Value {
    json!({ "story": story, "passes": true, "commit": commit, "evidence": ["looked at it"] })
}

fn proven_by_gates(story: &str, commit: &str) -> Value {
    json!({ "story": story, "passes": true, "commit": commit, "run_gates": true })
}

/// One epic with these stories, whose lead takes these steps in its first attempt.
fn lead(stories: &[&str], steps: &Value, config: &str) -> Scene {
    Scene::scripted(&[epic("login", stories, &[])], &json!({ "login/team-lead/1": steps }), config)
}

fn job_dir(scene: &Scene, job: &str) -> PathBuf {
    scene.run_dir().join("jobs").join(job)
}

#[track_caller]
fn merged_in_one_attempt(scene: &Scene) {
    let judged = scene.judged("login");
    assert_eq!((&judged["status"], &judged["attempts"]), (&json!("merged"), &json!(1)), "{judged:#}");
    scene.has_no_process_left();
}

#[test]
fn a_wrong_claim_is_mended_in_the_same_session_and_the_epic_merges() {
    let wrong = "f".repeat(40);
    let steps = json!([
        { "work_on": ["a", "b"] },
        { "tools": [
            call("get_epic", json!({}), "its file exists"),
            refused("report_story", passing("a", &wrong), "ffffffffff is not among the commits"),
            refused("report_story", passing("a", "HEAD"), "40 hex digits"),
            refused("report_story", passing("c", "@commit-of:a"), "these are: a, b"),
            refused("report_story", json!({ "story": "a", "passes": true, "comit": "x" }), "comit"),
            refused("report_story", json!({ "story": "a", "passes": false }), "needs a `reason`"),
            call("report_story", passing("a", "@commit-of:a"), "Still to be reported: b."),
            call("report_story", passing("b", "@commit-of:b"), "Every story is reported"),
        ] },
    ]);
    let scene = lead(&["a", "b"], &steps, "");
    scene.run(&["run"]).exited_with(0);
    merged_in_one_attempt(&scene);
    assert_eq!(scene.repo.git(&["show", &format!("{}:b.txt", scene.loop_branch())]), "b is done");
    let report = read_json(&job_dir(&scene, "login.team-lead.1").join("report.json"));
    let expected = scene.repo.git(&["log", "-1", "--format=%H", &scene.loop_branch(), "--", "a.txt"]);
    assert_eq!((&report["epicId"], &report["stories"]["a"]["commit"]), (&json!("login"), &json!(expected)));
    assert!(!scene.run_dir().join("desk").exists(), "the socket is gone with the run");
}

#[test]
fn what_a_tool_accepted_is_believed_no_more_than_a_file() {
    let steps = json!([
        { "work_on": ["a"] },
        { "tools": [call("report_story", passing("a", "@commit-of:a"), "accepted as done")] },
        { "shell": "git reset --quiet --hard HEAD~1" },
    ]);
    let scene = lead(&["a"], &steps, "policy: { maxAttempts: 1, maxFixCycles: 0 }");
    scene.run(&["run"]).exited_with(1);
    assert_ne!(scene.status("login"), "completed");
    assert_eq!(scene.epic("login")["userStories"][0]["passes"], false);
}

#[test]
fn a_red_gate_is_told_in_the_session_and_mended_there() {
    let steps = json!([
        { "work_on": ["a"] },
        { "write": { "path": "broken", "text": "" } },
        { "commit": "Break it" },
        { "tools": [refused("report_story", proven_by_gates("a", "@commit-of:a"), "exit code 1:\nit is broken")] },
        { "delete": "broken" },
        { "commit": "Mend it" },
        { "tools": [call("report_story", proven_by_gates("a", "@commit-of:a"), "accepted as done")] },
    ]);
    let gate = "gates: [{ name: whole, run: 'if test -e broken; then echo it is broken; exit 1; fi' }]";
    let scene = lead(&["a"], &steps, gate);
    scene.run(&["run"]).exited_with(0);
    merged_in_one_attempt(&scene);
}

#[test]
fn a_forbidden_path_is_refused_and_what_is_not_committed_is_said() {
    let steps = json!([
        { "work_on": ["a"] },
        { "write": { "path": "keys/secret.txt", "text": "x" } },
        { "commit": "Overreach" },
        { "tools": [refused("report_story", passing("a", "@commit-of:a"), "keys/secret.txt must not be changed")] },
        { "delete": "keys/secret.txt" },
        { "commit": "Take it back" },
        { "write": { "path": "stray.txt", "text": "x" } },
        { "tools": [call("report_story", passing("a", "@commit-of:a"), "Not committed in your worktree: stray.txt")] },
    ]);
    let scene = lead(&["a"], &steps, "policy: { forbiddenPaths: ['keys/**'] }");
    scene.run(&["run"]).exited_with(0);
    merged_in_one_attempt(&scene);
}

#[test]
fn what_is_blocked_counts_as_not_done_with_its_reason() {
    let block = json!({ "on": "an API key", "detail": "ask the owner for one" });
    let steps = json!([
        { "work_on": ["a"] },
        { "tools": [
            call("report_story", passing("a", "@commit-of:a"), "accepted"),
            refused("blocked", json!({ "story": "x", "on": "a", "detail": "b" }), "no story"),
            call("blocked", block, "b: accepted as not done"),
        ] },
    ]);
    let scene = lead(&["a", "b"], &steps, "policy: { maxFixCycles: 0 }");
    scene.run(&["run"]).exited_with(1);
    assert_eq!(scene.status("login"), "partial");
    let stories = scene.epic("login")["userStories"].clone();
    assert_eq!((&stories[0]["passes"], &stories[1]["passes"]), (&json!(true), &json!(false)));
    assert_eq!(stories[1]["failureReason"], "blocked on an API key: ask the owner for one");
}

#[test]
fn a_note_of_the_first_epic_is_told_to_the_second_and_to_no_validator() {
    let scene = Scene::of(&[epic("one", &["a"], &[]), epic("two", &["b"], &["one"])]);
    let note = json!({ "kind": "convention", "text": "ids are\nlower case" });
    scene.script(&json!({
        "one/team-lead/*": ["honest", { "tools": [
            call("note", note, "noted"),
            refused("note", json!({ "kind": "decision", "text": " " }), "empty"),
        ] }],
        "two/team-lead/*": [{ "save_prompt": scene.mark("lead") }, { "tools": [
            call("get_epic", json!({}), "ids are lower case"),
        ] }, "honest"],
        "run/final-validator/*": [{ "save_prompt": scene.mark("validator") }, "honest"],
    }));
    scene.run(&["run"]).exited_with(0);
    let told = std::fs::read_to_string(scene.mark("lead")).unwrap();
    assert!(
        told.contains("\n- one, a convention: ids are lower case\n") && told.contains("never instructions"),
        "{told}"
    );
    assert!(!std::fs::read_to_string(scene.mark("validator")).unwrap().contains("lower case"));
}

#[test]
fn a_validator_says_a_word_on_every_criterion() {
    let judged = |story: &str, verdict: &str| json!({ "story": story, "criterion": 1, "verdict": verdict, "evidence": "git show" });
    let whole =
        json!({ "verdict": "pass", "tests": "pass", "criteria": [judged("a", "proven"), judged("b", "proven")] });
    let contradictory = json!({ "verdict": "pass", "criteria": [judged("a", "contradicted"), judged("b", "proven")] });
    let script = json!({ "run/final-validator/*": [{ "tools": [
        call("get_epic", json!({}), "\"criterion\": 1"),
        refused("report_validation", json!({ "verdict": "pass" }), "these are missing: a 1, b 1"),
        refused("report_validation", contradictory, "do not hold: a 1"),
        call("report_validation", whole, "accepted"),
    ] }] });
    let scene = Scene::scripted(&[epic("one", &["a"], &[]), epic("two", &["b"], &[])], &script, "");
    scene.run(&["run"]).exited_with(0);
    assert_eq!((&scene.verdict()["verdict"], &scene.verdict()["tests"]), (&json!("pass"), &json!("pass")));
    let report = read_json(&job_dir(&scene, "run.final-validator.1").join("report.json"));
    assert_eq!(report["criteria"][0]["evidence"], "git show");
}

#[test]
fn tools_can_be_switched_off() {
    for (switch, has) in [("", true), (", tools: false", false)] {
        let scene = Scene::of(&[epic("login", &["a"], &[])]);
        let steps = json!([{ "save_env": scene.mark("env") }, { "save_prompt": scene.mark("prompt") }, "honest"]);
        scene.script(&json!({ "login/team-lead/*": steps }));
        let config = std::fs::read_to_string(scene.repo.path().join("ralph.config.yml")).unwrap();
        let switched = config.replace("backend: command", &format!("backend: command{switch}"));
        scene.repo.write("ralph.config.yml", &switched);
        scene.repo.commit("Configure");
        scene.run(&["run"]).exited_with(0);
        let env = read_json(&scene.mark("env"));
        assert_eq!(env.get("RALPH_MCP_CONFIG").is_some(), has, "{env:#}");
        assert_eq!(env.get("RALPH_DESK_TOKEN"), None, "commands of an agent never see the secret");
        let prompt = std::fs::read_to_string(scene.mark("prompt")).unwrap();
        assert!(!prompt.contains("report_story"), "nobody knows what a program of the user's calls it: {prompt}");
    }
}

#[test]
fn claude_is_told_of_its_tools_by_the_names_that_it_gives_them() {
    let scene = Scene::of(&[epic("login", &["a"], &[])]);
    scene.script(&json!({ "login/team-lead/*": [
        { "save_prompt": scene.mark("prompt") },
        { "work_on": ["a"] },
        { "tools": [call("report_story", passing("a", "@commit-of:a"), "accepted as done")] },
        { "claude": { "session": "s-1", "text": "done" } },
    ] }));
    let program = claude(&scene);
    let config = json!({ "execution": { "backend": "claude" }, "backends": { "claude": { "program": program } } });
    scene.repo.write("ralph.config.yml", &config.to_string());
    scene.repo.commit("Configure");
    scene.run(&["run"]).exited_with(0);
    merged_in_one_attempt(&scene);
    let prompt = std::fs::read_to_string(scene.mark("prompt")).unwrap();
    assert!(prompt.contains("`mcp__ralph__report_story`"), "{prompt}");
    assert!(prompt.contains("Write `.ralph/report.json`"), "the file stays the fallback: {prompt}");
}

#[test]
fn an_agent_that_waits_for_the_gates_does_not_count_as_silent() {
    let steps = json!([
        { "work_on": ["a"] },
        { "write": { "path": "slow", "text": "" } },
        { "commit": "Be slow" },
        { "tools": [call("report_story", proven_by_gates("a", "@commit-of:a"), "accepted as done")] },
        { "delete": "slow" },
        { "commit": "Be quick" },
    ]);
    let config = "gates: [{ name: slow, run: 'if test -e slow; then sleep 8; fi' }]\ntimeouts: { idleTimeout: 4 }";
    let scene = lead(&["a"], &steps, config);
    scene.run(&["run"]).exited_with(0);
    merged_in_one_attempt(&scene);
}

#[test]
fn a_repository_with_a_long_path_has_its_desk_elsewhere() {
    let steps = json!({ "login/team-lead/*": ["honest", { "tools": [
        call("report_story", passing("a", "@commit-of:a"), "accepted"),
    ] }] });
    let repo = Repo::called(&"long ".repeat(20));
    let scene = Scene::on(repo, "prd.json", &[epic("login", &["a"], &[])], &steps, "");
    scene.run(&["run"]).exited_with(0);
    merged_in_one_attempt(&scene);
    let left: Vec<_> = std::fs::read_dir(scene.repo.beside("home/.state/ralph-teams")).unwrap().flatten().collect();
    assert!(left.iter().all(|entry| !entry.file_name().to_string_lossy().starts_with("desk-")), "{left:?}");
}

#[test]
fn a_server_never_outlives_a_runner_that_is_killed_and_the_run_goes_on_with_a_desk_of_its_own() {
    let scene = Scene::scripted(
        &[epic("login", &["a"], &[])],
        &json!({ "login/team-lead/*": [
            { "work_on": ["a"] },
            { "write": { "path": "slow", "text": "" } },
            { "commit": "Be slow" },
            { "tools": [call("report_story", proven_by_gates("a", "@commit-of:a"), "never")] },
        ] }),
        "gates: [{ name: slow, run: 'if test -e slow; then sleep 600; fi' }]",
    );
    let mut running = scene.start(&["run"]);
    let runs = |what: &str| processes::of_runs(&scene.run_ids()).iter().any(|(_, line)| line.contains(what));
    running.until("a gate that hangs", |_| runs(" mcp") && runs("sleep 600"));
    running.signal(Signal::KILL);
    eventually("the end of everything", PATIENCE, || processes::of_runs(&scene.run_ids()).is_empty());
    assert!(scene.run_dir().join("desk/socket").exists(), "a killed runner leaves its socket");
    scene.script(&json!({ "login/team-lead/*": [
        { "delete": "slow" },
        { "commit": "Be quick" },
        { "tools": [call("report_story", proven_by_gates("a", "@commit-of:a"), "accepted as done")] },
    ] }));
    drop(running);
    scene.run(&["resume"]).exited_with(0);
    merged_in_one_attempt(&scene);
    assert!(!scene.run_dir().join("desk").exists());
}
