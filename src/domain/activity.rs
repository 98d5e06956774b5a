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

impl Activity {
    /// The same as what a sub-agent of another session does: `id` is what the sub-agent is called there, `name` its role.
    /// What the session said in words is told as its sub-agent's, line by line.
    #[must_use]
    pub fn of_sub_agent(self, id: &str, name: &str) -> Vec<Self> {
        let own = |by: Option<String>| Some(by.map_or_else(|| id.to_owned(), |by| format!("{id}/{by}")));
        let below = |sub: String| format!("{id}/{sub}");
        match self {
            Self::Identified(_) => Vec::new(),
            Self::Text(text) => {
                let line = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default().to_owned();
                let marked: Vec<String> = text.lines().map(|line| format!("{name}: {line}")).collect();
                let progress = Self::SubAgentProgress { id: id.to_owned(), summary: line, tokens: None };
                vec![Self::Text(marked.join("\n")), progress]
            }
            Self::ToolStarted { by, name, summary } => vec![Self::ToolStarted { by: own(by), name, summary }],
            Self::ToolEnded { by, failed, summary } => vec![Self::ToolEnded { by: own(by), failed, summary }],
            Self::SubAgentStarted { id, parent, name, summary } => {
                vec![Self::SubAgentStarted { id: below(id), parent: own(parent), name, summary }]
            }
            Self::SubAgentProgress { id, summary, tokens } => {
                vec![Self::SubAgentProgress { id: below(id), summary, tokens }]
            }
            Self::SubAgentEnded { id, name, failed } => vec![Self::SubAgentEnded { id: below(id), name, failed }],
            Self::Retrying { reason, delay_ms } => {
                vec![Self::Retrying { reason: format!("{name}: {reason}"), delay_ms }]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_session_does_can_be_told_as_what_a_sub_agent_does() {
        let tool = |by: Option<&str>| Activity::ToolStarted {
            by: by.map(str::to_owned),
            name: "Bash".to_owned(),
            summary: "make".to_owned(),
        };
        assert_eq!(tool(None).of_sub_agent("b", "builder"), [tool(Some("b"))]);
        assert_eq!(tool(Some("x")).of_sub_agent("b", "builder"), [tool(Some("b/x"))]);
        let said = Activity::Text("one\ntwo".to_owned()).of_sub_agent("b", "builder");
        assert_eq!(said[0], Activity::Text("builder: one\nbuilder: two".to_owned()));
    }
}
