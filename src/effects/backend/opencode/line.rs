//! The parts of opencode's output lines that mean something to the runner. Everything else is skipped.
//!
//! The line type exists in two sizes: with its texts, for lines that fit into memory, and without them, for a line of any
//! length, which then passes by without being held.

use std::io::Read;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use super::super::parts::microdollars;
use crate::domain::usage::Usage;

/// A line with its texts.
pub(super) type Whole = Line<Value>;

/// A line without its texts.
pub(super) type Skimmed = Line<IgnoredAny>;

/// One line of output.
#[derive(Debug, Deserialize)]
pub(super) struct Line<Text> {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    #[serde(rename = "sessionID")]
    pub session_id: Option<String>,
    pub part: Option<Part<Text>>,
    pub error: Option<Fault>,
}

/// A piece of an answer.
#[derive(Debug, Deserialize)]
pub(super) struct Part<Text> {
    #[serde(rename = "messageID")]
    pub message_id: Option<String>,
    pub text: Option<Text>,
    /// Whether opencode wrote the text itself, in the place of the user.
    pub synthetic: Option<bool>,
    // A tool.
    pub tool: Option<String>,
    #[serde(rename = "callID")]
    pub call_id: Option<String>,
    pub state: Option<State<Text>>,
    // The end of a step.
    pub reason: Option<String>,
    pub tokens: Option<Tokens>,
    pub cost: Option<f64>,
}

/// How a call of a tool ended.
#[derive(Debug, Deserialize)]
pub(super) struct State<Text> {
    pub status: Option<String>,
    pub input: Option<Text>,
    pub output: Option<Text>,
    pub error: Option<Text>,
    pub metadata: Option<Text>,
}

/// What a step consumed.
#[derive(Debug, Deserialize)]
pub(super) struct Tokens {
    total: Option<u64>,
    input: Option<u64>,
    output: Option<u64>,
    reasoning: Option<u64>,
    cache: Option<Cache>,
}

#[derive(Debug, Deserialize)]
struct Cache {
    read: Option<u64>,
    write: Option<u64>,
}

/// An error that ends the run, or that opencode mends by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub(super) struct Fault {
    #[serde(default)]
    pub name: String,
    #[serde(default)]
    pub data: FaultData,
}

/// What is told of an error.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct FaultData {
    pub message: String,
    pub status_code: Option<u16>,
    pub is_retryable: Option<bool>,
}

/// Reads a line that is in memory; `None` when it is not one of opencode's.
pub(super) fn read(line: &[u8]) -> Option<Whole> {
    serde_json::from_slice(line).ok()
}

/// Reads a line of any length as it passes by.
pub(super) fn skim(line: impl Read) -> Option<Skimmed> {
    serde_json::from_reader(line).ok()
}

impl<Text> Part<Text> {
    /// What the step consumed; nothing when this is not the end of one.
    pub fn consumed(&self) -> Usage {
        let tokens = self.tokens.as_ref().map(Tokens::usage).unwrap_or_default();
        Usage { cost_microdollars: self.cost.map_or(0, microdollars), ..tokens }
    }
}

impl Tokens {
    fn usage(&self) -> Usage {
        let (input, output) = (self.input.unwrap_or_default(), self.output.unwrap_or_default());
        let reasoning = self.reasoning.unwrap_or_default();
        let cached = self
            .cache
            .as_ref()
            .map_or(0, |cache| cache.read.unwrap_or_default().saturating_add(cache.write.unwrap_or_default()));
        let without_reasoning = input.saturating_add(output).saturating_add(cached);
        // Thinking is told beside the output; a total that has no room for it says that it is told within.
        let is_within = self.total.is_some_and(|total| total <= without_reasoning);
        Usage {
            input_tokens: input,
            cached_tokens: cached,
            output_tokens: if is_within { output } else { output.saturating_add(reasoning) },
            reasoning_tokens: reasoning,
            ..Usage::default()
        }
    }
}
