//! Reads Codex's output, line by line, and remembers what its end will be judged by.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use super::super::text::{LINE_MAX, Stray, TEXT_MAX, one_line, paragraph};
use super::super::{Beginning, Conclusion, Ended, Reader};
use super::classify::{self, Evidence, Turn};
use super::line::{self, Item, Line, Part, Tokens};
use super::tool;
use crate::domain::activity::Activity;
use crate::domain::id::SessionId;
use crate::domain::usage::Usage;

/// How a notice of a retry begins; the others of its kind tell what the turn fails of.
const RETRYING: &str = "Reconnecting... ";

/// The state of reading one session.
#[derive(Debug, Default)]
pub(super) struct CodexReader {
    /// The conversation to go on with, and what it had consumed: Codex counts a conversation from its beginning.
    continues: Option<SessionId>,
    consumed: Usage,
    thread: Option<SessionId>,
    turn: Turn,
    /// Whether the model said or did anything.
    answered: bool,
    tokens: Option<Tokens>,
    said: Option<String>,
    /// Sub-agents that were not heard to be done, with their names.
    sub_agents: BTreeMap<String, String>,
    stray: Stray,
}

impl Reader for CodexReader {
    fn begin(&mut self, beginning: &Beginning<'_>) {
        self.continues = beginning.continues.cloned();
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
        matches!(self.turn, Turn::Completed | Turn::Failed(_))
    }

    fn conclude(&mut self, ended: &Ended) -> Conclusion {
        let complaint = self.stray.with(&ended.stderr_tail);
        let evidence = Evidence { turn: &self.turn, answered: self.answered, ended, complaint: &complaint };
        let lost_conversation = classify::conversation_is_lost(&evidence);
        Conclusion {
            failure: classify::failure(&evidence),
            usage: self.usage(),
            model: None,
            said: self.said.clone(),
            session: self.thread.clone().filter(|_| !lost_conversation),
            lost_conversation,
        }
    }
}

impl CodexReader {
    fn take<Long: Part>(&mut self, line: &Line<Long>, length: u64) -> Vec<Activity> {
        match line.kind.as_str() {
            "thread.started" => self.identified(line.thread_id.as_deref()),
            "turn.started" => {
                self.turn = Turn::Running;
                Vec::new()
            }
            "turn.completed" => {
                self.turn = Turn::Completed;
                self.tokens = line.usage.or(self.tokens);
                self.abandoned()
            }
            "turn.failed" => {
                let message = line.error.as_ref().and_then(Part::value).and_then(|error| error["message"].as_str());
                self.turn = Turn::Failed(paragraph(message.unwrap_or("it does not say why"), TEXT_MAX));
                self.abandoned()
            }
            "error" => notice(line.message.as_ref()).into_iter().collect(),
            "item.started" => line.item.as_ref().map(|item| self.started(item, length)).unwrap_or_default(),
            "item.completed" => line.item.as_ref().map(|item| self.completed(item, length)).unwrap_or_default(),
            _ => Vec::new(),
        }
    }

    fn identified(&mut self, thread: Option<&str>) -> Vec<Activity> {
        let Some(thread) = thread.and_then(|thread| SessionId::new(thread).ok()) else { return Vec::new() };
        self.thread = Some(thread.clone());
        vec![Activity::Identified(thread)]
    }

    fn started<Long: Part>(&mut self, item: &Item<Long>, length: u64) -> Vec<Activity> {
        self.answered = true;
        match item.kind.as_str() {
            "agent_message" | "reasoning" | "error" | "collab_tool_call" => Vec::new(),
            _ => vec![tool::started(item, length)],
        }
    }

    fn completed<Long: Part>(&mut self, item: &Item<Long>, length: u64) -> Vec<Activity> {
        // A warning says nothing of the model.
        self.answered |= item.kind != "error";
        match item.kind.as_str() {
            "agent_message" => self.text(item.text.as_ref(), length),
            "error" => {
                let warning = item.message.as_ref().and_then(Part::text).unwrap_or_default();
                vec![Activity::Text(format!("warning: {}", one_line(warning, LINE_MAX)))]
            }
            "reasoning" => Vec::new(),
            "collab_tool_call" => self.sub_agents(item),
            _ => vec![tool::ended(item, length)],
        }
    }

