//! The script language of the fake agent, and which steps a session takes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::replay::Replay;
use crate::session::{Fault, Session};
use crate::tools::Call;

/// One step of a script.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Step {
    /// What the agent does without a script.
    Honest,
    /// Writes and commits every pending story.
    Work,
    /// Writes and commits these stories.
    WorkOn(Vec<String>),
    /// Writes a file, with its folders.
    Write { path: PathBuf, text: String },
    /// Appends a line to a file.
    Append { path: PathBuf, line: String },
    /// Deletes a file.
    Delete(PathBuf),
    /// Commits everything in the worktree, even nothing.
    Commit(String),
    /// Writes the report of a lead.
    Report(Report),
    /// Writes the report of a final validator.
    Validate(Validation),
    /// Resolves every conflict by keeping both sides.
    Resolve { commit: bool },
    /// Calls the runner's tools, each call with what must come of it.
    Tools(Vec<Call>),
    /// Asks the person at the terminal, and waits for a line.
    Ask(String),
    /// Writes the file that a session before a run is asked for; `@ANSWER@` stands for what the person answered last.
    Result(String),
    /// Runs a shell command in the worktree; it must succeed.
    Shell(String),
    /// Prints a line.
    Print(String),
    /// Prints a line to standard error.
    PrintError(String),
    /// Prints these very bytes.
    PrintBytes(Vec<u8>),
    /// Prints many bytes fast.
    Flood {
        bytes: u64,
        /// Length of a line with its line break; 0: no line break at all.
        #[serde(default = "usual_line")]
        line: usize,
    },
    /// Prints each value as one line of JSON.
    Stream(Vec<serde_json::Value>),
    /// Prints a whole turn as claude prints it with `--output-format stream-json`.
    Claude { session: String, text: String },
    /// Prints what a real program once printed, does the work at its place, and ends as that program ended.
    Replay(Replay),
    /// Sleeps.
    SleepMs(u64),
    /// Takes these steps so many times.
    Repeat { times: u32, steps: Vec<Step> },
    /// Takes these steps the first time only; the mark tells that it was.
    Once { mark: PathBuf, steps: Vec<Step> },
    /// Makes an empty file, with its folders.
    Touch(PathBuf),
    /// Waits until a file exists; exits with 97 after two minutes.
    WaitFor(PathBuf),
    /// From now on these signals do nothing.
    Ignore(Vec<SignalName>),
    /// A child that sleeps so many milliseconds.
    Spawn(u64),
    /// The same in a process group of its own.
    OwnGroup(u64),
    /// The same with the agent's standard output and error in its hands.
    HoldStdout(u64),
    /// A daemon that sleeps: session of its own, parent gone, no streams.
    Daemon(u64),
    /// A process that starts itself again and ends, so many times over.
    Rabbit(u32),
    /// Removes the working directory.
    DeleteWorktree,
    /// Exits with the code the first times; counts in a file.
    FailFirst {
        counter: PathBuf,
        #[serde(default = "once")]
        times: u32,
        #[serde(default = "one")]
        code: i32,
    },
    /// Writes the prompt to a file.
    SavePrompt(PathBuf),
    /// Writes the environment to a file, as a JSON object.
    SaveEnv(PathBuf),
    /// Writes its command line to a file, as a JSON list.
    SaveArgs(PathBuf),
    /// Exits at once.
    Exit(i32),
    /// Dies of a signal.
    Die(i32),
}

/// What a lead reports.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Report {
    /// Each pending story with the commit that holds its file; without one it fails.
    Honest,
    /// Every pending story passes, and no commit is named.
    Unproven,
    /// Every pending story passes in a commit that does not exist.
    WrongCommit,
    /// Half of an honest report.
    HalfWritten,
    /// An honest report with another epic's id.
    WrongEpic,
    /// These stories fail for these reasons, the other ones are told honestly.
    Failing(BTreeMap<String, String>),
    /// This very text.
    Raw(String),
}

/// What a validator reports.
#[derive(Debug, Clone, Deserialize)]
pub struct Validation {
    /// `pass` or `fail`.
    #[serde(default = "pass")]
    pub verdict: String,
    /// What is wrong.
    #[serde(default)]
    pub findings: Vec<String>,
    /// `pass`, `fail` or `na`; as the verdict when it is not given.
    pub tests: Option<String>,
    /// `pass`, `fail` or `na`.
    #[serde(default = "not_applicable")]
    pub browser_check: String,
}

/// A signal that can be ignored.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum SignalName {
    /// SIGTERM.
    Term,
    /// SIGINT.
    Int,
    /// SIGHUP.
    Hup,
}

fn usual_line() -> usize {
    100
}

fn once() -> u32 {
    1
}

fn one() -> i32 {
    1
}

fn pass() -> String {
    "pass".to_owned()
}

fn not_applicable() -> String {
    "na".to_owned()
}

/// The steps of this session: those of the first key that fits, or honesty.
pub fn steps_for(args: &[String], session: &Session) -> Result<Vec<Step>, Fault> {
    let by_flag = args.iter().position(|arg| arg == "--script").and_then(|at| args.get(at + 1)).cloned();
    let Some(path) = by_flag.or_else(|| std::env::var("FAKE_AGENT_SCRIPT").ok().filter(|path| !path.is_empty())) else {
        return Ok(vec![Step::Honest]);
    };
    let text = std::fs::read_to_string(&path).map_err(|error| format!("script {path}: {error}"))?;
    // A map of values first: its order is the file's.
    let script: serde_json::Map<String, serde_json::Value> =
        serde_json::from_str(&text).map_err(|error| format!("script {path}: {error}"))?;
    for (key, steps) in script {
        if fits(&key, session)? {
            return serde_json::from_value(steps).map_err(|error| format!("script {path}, key {key}: {error}").into());
        }
    }
    Ok(vec![Step::Honest])
}

/// An epic's id may hold slashes, so the key is read from its end.
fn fits(key: &str, session: &Session) -> Result<bool, Fault> {
    let mut parts = key.rsplitn(3, '/');
    let (Some(attempt), Some(role), Some(epic)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(format!("script key {key:?} is not <epic>/<role>/<attempt>").into());
    };
    let same = |pattern: &str, value: &str| pattern == "*" || pattern == value;
    let epic_id = session.epic_id.as_deref().unwrap_or("run");
    Ok(same(epic, epic_id) && same(role, &session.role) && same(attempt, &session.attempt))
}
