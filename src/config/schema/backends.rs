//! The section `backends` of the schema: what each kind of backend is started with.

use std::collections::BTreeMap;

use schemars::JsonSchema;

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the fields exist for the schema")]
pub(super) struct Backends {
    claude: Option<BackendStart>,
    codex: Option<BackendStart>,
    copilot: Option<BackendStart>,
    opencode: Option<BackendStart>,
    gemini: Option<BackendStart>,
    acp: Option<CommandStart>,
    command: Option<CommandStart>,
    rehearsal: Option<RehearsalStart>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the fields exist for the schema")]
struct BackendStart {
    /// The program, when it is not the backend's usual one.
    program: Option<String>,
    /// Arguments after the backend's own.
    args: Option<Vec<String>>,
    /// Environment variables of its sessions.
    env: Option<BTreeMap<String, String>>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the fields exist for the schema")]
struct CommandStart {
    /// The program and its arguments.
    #[schemars(length(min = 1))]
    argv: Option<Vec<String>>,
    /// Environment variables of its sessions.
    env: Option<BTreeMap<String, String>>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the fields exist for the schema")]
struct RehearsalStart {
    /// Environment variables of its sessions.
    env: Option<BTreeMap<String, String>>,
}
