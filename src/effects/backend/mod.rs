//! One small adapter for each agent program: how it is started for a role, and what its output and its end mean.
//!
//! An adapter starts nothing and decides nothing: it names a command line, reads lines, and classifies an end.
//! `docs/agents.md` tells how to add one.

pub mod acp;
mod claude;
mod codex;
mod command;
mod copilot;
pub mod ejected;
mod environment;
mod gemini;
mod locate;
mod opencode;
mod parts;
mod raw;
pub mod rehearsal;
mod roles;
pub mod sign_in;
mod skim;
mod text;
mod trouble;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use acp::Acp;
pub use claude::Claude;
pub use codex::Codex;
pub use command::CommandLine;
pub use copilot::Copilot;
pub use environment::environment;
pub use gemini::Gemini;
pub use opencode::Opencode;
pub use rehearsal::Rehearsal;
pub use roles::{AgentRole, AgentRoles, ROLES_DIRECTORY, RoleFault, Tier};

use crate::domain::activity::Activity;
use crate::domain::id::SessionId;
use crate::domain::role::Role;
use crate::domain::usage::Usage;
use crate::scheduler::event::SessionFailure;

/// The names under which a backend can be chosen in the configuration.
pub const BACKEND_NAMES: [&str; 8] =
    ["claude", "codex", "copilot", "opencode", "gemini", "acp", "command", "rehearsal"];

/// The adapter of this name. `this_program` is the path of the running program, for the rehearsal.
///
/// # Errors
/// There is no adapter of this name; the text lists those that there are.
pub fn backend(name: &str, settings: Settings, this_program: PathBuf) -> Result<Box<dyn Backend>, String> {
    match name {
        "claude" => Ok(Box::new(Claude::new(settings))),
        "codex" => Ok(Box::new(Codex::new(settings))),
        "copilot" => Ok(Box::new(Copilot::new(settings))),
        "opencode" => Ok(Box::new(Opencode::new(settings))),
        "gemini" => Ok(Box::new(Gemini::new(settings))),
        "acp" => Ok(Box::new(Acp::new(this_program, settings))),
        "command" => Ok(Box::new(CommandLine::new(settings))),
        "rehearsal" => Ok(Box::new(Rehearsal::new(this_program, settings))),
        _ => Err(format!("there is no backend {name:?}; choose one of {}", BACKEND_NAMES.join(", "))),
    }
}

/// An agent program.
pub trait Backend: Send + Sync {
    /// The name by which the configuration chooses it.
    fn name(&self) -> &'static str;

    /// Finds the program, for the look before a run and for the launch itself.
    ///
    /// # Errors
    /// One sentence that says what is missing and what to do now.
    fn locate(&self) -> Result<PathBuf, String>;

    /// The command line and the variables of one session. Nothing is started; files may be written into the directory of
    /// the job. The prompt goes to standard input.
    ///
    /// # Errors
    /// One sentence that says what is missing and what to do now.
    fn launch(&self, ask: &LaunchAsk<'_>) -> Result<Launch, String>;

    /// The command line of a conversation with a person, who has the terminal and the program before them: its own
    /// interactive mode, with our text as the first message. Permissions are asked for as the person configured it.
    ///
    /// # Errors
    /// One sentence that says what is missing and what to do now.
    fn interview(&self, ask: &InterviewAsk<'_>) -> Result<Launch, String>;

    /// Whether this variable of the runner's own environment is one that the program needs, on top of the common ones.
    fn needs(&self, variable: &str) -> bool;

    /// Whether the program is handed the helper roles by itself; if not, sessions of ours take them, or the prompt has to
    /// describe them.
    fn takes_helpers(&self) -> bool;

    /// Whether the program keeps the user's own git configuration from the commands that it runs, so that they have to be
    /// told who commits.
    fn hides_git_config(&self) -> bool {
        false
    }

    /// How long the first start in a run must be alone, unless it speaks before: for a program that makes files for itself
    /// then and does not lock them.
    fn first_start_alone(&self) -> Option<Duration> {
        None
    }

    /// What its sessions tell of their consumption.
    fn accounts(&self) -> Accounts {
        Accounts::Tokens
    }

    /// Whether the program can be handed our tools ([`LaunchAsk::tools`]).
    fn takes_tools(&self) -> bool {
        false
    }

    /// The name by which the program's model calls a tool of ours, for its prompt. `None`: nobody knows, so the prompt
    /// does not speak of them.
    fn tool_name(&self, _tool: &str) -> Option<String> {
        None
    }

    /// A fresh reader for the output of one session.
    fn reader(&self) -> Box<dyn Reader>;

    /// What its sessions may do without being asked, in a few words for people.
    fn permission_words(&self) -> &'static str {
        "permissions are the agent program's own, no sandbox"
    }
}

/// What the sessions of an agent program tell of their consumption.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Accounts {
    /// Tokens and money.
    Money,
    /// Tokens; money can be computed where the price of the model is known.
    Tokens,
    /// Nothing.
    Nothing,
    /// Whatever the agent behind the program tells, which nobody knows beforehand.
    AsToldByAgent,
}

