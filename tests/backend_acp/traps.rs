//! What can go wrong in a conversation, one trap each.

use ralph_teams::domain::activity::Activity;
use ralph_teams::effects::backend::Ended;
use serde_json::{Value, json};

use crate::ends::{class, detail};
use crate::talk::{Talked, read, recording, talk, talk_of, talk_to};

fn send(method: &str, id: u64) -> Value {
    json!({ "dir": "send", "msg": { "id": id, "method": method } })
}

fn answer(id: u64, result: &Value) -> Value {
    json!({ "dir": "recv", "msg": { "jsonrpc": "2.0", "id": id, "result": result } })
}

fn error(id: u64, code: i64, message: &str) -> Value {
    json!({ "dir": "recv", "msg": { "jsonrpc": "2.0", "id": id, "error": { "code": code, "message": message } } })
}

fn update(update: &Value) -> Value {
    let params = json!({ "sessionId": "s-1", "update": update });
    json!({ "dir": "recv", "msg": { "jsonrpc": "2.0", "method": "session/update", "params": params } })
}

fn said(text: &str) -> Value {
    update(&json!({ "sessionUpdate": "agent_message_chunk", "content": { "type": "text", "text": text } }))
}

fn costs(dollars: f64) -> Value {
    let cost = json!({ "amount": dollars, "currency": "USD" });
    update(&json!({ "sessionUpdate": "usage_update", "used": 1, "size": 2, "cost": cost }))
}

fn hello() -> Vec<Value> {
    let capabilities = json!({ "loadSession": true });
    vec![send("initialize", 1), answer(1, &json!({ "protocolVersion": 1, "agentCapabilities": capabilities }))]
}

/// Hello, a new conversation, and these lines.
fn conversation(more: &[Value]) -> Vec<Value> {
    let new = [send("session/new", 2), answer(2, &json!({ "sessionId": "s-1" }))];
    [&hello()[..], &new, more].concat()
}

/// A turn that gets this answer.
fn turn(last: Value) -> Talked {
    talk_of(&conversation(&[send("session/prompt", 3), last]), &[])
}

#[test]
fn an_agent_without_our_version_of_the_protocol_is_named_as_such() {
    let talked = talk(&recording("claude-agent-acp.init_v99"), &[]);
    assert_eq!((class(&talked.conclusion), talked.ended.code), ("unusable", Some(3)));
    let told = detail(&talked.conclusion);
    assert!(told.contains("speaks version 1 of the Agent Client Protocol"), "{told}");
}

#[test]
fn a_program_that_cannot_be_started_or_is_no_agent_is_unusable() {
    let missing = talk_to(&["/nonexistent/agent"], &[]);
    assert_eq!((class(&missing.conclusion), missing.ended.code), ("unusable", Some(3)));
    let mute = talk_to(&["false"], &[]);
    assert_eq!((class(&mute.conclusion), mute.ended.code), ("crashed", Some(3)));
    assert!(detail(&mute.conclusion).contains("the agent went away"), "{}", detail(&mute.conclusion));
    let stranger = talk_of(&[send("initialize", 1), error(1, -32_601, "Method not found")], &[]);
    assert_eq!(class(&stranger.conclusion), "unusable");
}

#[test]
fn nobody_signed_in_is_told_as_such() {
    let lines = [&hello()[..], &[send("session/new", 2), error(2, -32_000, "Authentication required")]].concat();
    let talked = talk_of(&lines, &[]);
    assert_eq!((class(&talked.conclusion), talked.ended.code), ("sign-in", Some(1)));
}

#[test]
fn every_reason_of_an_end_has_its_exit_code_and_its_kind() {
    for (reason, code, kind) in [
        ("end_turn", 0, "good"),
        ("refusal", 4, "refused"),
        ("max_turn_requests", 4, "refused"),
        ("max_tokens", 1, "crashed"),
        ("cancelled", 1, "crashed"),
        ("something_new", 1, "crashed"),
    ] {
        let talked = turn(answer(3, &json!({ "stopReason": reason })));
        assert_eq!((talked.ended.code, class(&talked.conclusion)), (Some(code), kind), "{reason}");
        let usage = talked.conclusion.usage;
        assert_eq!((usage.unpriced_sessions, usage.uncounted_sessions), (1, 1), "it told nothing");
    }
}

#[test]
fn an_error_of_the_provider_is_told_apart_by_its_text() {
    for (message, kind) in [
        ("Internal error: 529 overloaded", "overloaded"),
        ("Internal error: usage limit reached, try again in 2 hours", "usage-limit"),
        ("Internal error: something broke", "crashed"),
    ] {
        assert_eq!(class(&turn(error(3, -32_603, message)).conclusion), kind, "{message}");
    }
}

#[test]
fn an_agent_that_dies_in_the_middle_is_a_crash_that_can_be_continued() {
    let lines =
        conversation(&[send("session/prompt", 3), said("Working."), json!({ "dir": "do", "msg": { "die": 7 } })]);
    let talked = talk_of(&lines, &[]);
    assert_eq!((class(&talked.conclusion), talked.ended.code), ("crashed", Some(3)));
    assert!(detail(&talked.conclusion).contains("the agent went away"), "{}", detail(&talked.conclusion));
    assert!(talked.conclusion.session.is_some());
    assert_eq!(talked.conclusion.said.as_deref(), Some("Working."));
}

