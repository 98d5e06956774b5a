//! How fast the output of agents is read: each line of a log, while a session is at work and when it is shown later.
//!
//! The goals are 300 MB/s for lines that say nothing to us and 100 MB/s for those that do.

#![expect(clippy::disallowed_methods, reason = "a benchmark makes its own files")]

use std::path::{Path, PathBuf};

use divan::Bencher;
use divan::counter::BytesCount;
use ralph_teams::effects::backend::{Reader, Settings, backend};
use serde_json::{Value, json};

fn main() {
    divan::main();
}

const PROGRAMS: [&str; 6] = ["claude", "codex", "copilot", "opencode", "gemini", "acp"];

/// Lines of a text that a tool answers: a source file or the log of a build.
const N_LINES: usize = 120;

fn reader(program: &str) -> Box<dyn Reader> {
    backend(program, Settings::default(), PathBuf::new()).expect("a backend").reader()
}

fn output() -> String {
    "    let found = text.split(\"\\n\").map(str::trim).find(|line| !line.is_empty());\n".repeat(N_LINES)
}

/// What an agent says, calls and is answered, as each program writes it.
fn told(program: &str) -> Vec<Value> {
    let (said, command, output) = ("I looked at the file. ".repeat(40), "cargo test --lib backend", output());
    let usage = json!({ "input_tokens": 1200, "cache_read_input_tokens": 90_000, "output_tokens": 60, "service_tier": "standard" });
    match program {
        "claude" => {
            let message = |role: &str, block: &Value| {
                json!({ "type": role, "session_id": "s", "parent_tool_use_id": null, "uuid": "6944794c-7c39-4bd7-9510-a1daff96e9ba",
                        "message": { "role": role, "usage": usage, "content": [block] } })
            };
            let mut answer = message("user", &json!({ "type": "tool_result", "tool_use_id": "t", "content": output }));
            answer["tool_use_result"] = json!({ "stdout": output, "stderr": "", "interrupted": false });
            vec![
                message("assistant", &json!({ "type": "text", "text": said })),
                message(
                    "assistant",
                    &json!({ "type": "tool_use", "id": "t", "name": "Bash", "input": { "command": command } }),
                ),
                answer,
            ]
        }
        "codex" => {
            let item = |kind: &str, item: Value| json!({ "type": kind, "item": item });
            vec![
                item("item.completed", json!({ "id": "i", "type": "agent_message", "text": said })),
                item(
                    "item.started",
                    json!({ "id": "j", "type": "command_execution", "command": command, "status": "in_progress" }),
                ),
                item(
                    "item.completed",
                    json!({ "id": "j", "type": "command_execution", "command": command,
                      "aggregated_output": output, "exit_code": 0, "status": "completed" }),
                ),
            ]
        }
        "copilot" => {
            let line = |kind: &str, data: Value| json!({ "type": kind, "data": data, "id": "i", "parentId": "p" });
            vec![
                line("assistant.message", json!({ "content": said, "model": "gpt-5.4", "toolRequests": [] })),
                line(
                    "tool.execution_start",
                    json!({ "toolCallId": "c", "toolName": "bash", "arguments": { "command": command } }),
                ),
                line(
                    "tool.execution_complete",
                    json!({ "toolCallId": "c", "success": true, "shellExecution": { "exitCode": 0 },
                      "result": { "content": output, "detailedContent": output } }),
                ),
            ]
        }
        "opencode" => {
            let line =
                |kind: &str, part: Value| json!({ "type": kind, "sessionID": "s", "timestamp": 1, "part": part });
            vec![
                line("text", json!({ "messageID": "m", "text": said, "type": "text" })),
                line(
                    "tool_use",
                    json!({ "messageID": "m", "tool": "bash", "callID": "c", "state": { "status": "completed",
                      "input": { "command": command }, "output": output, "metadata": { "output": output, "exit": 0 } } }),
                ),
            ]
        }
        "gemini" => vec![
            json!({ "type": "message", "role": "assistant", "content": said, "delta": true }),
            json!({ "type": "tool_use", "tool_name": "run_shell_command", "tool_id": "t", "parameters": { "command": command } }),
            json!({ "type": "tool_result", "tool_id": "t", "status": "success", "output": output }),
        ],
        _ => {
            let update = |update: Value| json!({ "acp": "update", "update": update });
            let content = json!([{ "type": "content", "content": { "type": "text", "text": output } }]);
            vec![
                update(json!({ "sessionUpdate": "agent_message_chunk", "content": { "type": "text", "text": said } })),
                update(
                    json!({ "sessionUpdate": "tool_call", "toolCallId": "c", "kind": "execute", "status": "in_progress",
                       "rawInput": { "command": command } }),
                ),
                update(
                    json!({ "sessionUpdate": "tool_call_update", "toolCallId": "c", "status": "completed", "content": content }),
                ),
            ]
        }
    }
}

