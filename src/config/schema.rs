//! The shape of `ralph.config.yml` as types, only for its JSON Schema: editors complete and check the file with it.
//! `schemas/config.schema.json` is generated from here; a test holds it to what the reader really takes.

mod backends;

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, schema_for};

use self::backends::Backends;
use crate::domain::role::DelegationMode;

/// The JSON Schema of the configuration file.
#[must_use]
pub fn schema() -> Schema {
    schema_for!(Config)
}

/// The configuration of ralph-teams: ralph.config.yml in the root of the repository.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[schemars(title = "ralph.config.yml")]
#[expect(dead_code, reason = "the fields exist for the schema")]
struct Config {
    /// How much planning and validation there is.
    workflow: Option<Workflow>,
    /// Limits of time, in seconds.
    timeouts: Option<Timeouts>,
    /// Who does the work, and how.
    execution: Option<Execution>,
    /// The model of single roles.
    agents: Option<Agents>,
    /// What single roles want otherwise than the rest.
    roles: Option<Roles>,
    /// Your commands that prove work: tests, lint, type check.
    gates: Option<Vec<GateEntry>>,
    /// Where and how worktrees are made.
    worktrees: Option<Worktrees>,
    /// What sessions may touch, and how often things are tried.
    policy: Option<PolicyLimits>,
    /// How backends are started.
    backends: Option<Backends>,
    /// Not needed any more: gates that are red on the base already never block before they are green there.
    baseline: Option<bool>,
    /// What a run may consume.
    budget: Option<BudgetLimits>,
    /// What models cost, by their names; for backends that tell tokens and no money.
    prices: Option<BTreeMap<String, ModelPrice>>,
    /// Which models of a backend stand for the tiers of roles.
    models: Option<ModelsByBackend>,
    /// Your commands at turning points, given to `sh -c` in the root of the repository. They decide nothing.
    hooks: Option<HookCommands>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the fields exist for the schema")]
struct Workflow {
    /// Fills what `execution` leaves open.
    preset: Option<PresetName>,
}

#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(dead_code, reason = "the variants exist for the schema")]
enum PresetName {
    Balanced,
    Full,
    Minimal,
    Default,
    EpicFocused,
    Thorough,
    Off,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "the fields exist for the schema")]
struct Timeouts {
    /// Longest life of one session; 0: no limit.
    #[schemars(range(min = 0, max = 31_536_000))]
    epic_timeout: Option<f64>,
    /// Longest silence of one session; 0: no limit.
    #[schemars(range(min = 0, max = 31_536_000))]
    idle_timeout: Option<f64>,
    /// Longest running time of the whole run; 0: no limit.
    #[schemars(range(min = 0, max = 31_536_000))]
    loop_timeout: Option<f64>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "the fields exist for the schema")]
struct Execution {
    /// The agent program behind every session.
    backend: Option<BackendName>,
    /// Epics side by side when `--parallel` names no number.
    #[schemars(range(min = 1, max = 64))]
    parallel: Option<u32>,
    /// The model of every role that names no other.
    model: Option<String>,
    /// The backends that stand in while a provider is away, best first.
    fallback: Option<Vec<BackendName>>,
    /// Whether agents are handed tools to report to the runner while they work, where their program takes them.
    tools: Option<bool>,
    /// How leads work with builders, story planners and story validators: as sub-agents of the lead's own program where
    /// that is theirs too and takes sub-agents, and as sessions of the runner's elsewhere (`auto`); as such sessions
    /// wherever the lead's program takes tools (`always`); or never so.
    delegation: Option<DelegationMode>,
    /// Tool calls in which a session may do the same while nothing changes in its worktree; 0: any number.
    #[schemars(range(max = 10000))]
    stagnation_turns: Option<u32>,
    /// A plan for each story.
    story_planning: Option<PhaseSetting>,
    /// A validator for each story.
    story_validation: Option<PhaseSetting>,
    /// A plan for each epic.
    epic_planning: Option<PhaseSetting>,
    /// A validator for each epic.
    epic_validation: Option<PhaseSetting>,
    /// A validator for the whole.
    final_validation: Option<PhaseSetting>,
}

#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[expect(dead_code, reason = "the variants exist for the schema")]
enum BackendName {
    Claude,
    Codex,
    Copilot,
    Opencode,
    Gemini,
    Acp,
    Command,
    Rehearsal,
}

#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the variants exist for the schema")]
enum PhaseSetting {
    /// On or off.
    Switch(bool),
    /// On or off, and how often findings are fixed.
    Detailed(PhaseDetails),
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "the fields exist for the schema")]
struct PhaseDetails {
    /// On or off.
    enabled: Option<bool>,
    /// How often what it finds is given back to be fixed.
    #[schemars(range(max = 100))]
    max_fix_cycles: Option<u32>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "the fields exist for the schema")]
