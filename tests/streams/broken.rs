//! Damaged streams: whatever comes, a reader goes on, tells little, tells nothing that steers a terminal, and concludes.

use std::io::Write as _;

use fastrand::Rng;
use ralph_teams::domain::activity::Activity;
use ralph_teams::domain::id::SessionId;
use ralph_teams::domain::usage::Usage;
use ralph_teams::effects::backend::{Beginning, Conclusion, Ended, Reader};
use serde_json::{Value, json};

use crate::damage::{WRONG, damage, pointers, spoiled};
use crate::ends::class;
use crate::long::PROGRAMS;
use crate::recorded::{Recording, folder};
use crate::table::reader;

/// Streams that an ordinary test run damages.
const N_SEEDS: u64 = 300;

/// What a line may tell at most, however long it is.
const ACTIVITIES_MAX: usize = 600;

/// The recorded streams of a program.
fn streams(program: &str) -> Vec<Vec<Vec<u8>>> {
    if program != "acp" {
        return Recording::all(program).into_iter().map(|recording| recording.lines).collect();
    }
    let names = std::fs::read_dir(folder("acp")).expect("recordings").map(|entry| entry.expect("an entry").path());
    let mut paths: Vec<_> = names.collect();
    paths.sort();
    paths.iter().map(|path| log_of(&std::fs::read_to_string(path).expect("a recording"))).collect()
}

/// What our side of a recorded conversation prints.
fn log_of(conversation: &str) -> Vec<Vec<u8>> {
    let mut log = vec![json!({ "acp": "agent", "name": "a", "version": "1" })];
    for line in conversation.lines() {
        let message = serde_json::from_str::<Value>(line).expect("JSON")["msg"].take();
        let (result, update) = (&message["result"], &message["params"]["update"]);
        if result["sessionId"].is_string() {
            log.push(json!({ "acp": "session", "id": result["sessionId"], "continued": false }));
            log.push(json!({ "acp": "prompted" }));
        }
        if update.is_object() {
            log.push(json!({ "acp": "update", "update": update }));
        }
        if result["stopReason"].is_string() {
            log.push(json!({ "acp": "ended", "stop_reason": result["stopReason"], "answer": result }));
        }
        if message["error"].is_object() {
            let error = &message["error"];
            log.push(
                json!({ "acp": "failed", "during": "prompt", "code": error["code"], "message": error["message"] }),
            );
        }
    }
    log.iter().map(|line| line.to_string().into_bytes()).collect()
}

/// Says which seed it was when a test fails.
struct Seed(u64);

impl Drop for Seed {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("RALPH_STREAMS_FROM={} RALPH_STREAMS_SEEDS=1", self.0);
        }
    }
}

fn number_from(variable: &str) -> Option<u64> {
    std::env::var(variable).ok()?.parse().ok()
}

#[test]
fn no_stream_however_damaged_makes_a_reader_fail_or_say_too_much() {
    let recorded = PROGRAMS.map(streams);
    let from = number_from("RALPH_STREAMS_FROM").unwrap_or_default();
    let seeds = from..from + number_from("RALPH_STREAMS_SEEDS").unwrap_or(N_SEEDS);
    for seed in seeds {
        let _seed = Seed(seed);
        let mut rng = Rng::with_seed(seed);
        let place = rng.usize(..PROGRAMS.len());
        let mut lines = rng.choice(&recorded[place]).expect("a stream").clone();
        let mixed_in = rng.choice(&recorded).expect("streams");
        let other = rng.choice(mixed_in).expect("a stream");
        for _ in 0..rng.usize(1..6) {
            damage(&mut lines, other, &mut rng);
        }
        read(PROGRAMS[place], &lines, &mut rng);
    }
}

