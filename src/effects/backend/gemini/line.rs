//! The parts of Gemini CLI's output lines that mean something to the runner. Everything else is skipped.

use std::io::Read;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::domain::usage::Usage;

/// A line with its texts.
pub(super) type Whole = Line<Value>;

/// A line without its texts, for a line of any length.
pub(super) type Skimmed = Line<IgnoredAny>;

/// One line of output.
#[derive(Debug, Deserialize)]
pub(super) struct Line<Text> {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub session_id: Option<String>,
    // A message; assistants speak in pieces.
    pub role: Option<String>,
    pub content: Option<Text>,
    // A tool and its result.
    pub tool_name: Option<String>,
    pub parameters: Option<Text>,
    pub status: Option<String>,
    pub output: Option<Text>,
    /// What went wrong: with a tool, or at the end.
    pub error: Option<Fault>,
    /// A warning, or an error that is not the end.
    pub message: Option<String>,
    pub stats: Option<Stats>,
}

/// What went wrong.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Fault {
    #[serde(default)]
    pub message: String,
}

/// What this process consumed.
#[derive(Debug, Deserialize)]
pub(super) struct Stats {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    /// Those of the input that came from the cache.
    cached: Option<u64>,
}

/// Reads a line that is in memory; `None` when it is not one of Gemini CLI's.
pub(super) fn read(line: &[u8]) -> Option<Whole> {
    serde_json::from_slice(line).ok()
}

/// Reads a line of any length as it passes by.
pub(super) fn skim(line: impl Read) -> Option<Skimmed> {
    serde_json::from_reader(line).ok()
}

impl Stats {
    /// The tokens. Their price is never told.
    pub fn usage(&self) -> Usage {
        let cached_tokens = self.cached.unwrap_or_default();
        let usage = Usage {
            input_tokens: self.input_tokens.unwrap_or_default().saturating_sub(cached_tokens),
            cached_tokens,
            output_tokens: self.output_tokens.unwrap_or_default(),
            ..Usage::default()
        };
        Usage { unpriced_sessions: u32::from(usage.tokens() > 0), ..usage }
    }
}
