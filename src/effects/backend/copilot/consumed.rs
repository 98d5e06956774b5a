//! The file in which Copilot says what a conversation consumed: its lines of output state no tokens.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use super::super::parts::{added, cached_within};
use crate::domain::usage::Usage;

/// The file, as far as it matters. Requests that are charged by GitHub are no money, and are left out.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    /// By model, sub-agents included, since the conversation began.
    model_metrics: BTreeMap<String, Metrics>,
}

#[derive(Debug, Deserialize)]
struct Metrics {
    usage: Tokens,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Tokens {
    /// The cached ones are part of them.
    input_tokens: u64,
    cache_read_tokens: u64,
    cache_write_tokens: u64,
    output_tokens: u64,
    reasoning_tokens: u64,
}

/// What was consumed since the conversation had consumed `earlier`; `None`: the file says nothing, or is not there.
pub(super) fn since(file: &Path, earlier: Usage) -> Option<Usage> {
    let file: File = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
    let total = file.model_metrics.values().map(|metrics| total(&metrics.usage)).fold(Usage::default(), Usage::plus);
    Some(added(total, earlier))
}

fn total(tokens: &Tokens) -> Usage {
    cached_within(Usage {
        input_tokens: tokens.input_tokens,
        cached_tokens: tokens.cache_read_tokens.saturating_add(tokens.cache_write_tokens),
        output_tokens: tokens.output_tokens,
        reasoning_tokens: tokens.reasoning_tokens,
        ..Usage::default()
    })
}
