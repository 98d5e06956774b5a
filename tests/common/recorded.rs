//! What real agent programs printed once, from `tests/fixtures/streams/<program>/`: the lines, and how the program ended.

#![allow(dead_code, reason = "each test binary uses another part of it, so an expectation cannot hold in all of them")]

use std::path::{Path, PathBuf};

use ralph_teams::domain::activity::Activity;
use ralph_teams::domain::usage::Usage;
use ralph_teams::effects::backend::{Conclusion, Ended, Reader};
use serde_json::Value;

/// One program that was run once.
pub struct Recording {
    /// `<case>`, or `<case>.step2` when a case has several.
    pub name: String,
    /// Its command line.
    pub argv: Vec<String>,
    /// What it printed.
    pub lines: Vec<Vec<u8>>,
    /// How it ended.
    pub ended: Ended,
}

/// The folder of a program's recordings.
pub fn folder(program: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/streams").join(program)
}

impl Recording {
    /// All of a program, in the order of their names.
    pub fn all(program: &str) -> Vec<Self> {
        let entries = std::fs::read_dir(folder(program)).expect("recordings");
        let names = entries.map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"));
        let mut names: Vec<String> = names.filter_map(|name| name.strip_suffix(".jsonl").map(str::to_owned)).collect();
        names.sort();
        names.iter().map(|name| Self::of(program, name)).collect()
    }

    /// One of a program.
    pub fn of(program: &str, name: &str) -> Self {
        let beside = |ending: &str| folder(program).join(format!("{name}.{ending}"));
        let (case, step) = name.rsplit_once(".step").unwrap_or((name, "1"));
        let facts = std::fs::read(folder(program).join(format!("{case}.meta.json"))).expect("facts");
        let facts: Value = serde_json::from_slice(&facts).expect("facts");
        let run = &facts["steps"][step.parse::<usize>().expect("a step") - 1];
        let output = std::fs::read(beside("jsonl")).expect("output");
        Self {
            name: name.to_owned(),
            argv: run["argv"]
                .as_array()
                .expect("argv")
                .iter()
                .map(|arg| arg.as_str().expect("text").to_owned())
                .collect(),
            lines: output.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect(),
            ended: Ended {
                code: run["exit_code"].as_i64().map(|code| i32::try_from(code).expect("a code")),
                signal: run["exit_signal"].as_str().map(number),
                stderr_tail: std::fs::read_to_string(beside("stderr")).unwrap_or_default(),
                ..Ended::default()
            },
        }
    }

    /// What a reader makes of it.
    pub fn read(&self, reader: &mut dyn Reader) -> (Vec<Activity>, Conclusion) {
        let seen = self.lines.iter().flat_map(|line| reader.line(line)).collect();
        (seen, reader.conclude(&self.ended))
    }

    /// Everything that a session is judged by, in one line.
    pub fn verdict(&self, conclusion: &Conclusion) -> String {
        let end = match &conclusion.failure {
            None => "as it should".to_owned(),
            Some(failure) => format!("{:?}: {}", failure.kind, failure.detail),
        };
        let lost = if conclusion.lost_conversation { ", conversation lost" } else { "" };
        let session = conclusion.session.as_ref().map_or("-", |session| session.as_str());
        let said = conclusion.said.as_deref().unwrap_or("-").replace('\n', " ");
        let Usage { input_tokens, cached_tokens, output_tokens, uncounted_sessions, .. } = conclusion.usage;
        let tokens = match uncounted_sessions {
            0 => format!("{input_tokens}+{cached_tokens} in, {output_tokens} out"),
            _ if conclusion.usage.tokens() > 0 => {
                format!("at least {input_tokens}+{cached_tokens} in, {output_tokens} out")
            }
            _ => "tokens unknown".to_owned(),
        };
        format!("{}\n    {end}{lost}\n    {session} | {tokens} | {said}\n", self.name)
    }
}

fn number(signal: &str) -> i32 {
    match signal {
        "SIGHUP" => 1,
        "SIGINT" => 2,
        "SIGKILL" => 9,
        "SIGTERM" => 15,
        other => panic!("{other} is not known here"),
    }
}
