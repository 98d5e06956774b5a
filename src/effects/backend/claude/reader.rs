//! Reads Claude Code's output, line by line, and remembers what its end will be judged by.

use std::collections::{BTreeMap, VecDeque};
use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use serde_json::Value;

use super::super::text::{LINE_MAX, TEXT_MAX, one_line, paragraph};
use super::super::{Conclusion, Ended, Reader};
use super::classify::{self, Evidence, ResultSeen};
use super::line::{self, Block, Consumed, Content, Line, Whole};
use crate::domain::activity::Activity;
use crate::domain::id::SessionId;
use crate::domain::usage::Usage;

/// Lines that are not JSON and that are remembered, for the judgement at the end.
const STRAY_LINES: usize = 20;

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
    stray: VecDeque<String>,
}

#[derive(Debug)]
struct SubAgent {
    name: String,
    /// The result of its call comes at once, its end later.
    in_background: bool,
}

impl Reader for ClaudeReader {
    fn line(&mut self, bytes: &[u8]) -> Vec<Activity> {
        if bytes.trim_ascii().is_empty() {
            return Vec::new();
        }
        match line::read(bytes) {
            Some(line) => self.whole(line),
            None => self.stray(&String::from_utf8_lossy(bytes)),
        }
    }

    fn oversized(&mut self, file: &Path, offset: u64, length: u64) -> Vec<Activity> {
        let Ok(mut file) = File::open(file) else { return Vec::new() };
        if file.seek(SeekFrom::Start(offset)).is_err() {
            return Vec::new();
        }
        let Some(line) = line::skim(BufReader::new(file).take(length)) else {
            return self.stray(&format!("(a line of {length} bytes)"));
        };
        let mut seen = self.identified(&line);
        self.last_word = self.ends_with(&line);
        self.note_account(&line);
        match line.kind.as_deref() {
            Some("result") => self.result_line(&line, String::new()),
            Some("assistant") => seen.push(Activity::Text(format!("(a text of {length} bytes)"))),
            Some(_) | None => {}
        }
        seen
    }

    fn finished(&self) -> bool {
        self.last_word && self.sub_agents.is_empty()
    }