#[test]
fn a_conversation_that_goes_on_is_loaded_and_its_history_is_neither_told_nor_paid_again() {
    let load = [send("session/load", 2), said("Long ago."), costs(0.5), answer(2, &json!({}))];
    let goes_on =
        [send("session/prompt", 3), said("And on."), costs(0.75), answer(3, &json!({ "stopReason": "end_turn" }))];
    let talked = talk_of(&[&hello()[..], &load, &goes_on].concat(), &["--session=s-0"]);
    assert_eq!(class(&talked.conclusion), "good");
    assert_eq!(talked.conclusion.session.as_ref().map(|session| session.as_str()), Some("s-0"));
    assert_eq!(talked.heard_of("session/load")[0]["sessionId"], "s-0");
    assert!(!talked.log.contains("Long ago."), "{}", talked.log);
    assert_eq!(talked.conclusion.usage.cost_microdollars, 250_000);

    let silent = [send("session/load", 2), answer(2, &json!({}))];
    let talked = talk_of(&[&hello()[..], &silent, &goes_on].concat(), &["--session=s-0"]);
    let usage = talked.conclusion.usage;
    assert_eq!((usage.cost_microdollars, usage.unpriced_sessions), (0, 1), "what is new in it is not known");
}

#[test]
fn servers_of_tools_are_offered_with_a_new_conversation_and_with_one_that_goes_on() {
    let servers = json!([{ "name": "ralph", "command": "/bin/ralph", "args": ["mcp"], "env": [] }]);
    let option = format!("--mcp-servers={servers}");
    for (method, options) in
        [("session/new", vec![option.as_str()]), ("session/load", vec![option.as_str(), "--session=s-0"])]
    {
        let opened = [send(method, 2), answer(2, &json!({ "sessionId": "s-1" }))];
        let end = [send("session/prompt", 3), answer(3, &json!({ "stopReason": "end_turn" }))];
        let talked = talk_of(&[&hello()[..], &opened, &end].concat(), &options);
        assert_eq!(talked.heard_of(method)[0]["mcpServers"], servers, "{method}");
    }
    let without = turn(answer(3, &json!({ "stopReason": "end_turn" })));
    assert_eq!(without.heard_of("session/new")[0]["mcpServers"], json!([]));
}

#[test]
fn a_conversation_that_is_gone_or_cannot_be_loaded_is_lost() {
    let gone = [&hello()[..], &[send("session/load", 2), error(2, -32_002, "Resource not found")]].concat();
    let unable = [send("initialize", 1), answer(1, &json!({ "protocolVersion": 1 }))];
    for lines in [&gone[..], &unable] {
        let talked = talk_of(lines, &["--session=s-0"]);
        assert!(talked.conclusion.lost_conversation && talked.conclusion.session.is_none(), "{}", talked.log);
        assert_eq!((class(&talked.conclusion), talked.ended.code), ("lost", Some(1)));
    }
}

#[test]
fn a_model_is_chosen_where_it_is_offered_and_missed_where_it_is_not() {
    let options = json!([{ "id": "model", "category": "model", "type": "select", "currentValue": "small",
        "options": [{ "value": "small", "name": "S" }, { "value": "big", "name": "B" }] }]);
    let new = [send("session/new", 2), answer(2, &json!({ "sessionId": "s-1", "configOptions": options }))];
    let rest = [send("session/prompt", 3), answer(3, &json!({ "stopReason": "end_turn" }))];
    let lines = [&hello()[..], &new, &rest].concat();
    let talked = talk_of(&lines, &["--model=big"]);
    assert_eq!(talked.heard_of("session/set_config_option")[0]["value"], "big");
    let talked = talk_of(&lines, &["--model=huge"]);
    assert_eq!((class(&talked.conclusion), talked.ended.code), ("unusable", Some(2)));
    assert!(detail(&talked.conclusion).contains("it offers: small, big"), "{}", detail(&talked.conclusion));
    assert!(talked.heard_of("session/prompt").is_empty(), "nothing is paid for");
}

#[test]
fn an_interrupt_is_passed_on_as_a_cancel_and_ends_in_good_order() {
    let cancel = json!({ "dir": "send", "msg": { "method": "session/cancel" } });
    let cancelled = answer(3, &json!({ "stopReason": "cancelled", "usage": { "inputTokens": 5, "outputTokens": 1 } }));
    let talked = talk_of(&conversation(&[send("session/prompt", 3), cancel.clone(), cancelled]), &[]);
    assert_eq!((class(&talked.conclusion), talked.ended.code), ("crashed", Some(130)));
    assert_eq!(talked.heard_of("session/cancel"), [json!({ "sessionId": "s-1" })]);
    assert_eq!(talked.conclusion.usage.input_tokens, 5, "what it had consumed is told");
    // One that does not listen is not waited for: it would be killed in a moment.
    let deaf = talk_of(&conversation(&[send("session/prompt", 3), cancel, send("never", 9)]), &[]);
    assert_eq!((class(&deaf.conclusion), deaf.ended.code), ("crashed", Some(130)));
    assert!(deaf.conclusion.session.is_some());
}