/// What a session is to be started for.
#[derive(Debug, Clone, Copy)]
pub struct LaunchAsk<'a> {
    /// In which role.
    pub role: Role,
    /// The model, in the program's own words; `None`: the program's default.
    pub model: Option<&'a str>,
    /// How hard the model should think, in the program's own words; `None`: the program's default.
    pub effort: Option<&'a str>,
    /// The conversation to go on with.
    pub continues: Option<&'a SessionId>,
    /// The roles that a lead may delegate to, with the model of each where one is chosen.
    pub helpers: &'a [Helper<'a>],
    /// Where the session works.
    pub worktree: &'a Path,
    /// The git directory of the repository that the worktree belongs to. The worktree's own entry is below it, and both
    /// are written to by each commit.
    pub common_dir: &'a Path,
    /// The file that becomes its standard input.
    pub prompt_file: &'a Path,
    /// The directory of its job, outside of the worktree: what the program reads or writes for us belongs there.
    pub job_dir: &'a Path,
    /// Whether the runner runs as root.
    pub is_root: bool,
    /// Our own tools; `None`: the session gets none. Only asked of a program that takes them ([`Backend::takes_tools`]).
    pub tools: Option<ToolServer<'a>>,
}

/// What a conversation with a person is to be started with.
#[derive(Debug, Clone, Copy)]
pub struct InterviewAsk<'a> {
    /// The model, in the program's own words; `None`: the program's default.
    pub model: Option<&'a str>,
    /// How hard the model should think, in the program's own words; `None`: the program's default.
    pub effort: Option<&'a str>,
    /// The first message.
    pub prompt: &'a str,
    /// A file that holds the same.
    pub prompt_file: &'a Path,
}

/// The arguments of options that have a value.
fn options(pairs: &[(&str, Option<&str>)]) -> Vec<String> {
    let given = pairs.iter().filter_map(|(option, value)| Some([(*option).to_owned(), (*value)?.to_owned()]));
    given.flatten().collect()
}

/// The longest text that Linux hands to a program as one argument or variable, in bytes, with room for a variable's name.
const LONGEST_WORD: usize = 128 * 1024 - 64;

/// The instructions of roles as one argument or variable.
///
/// # Errors
/// They are longer than a program can be handed; only a repository's own ones can be.
fn one_word(instructions: String) -> Result<String, String> {
    let length = instructions.len();
    if length <= LONGEST_WORD {
        return Ok(instructions);
    }
    Err(format!(
        "the instructions of the roles that a lead delegates to are {length} bytes long, more than the {LONGEST_WORD} that a \
         program can be handed: shorten the files in {ROLES_DIRECTORY}, or set `execution.delegation: always`"
    ))
}

/// Our own tools as a server of the Model Context Protocol, which the program starts and speaks with over pipes. There
/// are three ways to tell a program of it; a backend takes the one that its program knows.
#[derive(Debug, Clone, Copy)]
pub struct ToolServer<'a> {
    /// A file of mode 0600 in the job's directory, in the form that several programs read: `{ "mcpServers": { "ralph": {
    /// "command", "args", "env" } } }`.
    pub config_file: &'a Path,
    /// The path of the server's program.
    pub program: &'a str,
    /// Its arguments, for a configuration file of another form; nothing secret is in them.
    pub args: &'a [String],
    /// The variables that it needs besides. One of them is a secret: they must not stand on a command line, and any file
    /// that holds them must be of mode 0600.
    pub env: &'a BTreeMap<String, String>,
    /// For a program that is told of servers on its command line: these in place of `args`, and no variable at all. They
    /// name a file of mode 0600 that holds the secret.
    pub args_by_file: &'a [String],
    /// The names of the tools, for lists of what may be called without asking; see [`Backend::tool_name`].
    pub tools: &'a [&'static str],
}

impl ToolServer<'_> {
    /// The server's name in every program's configuration; programs make it a part of each tool's name.
    pub const NAME: &'static str = "ralph";

    /// How long a program should wait for the answer to a call: a day. Gates and whole sessions can run in one, and the
    /// runner has limits of its own for them.
    pub const PATIENCE: Duration = Duration::from_hours(24);
}

/// A role that a lead may delegate to.
#[derive(Debug, Clone, Copy)]
pub struct Helper<'a> {
    /// Its definition.
    pub role: &'a AgentRole,
    /// The model for it; `None`: the lead's own.
    pub model: Option<&'a str>,
}

