//! OpenAI's Codex: `codex exec --json`.

mod classify;
mod line;
mod reader;
mod tool;

use std::path::{Path, PathBuf};

use serde_json::json;

use self::reader::CodexReader;
use super::environment::is_named;
use super::locate::Known;
use super::{Accounts, Backend, InterviewAsk, Launch, LaunchAsk, Reader, Settings, ToolServer, locate, options};

const PROGRAM: Known =
    Known { backend: "codex", people_say: "Codex", usual: "codex", install: "npm install -g @openai/codex" };

/// What Codex is always told. The options stand before the subcommand `resume`, which knows only some of them.
const ALWAYS: [&str; 10] = [
    "exec",
    "--json",
    // Without a network it would wait for ever; half a minute of its own retries is enough, the runner rests longer.
    "--disable",
    "unbounded_connection_retries",
    // Plugins are looked for on the internet at each start, whether the user has any or not.
    "--disable",
    "plugins",
    "-c",
    "analytics.enabled=false",
    "-c",
    "check_for_update_on_startup=false",
];

/// What lets a session do anything without being asked.
const BYPASS: &str = "--dangerously-bypass-approvals-and-sandbox";

/// What Codex needs of the runner's own environment. Names in full or beginnings that end in `_`.
const NEEDS: &[&str] = &[
    "OPENAI_",
    "AZURE_OPENAI_",
    "CODEX_HOME",
    "CODEX_SQLITE_HOME",
    "CODEX_API_KEY",
    "CODEX_ACCESS_TOKEN",
    "CODEX_CA_CERTIFICATE",
    "CODEX_OSS_BASE_URL",
    "CODEX_OSS_PORT",
];

/// The adapter for Codex.
#[derive(Debug, Clone)]
pub struct Codex {
    settings: Settings,
}

/// What a session may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Permissions {
    /// Anything: the user chose nothing.
    Bypassed,
    /// A sandbox in which only some folders can be written to; the user chose it.
    Workspace,
    /// Something else that the user chose.
    Chosen,
}

impl Codex {
    /// An adapter with these settings.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings }
    }

    /// What the user's own arguments say about permissions.
    fn permissions(&self) -> Permissions {
        let args = &self.settings.args;
        let follows = |place: usize| args.get(place + 1).map(String::as_str);
        let mode = args.iter().enumerate().find_map(|(place, arg)| match arg.as_str() {
            "-s" | "--sandbox" => follows(place),
            "-c" | "--config" => sandbox_of(follows(place)?),
            "--approve-for-me" => Some("workspace-write"),
            BYPASS | "--yolo" => Some("chosen"),
            // Option and value in one.
            _ => attached(arg, "-s", "--sandbox=").or_else(|| sandbox_of(attached(arg, "-c", "--config=")?)),
        });
        match mode {
            None => Permissions::Bypassed,
            Some("workspace-write") => Permissions::Workspace,
            Some(_) => Permissions::Chosen,
        }
    }
}

/// The value of an option that stands in the same argument: `--sandbox=x`, `-sx`, `-s=x`.
fn attached<'a>(arg: &'a str, short: &str, long: &str) -> Option<&'a str> {
    let behind_short = || Some(arg.strip_prefix(short)?.trim_start_matches('='));
    arg.strip_prefix(long).or_else(behind_short).filter(|value| !value.is_empty())
}

/// The sandbox that an assignment of the configuration chooses.
fn sandbox_of(assignment: &str) -> Option<&str> {
    let (key, value) = assignment.split_once('=')?;
    (key.trim() == "sandbox_mode").then(|| value.trim().trim_matches(['"', '\'']))
}

