//! A line of a file: what backs a claim about a repository.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

/// The longest quoted text, in characters.
const MOST_CHARACTERS: usize = 160;

/// A line of a file that backs a claim.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Quote {
    /// The file, relative to the top folder of the repository.
    pub file: String,
    /// The line, counted from 1.
    pub line: usize,
    /// The line's text without the white space around it, shortened when it is very long.
    pub text: String,
}

impl Quote {
    /// The line of this text, which counts from 1. A line that is not there is quoted as empty.
    #[must_use]
    pub fn of(file: &str, text: &str, line: usize) -> Self {
        let said = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
        let said: String = said.trim().chars().take(MOST_CHARACTERS).collect();
        Self { file: file.to_owned(), line, text: said }
    }

    /// The first line that holds what is looked for.
    pub fn first(file: &str, text: &str, is_it: impl FnMut(&str) -> bool) -> Option<Self> {
        let place = text.lines().position(is_it)?;
        Some(Self::of(file, text, place + 1))
    }

    /// The first line at or after `from` that holds this piece, or the line `from` itself.
    pub(super) fn near(file: &str, text: &str, from: usize, piece: &str) -> Self {
        let lines = text.lines().enumerate().skip(from.saturating_sub(1));
        let found = lines.filter(|(_, line)| line.contains(piece)).map(|(place, _)| place + 1).next();
        Self::of(file, text, found.unwrap_or(from))
    }
}

impl fmt::Display for Quote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}