/// How a session is started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Launch {
    /// The program's path and its arguments.
    pub argv: Vec<String>,
    /// Variables on top of [`environment()`]; they win over the runner's own.
    pub env: BTreeMap<String, String>,
}

/// What is known of a session before its first line.
#[derive(Debug, Clone, Copy)]
pub struct Beginning<'a> {
    /// The conversation that it goes on with.
    pub continues: Option<&'a SessionId>,
    /// What that conversation consumed in earlier sessions, as far as they told.
    pub consumed: Usage,
    /// The directory of its job.
    pub job_dir: &'a Path,
}

/// Reads the output of one session. Total: no line, however broken, makes it fail.
pub trait Reader: Send {
    /// Says what is known before the first line.
    fn begin(&mut self, _beginning: &Beginning<'_>) {}

    /// One line of output, without its line break.
    fn line(&mut self, line: &[u8]) -> Vec<Activity>;

    /// A line that is too long to be held: `length` bytes of `file` from `offset`. It is read as any other, with its long
    /// texts cut.
    fn oversized(&mut self, file: &Path, offset: u64, length: u64) -> Vec<Activity> {
        skim::shortened(file, offset, length).map(|line| self.line(&line)).unwrap_or_default()
    }

    /// Whether the agent has said its last word. A program that then stays silent and does not end may be ended; its end
    /// is to be concluded as exit code 0, because it is not the cause of anything.
    fn finished(&self) -> bool {
        false
    }

    /// Whether the program goes round in circles, and will neither come to an end nor fall silent. It is ended at once, and
    /// its end is concluded as exit code 0.
    fn runs_away(&self) -> bool {
        false
    }

    /// What the end means, once all lines were read. A session that the runner itself stopped is the caller's affair:
    /// some programs print success when they are told to stop.
    fn conclude(&mut self, ended: &Ended) -> Conclusion;
}

/// How the program ended, as its host saw it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ended {
    /// Its exit code.
    pub code: Option<i32>,
    /// The signal that killed it.
    pub signal: Option<i32>,
    /// Why it could not even be started.
    pub failed_to_start: Option<String>,
    /// The last lines of its error output, if that is kept apart from its output.
    pub stderr_tail: String,
    /// When: what a provider says of its reset is measured from here. `None`: nobody asks.
    pub at: Option<jiff::Zoned>,
}

/// What the end of a session means.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conclusion {
    /// `None`: it ended as it should; nothing is believed before the check even so.
    pub failure: Option<SessionFailure>,
    /// What it consumed, without earlier sessions of the same conversation; what it did not tell is stated as unknown.
    pub usage: Usage,
    /// The model that worked, where the output names it.
    pub model: Option<String>,
    /// The agent's last words, shortened.
    pub said: Option<String>,
    /// The conversation, when it can be continued.
    pub session: Option<SessionId>,
    /// The conversation that should have been continued is gone: start a fresh one.
    pub lost_conversation: bool,
}

/// What the configuration says of one backend, `backends.<name>`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Settings {
    /// The program, by name or path; `None`: the usual one.
    pub program: Option<String>,
    /// Arguments after our own.
    pub args: Vec<String>,
    /// The whole command line of the backends `command` and `acp`; empty for all others.
    pub argv: Vec<String>,
    /// Variables for its sessions; a value that is exactly `$NAME` is taken from the runner's own environment.
    pub env: BTreeMap<String, String>,
    /// The runner's own environment: where programs are looked for and `$NAME` values come from.
    pub base: BTreeMap<String, String>,
}

impl Settings {
    /// The variables with `$NAME` values filled in; one that the runner does not have itself is left out.
    #[must_use]
    pub fn variables(&self) -> BTreeMap<String, String> {
        let fill = |value: &String| match value.strip_prefix('$') {
            Some(name) if is_variable_name(name) => self.base.get(name).cloned(),
            Some(_) | None => Some(value.clone()),
        };
        self.env.iter().filter_map(|(name, value)| Some((name.clone(), fill(value)?))).collect()
    }

    /// Whether the program is given this variable with a value, by the configuration or by the runner's own environment.
    fn gives(&self, variable: &str) -> bool {
        let own = self.variables();
        own.get(variable).or_else(|| self.base.get(variable)).is_some_and(|value| !value.is_empty())
    }
}

fn is_variable_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_backend_is_found_by_its_name_and_no_other_is() {
        for name in BACKEND_NAMES {
            let found = backend(name, Settings::default(), PathBuf::from("/bin/sh")).map(|backend| backend.name());
            assert_eq!(found, Ok(name));
        }
        let fault = backend("claud", Settings::default(), PathBuf::new()).map(|backend| backend.name());
        assert!(fault.expect_err("a fault").contains("claude, codex, copilot"));
    }
}
