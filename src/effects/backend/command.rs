//! Any program of the user's as an agent: the prompt on its standard input, the job in `RALPH_*` variables.

use std::path::{Path, PathBuf};

use super::environment::leftover;
use super::parts::because;
use super::text::{LINE_MAX, TEXT_MAX, last_line, one_line, paragraph};
use super::{Accounts, Backend, Conclusion, Ended, InterviewAsk, Launch, LaunchAsk, Reader, Settings, locate};
use crate::domain::activity::Activity;
use crate::domain::usage::Usage;
use crate::scheduler::event::{FailureKind, SessionFailure};

/// The variable that names the file which describes the server of our tools.
const TOOLS_VARIABLE: &str = "RALPH_MCP_CONFIG";

/// The variable that names the file with the first message of a conversation with a person.
const PROMPT_VARIABLE: &str = "RALPH_PROMPT_FILE";

/// The adapter for a command line from the configuration, `backends.command.argv`.
#[derive(Debug, Clone)]
pub struct CommandLine {
    settings: Settings,
}

impl CommandLine {
    /// An adapter for `settings.argv`; `settings.args` come behind it, `settings.program` is not looked at.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings }
    }
}

impl Backend for CommandLine {
    fn name(&self) -> &'static str {
        "command"
    }

    fn locate(&self) -> Result<PathBuf, String> {
        locate::of_argv("command", &self.settings)
    }

    fn launch(&self, ask: &LaunchAsk<'_>) -> Result<Launch, String> {
        let program = self.locate()?;
        let mut argv = vec![program.to_string_lossy().into_owned()];
        argv.extend(self.settings.argv.iter().skip(1).cloned());
        argv.extend(self.settings.args.iter().cloned());
        let mut env = self.settings.variables();
        if let Some(tools) = &ask.tools {
            env.insert(TOOLS_VARIABLE.to_owned(), tools.config_file.to_string_lossy().into_owned());
        }
        Ok(Launch { argv, env })
    }

    fn interview(&self, ask: &InterviewAsk<'_>) -> Result<Launch, String> {
        let mut argv = vec![self.locate()?.to_string_lossy().into_owned()];
        argv.extend(self.settings.argv.iter().skip(1).cloned());
        argv.extend(self.settings.args.iter().cloned());
        let mut env = self.settings.variables();
        env.insert(PROMPT_VARIABLE.to_owned(), ask.prompt_file.to_string_lossy().into_owned());
        Ok(Launch { argv, env })
    }

    /// What the program needs cannot be known, and the user wrote its command line: all but leftovers.
    fn needs(&self, variable: &str) -> bool {
        !leftover(variable)
    }

    fn takes_helpers(&self) -> bool {
        false
    }

    /// Nobody knows what the program is, let alone what it consumes.
    fn accounts(&self) -> Accounts {
        Accounts::Nothing
    }

    /// It is told where they are; whether it uses them, and under which names, is its own affair.
    fn takes_tools(&self) -> bool {
        true
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(PlainReader::of(Usage::UNKNOWN))
    }
}

/// Reads output that has no structure: each line is what the agent says.
#[derive(Debug)]
pub(super) struct PlainReader {
    last: Option<String>,
    /// What each session consumes, as far as is known without its telling it.
    usage: Usage,
}

impl PlainReader {
    pub(super) fn of(usage: Usage) -> Self {
        Self { last: None, usage }
    }
}

impl Reader for PlainReader {
    fn line(&mut self, line: &[u8]) -> Vec<Activity> {
        let text = one_line(&String::from_utf8_lossy(line), LINE_MAX);
        if text.is_empty() {
            return Vec::new();
        }
        self.last = Some(text.clone());
        vec![Activity::Text(text)]
    }

    fn oversized(&mut self, _file: &Path, _offset: u64, length: u64) -> Vec<Activity> {
        vec![Activity::Text(format!("(a line of {length} bytes)"))]
    }

