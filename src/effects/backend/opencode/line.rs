//! The parts of opencode's output lines that mean something to the runner. Everything else is skipped.

use serde::Deserialize;

use super::super::parts::microdollars;
use super::super::raw::Raw;
use crate::domain::usage::Usage;

/// One line of output.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Line<'a> {
    #[serde(rename = "type")]
    pub kind: Raw<'a>,
    #[serde(rename = "sessionID")]
    pub session_id: Raw<'a>,
    pub part: Raw<'a>,
    pub error: Raw<'a>,
}

/// A piece of an answer.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Part<'a> {
    #[serde(rename = "messageID")]
    pub message_id: Raw<'a>,
    pub text: Raw<'a>,
    /// Whether opencode wrote the text itself, in the place of the user.
    pub synthetic: Raw<'a>,
    // A tool.
    pub tool: Raw<'a>,
    #[serde(rename = "callID")]
    pub call_id: Raw<'a>,
    pub state: Raw<'a>,
    // The end of a step.
    pub reason: Raw<'a>,
    tokens: Raw<'a>,
    cost: Raw<'a>,
}

/// How a call of a tool ended.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct State<'a> {
    pub status: Raw<'a>,
    pub input: Raw<'a>,
    pub output: Raw<'a>,
    pub error: Raw<'a>,
    pub metadata: Raw<'a>,
}

/// What a step consumed.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct Tokens<'a> {
    total: Raw<'a>,
    input: Raw<'a>,
    output: Raw<'a>,
    reasoning: Raw<'a>,
    cache: Raw<'a>,
}

/// An error that ends the run, or that opencode mends by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Fault {
    pub name: String,
    pub data: FaultData,
}

/// What is told of an error.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct FaultData {
    pub message: String,
    pub status_code: Option<u16>,
    pub is_retryable: Option<bool>,
}

impl Line<'_> {
    /// The error that it tells of.
    pub fn fault(&self) -> Fault {
        let data = self.error.get("data");
        Fault {
            name: self.error.get("name").line(),
            data: FaultData {
                message: data.get("message").paragraph(),
                status_code: data.get("statusCode").value(),
                is_retryable: data.get("isRetryable").flag(),
            },
        }
    }
}

impl Part<'_> {
    /// What the step consumed; nothing when this is not the end of one.
    pub fn consumed(&self) -> Usage {
        Usage {
            cost_microdollars: self.cost.value().map_or(0, microdollars),
            ..self.tokens.object::<Tokens<'_>>().usage()
        }
    }
}

impl Tokens<'_> {
    fn usage(&self) -> Usage {
        let [input, output, reasoning] = [self.input, self.output, self.reasoning].map(Raw::count);
        let cached = self.cache.get("read").count().saturating_add(self.cache.get("write").count());
        let without_reasoning = input.saturating_add(output).saturating_add(cached);
        // Thinking is told beside the output; a total that has no room for it says that it is told within.
        let is_within = self.total.value::<u64>().is_some_and(|total| total <= without_reasoning);
        Usage {
            input_tokens: input,
            cached_tokens: cached,
            output_tokens: if is_within { output } else { output.saturating_add(reasoning) },
            reasoning_tokens: reasoning,
            ..Usage::default()
        }
    }
}