    fn text<Long: Part>(&mut self, text: Option<&Long>, length: u64) -> Vec<Activity> {
        let text = match text.map(Part::text) {
            Some(Some(text)) => paragraph(text, TEXT_MAX),
            Some(None) => format!("(a text of {length} bytes)"),
            None => String::new(),
        };
        if text.is_empty() {
            return Vec::new();
        }
        self.said = Some(text.clone());
        vec![Activity::Text(text)]
    }

    /// Codex shows when a sub-agent is started, and how each is when it is waited for; of its work it shows nothing.
    fn sub_agents<Long: Part>(&mut self, item: &Item<Long>) -> Vec<Activity> {
        let mut seen = Vec::new();
        if item.tool.as_deref() == Some("spawn_agent") {
            let summary = one_line(item.prompt.as_ref().and_then(Part::text).unwrap_or_default(), LINE_MAX);
            let own = self.thread.as_ref().map(SessionId::as_str);
            let parent = item.sender_thread_id.clone().filter(|sender| own != Some(sender.as_str()));
            for id in item.receiver_thread_ids.iter().flatten() {
                let name = "sub-agent".to_owned();
                self.sub_agents.insert(id.clone(), name.clone());
                let (id, parent, summary) = (id.clone(), parent.clone(), summary.clone());
                seen.push(Activity::SubAgentStarted { id, parent, name, summary });
            }
        }
        for (id, state) in item.agents_states.iter().flatten() {
            let over = !matches!(state.status.as_str(), "pending_init" | "running" | "in_progress");
            match (self.sub_agents.get(id), state.message.as_ref().and_then(Part::text)) {
                (Some(_), _) if over => {
                    let failed = state.status != "completed";
                    let name = self.sub_agents.remove(id).unwrap_or_default();
                    seen.push(Activity::SubAgentEnded { id: id.clone(), name, failed });
                }
                (Some(_), Some(message)) => {
                    seen.push(Activity::SubAgentProgress {
                        id: id.clone(),
                        summary: one_line(message, LINE_MAX),
                        tokens: None,
                    });
                }
                (Some(_) | None, _) => {}
            }
        }
        seen
    }

    /// With its turn Codex ends what it left in the background.
    fn abandoned(&mut self) -> Vec<Activity> {
        let left = std::mem::take(&mut self.sub_agents).into_iter();
        left.map(|(id, name)| Activity::SubAgentEnded { id, name, failed: true }).collect()
    }

    fn usage(&self) -> Usage {
        let goes_on = self.continues.is_some() && self.continues == self.thread;
        match self.tokens {
            Some(tokens) => tokens.since(if goes_on { self.consumed } else { Usage::default() }),
            // A turn that failed or was cut off states nothing, whatever it consumed.
            None if self.answered => Usage { unpriced_sessions: 1, uncounted_sessions: 1, ..Usage::default() },
            None => Usage::default(),
        }
    }
}

/// What an `error` line says: that the provider is asked again, or what the turn is about to fail of.
fn notice<Long: Part>(message: Option<&Long>) -> Option<Activity> {
    let message = message.and_then(Part::text)?;
    let Some(rest) = message.strip_prefix(RETRYING) else {
        return Some(Activity::Text(one_line(message, LINE_MAX)));
    };
    let (which, why) = rest.trim_end_matches(')').split_once(" (").unwrap_or((rest, "the connection failed"));
    let why = one_line(why, LINE_MAX);
    let reason = match which.split_once('/') {
        Some((attempt, of)) => format!("{why}, retry {attempt} of {of}"),
        None => format!("{why}, {which}"),
    };
    Some(Activity::Retrying { reason, delay_ms: None })
}
