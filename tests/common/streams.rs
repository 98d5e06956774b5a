//! Recorded output of real agent programs: the lines of each case, and how the program ended.

use std::path::{Path, PathBuf};

use ralph_teams::domain::activity::Activity;
use ralph_teams::effects::backend::{Conclusion, Ended, Reader};
use ralph_teams::scheduler::event::FailureKind;
use serde_json::Value;

/// The recordings of one program.
pub struct Recordings(PathBuf);

/// One run of it. A case of several steps has several, `<case>.step2`.
#[derive(Debug)]
pub struct Recording {
    pub name: String,
    pub lines: Vec<Vec<u8>>,
    pub ended: Ended,
    /// The conversation, as it was noted beside the lines.
    pub session: Option<String>,
}

impl Recordings {
    /// Those in `tests/fixtures/streams/<program>/`.
    pub fn of(program: &str) -> Self {
        Self(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/streams").join(program))
    }

    /// All of them, by name.
    pub fn all(&self) -> Vec<Recording> {
        let entries = std::fs::read_dir(&self.0).expect("recordings");
        let names = entries.map(|entry| entry.expect("a file").file_name().to_string_lossy().into_owned());
        let mut names: Vec<String> = names.filter_map(|name| Some(name.strip_suffix(".jsonl")?.to_owned())).collect();
        names.sort();
        names.iter().map(|name| self.get(name)).collect()
    }

    /// One of them.
    pub fn get(&self, name: &str) -> Recording {
        let bytes = std::fs::read(self.0.join(format!("{name}.jsonl"))).expect("a recording");
        let (case, step) = match name.rsplit_once(".step") {
            Some((case, step)) => (case, step.parse::<usize>().expect("a step") - 1),
            None => (name, 0),
        };
        let facts = std::fs::read(self.0.join(format!("{case}.meta.json"))).expect("facts");
        let facts: Value = serde_json::from_slice(&facts).expect("facts");
        let run = &facts["steps"][step];
        let signal = run["exit_signal"].as_str().map(|name| match name {
            "SIGHUP" => 1,
            "SIGINT" => 2,
            "SIGKILL" => 9,
            "SIGTERM" => 15,
            other => panic!("a signal without a number: {other}"),
        });
        let code = run["exit_code"].as_i64().and_then(|code| i32::try_from(code).ok());
        let stderr_tail = std::fs::read_to_string(self.0.join(format!("{name}.stderr"))).unwrap_or_default();
        Recording {
            name: name.to_owned(),
            lines: bytes.split(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect(),
            ended: Ended { code, signal, stderr_tail, ..Ended::default() },
            session: facts["session"].as_str().map(str::to_owned),
        }
    }
}

impl Recording {
    /// What a reader makes of it. One that goes round in circles is ended by us, as a session is.
    pub fn read(&self, mut reader: Box<dyn Reader>) -> (Vec<Activity>, Conclusion) {
        let mut seen = Vec::new();
        for line in &self.lines {
            seen.extend(reader.line(line));
            if reader.runs_away() {
                let stopped = Ended { code: Some(0), ..Ended::default() };
                return (seen, reader.conclude(&stopped));
            }
        }
        (seen, reader.conclude(&self.ended))
    }
}

/// How it ended, in one word.
pub fn class(conclusion: &Conclusion) -> &'static str {
    match conclusion.failure.as_ref().map(|failure| failure.kind) {
        None => "good",
        Some(FailureKind::Overloaded) => "overloaded",
        Some(FailureKind::RateLimited) => "rate-limited",
        Some(FailureKind::UsageLimit) => "usage-limit",
        Some(FailureKind::Offline) => "offline",
        Some(FailureKind::SignIn) => "sign-in",
        Some(FailureKind::Billing) => "billing",
        Some(FailureKind::TooLong) => "too-long",
        Some(FailureKind::Unusable) => "unusable",
        Some(FailureKind::Refused) => "refused",
        Some(FailureKind::Crashed) if conclusion.lost_conversation => "lost",
        Some(FailureKind::Crashed) => "crashed",
    }
}

/// Why it did not end as it should.
#[track_caller]
pub fn detail(conclusion: &Conclusion) -> &str {
    &conclusion.failure.as_ref().expect("a failure").detail
}

/// One line that says what came of it: the kind of the end, tokens in and out, money, what is not known, the last words.
pub fn told(recording: &Recording, conclusion: &Conclusion) -> String {
    let usage = conclusion.usage;
    let said = conclusion.said.as_deref().unwrap_or("-").replace('\n', " / ");
    let said: String = said.chars().take(40).collect();
    format!(
        "{}: {} {}+{} ${}{}{} {said}",
        recording.name,
        class(conclusion),
        usage.input_tokens,
        usage.output_tokens,
        usage.cost_microdollars,
        if usage.unpriced_sessions > 0 { " unpriced" } else { "" },
        if usage.uncounted_sessions > 0 { " uncounted" } else { "" },
    )
}
