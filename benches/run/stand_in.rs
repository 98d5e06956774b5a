//! The two programs that this one stands in for, both of which write down when they began and ended.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{SystemTime, UNIX_EPOCH};

/// Variables that a stand-in for git is told with: where to write, and which program is the real one.
pub const GIT_LOG: &str = "BENCH_GIT_LOG";
pub const REAL_GIT: &str = "BENCH_REAL_GIT";

/// One program that ran, in nanoseconds of wall time.
#[derive(Debug, Clone)]
pub struct Span {
    /// When it began.
    pub began: u128,
    /// When it ended.
    pub ended: u128,
    /// What it was.
    pub what: String,
}

/// Plays another program if this one was started as such.
pub fn play(args: &[String]) -> Option<ExitCode> {
    let name = Path::new(args.first()?).file_name()?.to_str()?;
    if name == "git" {
        return Some(git(&args[1..]));
    }
    match args.get(1..)? {
        [word, log, path, agent, rest @ ..] if word == "agent" => Some(as_agent(log, path, agent, rest)),
        _ => None,
    }
}

/// Notes the times, and does the work through the fake agent, whose git is the real one.
fn as_agent(log: &str, path: &str, agent: &str, rest: &[String]) -> ExitCode {
    let began = now();
    let epic = std::env::var("RALPH_EPIC_ID").unwrap_or_else(|_| "run".to_owned());
    note(log, began, 0, &epic);
    let ended = Command::new(agent).args(rest).env("PATH", path).status();
    note(log, began, now(), &epic);
    exit_code(ended)
}

fn git(args: &[String]) -> ExitCode {
    let began = now();
    let real = std::env::var(REAL_GIT).expect("the real git");
    let ended = Command::new(real).args(args).status();
    note(&std::env::var(GIT_LOG).expect("a log"), began, now(), &args.join(" "));
    exit_code(ended)
}

fn exit_code(ended: std::io::Result<std::process::ExitStatus>) -> ExitCode {
    let code = ended.expect("it starts").code().and_then(|code| u8::try_from(code).ok());
    ExitCode::from(code.unwrap_or(255))
}

fn now() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).expect("after 1970").as_nanos()
}

/// One write, so that lines of several processes do not mix.
fn note(log: &str, began: u128, ended: u128, what: &str) {
    let mut file = OpenOptions::new().append(true).create(true).open(log).expect("a log");
    file.write_all(format!("{began} {ended} {what}\n").as_bytes()).expect("written");
}

/// All that a log says, in the order of the beginnings; what only began has no end (0).
pub fn spans(log: &Path) -> Vec<Span> {
    let text = std::fs::read_to_string(log).unwrap_or_default();
    let mut spans: Vec<Span> = text.lines().filter_map(span).collect();
    spans.sort_by_key(|span| span.began);
    spans
}

fn span(line: &str) -> Option<Span> {
    let (began, rest) = line.split_once(' ')?;
    let (ended, what) = rest.split_once(' ')?;
    Some(Span { began: began.parse().ok()?, ended: ended.parse().ok()?, what: what.to_owned() })
}
