//! The exit codes: the whole of what a script learns from a run without reading its verdict.

use crate::domain::outcome::RunEnd;

/// How the program ends. The numbers are a promise to scripts and never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// The command did what was asked; of a run: the verdict is a pass.
    Success = 0,
    /// The run finished, but something failed: an epic, a gate or the final validation.
    Failed = 1,
    /// The input is wrong: usage, PRD or configuration. Nothing was started.
    BadInput = 2,
    /// The environment is in the way: git, a backend, the disk, another runner.
    Environment = 3,
    /// A limit stopped the run (budget, loop timeout, number of epics); it can be resumed.
    Limit = 4,
    /// A bug in this program.
    Internal = 70,
    /// A person stopped the run; it can be resumed.
    Interrupted = 130,
}

impl ExitCode {
    /// The number that the shell sees.
    #[must_use]
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The code for the way a run ended.
    #[must_use]
    pub fn of_run(end: &RunEnd) -> Self {
        match end {
            RunEnd::Judged { pass: true } => Self::Success,
            RunEnd::Judged { pass: false } => Self::Failed,
            RunEnd::Limit { .. } => Self::Limit,
            RunEnd::Interrupted => Self::Interrupted,
            RunEnd::Environment { .. } => Self::Environment,
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code.number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_end_of_a_run_has_its_promised_number() {
        let reason = || "r".to_owned();
        let table = [
            (RunEnd::Judged { pass: true }, 0),
            (RunEnd::Judged { pass: false }, 1),
            (RunEnd::Environment { reason: reason() }, 3),
            (RunEnd::Limit { reason: reason() }, 4),
            (RunEnd::Interrupted, 130),
        ];
        for (end, number) in table {
            assert_eq!(ExitCode::of_run(&end).number(), number, "{end:?}");
        }
        assert_eq!(ExitCode::BadInput.number(), 2);
        assert_eq!(ExitCode::Internal.number(), 70);
    }
}
