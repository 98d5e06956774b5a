//! What a run costs and how it is bounded: sums in every place that tells them, the stop at a budget, and going on.

use std::time::Duration;

use rustix::process::Signal;
use serde_json::{Value, json};

use crate::processes;
use crate::scene::{Scene, epic, eventually};

/// The last line of a session of Claude Code.
fn result(usage: &Value) -> Value {
    let mut line = json!({ "type": "result", "subtype": "success", "is_error": false, "session_id": "s",
                           "result": "done", "num_turns": 1, "duration_ms": 1 });
    line.as_object_mut().unwrap().extend(usage.as_object().unwrap().clone());
    line
}

/// What a session says that cost 60 cents.
fn sixty_cents() -> Value {
    let model = json!({ "inputTokens": 500, "outputTokens": 100, "cacheReadInputTokens": 0,
                        "cacheCreationInputTokens": 0, "costUSD": 0.6 });
    result(&json!({ "total_cost_usd": 0.6, "modelUsage": { "fake-model": model } }))
}

/// Two epics, with agents that speak as Claude Code does.
fn scene(script: &Value, config: &str) -> Scene {
    let scene = Scene::scripted(&[epic("A", &["a"], &[]), epic("B", &["b"], &[])], script, "");
    let args = json!(["--script", scene.repo.beside("script.json")]);
    let program = env!("CARGO_BIN_EXE_fake-agent");
    let claude = format!("backends: {{ claude: {{ program: {program}, args: {args} }} }}");
    scene.repo.write(
        "ralph.config.yml",
        &format!("execution: {{ epicPlanning: false, epicValidation: false, backend: claude }}\n{claude}\n{config}\n"),
    );
    scene.repo.commit("Configure");
    scene
}

fn status(scene: &Scene) -> Value {
    serde_json::from_str(&scene.run(&["status", "--json"]).exited_with(0).stdout).unwrap()
}

#[test]
fn a_budget_stops_the_run_and_a_higher_one_lets_it_go_on_to_a_pass() {
    let scene = scene(&json!({ "*/*/*": ["honest", { "stream": [sixty_cents()] }] }), "");
    let stopped = scene.run(&["run", "--max-cost", "1"]).exited_with(4);
    stopped
        .says("the budget is used up, $1.20 of $1.00: no session starts any more")
        .says("stopped by a limit: the budget is used up, $1.20 of $1.00")
        .says(&format!("ralph-teams resume {} --max-cost N", scene.run_id()));
    assert_eq!(scene.merged_since("main"), ["A", "B"], "what was finished is merged, the validator is not paid for");
    let told = status(&scene);
    assert_eq!(told["usage"]["costMicrodollars"], 1_200_000);
    assert_eq!(told["budget"], json!({ "limit": "cost", "used": 1_200_000, "of": 1_000_000, "percent": 120 }));

    scene.run(&["resume"]).exited_with(4).says("the budget is used up, $1.20 of $1.00");
    scene.run(&["resume", "--max-cost", "1.5"]).exited_with(0).says("1.8k tokens, $1.80");
    let verdict = scene.verdict();
    assert_eq!(verdict["verdict"], "pass");
    assert_eq!((&verdict["usage"]["cost_usd"], &verdict["usage"]["input_tokens"]), (&json!(1.8), &json!(1500)));
    assert_eq!(verdict["usage_by_role"]["team-lead"]["cost_usd"], 1.2);
    assert_eq!(verdict["usage_by_role"]["final-validator"]["cost_usd"], 0.6);
    assert_eq!(scene.judged("A")["usage_by_role"]["team-lead"]["output_tokens"], 100);
    assert_eq!(scene.judged("A")["usage_by_story"]["a"]["cost_usd"], 0.6, "its lead had only this one to do");
    let told = status(&scene);
    assert_eq!(told["usageByRole"]["final-validator"]["costMicrodollars"], 600_000);
    assert_eq!(told["epics"][0]["usage"]["costMicrodollars"], 600_000);
    assert_eq!(told["epics"][0]["usageByStory"]["a"], told["epics"][0]["usage"]);
    assert_eq!(told["epics"][0]["usageOfNoSingleStory"], Value::Null);
    scene.run(&["runs"]).exited_with(0).says("$1.80");
}

