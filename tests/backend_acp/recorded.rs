//! Recorded conversations with real agents, played again.

use ralph_teams::domain::activity::Activity;
use serde_json::{Value, json};

use crate::talk::{recording, talk};

#[test]
fn each_agent_is_told_in_its_own_words_that_it_may_do_everything() {
    for (name, mode) in [
        ("claude-agent-acp.prompt", "bypassPermissions"),
        ("claude-code-acp.prompt", "bypassPermissions"),
        ("codex-acp.prompt", "agent-full-access"),
        ("codex-acp-zed.prompt", "full-access"),
        ("gemini.prompt", "yolo"),
    ] {
        let talked = talk(&recording(name), &[]);
        let modes: Vec<Value> =
            talked.heard_of("session/set_mode").iter().map(|asked| asked["modeId"].clone()).collect();
        assert_eq!(modes, [json!(mode)], "{name}");
    }
    let copilot = talk(&recording("copilot.prompt"), &[]);
    let options = copilot.heard_of("session/set_config_option");
    assert_eq!((&options[0]["configId"], &options[0]["value"]), (&json!("allow_all"), &json!("on")));
}

#[test]
fn a_question_is_answered_with_the_narrowest_yes() {
    for (name, answer) in [("claude-agent-acp.prompt", "allow-once"), ("gemini.prompt", "proceed_once")] {
        let talked = talk(&recording(name), &[]);
        let answers: Vec<&Value> = talked.heard.iter().filter_map(|heard| heard["result"].get("outcome")).collect();
        assert_eq!(answers, [&json!({ "outcome": "selected", "optionId": answer })], "{name}");
    }
}

#[test]
fn a_session_tells_its_conversation_its_words_and_its_tools() {
    let talked = talk(&recording("claude-agent-acp.prompt"), &[]);
    let told: Vec<&Activity> =
        talked.seen.iter().filter(|seen| !matches!(seen, Activity::Identified(_))).skip(1).collect();
    let command = "echo 'hello from the agent' > hello.txt && git add hello.txt && git commit -q -m 'feat: add hello' \
                   && git log --oneline";
    let expected = [
        &Activity::Text("I will write the file and commit it.".to_owned()),
        &Activity::ToolStarted { by: None, name: "Bash".to_owned(), summary: command.to_owned() },
        &Activity::ToolEnded {
            by: None,
            failed: false,
            summary: "34281f4 feat: add hello 650be0d initial commit".to_owned(),
        },
        &Activity::Text("All work is committed.".to_owned()),
        &Activity::Text("DONE: 1/1 stories passed".to_owned()),
    ];
    assert_eq!(told, expected);
    assert_eq!(talked.conclusion.usage.cost_microdollars, 18_400);
    let prompt = &talked.heard_of("session/prompt")[0]["prompt"];
    assert_eq!(prompt, &json!([{ "type": "text", "text": "Implement story 1." }]));
}
