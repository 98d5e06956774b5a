//! The checked result: everything that a run has to know, with nothing left to doubt.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::domain::policy::{Policy, Workflow};
use crate::domain::price::Prices;
use crate::domain::role::DelegationMode;

use super::models::Models;
use super::origin::Origins;
use super::preset::Preset;

/// The backends that exist, and what each of them is.
pub const BACKENDS: &[(&str, &str)] = &[
    ("claude", "Claude Code"),
    ("codex", "OpenAI's Codex CLI"),
    ("copilot", "GitHub Copilot CLI"),
    ("opencode", "opencode"),
    ("gemini", "Gemini CLI"),
    ("acp", "any agent of the Agent Client Protocol, `backends.acp.argv`"),
    ("command", "a program of your own, `backends.command.argv`"),
    ("rehearsal", "a built-in agent that only pretends, for trying things out"),
];

/// The backend that hosts sessions when nobody chooses another.
pub const DEFAULT_BACKEND: &str = "claude";

/// The slots that `--parallel` without a number gives when `execution.parallel` says nothing.
pub const DEFAULT_PARALLEL: u32 = 4;

/// The most sessions that can be asked for side by side.
pub const MAX_PARALLEL: u32 = 64;

/// Longest time of a gate when it names none: half an hour.
pub const DEFAULT_GATE_TIMEOUT_MS: u64 = 1_800_000;

/// Longest time of the setup of a worktree when it names none: ten minutes.
pub const DEFAULT_SETUP_TIMEOUT_MS: u64 = 600_000;

/// Longest time of a command at a turning point when it is not configured: a minute.
pub const DEFAULT_HOOK_TIMEOUT_MS: u64 = 60_000;

/// Free disk, in MiB, below which nothing new starts, unless it is configured.
pub const DEFAULT_MIN_FREE_MIB: u32 = 512;

/// The most free disk that can be asked for, in MiB: a tebibyte.
pub const MAX_FREE_MIB: u32 = 1_048_576;

/// Every role: its name as in `RALPH_ROLE`, `roles` and `agents/<role>.md`, and its name in `agents`.
pub const ROLES: &[(&str, &str)] = &[
    ("team-lead", "teamLead"),
    ("story-planner", "storyPlanner"),
    ("epic-planner", "epicPlanner"),
    ("builder", "builder"),
    ("story-validator", "storyValidator"),
    ("epic-validator", "epicValidator"),
    ("final-validator", "finalValidator"),
    ("resolver", "merger"),
];

/// Everything that was configured, merged and checked.
#[derive(Debug, Clone, PartialEq)]
pub struct Settings {
    /// What bounds the run.
    pub policy: Policy,
    /// The backend of every role that names no other; one of [`BACKENDS`].
    pub backend: String,
    /// The model of every role that names no other. `None`: by its tier, see [`Settings::model_of`].
    pub model: Option<String>,
    /// The models of each backend by tier, for roles of which nothing else is said.
    pub models: Models,
    /// The backends that stand in while a provider is away, best first; for every role that names no others.
    pub fallback: Vec<String>,
    /// What single roles want otherwise, by the first name in [`ROLES`].
    pub roles: BTreeMap<String, RoleSettings>,
    /// Whether sessions are handed our tools, where their backend takes them.
    pub tools: bool,
    /// How leads work with helpers.
    pub delegation: DelegationMode,
    /// How backends are started, by name.
    pub backends: BTreeMap<String, BackendSettings>,
    /// What makes a fresh worktree ready for work.
    pub setup: Option<SetupCommand>,
    /// Where worktrees are made; relative to the repository's root. `None`: in the user's state directory.
    pub worktrees_dir: Option<PathBuf>,
    /// Files that git does not track and that each worktree gets a copy of; patterns relative to the root.
    pub include: Vec<String>,
    /// Where sessions may change files.
    pub paths: PathPolicy,
    /// Below this much free disk, in MiB, nothing new starts. 0: that is never looked at.
    pub min_free_mib: u32,
    /// The preset that filled the gaps of `phases`.
    pub preset: Preset,
    /// Which parts of the workflow are on.
    pub phases: Phases,
    /// What models cost, for backends that tell tokens and no money.
    pub prices: Prices,
    /// The user's commands at turning points.
    pub hooks: Hooks,
    /// What people should hear, one sentence each; nothing in here stops a run.
    pub warnings: Vec<String>,
    /// Who set what.
    pub origins: Origins,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            policy: Policy { workflow: Preset::default().phases().workflow(), ..Policy::default() },
            backend: DEFAULT_BACKEND.to_owned(),
            model: None,
            models: Models::built_in(),
            fallback: Vec::new(),
            roles: BTreeMap::new(),
            tools: true,
            delegation: DelegationMode::Auto,
            backends: BTreeMap::new(),
            setup: None,
            worktrees_dir: None,
            include: Vec::new(),
            paths: PathPolicy::default(),
            min_free_mib: DEFAULT_MIN_FREE_MIB,
            preset: Preset::default(),
            phases: Preset::default().phases(),
            prices: super::prices::built_in(),
            hooks: Hooks::default(),
            warnings: Vec::new(),
            origins: Origins::default(),
        }
    }
}

