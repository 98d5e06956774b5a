//! Whole runs with GitHub Copilot CLI, as it was recorded.

use serde_json::{Value, json};

use crate::replaying::{Replaying, recording};

/// A good session that does this and says what it consumed.
fn session(copilot: &Replaying, steps: &Value) -> Value {
    let usage = recording("copilot", "usage_output_file.step2.jsonl");
    let options = ["--session-id", "--resume"];
    let more = json!({ "steps": steps, "files": { "--usage-output-file": usage }, "session_from": options,
        "before": "\"type\":\"tool.execution_complete\"" });
    copilot.replay("usage_output_file.step1", &more)
}

/// The conversation that a command line names.
fn conversation<'a>(args: &'a [String], option: &str) -> Option<&'a str> {
    args.iter().find_map(|arg| arg.strip_prefix(option)?.strip_prefix('='))
}

#[test]
fn a_prd_is_worked_through_to_a_pass_with_roles_and_tokens() {
    let copilot = Replaying::new("copilot", "", "");
    copilot.script(&json!({
        "E/team-lead/*": [copilot.save_args("args"), session(&copilot, &json!(["work", { "report": "honest" }]))]
    }));
    copilot.run(&["run"]).exited_with(0);
    copilot.run(&["logs", "--epic", "E"]).exited_with(0).says("bash").says("2.6k tokens");
    copilot.merged_after(1);
    assert_eq!(copilot.tokens(), [2500, 120]);
    let args = copilot.args("args");
    let place = args.iter().position(|arg| arg == "--add-dir").expect("its roles");
    let roles = std::path::Path::new(&args[place + 1]);
    assert!(roles.starts_with(copilot.scene.run_dir().join("jobs")), "{args:?}");
    assert!(roles.join(".github/agents/builder.agent.md").is_file());
    let journal = std::fs::read_to_string(copilot.scene.run_dir().join("journal.jsonl")).unwrap();
    assert!(journal.contains(conversation(&args, "--session-id").expect("a name")), "{args:?}");
    assert_eq!(copilot.scene.repo.git(&["status", "--porcelain", "--", ".github"]), "");
}

#[test]
fn a_rate_limit_charges_nobody_and_the_conversation_goes_on_after_a_rest() {
    let copilot = Replaying::new("copilot", "", "policy: { retryDelay: 0.1 }");
    let turned_away = copilot.replay("error_429", &json!({ "session_from": ["--session-id"] }));
    copilot.script(&json!({
        "E/team-lead/1": [copilot.save_args("first"), turned_away],
        "E/team-lead/*": [copilot.save_args("second"), session(&copilot, &json!(["work", { "report": "honest" }]))]
    }));
    copilot.run(&["run"]).exited_with(0).says("429 Rate limit reached");
    copilot.merged_after(2);
    let (first, second) = (copilot.args("first"), copilot.args("second"));
    assert_eq!(conversation(&first, "--session-id"), conversation(&second, "--resume"), "{first:?} {second:?}");
    assert!(conversation(&second, "--resume").is_some());
}