#[test]
fn an_agent_that_does_not_end_when_nothing_more_is_said_to_it_is_ended() {
    let folder = tempfile::tempdir().expect("a folder");
    let (lines, pid) = (folder.path().join("lines"), folder.path().join("pid"));
    let conversation = conversation(&[send("session/prompt", 3), answer(3, &json!({ "stopReason": "end_turn" }))]);
    let text: String = conversation.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(&lines, text).expect("a conversation");
    // Its part is over when the conversation is; it stays.
    let agent = env!("CARGO_BIN_EXE_fake-acp-agent");
    let stays = format!("echo $$ > '{}'; '{agent}' '{}'; exec sleep 604", pid.display(), lines.display());
    let talked = talk_to(&["sh", "-c", &stays], &[]);
    assert_eq!((class(&talked.conclusion), talked.ended.code), ("good", Some(0)), "{}", talked.log);
    let pid: i32 = std::fs::read_to_string(&pid).expect("a process").trim().parse().expect("an id");
    let process = rustix::process::Pid::from_raw(pid).expect("an id");
    assert!(rustix::process::test_kill_process(process).is_err(), "nothing of it is left");
}

#[test]
fn updates_of_a_kind_that_nobody_knows_yet_change_nothing() {
    let odd = [
        update(&json!({ "sessionUpdate": "something_new", "content": [1, 2] })),
        update(&json!(null)),
        json!({ "dir": "recv", "msg": { "jsonrpc": "2.0", "method": "_vendor/hello", "params": {} } }),
        update(&json!({ "sessionUpdate": "tool_call_update", "toolCallId": 7, "status": "completed" })),
    ];
    let rest = [said("Done."), answer(3, &json!({ "stopReason": "end_turn" }))];
    let talked = talk_of(&conversation(&[&[send("session/prompt", 3)][..], &odd, &rest].concat()), &[]);
    assert_eq!((class(&talked.conclusion), talked.conclusion.said.as_deref()), ("good", Some("Done.")));
}

#[test]
fn what_an_agent_prints_besides_is_passed_by() {
    let noise = json!({ "dir": "noise", "msg": "(node:7) Warning: something is deprecated" });
    let rest = [send("session/prompt", 3), noise.clone(), answer(3, &json!({ "stopReason": "end_turn" }))];
    let talked = talk_of(&[&[noise][..], &conversation(&rest)].concat(), &[]);
    assert_eq!(class(&talked.conclusion), "good", "{}", talked.log);
}

#[test]
fn a_sub_agent_is_told_with_what_it_does() {
    let call = |id: &str, more: Value| {
        let mut call = json!({ "sessionUpdate": "tool_call", "toolCallId": id, "status": "pending" });
        call.as_object_mut().expect("an object").extend(more.as_object().expect("an object").clone());
        update(&call)
    };
    let meta = |parent: &str| json!({ "claudeCode": { "toolName": "Bash", "parentToolUseId": parent } });
    let task = json!({ "name": "Task", "rawInput": { "subagent_type": "builder", "description": "Story 1" } });
    let bash = json!({ "_meta": meta("t"), "rawInput": { "command": "ls" } });
    let done =
        |id: &str| update(&json!({ "sessionUpdate": "tool_call_update", "toolCallId": id, "status": "completed" }));
    let lines = [send("session/prompt", 3), call("t", task), call("b", bash), done("b"), done("t")];
    let end = answer(3, &json!({ "stopReason": "end_turn" }));
    let talked = talk_of(&conversation(&[&lines[..], &[end]].concat()), &[]);
    let (id, name) = ("t".to_owned(), "builder".to_owned());
    let expected = [
        Activity::SubAgentStarted { id: id.clone(), parent: None, name: name.clone(), summary: "Story 1".to_owned() },
        Activity::ToolStarted { by: Some(id.clone()), name: "Bash".to_owned(), summary: "ls".to_owned() },
        Activity::ToolEnded { by: Some(id.clone()), failed: false, summary: String::new() },
        Activity::SubAgentEnded { id, name, failed: false },
    ];
    assert_eq!(talked.seen[1..], expected);
}

#[test]
fn no_line_makes_the_reader_fail() {
    let log = talk(&recording("claude-agent-acp.prompt"), &[]).log;
    for line in log.lines() {
        let cut: String = line.chars().take(3_000).collect();
        for length in (0..cut.len()).step_by(101).filter(|&length| cut.is_char_boundary(length)) {
            read(&cut[..length], &Ended::default());
        }
    }
    for odd in ["", "null", "[]", "{}", r#"{"acp":"update"}"#, r#"{"acp":"ended"}"#, r#"{"acp":"later"}"#] {
        let (_, conclusion) = read(odd, &Ended { code: Some(0), ..Ended::default() });
        assert_eq!(class(&conclusion), "crashed", "an end that says nothing is no success: {odd}");
    }
}