/// What one role wants otherwise than the rest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleSettings {
    /// Its backend.
    pub backend: Option<String>,
    /// Its model.
    pub model: Option<String>,
    /// How hard it thinks, in the words of its backend.
    pub effort: Option<String>,
    /// The backends that stand in for its own while a provider is away, best first.
    pub fallback: Vec<String>,
}

/// How one backend is started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BackendSettings {
    /// The program, when it is not the backend's usual one.
    pub program: Option<String>,
    /// Arguments after the backend's own.
    pub args: Vec<String>,
    /// Environment variables of its sessions, besides those that they get anyway.
    pub env: BTreeMap<String, String>,
    /// The whole command line of the backend `command`; empty for all others.
    pub argv: Vec<String>,
}

/// The command that makes a fresh worktree ready for work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetupCommand {
    /// Given to `sh -c` as it is written.
    pub command: String,
    /// Longest time that it may take, in milliseconds.
    pub timeout_ms: u64,
}

/// Where sessions may change files; patterns relative to the root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PathPolicy {
    /// Only here. Empty: everywhere.
    pub allowed: Vec<String>,
    /// Never here, even where it is allowed.
    pub forbidden: Vec<String>,
}

/// One part of the workflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Phase {
    /// Whether it is on.
    pub enabled: bool,
    /// How often what it finds is given back to be fixed.
    pub max_fix_cycles: u32,
}

impl Default for Phase {
    fn default() -> Self {
        Self { enabled: false, max_fix_cycles: 1 }
    }
}

/// The parts of the workflow that can be switched.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Phases {
    /// A plan for each story before it is built.
    pub story_planning: Phase,
    /// A validator for each story.
    pub story_validation: Phase,
    /// A plan for each epic before its stories are built.
    pub epic_planning: Phase,
    /// A validator for each epic.
    pub epic_validation: Phase,
    /// A validator for the whole.
    pub final_validation: Phase,
}

impl Phases {
    /// What runner and leads go by.
    #[must_use]
    pub fn workflow(&self) -> Workflow {
        let cycles = |phase: Phase| phase.enabled.then_some(phase.max_fix_cycles);
        Workflow {
            epic_planning: self.epic_planning.enabled,
            epic_validation: cycles(self.epic_validation),
            story_planning: self.story_planning.enabled,
            story_validation: cycles(self.story_validation),
        }
    }
}

/// The user's commands at turning points, given to `sh -c`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hooks {
    /// After an epic has ended, however it did.
    pub epic_end: Option<String>,
    /// After the run has ended, however it did.
    pub run_end: Option<String>,
    /// Longest time of each, in milliseconds.
    pub timeout_ms: u64,
}

impl Default for Hooks {
    fn default() -> Self {
        Self { epic_end: None, run_end: None, timeout_ms: DEFAULT_HOOK_TIMEOUT_MS }
    }
}
