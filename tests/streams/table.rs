//! Every recorded stream, one row each: the exit, the class of the end, whether the conversation is known, the model, tokens
//! in + cached / out, money, and the first last words.

use std::path::PathBuf;

use ralph_teams::domain::activity::Activity;
use ralph_teams::domain::usage::Usage;
use ralph_teams::effects::backend::{Beginning, Conclusion, Ended, Reader, Settings, backend};
use serde_json::Value;

use crate::ends::class;
use crate::recorded::{Recording, folder};
use crate::talk::{recording, talk};

/// The folders of recordings, whose reader reads them, and how many they are: one that is lost is noticed.
const FOLDERS: [(&str, &str, usize); 6] = [
    ("claude", "claude", 95),
    ("claude-2.1.197", "claude", 30),
    ("codex", "codex", 89),
    ("copilot", "copilot", 67),
    ("gemini", "gemini", 11),
    ("opencode", "opencode", 76),
];

/// Recorded conversations of the Agent Client Protocol.
const CONVERSATIONS: usize = 29;

pub fn reader(program: &str) -> Box<dyn Reader> {
    backend(program, Settings::default(), PathBuf::new()).expect("a backend").reader()
}

/// What a reader makes of a recording. One that goes round in circles is ended by us, as a session is.
fn read(program: &str, recording: &Recording) -> (Vec<Activity>, Conclusion) {
    let job = tempfile::tempdir().expect("a folder");
    let told = folder(program).join(format!("{}.usage.json", recording.name));
    if told.exists() {
        std::fs::copy(told, job.path().join("copilot-usage.json")).expect("a copy");
    }
    let mut reader = reader(program);
    reader.begin(&Beginning { continues: None, consumed: Usage::default(), job_dir: job.path() });
    let mut seen = Vec::new();
    for line in &recording.lines {
        seen.extend(reader.line(line));
        if reader.runs_away() {
            return (seen, reader.conclude(&Ended { code: Some(0), ..Ended::default() }));
        }
    }
    (seen, reader.conclude(&recording.ended))
}

fn row(name: &str, ended: &Ended, conclusion: &Conclusion) -> String {
    let exit = match (ended.signal, ended.code) {
        (Some(signal), _) => format!("signal {signal}"),
        (None, code) => format!("exit {}", code.expect("an exit code")),
    };
    let Usage { input_tokens, cached_tokens, output_tokens, cost_microdollars, .. } = conclusion.usage;
    let tokens = match conclusion.usage.uncounted_sessions {
        0 => format!("{input_tokens}+{cached_tokens}/{output_tokens}"),
        _ if conclusion.usage.tokens() > 0 => format!(">{input_tokens}+{cached_tokens}/{output_tokens}"),
        _ => "?".to_owned(),
    };
    let money = match conclusion.usage.unpriced_sessions {
        0 => format!("${cost_microdollars}"),
        _ if cost_microdollars > 0 => format!(">${cost_microdollars}"),
        _ => "?".to_owned(),
    };
    let session = if conclusion.session.is_some() { "yes" } else { "no" };
    let model = conclusion.model.as_deref().unwrap_or("-");
    let said: String = conclusion.said.as_deref().unwrap_or("-").replace('\n', " / ").chars().take(30).collect();
    let class = class(conclusion);
    let row = format!("{name:<42} {exit:<9} {class:<12} {session:<4} {tokens:<14} {money:<8} {model:<28} {said}");
    row.trim_end().to_owned()
}

fn headed(rows: &[String]) -> String {
    let head = format!(
        "{:<42} {:<9} {:<12} {:<4} {:<14} {:<8} {:<28} {}",
        "stream", "exit", "end", "id", "tokens", "money", "model", "last words"
    );
    format!("{head}\n{}\n", rows.join("\n"))
}

#[test]
fn every_recorded_stream_is_read_to_the_end_that_the_table_says() {
    for (folder, program, count) in FOLDERS {
        let recordings = Recording::all(folder);
        assert_eq!(recordings.len(), count, "{folder}: a recording is missing, or its row is");
        let mut rows = Vec::new();
        for recording in recordings {
            let (seen, conclusion) = read(program, &recording);
            let name = &recording.name;
            if let Some(failure) = &conclusion.failure {
                assert!(!failure.detail.contains("unknown way"), "{folder}/{name}: {}", failure.detail);
            }
            assert!(!seen.is_empty() || conclusion.failure.is_some(), "{folder}/{name}: silence is told as silence");
            let named = |line: &Vec<u8>| {
                let line: Value = serde_json::from_slice(line).ok()?;
                let keys = ["session_id", "sessionID", "sessionId", "thread_id"];
                keys.iter().find_map(|key| Some(line[*key].as_str()?.to_owned()))
            };
            // Copilot's may be one that the runner chose and the stream never told.
            if let Some(session) = conclusion.session.as_ref().filter(|_| program != "copilot") {
                let stated: Vec<String> = recording.lines.iter().filter_map(named).collect();
                assert!(stated.iter().any(|name| name == session.as_str()), "{folder}/{name}: {session:?}");
            }
            rows.push(row(name, &recording.ended, &conclusion));
        }
        insta::assert_snapshot!(folder, headed(&rows));
    }
}

#[test]
fn every_recorded_conversation_comes_to_the_end_that_the_table_says() {
    let entries = std::fs::read_dir(folder("acp")).expect("recordings");
    let names = entries.map(|entry| entry.expect("a file").file_name().to_string_lossy().into_owned());
    let mut names: Vec<String> = names.filter_map(|name| Some(name.strip_suffix(".jsonl")?.to_owned())).collect();
    names.sort();
    assert_eq!(names.len(), CONVERSATIONS, "a recording is missing, or its row is");
    let mut rows = Vec::new();
    for name in &names {
        let talked = talk(&recording(name), &[]);
        let named = |line: &Value| Some(line["msg"]["result"]["sessionId"].as_str()?.to_owned());
        let session = talked.conclusion.session.as_ref().map(|session| session.as_str().to_owned());
        assert_eq!(session, crate::talk::lines(name).iter().find_map(named), "{name}");
        let began = talked.seen.iter().filter(|seen| matches!(seen, Activity::ToolStarted { .. })).count();
        let ended = talked.seen.iter().filter(|seen| matches!(seen, Activity::ToolEnded { .. })).count();
        rows.push(format!("{} | tools: {began} began, {ended} ended", row(name, &talked.ended, &talked.conclusion)));
    }
    insta::assert_snapshot!("acp", headed(&rows));
}
