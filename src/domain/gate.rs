//! Gates: the user's own commands that prove work, and how a run of one ended.

use serde::{Deserialize, Serialize};

/// A command of the user's that the runner itself runs: tests, lint, type check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gate {
    /// The name that people see.
    pub name: String,
    /// The command line, given to `sh -c` as it is written.
    pub command: String,
    /// Longest time that it may take, in milliseconds.
    pub timeout_ms: u64,
}

/// What came of running one gate on one commit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GateOutcome {
    /// The gate's name.
    pub name: String,
    /// The command that was run.
    pub command: String,
    /// How it ended.
    pub end: GateEnd,
    /// How long it took, in milliseconds.
    pub took_ms: u64,
    /// SHA-256 of its whole output, as `sha256:<hex>`.
    pub log_digest: String,
    /// The file that holds its whole output, relative to the run's directory.
    pub log: String,
    /// The last lines of its output, for people and for the session that has to mend it.
    pub tail: String,
}

/// How a gate's process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum GateEnd {
    /// It exited with this code; 0 is green.
    Exited(i32),
    /// It died of this signal.
    Killed(i32),
    /// It was killed because it took longer than its limit.
    TimedOut,
}

impl GateOutcome {
    /// Whether the gate is green.
    #[must_use]
    pub fn green(&self) -> bool {
        self.end == GateEnd::Exited(0)
    }

    /// Whether the shell could not even start the command (`sh` exits 126 or 127 then).
    #[must_use]
    pub fn unrunnable(&self) -> bool {
        matches!(self.end, GateEnd::Exited(126 | 127))
    }
}
