//! Claude Code: `claude -p` with its stream of JSON lines.

mod classify;
mod line;
mod reader;

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde_json::json;

use self::reader::ClaudeReader;
use super::environment::is_named;
use super::locate::Known;
use super::{
    Accounts, Backend, Helper, InterviewAsk, Launch, LaunchAsk, Reader, Settings, ToolServer, locate, one_word, options,
};
use crate::domain::role::Role;

const PROGRAM: Known = Known {
    backend: "claude",
    people_say: "Claude Code",
    usual: "claude",
    install: "npm install -g @anthropic-ai/claude-code",
};

/// How often Claude Code asks the provider again by itself. Its own default of 10 means three minutes of silence for a
/// key that is simply wrong. These take about half a minute; what is left then the runner tries again after a rest of its own,
/// in the same conversation.
const MAX_RETRIES: &str = "6";

/// What Claude Code needs of the runner's own environment: its sign-in, its provider, its limits. Names in full or
/// beginnings that end in `_`.
const NEEDS: &[&str] = &[
    "ANTHROPIC_",
    "CLAUDE_CONFIG_DIR",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CODE_API_KEY_HELPER_TTL_MS",
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_VERTEX",
    "CLAUDE_CODE_USE_FOUNDRY",
    "CLAUDE_CODE_SKIP_BEDROCK_AUTH",
    "CLAUDE_CODE_SKIP_VERTEX_AUTH",
    "CLAUDE_CODE_SKIP_FOUNDRY_AUTH",
    "CLAUDE_CODE_MAX_OUTPUT_TOKENS",
    "CLAUDE_CODE_SUBAGENT_MODEL",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC",
    "CLAUDE_CODE_CLIENT_CERT",
    "CLAUDE_CODE_CLIENT_KEY",
    "CLAUDE_CODE_CLIENT_KEY_PASSPHRASE",
    "CLAUDE_CODE_MAX_RETRIES",
    "DISABLE_TELEMETRY",
    "DISABLE_ERROR_REPORTING",
    "API_TIMEOUT_MS",
    "BASH_DEFAULT_TIMEOUT_MS",
    "BASH_MAX_TIMEOUT_MS",
    "BASH_MAX_OUTPUT_LENGTH",
    "MAX_THINKING_TOKENS",
    "MCP_TIMEOUT",
    "MCP_TOOL_TIMEOUT",
    "MAX_MCP_OUTPUT_TOKENS",
    "IS_SANDBOX",
];

/// What it needs besides, for models from elsewhere: the variable that chooses such a provider, and what goes with it.
/// Keys of a cloud are nothing that a session may see when its model does not come from there.
const NEEDS_OF_PROVIDERS: &[(&str, &[&str])] = &[
    ("CLAUDE_CODE_USE_BEDROCK", &["AWS_"]),
    (
        "CLAUDE_CODE_USE_VERTEX",
        &[
            "VERTEX_REGION_",
            "CLOUD_ML_REGION",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "GOOGLE_CLOUD_PROJECT",
            "CLOUDSDK_CONFIG",
        ],
    ),
];

/// The adapter for Claude Code.
#[derive(Debug, Clone)]
pub struct Claude {
    settings: Settings,
}

impl Claude {
    /// An adapter with these settings.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings }
    }

    /// Whether the user's own arguments say what a session may do without being asked.
    fn permissions_are_chosen(&self) -> bool {
        let chooses = |arg: &String| {
            arg == "--permission-mode"
                || arg.starts_with("--permission-mode=")
                || arg == "--dangerously-skip-permissions"
        };
        self.settings.args.iter().any(chooses)
    }
}

