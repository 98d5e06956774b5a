//! The parts of Claude Code's output lines that mean something to the runner. Everything else is skipped.

use serde::Deserialize;

use super::super::parts::microdollars;
use super::super::raw::Raw;
use crate::domain::usage::Usage;

/// One line of output. The order of keys is not fixed, so nothing may be guessed from how a line begins.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Line<'a> {
    #[serde(rename = "type")]
    pub kind: Raw<'a>,
    pub subtype: Raw<'a>,
    pub session_id: Raw<'a>,
    pub model: Raw<'a>,
    /// The servers of tools that it was told of, and whether each is there.
    pub mcp_servers: Raw<'a>,
    /// The call of the sub-agent that this line belongs to.
    pub parent_tool_use_id: Raw<'a>,
    pub subagent_type: Raw<'a>,
    pub message: Raw<'a>,
    // Lines of the system.
    pub content: Raw<'a>,
    pub tool_use_id: Raw<'a>,
    pub is_backgrounded: Raw<'a>,
    /// What a sub-agent does now.
    pub description: Raw<'a>,
    pub last_tool_name: Raw<'a>,
    /// What a sub-agent consumed so far.
    pub usage: Raw<'a>,
    /// A sub-agent's last words.
    pub summary: Raw<'a>,
    /// How a sub-agent ended.
    pub status: Raw<'a>,
    pub attempt: Raw<'a>,
    pub max_retries: Raw<'a>,
    /// Milliseconds; a fraction in older versions.
    pub retry_delay_ms: Raw<'a>,
    pub error_status: Raw<'a>,
    /// What went wrong with the provider, in one word.
    pub error: Raw<'a>,
    // The result.
    pub is_error: Raw<'a>,
    pub result: Raw<'a>,
    pub stop_reason: Raw<'a>,
    pub terminal_reason: Raw<'a>,
    pub api_error_status: Raw<'a>,
    pub errors: Raw<'a>,
    pub total_cost_usd: Raw<'a>,
    #[serde(rename = "modelUsage")]
    pub model_usage: Raw<'a>,
    pub model_usage_since_last_result: Raw<'a>,
}

/// A message of the model or to it.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Message<'a> {
    /// A list of blocks, or one text, which says nothing that is shown.
    content: Raw<'a>,
}

/// One block of a message.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Block<'a> {
    #[serde(rename = "type")]
    pub kind: Raw<'a>,
    pub text: Raw<'a>,
    pub id: Raw<'a>,
    pub name: Raw<'a>,
    pub input: Raw<'a>,
    pub tool_use_id: Raw<'a>,
    pub is_error: Raw<'a>,
    pub content: Raw<'a>,
}

/// What one model consumed.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"), rename_all = "camelCase")]
struct ModelUsage<'a> {
    input_tokens: Raw<'a>,
    output_tokens: Raw<'a>,
    cache_read_input_tokens: Raw<'a>,
    cache_creation_input_tokens: Raw<'a>,
    #[serde(rename = "costUSD")]
    cost_usd: Raw<'a>,
}

impl<'a> Line<'a> {
    /// The blocks of its message; one a line is usual, several are possible.
    pub fn blocks(&self) -> impl Iterator<Item = Block<'a>> {
        self.message.object::<Message<'a>>().content.list().into_iter().map(Raw::object)
    }

    /// What this result adds to the consumption of the session; what it does not state is unknown.
    pub fn consumed(&self) -> Consumed {
        if self.model_usage_since_last_result.is_there() {
            return Consumed::More(sum(self.model_usage_since_last_result));
        }
        let models = if self.model_usage.is_there() { sum(self.model_usage) } else { Usage::UNKNOWN };
        Consumed::SoFar(match self.total_cost_usd.value() {
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

fn sum(models: Raw<'_>) -> Usage {
    let of = |model: ModelUsage<'_>| {
        let cost = model.cost_usd.value();
        let [read, written] = [model.cache_read_input_tokens, model.cache_creation_input_tokens].map(Raw::count);
        Usage {
            input_tokens: model.input_tokens.count(),
            cached_tokens: read.saturating_add(written),
            output_tokens: model.output_tokens.count(),
            cost_microdollars: cost.map_or(0, microdollars),
            unpriced_sessions: u32::from(cost.is_none()),
            ..Usage::default()
        }
    };
    models.entries().map(|(_, model)| of(model.object())).fold(Usage::default(), Usage::plus)
}
