//! The parts of Gemini CLI's output lines that mean something to the runner. Everything else is skipped.

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
    // The first line.
    pub session_id: Raw<'a>,
    pub model: Raw<'a>,
    // A message; assistants speak in pieces.
    pub role: Raw<'a>,
    pub content: Raw<'a>,
    // A tool and its result.
    pub tool_name: Raw<'a>,
    pub parameters: Raw<'a>,
    pub status: Raw<'a>,
    pub output: Raw<'a>,
    /// What went wrong: with a tool, or at the end.
    pub error: Raw<'a>,
    /// A warning, or an error that is not the end.
    pub message: Raw<'a>,
    /// What this process consumed.
    pub stats: Raw<'a>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Stats<'a> {
    input_tokens: Raw<'a>,
    output_tokens: Raw<'a>,
    /// Those of the input that came from the cache.
    cached: Raw<'a>,
}

/// What this process consumed, if it says so. The price is never told.
pub(super) fn consumed(stats: Raw<'_>) -> Option<Usage> {
    let stats: Stats<'_> = stats.is_there().then(|| stats.object())?;
    let usage = cached_within(Usage {
        input_tokens: stats.input_tokens.count(),
        cached_tokens: stats.cached.count(),
        output_tokens: stats.output_tokens.count(),
        ..Usage::default()
    });
    Some(Usage { unpriced_sessions: u32::from(usage.tokens() > 0), ..usage })
}
