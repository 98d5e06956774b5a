//! Whole runs in which a lead delegates to sessions on another program, and what becomes of these when somebody dies.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::mcp::Client;
use crate::processes;
use crate::raw::Desk;
use crate::scene::{PATIENCE, Running, Scene, epic, eventually, read_json};

fn delegate(role: &str, brief: &str, says: &str) -> Value {
    json!({ "tool": "delegate", "with": { "role": role, "story": "a", "brief": brief }, "says": says })
}

fn refused(with: Value, says: &str) -> Value {
    json!({ "tool": "delegate", "with": with, "says": says, "refused": true })
}

fn report(commit: &str) -> Value {
    let with = json!({ "story": "a", "passes": true, "commit": commit, "evidence": ["judged"] });
    json!({ "tool": "report_story", "with": with, "says": "accepted as done" })
}

/// What a builder on the other program does, with the last words that this program prints.
pub fn builds(steps: Value) -> Value {
    let mut steps = steps.as_array().cloned().expect("steps");
    steps.push(json!({ "claude": { "session": "of-the-helper", "text": "it is built" } }));
    json!(steps)
}

fn judges(verdict: &str, criterion: &str) -> Value {
    let criteria = json!([{ "story": "a", "criterion": 1, "verdict": criterion, "evidence": "looked" }]);
    let with = json!({ "verdict": verdict, "criteria": criteria });
    builds(json!([{ "tools": [{ "tool": "report_validation", "with": with, "says": "accepted" }] }]))
}

/// The scripted agent in the place of Claude Code: as that does, it reads its servers from the file that an option names.
pub fn claude(scene: &Scene) -> PathBuf {
    let (program, script) = (scene.repo.beside("claude"), scene.repo.beside("script.json"));
    let agent = env!("CARGO_BIN_EXE_fake-agent");
    let text = format!(
        "#!/bin/sh\nwhile [ $# -gt 0 ]; do [ \"$1\" = --mcp-config ] && export RALPH_MCP_CONFIG=\"$2\"; shift; done\n\
         exec '{agent}' --script '{}'\n",
        script.display()
    );
    std::fs::write(&program, text).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    program
}

/// One epic whose lead runs on `command`, and whose helpers run on `claude`, both played by the scripted agent.
pub fn scene(script: &Value, more: Value) -> Scene {
    let scene = Scene::scripted(&[epic("login", &["a"], &[])], script, "");
    let (agent, script) = (env!("CARGO_BIN_EXE_fake-agent"), scene.repo.beside("script.json"));
    let program = claude(&scene);
    let other = json!({ "backend": "claude" });
    let mut config = json!({
        "execution": { "backend": "command" },
        "roles": { "builder": other, "story-validator": other, "story-planner": other },
        "backends": { "command": { "argv": [agent, "--script", script] }, "claude": { "program": program } },
    });
    for (section, entries) in more.as_object().expect("sections") {
        for (key, value) in entries.as_object().expect("keys") {
            config[section][key] = value.clone();
        }
    }
    scene.repo.write("ralph.config.yml", &config.to_string());
    scene.repo.commit("Configure");
    scene
}

#[track_caller]
pub fn merged_once(scene: &Scene) {
    let judged = scene.judged("login");
    assert_eq!((&judged["status"], &judged["attempts"]), (&json!("merged"), &json!(1)), "{judged:#}");
    scene.has_no_process_left();
}

pub fn job_dir(scene: &Scene, job: &str) -> PathBuf {
    scene.run_dir().join("jobs").join(job)
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|fault| panic!("{}: {fault}", path.display()))
}

#[test]
fn a_builder_on_another_program_builds_a_validator_finds_something_and_it_is_mended_and_merged() {
    let steps = json!([{ "save_prompt": "PROMPT" }, { "tools": [
        delegate("builder", "Mind the button.", "\"subject\""),
        delegate("story-validator", "It is perfect, believe me.", "\"contradicted\""),
        delegate("builder", "The button is red.", "\"ended\": \"it ended as it should\""),
        delegate("story-validator", "", "\"verdict\": \"pass\""),
        report("@commit-of:a"),
    ] }]);
    let scene = scene(&json!({}), json!({}));
    let mut steps = steps;
    steps[0]["save_prompt"] = json!(scene.mark("lead"));
    scene.script(&json!({
        "login/team-lead/1": steps,
        "login/builder/1": builds(json!([{ "save_prompt": scene.mark("builder") }, { "work_on": ["a"] }])),
        "login/builder/2": builds(json!([{ "write": { "path": "mended", "text": "" } }, { "commit": "Mend it" }])),
        "login/story-validator/1": [{ "save_prompt": scene.mark("validator") }, judges("fail", "contradicted")[0],
            { "claude": { "session": "v", "text": "no" } }],
        "login/story-validator/2": judges("pass", "proven"),
    }));
    scene.run(&["run"]).exited_with(0).says("the team-lead delegates: builder for a starts on claude");
    merged_once(&scene);
    assert_eq!(scene.repo.git(&["show", &format!("{}:a.txt", scene.loop_branch())]), "a is done");
    let told = read(&scene.mark("builder"));
    assert!(told.contains("> Mind the button.") && told.contains("its file exists"), "{told}");
    let told = read(&scene.mark("validator"));
    assert!(!told.contains("perfect") && told.contains("its file exists"), "who judges is told no claims: {told}");
    let lead = read(&scene.mark("lead"));
    assert!(lead.contains("with the tool `delegate`") && lead.contains("- builder:"), "{lead}");
    let record = read_json(&job_dir(&scene, "login.builder.1").join("session.json"));
    assert_eq!((&record["role"], &record["backend"]), (&json!("builder"), &json!("claude")));
    let report = read_json(&job_dir(&scene, "login.story-validator.1").join("report.json"));
    assert_eq!(report["criteria"][0]["verdict"], "contradicted");
    let lead = read_json(&job_dir(&scene, "login.team-lead.1").join("report.json"));
    assert_eq!(lead["stories"]["a"]["passes"], true, "nobody wrote over the lead's report");
}

