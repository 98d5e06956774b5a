//! What was consumed, in the layout of `verdict.json`.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use crate::domain::role::Role;
use crate::domain::usage::{ByStory, Usage};

/// Tokens and money. What nobody knows is null; with sessions of which it is not known, the number is a lower bound.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct UsageEntry {
    /// Tokens sent to the model, cached ones not counted.
    input_tokens: Option<u64>,
    /// Tokens read from or written to the provider's cache.
    cached_tokens: Option<u64>,
    /// Tokens that the model wrote.
    output_tokens: Option<u64>,
    /// Those of `output_tokens` that it only thought with, as far as the agent programs tell.
    reasoning_tokens: Option<u64>,
    /// US dollars, as the agent programs state them or a table of prices says.
    cost_usd: Option<f64>,
    /// Sessions whose money nobody knows.
    unpriced_sessions: u32,
    /// Sessions that told nothing, or not all, of their tokens.
    uncounted_sessions: u32,
}

impl UsageEntry {
    pub(super) fn new(usage: Usage) -> Self {
        let tokens = |n: u64| usage.knows_tokens().then_some(n);
        Self {
            input_tokens: tokens(usage.input_tokens),
            cached_tokens: tokens(usage.cached_tokens),
            output_tokens: tokens(usage.output_tokens),
            reasoning_tokens: tokens(usage.reasoning_tokens),
            cost_usd: usage.knows_cost().then(|| usage.cost_microdollars as f64 / 1e6),
            unpriced_sessions: usage.unpriced_sessions,
            uncounted_sessions: usage.uncounted_sessions,
        }
    }
}

pub(super) fn by_role(roles: &BTreeMap<Role, Usage>) -> BTreeMap<Role, UsageEntry> {
    roles.iter().map(|(role, usage)| (*role, UsageEntry::new(*usage))).collect()
}

pub(super) fn by_story(parts: &ByStory) -> BTreeMap<String, UsageEntry> {
    parts.alone.iter().map(|(story, usage)| (story.to_string(), UsageEntry::new(*usage))).collect()
}
