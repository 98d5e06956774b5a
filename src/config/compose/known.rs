//! What a `ralph.config.yml` that is there says already: as answers, and as keys that nobody is asked about and that stay.

use std::collections::BTreeMap;

use super::block::{Block, Value};
use super::{Answers, CommandAnswer, GateAnswer, Workflow, phases, value_of};
use crate::config::draft::named;
use crate::config::settings::{DEFAULT_GATE_TIMEOUT_MS, DEFAULT_SETUP_TIMEOUT_MS, ROLES, Settings};
use crate::config::yaml::{self, Node, Value as Parsed};
use crate::config::{FILE_NAME, Faults, Overrides, Parallel, Source, settle, show};

/// Keys with their values, as they stand in the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept(Vec<(Vec<String>, Value)>);

impl Kept {
    /// Puts them where they belong, but for those that these answers decide.
    pub(super) fn put(&self, root: &mut Block, answers: &Answers) {
        for (path, value) in &self.0 {
            let path: Vec<&str> = path.iter().map(String::as_str).collect();
            let is_decided = matches!(path.as_slice(), ["backends", name, "argv"] if *name == answers.backend && !answers.argv.is_empty());
            if !is_decided {
                root.set(&path, value.clone());
            }
        }
    }
}

/// Takes what the file says into the answers that are proposed; what it does not speak of stays as it was proposed.
///
/// # Errors
/// The file has faults: nothing can be taken from it.
pub fn take_known(bytes: &[u8], proposed: Answers) -> Result<Answers, Faults> {
    let source = Source { name: FILE_NAME, bytes };
    let overrides = Overrides { parallel: Some(Parallel::Configured), ..Overrides::default() };
    let settings = settle(Some(source), &BTreeMap::new(), &overrides)?;
    // What can be settled can be parsed.
    let Ok(root) = yaml::parse(bytes) else { return Ok(proposed) };
    Ok(answers(&root, &settings, proposed))
}

fn answers(root: &Node, settings: &Settings, mut answers: Answers) -> Answers {
    let says = |path: &[&str]| get(root, path).is_some_and(|node| node.value != Parsed::Null);
    if says(&["execution", "backend"]) {
        answers.backend.clone_from(&settings.backend);
        answers.argv = settings.backends.get(&settings.backend).map(|start| start.argv.clone()).unwrap_or_default();
    }
    if phases().iter().any(|key| says(&["execution", key])) {
        let mut all = settings.phases;
        let by_hand = named(&mut all).map(|(key, phase)| (key, phase.enabled, phase.max_fix_cycles));
        answers.workflow = Workflow::ByHand(by_hand.to_vec());
    } else if says(&["workflow", "preset"]) {
        answers.workflow = Workflow::Preset(settings.preset);
    }
    if says(&["execution", "parallel"]) {
        answers.parallel = settings.policy.slots;
    }
    if says(&["timeouts", "loopTimeout"]) {
        let seconds = settings.policy.loop_timeout_ms.unwrap_or(0).div_ceil(1000);
        answers.loop_timeout = u32::try_from(seconds).unwrap_or(u32::MAX);
    }
    let model = |(role, agent): &(&str, &str)| Some(((*agent).to_owned(), settings.roles.get(*role)?.model.clone()?));
    let models: Vec<_> = ROLES.iter().filter_map(model).collect();
    if !models.is_empty() {
        answers.models = models;
    }
    if says(&["gates"]) {
        answers.gates = settings.policy.gates.iter().map(gate).collect();
    }
    if says(&["worktrees", "setup"]) {
        answers.setup = settings.setup.as_ref().map(|setup| CommandAnswer {
            run: setup.command.clone(),
            from: String::new(),
            timeout: other_than(setup.timeout_ms, DEFAULT_SETUP_TIMEOUT_MS),
        });
    }
    if says(&["worktrees", "include"]) {
        answers.include = settings.include.iter().map(|path| (path.clone(), String::new())).collect();
    }
    let mut kept = Vec::new();
    collect(&mut Vec::new(), root, &mut kept);
    answers.kept = Kept(kept);
    answers
}

fn gate(gate: &crate::domain::gate::Gate) -> GateAnswer {
    GateAnswer {
        name: gate.name.clone(),
        run: gate.command.clone(),
        from: String::new(),
        timeout: other_than(gate.timeout_ms, DEFAULT_GATE_TIMEOUT_MS),
    }
}

/// A time in seconds as the file says it, unless it is the usual one.
fn other_than(timeout_ms: u64, usual_ms: u64) -> Option<String> {
    (timeout_ms != usual_ms).then(|| show::seconds(timeout_ms).to_string())
}

fn get<'n>(node: &'n Node, path: &[&str]) -> Option<&'n Node> {
    let [key, rest @ ..] = path else { return Some(node) };
    let Parsed::Map(entries) = &node.value else { return None };
    get(&entries.iter().find(|entry| entry.key == *key)?.value, rest)
}

/// The keys that nobody is asked about. Earlier names become the present ones, and what is not needed any more goes.
fn collect(path: &mut Vec<String>, node: &Node, kept: &mut Vec<(Vec<String>, Value)>) {
    let Parsed::Map(entries) = &node.value else {
        if node.value != Parsed::Null {
            kept.push((path.clone(), value_of(&node.value)));
        }
        return;
    };
    for entry in entries {
        path.push(entry.key.clone());
        let parts: Vec<&str> = path.iter().map(String::as_str).collect();
        let renamed = match parts.as_slice() {
            ["budget", "cost"] => Some("maxCostUsd"),
            ["budget", "tokens"] => Some("maxTokens"),
            [..] => None,
        };
        if !is_asked(&parts) {
            if let (Some(name), Some(last)) = (renamed, path.last_mut()) {
                name.clone_into(last);
            }
            collect(path, &entry.value, kept);
        }
        path.pop();
    }
}

fn is_asked(path: &[&str]) -> bool {
    match path {
        ["baseline" | "gates" | "agents"] => true,
        ["workflow", "preset"] | ["timeouts", "loopTimeout"] | ["worktrees", "setup" | "include"] => true,
        ["roles", _, "model"] | ["execution", "backend" | "parallel"] => true,
        ["execution", key] => phases().contains(key),
        [..] => false,
    }
}