/// Reads a stream to its end, as a session does, and checks all that is said.
fn read(program: &str, lines: &[Vec<u8>], rng: &mut Rng) {
    let mut reader = reader(program);
    let talk = SessionId::new("talk").expect("an id");
    let consumed = Usage { input_tokens: rng.u64(..), output_tokens: rng.u64(..), ..Usage::default() };
    let job = tempfile::tempdir().expect("a folder");
    reader.begin(&Beginning { continues: rng.bool().then_some(&talk), consumed, job_dir: job.path() });
    for line in lines {
        let seen = if line.len() > 256 * 1024 { oversized(reader.as_mut(), line) } else { reader.line(line) };
        assert!(seen.len() <= ACTIVITIES_MAX, "{program}: {} of a line of {} bytes", seen.len(), line.len());
        let texts: Vec<&str> = seen.iter().flat_map(texts).collect();
        let bytes: usize = texts.iter().map(|text| text.len()).sum();
        assert!(bytes <= 4 * line.len() + 1_000_000, "{program}: {bytes} of a line of {} bytes", line.len());
        texts.iter().for_each(|text| is_harmless(program, text));
        let _ = (reader.finished(), reader.runs_away());
    }
    let killed = rng.bool();
    let (code, signal) = if killed { (None, Some(9)) } else { (Some(rng.i32(0..3)), None) };
    let at = "2026-11-20T13:30:00+00:00[+00:00]".parse().ok();
    let ended = Ended { code, signal, stderr_tail: "Error: x\u{1b}[31m\0".to_owned(), at, ..Ended::default() };
    let conclusion = reader.conclude(&ended);
    assert!(conclusion.failure.is_some() || !killed, "{program}: no program that was killed ended as it should");
    is_bounded(program, &conclusion);
    reader.conclude(&Ended::default());
}

fn oversized(reader: &mut dyn Reader, line: &[u8]) -> Vec<Activity> {
    let mut file = tempfile::NamedTempFile::new().expect("a file");
    file.write_all(line).expect("a log");
    reader.oversized(file.path(), 0, line.len() as u64)
}

fn is_bounded(program: &str, conclusion: &Conclusion) {
    let failure = conclusion.failure.as_ref().map(|failure| failure.detail.as_str());
    for (text, max) in [(failure, 800), (conclusion.model.as_deref(), 200), (conclusion.said.as_deref(), 4_000)] {
        let text = text.unwrap_or_default();
        assert!(text.chars().count() <= max, "{program}: {text}");
        is_harmless(program, text);
    }
}

/// Everything in an activity that somebody may get to see.
fn texts(activity: &Activity) -> Vec<&str> {
    match activity {
        Activity::Identified(_) => Vec::new(),
        Activity::Text(text) | Activity::Retrying { reason: text, .. } => vec![text],
        Activity::ToolStarted { by, name, summary } => vec![by.as_deref().unwrap_or_default(), name, summary],
        Activity::ToolEnded { by, summary, .. } => vec![by.as_deref().unwrap_or_default(), summary],
        Activity::SubAgentStarted { id, parent, name, summary } => {
            vec![id, parent.as_deref().unwrap_or_default(), name, summary]
        }
        Activity::SubAgentProgress { id, summary, .. } => vec![id, summary],
        Activity::SubAgentEnded { id, name, .. } => vec![id, name],
    }
}

/// A terminal that shows it is not steered by it.
fn is_harmless(program: &str, text: &str) {
    let steers = |c: char| c.is_control() && !matches!(c, '\n' | '\t');
    assert!(!text.contains(steers), "{program}: {text:?}");
}

/// Fields that say how it ended, by the last part of their names: what stands there cannot be told from anything else.
const DECIDING: [&str; 9] =
    ["type", "subtype", "is_error", "exitCode", "reason", "part", "status", "acp", "stop_reason"];

#[test]
fn a_wrong_type_in_any_field_of_a_good_session_spoils_nothing_but_the_field() {
    for program in PROGRAMS {
        let good = if program == "acp" { log_of(&acp_prompt()) } else { Recording::of(program, "success").lines };
        let (n_lines, mut n_spoiled) = (good.len(), 0);
        for n in 0..n_lines {
            let Ok(line) = serde_json::from_slice::<Value>(&good[n]) else { continue };
            let mut places = Vec::new();
            pointers(&line, &mut String::new(), &mut places);
            for place in places {
                let wrong = WRONG[n_spoiled % WRONG.len()];
                n_spoiled += 1;
                let mut reader = reader(program);
                let spoiled = spoiled(&line, &place, wrong);
                for (m, line) in good.iter().enumerate() {
                    reader.line(if m == n { &spoiled } else { line });
                }
                let conclusion = reader.conclude(&Ended { code: Some(0), ..Ended::default() });
                let decides = DECIDING.iter().any(|name| place.ends_with(&format!("/{name}")));
                assert!(decides || class(&conclusion) == "good", "{program}: {place} is {wrong}: {conclusion:?}");
            }
        }
        assert!(n_spoiled > 20, "{program}: {n_spoiled} fields");
    }
}

fn acp_prompt() -> String {
    std::fs::read_to_string(folder("acp").join("claude-agent-acp.prompt.jsonl")).expect("a recording")
}
