//! Reads Claude Code's output, line by line, and remembers what its end will be judged by.

use std::collections::BTreeMap;

use super::super::parts::{called_with, complaint, remember};
use super::super::raw::{Raw, read};
use super::super::text::{LINE_MAX, Stray, TEXT_MAX, one_line, paragraph};
use super::super::{Conclusion, Ended, Reader};
use super::classify::{self, Evidence, ResultSeen};
use super::line::{Block, Consumed, Line};
use crate::domain::activity::Activity;
use crate::domain::id::SessionId;
use crate::domain::usage::Usage;

/// How Claude Code marks a message to its own developers; the reason of the end stands elsewhere in the line.
const DIAGNOSTIC: &str = "[ede_diagnostic]";

/// The state of reading one session.
#[derive(Debug, Default)]
pub(super) struct ClaudeReader {
    session: Option<SessionId>,
    /// Sub-agents at work, by the call that started them.
    sub_agents: BTreeMap<String, SubAgent>,
    /// The word of the last answer, if that was an error of the provider.
    api_error: Option<String>,
    /// Only the last result counts, and only at the end: an earlier one may be followed by more work.
    result: Option<ResultSeen>,
    /// Whether nothing but remarks of the system came after the last result.
    last_word: bool,
    usage: Usage,
    /// Whether a result told what was consumed, and no work came after it.
    told: bool,
    model: Option<String>,
    said: Option<String>,
    stray: Stray,
}

#[derive(Debug)]
struct SubAgent {
    name: String,
    /// The result of its call comes at once, its end later.
    in_background: bool,
}

impl Reader for ClaudeReader {
    fn line(&mut self, bytes: &[u8]) -> Vec<Activity> {
        let text = String::from_utf8_lossy(bytes);
        match read::<Line<'_>>(&text).and_then(|line| Some((line.kind.text()?, line))) {
            Some((kind, line)) => self.take(&kind, &line),
            None => self.stray.take(&text),
        }
    }

    fn finished(&self) -> bool {
        self.last_word && self.sub_agents.is_empty()
    }

    fn conclude(&mut self, ended: &Ended) -> Conclusion {
        let complaint = complaint(&self.stray, ended);
        let result = self.result.as_ref();
        let evidence = Evidence { result, api_error: self.api_error.as_deref(), ended, complaint: &complaint };
        let lost_conversation = classify::conversation_is_lost(&evidence);
        Conclusion {
            failure: classify::failure(&evidence),
            usage: self.consumed(ended),
            model: self.model.clone(),
            said: self.said.clone(),
            session: self.session.clone().filter(|_| !lost_conversation),
            lost_conversation,
        }
    }
}

impl ClaudeReader {
    fn take(&mut self, kind: &str, line: &Line<'_>) -> Vec<Activity> {
        let subtype = line.subtype.text().unwrap_or_default();
        let mut seen = self.identified(line);
        self.last_word = self.ends_with(kind, &subtype);
        self.note_account(kind, &subtype, line);
        match kind {
            "system" if subtype == "init" => seen.extend(failed_servers(line)),
            "system" if subtype == "task_notification" => seen.extend(self.notified(line)),
            "system" => seen.extend(self.system(&subtype, line)),
            "assistant" => seen.extend(self.assistant(line)),
            "user" => seen.extend(self.tool_results(line)),
            "result" => self.result_line(&subtype, line),
            _ => {}
        }
        seen
    }

    /// The conversation's name. A result that is an error may repeat the name that was asked for and does not exist.
    fn identified(&mut self, line: &Line<'_>) -> Vec<Activity> {
        let is_error = line.is_error.flag() == Some(true);
        let named = line.session_id.text().filter(|_| !is_error).and_then(|id| SessionId::new(&id).ok());
        match named {
            Some(session) if self.session.as_ref() != Some(&session) => {
                self.session = Some(session.clone());
                vec![Activity::Identified(session)]
            }
            Some(_) | None => Vec::new(),
        }
    }

