//! Whole runs with opencode, as it was recorded.

use serde_json::json;

use crate::replaying::Replaying;

/// The place in a recording at which the agent's command is done.
const DONE: &str = "\"exit\":0";

#[test]
fn a_prd_is_worked_through_to_a_pass_and_a_red_gate_is_mended_in_the_same_conversation() {
    let opencode = Replaying::new("opencode", "", "gates: [{ name: whole, run: test ! -e broken.txt }]");
    let breaks = json!({ "steps": ["work", { "write": { "path": "broken.txt", "text": "x" } }, { "commit": "Break" },
        { "report": "honest" }], "before": DONE });
    let mends = json!({ "steps": [{ "delete": "broken.txt" }, { "commit": "Mend" }, { "report": "honest" }] });
    let first = json!({ "mark": opencode.scene.mark("once"),
        "steps": [opencode.save_args("first"), opencode.replay("resume.step1", &breaks)] });
    opencode.script(&json!({
        "E/team-lead/*": [{ "once": first }, opencode.save_args("second"), opencode.replay("resume.step2", &mends)],
    }));
    opencode.run(&["run"]).exited_with(0);
    opencode.run(&["logs", "--epic", "E"]).exited_with(0).says("bash");
    opencode.merged_after(1);
    assert_eq!(opencode.scene.verdict()["verdict"], "pass");
    let (first, second) = (opencode.args("first"), opencode.args("second"));
    assert!(first.contains(&"--auto".to_owned()), "{first:?}");
    assert_eq!(second[second.len() - 2..], ["--session", "ses_e07a7483affe3rIvaKlvoi4ckZ"], "{second:?}");
    assert_eq!(opencode.tokens(), [2500 + 1400, 120 + 60], "all steps of both sessions");
}

#[test]
fn a_program_that_goes_round_in_circles_is_ended_and_nobody_is_charged() {
    let opencode = Replaying::new("opencode", "", "policy: { retryDelay: 0.1 }");
    let start = json!({ "type": "step_start", "sessionID": "ses_1", "part": { "messageID": "m" } });
    let finish = json!({ "type": "step_finish", "sessionID": "ses_1", "part": { "reason": "unknown" } });
    let circle = json!({ "repeat": { "times": 100_000, "steps": [{ "stream": [start, finish] }, { "sleep_ms": 5 }] } });
    let works = json!({ "steps": ["work", { "report": "honest" }], "before": DONE, "session_from": ["--session"] });
    opencode.script(&json!({
        "E/team-lead/1": [circle],
        "E/team-lead/*": [opencode.save_args("second"), opencode.replay("success", &works)],
    }));
    opencode.run(&["run"]).exited_with(0).says("broke off again and again");
    opencode.merged_after(2);
    let second = opencode.args("second");
    assert_eq!(second[second.len() - 2..], ["--session", "ses_1"], "it goes on in its conversation: {second:?}");
}
