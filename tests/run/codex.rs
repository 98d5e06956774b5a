//! Whole runs with Codex, as it was recorded.

use rustix::process::Signal;
use serde_json::json;

use crate::replaying::Replaying;

/// The place in a recording at which the agent's command is done.
const DONE: &str = "\"exit_code\":0";

#[test]
fn a_prd_is_worked_through_to_a_pass_and_a_red_gate_is_mended_in_the_same_conversation() {
    let codex = Replaying::new("codex", "", "gates: [{ name: whole, run: test ! -e broken.txt }]");
    let breaks = json!({ "steps": ["work", { "write": { "path": "broken.txt", "text": "x" } }, { "commit": "Break" },
        { "report": "honest" }], "before": DONE });
    let mends = json!({ "steps": [{ "delete": "broken.txt" }, { "commit": "Mend" }, { "report": "honest" }] });
    let first = json!({ "mark": codex.scene.mark("once"),
        "steps": [codex.save_args("first"), codex.replay("resume.step1", &breaks)] });
    codex.script(&json!({
        "E/team-lead/*": [{ "once": first }, codex.save_args("second"), codex.replay("resume.step2", &mends)]
    }));
    codex.run(&["run"]).exited_with(0);
    codex.run(&["logs", "--epic", "E"]).exited_with(0).says("shell").says("1.4k tokens");
    codex.merged_after(1);
    let (first, second) = (codex.args("first"), codex.args("second"));
    assert!(first.contains(&"--dangerously-bypass-approvals-and-sandbox".to_owned()), "{first:?}");
    assert_eq!(second[second.len() - 3..], ["resume", "01a1f854-060a-7d90-ab25-e2ce2fb13c79", "-"], "{second:?}");
    // What the conversation states at its end, and not its first statement on top of it.
    assert_eq!(codex.tokens(), [3900, 180]);
}

#[test]
fn a_rate_limit_charges_nobody_and_the_conversation_goes_on_after_a_rest() {
    let codex = Replaying::new("codex", "", "policy: { retryDelay: 0.1 }");
    let again = json!({ "steps": ["work", { "report": "honest" }], "before": DONE, "session_from": ["resume"] });
    codex.script(&json!({
        "E/team-lead/1": [codex.replay("error_429", &json!({}))],
        "E/team-lead/*": [codex.save_args("second"), codex.replay("success", &again)]
    }));
    codex.run(&["run"]).exited_with(0).says("429 Too Many Requests");
    codex.merged_after(2);
    let second = codex.args("second");
    assert_eq!(second[second.len() - 3..], ["resume", "01a1f854-515f-7562-9f0c-7d8c11d4f841", "-"], "{second:?}");
}

#[test]
fn a_rate_limit_in_the_middle_of_the_work_uses_up_no_round_of_fixes() {
    let codex = Replaying::new("codex", "", "policy: { retryDelay: 0.1, maxAttempts: 1, maxFixCycles: 0 }");
    let in_part = json!({ "steps": [{ "write": { "path": "half.txt", "text": "half" } }, { "commit": "Half of it" },
        { "report": { "failing": { "s": "not yet" } } }] });
    codex.script(&json!({
        "E/team-lead/1": [codex.replay("error_429", &in_part)],
        "E/team-lead/*": [codex.replay("success", &json!({ "steps": ["work", { "report": "honest" }], "before": DONE,
            "session_from": ["resume"] }))]
    }));
    codex.run(&["run"]).exited_with(0).says("429 Too Many Requests");
    codex.merged_after(2);
    assert_eq!(codex.scene.judged("E")["fix_cycles"], 0);
}

#[test]
fn tokens_that_were_stated_before_the_runner_died_are_not_counted_again_when_the_conversation_goes_on() {
    let codex = Replaying::new("codex", "", "");
    let begun = codex.scene.mark("begun");
    let says = |tokens: [u64; 2]| {
        let item = json!({ "type": "agent_message", "text": "x" });
        json!({ "stream": [
            { "type": "thread.started", "thread_id": "01a1f854-060a-7d90-ab25-e2ce2fb13c79" },
            { "type": "turn.started" },
            { "type": "item.completed", "item": item },
            { "type": "turn.completed", "usage": { "input_tokens": tokens[0], "output_tokens": tokens[1] } }
        ] })
    };
    let cut = |name: &str, tokens: [u64; 2]| {
        let steps = [says(tokens), json!({ "touch": begun }), json!({ "wait_for": codex.scene.mark("never") })];
        json!({ "once": { "mark": codex.scene.mark(name), "steps": steps } })
    };
    let (first, second) = (cut("first", [2500, 120]), cut("second", [3900, 180]));
    let works = json!({ "steps": ["work", { "report": "honest" }] });
    codex.script(&json!({ "E/team-lead/*": [first, second, codex.replay("resume.step3", &works)] }));
    for command in ["run", "resume"] {
        let mut running = codex.start(&[command]);
        running.until_exists(&begun);
        // Its log says so before anything else is done.
        std::fs::remove_file(&begun).unwrap();
        running.signal(Signal::KILL);
        running.outcome();
    }
    codex.run(&["resume"]).exited_with(0);
    codex.merged_after(1);
    // What the conversation states at its end; each of the three lives stated all that came before it, too.
    assert_eq!(codex.tokens(), [5400, 240]);
}

#[test]
fn what_a_sandbox_kept_from_being_committed_is_committed_by_the_runner() {
    let codex = Replaying::new("codex", "args: [-s, workspace-write]", "");
    let steps = json!({ "steps": [{ "write": { "path": "s.txt", "text": "s is done\n" } }, { "report": "unproven" }] });
    codex.script(&json!({
        "E/team-lead/*": [codex.save_args("args"), codex.replay("sandbox_workspace_write_root", &steps)]
    }));
    codex.run(&["run"]).exited_with(0).says("s.txt");
    codex.merged_after(1);
    let args = codex.args("args");
    let folders: Vec<&String> =
        args.iter().zip(&args[1..]).filter(|(a, _)| *a == "--add-dir").map(|(_, b)| b).collect();
    let git = codex.scene.repo.path().join(".git");
    assert_eq!(folders.len(), 2, "{args:?}");
    assert_eq!(folders[0], git.to_str().unwrap());
    assert!(folders[1].starts_with(git.join("worktrees").to_str().unwrap()), "{args:?}");
}
