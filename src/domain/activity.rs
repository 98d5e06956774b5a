//! What an agent is doing right now, as far as its output tells: for screens and logs, never for decisions.

use super::id::SessionId;

/// One thing that a line of an agent's output says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Activity {
    /// The agent named its conversation.
    Identified(SessionId),
    /// The agent says something.
    Text(String),
    /// A tool was called; the text is one line: its name and what it is called with.
    ToolStarted {
        /// The sub-agent that called it; `None`: the session itself, or the output does not tell.
        by: Option<String>,
        /// The tool.
        name: String,
        /// What with, shortened to one line.
        summary: String,
    },
    /// A tool is done.
    ToolEnded {
        /// The sub-agent that called it; `None`: the session itself, or the output does not tell.
        by: Option<String>,
        /// Whether it failed.
        failed: bool,
        /// Its result, shortened to one line.
        summary: String,
    },
    /// A sub-agent began.
    SubAgentStarted {
        /// What the agent program calls it; the other activities name it by this. Unique within a session.
        id: String,
        /// The sub-agent that started it; `None`: the session itself.
        parent: Option<String>,
        /// Its role or kind.
        name: String,
        /// What for.
        summary: String,
    },
    /// A sub-agent tells how far it is.
    SubAgentProgress {
        /// Which.
        id: String,
        /// What it does now, shortened to one line.
        summary: String,
        /// What it consumed so far, where its program tells.
        tokens: Option<u64>,
    },
    /// A sub-agent is done.
    SubAgentEnded {
        /// Which.
        id: String,
        /// Its role or kind.
        name: String,
        /// Whether it failed, or was ended before it was done.
        failed: bool,
    },
    /// The provider is asked again after an error.
    Retrying {
        /// What the provider said.
        reason: String,
        /// Milliseconds until then, when known.
        delay_ms: Option<u64>,
    },
}
