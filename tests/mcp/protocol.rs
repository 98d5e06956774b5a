//! The protocol as agent programs speak it: versions, lists, calls, faults, notifications, cancellation, ends.

use serde_json::{Value, json};

use crate::mcp::Client;
use crate::stand_in::{StandIn, command};

/// Every role of a session.
const ROLES: [&str; 8] = [
    "team-lead",
    "epic-planner",
    "story-planner",
    "builder",
    "story-validator",
    "epic-validator",
    "final-validator",
    "resolver",
];

fn story() -> Value {
    json!({ "story": "US-1", "passes": false, "reason": "no printer" })
}

#[test]
fn the_version_of_the_client_is_spoken_where_it_can_be() {
    let desk = StandIn::away();
    for (asked, spoken) in [
        ("2025-11-25", "2025-11-25"),
        ("2025-06-18", "2025-06-18"),
        ("2024-11-05", "2024-11-05"),
        ("2026-07-28", "2025-11-25"),
        ("1999-01-01", "2025-11-25"),
        ("soon", "2025-11-25"),
    ] {
        let result = Client::start(command(&desk.socket(), "team-lead")).initialize(asked);
        assert_eq!(result["protocolVersion"], spoken, "{asked}");
        assert_eq!(
            (&result["serverInfo"]["name"], result["capabilities"]["tools"].is_object()),
            (&json!("ralph"), true)
        );
    }
}

#[test]
fn a_probe_for_a_newer_protocol_and_early_notifications_do_no_harm() {
    let desk = StandIn::away();
    let mut client = Client::start(command(&desk.socket(), "team-lead"));
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": { "name": "claude-code", "version": "2.1.328" },
        "io.modelcontextprotocol/clientCapabilities": { "roots": { "listChanged": true } },
    });
    let probe = json!({ "jsonrpc": "2.0", "id": "probe-1", "method": "server/discover", "params": { "_meta": meta } });
    client.send(&probe);
    let answer = client.wait_for("the answer to the probe", |message| message["id"] == "probe-1");
    assert_eq!((&answer["error"]["code"], answer.get("result")), (&json!(-32601), None), "{answer}");
    client.notify("notifications/cancelled", json!({ "requestId": "probe-1" }));
    client.notify("notifications/whatever", json!({}));
    client.send(&json!({ "jsonrpc": "2.0", "id": 77, "result": {} }));
    assert_eq!(client.request("ping", json!({}))["result"], json!({}));
    assert_eq!(client.initialize("2025-11-25")["protocolVersion"], "2025-11-25");
    assert_eq!(client.unasked(), Vec::<Value>::new(), "nobody is told of what was not asked");
}

