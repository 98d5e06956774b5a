//! GitHub Copilot CLI: `copilot --output-format json`.

mod classify;
mod consumed;
mod line;
mod reader;

use std::path::{Path, PathBuf};

use serde_json::json;
use sha2::{Digest as _, Sha256};

use self::reader::CopilotReader;
use super::environment::is_named;
use super::locate::Known;
use super::{
    Accounts, Backend, Helper, InterviewAsk, Launch, LaunchAsk, Reader, Settings, ToolServer, locate, options,
};
use crate::domain::id::{SessionId, hex};
use crate::domain::role::Role;
use crate::effects::fs::{create_directory, write_atomic};

const PROGRAM: Known = Known {
    backend: "copilot",
    people_say: "GitHub Copilot CLI",
    usual: "copilot",
    install: "npm install -g @github/copilot",
};

/// What Copilot is always told. Its answers are streamed, although nobody reads the pieces: without them it asks for whole
/// answers, and a long one is a long silence.
const ALWAYS: [&str; 4] = ["--output-format", "json", "--no-ask-user", "--no-auto-update"];

/// What Copilot needs of the runner's own environment. Names in full or beginnings that end in `_`.
const NEEDS: &[&str] = &[
    "COPILOT_HOME",
    "COPILOT_GITHUB_TOKEN",
    "GH_TOKEN",
    "GITHUB_TOKEN",
    "GH_HOST",
    "COPILOT_GH_HOST",
    "GH_CONFIG_DIR",
    "COPILOT_MODEL",
    "COPILOT_AUTO_TIER",
    "COPILOT_OFFLINE",
    "COPILOT_PROVIDER_",
    "COPILOT_CUSTOM_INSTRUCTIONS_DIRS",
    "USE_BUILTIN_RIPGREP",
    "USE_TGREP",
];

/// Where the program says what it consumed, and where it finds the roles that a lead delegates to; in the job's directory.
const USAGE_FILE: &str = "copilot-usage.json";
const ROLES_FOLDER: &str = "copilot-roles";

/// The adapter for Copilot.
#[derive(Debug, Clone)]
pub struct Copilot {
    settings: Settings,
}

impl Copilot {
    /// An adapter with these settings.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings }
    }

    /// Whether the user's own arguments say what a session may do without being asked. What they forbid counts anyway.
    fn permissions_are_chosen(&self) -> bool {
        self.settings.args.iter().any(|arg| arg.starts_with("--allow-") || arg == "--yolo")
    }
}

impl Backend for Copilot {
    fn name(&self) -> &'static str {
        "copilot"
    }

    fn locate(&self) -> Result<PathBuf, String> {
        Ok(locate::behind_script(PROGRAM.locate(&self.settings)?, "@github/copilot", &natives()))
    }

    fn launch(&self, ask: &LaunchAsk<'_>) -> Result<Launch, String> {
        let program = self.locate()?;
        let mut argv = vec![program.to_string_lossy().into_owned()];
        argv.extend(ALWAYS.map(str::to_owned));
        if !self.permissions_are_chosen() {
            // Nobody is there to be asked: a question would be answered with no.
            argv.push("--allow-all".to_owned());
        }
        argv.push(match ask.continues {
            Some(session) => format!("--resume={session}"),
            None => format!("--session-id={}", conversation_of(ask.job_dir)),
        });
        let usage = ask.job_dir.join(USAGE_FILE);
        forget(&usage)?;
        argv.extend(["--usage-output-file".to_owned(), usage.to_string_lossy().into_owned()]);
        argv.extend(options(&[("--model", ask.model), ("--reasoning-effort", ask.effort)]));
        if let Some(tools) = &ask.tools {
            argv.extend(tool_options(tools, self.permissions_are_chosen()));
        }
        if ask.role == Role::TeamLead && !ask.helpers.is_empty() {
            let folder = write_roles(ask.job_dir, ask.helpers)?;
            argv.extend(["--add-dir".to_owned(), folder.to_string_lossy().into_owned()]);
        }
        argv.extend(self.settings.args.iter().cloned());
        Ok(Launch { argv, env: self.settings.variables() })
    }

    fn interview(&self, ask: &InterviewAsk<'_>) -> Result<Launch, String> {
        let mut argv = vec![self.locate()?.to_string_lossy().into_owned()];
        argv.extend(options(&[("--model", ask.model), ("--reasoning-effort", ask.effort), ("-i", Some(ask.prompt))]));
        Ok(Launch { argv, env: self.settings.variables() })
    }

    fn needs(&self, variable: &str) -> bool {
        is_named(variable, NEEDS)
    }

    fn takes_helpers(&self) -> bool {
        true
    }

    fn accounts(&self) -> Accounts {
        Accounts::Tokens
    }

    fn takes_tools(&self) -> bool {
        true
    }

    fn tool_name(&self, tool: &str) -> Option<String> {
        Some(format!("{}-{tool}", ToolServer::NAME))
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(CopilotReader::default())
    }

    fn permission_words(&self) -> &'static str {
        if self.permissions_are_chosen() {
            "permissions as configured, no sandbox"
        } else {
            "agents may do anything, no sandbox"
        }
    }
}

