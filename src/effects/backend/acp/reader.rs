//! Reads the log of a conversation, line by line, and remembers what its end will be judged by.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use serde_json::Value;

use super::super::parts::{Speech, called_with, complaint, incomplete, microdollars};
use super::super::text::{LINE_MAX, Stray, one_line};
use super::super::{Conclusion, Ended, Reader};
use super::classify::{self, Outcome};
use super::line::{Line, Skimmed};
use crate::domain::activity::Activity;
use crate::domain::id::SessionId;
use crate::domain::usage::Usage;

/// What Claude Code's adapter calls its sub-agents' tool.
const SUB_AGENT_TOOLS: [&str; 2] = ["Agent", "Task"];

/// The state of reading one session.
#[derive(Debug, Default)]
pub(super) struct AcpReader {
    session: Option<SessionId>,
    continued: bool,
    /// Calls of tools that have not ended, by their id.
    calls: BTreeMap<String, Call>,
    outcome: Option<Outcome>,
    prompted: bool,
    /// Dollars that the conversation had cost before this turn, and has cost now, as far as the agent tells.
    cost_before: Option<f64>,
    cost: Option<f64>,
    tokens: Option<Usage>,
    /// The message that is being said, where the agent names them.
    message: Option<String>,
    speech: Speech,
    stray: Stray,
}

/// A tool that was called. It is shown once it is known what it was called with, which can be told later.
#[derive(Debug, Default)]
struct Call {
    name: String,
    summary: String,
    by: Option<String>,
    is_sub_agent: bool,
    shown: bool,
}

impl Reader for AcpReader {
    fn line(&mut self, bytes: &[u8]) -> Vec<Activity> {
        if bytes.trim_ascii().is_empty() {
            return Vec::new();
        }
        match serde_json::from_slice(bytes) {
            Ok(line) => self.whole(line),
            Err(_) => self.stray.take(&String::from_utf8_lossy(bytes)),
        }
    }

    /// What is that long is an update, and the next one about the same thing tells what has to be known.
    fn oversized(&mut self, file: &Path, offset: u64, length: u64) -> Vec<Activity> {
        let Ok(mut file) = File::open(file) else { return Vec::new() };
        if file.seek(SeekFrom::Start(offset)).is_err() {
            return Vec::new();
        }
        let skimmed = serde_json::from_reader::<_, Skimmed>(BufReader::new(file).take(length));
        let what = skimmed.map_or_else(|_| "a line".to_owned(), |line| one_line(&line.kind, LINE_MAX));
        vec![Activity::Text(format!("({what} of {length} bytes)"))]
    }

    fn finished(&self) -> bool {
        self.outcome.is_some()
    }

    fn conclude(&mut self, ended: &Ended) -> Conclusion {
        let complaint = complaint(&self.stray, ended);
        let lost_conversation = classify::conversation_is_lost(self.outcome.as_ref());
        Conclusion {
            failure: classify::failure(self.outcome.as_ref(), ended, &complaint),
            usage: self.consumed(),
            model: None,
            said: self.speech.said(),
            session: self.session.clone().filter(|_| !lost_conversation),
            lost_conversation,
        }
    }
}

impl AcpReader {
    fn whole(&mut self, line: Line) -> Vec<Activity> {
        match line {
            Line::Agent { .. } => Vec::new(),
            Line::Session { id, continued } => {
                self.continued = continued;
                self.session = SessionId::new(&id).ok();
                self.session.clone().map(Activity::Identified).into_iter().collect()
            }
            Line::Note { text } => vec![Activity::Text(one_line(&text, LINE_MAX))],
            Line::Prompted => {
                self.prompted = true;
                Vec::new()
            }
            Line::Update { update } => self.update(&update),
            // The call of the tool says the same.
            Line::Permission { .. } => Vec::new(),
            Line::Ended { stop_reason, answer } => {
                self.tokens = tokens(&answer);
                self.outcome = Some(Outcome::Ended(stop_reason));
                self.speech.pause().into_iter().collect()
            }
            Line::Failed { during, code, message } => {
                self.outcome = Some(Outcome::Failed { during, code, message });
                self.speech.pause().into_iter().collect()
            }
        }
    }

    fn update(&mut self, update: &Value) -> Vec<Activity> {
        match update["sessionUpdate"].as_str() {
            Some("agent_message_chunk") => {
                // Some name their messages, and then two can follow each other with nothing between.
                let message = update["messageId"].as_str().map(str::to_owned);
                let other = message.is_some() && message != self.message;
                let before = if other { self.speech.pause() } else { None };
                self.message = message;
                let text = update["content"]["text"].as_str().unwrap_or_default();
                before.into_iter().chain(self.speech.piece(text)).collect()
            }
            Some("tool_call" | "tool_call_update") => {
                let mut seen: Vec<Activity> = self.speech.pause().into_iter().collect();
                seen.extend(self.tool(update));
                seen
            }
            // Told between two answers of the model.
            Some("usage_update") => {
                self.costs(&update["cost"]);
                self.speech.pause().into_iter().collect()
            }
            Some(_) | None => Vec::new(),
        }
    }

