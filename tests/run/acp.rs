//! Whole runs with an agent of the Agent Client Protocol, as one was recorded.

use std::path::PathBuf;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::common::repo::Repo;
use crate::replaying::recording;
use crate::scene::{Scene, epic, prd, pretty};

/// A repository with one epic `E` with one story `s`, and an agent that plays this conversation.
fn scene(lines: &[Value]) -> Scene {
    let scene = Scene::bare(Repo::new(), "prd.json");
    let conversation = scene.repo.beside("conversation.jsonl");
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(&conversation, text).unwrap();
    scene.script(&json!({}));
    let argv = json!([env!("CARGO_BIN_EXE_fake-acp-agent"), conversation]);
    let env = json!({ "FAKE_ACP_HEARD": scene.mark("heard"), "FAKE_ACP_WAITS": scene.mark("waits") });
    scene.repo.write("prd.json", &pretty(&prd(&[epic("E", &["s"], &[])])));
    scene.repo.write(
        "ralph.config.yml",
        &format!("execution: {{ epicPlanning: false, epicValidation: false, backend: acp }}\nbackends: {{ acp: {{ argv: {argv}, env: {env} }} }}\n"),
    );
    scene.repo.commit("Begin");
    scene
}

fn recorded(name: &str) -> Vec<Value> {
    let path: PathBuf = recording("acp", &format!("{name}.jsonl"));
    let text = std::fs::read_to_string(path).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_prd_is_worked_through_to_a_pass() {
    let mut lines = recorded("claude-agent-acp.prompt");
    // The work is done where the agent's own command was done.
    let place = lines.iter().position(|line| line["msg"]["params"]["update"]["status"] == "completed").unwrap();
    let work = format!("{} </dev/null >/dev/null", env!("CARGO_BIN_EXE_fake-agent"));
    lines.insert(place, json!({ "dir": "do", "msg": { "shell": work } }));
    let scene = scene(&lines);
    scene.run(&["run"]).exited_with(0);
    scene.run(&["logs", "--epic", "E"]).exited_with(0).says("Bash");
    assert_eq!(scene.judged("E")["status"], "merged");
    let verdict = scene.verdict();
    assert_eq!(verdict["verdict"], "pass");
    assert_eq!(verdict["usage"]["cost_usd"], 0.0184);
    let heard = std::fs::read_to_string(scene.mark("heard")).unwrap();
    assert!(heard.contains("bypassPermissions") && heard.contains("Epic E"), "{heard}");
    scene.has_no_process_left();
}

#[test]
fn a_stop_reaches_the_agent_as_a_cancel_and_nothing_is_left() {
    let scene = scene(&recorded("claude-agent-acp.cancel"));
    let mut running = scene.start(&["run"]);
    running.until_exists(&scene.mark("waits"));
    running.signal(Signal::INT);
    running.outcome().exited_with(130);
    let heard = std::fs::read_to_string(scene.mark("heard")).unwrap();
    assert!(heard.contains("session/cancel"), "{heard}");
    scene.has_no_process_left();
}
