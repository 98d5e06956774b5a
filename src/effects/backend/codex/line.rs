//! The parts of Codex's output lines that mean something to the runner. Everything else is skipped.
//!
//! A line exists in two sizes: with its texts (`Value`) when it fits into memory, and without them (`IgnoredAny`), for a
//! line of any length, which then passes by without being held.

use std::collections::BTreeMap;
use std::io::Read;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

use crate::domain::usage::Usage;

/// Something in a line that may be long.
pub(super) trait Part: DeserializeOwned {
    /// It, when it is a text and was kept.
    fn text(&self) -> Option<&str>;

    /// It, when it was kept.
    fn value(&self) -> Option<&Value>;
}

impl Part for Value {
    fn text(&self) -> Option<&str> {
        self.as_str()
    }

    fn value(&self) -> Option<&Value> {
        Some(self)
    }
}

impl Part for IgnoredAny {
    fn text(&self) -> Option<&str> {
        None
    }

    fn value(&self) -> Option<&Value> {
        None
    }
}

/// One line of output.
#[derive(Debug, Deserialize)]
#[serde(bound = "Long: Part")]
pub(super) struct Line<Long> {
    #[serde(rename = "type")]
    pub kind: String,
    pub thread_id: Option<String>,
    pub item: Option<Item<Long>>,
    /// Of a turn that is done.
    pub usage: Option<Tokens>,
    /// Of an `error`, which may be a notice of a retry.
    pub message: Option<Long>,
    /// Of a turn that failed.
    pub error: Option<Long>,
}

/// One thing that the agent does or says.
#[derive(Debug, Deserialize)]
#[serde(bound = "Long: Part")]
pub(super) struct Item<Long> {
    #[serde(rename = "type")]
    pub kind: String,
    /// `in_progress`, `completed` or `failed`.
    pub status: Option<String>,
    pub text: Option<Long>,
    /// A warning.
    pub message: Option<Long>,
    // A command.
    pub command: Option<Long>,
    pub aggregated_output: Option<Long>,
    pub exit_code: Option<i64>,
    // A change of files.
    pub changes: Option<Long>,
    // A call of a server's tool.
    pub server: Option<String>,
    pub tool: Option<String>,
    pub arguments: Option<Long>,
    pub result: Option<Long>,
    pub error: Option<Long>,
    // Work with other threads, that is with sub-agents.
    pub sender_thread_id: Option<String>,
    pub receiver_thread_ids: Option<Vec<String>>,
    pub prompt: Option<Long>,
    pub agents_states: Option<BTreeMap<String, AgentState<Long>>>,
}

/// How a sub-agent is.
#[derive(Debug, Deserialize)]
#[serde(bound = "Long: Part")]
pub(super) struct AgentState<Long> {
    pub status: String,
    pub message: Option<Long>,
}

/// What a thread consumed since it began.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(default)]
pub(super) struct Tokens {
    /// The cached ones are part of them.
    input_tokens: u64,
    cached_input_tokens: u64,
    cache_write_input_tokens: u64,
    /// The reasoning ones are part of them.
    output_tokens: u64,
    reasoning_output_tokens: u64,
}

/// Reads a line that is in memory; `None` when it is not one of Codex's.
pub(super) fn read(line: &[u8]) -> Option<Line<Value>> {
    serde_json::from_slice(line).ok()
}

/// Reads a line of any length as it passes by.
pub(super) fn skim(line: impl Read) -> Option<Line<IgnoredAny>> {
    serde_json::from_reader(line).ok()
}

impl Tokens {
    /// What was consumed since the thread had consumed `earlier`. Codex states no money.
    pub fn since(self, earlier: Usage) -> Usage {
        let cached = self.cached_input_tokens.saturating_add(self.cache_write_input_tokens);
        let input = self.input_tokens.saturating_sub(cached);
        Usage {
            input_tokens: input.saturating_sub(earlier.input_tokens),
            cached_tokens: cached.saturating_sub(earlier.cached_tokens),
            output_tokens: self.output_tokens.saturating_sub(earlier.output_tokens),
            reasoning_tokens: self.reasoning_output_tokens.saturating_sub(earlier.reasoning_tokens),
            unpriced_sessions: 1,
            ..Usage::default()
        }
    }
}