impl Backend for Codex {
    fn name(&self) -> &'static str {
        "codex"
    }

    fn locate(&self) -> Result<PathBuf, String> {
        Ok(locate::behind_script(PROGRAM.locate(&self.settings)?, "@openai/codex", &natives()))
    }

    fn launch(&self, ask: &LaunchAsk<'_>) -> Result<Launch, String> {
        let program = self.locate()?;
        let mut argv = vec![program.to_string_lossy().into_owned()];
        argv.extend(ALWAYS.map(str::to_owned));
        match self.permissions() {
            // Nobody is there to be asked, and in its sandbox git cannot commit: the session could only fail.
            Permissions::Bypassed => argv.push(BYPASS.to_owned()),
            Permissions::Workspace => argv.extend(writable(ask).into_iter().flat_map(|(option, path)| [option, path])),
            Permissions::Chosen => {}
        }
        if let Some(tools) = &ask.tools {
            argv.extend(["-c".to_owned(), tool_server(tools, self.permissions())]);
        }
        argv.extend(model_options(ask.model, ask.effort));
        argv.extend(self.settings.args.iter().cloned());
        if let Some(thread) = ask.continues {
            argv.extend(["resume".to_owned(), thread.to_string()]);
        }
        // The prompt comes on standard input.
        argv.push("-".to_owned());
        Ok(Launch { argv, env: self.settings.variables() })
    }

    fn interview(&self, ask: &InterviewAsk<'_>) -> Result<Launch, String> {
        let mut argv = vec![self.locate()?.to_string_lossy().into_owned()];
        argv.extend(model_options(ask.model, ask.effort));
        argv.push(ask.prompt.to_owned());
        Ok(Launch { argv, env: self.settings.variables() })
    }

    fn needs(&self, variable: &str) -> bool {
        is_named(variable, NEEDS)
    }

    /// It has sub-agents of its own, but its current models are not offered a choice of roles for them, and neither their
    /// work nor their tokens can be seen: its leads delegate to sessions of ours.
    fn takes_helpers(&self) -> bool {
        false
    }

    fn accounts(&self) -> Accounts {
        Accounts::Tokens
    }

    fn takes_tools(&self) -> bool {
        true
    }

    /// Models that reach tools through a program of theirs put `tools.` before it.
    fn tool_name(&self, tool: &str) -> Option<String> {
        Some(format!("mcp__{}__{tool}", ToolServer::NAME))
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(CodexReader::default())
    }

    fn permission_words(&self) -> &'static str {
        match self.permissions() {
            Permissions::Bypassed => "agents may do anything, no sandbox",
            Permissions::Workspace => "sandbox: agents write to their worktree and to .git only",
            Permissions::Chosen => "permissions as configured",
        }
    }
}

fn model_options(model: Option<&str>, effort: Option<&str>) -> Vec<String> {
    let effort = effort.map(|effort| format!("model_reasoning_effort={effort}"));
    options(&[("-m", model), ("-c", effort.as_deref())])
}

/// Our tools as an assignment of its configuration, beside the servers that the user configured.
fn tool_server(server: &ToolServer<'_>, permissions: Permissions) -> String {
    // What is text and a list in JSON is so in TOML.
    let (program, args) = (json!(server.program), json!(server.args_by_file));
    let approved = match permissions {
        Permissions::Bypassed => "",
        // Where permissions are asked for, nobody is there to give one, and a sandbox alone asks.
        Permissions::Workspace | Permissions::Chosen => ",default_tools_approval_mode=\"approve\"",
    };
    let (name, patience) = (ToolServer::NAME, ToolServer::PATIENCE.as_secs());
    format!("mcp_servers.{name}={{command={program},args={args},tool_timeout_sec={patience}{approved}}}")
}

/// Where the native program is, from a `node_modules` on.
fn natives() -> Vec<String> {
    let (system, processor) = locate::node_platform();
    let target = match system {
        "darwin" => "apple-darwin",
        _ => "unknown-linux-musl",
    };
    let target = format!("{}-{target}", std::env::consts::ARCH);
    vec![
        format!("@openai/codex-{system}-{processor}/vendor/{target}/bin/codex"),
        format!("@openai/codex/vendor/{target}/bin/codex"),
    ]
}

/// The folders that a sandboxed session must be able to write to besides its worktree, or it cannot commit: the
/// repository's git directory and the worktree's own, which Codex protects even inside of a folder that it may write to.
fn writable(ask: &LaunchAsk<'_>) -> Vec<(String, String)> {
    let folders = [Some(ask.common_dir.to_owned()), git_dir(ask.worktree)];
    let option = |folder: PathBuf| ("--add-dir".to_owned(), folder.to_string_lossy().into_owned());
    folders.into_iter().flatten().map(option).collect()
}

/// The git directory of a linked worktree, as the file `.git` in it says.
fn git_dir(worktree: &Path) -> Option<PathBuf> {
    let text = std::fs::read_to_string(worktree.join(".git")).ok()?;
    Some(worktree.join(text.strip_prefix("gitdir:")?.trim()))
}
