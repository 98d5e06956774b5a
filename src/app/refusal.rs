//! Why a command does nothing: the text for people and the exit code.

use crate::exit::ExitCode;

/// A command that was refused before it changed anything, or that cannot go on.
#[derive(Debug)]
pub struct Refusal {
    code: ExitCode,
    text: String,
}

impl Refusal {
    /// The input is wrong (2).
    pub fn input(text: impl Into<String>) -> Self {
        Self { code: ExitCode::BadInput, text: text.into() }
    }

    /// What was asked for was tried and does not work (1).
    pub fn failed(text: impl Into<String>) -> Self {
        Self { code: ExitCode::Failed, text: text.into() }
    }

    /// Something around the program is wrong (3).
    pub fn environment(text: impl ToString) -> Self {
        Self { code: ExitCode::Environment, text: text.to_string() }
    }

    /// A limit was reached in the middle of something that can be resumed (4).
    pub fn limit(text: impl ToString) -> Self {
        Self { code: ExitCode::Limit, text: text.to_string() }
    }

    /// A person stopped it before anything was done (130).
    pub fn interrupted(text: impl Into<String>) -> Self {
        Self { code: ExitCode::Interrupted, text: text.into() }
    }

    /// The program itself is wrong (70).
    pub fn internal(text: impl ToString) -> Self {
        Self { code: ExitCode::Internal, text: text.to_string() }
    }

    /// The same with one more line: what else can be done.
    #[must_use]
    pub fn and(self, line: &str) -> Self {
        Self { text: format!("{}\n{line}", self.text.trim_end()), ..self }
    }

    /// What it says.
    #[must_use]
    pub fn text(&self) -> &str {
        self.text.trim_end()
    }

    /// Tells it on standard error.
    #[must_use]
    pub fn tell(&self) -> ExitCode {
        note!("{}", self.text.trim_end());
        self.code
    }
}
