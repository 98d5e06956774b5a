//! The layer of the file: each section of `ralph.config.yml`, key by key.

use crate::domain::gate::Gate;
use crate::domain::role::DelegationMode;

use super::draft::{Draft, PhaseDraft, named};
use super::models;
use super::preset;
use super::prices;
use super::reader::{Section, any_text, choice, found, inner_path, limit, pause, seconds, switch, text, whole};
use super::settings::{
    BackendSettings, DEFAULT_GATE_TIMEOUT_MS, DEFAULT_SETUP_TIMEOUT_MS, MAX_FREE_MIB, MAX_PARALLEL, Phases, ROLES,
    Settings, SetupCommand,
};
use super::yaml::{Node, Value};

/// The ways in which leads work with helpers.
const DELEGATION: &[(&str, DelegationMode)] =
    &[("auto", DelegationMode::Auto), ("always", DelegationMode::Always), ("never", DelegationMode::Never)];

/// Lays the file over the built-in settings.
pub(super) fn apply(root: &Node, draft: &mut Draft) {
    let Draft { settings, parallel, phases, log } = draft;
    Section::open(log, "", root, |root| {
        root.section("workflow", |workflow| {
            workflow.read("preset", choice("a preset", preset::WORDS), &mut settings.preset);
        });
        root.section("timeouts", |timeouts| {
            timeouts.read("epicTimeout", limit, &mut settings.policy.epic_timeout_ms);
            timeouts.read("idleTimeout", limit, &mut settings.policy.idle_timeout_ms);
            timeouts.read("loopTimeout", limit, &mut settings.policy.loop_timeout_ms);
        });
        root.section("execution", |execution| {
            execution.read("backend", text, &mut settings.backend);
            execution.read("parallel", whole(1..=MAX_PARALLEL), parallel);
            execution.read("model", text, &mut settings.model);
            execution.list("fallback", text, &mut settings.fallback);
            execution.read("tools", switch, &mut settings.tools);
            execution.read("delegation", choice("a way to delegate", DELEGATION), &mut settings.delegation);
            execution.read("stagnationTurns", whole(0..=10_000), &mut settings.policy.stagnation_turns);
            for (key, _) in named(&mut Phases::default()) {
                phases.insert(key, phase(execution, key));
            }
        });
        root.section("agents", |agents| agent_models(agents, settings));
        root.section("roles", |roles| role_settings(roles, settings));
        gates(root, settings);
        root.section("worktrees", |worktrees| worktree_settings(worktrees, settings));
        root.section("policy", |policy| policy_settings(policy, settings));
        root.section("backends", |backends| backend_settings(backends, settings));
        baseline(root, settings);
        root.section("budget", |budget| budget_settings(budget, settings));
        prices::read(root, &mut settings.prices);
        models::read(root, &mut settings.models);
        root.section("hooks", |hooks| {
            hooks.read("epicEnd", text, &mut settings.hooks.epic_end);
            hooks.read("runEnd", text, &mut settings.hooks.run_end);
            hooks.read("timeout", seconds, &mut settings.hooks.timeout_ms);
        });
    });
}

/// A key of earlier versions, for something that is always so now.
fn baseline(root: &mut Section<'_>, settings: &mut Settings) {
    let Some(node) = root.node("baseline") else { return };
    let mut wanted = false;
    root.read("baseline", switch, &mut wanted);
    let (file, at) = (&root.log.file, node.at);
    let note =
        "this key is not needed any more: a gate that is red on the base already never blocks before it is green there";
    settings.warnings.push(format!("{file}:{}:{}: baseline: {note}", at.line, at.column));
}

/// A part of the workflow: `true`, `false`, or `{enabled, maxFixCycles}`.
fn phase(execution: &mut Section<'_>, key: &'static str) -> PhaseDraft {
    let mut phase = PhaseDraft::default();
    let Some(node) = execution.node(key) else { return phase };
    let path = execution.path_of(key);
    if let Value::Map(_) = node.value {
        Section::open(execution.log, &path, node, |section| {
            section.read("enabled", switch, &mut phase.enabled);
            section.read("maxFixCycles", whole(0..=100), &mut phase.max_fix_cycles);
        });
    } else {
        let either = |value: &Value| {
            let problem = |_| format!("expected true, false, or keys with values, found {}", found(value));
            switch(value).map_err(problem)
        };
        execution.log.check(&format!("{path}.enabled"), node, either, &mut phase.enabled);
    }
    phase
}

fn agent_models(agents: &mut Section<'_>, settings: &mut Settings) {
    for (role, key) in ROLES {
        let mut model = None;
        agents.read(key, text, &mut model);
        if model.is_some() {
            settings.roles.entry((*role).to_owned()).or_default().model = model;
        }
    }
}

fn role_settings(roles: &mut Section<'_>, settings: &mut Settings) {
    for (role, agent) in ROLES {
        let before = settings.roles.get(*role).cloned().unwrap_or_default();
        let mut after = before.clone();
        roles.section(role, |section| {
            section.read("backend", text, &mut after.backend);
            section.read("model", text, &mut after.model);
            section.read("effort", text, &mut after.effort);
            section.list("fallback", text, &mut after.fallback);
            if let (Some(_), Some(node)) = (&before.model, section.node("model")) {
                let problem = format!("the model of this role is in `agents.{agent}` too; keep one of the two");
                section.log.fault(node.at, &section.path_of("model"), problem);
            }
        });
        if after != before {
            settings.roles.insert((*role).to_owned(), after);
        }
    }
}

