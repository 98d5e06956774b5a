//! The parts of Copilot's output lines that mean something to the runner. Everything else is skipped.

use serde::Deserialize;

use super::super::raw::Raw;

/// One line of output. Most are marked as `ephemeral`: pieces of what a later line says as a whole.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"), rename_all = "camelCase")]
pub(super) struct Line<'a> {
    #[serde(rename = "type")]
    pub kind: Raw<'a>,
    pub data: Raw<'a>,
    /// The sub-agent that this line belongs to.
    pub agent_id: Raw<'a>,
    // The last line.
    pub session_id: Raw<'a>,
    pub exit_code: Raw<'a>,
}

/// What a line is about.
#[derive(Debug, Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"), rename_all = "camelCase")]
pub(super) struct Data<'a> {
    /// What the model says.
    pub content: Raw<'a>,
    pub model: Raw<'a>,
    // A tool.
    pub tool_call_id: Raw<'a>,
    pub tool_name: Raw<'a>,
    pub arguments: Raw<'a>,
    pub success: Raw<'a>,
    pub result: Raw<'a>,
    /// A command of the shell.
    pub shell_execution: Raw<'a>,
    /// Why a tool could not do it.
    pub error: Raw<'a>,
    // A sub-agent.
    pub agent_name: Raw<'a>,
    // What went wrong.
    pub error_type: Raw<'a>,
    pub message: Raw<'a>,
    pub error_message: Raw<'a>,
    pub status_code: Raw<'a>,
    /// Why the session was ended from outside, or the model is asked again.
    pub reason: Raw<'a>,
}
