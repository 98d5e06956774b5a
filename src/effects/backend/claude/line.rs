//! The parts of Claude Code's output lines that mean something to the runner. Everything else is skipped.
//!
//! Each type exists in two sizes: with its texts, for lines that fit into memory, and without them, for a line of any
//! length, which then passes by without being held.

use std::collections::BTreeMap;
use std::io::Read;

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::domain::usage::Usage;

/// A line with its texts.
pub(super) type Whole = Line<Value, Message>;

/// A line without its texts.
pub(super) type Skimmed = Line<IgnoredAny, IgnoredAny>;

/// One line of output. The order of keys is not fixed, so nothing may be guessed from how a line begins.
#[derive(Debug, Deserialize)]
pub(super) struct Line<Text, Body> {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub subtype: Option<String>,
    pub session_id: Option<String>,
    pub model: Option<String>,
    /// The call of the sub-agent that this line belongs to.
    pub parent_tool_use_id: Option<String>,
    pub subagent_type: Option<String>,
    pub message: Option<Body>,
    // Lines of the system.
    pub content: Option<Text>,
    pub tool_use_id: Option<String>,
    pub is_backgrounded: Option<bool>,
    /// What a sub-agent does now.
    pub description: Option<Text>,
    pub last_tool_name: Option<String>,
    /// What a sub-agent consumed so far.
    pub usage: Option<Text>,
    /// A sub-agent's last words.
    pub summary: Option<Text>,
    /// How a sub-agent ended.
    pub status: Option<String>,
    pub attempt: Option<u64>,
    pub max_retries: Option<u64>,
    /// Milliseconds; a fraction in older versions.
    pub retry_delay_ms: Option<f64>,
    pub error_status: Option<u16>,
    /// What went wrong with the provider, in one word.
    pub error: Option<Value>,
    // The result.
    pub is_error: Option<bool>,
    pub result: Option<Text>,
    pub stop_reason: Option<String>,
    pub terminal_reason: Option<String>,
    pub api_error_status: Option<u16>,
    pub errors: Option<Vec<Value>>,
    pub total_cost_usd: Option<f64>,
    #[serde(rename = "modelUsage")]
    pub model_usage: Option<ModelUsages>,
    pub model_usage_since_last_result: Option<ModelUsages>,
}

/// A message of the model or to it.
#[derive(Debug, Deserialize)]
pub(super) struct Message {
    /// A list of blocks, or one text.
    pub content: Option<Content>,
}

/// The content of a message.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Content {
    /// One block a line is usual, several are possible.
    Blocks(Vec<Block>),
    /// Anything else says nothing that is shown.
    Other(IgnoredAny),
}

/// One block of a message.
#[derive(Debug, Deserialize)]
pub(super) struct Block {
    #[serde(rename = "type")]
    pub kind: Option<String>,
    pub text: Option<String>,
    pub id: Option<String>,
    pub name: Option<String>,
    pub input: Option<Value>,
    pub tool_use_id: Option<String>,
    pub is_error: Option<bool>,
    pub content: Option<Value>,
}

/// Consumption by model.
pub(super) type ModelUsages = BTreeMap<String, ModelUsage>;

/// What one model consumed.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ModelUsage {
    input_tokens: Option<u64>,
    output_tokens: Option<u64>,
    cache_read_input_tokens: Option<u64>,
    cache_creation_input_tokens: Option<u64>,
    #[serde(rename = "costUSD")]
    cost_usd: Option<f64>,
}

/// Reads a line that is in memory; `None` when it is not one of Claude Code's.
pub(super) fn read(line: &[u8]) -> Option<Whole> {
    serde_json::from_slice(line).ok()
}

/// Reads a line of any length as it passes by.
pub(super) fn skim(line: impl Read) -> Option<Skimmed> {
    serde_json::from_reader(line).ok()
}

impl<Text, Body> Line<Text, Body> {
    /// What went wrong with the provider, in one word.
    pub fn error_word(&self) -> Option<&str> {
        self.error.as_ref().and_then(Value::as_str)
    }

    /// What this result adds to the consumption of the session; what it does not state is unknown.
    pub fn consumed(&self) -> Consumed {
        if let Some(models) = &self.model_usage_since_last_result {
            return Consumed::More(sum(models));
        }
        let models = self.model_usage.as_ref().map_or(Usage::UNKNOWN, sum);
        Consumed::SoFar(match self.total_cost_usd {
            Some(cost) => Usage { cost_microdollars: microdollars(cost), unpriced_sessions: 0, ..models },
            None => models,
        })
    }
}

/// Two ways in which a result states consumption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Consumed {
    /// Since the result before; newer versions. Their totals hold everything that was consumed earlier in a conversation
    /// that is continued, and would count it again with each session.
    More(Usage),
    /// Since the process began; older versions.
    SoFar(Usage),
}

fn sum(models: &ModelUsages) -> Usage {
    let of = |model: &ModelUsage| Usage {
        input_tokens: model.input_tokens.unwrap_or_default(),
        cached_tokens: model
            .cache_read_input_tokens
            .unwrap_or_default()
            .saturating_add(model.cache_creation_input_tokens.unwrap_or_default()),
        output_tokens: model.output_tokens.unwrap_or_default(),
        cost_microdollars: model.cost_usd.map_or(0, microdollars),
        unpriced_sessions: u32::from(model.cost_usd.is_none()),
        ..Usage::default()
    };
    models.values().map(of).fold(Usage::default(), Usage::plus)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a float to an integer saturates"
)]
fn microdollars(dollars: f64) -> u64 {
    (dollars * 1_000_000.0).round() as u64
}
