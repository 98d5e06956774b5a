//! Asks a program one short question, like `--version`, and never waits longer than it was told to.

use std::io::{Read as _, Seek as _};
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};

use crate::clock;

/// How much of an answer is read, in bytes.
const MOST: u64 = 16 * 1024;
/// How often the program is looked at.
const PAUSE: Duration = Duration::from_millis(10);

/// What came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// It ended well and said this, in the first of its lines that says anything.
    Said(String),
    /// It ended otherwise: how, and its first line.
    Failed {
        /// Its exit code or signal, in words.
        exit: String,
        /// What it said.
        said: String,
    },
    /// It did not end in time, and was killed.
    TooLate,
    /// It could not be started: the system's reason.
    NotStarted(String),
}

/// Starts the program with these arguments and nothing on its standard input, and waits for its end.
///
/// Blocks for at most `limit`. The program leads a process group of its own, which is killed when the time is over.
#[must_use]
pub fn ask(program: &Path, args: &[&str], limit: Duration) -> Answer {
    match try_ask(program, args, limit) {
        Ok(answer) => answer,
        Err(error) => Answer::NotStarted(error.to_string()),
    }
}

fn try_ask(program: &Path, args: &[&str], limit: Duration) -> std::io::Result<Answer> {
    // A file, because a pipe could be held open by a child of the program long after its end.
    let mut output = tempfile::tempfile()?;
    let mut command = Command::new(program);
    command.args(args).stdin(Stdio::null()).stdout(output.try_clone()?).stderr(output.try_clone()?).process_group(0);
    let mut child = command.spawn()?;
    let Some(status) = end_of(&mut child, limit)? else {
        // It was not waited for yet, so its id is still its own.
        if let Some(group) = i32::try_from(child.id()).ok().and_then(Pid::from_raw) {
            let _ = kill_process_group(group, Signal::KILL);
        }
        child.wait()?;
        return Ok(Answer::TooLate);
    };
    output.rewind()?;
    let mut bytes = Vec::new();
    output.take(MOST).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let said = text.lines().map(str::trim).find(|line| !line.is_empty()).unwrap_or_default().to_owned();
    Ok(if status.success() { Answer::Said(said) } else { Answer::Failed { exit: status.to_string(), said } })
}

fn end_of(child: &mut Child, limit: Duration) -> std::io::Result<Option<ExitStatus>> {
    let began = clock::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if began.elapsed() >= limit {
            return Ok(None);
        }
        std::thread::sleep(PAUSE);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str, limit: Duration) -> Answer {
        ask(Path::new("/bin/sh"), &["-c", script], limit)
    }

    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn the_first_line_that_says_anything_is_the_answer() {
        assert_eq!(shell("echo; echo ' 1.2.3 (x) '; echo more", LONG), Answer::Said("1.2.3 (x)".to_owned()));
        assert_eq!(shell("true", LONG), Answer::Said(String::new()));
    }

    #[test]
    fn a_program_that_fails_or_cannot_be_started_says_so() {
        let failed = Answer::Failed { exit: "exit status: 3".to_owned(), said: "no".to_owned() };
        assert_eq!(shell("echo no >&2; exit 3", LONG), failed);
        assert!(matches!(ask(Path::new("/nonexistent"), &[], LONG), Answer::NotStarted(_)));
    }

    #[test]
    fn one_that_does_not_end_is_killed_with_its_children() {
        let folder = tempfile::tempdir().expect("a folder");
        let fifo = folder.path().join("held");
        let script = format!("mkfifo '{0}'; exec 3<>'{0}'; sleep 1000 & wait", fifo.display());
        assert_eq!(shell(&script, Duration::from_millis(200)), Answer::TooLate);
    }

    #[test]
    fn a_child_that_holds_its_output_does_not_hold_us() {
        assert_eq!(shell("sleep 5 & echo done", LONG), Answer::Said("done".to_owned()));
    }
}
