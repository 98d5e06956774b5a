//! `config show --json`: one object, whose schema is published.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::config::{Fault, Faults, Origin, Settings, emit, show};

/// The merged configuration, or what is wrong with it.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(title = "ralph-teams config show --json")]
pub struct ShowOutput {
    /// The version of the format: 1.
    v: u32,
    /// The configuration file, in full; null: there is none.
    file: Option<String>,
    /// Every setting, in the order of the file; null when there are faults.
    values: Option<Vec<ValueOutput>>,
    /// What is wrong.
    faults: Vec<FaultOutput>,
    /// What people should hear, a sentence each.
    warnings: Vec<String>,
}

/// A setting.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Setting")]
struct ValueOutput {
    /// The path of its key, like `timeouts.epicTimeout` or `gates[0].run`.
    path: String,
    /// Its value as in the file; null: not given. `(hidden)`: it may be a secret.
    value: Value,
    /// Who set it.
    origin: OriginOutput,
}

/// A fault.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Fault")]
struct FaultOutput {
    /// Where it stands.
    origin: OriginOutput,
    /// The path of its key; empty: the file as a whole.
    path: String,
    /// What is wrong, and what is allowed.
    problem: String,
}

/// The layer that a value was taken from.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Origin")]
#[serde(tag = "layer", rename_all = "kebab-case")]
enum OriginOutput {
    /// Built in.
    Default,
    /// A preset of the workflow.
    Preset {
        /// Its name.
        name: String,
    },
    /// The configuration file.
    File {
        /// Its name, as faults show it.
        name: String,
        /// Counted from 1.
        line: u64,
        /// In characters, counted from 1.
        column: u64,
    },
    /// An environment variable.
    Environment {
        /// Its name.
        name: String,
    },
    /// A flag of `run`.
    Flag {
        /// Its name, with its dashes.
        name: String,
    },
}

impl ShowOutput {
    /// All that is known of the settings. `file`: the one that they were read from.
    #[must_use]
    pub fn of(file: Option<String>, settled: &Result<Settings, Faults>) -> Self {
        match settled {
            Ok(settings) => {
                let value = |(path, value): (String, Value)| {
                    let origin = origin(&show::origin(settings, &path));
                    ValueOutput { path, value, origin }
                };
                let values = emit::leaves(&show::shown(settings)).into_iter().map(value).collect();
                Self { v: 1, file, values: Some(values), faults: Vec::new(), warnings: settings.warnings.clone() }
            }
            Err(Faults(faults)) => {
                let faults = faults.iter().map(fault).collect();
                Self { v: 1, file, values: None, faults, warnings: Vec::new() }
            }
        }
    }
}

fn fault(fault: &Fault) -> FaultOutput {
    FaultOutput { origin: origin(&fault.origin), path: fault.field.clone(), problem: fault.problem.clone() }
}

fn origin(origin: &Origin) -> OriginOutput {
    match origin {
        Origin::Default => OriginOutput::Default,
        Origin::Preset(name) => OriginOutput::Preset { name: (*name).to_owned() },
        Origin::File { name, line, column } => OriginOutput::File { name: name.clone(), line: *line, column: *column },
        Origin::Environment(name) => OriginOutput::Environment { name: (*name).to_owned() },
        Origin::Flag(name) => OriginOutput::Flag { name: (*name).to_owned() },
    }
}

/// The JSON Schema of the object, as published in `schemas/config-show.schema.json`.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(ShowOutput)
}
