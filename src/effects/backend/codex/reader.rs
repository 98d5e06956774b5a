//! Reads Codex's output, line by line, and remembers what its end will be judged by.

use std::collections::BTreeMap;

use super::super::parts::{added, at_least, complaint, remember};
use super::super::raw::{Raw, read};
use super::super::text::{LINE_MAX, Stray, one_line};
use super::super::{Beginning, Conclusion, Ended, Reader};
use super::classify::{self, Evidence, Turn};
use super::line::{AgentState, Item, Line, consumed};
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
    /// What the conversation consumed since it began, as the last turn stated it.
    tokens: Option<Usage>,
    said: Option<String>,
    /// Sub-agents that were not heard to be done, with their names.
    sub_agents: BTreeMap<String, String>,
    /// Whether a sub-agent was at work: what it consumed is told nowhere.
    left_out: bool,
    stray: Stray,
}

impl Reader for CodexReader {
    fn begin(&mut self, beginning: &Beginning<'_>) {
        self.continues = beginning.continues.cloned();
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
        matches!(self.turn, Turn::Completed | Turn::Failed(_))
    }

    fn conclude(&mut self, ended: &Ended) -> Conclusion {
        let complaint = complaint(&self.stray, ended);
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
    fn take(&mut self, kind: &str, line: &Line<'_>) -> Vec<Activity> {
        match kind {
            "thread.started" => self.identified(line.thread_id),
            "turn.started" => {
                self.turn = Turn::Running;
                Vec::new()
            }
            "turn.completed" => {
                self.turn = Turn::Completed;
                self.tokens = consumed(line.usage).or(self.tokens);
                self.abandoned()
            }
            "turn.failed" => {
                let message = line.error.get("message").paragraph();
                let why = if message.is_empty() { "it does not say why".to_owned() } else { message };
                self.turn = Turn::Failed(why);
                self.abandoned()
            }
            "error" => notice(line.message).into_iter().collect(),
            "item.started" if line.item.is_there() => self.started(&line.item.object()),
            "item.completed" if line.item.is_there() => self.completed(&line.item.object()),
            _ => Vec::new(),
        }
    }

    fn identified(&mut self, thread: Raw<'_>) -> Vec<Activity> {
        let Some(thread) = thread.text().and_then(|thread| SessionId::new(&thread).ok()) else { return Vec::new() };
        self.thread = Some(thread.clone());
        vec![Activity::Identified(thread)]
    }

    fn started(&mut self, item: &Item<'_>) -> Vec<Activity> {
        self.answered = true;
        match &*item.kind.text().unwrap_or_default() {
            "agent_message" | "reasoning" | "error" | "collab_tool_call" => Vec::new(),
            kind => vec![tool::started(kind, item)],
        }
    }

    fn completed(&mut self, item: &Item<'_>) -> Vec<Activity> {
        let kind = item.kind.text().unwrap_or_default();
        // A warning says nothing of the model.
        self.answered |= kind != "error";
        match &*kind {
            "agent_message" => self.text(item.text.paragraph()).into_iter().collect(),
            "error" => vec![Activity::Text(format!("warning: {}", item.message.line()))],
            "reasoning" => Vec::new(),
            "collab_tool_call" => self.sub_agents(item),
            kind => vec![tool::ended(kind, item)],
        }
    }

    fn text(&mut self, text: String) -> Option<Activity> {
        if text.is_empty() {
            return None;
        }
        self.said = Some(text.clone());
        Some(Activity::Text(text))
    }

    /// Codex shows when a sub-agent is started, and how each is when it is waited for; of its work it shows nothing.
    fn sub_agents(&mut self, item: &Item<'_>) -> Vec<Activity> {
        let mut seen = Vec::new();
        self.left_out = true;
        if item.tool.is("spawn_agent") {
            let summary = item.prompt.line();
            let own = self.thread.as_ref().map(SessionId::as_str);
            let parent = item.sender_thread_id.name().filter(|sender| own != Some(sender.as_str()));
            for id in item.receiver_thread_ids.list().into_iter().filter_map(Raw::name) {
                let name = "sub-agent".to_owned();
                remember(&mut self.sub_agents, id.clone(), name.clone());
                seen.push(Activity::SubAgentStarted { id, parent: parent.clone(), name, summary: summary.clone() });
            }
        }
        for (id, state) in item.agents_states.entries() {
            let (id, state) = (one_line(&id, LINE_MAX), state.object::<AgentState<'_>>());
            let status = state.status.text().unwrap_or_default();
            if !self.sub_agents.contains_key(&id) {
                continue;
            }
            if matches!(&*status, "" | "pending_init" | "running" | "in_progress") {
                let progress = |summary| Activity::SubAgentProgress { id, summary, tokens: None };
                seen.extend(state.message.name().map(progress));
            } else {
                let name = self.sub_agents.remove(&id).unwrap_or_default();
                seen.push(Activity::SubAgentEnded { id, name, failed: status != "completed" });
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
        let told = self.tokens.map(|sum| added(sum, if goes_on { self.consumed } else { Usage::default() }));
        match told {
            Some(told) if self.turn == Turn::Completed && !self.left_out => told,
            Some(told) => at_least(told),
            // A turn that failed or was cut off states nothing, whatever it consumed.
            None if self.answered || self.turn == Turn::Running => Usage::UNKNOWN,
            None => Usage::default(),
        }
    }
}

/// What an `error` line says: that the provider is asked again, or what the turn is about to fail of.
fn notice(message: Raw<'_>) -> Option<Activity> {
    let message = message.text()?;
    let Some(rest) = message.strip_prefix(RETRYING) else {
        return Some(Activity::Text(one_line(&message, LINE_MAX)));
    };
    let (which, why) = rest.trim_end_matches(')').split_once(" (").unwrap_or((rest, "the connection failed"));
    let (which, why) = (one_line(which, LINE_MAX), one_line(why, LINE_MAX));
    let reason = match which.split_once('/') {
        Some((attempt, of)) => format!("{why}, retry {attempt} of {of}"),
        None => format!("{why}, {which}"),
    };
    Some(Activity::Retrying { reason, delay_ms: None })
}