impl Backend for Claude {
    fn name(&self) -> &'static str {
        "claude"
    }

    fn locate(&self) -> Result<PathBuf, String> {
        Ok(locate::behind_script(PROGRAM.locate(&self.settings)?, "@anthropic-ai/claude-code", &natives()))
    }

    fn launch(&self, ask: &LaunchAsk<'_>) -> Result<Launch, String> {
        let program = self.locate()?;
        let mut argv = vec![program.to_string_lossy().into_owned()];
        argv.push("-p".to_owned());
        let skips_permissions = !self.permissions_are_chosen();
        if let Some(tools) = &ask.tools {
            argv.extend(tool_options(tools, skips_permissions));
        }
        // Without --verbose this output format is refused.
        argv.extend(["--output-format", "stream-json", "--verbose"].map(str::to_owned));
        if skips_permissions {
            // Nobody is there to be asked: a question would end the tool call, and the session with it.
            argv.push("--dangerously-skip-permissions".to_owned());
        }
        let session = ask.continues.map(|id| id.as_str());
        argv.extend(options(&[("--model", ask.model), ("--effort", ask.effort), ("--resume", session)]));
        if ask.role == Role::TeamLead && !ask.helpers.is_empty() {
            argv.extend(["--agents".to_owned(), one_word(agents_json(ask.helpers))?]);
        }
        argv.extend(self.settings.args.iter().cloned());
        let mut env = own_variables(&self.settings.base);
        if skips_permissions && ask.is_root {
            // Claude Code refuses to skip permissions as root unless it is told that this is a sandbox.
            env.insert("IS_SANDBOX".to_owned(), "1".to_owned());
        }
        env.extend(self.settings.variables());
        Ok(Launch { argv, env })
    }

    fn interview(&self, ask: &InterviewAsk<'_>) -> Result<Launch, String> {
        let mut argv = vec![self.locate()?.to_string_lossy().into_owned()];
        argv.extend(options(&[("--model", ask.model), ("--effort", ask.effort)]));
        argv.push(ask.prompt.to_owned());
        Ok(Launch { argv, env: self.settings.variables() })
    }

    fn needs(&self, variable: &str) -> bool {
        let chosen = |provider: &&(&str, &[&str])| self.settings.gives(provider.0);
        let mut of_providers = NEEDS_OF_PROVIDERS.iter().filter(chosen).map(|(_, needs)| needs);
        is_named(variable, NEEDS) || of_providers.any(|needs| is_named(variable, needs))
    }

    fn takes_helpers(&self) -> bool {
        true
    }

    fn accounts(&self) -> Accounts {
        Accounts::Money
    }

    fn takes_tools(&self) -> bool {
        true
    }

    fn tool_name(&self, tool: &str) -> Option<String> {
        Some(tool_name(tool))
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(ClaudeReader::default())
    }

    fn permission_words(&self) -> &'static str {
        if self.permissions_are_chosen() {
            "permissions as configured, no sandbox"
        } else {
            "agents may do anything, no sandbox"
        }
    }
}

/// Where the program itself is, when what stands in `PATH` is npm's stub: that one works only after an install script, which
/// many switch off.
fn natives() -> Vec<String> {
    let (system, processor) = locate::node_platform();
    ["", "-musl"].map(|kind| format!("@anthropic-ai/claude-code-{system}-{processor}{kind}/claude")).to_vec()
}

fn tool_name(tool: &str) -> String {
    format!("mcp__{}__{tool}", ToolServer::NAME)
}

/// Our tools beside the servers that the user configured: `--strict-mcp-config` would take those away. Both options take
/// any number of values, so another option must follow.
fn tool_options(server: &ToolServer<'_>, skips_permissions: bool) -> Vec<String> {
    let mut options = vec!["--mcp-config".to_owned(), server.config_file.to_string_lossy().into_owned()];
    if !skips_permissions {
        // Where permissions are asked for, nobody is there to give one.
        let names: Vec<String> = server.tools.iter().map(|tool| tool_name(tool)).collect();
        options.extend(["--allowedTools".to_owned(), names.join(",")]);
    }
    options
}

fn own_variables(base: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let mut own = BTreeMap::from(
        [
            // Sub-agents and commands in the background would outlive the turn, hold back the result line, and keep the
            // process alive for up to ten minutes.
            ("CLAUDE_CODE_DISABLE_BACKGROUND_TASKS", "1"),
            // A program that replaces itself in the middle of a run is a program that nobody chose.
            ("DISABLE_AUTOUPDATER", "1"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned())),
    );
    let retries = base.get("CLAUDE_CODE_MAX_RETRIES").map_or(MAX_RETRIES, String::as_str);
    own.insert("CLAUDE_CODE_MAX_RETRIES".to_owned(), retries.to_owned());
    own
}

/// The helper roles in the form of the option `--agents`.
fn agents_json(helpers: &[Helper<'_>]) -> String {
    let mut agents = serde_json::Map::new();
    for Helper { role, model } in helpers {
        let mut agent = json!({ "description": role.description, "prompt": role.instructions });
        if !role.tools.is_empty() {
            agent["tools"] = json!(role.tools);
        }
        if let Some(model) = model {
            agent["model"] = json!(model);
        }
        agents.insert(role.name.clone(), agent);
    }
    serde_json::Value::Object(agents).to_string()
}