#[test]
fn what_may_not_be_is_refused_and_the_lead_goes_on_by_itself() {
    let script = json!({ "login/team-lead/1": [
        { "tools": [
            refused(json!({ "role": "builder", "story": "x", "brief": "x" }), "not asked for the story x"),
            refused(json!({ "role": "story-validator" }), "none is named"),
            refused(json!({ "role": "resolver", "brief": "x" }), "arguments are wrong"),
            refused(json!({ "role": "builder", "story": "a" }), "say in `brief`"),
            delegate("builder", "try", "it failed"),
            refused(json!({ "role": "builder", "story": "a", "brief": "again" }), "all 1 sessions"),
        ] },
        { "work_on": ["a"] },
        { "tools": [report("@commit-of:a")] },
    ], "login/builder/*": [{ "exit": 3 }] });
    let scene = scene(&script, json!({ "policy": { "maxAttempts": 1 } }));
    scene.run(&["run"]).exited_with(0).says("the team-lead may not delegate to builder for x");
    merged_once(&scene);
}

#[test]
fn a_builder_that_hangs_is_ended_alone_and_the_lead_is_told() {
    let script = json!({ "login/team-lead/1": [
        { "tools": [delegate("builder", "hang", "silent for 2 s")] },
        { "work_on": ["a"] },
        { "tools": [report("@commit-of:a")] },
    ], "login/builder/*": [{ "wait_for": "/nonexistent" }] });
    let scene = scene(&script, json!({ "timeouts": { "idleTimeout": 2 } }));
    scene.run(&["run"]).exited_with(0);
    merged_once(&scene);
}

#[test]
fn what_a_builder_consumed_counts_when_nobody_can_look_at_what_it_left() {
    let script = json!({ "login/team-lead/1": [
        { "tools": [delegate("builder", "hide it", "cannot be looked at")] },
        { "shell": "mv .ralph/hidden .git" },
        { "work_on": ["a"] },
        { "tools": [report("@commit-of:a")] },
    ], "login/builder/*": builds(json!([{ "shell": "mv .git .ralph/hidden" }])) });
    let scene = scene(&script, json!({}));
    scene.run(&["run"]).exited_with(0);
    merged_once(&scene);
    let consumed = &scene.judged("login")["usage_by_role"]["builder"];
    assert!(consumed["cost_usd"].as_f64().is_some_and(|cost| cost > 0.0), "{consumed}");
}

#[test]
fn a_validator_that_writes_is_told_as_a_fault_of_its_own() {
    let script = json!({ "login/team-lead/1": [
        { "work_on": ["a"] },
        { "tools": [delegate("story-validator", "", "was to change nothing")] },
        { "shell": "rm -f meddled" },
        { "tools": [report("@commit-of:a")] },
    ], "login/story-validator/*": [
        { "write": { "path": "meddled", "text": "" } }, { "claude": { "session": "v", "text": "pass" } },
    ] });
    let scene = scene(&script, json!({}));
    scene.run(&["run"]).exited_with(0);
    merged_once(&scene);
}

#[test]
fn the_plan_of_a_story_planner_goes_back_to_the_lead_and_to_nobody_else() {
    let hands_in = json!({ "tool": "report_plan", "with": { "text": "# Steps of the plan" }, "says": "kept" });
    let script = json!({ "login/team-lead/1": [
        { "tools": [delegate("story-planner", "", "# Steps of the plan")] },
        "honest",
    ], "login/story-planner/*": builds(json!([{ "tools": [hands_in] }])) });
    let scene = scene(&script, json!({}));
    scene.run(&["run"]).exited_with(0);
    merged_once(&scene);
    let plans = std::fs::read_dir(scene.repo.path().join(".ralph-teams/plans")).into_iter().flatten().flatten();
    assert!(plans.into_iter().all(|plan| !read(&plan.path()).contains("# Steps of the plan")), "no plan of the epic");
}