struct Agents {
    team_lead: Option<String>,
    story_planner: Option<String>,
    epic_planner: Option<String>,
    builder: Option<String>,
    story_validator: Option<String>,
    epic_validator: Option<String>,
    final_validator: Option<String>,
    merger: Option<String>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[expect(dead_code, reason = "the fields exist for the schema")]
struct Roles {
    team_lead: Option<RoleWishes>,
    story_planner: Option<RoleWishes>,
    epic_planner: Option<RoleWishes>,
    builder: Option<RoleWishes>,
    story_validator: Option<RoleWishes>,
    epic_validator: Option<RoleWishes>,
    final_validator: Option<RoleWishes>,
    resolver: Option<RoleWishes>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the fields exist for the schema")]
struct RoleWishes {
    /// Its backend.
    backend: Option<BackendName>,
    /// Its model.
    model: Option<String>,
    /// How hard it thinks, in the words of its backend.
    effort: Option<String>,
    /// The backends that stand in for its own while a provider is away, best first.
    fallback: Option<Vec<BackendName>>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the fields exist for the schema")]
struct GateEntry {
    /// What people see; the command when left out.
    name: Option<String>,
    /// The command, given to `sh -c`; must be there, here or in `command`.
    run: Option<String>,
    /// Another word for `run`.
    command: Option<String>,
    /// Longest time, in seconds.
    #[schemars(range(min = 0.001, max = 31_536_000))]
    timeout: Option<f64>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the fields exist for the schema")]
struct Worktrees {
    /// Where they are made; relative to the root of the repository.
    dir: Option<String>,
    /// What makes a fresh worktree ready for work, given to `sh -c`.
    setup: Option<Setup>,
    /// Untracked files that each worktree gets a copy of.
    include: Option<Vec<String>>,
}

#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "the variants exist for the schema")]
enum Setup {
    /// The command.
    Command(String),
    /// The command and its limit.
    Detailed(SetupDetails),
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the fields exist for the schema")]
struct SetupDetails {
    /// The command; must be there, here or in `command`.
    run: Option<String>,
    /// Another word for `run`.
    command: Option<String>,
    /// Longest time, in seconds.
    #[schemars(range(min = 0.001, max = 31_536_000))]
    timeout: Option<f64>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "the fields exist for the schema")]
struct PolicyLimits {
    /// Sessions may change files only here.
    allowed_paths: Option<Vec<String>>,
    /// Sessions may never change files here.
    forbidden_paths: Option<Vec<String>>,
    /// Sessions that may fail for one epic before it fails.
    #[schemars(range(min = 1, max = 100))]
    max_attempts: Option<u32>,
    /// Free disk in MiB below which nothing new starts; 0 switches that off.
    #[schemars(range(max = 1_048_576))]
    min_free_mb: Option<u32>,
    /// Rounds in which a lead gets findings back.
    #[schemars(range(max = 100))]
    max_fix_cycles: Option<u32>,
    /// Rounds in which an epic that does not merge is brought up to date.
    #[schemars(range(max = 100))]
    max_merge_rounds: Option<u32>,
    /// Rest before a session that the provider turned away is tried again, in seconds.
    #[schemars(range(min = 0, max = 31_536_000))]
    retry_delay: Option<f64>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the fields exist for the schema")]
struct ModelsByBackend {
    claude: Option<TierModels>,
    codex: Option<TierModels>,
    copilot: Option<TierModels>,
    opencode: Option<TierModels>,
    gemini: Option<TierModels>,
    acp: Option<TierModels>,
    command: Option<TierModels>,
    rehearsal: Option<TierModels>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the fields exist for the schema")]
struct TierModels {
    /// For small, mechanical steps.
    light: Option<String>,
    /// For everyday work.
    medium: Option<String>,
    /// For judgement over the whole.
    heavy: Option<String>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "the fields exist for the schema")]
struct BudgetLimits {
    /// US dollars for the whole run.
    #[schemars(range(max = 1_000_000_000), extend("exclusiveMinimum" = 0))]
    max_cost_usd: Option<f64>,
    /// Tokens for the whole run: in, cached and out together.
    #[schemars(range(min = 1, max = 4_294_967_295_u32))]
    max_tokens: Option<u32>,
    /// The share, in percent, from which on you are warned.
    #[schemars(range(min = 1, max = 100))]
    warn_at_percent: Option<u32>,
    /// For each epic on its own.
    epic: Option<EpicBudget>,
    /// The earlier name of maxCostUsd.
    #[schemars(range(max = 1_000_000_000), extend("exclusiveMinimum" = 0, "deprecated" = true))]
    cost: Option<f64>,
    /// The earlier name of maxTokens.
    #[schemars(range(min = 1, max = 4_294_967_295_u32), extend("deprecated" = true))]
    tokens: Option<u32>,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "the fields exist for the schema")]
struct EpicBudget {
    /// US dollars.
    #[schemars(range(max = 1_000_000_000), extend("exclusiveMinimum" = 0))]
    max_cost_usd: Option<f64>,
    /// Tokens: in, cached and out together.
    #[schemars(range(min = 1, max = 4_294_967_295_u32))]
    max_tokens: Option<u32>,
}

/// US dollars for a million tokens.
#[derive(JsonSchema)]
#[serde(deny_unknown_fields)]
#[expect(dead_code, reason = "the fields exist for the schema")]
struct ModelPrice {
    /// Tokens sent to the model.
    #[schemars(range(min = 0, max = 100_000))]
    input: f64,
    /// Tokens read from the cache; the price of `input` when it is left out.
    #[schemars(range(min = 0, max = 100_000))]
    cached: Option<f64>,
    /// Tokens that the model wrote.
    #[schemars(range(min = 0, max = 100_000))]
    output: f64,
}

#[derive(JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
#[expect(dead_code, reason = "the fields exist for the schema")]
struct HookCommands {
    /// After an epic has ended, however it did: `RALPH_EPIC_ID`, `RALPH_OUTCOME`.
    epic_end: Option<String>,
    /// After the run has ended, however it did: `RALPH_OUTCOME`, `RALPH_VERDICT`.
    run_end: Option<String>,
    /// Longest time of each, in seconds.
    #[schemars(range(min = 0.001, max = 31_536_000))]
    timeout: Option<f64>,
}
