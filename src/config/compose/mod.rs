//! From answers to the text of a `ralph.config.yml` with comments, checked by the same reader that will read it.
//!
//! **Invariant:** a text that is given out is read without a fault and without a warning.

mod block;
mod known;

use std::collections::BTreeMap;

use super::draft::named;
use super::preset::Preset;
use super::settings::{Phases, ROLES};
use super::yaml::{self, Value as Parsed};
use super::{FILE_NAME, Overrides, Source, settle};
use block::{Block, Value};
pub use known::{Kept, take_known};

/// What a person, or a survey in their place, decided.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Answers {
    /// The lines that the file begins with.
    pub head: String,
    /// The backend, and its command line where it is nothing else.
    pub backend: String,
    /// The command line of the backends `acp` and `command`; empty for all others.
    pub argv: Vec<String>,
    /// Which parts of the workflow are on.
    pub workflow: Workflow,
    /// Epics side by side.
    pub parallel: u32,
    /// Longest running time of a run, in seconds; 0: none.
    pub loop_timeout: u32,
    /// Models of single roles, by their keys in `agents`.
    pub models: Vec<(String, String)>,
    /// The gates, in order.
    pub gates: Vec<GateAnswer>,
    /// What makes a fresh worktree ready.
    pub setup: Option<CommandAnswer>,
    /// Ignored files to bring along, each with where that is said; may be empty.
    pub include: Vec<(String, String)>,
    /// More keys, by path, with values in YAML.
    pub set: Vec<(String, String)>,
    /// What a file that is there says beyond all this.
    pub kept: Kept,
}

/// Which parts of the workflow are on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Workflow {
    /// As a preset says.
    Preset(Preset),
    /// Each by hand: its key in `execution`, whether it is on, and its fix cycles.
    ByHand(Vec<(&'static str, bool, u32)>),
}

impl Default for Workflow {
    fn default() -> Self {
        Self::Preset(Preset::default())
    }
}

/// A gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GateAnswer {
    /// What people see.
    pub name: String,
    /// The command.
    pub run: String,
    /// Where that comes from; may be empty.
    pub from: String,
    /// Longest time in seconds, where it is not the usual one.
    pub timeout: Option<String>,
}

/// A command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandAnswer {
    /// The command.
    pub run: String,
    /// Where that comes from; may be empty.
    pub from: String,
    /// Longest time in seconds, where it is not the usual one.
    pub timeout: Option<String>,
}

/// Why answers make no configuration.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// A key or a value that was given is none.
    #[error("--set {key}: {problem}")]
    Key {
        /// The path of the key.
        key: String,
        /// What is wrong, and what is expected.
        problem: String,
    },
    /// What they add up to has faults, or deserves a warning.
    #[error("these answers make no clean configuration, so nothing was written; answer otherwise:\n{problems}")]
    Problems {
        /// Line by line.
        problems: String,
    },
}

/// The parts of the workflow, by their keys in `execution`.
#[must_use]
pub fn phases() -> Vec<&'static str> {
    named(&mut Phases::default()).map(|(key, _)| key).to_vec()
}

/// The roles, by their keys in `agents`.
#[must_use]
pub fn roles() -> Vec<&'static str> {
    ROLES.iter().map(|(_, agent)| *agent).collect()
}

/// What a preset means, in one line.
#[must_use]
pub fn meaning(preset: Preset) -> &'static str {
    match preset {
        Preset::Balanced => "epics are planned and validated, and a validator judges the whole at the end",
        Preset::Full => "stories are planned and validated too: the most thorough, the slowest, the most expensive",
        Preset::Minimal => "no plan and no validator: your gates alone decide",
    }
}

/// The text.
///
/// # Errors
/// It would have faults or warnings: all of them.
pub fn compose(answers: &Answers) -> Result<String, Unfit> {
    let mut root = sections(answers);
    answers.kept.put(&mut root, answers);
    for (key, value) in &answers.set {
        set(&mut root, key, value)?;
    }
    let head = format!(
        "{}# How `ralph-teams` works in this repository. Written by `ralph-teams setup`; it is yours to edit.\n",
        answers.head
    );
    let text = head + &root.text();
    check(&text)?;
    Ok(text)
}

fn check(text: &str) -> Result<(), Unfit> {
    let source = Source { name: FILE_NAME, bytes: text.as_bytes() };
    let problems = match settle(Some(source), &BTreeMap::new(), &Overrides::default()) {
        Ok(settings) if settings.warnings.is_empty() => return Ok(()),
        Ok(settings) => settings.warnings,
        Err(faults) => faults.0.iter().map(ToString::to_string).collect(),
    };
    Err(Unfit::Problems { problems: problems.join("\n") })
}