    fn conclude(&mut self, ended: &Ended) -> Conclusion {
        let said = self.last.as_deref().map(|text| paragraph(text, TEXT_MAX));
        let failure = failure_of(ended, said.as_deref());
        let usage = if ended.failed_to_start.is_some() { Usage::default() } else { self.usage };
        Conclusion { failure, usage, said, ..Conclusion::default() }
    }
}

fn failure_of(ended: &Ended, said: Option<&str>) -> Option<SessionFailure> {
    let words = last_line(&ended.stderr_tail).or_else(|| said.map(str::to_owned));
    let with_words = |what: String| because(what, words.as_deref());
    let (kind, detail) = match (&ended.failed_to_start, ended.signal, ended.code) {
        (Some(reason), _, _) => (FailureKind::Unusable, format!("the program could not be started: {reason}")),
        (None, Some(signal), _) => (FailureKind::Crashed, with_words(format!("killed by signal {signal}"))),
        (None, None, Some(0)) => return None,
        // What `sh` and `env` say when there is no such program, or when it may not be run.
        (None, None, Some(code @ (126 | 127))) => (FailureKind::Unusable, with_words(format!("exit code {code}"))),
        (None, None, Some(code)) => (FailureKind::Crashed, with_words(format!("exit code {code}"))),
        (None, None, None) => (FailureKind::Crashed, with_words("it ended in an unknown way".to_owned())),
    };
    Some(SessionFailure::new(kind, detail))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn concluded(lines: &[&str], ended: Ended) -> Conclusion {
        let mut reader = PlainReader::of(Usage::UNKNOWN);
        for line in lines {
            reader.line(line.as_bytes());
        }
        reader.conclude(&ended)
    }

    #[test]
    fn lines_are_text_and_the_last_one_is_what_was_said() {
        let mut reader = PlainReader::of(Usage::UNKNOWN);
        assert_eq!(reader.line(b"step \xff 1"), [Activity::Text("step \u{fffd} 1".to_owned())]);
        assert_eq!(reader.line(b"  "), []);
        let conclusion = reader.conclude(&Ended { code: Some(0), ..Ended::default() });
        assert_eq!((conclusion.failure, conclusion.said.as_deref()), (None, Some("step \u{fffd} 1")));
    }

    #[test]
    fn what_a_program_consumed_is_not_known_unless_it_never_started() {
        assert_eq!(concluded(&["done"], Ended { code: Some(0), ..Ended::default() }).usage, Usage::UNKNOWN);
        let ended = Ended { failed_to_start: Some("no such file".to_owned()), ..Ended::default() };
        assert_eq!(concluded(&[], ended).usage, Usage::default());
    }

    #[test]
    fn an_exit_code_is_a_crash_with_its_last_words() {
        let ended = Ended { code: Some(3), stderr_tail: "warn\nno disk\n".to_owned(), ..Ended::default() };
        let failure = concluded(&["working"], ended).failure.expect("a failure");
        assert_eq!((failure.kind, failure.detail.as_str()), (FailureKind::Crashed, "exit code 3: no disk"));
    }

    #[test]
    fn a_signal_is_a_crash() {
        let failure = concluded(&[], Ended { signal: Some(9), ..Ended::default() }).failure.expect("a failure");
        assert_eq!((failure.kind, failure.detail.as_str()), (FailureKind::Crashed, "killed by signal 9"));
    }

    #[test]
    fn a_program_that_cannot_start_is_unusable() {
        for ended in [
            Ended { failed_to_start: Some("no such file".to_owned()), ..Ended::default() },
            Ended { code: Some(127), ..Ended::default() },
        ] {
            assert_eq!(concluded(&[], ended).failure.expect("a failure").kind, FailureKind::Unusable);
        }
    }

    #[test]
    fn a_relative_path_is_refused() {
        let command = CommandLine::new(Settings { argv: vec!["./agent.sh".to_owned()], ..Settings::default() });
        assert!(command.locate().expect_err("a refusal").contains("full path"));
        assert!(CommandLine::new(Settings::default()).locate().is_err());
    }
}
