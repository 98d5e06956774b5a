//! Reads the log of a conversation, line by line, and remembers what its end will be judged by.

use std::collections::BTreeMap;

use super::super::parts::{Speech, complaint, microdollars, remember, telling};
use super::super::raw::{Raw, read};
use super::super::text::Stray;
use super::super::{Conclusion, Ended, Reader};
use super::classify::{self, Outcome};
use super::line::{Logged, Stage, Update};
use crate::domain::activity::Activity;
use crate::domain::id::SessionId;
use crate::domain::usage::Usage;

/// What Claude Code's adapter calls its sub-agents' tool.
const SUB_AGENT_TOOLS: [&str; 2] = ["Agent", "Task"];

/// The agent that tells the tokens of the last step of a turn as if they were those of the turn.
const TELLS_LAST_STEP: &str = "OpenCode";

/// The state of reading one session.
#[derive(Debug, Default)]
pub(super) struct AcpReader {
    /// Whether the tokens that the agent tells are not all.
    tells_last_step: bool,
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
        let text = String::from_utf8_lossy(bytes);
        match read::<Logged<'_>>(&text).and_then(|line| Some((line.acp.text()?, line))) {
            Some((kind, line)) => self.take(&kind, &line),
            None => self.stray.take(&text),
        }
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
    fn take(&mut self, kind: &str, line: &Logged<'_>) -> Vec<Activity> {
        match kind {
            "agent" => {
                self.tells_last_step = line.name.is(TELLS_LAST_STEP);
                Vec::new()
            }
            "session" => {
                self.continued = line.continued.flag() == Some(true);
                self.session = line.id.text().and_then(|id| SessionId::new(&id).ok());
                self.session.clone().map(Activity::Identified).into_iter().collect()
            }
            "note" => vec![Activity::Text(line.text.line())],
            "prompted" => {
                self.prompted = true;
                Vec::new()
            }
            "update" => self.update(&line.update.object()),
            "ended" => {
                self.tokens = tokens(line.answer);
                self.ended(Outcome::Ended(line.stop_reason.line()))
            }
            "failed" => {
                // A step that has no name here is none that can be mended.
                let during = line.during.value::<Stage>().unwrap_or(Stage::Closed);
                let (code, message) = (line.code.value(), line.message.paragraph());
                self.ended(Outcome::Failed { during, code, message })
            }
            // Of an answered question the call of the tool says the same.
            _ => Vec::new(),
        }
    }

    fn ended(&mut self, outcome: Outcome) -> Vec<Activity> {
        self.outcome = Some(outcome);
        self.speech.pause().into_iter().collect()
    }

    fn update(&mut self, update: &Update<'_>) -> Vec<Activity> {
        match &*update.kind.text().unwrap_or_default() {
            "agent_message_chunk" => {
                // Some name their messages, and then two can follow each other with nothing between.
                let message = update.message_id.name();
                let other = message.is_some() && message != self.message;
                let before = if other { self.speech.pause() } else { None };
                self.message = message;
                let text = update.content.get("text").text().unwrap_or_default();
                before.into_iter().chain(self.speech.piece(&text)).collect()
            }
            "tool_call" | "tool_call_update" => {
                let mut seen: Vec<Activity> = self.speech.pause().into_iter().collect();
                seen.extend(self.tool(update));
                seen
            }
            // Told between two answers of the model.
            "usage_update" => {
                self.costs(update.cost);
                self.speech.pause().into_iter().collect()
            }
            _ => Vec::new(),
        }
    }

    fn costs(&mut self, cost: Raw<'_>) {
        let dollars = cost.get("amount").value().filter(|_| cost.get("currency").is("USD"));
        let place = if self.prompted { &mut self.cost } else { &mut self.cost_before };
        *place = dollars.or(*place);
    }

    fn tool(&mut self, update: &Update<'_>) -> Vec<Activity> {
        let id = update.tool_call_id.line();
        let mut call = self.calls.remove(&id).unwrap_or_default();
        call.learn(update);
        let status = update.status.text().unwrap_or_default();
        let has_ended = matches!(&*status, "completed" | "failed");
        let mut seen = Vec::new();
        if !call.shown && (has_ended || !call.summary.is_empty() || status == "in_progress") {
            call.shown = true;
            seen.push(call.began(&id));
        }
        if has_ended {
            seen.push(call.ended(id, status == "failed", answered(update)));
        } else {
            remember(&mut self.calls, id, call);
        }
        seen
    }

    fn consumed(&self) -> Usage {
        let before = if self.continued { self.cost_before } else { Some(self.cost_before.unwrap_or_default()) };
        // What a conversation that goes on had cost before is not ours to count again.
        let dollars = self.cost.zip(before).map(|(now, before)| (now - before).max(0.0));
        let usage = Usage { cost_microdollars: dollars.map_or(0, microdollars), ..self.tokens.unwrap_or_default() };
        if !self.prompted {
            return usage;
        }
        let uncounted_sessions = u32::from(usage.tokens() == 0 || self.tells_last_step);
        // A model without a price costs 0 with some agents.
        let unpriced_sessions = u32::from(usage.cost_microdollars == 0);
        Usage { uncounted_sessions, unpriced_sessions, ..usage }
    }
}