fn sections(answers: &Answers) -> Block {
    let mut root = Block::default();
    let mut execution = Block::default();
    match &answers.workflow {
        Workflow::Preset(preset) => {
            let mut workflow = Block::default();
            workflow.add(&[meaning(*preset)], "preset", Value::Text(preset.name().to_owned()));
            root.add(&[], "workflow", Value::Map(workflow));
        }
        Workflow::ByHand(phases) => {
            for (key, enabled, cycles) in phases {
                let mut phase = Block::default();
                phase.add(&[], "enabled", Value::Bare(enabled.to_string()));
                phase.add(&["how often findings go back to be fixed"], "maxFixCycles", Value::Bare(cycles.to_string()));
                execution.add(&[], key, Value::Map(phase));
            }
        }
    }
    let mut first = Block::default();
    first.add(&["the agent program behind every session"], "backend", Value::Text(answers.backend.clone()));
    let parallel = Value::Bare(answers.parallel.to_string());
    first.add(&["epics side by side, when a run is started with `--parallel`"], "parallel", parallel);
    first.entries.extend(execution.entries);
    root.add(&[], "execution", Value::Map(first));
    root.add(&[], "timeouts", Value::Map(timeouts(answers.loop_timeout)));
    if !answers.models.is_empty() {
        let mut agents = Block::default();
        for (role, model) in &answers.models {
            agents.add(&[], role, Value::Text(model.clone()));
        }
        root.add(
            &["the models of single roles; all others take the backend's own for their tier"],
            "agents",
            Value::Map(agents),
        );
    }
    root.add(&gates_comment(answers), "gates", gates(answers));
    root.add(&[], "worktrees", Value::Map(worktrees(answers)));
    if !answers.argv.is_empty() {
        let mut backend = Block::default();
        backend.add(&["the program and its arguments"], "argv", Value::texts(&answers.argv));
        let mut backends = Block::default();
        backends.add(&[], &answers.backend, Value::Map(backend));
        root.add(&[], "backends", Value::Map(backends));
    }
    root
}

fn timeouts(loop_timeout: u32) -> Block {
    let mut timeouts = Block::default();
    let comment = "longest running time of a run, in seconds; then it stops and can be resumed. 0: no limit";
    timeouts.add(&[comment], "loopTimeout", Value::Bare(loop_timeout.to_string()));
    timeouts
}

fn gates_comment(answers: &Answers) -> Vec<&'static str> {
    if answers.gates.is_empty() {
        vec!["nothing proves the work but the agents' word: add commands here, as `- { name: test, run: make test }`"]
    } else {
        vec!["what proves work: run on every epic and on every merge, in this order"]
    }
}

fn gates(answers: &Answers) -> Value {
    let gate = |gate: &GateAnswer| {
        let mut block = Block::default();
        block.add(&[], "name", Value::Text(gate.name.clone()));
        block.add(&[&from(&gate.from)], "run", Value::Text(gate.run.clone()));
        if let Some(timeout) = &gate.timeout {
            block.add(&[], "timeout", Value::Bare(timeout.clone()));
        }
        Value::Map(block)
    };
    Value::List(answers.gates.iter().map(|answer| (String::new(), gate(answer))).collect())
}

fn worktrees(answers: &Answers) -> Block {
    let mut worktrees = Block::default();
    if let Some(setup) = &answers.setup {
        let comments = ["makes a fresh worktree ready for work", &from(&setup.from)];
        let run = Value::Text(setup.run.clone());
        let value = match &setup.timeout {
            None => run,
            Some(timeout) => {
                let mut block = Block::default();
                block.add(&[], "run", run);
                block.add(&[], "timeout", Value::Bare(timeout.clone()));
                Value::Map(block)
            }
        };
        worktrees.add(&comments, "setup", value);
    }
    let include = answers.include.iter().map(|(path, rule)| (from(rule), Value::Text(path.clone()))).collect();
    worktrees.add(&["ignored files that each worktree gets a copy of"], "include", Value::List(include));
    worktrees
}

/// A remark on where something comes from; nothing when that is not known.
fn from(places: &str) -> String {
    if places.is_empty() { String::new() } else { format!("from {places}") }
}

fn set(root: &mut Block, key: &str, value: &str) -> Result<(), Unfit> {
    let unfit = |problem: String| Unfit::Key { key: key.to_owned(), problem };
    if key.is_empty() || key.split('.').any(|part| part.trim().is_empty()) {
        return Err(unfit("expected the path of a key, such as execution.parallel=3".to_owned()));
    }
    let node = yaml::parse(value.as_bytes()).map_err(|fault| unfit(fault.problem))?;
    root.set(&key.split('.').collect::<Vec<_>>(), value_of(&node.value));
    Ok(())
}

fn value_of(parsed: &Parsed) -> Value {
    match parsed {
        Parsed::Null => Value::Bare(String::new()),
        Parsed::Bool(truth) => Value::Bare(truth.to_string()),
        Parsed::Whole(number) => Value::Bare(number.to_string()),
        Parsed::Decimal(number) => Value::Bare(number.to_string()),
        Parsed::Text(text) => Value::Text(text.clone()),
        Parsed::List(items) => Value::List(items.iter().map(|item| (String::new(), value_of(&item.value))).collect()),
        Parsed::Map(entries) => {
            let mut block = Block::default();
            for entry in entries {
                block.add(&[], &entry.key, value_of(&entry.value.value));
            }
            Value::Map(block)
        }
    }
}

#[cfg(test)]
mod tests;
