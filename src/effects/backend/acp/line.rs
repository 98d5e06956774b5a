//! The lines that our side of the conversation prints: the session's log, which the reader reads.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::super::raw::Raw;

/// One line of the log.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "acp", rename_all = "kebab-case")]
pub(super) enum Line {
    /// Who is talked to.
    Agent {
        /// Its own name for itself.
        name: String,
        version: String,
    },
    /// The conversation.
    Session {
        id: String,
        /// Whether it is an earlier one that goes on.
        continued: bool,
    },
    /// Something that a person who reads the log wants to know.
    Note { text: String },
    /// The prompt is on its way: what came before is history.
    Prompted,
    /// What the agent says of its work, as it came.
    Update { update: Value },
    /// It asked for a permission, and got this answer.
    Permission { what: String, answer: String },
    /// Its turn is over.
    Ended {
        stop_reason: String,
        /// The whole answer, for what it tells of the consumption.
        answer: Value,
    },
    /// It did not come to that.
    Failed {
        during: Stage,
        /// The number of its error, as JSON-RPC has it.
        code: Option<i64>,
        message: String,
    },
}

/// The steps of a conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Stage {
    /// Starting the agent's program.
    Start,
    /// Agreeing on a version.
    Version,
    /// Saying hello.
    Initialize,
    /// Opening a conversation.
    New,
    /// Going on with an earlier one.
    Load,
    /// Choosing the model, or how hard it should think.
    Choose,
    /// The turn itself.
    Prompt,
    /// Any of these: the agent went away in the middle.
    Closed,
    /// Any of these: the runner asked for the end.
    Stopped,
}

/// The same as it is read: taken apart only as far as it matters.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Logged<'a> {
    pub acp: Raw<'a>,
    pub name: Raw<'a>,
    pub id: Raw<'a>,
    pub continued: Raw<'a>,
    pub text: Raw<'a>,
    pub update: Raw<'a>,
    pub stop_reason: Raw<'a>,
    pub answer: Raw<'a>,
    pub during: Raw<'a>,
    pub code: Raw<'a>,
    pub message: Raw<'a>,
}

/// What an agent says of its work.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"), rename_all = "camelCase")]
pub(super) struct Update<'a> {
    #[serde(rename = "sessionUpdate")]
    pub kind: Raw<'a>,
    pub message_id: Raw<'a>,
    pub content: Raw<'a>,
    pub cost: Raw<'a>,
    // A tool.
    pub tool_call_id: Raw<'a>,
    pub name: Raw<'a>,
    /// What kind of tool it is.
    #[serde(rename = "kind")]
    pub tool_kind: Raw<'a>,
    pub title: Raw<'a>,
    pub status: Raw<'a>,
    pub raw_input: Raw<'a>,
    pub raw_output: Raw<'a>,
    #[serde(rename = "_meta")]
    pub meta: Raw<'a>,
}