/// Our tools, beside the servers that the user configured.
fn tool_options(server: &ToolServer<'_>, permissions_are_chosen: bool) -> Vec<String> {
    let config = json!({ "mcpServers": { ToolServer::NAME: {
        "type": "local",
        "command": server.program,
        "args": server.args_by_file,
        "tools": ["*"],
        "timeout": ToolServer::PATIENCE.as_millis(),
    } } });
    let mut options = vec!["--additional-mcp-config".to_owned(), config.to_string()];
    if permissions_are_chosen {
        // Where permissions are asked for, nobody is there to give one.
        options.push(format!("--allow-tool={}", ToolServer::NAME));
    }
    options
}

/// Where the native program is, from a `node_modules` on. Of the two for Linux npm installs the one that fits the C library.
fn natives() -> Vec<String> {
    let (system, processor) = locate::node_platform();
    let systems = if system == "linux" { vec!["linux", "linuxmusl"] } else { vec![system] };
    systems.into_iter().map(|system| format!("@github/copilot-{system}-{processor}/copilot")).collect()
}

/// The conversation of the session of a job: Copilot names it in its very last line only, which one that is killed never
/// prints, so the runner chooses the name. The same job has the same name after a crash, and goes on where it was.
fn conversation_of(job_dir: &Path) -> String {
    let digest = Sha256::digest(job_dir.as_os_str().as_encoded_bytes());
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    // The two places in which a UUID says of which kind it is.
    bytes[6] = bytes[6] & 0x0f | 0x40;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let digits = hex(&bytes);
    [&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-")
}

/// What an earlier life of the job consumed must not be taken for what this one will.
fn forget(usage: &Path) -> Result<(), String> {
    match std::fs::remove_file(usage) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(format!("{} cannot be removed: {error}; check the disk and its permissions", usage.display()))
        }
        Ok(()) | Err(_) => Ok(()),
    }
}

/// Writes the helper roles as Copilot reads them, in a folder that is given to it on the command line: nothing is written
/// into the user's repository or home.
fn write_roles(job_dir: &Path, helpers: &[Helper<'_>]) -> Result<PathBuf, String> {
    let folder = job_dir.join(ROLES_FOLDER);
    let agents = folder.join(".github/agents");
    create_directory(&agents).map_err(|error| error.to_string())?;
    for helper in helpers {
        let file = agents.join(format!("{}.agent.md", helper.role.name));
        write_atomic(&file, role_file(helper).as_bytes()).map_err(|error| error.to_string())?;
    }
    Ok(folder)
}

/// A role as Copilot reads it. Its tools may be given by Claude Code's names, which Copilot knows as well.
fn role_file(Helper { role, model }: &Helper<'_>) -> String {
    let all = ["*".to_owned()];
    let tools: &[String] = if role.tools.is_empty() { &all } else { &role.tools };
    // JSON is YAML too, whatever a description holds.
    let mut head =
        format!("name: {}\ndescription: {}\ntools: {}\n", json!(role.name), json!(role.description), json!(tools));
    if let Some(model) = model {
        head.push_str(&format!("model: {}\n", json!(model)));
    }
    format!("---\n{head}---\n{}\n", role.instructions)
}

/// The conversation as it is remembered.
fn session_of(job_dir: &Path) -> Option<SessionId> {
    SessionId::new(&conversation_of(job_dir)).ok()
}
