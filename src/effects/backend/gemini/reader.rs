//! Reads Gemini CLI's output, line by line, and remembers what its end will be judged by.

use std::fs::File;
use std::io::{BufReader, Read as _, Seek as _, SeekFrom};
use std::path::Path;

use serde_json::Value;

use super::super::parts::{Speech, called_with, complaint, incomplete};
use super::super::text::{LINE_MAX, Stray, one_line};
use super::super::{Conclusion, Ended, Reader};
use super::classify::{self, Evidence, ResultSeen};
use super::line::{self, Line, Whole};
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
    speech: Speech,
    stray: Stray,
}

impl Reader for GeminiReader {
    fn line(&mut self, bytes: &[u8]) -> Vec<Activity> {
        if bytes.trim_ascii().is_empty() {
            return Vec::new();
        }
        match line::read(bytes) {
            Some(line) => self.whole(line),
            None => self.stray.take(&String::from_utf8_lossy(bytes)),
        }
    }

    fn oversized(&mut self, file: &Path, offset: u64, length: u64) -> Vec<Activity> {
        let Ok(mut file) = File::open(file) else { return Vec::new() };
        if file.seek(SeekFrom::Start(offset)).is_err() {
            return Vec::new();
        }
        let Some(line) = line::skim(BufReader::new(file).take(length)) else {
            return self.stray.take(&format!("(a line of {length} bytes)"));
        };
        let mut seen = self.identified(&line);
        match line.kind.as_deref() {
            // The prompt comes back as a message of the user.
            Some("message") if line.role.as_deref() != Some("user") => {
                seen.push(Activity::Text(format!("(a text of {length} bytes)")));
            }
            Some("result") => self.ended(&line),
            Some(_) | None => {}
        }
        seen
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
        let unknown = if began { incomplete(Usage::default()) } else { Usage::default() };
        Conclusion {
            failure: classify::failure(&evidence),
            usage: self.usage.unwrap_or(unknown),
            model: None,
            said: self.speech.said(),
            session: self.session.clone().filter(|_| !lost_conversation),
            lost_conversation,
        }
    }
}

impl GeminiReader {
    fn whole(&mut self, line: Whole) -> Vec<Activity> {
        let mut seen = self.identified(&line);
        let is_speech = line.kind.as_deref() == Some("message") && line.role.as_deref() == Some("assistant");
        if is_speech {
            let text = line.content.as_ref().and_then(Value::as_str).unwrap_or_default();
            seen.extend(self.speech.piece(text));
            return seen;
        }
        seen.extend(self.speech.pause());
        match line.kind.as_deref() {
            Some("tool_use") => seen.push(Activity::ToolStarted {
                by: None,
                name: one_line(line.tool_name.as_deref().unwrap_or("tool"), LINE_MAX),
                summary: called_with(line.parameters.as_ref().unwrap_or(&Value::Null)),
            }),
            Some("tool_result") => seen.push(tool_ended(&line)),
            Some("error") => {
                self.error = line.message.as_deref().map(|message| one_line(message, LINE_MAX));
                seen.extend(self.error.clone().map(Activity::Text));
            }
            Some("result") => self.ended(&line),
            Some(_) | None => {}
        }
        seen
    }

    fn identified<Text>(&mut self, line: &Line<Text>) -> Vec<Activity> {
        match line.session_id.as_deref().and_then(|id| SessionId::new(id).ok()) {
            Some(session) if self.session.as_ref() != Some(&session) => {
                self.session = Some(session.clone());
                vec![Activity::Identified(session)]
            }
            Some(_) | None => Vec::new(),
        }
    }

    fn ended<Text>(&mut self, line: &Line<Text>) {
        self.usage = line.stats.as_ref().map(line::Stats::usage);
        let fault = line.error.clone().unwrap_or_default();
        self.result =
            Some(ResultSeen { is_success: line.status.as_deref() == Some("success"), message: fault.message });
    }
}

fn tool_ended(line: &Whole) -> Activity {
    let error = line.error.as_ref().map(|fault| fault.message.as_str());
    let answer = error.or(line.output.as_ref().and_then(Value::as_str)).unwrap_or_default();
    let failed = line.status.as_deref() != Some("success");
    Activity::ToolEnded { by: None, failed, summary: one_line(answer, LINE_MAX) }
}
