//! Reads Copilot's output, line by line, and remembers what its end will be judged by.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::super::text::{LINE_MAX, Stray, TEXT_MAX, one_line, paragraph};
use super::super::{Beginning, Conclusion, Ended, Reader};
use super::classify::{self, ErrorSeen, Evidence};
use super::line::{self, Data, Line, Part};
use super::{USAGE_FILE, consumed, session_of};
use crate::domain::activity::Activity;
use crate::domain::id::SessionId;
use crate::domain::usage::Usage;

/// The tool with which a sub-agent is called; the sub-agent has lines of its own.
const SUB_AGENT_TOOL: &str = "task";

/// The state of reading one session.
#[derive(Debug, Default)]
pub(super) struct CopilotReader {
    /// The conversation's name, which the runner chose.
    session: Option<SessionId>,
    usage_file: Option<PathBuf>,
    /// What the conversation had consumed: Copilot counts it from its beginning.
    consumed: Usage,
    /// Whether the name was told, as the first line of a session is.
    began: bool,
    /// Whether the model said anything.
    answered: bool,
    /// Calls of sub-agents: who called, and what for.
    calls: BTreeMap<String, (Option<String>, String)>,
    /// Sub-agents at work, with their names.
    sub_agents: BTreeMap<String, String>,
    /// The last answer of the provider that was an error.
    call_failure: Option<String>,
    error: Option<ErrorSeen>,
    aborted: Option<String>,
    /// The exit code of the last line.
    result: Option<i32>,
    said: Option<String>,
    stray: Stray,
}

impl Reader for CopilotReader {
    fn begin(&mut self, beginning: &Beginning<'_>) {
        self.session = beginning.continues.cloned().or_else(|| session_of(beginning.job_dir));
        self.usage_file = Some(beginning.job_dir.join(USAGE_FILE));
        self.consumed = beginning.consumed;
    }

    fn line(&mut self, bytes: &[u8]) -> Vec<Activity> {
        if bytes.trim_ascii().is_empty() {
            return Vec::new();
        }
        match line::read(bytes) {
            Some(line) => self.take(&line, bytes.len() as u64),
            None => self.stray.take(&String::from_utf8_lossy(bytes)),
        }
    }

    fn oversized(&mut self, file: &Path, offset: u64, length: u64) -> Vec<Activity> {
        let Ok(mut file) = File::open(file) else { return Vec::new() };
        if file.seek(SeekFrom::Start(offset)).is_err() {
            return Vec::new();
        }
        match line::skim(BufReader::new(file).take(length)) {
            Some(line) => self.take(&line, length),
            None => self.stray.take(&format!("(a line of {length} bytes)")),
        }
    }

    fn finished(&self) -> bool {
        self.result.is_some()
    }

    fn conclude(&mut self, ended: &Ended) -> Conclusion {
        let complaint = self.stray.with(&ended.stderr_tail);
        let evidence = Evidence {
            result: self.result,
            aborted: self.aborted.as_deref(),
            error: self.error.as_ref(),
            began: self.began,
            ended,
            complaint: &complaint,
        };
        let lost_conversation = classify::conversation_is_lost(&evidence);
        Conclusion {
            failure: classify::failure(&evidence),
            usage: self.usage(),
            model: None,
            said: self.said.clone(),
            session: self.session.clone().filter(|_| self.began && !lost_conversation),
            lost_conversation,
        }
    }
}

impl CopilotReader {
    fn take<Long: Part>(&mut self, line: &Line<Long>, length: u64) -> Vec<Activity> {
        let mut seen = self.identified(line.session_id.as_deref());
        match line.kind.as_str() {
            "result" => self.result = Some(line.exit_code.unwrap_or(-1)),
            // It was not the last line after all.
            "assistant.turn_start" => self.result = None,
            _ => {}
        }
        let Some(data) = &line.data else { return seen };
        let by = line.agent_id.as_deref();
        match line.kind.as_str() {
            // The first piece of an answer: the provider counts from here, also when the answer never gets whole.
            "assistant.message_start" => self.answered = true,
            "assistant.message" => seen.extend(self.text(data, by, length)),
            "tool.execution_start" => seen.extend(self.tool_started(data, by, length)),
            "tool.execution_complete" => seen.extend(self.tool_ended(data, by, length)),
            "subagent.started" => seen.extend(self.sub_agent_started(data, by)),
            "subagent.completed" => seen.extend(self.sub_agent_ended(by, false)),
            "subagent.failed" => seen.extend(self.sub_agent_ended(by, true)),
            "model.call_failure" => self.call_failure = Some(call_failure(data)),
            "assistant.turn_retry" => seen.push(self.retrying(data)),
            "session.error" if by.is_none() => seen.push(self.session_error(data)),
            // One that comes after the last word changes nothing.
            "abort" if by.is_none() && self.result.is_none() => {
                self.aborted = Some(data.reason.clone().unwrap_or_else(|| "abort".to_owned()));
            }
            _ => {}
        }
        seen
    }

    /// The conversation's name, once there is a sign that it exists. A log that is only shown tells it in its last line.
    fn identified(&mut self, stated: Option<&str>) -> Vec<Activity> {
        let stated = stated.and_then(|session| SessionId::new(session).ok());
        let is_news = !self.began || stated.is_some() && stated != self.session;
        self.began = true;
        self.session = stated.or(self.session.take());
        self.session.clone().filter(|_| is_news).map(Activity::Identified).into_iter().collect()
    }

