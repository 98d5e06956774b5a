//! The layer of the environment: `RALPH_*` variables that stand for keys of the file.

use std::collections::BTreeMap;

use super::draft::Draft;
use super::fault::{Fault, nearest};
use super::origin::Origin;
use super::preset;
use super::prices::{max_cost, max_tokens};
use super::reader::{Kind, Log, choice, limit, text, whole};
use super::settings::MAX_PARALLEL;
use super::yaml::Value;

/// The variables that are read, and the key that each stands for.
pub const VARIABLES: &[(&str, &str)] = &[
    ("RALPH_PRESET", "workflow.preset"),
    ("RALPH_BACKEND", "execution.backend"),
    ("RALPH_MODEL", "execution.model"),
    ("RALPH_PARALLEL", "execution.parallel"),
    ("RALPH_EPIC_TIMEOUT", "timeouts.epicTimeout"),
    ("RALPH_IDLE_TIMEOUT", "timeouts.idleTimeout"),
    ("RALPH_LOOP_TIMEOUT", "timeouts.loopTimeout"),
    ("RALPH_MAX_COST", "budget.maxCostUsd"),
    ("RALPH_MAX_TOKENS", "budget.maxTokens"),
];

/// Lays the environment over the file. Variables with other names belong to sessions, logs or other tools; one that
/// looks like a misspelt one of ours leads to a warning only.
pub(super) fn apply(environment: &BTreeMap<String, String>, draft: &mut Draft) {
    let Draft { settings, parallel, log, .. } = draft;
    for (name, path) in VARIABLES {
        // An empty variable is the usual way to switch one off.
        let Some(raw) = environment.get(*name).filter(|raw| !raw.trim().is_empty()) else { continue };
        let mut variable = Variable { name, path, raw, log };
        let policy = &mut settings.policy;
        match *name {
            "RALPH_PRESET" => variable.read(choice("a preset", preset::WORDS), &mut settings.preset),
            "RALPH_BACKEND" => variable.read(text, &mut settings.backend),
            "RALPH_MODEL" => variable.read(text, &mut settings.model),
            "RALPH_PARALLEL" => variable.read(whole(1..=MAX_PARALLEL), parallel),
            "RALPH_EPIC_TIMEOUT" => variable.read(limit, &mut policy.epic_timeout_ms),
            "RALPH_IDLE_TIMEOUT" => variable.read(limit, &mut policy.idle_timeout_ms),
            "RALPH_LOOP_TIMEOUT" => variable.read(limit, &mut policy.loop_timeout_ms),
            "RALPH_MAX_COST" => variable.read(max_cost, &mut policy.budget.run.max_cost_microdollars),
            "RALPH_MAX_TOKENS" => variable.read(max_tokens, &mut policy.budget.run.max_tokens),
            _ => {}
        }
    }
    settings.warnings.extend(environment.keys().filter_map(|name| misspelt(name)));
}

fn misspelt(name: &str) -> Option<String> {
    let suffix = name.strip_prefix("RALPH_")?;
    let known = VARIABLES.iter().filter_map(|(known, _)| known.strip_prefix("RALPH_"));
    let near = nearest(suffix, known).filter(|near| *near != suffix && near.len().abs_diff(suffix.len()) <= 2)?;
    Some(format!("environment {name}: this variable is not read; did you mean RALPH_{near}?"))
}

struct Variable<'a> {
    name: &'static str,
    path: &'static str,
    raw: &'a str,
    log: &'a mut Log,
}

impl Variable<'_> {
    /// A variable is text, but its key may want a number: both readings are tried.
    fn read<T: Into<U>, U>(&mut self, kind: impl Kind<T>, target: &mut U) {
        let raw = self.raw.trim();
        let number = raw.parse().map(Value::Whole).or_else(|_| raw.parse().map(Value::Decimal));
        let as_text = kind.read(&Value::Text(raw.to_owned()));
        let read = as_text.or_else(|problem| number.map_or(Err(problem), |number| kind.read(&number)));
        let origin = Origin::Environment(self.name);
        match read {
            Ok(value) => {
                *target = value.into();
                self.log.origins.set(self.path, origin);
            }
            Err(problem) => self.log.faults.push(Fault { origin, field: self.path.to_owned(), problem }),
        }
    }
}