fn gates(root: &mut Section<'_>, settings: &mut Settings) {
    let Some(node) = root.node("gates") else { return };
    let Value::List(items) = &node.value else {
        let problem = format!("expected a list of gates, found {}", found(&node.value));
        return root.log.fault(node.at, "gates", problem);
    };
    for (n, item) in items.iter().enumerate() {
        let mut name = None;
        let mut command = None;
        let mut timeout_ms = DEFAULT_GATE_TIMEOUT_MS;
        Section::open(root.log, &format!("gates[{n}]"), item, |gate| {
            gate.read("name", text, &mut name);
            command = command_line(gate);
            gate.read("timeout", seconds, &mut timeout_ms);
        });
        // Without a command the fault is noted already.
        let Some(command) = command else { continue };
        let name: String = name.unwrap_or_else(|| command.clone());
        if settings.policy.gates.iter().any(|gate| gate.name == name) {
            let problem = format!("two gates are called `{name}`; give each its own name");
            root.log.fault(item.at, &format!("gates[{n}].name"), problem);
        }
        settings.policy.gates.push(Gate { name, command, timeout_ms });
    }
}

/// The command of a gate or a setup, under one of its two keys.
fn command_line(section: &mut Section<'_>) -> Option<String> {
    let mut command = None;
    section.read("run", text, &mut command);
    let given_as_run = section.node("run").is_some();
    match (given_as_run, section.node("command")) {
        (true, Some(node)) => {
            let path = section.path_of("command");
            section.log.fault(node.at, &path, "the command is in `run` already; keep one of the two");
        }
        (true, None) => {}
        (false, Some(_)) => section.read("command", text, &mut command),
        (false, None) => {
            let path = section.path_of("run");
            section.log.fault(section.at, &path, "the command to run is missing");
        }
    }
    command
}

fn worktree_settings(worktrees: &mut Section<'_>, settings: &mut Settings) {
    let mut dir: Option<String> = None;
    worktrees.read("dir", text, &mut dir);
    settings.worktrees_dir = dir.map(Into::into);
    worktrees.list("include", inner_path, &mut settings.include);
    let Some(node) = worktrees.node("setup") else { return };
    let path = worktrees.path_of("setup");
    let mut command = None;
    let mut timeout_ms = DEFAULT_SETUP_TIMEOUT_MS;
    if let Value::Map(_) = node.value {
        Section::open(worktrees.log, &path, node, |setup| {
            command = command_line(setup);
            setup.read("timeout", seconds, &mut timeout_ms);
        });
    } else {
        worktrees.log.check(&path, node, text, &mut command);
    }
    settings.setup = command.map(|command| SetupCommand { command, timeout_ms });
}

fn policy_settings(policy: &mut Section<'_>, settings: &mut Settings) {
    policy.list("allowedPaths", inner_path, &mut settings.paths.allowed);
    policy.list("forbiddenPaths", inner_path, &mut settings.paths.forbidden);
    policy.read("maxAttempts", whole(1..=100), &mut settings.policy.max_attempts);
    policy.read("maxFixCycles", whole(0..=100), &mut settings.policy.max_fix_cycles);
    policy.read("maxMergeRounds", whole(0..=100), &mut settings.policy.max_merge_rounds);
    policy.read("minFreeMb", whole(0..=MAX_FREE_MIB), &mut settings.min_free_mib);
    policy.read("retryDelay", pause, &mut settings.policy.retry_delay_ms);
}

/// Whether a backend is nothing but a command line of the user's.
pub(super) fn takes_argv(backend: &str) -> bool {
    matches!(backend, "command" | "acp")
}

/// Whether a backend is this very program, which takes no other and no arguments.
pub(super) fn is_this_program(backend: &str) -> bool {
    backend == "rehearsal"
}

fn budget_settings(section: &mut Section<'_>, settings: &mut Settings) {
    let budget = &mut settings.policy.budget;
    section.read("maxCostUsd", prices::max_cost, &mut budget.run.max_cost_microdollars);
    section.read("maxTokens", prices::max_tokens, &mut budget.run.max_tokens);
    section.read("warnAtPercent", whole(1..=100), &mut budget.warn_at_percent);
    section.section("epic", |epic| {
        epic.read("maxCostUsd", prices::max_cost, &mut budget.epic.max_cost_microdollars);
        epic.read("maxTokens", prices::max_tokens, &mut budget.epic.max_tokens);
    });
    // Their names in earlier versions.
    if is_alone(section, "cost", "maxCostUsd", settings) {
        section.read("cost", prices::max_cost, &mut settings.policy.budget.run.max_cost_microdollars);
    }
    if is_alone(section, "tokens", "maxTokens", settings) {
        section.read("tokens", prices::max_tokens, &mut settings.policy.budget.run.max_tokens);
    }
}

/// Whether a key is there under its earlier name only.
fn is_alone(section: &mut Section<'_>, earlier: &'static str, key: &'static str, settings: &mut Settings) -> bool {
    let Some(node) = section.node(earlier) else { return false };
    let path = section.path_of(earlier);
    if section.node(key).is_some() {
        section.log.fault(
            node.at,
            &path,
            format!("this is the earlier name of `{key}`, which is there too; remove it"),
        );
        return false;
    }
    let (file, at) = (&section.log.file, node.at);
    settings.warnings.push(format!("{file}:{}:{}: {path}: this key is called `budget.{key}` now", at.line, at.column));
    true
}

fn backend_settings(backends: &mut Section<'_>, settings: &mut Settings) {
    for (name, _) in super::settings::BACKENDS {
        let mut backend = BackendSettings::default();
        backends.section(name, |section| {
            if takes_argv(name) {
                section.list("argv", any_text, &mut backend.argv);
            } else if !is_this_program(name) {
                section.read("program", text, &mut backend.program);
                section.list("args", any_text, &mut backend.args);
            }
            section.texts("env", &mut backend.env);
        });
        if backend != BackendSettings::default() {
            settings.backends.insert((*name).to_owned(), backend);
        }
    }
}