    fn costs(&mut self, cost: &Value) {
        let dollars = cost["amount"].as_f64().filter(|_| cost["currency"] == "USD");
        let place = if self.prompted { &mut self.cost } else { &mut self.cost_before };
        *place = dollars.or(*place);
    }

    fn tool(&mut self, update: &Value) -> Vec<Activity> {
        let id = update["toolCallId"].as_str().unwrap_or_default().to_owned();
        let call = self.calls.entry(id.clone()).or_default();
        call.learn(update);
        let status = update["status"].as_str();
        let has_ended = matches!(status, Some("completed" | "failed"));
        let mut seen = Vec::new();
        if !call.shown && (has_ended || !call.summary.is_empty() || status == Some("in_progress")) {
            call.shown = true;
            seen.push(call.began(&id));
        }
        if has_ended && let Some(call) = self.calls.remove(&id) {
            seen.push(call.ended(&id, status == Some("failed"), &answered(update)));
        }
        seen
    }

    fn consumed(&self) -> Usage {
        let before = if self.continued { self.cost_before } else { Some(self.cost_before.unwrap_or_default()) };
        // What a conversation that goes on had cost before is not ours to count again.
        let dollars = self.cost.zip(before).map(|(now, before)| (now - before).max(0.0));
        let usage = Usage { cost_microdollars: dollars.map_or(0, microdollars), ..self.tokens.unwrap_or_default() };
        match (self.prompted, usage.cost_microdollars) {
            (false, _) => usage,
            // A model without a price costs 0 with some agents.
            (true, 0) => incomplete(usage),
            (true, _) => Usage { uncounted_sessions: u32::from(usage.tokens() == 0), ..usage },
        }
    }
}

impl Call {
    fn learn(&mut self, update: &Value) {
        let adapter = &update["_meta"]["claudeCode"];
        let name = update["name"].as_str().or(adapter["toolName"].as_str()).or(update["kind"].as_str());
        if let Some(name) = name.filter(|_| !self.is_sub_agent && (self.name.is_empty() || update["name"].is_string()))
        {
            self.name = one_line(name, LINE_MAX);
            self.is_sub_agent = SUB_AGENT_TOOLS.contains(&name);
        }
        self.by = adapter["parentToolUseId"].as_str().map(str::to_owned).or(self.by.take());
        let input = &update["rawInput"];
        // The first word of a call often holds no more than the folder, or nothing.
        let tells = |key: &str| input[key].as_str().is_some();
        if ["command", "filePath", "file_path", "path", "pattern", "url", "query", "description"].into_iter().any(tells)
        {
            self.summary = called_with(input);
            if self.is_sub_agent {
                self.name = one_line(input["subagent_type"].as_str().unwrap_or(&self.name), LINE_MAX);
                self.summary = one_line(input["description"].as_str().unwrap_or_default(), LINE_MAX);
            }
        } else if let Some(title) = update["title"].as_str().filter(|_| !self.shown && update["status"] != "pending") {
            self.summary = one_line(title, LINE_MAX);
        }
    }

    fn began(&self, id: &str) -> Activity {
        let (name, summary) = (self.name.clone(), self.summary.clone());
        let name = if name.is_empty() { "tool".to_owned() } else { name };
        if self.is_sub_agent {
            return Activity::SubAgentStarted { id: id.to_owned(), parent: self.by.clone(), name, summary };
        }
        Activity::ToolStarted { by: self.by.clone(), name, summary }
    }

    fn ended(self, id: &str, failed: bool, answer: &str) -> Activity {
        if self.is_sub_agent {
            return Activity::SubAgentEnded { id: id.to_owned(), name: self.name, failed };
        }
        Activity::ToolEnded { by: self.by, failed, summary: one_line(answer, LINE_MAX) }
    }
}

/// The result of a tool, in a form for machines or for people.
fn answered(update: &Value) -> String {
    let raw = &update["rawOutput"];
    let machine = raw.as_str().or(raw["output"].as_str());
    let people =
        || update["content"].as_array().into_iter().flatten().find_map(|part| part["content"]["text"].as_str());
    machine.or_else(people).unwrap_or_default().to_owned()
}

/// The tokens of the turn: where the protocol has a place for them, and where agents put them that know none.
fn tokens(answer: &Value) -> Option<Usage> {
    let number = |value: &Value| value.as_u64().unwrap_or_default();
    let (usage, quota) = (&answer["usage"], &answer["_meta"]["quota"]["token_count"]);
    if usage["inputTokens"].is_u64() {
        let cached = number(&usage["cachedReadTokens"]).saturating_add(number(&usage["cachedWriteTokens"]));
        return Some(Usage {
            input_tokens: number(&usage["inputTokens"]),
            cached_tokens: cached,
            output_tokens: number(&usage["outputTokens"]),
            reasoning_tokens: number(&usage["thoughtTokens"]),
            ..Usage::default()
        });
    }
    quota["input_tokens"].is_u64().then(|| Usage {
        input_tokens: number(&quota["input_tokens"]),
        output_tokens: number(&quota["output_tokens"]),
        ..Usage::default()
    })
}