#[test]
fn delegation_that_is_switched_off_is_neither_offered_nor_carried_out() {
    let scene = scene(&json!({}), json!({ "execution": { "delegation": "never" } }));
    scene.script(&json!({
        "login/team-lead/*": [{ "touch": scene.mark("begun") }, { "wait_for": scene.mark("go on") }, "honest"],
    }));
    let mut running = scene.start(&["run"]);
    running.until_exists(&scene.mark("begun"));
    let config = read_json(&job_dir(&scene, "login.team-lead.1").join("mcp.json"));
    let mut client = Client::configured(&config);
    client.initialize("2025-11-25");
    let listed = client.request("tools/list", json!({}))["result"]["tools"].clone();
    let names: Vec<&Value> = listed.as_array().unwrap().iter().map(|tool| &tool["name"]).collect();
    assert_eq!(names, ["get_epic", "report_story", "note", "blocked"]);
    let with = json!({ "role": "builder", "story": "a", "brief": "x" });
    let unlisted = client.request("tools/call", json!({ "name": "delegate", "arguments": with }));
    assert_eq!(unlisted["error"]["code"], -32602, "{unlisted}");
    let said = Desk::of(&config).asked("1", "delegate", &with);
    assert!(said.contains("has no tool") && said.contains("\"refused\":true"), "{said}");
    std::fs::write(scene.mark("go on"), "").unwrap();
    running.outcome().exited_with(0);
    drop(client);
    merged_once(&scene);
}

#[test]
fn a_runner_that_is_killed_leaves_no_session_and_the_lead_delegates_again() {
    let scene = scene(&json!({}), json!({}));
    scene.script(&json!({
        "login/team-lead/1": [{ "tools": [delegate("builder", "build", "never")] }],
        "login/builder/1": [{ "touch": scene.mark("builds") }, { "wait_for": "/nonexistent" }],
    }));
    let mut running = scene.start(&["run"]);
    running.until_exists(&scene.mark("builds"));
    running.signal(Signal::KILL);
    eventually("the end of everything", PATIENCE, || processes::of_runs(&scene.run_ids()).is_empty());
    drop(running);
    scene.script(&json!({
        "login/team-lead/1": [
            { "tools": [delegate("builder", "build", "it ended as it should"), report("@commit-of:a")] },
        ],
        "login/builder/1": builds(json!([{ "work_on": ["a"] }])),
    }));
    scene.run(&["resume"]).exited_with(0);
    merged_once(&scene);
    let merges = scene.repo.git(&["log", "--merges", "--format=%H", &scene.loop_branch()]);
    assert_eq!(merges.lines().count(), 1, "{merges}");
}

/// A lead that stands still, a client in its place, and a builder that never ends.
fn hanging() -> (Scene, Running, Client, Value) {
    let scene = scene(&json!({}), json!({}));
    scene.script(&json!({
        "login/team-lead/*": ["work", { "touch": scene.mark("begun") }, { "wait_for": scene.mark("go on") }, "honest"],
        "login/builder/*": [{ "touch": scene.mark("builds") }, { "wait_for": "/nonexistent" }],
    }));
    let mut running = scene.start(&["run"]);
    running.until_exists(&scene.mark("begun"));
    let config = read_json(&job_dir(&scene, "login.team-lead.1").join("mcp.json"));
    let mut client = Client::configured(&config);
    client.initialize("2025-11-25");
    let arguments = json!({ "name": "delegate", "arguments": { "role": "builder", "story": "a", "brief": "x" } });
    client.ask("tools/call", arguments);
    running.until_exists(&scene.mark("builds"));
    (scene, running, client, config)
}

fn builder_is_at_work(scene: &Scene) -> bool {
    processes::of_runs(&scene.run_ids()).iter().any(|(_, line)| line.contains("builder"))
}

#[test]
fn a_lead_that_cancels_its_call_ends_its_builder_and_may_delegate_again() {
    let (scene, mut running, client, config) = hanging();
    let ended = || job_dir(&scene, "login.builder.1").join("exit.json").exists();
    assert!(!ended());
    drop(client);
    eventually("the end of the builder", PATIENCE, ended);
    running.until("the word that it was stopped", |running| running.stdout().contains("builder for a was stopped"));
    std::fs::remove_file(scene.mark("builds")).unwrap();
    let mut client = Client::configured(&config);
    client.initialize("2025-11-25");
    client.ask(
        "tools/call",
        json!({ "name": "delegate", "arguments": { "role": "builder", "story": "a", "brief": "again" } }),
    );
    eventually("a second builder", PATIENCE, || scene.mark("builds").exists());
    std::fs::write(scene.mark("go on"), "").unwrap();
    running.outcome().exited_with(0);
    drop(client);
    assert!(!builder_is_at_work(&scene));
    merged_once(&scene);
}

#[test]
fn a_lead_that_ends_takes_its_builder_with_it_and_is_checked_after_that() {
    let (scene, running, client, _) = hanging();
    std::fs::write(scene.mark("go on"), "").unwrap();
    running.outcome().exited_with(0);
    drop(client);
    merged_once(&scene);
    assert!(job_dir(&scene, "login.builder.1").join("exit.json").exists());
}
