//! Every recorded conversation with a real agent, played again.

use ralph_teams::domain::activity::Activity;
use serde_json::{Value, json};

use crate::ends::told;
use crate::talk::{lines, recording, talk};

#[test]
fn every_recorded_conversation_comes_to_its_end() {
    let entries = std::fs::read_dir(recording("x").parent().expect("a folder")).expect("recordings");
    let names = entries.map(|entry| entry.expect("a file").file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter_map(|name| Some(name.strip_suffix(".jsonl")?.to_owned())).collect();
    names.sort();
    let mut table = Vec::new();
    for name in &names {
        let talked = talk(&recording(name), &[]);
        let recorded = lines(name);
        let named = |line: &Value| Some(line["msg"]["result"]["sessionId"].as_str()?.to_owned());
        let session = talked.conclusion.session.as_ref().map(|session| session.as_str().to_owned());
        assert_eq!(session, recorded.iter().find_map(named), "{name}");
        let began = talked.seen.iter().filter(|seen| matches!(seen, Activity::ToolStarted { .. })).count();
        let ended = talked.seen.iter().filter(|seen| matches!(seen, Activity::ToolEnded { .. })).count();
        let code = talked.ended.code.unwrap_or_default();
        table.push(format!("{} | exit {code}, {began} tools began, {ended} ended", told(name, &talked.conclusion)));
    }
    let expected: Vec<&str> = EXPECTED.trim().lines().collect();
    assert_eq!(table, expected, "\n{}\n", table.join("\n"));
}

const EXPECTED: &str = r"
claude-agent-acp.cancel: crashed 1200+60 $12000 Starting a long command. | exit 130, 1 tools began, 1 ended
claude-agent-acp.init: crashed 0+0 $0 - | exit 3, 0 tools began, 0 ended
claude-agent-acp.init_v99: unusable 0+0 $0 - | exit 3, 0 tools began, 0 ended
claude-agent-acp.prompt: good 2500+120 $18400 All work is committed. /  / DONE: 1/1 st | exit 0, 1 tools began, 1 ended
claude-code-acp.cancel: crashed 0+0 $0 unpriced uncounted Starting a long command. | exit 130, 1 tools began, 0 ended
claude-code-acp.init: crashed 0+0 $0 - | exit 3, 0 tools began, 0 ended
claude-code-acp.init_v99: crashed 0+0 $0 - | exit 3, 0 tools began, 0 ended
claude-code-acp.prompt: good 0+0 $0 unpriced uncounted All work is committed. /  / DONE: 1/1 st | exit 0, 1 tools began, 1 ended
codex-acp-zed.cancel: good 0+0 $0 unpriced uncounted All work is committed. /  / DONE: 1/1 st | exit 0, 0 tools began, 0 ended
codex-acp-zed.init: crashed 0+0 $0 - | exit 3, 0 tools began, 0 ended
codex-acp-zed.init_v99: crashed 0+0 $0 - | exit 3, 0 tools began, 0 ended
codex-acp-zed.prompt: good 0+0 $0 unpriced uncounted All work is committed. /  / DONE: 1/1 st | exit 0, 0 tools began, 0 ended
codex-acp.cancel: crashed 1200+60 $0 unpriced Starting a long command. | exit 130, 1 tools began, 0 ended
codex-acp.init: crashed 0+0 $0 - | exit 3, 0 tools began, 0 ended
codex-acp.init_v99: unusable 0+0 $0 - | exit 3, 0 tools began, 0 ended
codex-acp.prompt: good 2500+120 $0 unpriced All work is committed. /  / DONE: 1/1 st | exit 0, 0 tools began, 0 ended
codex-acp.prompt_full_access: good 2500+120 $0 unpriced All work is committed. /  / DONE: 1/1 st | exit 0, 1 tools began, 1 ended
copilot.cancel: crashed 1200+60 $0 unpriced Starting a long command. | exit 130, 1 tools began, 0 ended
copilot.init: crashed 0+0 $0 - | exit 3, 0 tools began, 0 ended
copilot.init_v99: crashed 0+0 $0 - | exit 3, 0 tools began, 0 ended
copilot.prompt: good 2500+120 $0 unpriced All work is committed. /  / DONE: 1/1 st | exit 0, 1 tools began, 1 ended
gemini.cancel: crashed 0+0 $0 unpriced uncounted Starting a long command. | exit 130, 1 tools began, 1 ended
gemini.init: crashed 0+0 $0 - | exit 3, 0 tools began, 0 ended
gemini.init_v99: crashed 0+0 $0 - | exit 3, 0 tools began, 0 ended
gemini.prompt: good 2500+120 $0 unpriced All work is committed. /  / DONE: 1/1 st | exit 0, 1 tools began, 1 ended
opencode.cancel: crashed 0+0 $0 unpriced uncounted Starting a long command. | exit 130, 1 tools began, 1 ended
opencode.init: crashed 0+0 $0 - | exit 3, 0 tools began, 0 ended
opencode.init_v99: crashed 0+0 $0 - | exit 3, 0 tools began, 0 ended
opencode.prompt: good 1300+60 $9300 All work is committed. /  / DONE: 1/1 st | exit 0, 1 tools began, 1 ended
";

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