    /// Whether the agent's last word is said, now that this line came. Another turn begins with an init line.
    fn ends_with(&self, kind: &str, subtype: &str) -> bool {
        match kind {
            "result" => true,
            "system" => self.last_word && subtype != "init",
            _ => false,
        }
    }

    /// Only results tell what was consumed: the numbers in the lines of the model are placeholders.
    fn note_account(&mut self, kind: &str, subtype: &str, line: &Line<'_>) {
        match kind {
            "result" => self.told = true,
            "assistant" => self.told = false,
            "system" if subtype == "init" => {
                self.told = false;
                self.model = line.model.name();
            }
            _ => {}
        }
    }

    /// What the session consumed; one that never told, or worked on after it told, has a part that nobody knows.
    fn consumed(&self, ended: &Ended) -> Usage {
        let silent = !self.told && ended.failed_to_start.is_none();
        Usage {
            unpriced_sessions: u32::from(silent || self.usage.unpriced_sessions > 0),
            uncounted_sessions: u32::from(silent || self.usage.uncounted_sessions > 0),
            ..self.usage
        }
    }

    fn system(&mut self, subtype: &str, line: &Line<'_>) -> Option<Activity> {
        match subtype {
            "api_retry" => Some(retrying(line)),
            "task_started" => {
                if let Some(sub_agent) = self.sub_agents.get_mut(&line.tool_use_id.name()?) {
                    sub_agent.in_background = line.is_backgrounded.flag() == Some(true);
                }
                None
            }
            "task_progress" => {
                let said = line.description.name().filter(|said| !said.is_empty());
                self.progress(line, said.or_else(|| line.last_tool_name.name()))
            }
            "informational" | "model_fallback" => {
                Some(line.content.line()).filter(|text| !text.is_empty()).map(Activity::Text)
            }
            _ => None,
        }
    }

    /// How far a sub-agent is that is known and at work.
    fn progress(&self, line: &Line<'_>, summary: Option<String>) -> Option<Activity> {
        let id = line.tool_use_id.name().filter(|id| self.sub_agents.contains_key(id))?;
        let tokens = line.usage.get("total_tokens").value();
        Some(Activity::SubAgentProgress { id, summary: summary?, tokens })
    }

    /// A task came to its end: its last words, and the end itself where no result of a call tells it.
    fn notified(&mut self, line: &Line<'_>) -> Vec<Activity> {
        let last_words = self.progress(line, line.summary.name());
        let mut seen: Vec<Activity> = last_words.into_iter().collect();
        if let Some(id) = line.tool_use_id.name()
            && self.sub_agents.get(&id).is_some_and(|sub_agent| sub_agent.in_background)
            && let Some(sub_agent) = self.sub_agents.remove(&id)
        {
            let failed = line.status.text().is_some_and(|status| status != "completed");
            seen.push(Activity::SubAgentEnded { id, name: sub_agent.name, failed });
        }
        seen
    }

    fn assistant(&mut self, line: &Line<'_>) -> Vec<Activity> {
        let by = line.parent_tool_use_id.name();
        if by.is_none() {
            self.api_error = line.error.name();
        }
        let speaker = line.subagent_type.name().filter(|_| by.is_some());
        line.blocks()
            .filter_map(|block| match &*block.kind.text()? {
                "text" => self.text(block.text.paragraph(), speaker.as_deref()),
                "tool_use" => Some(self.tool_started(&block, by.clone())),
                _ => None,
            })
            .collect()
    }

    fn text(&mut self, text: String, speaker: Option<&str>) -> Option<Activity> {
        if text.is_empty() {
            return None;
        }
        Some(Activity::Text(match speaker {
            Some(speaker) => format!("{speaker}: {text}"),
            None => {
                self.said = Some(text.clone());
                text
            }
        }))
    }

