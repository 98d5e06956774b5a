//! Reads opencode's output, line by line, and remembers what its end will be judged by.
//!
//! Its stream has no line that says "this is the end": the end is the exit, and the reason of the last step.

use super::super::parts::{at_least, called_with, complaint, unpriced};
use super::super::raw::read;
use super::super::text::{LINE_MAX, Stray, one_line};
use super::super::{Conclusion, Ended, Reader};
use super::classify::{self, Evidence};
use super::line::{Fault, Line, Part, State};
use crate::domain::activity::Activity;
use crate::domain::id::SessionId;
use crate::domain::usage::Usage;

/// Answers without an end, one behind the other, after which it is in a loop: it asks again about six times a second, for ever.
const BROKEN_ANSWERS: u32 = 8;

/// Conversations found too long, with no work between, after which compaction is not going to help.
const OVERFLOWS: u32 = 3;

/// What opencode's sub-agents are called through.
const SUB_AGENT_TOOL: &str = "task";

/// The state of reading one session.
#[derive(Debug, Default)]
pub(super) struct OpencodeReader {
    session: Option<SessionId>,
    /// The message of the step that was begun and has not ended.
    open_step: Option<String>,
    /// Why the last step ended.
    reason: Option<String>,
    /// The last error, unless opencode mended it.
    fault: Option<Fault>,
    /// Whether an error was mended: the exit code tells of it even so.
    mended: bool,
    broken_answers: u32,
    overflows: u32,
    /// Whether the last call of a tool was not permitted.
    rejected: bool,
    /// Whether a sub-agent was at work, or an answer broke off: what they consumed is told nowhere.
    left_out: bool,
    usage: Usage,
    said: Option<String>,
    stray: Stray,
}

impl Reader for OpencodeReader {
    fn line(&mut self, bytes: &[u8]) -> Vec<Activity> {
        let text = String::from_utf8_lossy(bytes);
        match read::<Line<'_>>(&text).and_then(|line| Some((line.kind.text()?, line))) {
            Some((kind, line)) => self.take(&kind, &line),
            None => self.stray.take(&text),
        }
    }

    /// The reason `stop` is the last word; so is an error, but for a conversation that is too long: compaction follows.
    fn finished(&self) -> bool {
        let is_final = |fault: &Fault| fault.name != classify::OVERFLOW;
        let stopped = self.open_step.is_none() && self.reason.as_deref() == Some("stop");
        self.fault.as_ref().map_or(stopped, is_final)
    }

    fn runs_away(&self) -> bool {
        self.broken_answers >= BROKEN_ANSWERS || self.overflows >= OVERFLOWS
    }

    fn conclude(&mut self, ended: &Ended) -> Conclusion {
        let complaint = complaint(&self.stray, ended);
        let evidence = Evidence {
            reason: self.reason.as_deref().filter(|_| self.open_step.is_none()),
            fault: self.fault.as_ref(),
            mended: self.mended,
            broken_answers: self.broken_answers >= BROKEN_ANSWERS,
            overflowed: self.overflows >= OVERFLOWS,
            rejected: self.rejected,
            ended,
            complaint: &complaint,
        };
        let lost_conversation = classify::conversation_is_lost(&evidence);
        Conclusion {
            failure: classify::failure(&evidence),
            usage: self.consumed(),
            model: None,
            said: self.said.clone(),
            session: self.session.clone().filter(|_| !lost_conversation),
            lost_conversation,
        }
    }
}

impl OpencodeReader {
    fn take(&mut self, kind: &str, line: &Line<'_>) -> Vec<Activity> {
        let mut seen = self.identified(line);
        let part = || line.part.object::<Part<'_>>();
        match kind {
            "step_start" => seen.extend(self.step_began(&part())),
            "text" => seen.extend(self.text(&part())),
            "tool_use" => seen.extend(self.tool(&part())),
            "step_finish" => self.step_ended(&part()),
            "error" => {
                let fault = line.fault();
                let message = one_line(&fault.data.message, LINE_MAX);
                seen.extend(Some(message).filter(|message| !message.is_empty()).map(Activity::Text));
                self.failed(fault);
            }
            _ => {}
        }
        seen
    }

