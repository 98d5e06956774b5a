//! Gemini CLI: `gemini --output-format stream-json`, with the prompt on its standard input.

mod classify;
mod line;
mod reader;

use std::path::PathBuf;

use self::reader::GeminiReader;
use super::environment::is_named;
use super::locate::Known;
use super::{Accounts, Backend, InterviewAsk, Launch, LaunchAsk, Reader, Settings, options};

const PROGRAM: Known = Known {
    backend: "gemini",
    people_say: "Gemini CLI",
    usual: "gemini",
    install: "npm install -g @google/gemini-cli",
};

/// What Gemini CLI needs of the runner's own environment: its sign-in and its provider. Names in full.
const NEEDS: &[&str] = &[
    "GEMINI_API_KEY",
    "GEMINI_MODEL",
    "GEMINI_CLI_HOME",
    "GEMINI_CLI_SYSTEM_SETTINGS_PATH",
    "GEMINI_CLI_SYSTEM_DEFAULTS_PATH",
    "GEMINI_TELEMETRY_ENABLED",
    "GOOGLE_API_KEY",
    "GOOGLE_GEMINI_BASE_URL",
    "GOOGLE_GENAI_USE_VERTEXAI",
    "GOOGLE_GENAI_USE_GCA",
    "GOOGLE_GENAI_API_VERSION",
];

/// What it needs besides when its models come from a project of Google Cloud: one of these chooses that.
const CHOOSES_CLOUD: &[&str] = &["GOOGLE_GENAI_USE_VERTEXAI", "GOOGLE_GENAI_USE_GCA"];
const NEEDS_OF_CLOUD: &[&str] = &[
    "GOOGLE_CLOUD_PROJECT",
    "GOOGLE_CLOUD_PROJECT_ID",
    "GOOGLE_CLOUD_LOCATION",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_VERTEX_BASE_URL",
];

/// The adapter for Gemini CLI.
#[derive(Debug, Clone)]
pub struct Gemini {
    settings: Settings,
}

impl Gemini {
    /// An adapter with these settings.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self { settings }
    }

    /// Whether the user's own arguments say what a session may do without being asked.
    fn permissions_are_chosen(&self) -> bool {
        self.settings.args.iter().any(|arg| arg == "--approval-mode" || arg.starts_with("--approval-mode="))
    }
}

impl Backend for Gemini {
    fn name(&self) -> &'static str {
        "gemini"
    }

    fn locate(&self) -> Result<PathBuf, String> {
        PROGRAM.locate(&self.settings)
    }

    fn launch(&self, ask: &LaunchAsk<'_>) -> Result<Launch, String> {
        let program = self.locate()?;
        let mut argv = vec![program.to_string_lossy().into_owned()];
        argv.extend(["--output-format", "stream-json"].map(str::to_owned));
        if !self.permissions_are_chosen() {
            argv.push("--yolo".to_owned());
        }
        // A worktree is a folder that nobody has trusted yet, and nobody is there to be asked.
        argv.push("--skip-trust".to_owned());
        argv.extend(options(&[("--model", ask.model), ("--resume", ask.continues.map(|id| id.as_str()))]));
        argv.extend(self.settings.args.iter().cloned());
        Ok(Launch { argv, env: self.settings.variables() })
    }

    fn interview(&self, ask: &InterviewAsk<'_>) -> Result<Launch, String> {
        let mut argv = vec![self.locate()?.to_string_lossy().into_owned()];
        argv.extend(options(&[("--model", ask.model), ("--prompt-interactive", Some(ask.prompt))]));
        Ok(Launch { argv, env: self.settings.variables() })
    }

    fn needs(&self, variable: &str) -> bool {
        let in_cloud = CHOOSES_CLOUD.iter().any(|chooses| self.settings.gives(chooses));
        is_named(variable, NEEDS) || in_cloud && is_named(variable, NEEDS_OF_CLOUD)
    }

    fn takes_helpers(&self) -> bool {
        false
    }

    fn accounts(&self) -> Accounts {
        Accounts::Tokens
    }

    /// Settings for one session alone are read from a file of the system's, which has to belong to root, as all folders above
    /// it have to: nothing that the runner can count on. Behind the backend `acp` it takes them.
    fn takes_tools(&self) -> bool {
        false
    }

    /// Its shell sees neither the user's nor the machine's git configuration.
    fn hides_git_config(&self) -> bool {
        true
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(GeminiReader::default())
    }

    fn permission_words(&self) -> &'static str {
        if self.permissions_are_chosen() {
            "permissions as configured, no sandbox"
        } else {
            "agents may do anything, no sandbox"
        }
    }
}