#[test]
fn an_epic_over_its_own_budget_ends_without_the_others() {
    let script = json!({ "A/*/*": [{ "stream": [sixty_cents()] }],
                         "*/*/*": ["honest", { "stream": [sixty_cents()] }] });
    let scene = scene(&script, "budget: { epic: { maxCostUsd: 1 } }");
    scene.run(&["run"]).exited_with(1).says("its budget is used up, $1.20 of $1.00 (budget.epic)");
    assert_eq!(["A", "B"].map(|id| scene.status(id)), ["failed", "completed"]);
}

#[test]
fn money_is_computed_from_tokens_where_the_price_of_the_model_is_known() {
    let model = json!({ "inputTokens": 1_000_000, "outputTokens": 100_000, "cacheReadInputTokens": 0 });
    let counted = result(&json!({ "modelUsage": { "made-up": model } }));
    let init = json!({ "type": "system", "subtype": "init", "session_id": "s", "model": "made-up-20260101" });
    let script = json!({ "*/*/*": [{ "stream": [init] }, "honest", { "stream": [counted] }] });
    let scene = scene(&script, "prices: { made-up: { input: 2, output: 10 } }");
    scene.run(&["run", "--only", "A"]).exited_with(0);
    let usage = &scene.verdict()["usage"];
    assert_eq!((&usage["cost_usd"], &usage["unpriced_sessions"]), (&json!(3.0), &json!(0)));
}

#[test]
fn what_a_program_does_not_tell_is_shown_as_unknown_and_cannot_be_held_to_a_budget() {
    let scene = Scene::of(&[epic("A", &["a"], &[])]);
    scene
        .run(&["run", "--max-tokens", "1"])
        .exited_with(0)
        .says("warning: the budget cannot be held for command")
        .says("tokens and cost not known");
    let usage = &scene.verdict()["usage"];
    assert_eq!((&usage["cost_usd"], &usage["input_tokens"]), (&Value::Null, &Value::Null));
    assert_eq!((&usage["unpriced_sessions"], &usage["uncounted_sessions"]), (&json!(1), &json!(1)));
    let report = std::fs::read_to_string(scene.run_dir().join("report.md")).unwrap();
    assert!(report.contains("| team-lead | not known | not known | not known | not known |"), "{report}");
    scene.run(&["status"]).exited_with(0).says("tokens and cost not known");
}

#[test]
fn a_rehearsal_is_known_to_consume_nothing() {
    let scene = Scene::of(&[epic("A", &["a"], &[])]);
    scene.run(&["run", "--rehearse", "--max-cost", "1"]).exited_with(0).says("nothing consumed");
    let usage = &scene.verdict()["usage"];
    assert_eq!((&usage["cost_usd"], &usage["unpriced_sessions"]), (&json!(0.0), &json!(0)));
}

#[test]
fn a_session_that_was_killed_with_its_runner_is_counted_as_unknown_when_it_is_done_again() {
    let scene = scene(&json!({}), "");
    let (began, go_on) = (scene.mark("began"), scene.mark("go on"));
    let steps = json!([{ "touch": began }, { "wait_for": go_on }, "honest", { "stream": [sixty_cents()] }]);
    scene.script(&json!({ "*/*/*": steps }));
    let mut running = scene.start(&["run", "--only", "A"]);
    running.until_exists(&began);
    running.signal(Signal::KILL);
    running.outcome();
    eventually("the end of all processes", Duration::from_secs(20), || processes::of_runs(&scene.run_ids()).is_empty());
    std::fs::write(&go_on, "").unwrap();
    scene.run(&["resume"]).exited_with(0).says("at least 600 tokens, at least $0.60, 1 session's cost is not known");
    let usage = &scene.verdict()["usage"];
    assert_eq!((&usage["cost_usd"], &usage["unpriced_sessions"]), (&json!(0.6), &json!(1)));
}