    fn tool_started(&mut self, block: &Block<'_>, by: Option<String>) -> Activity {
        let tool = block.name.name().unwrap_or_else(|| "tool".to_owned());
        // The sub-agent's tool is listed as Task and called as Agent.
        if !matches!(tool.as_str(), "Agent" | "Task") {
            return Activity::ToolStarted { by, name: tool, summary: called_with(block.input) };
        }
        let name = block.input.get("subagent_type").name().unwrap_or_else(|| "agent".to_owned());
        let (id, summary) = (block.id.line(), block.input.get("description").line());
        remember(&mut self.sub_agents, id.clone(), SubAgent { name: name.clone(), in_background: false });
        Activity::SubAgentStarted { id, parent: by, name, summary }
    }

    fn tool_results(&mut self, line: &Line<'_>) -> Vec<Activity> {
        let by = line.parent_tool_use_id.name();
        line.blocks()
            .filter(|block| block.kind.is("tool_result"))
            .filter_map(|block| {
                let id = block.tool_use_id.line();
                let failed = block.is_error.flag() == Some(true);
                match self.sub_agents.get(&id) {
                    Some(sub_agent) if sub_agent.in_background => None,
                    Some(_) => {
                        let name = self.sub_agents.remove(&id)?.name;
                        Some(Activity::SubAgentEnded { id, name, failed })
                    }
                    None => Some(Activity::ToolEnded { by: by.clone(), failed, summary: answered(block.content) }),
                }
            })
            .collect()
    }

    fn result_line(&mut self, subtype: &str, line: &Line<'_>) {
        self.usage = match line.consumed() {
            Consumed::More(usage) => self.usage.plus(usage),
            Consumed::SoFar(usage) => usage,
        };
        let text = line.result.paragraph();
        if !text.is_empty() {
            self.said = Some(text.clone());
        }
        let errors = line.errors.list().into_iter().filter_map(Raw::text).filter(|text| !text.starts_with(DIAGNOSTIC));
        let errors = || paragraph(&errors.collect::<Vec<_>>().join("; "), TEXT_MAX);
        self.result = Some(ResultSeen {
            is_error: line.is_error.flag().unwrap_or(true),
            subtype: one_line(subtype, LINE_MAX),
            stop_reason: line.stop_reason.line(),
            terminal_reason: line.terminal_reason.line(),
            api_error_status: line.api_error_status.value(),
            text: if text.is_empty() { errors() } else { text },
        });
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a float to an integer saturates"
)]
fn retrying(line: &Line<'_>) -> Activity {
    let status = line.error_status.value::<u16>();
    let mut reason = match (line.error.name().as_deref(), status) {
        // What it says when there was no answer at all, or one that broke off.
        (None | Some("unknown"), None) => "the connection failed".to_owned(),
        (None, Some(_)) => "an error".to_owned(),
        (Some(word), _) => word.replace('_', " "),
    };
    if let Some(status) = status {
        reason.push_str(&format!(" ({status})"));
    }
    if let (Some(attempt), Some(of)) = (line.attempt.value::<u64>(), line.max_retries.value::<u64>()) {
        reason.push_str(&format!(", retry {attempt} of {of}"));
    }
    Activity::Retrying { reason, delay_ms: line.retry_delay_ms.value::<f64>().map(|delay| delay as u64) }
}

/// A server of tools that cannot be started ends nothing: the agent goes on without, and nobody would know why.
fn failed_servers(line: &Line<'_>) -> Option<Activity> {
    let failed = line.mcp_servers.list().into_iter().filter(|server| server.get("status").is("failed"));
    let names: Vec<String> = failed.filter_map(|server| server.get("name").name()).collect();
    let told =
        format!("the agent goes on without these servers of tools, which could not be started: {}", names.join(", "));
    (!names.is_empty()).then(|| Activity::Text(one_line(&told, LINE_MAX)))
}

fn answered(content: Raw<'_>) -> String {
    let first = || content.list().into_iter().find_map(|block| block.get("text").name());
    content.name().or_else(first).unwrap_or_default()
}
