//! A lead on one program whose builder has two others: what becomes of the run when the first of these is turned away.

use serde_json::{Value, json};

use crate::replaying::recording;
use crate::scene::{Scene, epic, pretty};

/// One epic whose lead works on `command`, and whose builder on Claude Code, with Codex in its place. What each program
/// does stands in a script of its own.
fn scene(lead: &Value, claude: &Value, codex: &Value, more: &str) -> Scene {
    let scene = Scene::scripted(&[epic("E", &["s"], &[])], lead, "");
    let agent = env!("CARGO_BIN_EXE_fake-agent");
    let scripted = |name: &str, script: &Value| {
        let path = scene.repo.beside(name);
        std::fs::write(&path, pretty(script)).unwrap();
        json!({ "program": agent, "env": { "FAKE_AGENT_SCRIPT": path } })
    };
    let (claude, codex) = (scripted("claude.json", claude), scripted("codex.json", codex));
    let lead = json!([agent, "--script", scene.repo.beside("script.json")]);
    scene.repo.write(
        "ralph.config.yml",
        &format!(
            "execution: {{ epicPlanning: false, epicValidation: false, backend: command }}\n\
             roles: {{ builder: {{ backend: claude, fallback: [codex] }} }}\n\
             backends: {{ command: {{ argv: {lead} }}, claude: {claude}, codex: {codex} }}\n{more}\n"
        ),
    );
    scene.repo.commit("Configure");
    scene
}

fn replay(program: &str, name: &str, steps: &Value) -> Value {
    json!([{ "replay": { "recording": recording(program, name), "steps": steps } }])
}

fn call(tool: &str, with: &Value, says: &str) -> Value {
    json!({ "tool": tool, "with": with, "says": says })
}

fn delegate(says: &str) -> Value {
    call("delegate", &json!({ "role": "builder", "story": "s", "brief": "Mind the button." }), says)
}

fn report() -> Value {
    let with = json!({ "story": "s", "passes": true, "commit": "@commit-of:s", "evidence": ["built"] });
    call("report_story", &with, "accepted as done")
}

/// The builders of the newest run by the program that each worked on.
fn builders(scene: &Scene) -> Vec<(String, String)> {
    let jobs = std::fs::read_dir(scene.run_dir().join("jobs")).unwrap().map(|entry| entry.unwrap().path());
    let mut found: Vec<(String, String)> = jobs
        .filter_map(|job| {
            let record = std::fs::read_to_string(job.join("session.json")).ok()?;
            let record: Value = serde_json::from_str(&record).unwrap();
            let name = job.file_name()?.to_str()?.split_once('.')?.1.to_owned();
            name.starts_with("builder").then(|| (name, record["backend"].as_str().unwrap().to_owned()))
        })
        .collect();
    found.sort();
    found
}

fn worked_on(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(job, program)| ((*job).to_owned(), (*program).to_owned())).collect()
}

#[test]
fn another_program_stands_in_for_a_builder_that_its_provider_turned_away_and_the_lead_hears_only_of_the_end() {
    let lead = json!({ "E/team-lead/1": [{ "tools": [delegate("it ended as it should"), report()] }] });
    let claude = json!({ "E/builder/*": replay("claude", "error_429", &json!([])) });
    let codex = json!({ "E/builder/*": replay("codex", "success", &json!(["work"])) });
    // One session in each role, so that a charge for the one that was turned away would leave none for the other.
    let scene = scene(&lead, &claude, &codex, "policy: { maxAttempts: 1 }");
    scene
        .run(&["run"])
        .exited_with(0)
        .says("builder for s starts on claude")
        .says("builder for s starts on codex")
        .says("the provider turned it away");
    assert_eq!(builders(&scene), worked_on(&[("builder.1", "claude"), ("builder.2", "codex")]));
    let (verdict, judged) = (scene.verdict(), scene.judged("E"));
    assert_eq!(verdict["verdict"], "pass", "{verdict:#}");
    assert_eq!(
        (&judged["status"], &judged["attempts"], &judged["fix_cycles"]),
        (&json!("merged"), &json!(1), &json!(0))
    );
    assert_eq!(scene.merged_since("main"), ["E"]);
    assert_eq!(scene.repo.git(&["show", &format!("{}:s.txt", scene.loop_branch())]), "s is done");
    let builder = &verdict["usage_by_role"]["builder"];
    assert_eq!((&builder["input_tokens"], &builder["output_tokens"]), (&json!(2500), &json!(120)), "{builder:#}");
    // What the one that was turned away consumed is known to be nothing; the other one's price is not known.
    assert_eq!((&builder["uncounted_sessions"], &builder["unpriced_sessions"]), (&json!(0), &json!(1)), "{builder:#}");
    assert_eq!(judged["usage_by_role"]["builder"], *builder);
    assert_eq!(judged["usage_by_story"]["s"]["output_tokens"], 120);
    scene.has_no_process_left();
}

#[test]
fn a_lead_whose_builder_and_its_stand_in_are_turned_away_is_told_and_does_the_work_itself() {
    let refused = |says: &str| {
        let mut call = delegate(says);
        call["refused"] = json!(true);
        call
    };
    let calls = [refused("the provider turned it away"), refused("turns sessions away for another")];
    let lead = json!({ "E/team-lead/1": [{ "tools": calls }, "work", { "tools": [report()] }] });
    let claude = json!({ "E/builder/*": replay("claude", "error_429", &json!([])) });
    let codex = json!({ "E/builder/*": replay("codex", "error_429", &json!([])) });
    let scene = scene(&lead, &claude, &codex, "policy: { maxAttempts: 1 }");
    scene.run(&["run"]).exited_with(0);
    assert_eq!(builders(&scene), worked_on(&[("builder.1", "claude"), ("builder.2", "codex")]));
    let judged = scene.judged("E");
    assert_eq!((&judged["status"], &judged["attempts"]), (&json!("merged"), &json!(1)), "{judged:#}");
    scene.has_no_process_left();
}

#[test]
fn a_builder_that_nobody_signed_in_stops_the_run_and_it_is_resumed_once_somebody_did() {
    let lead = json!({ "E/team-lead/1": [{ "tools": [delegate("it ended as it should"), report()] }] });
    let claude = json!({ "E/builder/*": replay("claude", "no_key", &json!([])) });
    let codex = json!({ "E/builder/*": replay("codex", "success", &json!(["work"])) });
    let scene = scene(&lead, &claude, &codex, "");
    scene.run(&["run"]).exited_with(3).says("ralph-teams resume");
    scene.has_no_process_left();
    let signed_in = json!({ "E/builder/*": replay("claude", "success", &json!(["work"])) });
    std::fs::write(scene.repo.beside("claude.json"), pretty(&signed_in)).unwrap();
    scene.run(&["resume"]).exited_with(0);
    assert!(builders(&scene).iter().all(|(_, program)| program == "claude"), "{:?}", builders(&scene));
    let judged = scene.judged("E");
    assert_eq!((&judged["status"], &judged["attempts"]), (&json!("merged"), &json!(1)), "{judged:#}");
}
