//! opencode: `opencode run --format json` with its stream of JSON lines.

mod classify;
mod line;
mod reader;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value, json};

use self::reader::OpencodeReader;
use super::environment::is_named;
use super::locate::Known;
use super::{
    Accounts, Backend, Helper, InterviewAsk, Launch, LaunchAsk, Reader, Settings, ToolServer, locate, one_word, options,
};
use crate::domain::role::Role;

const PROGRAM: Known =
    Known { backend: "opencode", people_say: "opencode", usual: "opencode", install: "npm install -g opencode-ai" };

/// The variable with a configuration that comes on top of all files.
const CONFIG: &str = "OPENCODE_CONFIG_CONTENT";

/// How long the first start of a run has its data base for itself, at most. It speaks after three to five seconds.
pub(super) const FIRST_START: Duration = Duration::from_secs(20);

/// What opencode needs of the runner's own environment: its configuration, and the keys of the providers that it knows.
/// Names in full or beginnings that end in `_`. Tokens of a forge and keys of a cloud are no keys of a model: they have
/// to be named in `backends.opencode.env`.
const NEEDS: &[&str] = &[
    "OPENCODE_CONFIG",
    "OPENCODE_CONFIG_CONTENT",
    "OPENCODE_CONFIG_DIR",
    "OPENCODE_API_KEY",
    "OPENCODE_MODELS_URL",
    "OPENCODE_PURE",
    "OPENCODE_DISABLE_",
    "ANTHROPIC_",
    "OPENAI_",
    "GEMINI_API_KEY",
    "GOOGLE_GENERATIVE_AI_API_KEY",
    "OPENROUTER_API_KEY",
    "GROQ_API_KEY",
    "MISTRAL_API_KEY",
    "DEEPSEEK_API_KEY",
    "XAI_API_KEY",
    "CEREBRAS_API_KEY",
    "TOGETHER_API_KEY",
    "FIREWORKS_API_KEY",
    "MOONSHOT_API_KEY",
    "ZHIPU_API_KEY",
];

/// The adapter for opencode.
#[derive(Debug, Clone)]
pub struct Opencode {
    settings: Settings,
}

impl Opencode {
    /// An adapter with these settings.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings }
    }

    /// The configuration of a session: the user's own, and ours where it says nothing.
    fn config(&self, ask: &LaunchAsk<'_>) -> Result<String, String> {
        let own = self.settings.variables();
        let users = own.get(CONFIG).or_else(|| self.settings.base.get(CONFIG)).filter(|text| !text.trim().is_empty());
        let users: Map<String, Value> = match users {
            Some(text) => serde_json::from_str(text)
                .map_err(|fault| format!("{CONFIG} is no JSON object ({fault}): mend it, or move it to a file"))?,
            None => Map::new(),
        };
        let mut config = Value::Object(users);
        let helpers = if ask.role == Role::TeamLead { ask.helpers } else { &[] };
        add(&mut config, our_config(helpers));
        if let Some(server) = &ask.tools {
            add(&mut config, tool_config(server));
        }
        one_word(config.to_string())
    }
}

impl Backend for Opencode {
    fn name(&self) -> &'static str {
        "opencode"
    }

    fn locate(&self) -> Result<PathBuf, String> {
        Ok(locate::behind_script(PROGRAM.locate(&self.settings)?, "opencode-ai", &natives()))
    }

    fn launch(&self, ask: &LaunchAsk<'_>) -> Result<Launch, String> {
        let program = self.locate()?;
        let mut argv = vec![program.to_string_lossy().into_owned()];
        // Without --auto a question is answered with no, and the run ends with exit code 0 in the middle of its work.
        argv.extend(["run", "--format", "json", "--auto"].map(str::to_owned));
        let session = ask.continues.map(|id| id.as_str());
        argv.extend(options(&[("--model", ask.model), ("--variant", ask.effort), ("--session", session)]));
        argv.extend(self.settings.args.iter().cloned());
        // A program that replaces itself in the middle of a run is a program that nobody chose.
        let mut env = BTreeMap::from([("OPENCODE_DISABLE_AUTOUPDATE".to_owned(), "1".to_owned())]);
        env.extend(self.settings.variables());
        env.insert(CONFIG.to_owned(), self.config(ask)?);
        Ok(Launch { argv, env })
    }

    fn interview(&self, ask: &InterviewAsk<'_>) -> Result<Launch, String> {
        let mut argv = vec![self.locate()?.to_string_lossy().into_owned()];
        // Its interactive mode has no option for the effort.
        argv.extend(options(&[("--model", ask.model), ("--prompt", Some(ask.prompt))]));
        Ok(Launch { argv, env: self.settings.variables() })
    }

    fn needs(&self, variable: &str) -> bool {
        is_named(variable, NEEDS)
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
        Some(format!("{}_{tool}", ToolServer::NAME))
    }

    fn first_start_alone(&self) -> Option<Duration> {
        Some(FIRST_START)
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(OpencodeReader::default())
    }

    fn permission_words(&self) -> &'static str {
        "agents may do all that opencode's configuration does not deny, no sandbox"
    }
}

/// What a session needs whatever the user configured: nothing is shared, nothing is updated, the helpers are there.
fn our_config(helpers: &[Helper<'_>]) -> Value {
    let mut config = json!({ "autoupdate": false, "share": "disabled" });
    let agents: Map<String, Value> = helpers.iter().map(|helper| (helper.role.name.clone(), agent(helper))).collect();
    if !agents.is_empty() {
        config["agent"] = Value::Object(agents);
    }
    config
}

/// Our tools, beside the servers that the user configured. The variable that this goes into is seen by each command of the
/// agent's, so the secret is in a file.
fn tool_config(server: &ToolServer<'_>) -> Value {
    let command: Vec<&str> =
        std::iter::once(server.program).chain(server.args_by_file.iter().map(String::as_str)).collect();
    let patience = ToolServer::PATIENCE.as_millis();
    json!({ "mcp": { ToolServer::NAME: { "type": "local", "command": command, "enabled": true, "timeout": patience } } })
}

fn agent(helper: &Helper<'_>) -> Value {
    let Helper { role, model } = helper;
    let mut agent = json!({ "description": role.description, "mode": "subagent", "prompt": role.instructions });
    // A role's tools are named in Claude Code's words; here, what is not named is denied.
    let has = |tool: &str| role.tools.is_empty() || role.tools.iter().any(|own| own == tool);
    let mut permission = Map::new();
    if !has("Edit") && !has("Write") {
        permission.insert("edit".to_owned(), json!("deny"));
    }
    if !has("Bash") {
        permission.insert("bash".to_owned(), json!("deny"));
    }
    if !permission.is_empty() {
        agent["permission"] = Value::Object(permission);
    }
    if let Some(model) = model {
        agent["model"] = json!(model);
    }
    agent
}

/// Adds what is not there yet, at every depth: what the user wrote stays.
fn add(config: &mut Value, more: Value) {
    if let (Value::Object(config), Value::Object(more)) = (config, more) {
        for (key, value) in more {
            match config.get_mut(&key) {
                Some(own) => add(own, value),
                None => drop(config.insert(key, value)),
            }
        }
    }
}

/// Where the program itself is, when what stands in `PATH` is npm's stub: that one works only after an install script, and then
/// runs the program as a child of its own.
fn natives() -> Vec<String> {
    let (system, processor) = locate::node_platform();
    let kinds = ["", "-baseline", "-musl", "-baseline-musl"];
    kinds.map(|kind| format!("opencode-{system}-{processor}{kind}/bin/opencode")).to_vec()
}