    fn text<Long: Part>(&mut self, data: &Data<Long>, by: Option<&str>, length: u64) -> Option<Activity> {
        self.answered = true;
        if by.is_none() {
            self.error = None;
        }
        let text = match data.content.as_ref()?.value() {
            Some(text) => paragraph(text.as_str()?, TEXT_MAX),
            None => format!("(a text of {length} bytes)"),
        };
        if text.is_empty() {
            return None;
        }
        Some(Activity::Text(match by {
            Some(by) => format!("{}: {text}", self.sub_agents.get(by).map_or("sub-agent", String::as_str)),
            None => {
                self.said = Some(text.clone());
                text
            }
        }))
    }

    fn tool_started<Long: Part>(&mut self, data: &Data<Long>, by: Option<&str>, length: u64) -> Option<Activity> {
        let name = one_line(data.tool_name.as_deref().unwrap_or("tool"), LINE_MAX);
        let by = by.map(str::to_owned);
        let arguments = data.arguments.as_ref().and_then(Part::value);
        if name == SUB_AGENT_TOOL {
            let what = arguments.and_then(|arguments| arguments["description"].as_str()).unwrap_or_default();
            self.calls.insert(data.tool_call_id.clone()?, (by, one_line(what, LINE_MAX)));
            return None;
        }
        let summary = arguments.map_or_else(|| format!("(a line of {length} bytes)"), called_with);
        Some(Activity::ToolStarted { by, name, summary })
    }

    fn tool_ended<Long: Part>(&mut self, data: &Data<Long>, by: Option<&str>, length: u64) -> Vec<Activity> {
        let code = data.shell_execution.as_ref().and_then(|shell| shell.exit_code);
        let failed = data.success == Some(false) || code.is_some_and(|code| code != 0);
        let call = data.tool_call_id.as_ref().and_then(|id| self.calls.remove(id));
        let by = by.map(str::to_owned);
        let ended = Activity::ToolEnded { by: by.clone(), failed, summary: answered(data, length) };
        match call {
            // The sub-agent had an end of its own.
            Some(_) if !failed => Vec::new(),
            // It never began.
            Some((_, summary)) => {
                vec![Activity::ToolStarted { by, name: SUB_AGENT_TOOL.to_owned(), summary }, ended]
            }
            None => vec![ended],
        }
    }

    fn sub_agent_started<Long>(&mut self, data: &Data<Long>, id: Option<&str>) -> Option<Activity> {
        let id = id?.to_owned();
        let name = one_line(data.agent_name.as_deref().unwrap_or("sub-agent"), LINE_MAX);
        let call = data.tool_call_id.as_ref().and_then(|call| self.calls.get(call));
        let (parent, summary) = call.cloned().unwrap_or_default();
        self.sub_agents.insert(id.clone(), name.clone());
        Some(Activity::SubAgentStarted { id, parent, name, summary })
    }

    fn sub_agent_ended(&mut self, id: Option<&str>, failed: bool) -> Option<Activity> {
        let (id, name) = self.sub_agents.remove_entry(id?)?;
        Some(Activity::SubAgentEnded { id, name, failed })
    }

    /// Copilot says that it asks again when it does; what went wrong it said before.
    fn retrying<Long>(&mut self, data: &Data<Long>) -> Activity {
        let why = self.call_failure.take().or_else(|| data.reason.clone());
        Activity::Retrying { reason: why.unwrap_or_else(|| "an error".to_owned()), delay_ms: None }
    }

    fn session_error<Long: Part>(&mut self, data: &Data<Long>) -> Activity {
        let message = data.message.as_ref().and_then(Part::value).and_then(Value::as_str).unwrap_or_default();
        let message = paragraph(message, TEXT_MAX);
        let kind = data.error_type.clone().unwrap_or_default();
        self.error = Some(ErrorSeen { kind, status: data.status_code, message: message.clone() });
        Activity::Text(message)
    }

    fn usage(&self) -> Usage {
        let told = self.usage_file.as_ref().and_then(|file| consumed::since(file, self.consumed));
        match told {
            Some(usage) => usage,
            None if self.answered => Usage { unpriced_sessions: 1, uncounted_sessions: 1, ..Usage::default() },
            None => Usage::default(),
        }
    }
}

fn call_failure<Long>(data: &Data<Long>) -> String {
    let stated = data.error_message.as_deref().unwrap_or("an error");
    // It is JSON in a text: the provider's own object, or a text again.
    let message = match serde_json::from_str(stated) {
        Ok(Value::String(text)) => text,
        Ok(Value::Object(error)) => error.get("message").and_then(Value::as_str).unwrap_or(stated).to_owned(),
        Ok(_) | Err(_) => stated.to_owned(),
    };
    let message = one_line(&message, LINE_MAX);
    match data.status_code {
        Some(status) => format!("{message} ({status})"),
        None => message,
    }
}

/// What a tool is called with: the one argument that says most, or all of them.
fn called_with(arguments: &Value) -> String {
    let telling = ["command", "path", "file_path", "pattern", "url", "query", "description", "prompt"];
    match telling.iter().find_map(|key| arguments[key].as_str()) {
        Some(text) => one_line(text, LINE_MAX),
        None => one_line(&arguments.to_string(), LINE_MAX),
    }
}

fn answered<Long: Part>(data: &Data<Long>, length: u64) -> String {
    let error = data.error.as_ref().and_then(Part::value).and_then(|error| error["message"].as_str());
    match (error, data.result.as_ref().map(Part::value)) {
        (Some(error), _) => one_line(error, LINE_MAX),
        (None, Some(Some(result))) => one_line(result["content"].as_str().unwrap_or_default(), LINE_MAX),
        (None, Some(None)) => format!("(a line of {length} bytes)"),
        (None, None) => String::new(),
    }
}
