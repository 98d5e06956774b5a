//! Runs the user's own commands (gates and setup), each in a host of its own, and keeps the proof of how they ended.

use std::io;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use super::fs::{is_environment, read_tail};
use super::host::spec::{EndedBy, Environment, HostExit, HostSpec};
use super::hosted::Hosted;
use super::paths::relative_to;
use crate::domain::gate::{Gate, GateEnd, GateOutcome};
use crate::domain::id::{Slug, hex};
use crate::scheduler::event::{Failure, Stop};

/// How much of a log's end is kept as its tail.
const TAIL_LINES: usize = 40;
const TAIL_BYTES: usize = 4 * 1024;

/// How much of a log's end is read for that: escape sequences and control bytes are dropped from it.
const TAIL_WINDOW: u64 = 32 * 1024;

/// The shell that every command line is given to, as the user's own scripts do.
const SHELL: [&str; 2] = ["sh", "-c"];

/// Where commands run and where their logs go.
#[derive(Debug, Clone)]
pub struct Workshop<'a> {
    /// The working directory.
    pub cwd: &'a Path,
    /// The complete environment; with `RALPH_RUN_ID` and `RALPH_JOB`, so that a sweep finds the processes.
    pub env: &'a Environment,
    /// The job's directory, where logs and the files of the hosts go.
    pub job_dir: &'a Path,
    /// The run's directory, which log paths are told relative to.
    pub run_dir: &'a Path,
    /// This program's own executable.
    pub host_program: &'a Path,
}

/// Why there is no outcome of a command.
#[derive(Debug, thiserror::Error)]
pub enum CommandFault {
    /// It was cancelled; nothing can be said of it.
    #[error("it was cut short because the run was asked to stop; resume to run it again")]
    Cut,
    /// It could not be started.
    #[error("`{command}` could not be started: {reason}; mend that, then resume")]
    NotStarted {
        /// The command line.
        command: String,
        /// Why.
        reason: String,
    },
    /// The process that watched over it died, so its result is not known.
    #[error(
        "the process that watched over `{command}` was killed (perhaps for want of memory); resume to run it again"
    )]
    HostLost {
        /// The command line.
        command: String,
    },
    /// Its files could not be written or read.
    #[error("cannot keep the log {path}: {source}; check the disk, then resume")]
    Log {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// A setup command ended badly.
    #[error("setup command `{command}` {end} (log: {log}); mend it, then resume\n{tail}")]
    Setup {
        /// The command line.
        command: String,
        /// How it ended.
        end: String,
        /// Its log.
        log: String,
        /// The end of its output.
        tail: String,
    },
}

impl From<CommandFault> for Failure {
    fn from(fault: CommandFault) -> Self {
        let environment = match &fault {
            CommandFault::Log { source, .. } => is_environment(source),
            CommandFault::Cut
            | CommandFault::NotStarted { .. }
            | CommandFault::HostLost { .. }
            | CommandFault::Setup { .. } => false,
        };
        Self { what: fault.to_string(), environment }
    }
}

/// Runs all gates in their order and returns all their outcomes.
///
/// A red gate does not stop the ones behind it: whoever has to mend the work then learns everything at once, and a
/// round of mending costs far more than a gate. Only a cancellation ends the row early.
///
/// # Errors
/// [`CommandFault`], when one of them has no outcome; the outcomes before it are dropped, since a check is whole or
/// is done again.
pub async fn run_gates(
    gates: &[Gate],
    workshop: &Workshop<'_>,
    cancel: &CancellationToken,
) -> Result<Vec<GateOutcome>, CommandFault> {
    let mut outcomes = Vec::with_capacity(gates.len());
    for (n, gate) in gates.iter().enumerate() {
        let log_path = workshop.job_dir.join(format!("gate-{}-{}.log", n + 1, Slug::of(&gate.name)));
        outcomes.push(run_gate(gate, &log_path, workshop, cancel).await?);
    }
    Ok(outcomes)
}

