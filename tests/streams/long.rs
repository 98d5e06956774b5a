//! Lines of megabytes: they mean what short ones mean.

use std::io::Write as _;
use std::mem::discriminant;
use std::path::Path;

use ralph_teams::domain::activity::Activity;
use ralph_teams::effects::backend::{Conclusion, Ended, Reader};
use serde_json::{Value, json};

use crate::recorded::Recording;
use crate::table::reader;

/// Bytes of a text that was recorded once and is too long for a file of this repository.
const LONG: usize = 2_200_000;

/// Makes the texts of a line long: what is said, what a tool answers, and the prompt that comes back.
fn lengthen(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            for (key, field) in fields {
                match field {
                    Value::String(text)
                        if matches!(key.as_str(), "text" | "content" | "output" | "aggregated_output" | "result") =>
                    {
                        *text = text.repeat(LONG / text.len().max(1));
                    }
                    other => lengthen(other),
                }
            }
        }
        Value::Array(list) => list.iter_mut().for_each(lengthen),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// A recorded session, and for the protocol, which has none of its own, what our side of it prints.
fn session(program: &str) -> Vec<String> {
    if program != "acp" {
        let lines = Recording::of(program, "success").lines;
        return lines.into_iter().map(|line| String::from_utf8(line).expect("text")).collect();
    }
    let call =
        json!({ "sessionUpdate": "tool_call", "toolCallId": "c", "kind": "execute", "rawInput": { "command": "ls" } });
    let done = json!({ "sessionUpdate": "tool_call_update", "toolCallId": "c", "status": "completed",
                       "content": [{ "type": "content", "content": { "type": "text", "text": "answer\n" } }] });
    let said =
        json!({ "sessionUpdate": "agent_message_chunk", "content": { "type": "text", "text": "All is done.\n" } });
    let update = |update: Value| json!({ "acp": "update", "update": update });
    let lines = [
        json!({ "acp": "session", "id": "s", "continued": false }),
        json!({ "acp": "prompted" }),
        update(call),
        update(done),
        update(said),
        json!({ "acp": "ended", "stop_reason": "end_turn", "answer": { "usage": { "inputTokens": 7 } } }),
    ];
    lines.iter().map(Value::to_string).collect()
}

fn read(program: &str, lines: &[String]) -> (Vec<Activity>, Conclusion) {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    let mut reader = reader(program);
    let (mut seen, mut offset) = (Vec::new(), 0);
    for line in lines {
        writeln!(file, "{line}").expect("a line");
        let length = line.len() as u64;
        // As much as a line is held in memory for.
        let long = line.len() > 256 * 1024;
        seen.extend(if long { reader.oversized(file.path(), offset, length) } else { reader.line(line.as_bytes()) });
        offset += length + 1;
    }
    (seen, reader.conclude(&Ended { code: Some(0), ..Ended::default() }))
}

pub const PROGRAMS: [&str; 6] = ["claude", "codex", "copilot", "opencode", "gemini", "acp"];

#[test]
fn a_line_of_megabytes_means_what_a_short_one_means() {
    for program in PROGRAMS {
        let short = session(program);
        let lengthened = |line: &String| match serde_json::from_str(line) {
            Ok(mut line) => {
                lengthen(&mut line);
                line.to_string()
            }
            Err(_) => line.clone(),
        };
        let long: Vec<String> = short.iter().map(lengthened).collect();
        assert!(long.iter().filter(|line| line.len() > LONG / 2).count() >= 2, "{program}: nothing is long");
        let ((seen, end), (seen_long, end_long)) = (read(program, &short), read(program, &long));
        let (kinds, kinds_long): (Vec<_>, Vec<_>) =
            (seen.iter().map(discriminant).collect(), seen_long.iter().map(discriminant).collect());
        // What is said in pieces is shown when a line is whole.
        if !matches!(program, "gemini" | "acp") {
            assert_eq!(kinds, kinds_long, "{program}: {seen:?}");
        }
        let said = end_long.said.as_deref().expect("last words");
        assert!(said.starts_with(&end.said.as_deref().expect("last words")[..10]) && said.len() < 20_000, "{program}");
        assert_eq!(Conclusion { said: None, ..end }, Conclusion { said: None, ..end_long }, "{program}");
    }
}

#[test]
fn of_a_long_line_that_is_no_json_the_beginning_is_shown_and_of_none_nothing() {
    for program in PROGRAMS {
        let seen = read(program, &["y".repeat(1_000_000)]).0;
        let [Activity::Text(text)] = &seen[..] else { panic!("{program}: {seen:?}") };
        assert!(text.starts_with("yyy") && text.ends_with('…') && text.len() < 300, "{program}");
        let mut reader: Box<dyn Reader> = reader(program);
        assert_eq!(reader.oversized(Path::new("/nonexistent"), 3, 4), [], "{program}");
    }
}