#[test]
fn each_role_is_offered_exactly_its_tools() {
    let desk = StandIn::away();
    let mut offered = String::new();
    for role in ROLES {
        let tools = desk.server(role).request("tools/list", json!({}))["result"]["tools"].clone();
        let names: Vec<&str> = tools.as_array().unwrap().iter().map(|tool| tool["name"].as_str().unwrap()).collect();
        offered.push_str(&format!("{role}: {}\n", names.join(" ")));
        for tool in tools.as_array().unwrap() {
            insta::assert_snapshot!(format!("tool_{}", tool["name"].as_str().unwrap()), format!("{tool:#}"));
        }
    }
    insta::assert_snapshot!(offered, @r"
    team-lead: get_epic report_story note blocked delegate
    epic-planner: get_epic report_plan
    story-planner: get_epic report_plan
    builder: get_epic note blocked
    story-validator: get_epic report_validation
    epic-validator: get_epic report_validation
    final-validator: get_epic report_validation
    resolver: 
    ");
}

#[test]
fn a_call_is_carried_to_the_desk_and_its_answer_back() {
    let desk = StandIn::new();
    let mut client = desk.server("team-lead");
    for (said, refused) in [("US-1: accepted as not done.", false), ("say why", true)] {
        let id = client.ask("tools/call", json!({ "name": "report_story", "arguments": story() }));
        let mut call = desk.call();
        let name = call.request.as_object_mut().unwrap().remove("call");
        assert!(name.is_some_and(|name| name.is_string()), "a call has a name");
        assert_eq!(call.request, json!({ "token": "s3cret", "tool": "report_story", "arguments": story() }));
        call.answer(said, refused);
        let result = client.answer(id)["result"].clone();
        assert_eq!(result, json!({ "content": [{ "type": "text", "text": said }], "isError": refused }));
    }
}

#[test]
fn a_tool_that_the_role_does_not_have_is_a_fault_of_the_call() {
    let desk = StandIn::new();
    let mut client = desk.server("builder");
    for tool in ["report_story", "delegate", ""] {
        let answer = client.request("tools/call", json!({ "name": tool, "arguments": {} }));
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
    }
    for params in [json!({}), json!({ "name": 3 }), json!({ "name": "note", "arguments": [] })] {
        assert_eq!(client.request("tools/call", params)["error"]["code"], -32602);
    }
    assert!(client.request("tools/list", json!({}))["result"]["tools"].is_array(), "it goes on");
}

#[test]
fn an_unknown_method_is_told_so_and_an_unknown_notification_is_shrugged_at() {
    let desk = StandIn::away();
    let mut client = desk.server("team-lead");
    for method in ["prompts/list", "resources/list", "logging/setLevel", "server/discover", "foo/bar"] {
        let answer = client.request(method, json!({}));
        assert_eq!(answer["error"]["code"], -32601, "{method}: {answer}");
    }
    for method in ["notifications/roots/list_changed", "notifications/progress", "notifications/foo"] {
        client.notify(method, json!({}));
    }
    client.notify("notifications/cancelled", json!({ "requestId": 9999 }));
    assert_eq!(client.request("ping", json!({}))["result"], json!({}));
    assert_eq!(client.unasked(), Vec::<Value>::new());
}

#[test]
fn rubbish_does_not_end_it() {
    let desk = StandIn::away();
    let mut client = desk.server("team-lead");
    client.write(b"\n{ half\n\xff\xfe\n");
    client.write(&[b"x".repeat(1024 * 1024 + 1), b"\n".to_vec()].concat());
    assert_eq!(client.request("ping", json!({}))["result"], json!({}));
}

#[test]
fn a_cancelled_call_is_cancelled_at_the_desk_and_never_answered() {
    let desk = StandIn::new();
    let mut client = desk.server("team-lead");
    let id = client.ask("tools/call", json!({ "name": "report_story", "arguments": story() }));
    let call = desk.call();
    client.notify("notifications/cancelled", json!({ "requestId": id, "reason": "the user said so" }));
    call.closed();
    assert_eq!(client.request("ping", json!({}))["result"], json!({}));
    assert_eq!(client.unasked(), Vec::<Value>::new());
}

#[test]
fn signs_of_life_reach_a_client_that_wants_them() {
    let desk = StandIn::new();
    let mut client = desk.server("team-lead");
    let meta = json!({ "progressToken": "p-7" });
    let id = client.ask("tools/call", json!({ "name": "report_story", "arguments": story(), "_meta": meta }));
    let mut call = desk.call();
    for n in [1, 2] {
        call.say(&json!({ "working": format!("gate {n}") }));
        let sign = client.wait_for("a sign", |message| message["method"] == "notifications/progress");
        assert_eq!(
            sign["params"],
            json!({ "progressToken": "p-7", "progress": f64::from(n), "message": format!("gate {n}") })
        );
    }
    call.answer("done", false);
    assert_eq!(client.answer(id)["result"]["isError"], false);
}

#[test]
fn calls_side_by_side_are_answered_each_by_its_id() {
    let desk = StandIn::new();
    let mut client = desk.server("team-lead");
    let ids = ["a", "b"].map(|text| {
        client.ask("tools/call", json!({ "name": "note", "arguments": { "kind": "decision", "text": text } }))
    });
    let mut calls = [desk.call(), desk.call()];
    calls.sort_by_key(|call| call.request["arguments"]["text"].as_str().unwrap().to_owned());
    let [a, b] = calls;
    b.answer("to b", false);
    a.answer("to a", false);
    for (id, text) in ids.into_iter().zip(["to a", "to b"]) {
        assert_eq!(client.answer(id)["result"]["content"][0]["text"], text);
    }
}

#[test]
fn it_ends_at_once_with_its_client_whatever_it_waits_for() {
    let desk = StandIn::new();
    let mut client = desk.server("team-lead");
    client.ask("tools/call", json!({ "name": "get_epic", "arguments": {} }));
    let call = desk.call();
    client.close();
    assert!(client.ended().success());
    call.closed();
    // Also when it has never said a word, and when nobody listens at the desk.
    let mut silent = Client::start(command(&desk.socket(), "team-lead"));
    silent.close();
    assert!(silent.ended().success());
    let nobody = StandIn::away();
    let mut waiting = nobody.server("team-lead");
    waiting.ask("tools/call", json!({ "name": "get_epic", "arguments": {} }));
    waiting.close();
    assert!(waiting.ended().success());
}

#[test]
fn without_what_it_needs_it_says_so_and_ends() {
    for (name, value, says) in [
        ("RALPH_DESK_TOKEN", None, "RALPH_DESK_TOKEN is not set"),
        ("RALPH_DESK_TOOLS", None, "RALPH_DESK_TOOLS is not set"),
        ("RALPH_DESK_TOOLS", Some("note,push"), "there is no tool \"push\""),
    ] {
        let mut command = command(std::path::Path::new("/nowhere"), "team-lead");
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
        let output = command.output().unwrap();
        assert_eq!((output.status.code(), output.stdout.as_slice()), (Some(2), &b""[..]), "{name}");
        assert!(String::from_utf8_lossy(&output.stderr).contains(says), "{says}");
    }
}
