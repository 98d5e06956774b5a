//! Reads Gemini CLI's output, line by line, and remembers what its end will be judged by.

use super::super::parts::{Speech, called_with, complaint};
use super::super::raw::read;
use super::super::text::Stray;
use super::super::{Conclusion, Ended, Reader};
use super::classify::{self, Evidence, ResultSeen};
use super::line::{Line, consumed};
use crate::domain::activity::Activity;
use crate::domain::id::SessionId;
use crate::domain::usage::Usage;

/// The state of reading one session.
#[derive(Debug, Default)]
pub(super) struct GeminiReader {
    session: Option<SessionId>,
    /// The end, once it was told.
    result: Option<ResultSeen>,
    /// The last error that was told before the end.
    error: Option<String>,
    usage: Option<Usage>,
    model: Option<String>,
    speech: Speech,
    stray: Stray,
}

impl Reader for GeminiReader {
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
        let evidence =
            Evidence { result: self.result.as_ref(), error: self.error.as_deref(), ended, complaint: &complaint };
        let lost_conversation = classify::conversation_is_lost(&evidence);
        let began = self.session.is_some();
        let unknown = if began { Usage::UNKNOWN } else { Usage::default() };
        Conclusion {
            failure: classify::failure(&evidence),
            usage: self.usage.unwrap_or(unknown),
            model: self.model.clone(),
            said: self.speech.said(),
            session: self.session.clone().filter(|_| !lost_conversation),
            lost_conversation,
        }
    }
}

impl GeminiReader {
    fn take(&mut self, kind: &str, line: &Line<'_>) -> Vec<Activity> {
        let mut seen = self.identified(line);
        // The prompt comes back as a message of the user.
        if kind == "message" && line.role.is("assistant") {
            seen.extend(self.speech.piece(&line.content.text().unwrap_or_default()));
            return seen;
        }
        seen.extend(self.speech.pause());
        match kind {
            "init" => self.model = line.model.name(),
            "tool_use" => seen.push(Activity::ToolStarted {
                by: None,
                name: line.tool_name.name().unwrap_or_else(|| "tool".to_owned()),
                summary: called_with(line.parameters),
            }),
            "tool_result" => seen.push(tool_ended(line)),
            "error" => {
                self.error = line.message.name();
                seen.extend(self.error.clone().map(Activity::Text));
            }
            "result" => {
                self.usage = consumed(line.stats);
                let (is_success, message) = (line.status.is("success"), line.error.get("message").text());
                self.result = Some(ResultSeen { is_success, message: message.unwrap_or_default().into_owned() });
            }
            _ => {}
        }
        seen
    }

    fn identified(&mut self, line: &Line<'_>) -> Vec<Activity> {
        match line.session_id.text().and_then(|id| SessionId::new(&id).ok()) {
            Some(session) if self.session.as_ref() != Some(&session) => {
                self.session = Some(session.clone());
                vec![Activity::Identified(session)]
            }
            Some(_) | None => Vec::new(),
        }
    }
}

fn tool_ended(line: &Line<'_>) -> Activity {
    let summary = line.error.get("message").name().unwrap_or_else(|| line.output.line());
    Activity::ToolEnded { by: None, failed: !line.status.is("success"), summary }
}
