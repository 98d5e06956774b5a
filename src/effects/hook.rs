//! Runs a command of the user's at a turning point of a run, in a host of its own and within a limit of time.
//!
//! **Invariant:** nothing of it outlives its limit or this process, and how it ends is told and decides nothing.

use std::io;
use std::path::{Path, PathBuf};

use super::fs::{FsError, create_directory};
use super::host::spec::{EndedBy, Environment, HostExit, HostSpec, JOB_VARIABLE};
use super::hosted::Hosted;

/// Where such commands run and where their logs go.
#[derive(Debug, Clone)]
pub struct Place {
    /// The working directory.
    pub cwd: PathBuf,
    /// The folder of their logs; made when the first of them runs.
    pub folder: PathBuf,
    /// This program's own executable.
    pub host_program: PathBuf,
    /// Longest time of each, in milliseconds.
    pub timeout_ms: u64,
}

/// One command.
#[derive(Debug, Clone)]
pub struct Hook {
    /// Its key in the configuration, for people.
    pub key: &'static str,
    /// Given to `sh -c` as it is written.
    pub command: String,
    /// What its log is called, without an ending.
    pub name: String,
    /// What it is run for, as the name of a file: that it was run is remembered under this, and under no other.
    pub turn: String,
    /// The complete environment, but for the mark of the job.
    pub env: Environment,
}

/// Why a command did not do what it was there for.
#[derive(Debug, thiserror::Error)]
pub enum HookFault {
    /// There is no folder for its log.
    #[error("{key} was not run: {source}")]
    Folder {
        /// Its key in the configuration.
        key: &'static str,
        /// What the system says.
        source: FsError,
    },
    /// It could not be started.
    #[error("{key} was not run: `{command}` could not be started: {reason}")]
    NotStarted {
        /// Its key in the configuration.
        key: &'static str,
        /// The command line.
        command: String,
        /// Why.
        reason: String,
    },
    /// It ended badly, or had to be ended.
    #[error("{key}: `{command}` {how}; its output is in {log}")]
    Ended {
        /// Its key in the configuration.
        key: &'static str,
        /// The command line.
        command: String,
        /// How.
        how: String,
        /// Its log.
        log: PathBuf,
    },
}

impl Place {
    fn file(&self, name: &str, ending: &str) -> PathBuf {
        self.folder.join(format!("{name}.{ending}"))
    }

    /// Says how the command for this turn ended.
    pub(crate) fn exit_file(&self, turn: &str) -> PathBuf {
        self.file(turn, "exit.json")
    }

    /// Whether the command for this turn has come to an end of its own, or to its limit, in this life of the run or in an
    /// earlier one.
    #[must_use]
    pub fn has_run(&self, turn: &str) -> bool {
        HostExit::read(&self.exit_file(turn)).is_ok_and(|exit| match exit.ended_by {
            EndedBy::Itself => exit.failed_to_start.is_none(),
            EndedBy::TimedOut => true,
            EndedBy::Stopped | EndedBy::Killed | EndedBy::RunnerGone | EndedBy::HostLost => false,
        })
    }

    /// Runs a command to its end or to its limit. Both its streams go to its log, which begins anew; its standard input
    /// is empty. Dropping the future ends it.
    ///
    /// # Errors
    /// [`HookFault`]: it did not run, or did not end well.
    pub async fn run(&self, hook: &Hook) -> Result<(), HookFault> {
        create_directory(&self.folder).map_err(|source| HookFault::Folder { key: hook.key, source })?;
        let log = self.file(&hook.name, "log");
        let not_started =
            |reason: String| HookFault::NotStarted { key: hook.key, command: hook.command.clone(), reason };
        let mut hosted = self.start(hook, &log).map_err(|error| not_started(error.to_string()))?;
        let exit = hosted.wait().await;
        if let Some(reason) = exit.failed_to_start {
            return Err(not_started(reason));
        }
        match failure(&exit, self.timeout_ms) {
            None => Ok(()),
            Some(how) => Err(HookFault::Ended { key: hook.key, command: hook.command.clone(), how, log }),
        }
    }

    fn start(&self, hook: &Hook, log: &Path) -> io::Result<Hosted> {
        std::fs::File::create(log)?;
        let argv = vec!["sh".to_owned(), "-c".to_owned(), hook.command.clone()];
        let mut env = hook.env.clone();
        // With the mark of the run, by which the next life finds what this one could not end.
        env.insert(JOB_VARIABLE.into(), format!("hook.{}", hook.name).into());
        let mut spec = HostSpec::new(argv, env, &self.cwd, log, &self.exit_file(&hook.turn));
        spec.timeout_ms = Some(self.timeout_ms);
        Hosted::start(&self.host_program, &spec, &self.file(&hook.turn, "spec.json"))
    }
}

/// What went wrong, in words; `None`: nothing, or we ended it ourselves.
fn failure(exit: &HostExit, timeout_ms: u64) -> Option<String> {
    match exit.ended_by {
        EndedBy::Itself => match (exit.code, exit.signal) {
            (Some(0), _) => None,
            (Some(code), _) => Some(format!("exited with {code}")),
            (None, Some(signal)) => Some(format!("was killed by signal {signal}")),
            (None, None) => Some("ended, and nobody knows how".to_owned()),
        },
        EndedBy::TimedOut => Some(format!("took longer than {} s and was ended", timeout_ms.div_ceil(1000))),
        EndedBy::HostLost => Some("was ended with the process that watched over it".to_owned()),
        EndedBy::Stopped | EndedBy::Killed | EndedBy::RunnerGone => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_came_to_an_end_has_run() {
        let folder = tempfile::tempdir().unwrap();
        let place = Place {
            cwd: folder.path().to_owned(),
            folder: folder.path().to_owned(),
            host_program: PathBuf::new(),
            timeout_ms: 1,
        };
        assert!(!place.has_run("x"));
        for (ended_by, fault, ran) in [
            (EndedBy::Itself, None, true),
            (EndedBy::Itself, Some("there is no sh".to_owned()), false),
            (EndedBy::TimedOut, None, true),
            (EndedBy::RunnerGone, None, false),
            (EndedBy::HostLost, None, false),
        ] {
            let exit = HostExit { ended_by, failed_to_start: fault, ..HostExit::never_started(String::new()) };
            exit.write(&place.exit_file("x")).unwrap();
            assert_eq!(place.has_run("x"), ran, "{exit:?}");
        }
    }

    #[test]
    fn a_failure_is_told_and_what_we_ended_ourselves_is_none() {
        let exit = |ended_by, code| HostExit { ended_by, code, ..HostExit::never_started(String::new()) };
        assert_eq!(failure(&exit(EndedBy::Itself, Some(0)), 1), None);
        assert_eq!(failure(&exit(EndedBy::Itself, Some(3)), 1).unwrap(), "exited with 3");
        assert_eq!(failure(&exit(EndedBy::TimedOut, None), 60_000).unwrap(), "took longer than 60 s and was ended");
        assert_eq!(failure(&exit(EndedBy::RunnerGone, None), 1), None);
    }
}
