//! Replays what a real agent program once printed, with its work done at its place, so that the adapter of that program
//! meets a whole run and not only lines.
//!
//! A recording is a file of lines with others of the same name beside it: `<name>.jsonl` (standard output), perhaps
//! `<name>.stderr`, and `<name>.meta.json` (exit code and time of each line). What was recorded in several steps is called
//! `<name>.step2.jsonl`; its facts stand in `<name>.meta.json`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::Deserialize;

use crate::output;
use crate::perform;
use crate::processes;
use crate::script::Step;
use crate::session::{Fault, Session};

/// How much faster than recorded it goes, and the longest pause that is left of the recorded ones.
const FASTER: f64 = 10.0;
const LONGEST_PAUSE: Duration = Duration::from_millis(20);

/// What is replayed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Replay {
    /// The recording: a path without `.jsonl`.
    recording: PathBuf,
    /// The work: steps that must print nothing.
    #[serde(default)]
    steps: Vec<Step>,
    /// The work is done before the first line that has this text; without it, before the last line.
    before: Option<String>,
    /// Options of the command line. The value of the first that is given takes the place of the recorded conversation's name.
    #[serde(default)]
    session_from: Vec<String>,
    /// Options of the command line that name a file, each with the file whose content it gets at the end.
    #[serde(default)]
    files: BTreeMap<String, PathBuf>,
}

/// The recorded facts that matter here.
#[derive(Debug, Deserialize)]
struct Facts {
    session: Option<String>,
    steps: Vec<Run>,
}

#[derive(Debug, Deserialize)]
struct Run {
    exit_code: Option<i32>,
    exit_signal: Option<String>,
    #[serde(default)]
    line_times_s: Vec<f64>,
}

/// Replays it and ends as the real program ended.
pub fn replay(replay: &Replay, session: &mut Session) -> Result<(), Fault> {
    let (name, step) = parts(&replay.recording)?;
    let facts: Facts = serde_json::from_str(&read(&replay.recording.with_file_name(format!("{name}.meta.json")))?)?;
    let run = facts.steps.get(step).ok_or("the recording has no such step")?;
    let renamed = |line: &str| match (&facts.session, value_of(&replay.session_from)) {
        (Some(recorded), Some(asked)) => line.replace(recorded, &asked),
        (Some(_), None) | (None, _) => line.to_owned(),
    };
    if let Ok(complaint) = std::fs::read_to_string(with_ending(&replay.recording, "stderr")) {
        eprint!("{complaint}");
    }
    let text = read(&with_ending(&replay.recording, "jsonl"))?;
    let lines: Vec<&str> = text.lines().collect();
    let place = work_place(&lines, replay.before.as_deref())?;
    let mut before = run.line_times_s.first().copied().unwrap_or_default();
    for (index, line) in lines.iter().enumerate() {
        if index == place {
            perform::all(&replay.steps, session)?;
        }
        let time = run.line_times_s.get(index).copied().unwrap_or(before);
        std::thread::sleep(Duration::from_secs_f64((time - before).max(0.0) / FASTER).min(LONGEST_PAUSE));
        before = time;
        output::print(format!("{}\n", renamed(line)).as_bytes())?;
    }
    for (option, content) in &replay.files {
        let target = value_of(std::slice::from_ref(option)).ok_or_else(|| format!("{option} was not given"))?;
        perform::write(Path::new(&target), &read(content)?)?;
    }
    end(run)
}

/// The name of a recording and which of its steps it is.
fn parts(recording: &Path) -> Result<(String, usize), Fault> {
    let name = recording.file_name().and_then(|name| name.to_str()).ok_or("a recording has a name")?;
    Ok(match name.rsplit_once(".step") {
        Some((name, step)) => (name.to_owned(), step.parse::<usize>()?.saturating_sub(1)),
        None => (name.to_owned(), 0),
    })
}

fn with_ending(recording: &Path, ending: &str) -> PathBuf {
    let mut path = recording.as_os_str().to_owned();
    path.push(format!(".{ending}"));
    path.into()
}

fn read(path: &Path) -> Result<String, Fault> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()).into())
}

fn work_place(lines: &[&str], before: Option<&str>) -> Result<usize, Fault> {
    match before {
        Some(text) => {
            let place = lines.iter().position(|line| line.contains(text));
            place.ok_or_else(|| format!("no line of the recording has {text:?}").into())
        }
        None => Ok(lines.len().saturating_sub(1)),
    }
}

/// What the command line gives for the first of these options that it has, as `--option value` or `--option=value`.
fn value_of(options: &[String]) -> Option<String> {
    let args: Vec<String> = std::env::args().collect();
    let of = |option: &String| {
        let joined =
            args.iter().find_map(|arg| arg.strip_prefix(option.as_str())?.strip_prefix('=').map(str::to_owned));
        joined.or_else(|| args.iter().position(|arg| arg == option).and_then(|place| args.get(place + 1).cloned()))
    };
    options.iter().find_map(of)
}

fn end(run: &Run) -> Result<(), Fault> {
    match (run.exit_signal.as_deref(), run.exit_code) {
        (None, code) => std::process::exit(code.unwrap_or_default()),
        (Some("SIGHUP"), _) => processes::die(1),
        (Some("SIGINT"), _) => processes::die(2),
        (Some("SIGKILL"), _) => processes::die(9),
        (Some("SIGTERM"), _) => processes::die(15),
        (Some(other), _) => Err(format!("it ended by {other}, which cannot be replayed").into()),
    }
}
