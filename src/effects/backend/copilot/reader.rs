//! Reads Copilot's output, line by line, and remembers what its end will be judged by.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::Value;

use super::super::parts::{called_with, complaint, remember};
use super::super::raw::{Raw, read};
use super::super::text::{LINE_MAX, Stray, one_line};
use super::super::{Beginning, Conclusion, Ended, Reader};
use super::classify::{self, ErrorSeen, Evidence};
use super::line::{Data, Line};
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
    /// The model that answered the session itself.
    model: Option<String>,
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
        let text = String::from_utf8_lossy(bytes);
        match read::<Line<'_>>(&text).and_then(|line| Some((line.kind.text()?, line))) {
            Some((kind, line)) => self.take(&kind, &line),
            None => self.stray.take(&text),
        }
    }

    fn finished(&self) -> bool {
        self.result.is_some()
    }

    fn conclude(&mut self, ended: &Ended) -> Conclusion {
        let complaint = complaint(&self.stray, ended);
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
            model: self.model.clone(),
            said: self.said.clone(),
            session: self.session.clone().filter(|_| self.began && !lost_conversation),
            lost_conversation,
        }
    }
}

impl CopilotReader {
    fn take(&mut self, kind: &str, line: &Line<'_>) -> Vec<Activity> {
        let mut seen = self.identified(line.session_id);
        match kind {
            "result" => self.result = Some(line.exit_code.value().unwrap_or(-1)),
            // It was not the last line after all.
            "assistant.turn_start" => self.result = None,
            // The first piece of an answer: the provider counts from here, also when the answer never gets whole.
            "assistant.message_start" => self.answered = true,
            _ => {}
        }
        let (by, data) = (|| line.agent_id.name(), || line.data.object::<Data<'_>>());
        match kind {
            "assistant.message" => seen.extend(self.text(&data(), by())),
            "tool.execution_start" => seen.extend(self.tool_started(&data(), by())),
            "tool.execution_complete" => seen.extend(self.tool_ended(&data(), by())),
            "subagent.started" => seen.extend(self.sub_agent_started(&data(), by())),
            "subagent.completed" => seen.extend(self.sub_agent_ended(by(), false)),
            "subagent.failed" => seen.extend(self.sub_agent_ended(by(), true)),
            "model.call_failure" => self.call_failure = Some(call_failure(&data())),
            "assistant.turn_retry" => seen.push(self.retrying(&data())),
            "session.error" if by().is_none() => seen.push(self.session_error(&data())),
            // One that comes after the last word changes nothing.
            "abort" if by().is_none() && self.result.is_none() => {
                self.aborted = Some(data().reason.name().unwrap_or_else(|| "abort".to_owned()));
            }
            _ => {}
        }
        seen
    }

    /// The conversation's name, once there is a sign that it exists. A log that is only shown tells it in its last line.
    fn identified(&mut self, stated: Raw<'_>) -> Vec<Activity> {
        let stated = stated.text().and_then(|session| SessionId::new(&session).ok());
        let is_news = !self.began || stated.is_some() && stated != self.session;
        self.began = true;
        self.session = stated.or(self.session.take());
        self.session.clone().filter(|_| is_news).map(Activity::Identified).into_iter().collect()
    }

    fn text(&mut self, data: &Data<'_>, by: Option<String>) -> Option<Activity> {
        self.answered = true;
        if by.is_none() {
            self.error = None;
            self.model = data.model.name().or(self.model.take());
        }
        let text = data.content.paragraph();
        if text.is_empty() {
            return None;
        }
        Some(Activity::Text(match by {
            Some(by) => format!("{}: {text}", self.sub_agents.get(&by).map_or("sub-agent", String::as_str)),
            None => {
                self.said = Some(text.clone());
                text
            }
        }))
    }

    fn tool_started(&mut self, data: &Data<'_>, by: Option<String>) -> Option<Activity> {
        let name = data.tool_name.name().unwrap_or_else(|| "tool".to_owned());
        if name == SUB_AGENT_TOOL {
            let what = data.arguments.get("description").line();
            remember(&mut self.calls, data.tool_call_id.name()?, (by, what));
            return None;
        }
        Some(Activity::ToolStarted { by, name, summary: called_with(data.arguments) })
    }

    fn tool_ended(&mut self, data: &Data<'_>, by: Option<String>) -> Vec<Activity> {
        let code: Option<i64> = data.shell_execution.get("exitCode").value();
        let failed = data.success.flag() == Some(false) || code.is_some_and(|code| code != 0);
        let call = data.tool_call_id.name().and_then(|id| self.calls.remove(&id));
        let ended = Activity::ToolEnded { by: by.clone(), failed, summary: answered(data) };
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

    fn sub_agent_started(&mut self, data: &Data<'_>, id: Option<String>) -> Option<Activity> {
        let id = id?;
        let name = data.agent_name.name().unwrap_or_else(|| "sub-agent".to_owned());
        let call = data.tool_call_id.name().and_then(|call| self.calls.get(&call));
        let (parent, summary) = call.cloned().unwrap_or_default();
        remember(&mut self.sub_agents, id.clone(), name.clone());
        Some(Activity::SubAgentStarted { id, parent, name, summary })
    }

    fn sub_agent_ended(&mut self, id: Option<String>, failed: bool) -> Option<Activity> {
        let (id, name) = self.sub_agents.remove_entry(&id?)?;
        Some(Activity::SubAgentEnded { id, name, failed })
    }

    /// Copilot says that it asks again when it does; what went wrong it said before.
    fn retrying(&mut self, data: &Data<'_>) -> Activity {
        let why = self.call_failure.take().or_else(|| data.reason.name());
        Activity::Retrying { reason: why.unwrap_or_else(|| "an error".to_owned()), delay_ms: None }
    }

    fn session_error(&mut self, data: &Data<'_>) -> Activity {
        let message = data.message.paragraph();
        let (kind, status) = (data.error_type.line(), data.status_code.value());
        self.error = Some(ErrorSeen { kind, status, message: message.clone() });
        Activity::Text(message)
    }

    fn usage(&self) -> Usage {
        let told = self.usage_file.as_ref().and_then(|file| consumed::since(file, self.consumed));
        match told {
            Some(usage) => usage,
            None if self.answered => Usage::UNKNOWN,
            None => Usage::default(),
        }
    }
}

fn call_failure(data: &Data<'_>) -> String {
    let stated = data.error_message.text().unwrap_or("an error".into());
    // It is JSON in a text: the provider's own object, or a text again.
    let message = match serde_json::from_str(&stated) {
        Ok(Value::String(text)) => text,
        Ok(Value::Object(error)) => error.get("message").and_then(Value::as_str).unwrap_or(&stated).to_owned(),
        Ok(_) | Err(_) => stated.into_owned(),
    };
    let message = one_line(&message, LINE_MAX);
    match data.status_code.value::<u16>() {
        Some(status) => format!("{message} ({status})"),
        None => message,
    }
}

fn answered(data: &Data<'_>) -> String {
    let error = data.error.get("message").name();
    error.unwrap_or_else(|| data.result.get("content").line())
}
