//! Whole runs with Gemini CLI, as it was recorded.

use serde_json::json;

use crate::replaying::Replaying;
use crate::scene::read_json;

/// The place in a recording at which the agent's command is done.
const DONE: &str = "\"tool_result\"";

#[test]
fn a_prd_is_worked_through_to_a_pass_by_somebody_who_is_told_who_commits() {
    let gemini = Replaying::new("gemini", "", "");
    let works = json!({ "steps": ["work", { "report": "honest" }], "before": DONE });
    let env = gemini.scene.mark("env");
    gemini.script(&json!({
        "E/team-lead/*": [gemini.save_args("args"), { "save_env": env }, gemini.replay("success", &works)],
    }));
    gemini.run(&["run"]).exited_with(0);
    gemini.run(&["logs", "--epic", "E"]).exited_with(0).says("run_shell_command");
    gemini.merged_after(1);
    assert_eq!(gemini.scene.verdict()["verdict"], "pass");
    assert_eq!(gemini.args("args")[1..], ["--output-format", "stream-json", "--yolo", "--skip-trust"]);
    assert_eq!(gemini.tokens(), [2500, 120]);
    let env = read_json(&env);
    let author = gemini.scene.repo.git(&["log", "-1", "--format=%an <%ae>", "main"]);
    let (name, mail) = author.trim_end_matches('>').split_once(" <").unwrap();
    for (variable, value) in [
        ("GIT_AUTHOR_NAME", name),
        ("GIT_AUTHOR_EMAIL", mail),
        ("GIT_COMMITTER_NAME", name),
        ("GIT_COMMITTER_EMAIL", mail),
    ] {
        assert_eq!(env[variable], value, "{variable}");
    }
}

#[test]
fn a_wrong_key_stops_the_run_and_asks_for_a_sign_in() {
    let gemini = Replaying::new("gemini", "", "");
    gemini.script(&json!({ "E/team-lead/*": [gemini.replay("error_401", &json!({}))] }));
    gemini.run(&["run"]).exited_with(3).says("API key not valid");
    gemini.scene.has_no_process_left();
}