    fn identified(&mut self, line: &Line<'_>) -> Vec<Activity> {
        match line.session_id.text().and_then(|id| SessionId::new(&id).ok()) {
            // Sub-agents have conversations of their own; the first one that is named is the lead's.
            Some(session) if self.session.is_none() => {
                self.session = Some(session.clone());
                vec![Activity::Identified(session)]
            }
            Some(_) | None => Vec::new(),
        }
    }

    /// A step that begins once more under the same name is an answer that broke off and is asked for again.
    fn step_began(&mut self, part: &Part<'_>) -> Option<Activity> {
        let message = part.message_id.line();
        let again = self.open_step.as_ref() == Some(&message);
        self.open_step = Some(message);
        if self.fault.take().is_some() {
            self.mended = true;
        }
        again.then(|| Activity::Retrying { reason: "the answer broke off".to_owned(), delay_ms: None })
    }

    fn step_ended(&mut self, part: &Part<'_>) {
        self.open_step = None;
        self.reason = part.reason.name();
        self.usage = self.usage.plus(part.consumed());
        let is_broken = self.reason.as_deref() == Some("unknown");
        self.left_out |= is_broken;
        self.broken_answers = if is_broken { self.broken_answers.saturating_add(1) } else { 0 };
    }

    fn failed(&mut self, fault: Fault) {
        if fault.name == classify::OVERFLOW {
            self.overflows = self.overflows.saturating_add(1);
        }
        self.open_step = None;
        self.fault = Some(fault);
    }

    fn text(&mut self, part: &Part<'_>) -> Option<Activity> {
        let text = part.text.paragraph();
        if text.is_empty() {
            return None;
        }
        if part.synthetic.flag() != Some(true) {
            self.said = Some(text.clone());
        }
        Some(Activity::Text(text))
    }

    fn worked(&mut self) {
        self.broken_answers = 0;
        self.overflows = 0;
        self.rejected = false;
    }

    /// A tool is told of when it has ended, never when it begins.
    fn tool(&mut self, part: &Part<'_>) -> Vec<Activity> {
        self.worked();
        let name = part.tool.name().unwrap_or_else(|| "tool".to_owned());
        if !part.state.is_there() {
            return vec![Activity::ToolStarted { by: None, name, summary: String::new() }];
        }
        let state: State<'_> = part.state.object();
        let failed = has_failed(&state);
        let answer = state.error.text().or_else(|| state.output.text()).unwrap_or_default();
        self.rejected = failed && answer.contains("rejected permission");
        if name == SUB_AGENT_TOOL {
            self.left_out = true;
            let id = part.call_id.line();
            let name = state.input.get("subagent_type").name().unwrap_or_else(|| "agent".to_owned());
            let summary = state.input.get("description").line();
            let began = Activity::SubAgentStarted { id: id.clone(), parent: None, name: name.clone(), summary };
            return vec![began, Activity::SubAgentEnded { id, name, failed }];
        }
        let began = Activity::ToolStarted { by: None, name, summary: called_with(state.input) };
        vec![began, Activity::ToolEnded { by: None, failed, summary: one_line(&answer, LINE_MAX) }]
    }

    /// A model that has no price in opencode's own list costs 0 there, and a step that did not end tells nothing.
    fn consumed(&self) -> Usage {
        let is_unpriced = self.usage.tokens() > 0 && self.usage.cost_microdollars == 0;
        match self.left_out || self.open_step.is_some() {
            true => at_least(self.usage),
            false if is_unpriced => unpriced(self.usage),
            false => self.usage,
        }
    }
}

/// A command that ends with another code than 0 is a completed call to opencode.
fn has_failed(state: &State<'_>) -> bool {
    let exit: Option<i64> = state.metadata.get("exit").value();
    !state.status.is("completed") || exit.is_some_and(|exit| exit != 0)
}
