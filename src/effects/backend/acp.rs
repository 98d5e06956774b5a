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
    Accounts, Backend, Claude, Codex, Copilot, Gemini, InterviewAsk, Launch, LaunchAsk, Opencode, Reader, Settings,
    ToolServer, locate,
};

/// The hidden command under which this program talks to an agent.
pub const ACP_COMMAND: &str = "acp-client";

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
}

impl Backend for Acp {
    fn name(&self) -> &'static str {
        "acp"
    }

    fn locate(&self) -> Result<PathBuf, String> {
        locate::of_this_program(&self.this_program)?;
        locate::of_argv("acp", &self.settings)
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
        let settings = || self.settings.clone();
        let known: [Box<dyn Backend>; 5] = [
            Box::new(Claude::new(settings())),
            Box::new(Codex::new(settings())),
            Box::new(Copilot::new(settings())),
            Box::new(Gemini::new(settings())),
            Box::new(Opencode::new(settings())),
        ];
        !leftover(variable) || known.iter().any(|agent| agent.needs(variable))
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
