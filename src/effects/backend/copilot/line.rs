//! The parts of Copilot's output lines that mean something to the runner. Everything else is skipped.
//!
//! A line exists in two sizes: with its texts (`Value`) when it fits into memory, and without them (`IgnoredAny`), for a
//! line of any length, which then passes by without being held.

use std::io::Read;

use serde::Deserialize;
use serde::de::{DeserializeOwned, IgnoredAny};
use serde_json::Value;

/// Something in a line that may be long.
pub(super) trait Part: DeserializeOwned {
    /// It, when it was kept.
    fn value(&self) -> Option<&Value>;
}

impl Part for Value {
    fn value(&self) -> Option<&Value> {
        Some(self)
    }
}

impl Part for IgnoredAny {
    fn value(&self) -> Option<&Value> {
        None
    }
}

/// One line of output. Most are marked as `ephemeral`: pieces of what a later line says as a whole.
#[derive(Debug, Deserialize)]
#[serde(bound = "Long: Part", rename_all = "camelCase")]
pub(super) struct Line<Long> {
    #[serde(rename = "type")]
    pub kind: String,
    pub data: Option<Data<Long>>,
    /// The sub-agent that this line belongs to.
    pub agent_id: Option<String>,
    // The last line.
    pub session_id: Option<String>,
    pub exit_code: Option<i32>,
}

/// What a line is about.
#[derive(Debug, Deserialize)]
#[serde(bound = "Long: Part", rename_all = "camelCase")]
pub(super) struct Data<Long> {
    /// What the model says.
    pub content: Option<Long>,
    // A tool.
    pub tool_call_id: Option<String>,
    pub tool_name: Option<String>,
    pub arguments: Option<Long>,
    pub success: Option<bool>,
    pub result: Option<Long>,
    pub shell_execution: Option<Shell>,
    /// Why a tool could not do it.
    pub error: Option<Long>,
    // A sub-agent.
    pub agent_name: Option<String>,
    // What went wrong.
    pub error_type: Option<String>,
    pub message: Option<Long>,
    pub error_message: Option<String>,
    pub status_code: Option<u16>,
    /// Why the session was ended from outside, or the model is asked again.
    pub reason: Option<String>,
}

/// A command of the shell.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Shell {
    pub exit_code: Option<i64>,
}

/// Reads a line that is in memory; `None` when it is not one of Copilot's.
pub(super) fn read(line: &[u8]) -> Option<Line<Value>> {
    serde_json::from_slice(line).ok()
}

/// Reads a line of any length as it passes by.
pub(super) fn skim(line: impl Read) -> Option<Line<IgnoredAny>> {
    serde_json::from_reader(line).ok()
}