/// Runs one gate; both its streams go to `log_path`, which begins anew.
///
/// # Errors
/// [`CommandFault`], when there is no outcome. A gate that is red, killed or too slow has one.
pub async fn run_gate(
    gate: &Gate,
    log_path: &Path,
    workshop: &Workshop<'_>,
    cancel: &CancellationToken,
) -> Result<GateOutcome, CommandFault> {
    let (end, took_ms) = run_command(&gate.command, gate.timeout_ms, log_path, workshop, cancel).await?;
    let (log_digest, tail) = read_log(log_path).await?;
    Ok(GateOutcome {
        name: gate.name.clone(),
        command: gate.command.clone(),
        end,
        took_ms,
        log_digest,
        log: relative_to(workshop.run_dir, log_path),
        tail,
    })
}

/// Runs the command that sets a worktree up; both its streams go to `log_path`, which begins anew.
///
/// # Errors
/// [`CommandFault`]: `Setup` when it ended with anything but 0, with the log's path and its last lines.
pub async fn run_setup(
    command: &str,
    timeout_ms: u64,
    log_path: &Path,
    workshop: &Workshop<'_>,
    cancel: &CancellationToken,
) -> Result<(), CommandFault> {
    let (end, took_ms) = run_command(command, timeout_ms, log_path, workshop, cancel).await?;
    let end = match end {
        GateEnd::Exited(0) => return Ok(()),
        GateEnd::Exited(code) => format!("exited with {code}"),
        GateEnd::Killed(signal) => format!("was killed by signal {signal}"),
        GateEnd::TimedOut => format!("took longer than {timeout_ms} ms and was killed after {took_ms} ms"),
    };
    let (_, tail) = read_log(log_path).await?;
    Err(CommandFault::Setup { command: command.to_owned(), end, log: log_path.display().to_string(), tail })
}

async fn run_command(
    command: &str,
    timeout_ms: u64,
    log_path: &Path,
    workshop: &Workshop<'_>,
    cancel: &CancellationToken,
) -> Result<(GateEnd, u64), CommandFault> {
    if cancel.is_cancelled() {
        return Err(CommandFault::Cut);
    }
    let log_fault = |source| CommandFault::Log { path: log_path.to_owned(), source };
    std::fs::File::create(log_path).map_err(log_fault)?;
    let argv = SHELL.into_iter().chain([command]).map(str::to_owned).collect();
    let exit_file = log_path.with_extension("exit.json");
    let mut spec = HostSpec::new(argv, workshop.env.clone(), workshop.cwd, log_path, &exit_file);
    spec.timeout_ms = Some(timeout_ms);
    let started = Hosted::start(workshop.host_program, &spec, &log_path.with_extension("spec.json"));
    let mut hosted = started.map_err(|error| CommandFault::NotStarted {
        command: command.to_owned(),
        reason: format!("its host {} does not start: {error}", workshop.host_program.display()),
    })?;
    // Dropping this future drops `hosted`, and with it the tree.
    let exit = tokio::select! {
        exit = hosted.wait() => exit,
        () = cancel.cancelled() => {
            hosted.stop(Stop::Graceful);
            hosted.wait().await
        }
    };
    Ok((end_of(&exit, command)?, exit.took_ms))
}

/// What the end of the process says of the command.
fn end_of(exit: &HostExit, command: &str) -> Result<GateEnd, CommandFault> {
    if let Some(reason) = &exit.failed_to_start {
        return Err(CommandFault::NotStarted { command: command.to_owned(), reason: reason.clone() });
    }
    let lost = || CommandFault::HostLost { command: command.to_owned() };
    match exit.ended_by {
        EndedBy::Itself => exit.code.map(GateEnd::Exited).or_else(|| exit.signal.map(GateEnd::Killed)).ok_or_else(lost),
        EndedBy::TimedOut => Ok(GateEnd::TimedOut),
        EndedBy::Stopped | EndedBy::Killed | EndedBy::RunnerGone => Err(CommandFault::Cut),
        EndedBy::HostLost => Err(lost()),
    }
}

/// The digest of the whole log, and its tail. Away from the runtime's thread: a log may hold gigabytes.
async fn read_log(path: &Path) -> Result<(String, String), CommandFault> {
    let owned = path.to_owned();
    let read = tokio::task::spawn_blocking(move || Ok((digest(&owned)?, tail(&owned)?))).await;
    let read = read.unwrap_or_else(|panic| Err(io::Error::other(panic)));
    read.map_err(|source| CommandFault::Log { path: path.to_owned(), source })
}

