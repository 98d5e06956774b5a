//! The merged result, in the shape of the file: what `ralph-teams config show` prints. Written to a file, it leads to the
//! same settings again, but for values that are hidden because they may be secrets.

use serde_json::{Map, Value, json};

use crate::domain::gate::Gate;
use crate::domain::price::Prices;
use crate::domain::role::Tier;

use super::file::{is_this_program, takes_argv};
use super::models::Models;
use super::origin::Origin;
use super::settings::{BACKENDS, BackendSettings, Phase, Phases, ROLES, RoleSettings, Settings};

/// What stands in place of a value that may be a secret.
pub const HIDDEN: &str = "(hidden)";

/// All settings that have a key in the file. `null`: not given, so it is as it is built in.
///
/// `execution.parallel` is the number of slots: settle with [`super::Parallel::Configured`] to see what is configured.
#[must_use]
pub fn shown(settings: &Settings) -> Value {
    let policy = &settings.policy;
    let Phases { story_planning, story_validation, epic_planning, epic_validation, final_validation } = settings.phases;
    json!({
        "workflow": { "preset": settings.preset.name() },
        "timeouts": {
            "epicTimeout": limit(policy.epic_timeout_ms),
            "idleTimeout": limit(policy.idle_timeout_ms),
            "loopTimeout": limit(policy.loop_timeout_ms),
        },
        "execution": {
            "backend": settings.backend,
            "parallel": policy.slots,
            "model": settings.model,
            "fallback": settings.fallback,
            "tools": settings.tools,
            "delegation": settings.delegation,
            "stagnationTurns": policy.stagnation_turns,
            "storyPlanning": phase(story_planning),
            "storyValidation": phase(story_validation),
            "epicPlanning": phase(epic_planning),
            "epicValidation": phase(epic_validation),
            "finalValidation": phase(final_validation),
        },
        "roles": ROLES.iter().filter_map(|(role, _)| Some(((*role).to_owned(), wishes(settings.roles.get(*role)?)))).collect::<Map<_, _>>(),
        "gates": policy.gates.iter().map(gate).collect::<Vec<_>>(),
        "worktrees": {
            "dir": settings.worktrees_dir,
            "setup": settings.setup.as_ref().map(|setup| json!({ "run": setup.command, "timeout": seconds(setup.timeout_ms) })),
            "include": settings.include,
        },
        "policy": {
            "allowedPaths": settings.paths.allowed,
            "forbiddenPaths": settings.paths.forbidden,
            "maxAttempts": policy.max_attempts,
            "maxFixCycles": policy.max_fix_cycles,
            "maxMergeRounds": policy.max_merge_rounds,
            "minFreeMb": settings.min_free_mib,
            "retryDelay": seconds(policy.retry_delay_ms),
        },
        "backends": settings.backends.iter().map(|(name, start)| (name.clone(), backend(name, start))).collect::<Map<_, _>>(),
        "budget": {
            "maxCostUsd": policy.budget.run.max_cost_microdollars.map(dollars),
            "maxTokens": policy.budget.run.max_tokens,
            "warnAtPercent": policy.budget.warn_at_percent,
            "epic": {
                "maxCostUsd": policy.budget.epic.max_cost_microdollars.map(dollars),
                "maxTokens": policy.budget.epic.max_tokens,
            },
        },
        "prices": prices(&settings.prices),
        "models": models(&settings.models),
        "hooks": {
            "epicEnd": settings.hooks.epic_end,
            "runEnd": settings.hooks.run_end,
            "timeout": seconds(settings.hooks.timeout_ms),
        },
    })
}

/// Where the value at a path of [`shown`] comes from. Some values have a second key in the file, or an earlier one.
#[must_use]
pub fn origin(settings: &Settings, path: &str) -> Origin {
    let found = std::iter::once(path.to_owned()).chain(other_paths(path)).map(|path| settings.origins.of(&path));
    found.into_iter().find(|origin| *origin != Origin::Default).unwrap_or_default()
}

