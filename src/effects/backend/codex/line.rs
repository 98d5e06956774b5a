//! The parts of Codex's output lines that mean something to the runner. Everything else is skipped.

use serde::Deserialize;

use super::super::parts::cached_within;
use super::super::raw::Raw;
use crate::domain::usage::Usage;

/// One line of output.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Line<'a> {
    #[serde(rename = "type")]
    pub kind: Raw<'a>,
    pub thread_id: Raw<'a>,
    pub item: Raw<'a>,
    /// Of a turn that is done.
    pub usage: Raw<'a>,
    /// Of an `error`, which may be a notice of a retry.
    pub message: Raw<'a>,
    /// Of a turn that failed.
    pub error: Raw<'a>,
}

/// One thing that the agent does or says.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Item<'a> {
    #[serde(rename = "type")]
    pub kind: Raw<'a>,
    /// `in_progress`, `completed` or `failed`.
    pub status: Raw<'a>,
    pub text: Raw<'a>,
    /// A warning.
    pub message: Raw<'a>,
    // A command.
    pub command: Raw<'a>,
    pub aggregated_output: Raw<'a>,
    pub exit_code: Raw<'a>,
    // A change of files.
    pub changes: Raw<'a>,
    // A call of a server's tool.
    pub server: Raw<'a>,
    pub tool: Raw<'a>,
    pub arguments: Raw<'a>,
    pub result: Raw<'a>,
    pub error: Raw<'a>,
    // Work with other threads, that is with sub-agents.
    pub sender_thread_id: Raw<'a>,
    pub receiver_thread_ids: Raw<'a>,
    pub prompt: Raw<'a>,
    pub agents_states: Raw<'a>,
}

/// How a sub-agent is.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct AgentState<'a> {
    pub status: Raw<'a>,
    pub message: Raw<'a>,
}

/// What a thread consumed since it began.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Tokens<'a> {
    /// The cached ones are part of them.
    input_tokens: Raw<'a>,
    cached_input_tokens: Raw<'a>,
    cache_write_input_tokens: Raw<'a>,
    /// The reasoning ones are part of them.
    output_tokens: Raw<'a>,
    reasoning_output_tokens: Raw<'a>,
}

/// What a thread consumed since it began. Codex states no money.
pub(super) fn consumed(usage: Raw<'_>) -> Option<Usage> {
    let tokens: Tokens<'_> = usage.is_there().then(|| usage.object())?;
    Some(cached_within(Usage {
        input_tokens: tokens.input_tokens.count(),
        cached_tokens: tokens.cached_input_tokens.count().saturating_add(tokens.cache_write_input_tokens.count()),
        output_tokens: tokens.output_tokens.count(),
        reasoning_tokens: tokens.reasoning_output_tokens.count(),
        ..Usage::default()
    }))
}
