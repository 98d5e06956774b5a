//! One conversation between the real program and a stand-in for an agent.

#![allow(dead_code, reason = "two test binaries use different parts of it, so an expectation cannot hold in both")]

use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use ralph_teams::domain::activity::Activity;
use ralph_teams::effects::backend::{Acp, Backend, Conclusion, Ended, Settings};
use serde_json::Value;

/// A generous bound that protects against hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came of it.
pub struct Talked {
    /// The log: what `ralph-teams acp-client` printed.
    pub log: String,
    /// What the agent heard.
    pub heard: Vec<Value>,
    pub ended: Ended,
    pub seen: Vec<Activity>,
    pub conclusion: Conclusion,
}

/// A recorded conversation.
pub fn recording(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/streams/acp").join(format!("{name}.jsonl"))
}

/// The lines of a recorded conversation.
pub fn lines(name: &str) -> Vec<Value> {
    let text = std::fs::read_to_string(recording(name)).expect("a recording");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

/// Plays a conversation that is in a file. Where the agent waits to be cancelled, SIGINT is sent.
pub fn talk(conversation: &Path, options: &[&str]) -> Talked {
    let agent =
        [Path::new(env!("CARGO_BIN_EXE_fake-acp-agent")), conversation].map(|path| path.to_str().expect("text"));
    talk_to(&agent, options)
}

/// Talks to a program.
pub fn talk_to(agent: &[&str], options: &[&str]) -> Talked {
    let folder = tempfile::tempdir().expect("a folder");
    let (heard, waits) = (folder.path().join("heard"), folder.path().join("waits"));
    let [prompt, out, errors] = ["prompt", "out", "errors"].map(|name| folder.path().join(name));
    std::fs::write(&prompt, "Implement story 1.").expect("a prompt");
    let file = |path: &Path| Stdio::from(std::fs::File::create(path).expect("a file"));
    let mut child = Command::new(env!("CARGO_BIN_EXE_ralph-teams"))
        .arg("acp-client")
        .args(options)
        .arg("--")
        .args(agent)
        .current_dir(folder.path())
        .env("FAKE_ACP_HEARD", &heard)
        .env("FAKE_ACP_WAITS", &waits)
        .stdin(std::fs::File::open(&prompt).expect("the prompt"))
        .stdout(file(&out))
        .stderr(file(&errors))
        .spawn()
        .expect("a process");
    let (began, mut told) = (Instant::now(), false);
    let status = loop {
        if let Some(status) = child.try_wait().expect("a status") {
            break status;
        }
        if waits.exists() && !told {
            told = true;
            let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).expect("an id")).expect("an id");
            rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("a signal");
        }
        if began.elapsed() > PATIENCE {
            child.kill().expect("killed");
            child.wait().expect("ended");
            panic!("it does not end: {}", std::fs::read_to_string(&out).expect("a log"));
        }
        std::thread::sleep(Duration::from_millis(5));
    };
    let stderr_tail = std::fs::read_to_string(&errors).expect("errors");
    let ended = Ended { code: status.code(), signal: status.signal(), stderr_tail, ..Ended::default() };
    let log = std::fs::read_to_string(&out).expect("a log");
    let (seen, conclusion) = read(&log, &ended);
    let heard = std::fs::read_to_string(&heard).unwrap_or_default();
    let heard = heard.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    Talked { log, heard, ended, seen, conclusion }
}

/// Plays a conversation that a test makes up.
pub fn talk_of(lines: &[Value], options: &[&str]) -> Talked {
    let file = tempfile::NamedTempFile::new().expect("a file");
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    std::fs::write(file.path(), text).expect("a conversation");
    talk(file.path(), options)
}

/// What the reader makes of a log.
pub fn read(log: &str, ended: &Ended) -> (Vec<Activity>, Conclusion) {
    let mut reader = Acp::new(PathBuf::new(), Settings::default()).reader();
    let seen = log.lines().flat_map(|line| reader.line(line.as_bytes())).collect();
    (seen, reader.conclude(ended))
}

impl Talked {
    /// The parameters of the requests and notifications of this method that the agent heard.
    pub fn heard_of(&self, method: &str) -> Vec<Value> {
        self.heard
            .iter()
            .filter(|message| message["method"] == method)
            .map(|message| message["params"].clone())
            .collect()
    }
}