fn other_paths(path: &str) -> Vec<String> {
    let mut paths = Vec::new();
    if let Some(before) = path.strip_suffix(".run") {
        paths.extend([format!("{before}.command"), before.to_owned()]);
    }
    if let Some(role) = path.strip_prefix("roles.").and_then(|rest| rest.strip_suffix(".model")) {
        paths.extend(ROLES.iter().filter(|(name, _)| *name == role).map(|(_, agent)| format!("agents.{agent}")));
    }
    match path {
        "budget.maxCostUsd" => paths.push("budget.cost".to_owned()),
        "budget.maxTokens" => paths.push("budget.tokens".to_owned()),
        _ => {}
    }
    paths
}

fn phase(phase: Phase) -> Value {
    json!({ "enabled": phase.enabled, "maxFixCycles": phase.max_fix_cycles })
}

fn wishes(role: &RoleSettings) -> Value {
    let RoleSettings { backend, model, effort, fallback } = role;
    json!({ "backend": backend, "model": model, "effort": effort, "fallback": fallback })
}

fn gate(gate: &Gate) -> Value {
    json!({ "name": gate.name, "run": gate.command, "timeout": seconds(gate.timeout_ms) })
}

fn backend(name: &str, start: &BackendSettings) -> Value {
    let BackendSettings { program, args, env, argv } = start;
    let mut shown = Map::new();
    if takes_argv(name) {
        shown.insert("argv".to_owned(), json!(argv));
    } else if !is_this_program(name) {
        shown.insert("program".to_owned(), json!(program));
        shown.insert("args".to_owned(), json!(args));
    }
    let env: Map<_, _> = env.iter().map(|(name, value)| (name.clone(), json!(harmless(name, value)))).collect();
    shown.insert("env".to_owned(), Value::Object(env));
    Value::Object(shown)
}

/// The value of a variable, unless its name says that it is a secret: what is shown here ends up in reports of faults.
fn harmless<'a>(name: &str, value: &'a str) -> &'a str {
    let name = name.to_ascii_uppercase();
    let is_secret = ["KEY", "TOKEN", "SECRET", "PASSWORD", "PASSWD", "CREDENTIAL", "AUTH"];
    // `$NAME` only says where the value is taken from.
    if !value.starts_with('$') && is_secret.iter().any(|word| name.contains(word)) { HIDDEN } else { value }
}

fn prices(prices: &Prices) -> Value {
    let price = |price: &crate::domain::price::Price| json!({ "input": dollars(price.input), "cached": dollars(price.cached), "output": dollars(price.output) });
    prices.0.iter().map(|(model, known)| (model.clone(), price(known))).collect::<Map<_, _>>().into()
}

fn models(models: &Models) -> Value {
    let tiers = |backend: &str| -> Map<String, Value> {
        let of = |tier: Tier| Some((tier.name().to_owned(), json!(models.of(backend, tier)?)));
        Tier::ALL.into_iter().filter_map(of).collect()
    };
    let known = BACKENDS.iter().map(|(name, _)| ((*name).to_owned(), Value::Object(tiers(name))));
    known.filter(|(_, tiers)| *tiers != json!({})).collect::<Map<_, _>>().into()
}

/// A limit of which 0 means "none".
fn limit(milliseconds: Option<u64>) -> Value {
    milliseconds.map_or(json!(0), seconds)
}

/// A time as the file says it.
pub(super) fn seconds(milliseconds: u64) -> Value {
    fraction(milliseconds, 1000)
}

fn dollars(microdollars: u64) -> Value {
    fraction(microdollars, 1_000_000)
}

/// Whole numbers without a point.
#[expect(clippy::cast_precision_loss, reason = "what is configured is bounded far below 2^53")]
fn fraction(number: u64, parts: u64) -> Value {
    if number.is_multiple_of(parts) { json!(number / parts) } else { json!(number as f64 / parts as f64) }
}