/// SHA-256 of a file, read in pieces, as `sha256:<hex>`.
fn digest(path: &Path) -> io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let mut hasher = Sha256::new();
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match file.read(&mut buffer) {
            Ok(0) => return Ok(format!("sha256:{}", hex(&hasher.finalize()))),
            Ok(read) => hasher.update(buffer.get(..read).unwrap_or_default()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
}

fn tail(path: &Path) -> io::Result<String> {
    let bytes = read_tail(path, TAIL_WINDOW).map_err(|fault| fault.source)?;
    Ok(last_lines(&plain_text(&String::from_utf8_lossy(&bytes))))
}

/// The last lines of a text: at most [`TAIL_LINES`] and [`TAIL_BYTES`].
fn last_lines(text: &str) -> String {
    let text = text.trim_end();
    let at_most = text.rmatch_indices('\n').nth(TAIL_LINES - 1).map_or(0, |(at, _)| at + 1);
    let mut from = at_most.max(text.len().saturating_sub(TAIL_BYTES));
    while !text.is_char_boundary(from) {
        from += 1;
    }
    text.get(from..).unwrap_or_default().to_owned()
}

/// The text without colours, cursor movements and control characters; of a line that was written over by carriage
/// returns, the parts follow one another.
fn plain_text(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\u{1b}' => skip_escape(&mut characters),
            '\n' | '\t' => plain.push(character),
            '\r' if characters.peek() == Some(&'\n') => {}
            '\r' => plain.push('\n'),
            control if control.is_control() => {}
            other => plain.push(other),
        }
    }
    plain
}

/// Skips the rest of an escape sequence: `[` up to its final letter, `]` up to the bell or the next escape, or one
/// character.
fn skip_escape(characters: &mut std::iter::Peekable<std::str::Chars<'_>>) {
    match characters.next() {
        Some('[') => while characters.next().is_some_and(|c| !('@'..='~').contains(&c)) {},
        Some(']') => while characters.next_if(|c| *c != '\u{7}' && *c != '\u{1b}' && *c != '\n').is_some() {},
        Some(_) | None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tail_is_the_last_forty_lines() {
        let text: String = (1..=100).map(|n| format!("line {n}\n")).collect();
        let tail = last_lines(&text);
        assert_eq!(tail.lines().count(), 40);
        assert!(tail.starts_with("line 61\n") && tail.ends_with("line 100"));
        assert_eq!(last_lines("one\n"), "one");
        assert_eq!(last_lines(""), "");
    }

    #[test]
    fn the_tail_is_never_longer_than_its_bytes_and_never_half_a_character() {
        let tail = last_lines(&"日本語".repeat(4_000));
        assert!(tail.len() <= TAIL_BYTES && tail.ends_with('語'));
    }

    #[test]
    fn colours_and_control_characters_are_dropped() {
        assert_eq!(plain_text("\u{1b}[1;31merror\u{1b}[0m: no\u{8}\r\n\tyes\u{1b}]0;title\u{7}"), "error: no\n\tyes");
        assert_eq!(plain_text("10%\r20%"), "10%\n20%");
    }

    #[test]
    fn a_log_that_a_full_disk_refuses_is_no_fault_of_the_work() {
        let log = |kind: io::ErrorKind| CommandFault::Log { path: "gate-1.log".into(), source: kind.into() };
        for (fault, environment) in [
            (log(io::ErrorKind::QuotaExceeded), true),
            (log(io::ErrorKind::ReadOnlyFilesystem), true),
            (log(io::ErrorKind::PermissionDenied), false),
            (CommandFault::HostLost { command: "make".to_owned() }, false),
        ] {
            assert_eq!(Failure::from(fault).environment, environment);
        }
    }

    #[test]
    fn the_digest_is_the_one_of_the_whole_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("log");
        std::fs::write(&path, b"abc").unwrap();
        let known = "sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(digest(&path).unwrap(), known);
    }
}