    fn conclude(&mut self, ended: &Ended) -> Conclusion {
        let mut complaint = Vec::from(std::mem::take(&mut self.stray)).join("\n");
        complaint.push('\n');
        complaint.push_str(&ended.stderr_tail);
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
    fn whole(&mut self, line: Whole) -> Vec<Activity> {
        let mut seen = self.identified(&line);
        self.last_word = self.ends_with(&line);
        self.note_account(&line);
        match line.kind.as_deref() {
            Some("system") if line.subtype.as_deref() == Some("task_notification") => seen.extend(self.notified(&line)),
            Some("system") => seen.extend(self.system(&line)),
            Some("assistant") => seen.extend(self.assistant(line)),
            Some("user") => seen.extend(self.tool_results(line)),
            Some("result") => {
                let text = line.result.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned();
                if !text.is_empty() {
                    self.said = Some(paragraph(&text, TEXT_MAX));
                }
                self.result_line(&line, text);
            }
            Some(_) | None => {}
        }
        seen
    }

    /// The conversation's name. A result that is an error may repeat the name that was asked for and does not exist.
    fn identified<Text, Body>(&mut self, line: &Line<Text, Body>) -> Vec<Activity> {
        let is_error = line.is_error == Some(true);
        let named = line.session_id.as_deref().filter(|_| !is_error).and_then(|id| SessionId::new(id).ok());
        match named {
            Some(session) if self.session.as_ref() != Some(&session) => {
                self.session = Some(session.clone());
                vec![Activity::Identified(session)]
            }
            Some(_) | None => Vec::new(),
        }
    }

    /// Whether the agent's last word is said, now that this line came. Another turn begins with an init line.
    fn ends_with<Text, Body>(&self, line: &Line<Text, Body>) -> bool {
        match line.kind.as_deref() {
            Some("result") => true,
            Some("system") => self.last_word && line.subtype.as_deref() != Some("init"),
            Some(_) | None => false,
        }
    }

    /// Only results tell what was consumed: the numbers in the lines of the model are placeholders.
    fn note_account<Text, Body>(&mut self, line: &Line<Text, Body>) {
        match line.kind.as_deref() {
            Some("result") => self.told = true,
            Some("assistant") => self.told = false,
            Some("system") if line.subtype.as_deref() == Some("init") => {
                self.told = false;
                self.model.clone_from(&line.model);
            }
            Some(_) | None => {}
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

    fn system(&mut self, line: &Whole) -> Option<Activity> {
        match line.subtype.as_deref()? {
            "api_retry" => Some(retrying(line)),
            "task_started" => {
                let id = line.tool_use_id.as_deref()?;
                if let Some(sub_agent) = self.sub_agents.get_mut(id) {
                    sub_agent.in_background = line.is_backgrounded == Some(true);
                }
                None
            }
            "task_progress" => {
                let said = line.description.as_ref().and_then(Value::as_str).filter(|said| !said.is_empty());
                self.progress(line, said.or(line.last_tool_name.as_deref()))
            }
            "informational" | "model_fallback" => {
                let text = one_line(line.content.as_ref()?.as_str()?, LINE_MAX);
                (!text.is_empty()).then_some(Activity::Text(text))
            }
            _ => None,
        }
    }

    /// How far a sub-agent is that is known and at work.
    fn progress(&self, line: &Whole, said: Option<&str>) -> Option<Activity> {
        let id = line.tool_use_id.as_ref().filter(|id| self.sub_agents.contains_key(*id))?;
        let tokens = line.usage.as_ref().and_then(|usage| usage["total_tokens"].as_u64());
        Some(Activity::SubAgentProgress { id: id.clone(), summary: one_line(said?, LINE_MAX), tokens })
    }

    /// A task came to its end: its last words, and the end itself where no result of a call tells it.
    fn notified(&mut self, line: &Whole) -> Vec<Activity> {
        let last_words = self.progress(line, line.summary.as_ref().and_then(Value::as_str));
        let mut seen: Vec<Activity> = last_words.into_iter().collect();
        if let Some(id) = &line.tool_use_id
            && self.sub_agents.get(id).is_some_and(|sub_agent| sub_agent.in_background)
            && let Some(sub_agent) = self.sub_agents.remove(id)
        {
            let failed = line.status.as_deref().is_some_and(|status| status != "completed");
            seen.push(Activity::SubAgentEnded { id: id.clone(), name: sub_agent.name, failed });
        }
        seen
    }

    fn assistant(&mut self, line: Whole) -> Vec<Activity> {
        let is_lead = line.parent_tool_use_id.is_none();
        if is_lead {
            self.api_error = line.error_word().map(str::to_owned);
        }
        let speaker = line.subagent_type.filter(|_| !is_lead);
        let by = line.parent_tool_use_id;
        blocks(line.message.and_then(|message| message.content))
            .into_iter()
            .filter_map(|block| match block.kind.as_deref() {
                Some("text") => self.text(block.text.as_deref()?, speaker.as_deref()),
                Some("tool_use") => Some(self.tool_started(block, by.clone())),
                Some(_) | None => None,
            })
            .collect()
    }

    fn text(&mut self, text: &str, speaker: Option<&str>) -> Option<Activity> {
        let text = paragraph(text, TEXT_MAX);
        if text.is_empty() {
            return None;
        }
        Some(Activity::Text(match speaker {
            Some(speaker) => format!("{}: {text}", one_line(speaker, LINE_MAX)),
            None => {
                self.said = Some(text.clone());
                text
            }
        }))
    }

    fn tool_started(&mut self, block: Block, by: Option<String>) -> Activity {
        let tool = one_line(block.name.as_deref().unwrap_or("tool"), LINE_MAX);
        let input = block.input.unwrap_or_default();
        // The sub-agent's tool is listed as Task and called as Agent.
        if !matches!(tool.as_str(), "Agent" | "Task") {
            return Activity::ToolStarted { by, name: tool, summary: called_with(&input) };
        }
        let name = one_line(input["subagent_type"].as_str().unwrap_or("agent"), LINE_MAX);
        let summary = one_line(input["description"].as_str().unwrap_or_default(), LINE_MAX);
        let id = block.id.unwrap_or_default();
        self.sub_agents.insert(id.clone(), SubAgent { name: name.clone(), in_background: false });
        Activity::SubAgentStarted { id, parent: by, name, summary }
    }

    fn tool_results(&mut self, line: Whole) -> Vec<Activity> {
        let by = line.parent_tool_use_id;
        blocks(line.message.and_then(|message| message.content))
            .into_iter()
            .filter(|block| block.kind.as_deref() == Some("tool_result"))
            .filter_map(|block| {
                let id = block.tool_use_id.as_deref().unwrap_or_default();
                let failed = block.is_error == Some(true);
                match self.sub_agents.get(id) {
                    Some(sub_agent) if sub_agent.in_background => None,
                    Some(_) => {
                        let name = self.sub_agents.remove(id)?.name;
                        Some(Activity::SubAgentEnded { id: id.to_owned(), name, failed })
                    }
                    None => {
                        Some(Activity::ToolEnded { by: by.clone(), failed, summary: answered(block.content.as_ref()) })
                    }
                }
            })
            .collect()
    }

    fn result_line<Text, Body>(&mut self, line: &Line<Text, Body>, text: String) {
        self.usage = match line.consumed() {
            Consumed::More(usage) => self.usage.plus(usage),
            Consumed::SoFar(usage) => usage,
        };
        let told = line.errors.iter().flatten().filter_map(Value::as_str).filter(|text| !text.starts_with(DIAGNOSTIC));
        let errors = told.collect::<Vec<_>>().join("; ");
        self.result = Some(ResultSeen {
            is_error: line.is_error.unwrap_or(true),
            subtype: line.subtype.clone().unwrap_or_default(),
            stop_reason: line.stop_reason.clone().unwrap_or_default(),
            terminal_reason: line.terminal_reason.clone().unwrap_or_default(),
            api_error_status: line.api_error_status,
            text: paragraph(if text.is_empty() { &errors } else { &text }, TEXT_MAX),
        });
    }

    fn stray(&mut self, text: &str) -> Vec<Activity> {
        let text = one_line(text, LINE_MAX);
        if self.stray.len() == STRAY_LINES {
            self.stray.pop_front();
        }
        self.stray.push_back(text.clone());
        vec![Activity::Text(text)]
    }
}

fn blocks(content: Option<Content>) -> Vec<Block> {
    match content {
        Some(Content::Blocks(blocks)) => blocks,
        Some(Content::Other(_)) | None => Vec::new(),
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a cast of a float to an integer saturates"
)]
fn retrying(line: &Whole) -> Activity {
    let mut reason = match (line.error_word(), line.error_status) {
        // What it says when there was no answer at all, or one that broke off.
        (None | Some("unknown"), None) => "the connection failed".to_owned(),
        (None, Some(_)) => "an error".to_owned(),
        (Some(word), _) => one_line(&word.replace('_', " "), LINE_MAX),
    };
    if let Some(status) = line.error_status {
        reason.push_str(&format!(" ({status})"));
    }
    if let (Some(attempt), Some(of)) = (line.attempt, line.max_retries) {
        reason.push_str(&format!(", retry {attempt} of {of}"));
    }
    Activity::Retrying { reason, delay_ms: line.retry_delay_ms.map(|delay| delay as u64) }
}

/// What a tool is called with: the one argument that says most, or all of them.
fn called_with(input: &Value) -> String {
    let telling = ["command", "file_path", "path", "pattern", "url", "query", "skill", "description", "prompt"];
    match telling.iter().find_map(|key| input[key].as_str()) {
        Some(text) => one_line(text, LINE_MAX),
        None => one_line(&input.to_string(), LINE_MAX),
    }
}

fn answered(content: Option<&Value>) -> String {
    let text = match content {
        Some(Value::String(text)) => text.as_str(),
        Some(Value::Array(blocks)) => blocks.iter().find_map(|block| block["text"].as_str()).unwrap_or_default(),
        Some(_) | None => "",
    };
    one_line(text, LINE_MAX)
}