impl Call {
    fn learn(&mut self, update: &Update<'_>) {
        let adapter = update.meta.get("claudeCode");
        let own = update.name.name();
        if !self.is_sub_agent && (self.name.is_empty() || own.is_some()) {
            let name = own.or_else(|| adapter.get("toolName").name()).or_else(|| update.tool_kind.name());
            self.name = name.unwrap_or_else(|| std::mem::take(&mut self.name));
            self.is_sub_agent = SUB_AGENT_TOOLS.contains(&self.name.as_str());
        }
        self.by = adapter.get("parentToolUseId").name().or(self.by.take());
        // The first word of a call often holds no more than the folder, or nothing.
        if let Some(summary) = telling(update.raw_input) {
            self.summary = summary;
            if self.is_sub_agent {
                self.name =
                    update.raw_input.get("subagent_type").name().unwrap_or_else(|| std::mem::take(&mut self.name));
                self.summary = update.raw_input.get("description").line();
            }
        } else if let Some(title) = update.title.name().filter(|_| !self.shown && !update.status.is("pending")) {
            self.summary = title;
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

    fn ended(self, id: String, failed: bool, summary: String) -> Activity {
        if self.is_sub_agent {
            return Activity::SubAgentEnded { id, name: self.name, failed };
        }
        Activity::ToolEnded { by: self.by, failed, summary }
    }
}

/// The result of a tool, in a form for machines or for people.
fn answered(update: &Update<'_>) -> String {
    let machine = update.raw_output.name().or_else(|| update.raw_output.get("output").name());
    let people = || update.content.list().into_iter().find_map(|part| part.get("content").get("text").name());
    machine.or_else(people).unwrap_or_default()
}

/// The tokens of the turn: where the protocol has a place for them, and where agents put them that know none.
fn tokens(answer: Raw<'_>) -> Option<Usage> {
    let (usage, quota) = (answer.get("usage"), answer.get("_meta").get("quota").get("token_count"));
    let number = |value: Raw<'_>| value.value::<u64>();
    let other = |name: &str| number(usage.get(name)).unwrap_or_default();
    if let Some(input_tokens) = number(usage.get("inputTokens")) {
        return Some(Usage {
            input_tokens,
            cached_tokens: other("cachedReadTokens").saturating_add(other("cachedWriteTokens")),
            output_tokens: other("outputTokens"),
            reasoning_tokens: other("thoughtTokens"),
            ..Usage::default()
        });
    }
    let output_tokens = number(quota.get("output_tokens")).unwrap_or_default();
    number(quota.get("input_tokens")).map(|input_tokens| Usage { input_tokens, output_tokens, ..Usage::default() })
}
