//! One agent's work as text for people: what it says, one line per call of a tool, sub-agents indented, and its end.

use super::phrases::{consumed_in_short, who};
use super::safe::short;
use super::units::duration;
use crate::domain::activity::Activity;
use crate::domain::usage::Usage;
use crate::scheduler::Job;
use crate::scheduler::event::SessionFailure;

/// How far the work of a sub-agent stands in.
const INDENT: &str = "    ";

/// The line above what a session does.
#[must_use]
pub fn heading(job: &Job, backend: &str, model: Option<&str>) -> String {
    let model = model.map(|model| format!(", {}", short(model))).unwrap_or_default();
    format!("== {} {} {} ({}{model}) ==", who(&job.scope), job.task.name(), job.n, short(backend))
}

/// Puts the activities of one session into lines. Every line is safe on a terminal and bounded.
#[derive(Debug, Clone, Default)]
pub struct Stream {
    /// The sub-agents at work, by name.
    sub_agents: Vec<String>,
}

impl Stream {
    /// The lines for an activity; none when it says nothing.
    ///
    /// A call of a tool does not say who makes it, so while a sub-agent is at work all calls are indented; what the lead
    /// itself says is not.
    pub fn lines(&mut self, activity: &Activity) -> Vec<String> {
        let indent = if self.sub_agents.is_empty() { "" } else { INDENT };
        match activity {
            Activity::Identified(session) => vec![format!("(conversation {})", short(session.as_str()))],
            Activity::Text(text) => self.text(text),
            Activity::ToolStarted { name, summary, .. } => {
                vec![format!("{indent}> {}: {}", short(name), short(summary))]
            }
            Activity::ToolEnded { failed: true, summary, .. } => vec![format!("{indent}! failed: {}", short(summary))],
            Activity::ToolEnded { failed: false, .. } => vec![],
            // Its calls of tools tell the same.
            Activity::SubAgentProgress { .. } => vec![],
            Activity::SubAgentStarted { name, summary, .. } => {
                self.sub_agents.push(name.clone());
                vec![format!("+ {}: {}", short(name), short(summary))]
            }
            Activity::SubAgentEnded { name, failed, .. } => {
                if let Some(position) = self.sub_agents.iter().position(|other| other == name) {
                    self.sub_agents.remove(position);
                }
                vec![format!("- {} {}", short(name), if *failed { "failed" } else { "is done" })]
            }
            Activity::Retrying { reason, delay_ms } => {
                let when = delay_ms.map(|ms| format!(" in {}", duration(ms))).unwrap_or_default();
                vec![format!("~ the provider is asked again{when}: {}", short(reason))]
            }
        }
    }

    fn text(&self, text: &str) -> Vec<String> {
        let speaks = |name: &&String| text.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with(": "));
        let indent = if self.sub_agents.iter().any(|name| speaks(&name)) { INDENT } else { "" };
        let lines = text.lines().map(short).filter(|line| !line.is_empty());
        lines.map(|line| format!("{indent}{line}")).collect()
    }
}

/// The line for the end of a session.
#[must_use]
pub fn end(failure: Option<&SessionFailure>, usage: Usage, took_ms: u64) -> String {
    let how = match failure {
        None => "ended".to_owned(),
        Some(failure) => format!("did not end well ({})", short(&failure.detail)),
    };
    let usage = consumed_in_short(usage).unwrap_or_else(|| "nothing consumed".to_owned());
    format!("-- {how} after {}: {usage}", duration(took_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str) -> Activity {
        Activity::Text(text.to_owned())
    }

    fn tool(name: &str) -> Activity {
        Activity::ToolStarted { by: None, name: name.to_owned(), summary: "x".to_owned() }
    }

    #[test]
    fn the_work_of_a_sub_agent_stands_in_and_the_words_of_the_lead_do_not() {
        let mut stream = Stream::default();
        let name = || "builder".to_owned();
        let activities = [
            tool("Read"),
            Activity::SubAgentStarted { id: name(), parent: None, name: name(), summary: "story 1".to_owned() },
            text("builder: I begin\nhere"),
            tool("Edit"),
            text("I wait"),
            Activity::ToolEnded { by: None, failed: true, summary: "no file".to_owned() },
            Activity::SubAgentEnded { id: name(), name: name(), failed: false },
            Activity::ToolEnded { by: None, failed: false, summary: "fine".to_owned() },
            tool("Bash"),
        ];
        let lines: Vec<String> = activities.iter().flat_map(|activity| stream.lines(activity)).collect();
        insta::assert_snapshot!(lines.join("\n"), @r"
        > Read: x
        + builder: story 1
            builder: I begin
            here
            > Edit: x
        I wait
            ! failed: no file
        - builder is done
        > Bash: x
        ");
    }

    #[test]
    fn no_line_steers_the_terminal() {
        let evil = "a\u{1b}]0;title\u{7}b\u{202e}c\r\u{9b}31m";
        let activities = [
            text(evil),
            Activity::ToolStarted { by: None, name: evil.to_owned(), summary: evil.to_owned() },
            Activity::ToolEnded { by: None, failed: true, summary: evil.to_owned() },
            Activity::SubAgentStarted {
                id: evil.to_owned(),
                parent: None,
                name: evil.to_owned(),
                summary: evil.to_owned(),
            },
            Activity::SubAgentEnded { id: evil.to_owned(), name: evil.to_owned(), failed: true },
            Activity::Retrying { reason: evil.to_owned(), delay_ms: Some(1) },
        ];
        let mut stream = Stream::default();
        for line in activities.iter().flat_map(|activity| stream.lines(activity)) {
            assert!(!line.chars().any(|c| c.is_control() || c == '\u{202e}'), "{line:?}");
        }
    }

    #[test]
    fn the_end_says_what_it_took() {
        let usage = Usage { output_tokens: 1_200, cost_microdollars: 20_000, ..Usage::default() };
        assert_eq!(end(None, usage, 61_000), "-- ended after 1m 1s: 1.2k tokens, $0.02");
        assert_eq!(end(None, Usage::UNKNOWN, 5), "-- ended after 5ms: tokens and cost not known");
        assert_eq!(end(None, Usage::default(), 5), "-- ended after 5ms: nothing consumed");
    }
}
