//! What a host is told, and what it says at the end: the two files between the runner and its hosts.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::effects::fs::write_atomic;

/// The complete environment of a hosted program.
pub type Environment = BTreeMap<OsString, OsString>;

/// The variable that names the run in the environment of every hosted process.
pub const RUN_VARIABLE: &str = "RALPH_RUN_ID";

/// The variable that names the job in the environment of every hosted process.
pub const JOB_VARIABLE: &str = "RALPH_JOB";

/// What a host is told: which program, and how.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostSpec {
    /// The program and its arguments; a name without a slash is looked up in the `PATH` of `env`.
    pub argv: Vec<String>,
    /// The complete environment. It holds keys of providers, so it is never written to the disk: the host gets it as
    /// its own environment and hands it on. That also lets a sweep find the host by the same mark as its program.
    #[serde(skip)]
    pub env: Environment,
    /// Working directory.
    pub cwd: PathBuf,
    /// The file that the program reads as its standard input, to its end; `None` for an empty one.
    pub stdin: Option<PathBuf>,
    /// The file that standard output is appended to.
    pub stdout: PathBuf,
    /// The file that standard error is appended to; may be the same as `stdout`.
    pub stderr: PathBuf,
    /// Where the [`HostExit`] is written, atomically, as the host's last act.
    pub exit_file: PathBuf,
    /// When asked to stop: milliseconds between SIGINT and SIGTERM.
    pub int_ms: u64,
    /// When asked to stop: milliseconds between SIGTERM and SIGKILL.
    pub term_ms: u64,
    /// Longest running time in milliseconds; `None`: no limit.
    pub timeout_ms: Option<u64>,
}

/// Milliseconds between SIGINT and SIGTERM, unless a spec says otherwise.
pub const INT_MS: u64 = 7_500;

/// Milliseconds between SIGTERM and SIGKILL, unless a spec says otherwise.
pub const TERM_MS: u64 = 2_500;

/// Who ended a hosted program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EndedBy {
    /// It ended by itself, or somebody else killed it.
    Itself,
    /// The runner asked it to stop; its exit code means nothing then, since agents exit with 0 after a SIGINT.
    Stopped,
    /// The runner had it killed at once.
    Killed,
    /// The runner vanished.
    RunnerGone,
    /// It took longer than its limit.
    TimedOut,
    /// The host itself died or failed; the runner swept the tree.
    HostLost,
}

/// How a hosted program ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HostExit {
    /// Its exit code, when it exited.
    pub code: Option<i32>,
    /// The signal that it died of, when it did.
    pub signal: Option<i32>,
    /// Who ended it.
    pub ended_by: EndedBy,
    /// Processes that were still there 100 ms after the program's end, or at its kill, and that had to be killed.
    pub n_left_over: u32,
    /// Processes that even a kill could not end within the bound (stuck in the kernel, or of another user).
    pub n_survivors: u32,
    /// Why the program could not be started, when it could not.
    pub failed_to_start: Option<String>,
    /// Milliseconds from its start to its end; the time to clear up after it is not counted.
    pub took_ms: u64,
    /// Its process id; 0 when it was never started or is not known.
    pub pid: u32,
}

/// Why one of the two files could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum SpecError {
    /// The file cannot be read or written.
    #[error("cannot use {path}: {source}; check the disk and the folder's permissions, then resume")]
    File {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file does not hold what it should.
    #[error("{path} is not what the other side should have written: {source}")]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: serde_json::Error,
    },
}

impl HostSpec {
    /// A spec with the usual ladder, no limit of time, no input, and both streams appended to `log`.
    #[must_use]
    pub fn new(argv: Vec<String>, env: Environment, cwd: &Path, log: &Path, exit_file: &Path) -> Self {
        Self {
            argv,
            env,
            cwd: cwd.to_owned(),
            stdin: None,
            stdout: log.to_owned(),
            stderr: log.to_owned(),
            exit_file: exit_file.to_owned(),
            int_ms: INT_MS,
            term_ms: TERM_MS,
            timeout_ms: None,
        }
    }

    /// Reads a spec; its environment is the one of this process.
    ///
    /// # Errors
    /// [`SpecError`] when the file is missing or is no spec.
    pub fn read(path: &Path) -> Result<Self, SpecError> {
        let mut spec: Self = read_json(path)?;
        spec.env = std::env::vars_os().collect();
        Ok(spec)
    }

    /// Writes the spec, all but its environment.
    ///
    /// # Errors
    /// [`SpecError`] when the disk refuses, or when a path is not UTF-8.
    pub fn write(&self, path: &Path) -> Result<(), SpecError> {
        write_json(path, self)
    }
}

impl HostExit {
    /// The exit of a program that could not be started.
    #[must_use]
    pub fn never_started(reason: String) -> Self {
        Self {
            code: None,
            signal: None,
            ended_by: EndedBy::Itself,
            n_left_over: 0,
            n_survivors: 0,
            failed_to_start: Some(reason),
            took_ms: 0,
            pid: 0,
        }
    }

    /// Reads the exit that a host wrote.
    ///
    /// # Errors
    /// [`SpecError`] when the file is missing or is no exit.
    pub fn read(path: &Path) -> Result<Self, SpecError> {
        read_json(path)
    }

    /// Writes the exit, whole or not at all.
    ///
    /// # Errors
    /// [`SpecError`] when the disk refuses.
    pub fn write(&self, path: &Path) -> Result<(), SpecError> {
        write_json(path, self)
    }
}

fn read_json<T: DeserializeOwned>(path: &Path) -> Result<T, SpecError> {
    let bytes = std::fs::read(path).map_err(|source| SpecError::File { path: path.to_owned(), source })?;
    serde_json::from_slice(&bytes).map_err(|source| SpecError::Content { path: path.to_owned(), source })
}

fn write_json<T: Serialize>(path: &Path, value: &T) -> Result<(), SpecError> {
    let bytes =
        serde_json::to_vec_pretty(value).map_err(|source| SpecError::Content { path: path.to_owned(), source })?;
    write_atomic(path, &bytes).map_err(|fault| SpecError::File { path: fault.path, source: fault.source })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_environment_never_reaches_the_disk() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("spec.json");
        let env = Environment::from([("PROVIDER_KEY".into(), "s3cret".into())]);
        let spec = HostSpec::new(vec!["agent".into()], env, folder.path(), Path::new("log"), Path::new("exit.json"));
        spec.write(&path).unwrap();
        assert!(!std::fs::read_to_string(&path).unwrap().contains("s3cret"));
        assert_eq!(HostSpec::read(&path).unwrap().argv, ["agent"]);
    }
}