/// What an agent writes besides, as each program does.
fn untold(program: &str) -> Value {
    let output = output();
    match program {
        "claude" => json!({ "type": "stream_event", "session_id": "s", "event": { "delta": { "text": output } } }),
        "codex" => {
            json!({ "type": "item.updated", "item": { "id": "j", "type": "command_execution", "aggregated_output": output } })
        }
        "copilot" => {
            json!({ "type": "tool.execution_partial_result", "ephemeral": true, "data": { "partialOutput": output } })
        }
        "opencode" => json!({ "type": "reasoning", "sessionID": "s", "part": { "text": output } }),
        "gemini" => json!({ "type": "message", "role": "user", "content": output }),
        _ => {
            json!({ "acp": "update", "update": { "sessionUpdate": "agent_thought_chunk", "content": { "text": output } } })
        }
    }
}

/// Reads all lines, again and again, with one reader: as in a session of hours.
fn read(bencher: Bencher<'_, '_>, program: &str, lines: &[Vec<u8>]) {
    let mut reader = reader(program);
    let bytes: usize = lines.iter().map(Vec::len).sum();
    bencher
        .counter(BytesCount::new(bytes))
        .bench_local(|| lines.iter().map(|line| reader.line(divan::black_box(line)).len()).sum::<usize>());
}

fn bytes(line: &Value) -> Vec<u8> {
    line.to_string().into_bytes()
}

/// Lines that say nothing to us. The goal is 300 MB/s.
#[divan::bench(args = PROGRAMS)]
fn skipped(bencher: Bencher<'_, '_>, program: &str) {
    read(bencher, program, &[bytes(&untold(program))]);
}

/// Words, calls of tools and their answers. The goal is 100 MB/s.
#[divan::bench(args = PROGRAMS)]
fn parsed(bencher: Bencher<'_, '_>, program: &str) {
    read(bencher, program, &told(program).iter().map(bytes).collect::<Vec<_>>());
}

/// Everything that was ever recorded of a program: short lines of every kind.
#[divan::bench(args = ["claude", "codex", "copilot", "opencode", "gemini"])]
fn recorded(bencher: Bencher<'_, '_>, program: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/streams").join(program);
    let files = std::fs::read_dir(folder).expect("recordings").map(|entry| entry.expect("an entry").path());
    let streams = files.filter(|path| path.extension().is_some_and(|ending| ending == "jsonl"));
    let lines = streams.flat_map(|path| {
        let stream = std::fs::read(path).expect("a recording");
        stream.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect::<Vec<_>>()
    });
    read(bencher, program, &lines.filter(|line| line.starts_with(b"{")).collect::<Vec<_>>());
}

/// A line that is too long to be held, from the file on.
#[divan::bench(args = PROGRAMS)]
fn oversized(bencher: Bencher<'_, '_>, program: &str) {
    let mut line = untold(program).to_string();
    let text = "a line of a log that nobody reads, with \\\"quotes\\\" in it\\n";
    let place = line.find("    let found").expect("a text");
    line.insert_str(place, &text.repeat(100_000));
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), &line).expect("a log");
    let mut reader = reader(program);
    let length = line.len() as u64;
    bencher.counter(BytesCount::new(length)).bench_local(|| reader.oversized(file.path(), 0, length).len());
}
