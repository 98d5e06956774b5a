//! Any agent program that speaks the Agent Client Protocol: this very program talks to it, from within the session.
//!
//! An agent of this kind is not a command that prints and ends: somebody has to hold a conversation with it. That is the
//! hidden command [`ACP_COMMAND`]. It is what the session runs, so that the agent lives and dies in the session's own
//! process tree, and what the two say to each other is the session's log.

mod classify;
pub mod client;
mod line;
mod log;
mod permit;
mod reader;

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;

use self::reader::AcpReader;
use super::environment::leftover;
use super::opencode::FIRST_START;
use super::{
    Accounts, Backend, Claude, Codex, Gemini, InterviewAsk, Launch, LaunchAsk, Opencode, Reader, Settings, ToolServer,
    locate,
};

/// The hidden command under which this program talks to an agent.
pub const ACP_COMMAND: &str = "acp-client";

/// Where the agents behind other adapters of this protocol keep their sign-in.
const NEEDS: &[&str] = &["CODEX_HOME", "CODEX_API_KEY", "COPILOT_HOME", "COPILOT_MODEL", "COPILOT_PROVIDER_"];

/// The adapter for a command line from the configuration, `backends.acp.argv`.
#[derive(Debug, Clone)]
pub struct Acp {
    this_program: PathBuf,
    settings: Settings,
}

impl Acp {
    /// An adapter that starts `this_program`, usually `std::env::current_exe()`, which then starts `settings.argv`.
    #[must_use]
    pub fn new(this_program: PathBuf, settings: Settings) -> Self {
        Self { this_program, settings }
    }

    /// The name of the agent's program, without its folder.
    fn agent_name(&self) -> Option<&str> {
        self.settings.argv.first().map(Path::new)?.file_name()?.to_str()
    }

    /// The agent's own program.
    fn agent(&self) -> Result<PathBuf, String> {
        let program = self.settings.argv.first().ok_or("backends.acp.argv is empty: name the agent's program there")?;
        // A relative path would be looked for in each worktree, where an agent could have put something else.
        if program.contains('/') && !program.starts_with('/') {
            return Err(format!("backends.acp.argv names {program:?}: give the full path, or a name that is in PATH"));
        }
        locate::locate(program, &self.settings.base).ok_or_else(|| {
            format!("the program {program:?} of backends.acp.argv was not found or cannot be run: check its path")
        })
    }
}

impl Backend for Acp {
    fn name(&self) -> &'static str {
        "acp"
    }

    fn locate(&self) -> Result<PathBuf, String> {
        if !self.this_program.is_file() {
            let path = self.this_program.display();
            return Err(format!(
                "this program is no longer where it was started from ({path}): put it back, or start it again"
            ));
        }
        self.agent()
    }

    fn launch(&self, ask: &LaunchAsk<'_>) -> Result<Launch, String> {
        let agent = self.locate()?.to_string_lossy().into_owned();
        let mut argv = vec![self.this_program.to_string_lossy().into_owned(), ACP_COMMAND.to_owned()];
        let session = ask.continues.map(|id| id.as_str());
        let options = [("--session", session), ("--model", ask.model), ("--effort", ask.effort)];
        for (option, value) in options.into_iter().filter_map(|(option, value)| Some((option, value?))) {
            argv.push(format!("{option}={value}"));
        }
        if let Some(server) = &ask.tools {
            argv.push(format!("--mcp-servers={}", servers_json(server)));
        }
        argv.extend(["--".to_owned(), agent]);
        argv.extend(self.settings.argv.iter().skip(1).cloned());
        argv.extend(self.settings.args.iter().cloned());
        Ok(Launch { argv, env: self.settings.variables() })
    }

    fn interview(&self, _ask: &InterviewAsk<'_>) -> Result<Launch, String> {
        Err("the Agent Client Protocol has no terminal for a person: choose another --backend for the talk, or write down what \
             is wanted and hand it in with --from"
            .to_owned())
    }

    /// What the agent needs cannot be known, and the user wrote its command line: all but leftovers. Those leftovers that
    /// are the sign-in of a known agent are no leftovers here.
    fn needs(&self, variable: &str) -> bool {
        let is =
            |need: &&'static str| if need.ends_with('_') { variable.starts_with(*need) } else { variable == *need };
        let known = || {
            NEEDS.iter().any(is)
                || Claude::new(self.settings.clone()).needs(variable)
                || Gemini::new(self.settings.clone()).needs(variable)
                || Opencode::new(self.settings.clone()).needs(variable)
        };
        !leftover(variable) || known()
    }

    fn takes_helpers(&self) -> bool {
        false
    }

    /// Some agents tell tokens and money, some nothing.
    fn accounts(&self) -> Accounts {
        Accounts::AsToldByAgent
    }

    /// Some do, and none minds being told.
    fn hides_git_config(&self) -> bool {
        true
    }

    /// Behind this protocol it makes the same data base.
    fn first_start_alone(&self) -> Option<Duration> {
        (self.agent_name() == Some("opencode")).then_some(FIRST_START)
    }

    /// Servers are a part of every new conversation, but Copilot turns away all that are programs.
    fn takes_tools(&self) -> bool {
        self.agent_name() != Some("copilot")
    }

    /// As the agent behind the protocol names them, where it is known by its program.
    fn tool_name(&self, tool: &str) -> Option<String> {
        let settings = Settings::default;
        match self.agent_name()? {
            "claude-agent-acp" | "claude-code-acp" => Claude::new(settings()).tool_name(tool),
            "codex-acp" => Codex::new(settings()).tool_name(tool),
            "opencode" => Opencode::new(settings()).tool_name(tool),
            "gemini" => Some(format!("mcp_{}_{tool}", ToolServer::NAME)),
            _ => None,
        }
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(AcpReader::default())
    }

    fn permission_words(&self) -> &'static str {
        "agents are allowed whatever they ask for, no sandbox"
    }
}

/// Our tools as a conversation begins with them. Agents put this on command lines of their own, so the secret is in a file.
fn servers_json(server: &ToolServer<'_>) -> String {
    let args = server.args_by_file;
    json!([{ "name": ToolServer::NAME, "command": server.program, "args": args, "env": [] }]).to_string()
}
