//! Sets keys in the text of `ralph.config.yml` and leaves everything else as it is: comments, order, quotes, blank lines.
//!
//! **Invariant:** a text that comes out of here differs from the one that went in by the values of the given keys and by
//! nothing else (`edit/proof.rs`). What cannot be changed so is refused. The only user of the library that edits YAML.

mod proof;

use serde_json::Value;
use yaml_edit::path::YamlPath as _;
use yaml_edit::{Document, YamlFile};

use super::fault::{Fault, Faults};
use super::{Overrides, Source, emit, settle, yaml};

/// A key and what it shall say.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The path of the key: `execution.parallel`, `gates[0].run`; a dot inside of a name is written `\.`.
    pub key: String,
    /// Its value. `null`: as if it were not given.
    pub value: Value,
}

impl Change {
    /// A key and its value.
    pub fn new(key: impl Into<String>, value: impl Into<Value>) -> Self {
        Self { key: key.into(), value: value.into() }
    }
}

/// Why a text was not changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditFault {
    /// The text is not YAML, or holds something else than keys.
    #[error("{name}:{line}:{column}: {problem}; mend it first")]
    Unreadable {
        /// The file's name.
        name: String,
        /// Where, counted from 1.
        line: u64,
        /// Where, counted from 1.
        column: u64,
        /// What is wrong.
        problem: String,
    },
    /// This can be no path of a key.
    #[error("{key}: this is no path of a key ({problem}); write one like execution.parallel or gates[0].run")]
    NoPath {
        /// What was given.
        key: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The key does not exist, or cannot have this value.
    #[error("{}", told(.0))]
    Refused(Vec<Fault>),
    /// The key would be fine, but the file has faults already.
    #[error("{0}")]
    FaultyAlready(Faults),
    /// The change would reach further than its key.
    #[error(
        "{key}: this cannot be set without changing something else too (a comment inside of the value, an alias, a \
         multi-line form); edit {name} by hand"
    )]
    Tangled {
        /// The key.
        key: String,
        /// The file's name.
        name: String,
    },
}

/// Without the place, which is one in a text that nobody has seen.
fn told(faults: &[Fault]) -> String {
    let lines: Vec<String> = faults.iter().map(|fault| format!("{}: {}", fault.field, fault.problem)).collect();
    lines.join("\n")
}

/// Sets keys in a text and checks the result as a whole, as the file of this name.
///
/// Pure: nothing is read and nothing is written.
///
/// # Errors
/// The first change that cannot be made, or the faults of the result; the text is then to be left as it is.
pub fn set(name: &str, text: &str, changes: &[Change]) -> Result<String, EditFault> {
    let edited = set_unchecked(name, text, changes).map_err(|fault| clearer(name, changes, fault))?;
    let check = |text: &str| settle(Some(Source { name, bytes: text.as_bytes() }), &[].into(), &Overrides::default());
    let Err(faults) = check(&edited) else { return Ok(edited) };
    let is_of_change = |fault: &&Fault| changes.iter().any(|change| concerns(&change.key, &fault.field));
    let refused: Vec<Fault> = faults.0.iter().filter(is_of_change).cloned().collect();
    match check(text) {
        Err(before) if refused.is_empty() => Err(EditFault::FaultyAlready(before)),
        // A fault elsewhere that was not there before, like a key that needs the one that was changed.
        Ok(_) | Err(_) if refused.is_empty() => Err(EditFault::Refused(faults.0)),
        Ok(_) | Err(_) => Err(EditFault::Refused(refused)),
    }
}

/// A change that does not fit the text may be one that fits no text; that is then what is wrong with it.
fn clearer(name: &str, changes: &[Change], fault: EditFault) -> EditFault {
    match fault {
        // What is tangled in an empty text too would be asked about again and again.
        EditFault::Tangled { .. } if set_unchecked(name, "", changes).is_ok() => match set(name, "", changes) {
            Err(EditFault::Refused(faults)) => EditFault::Refused(faults),
            Ok(_) | Err(_) => fault,
        },
        fault => fault,
    }
}

/// Sets one key to a value as a person typed it: as YAML reads it, or as the text that it is where the key wants text.
///
/// # Errors
/// As [`set`].
pub fn assign(name: &str, text: &str, key: &str, typed: &str) -> Result<String, EditFault> {
    let [as_yaml, as_text] = [value_of(typed), Value::String(typed.to_owned())].map(|value| Change::new(key, value));
    set(name, text, &[as_yaml]).or_else(|refused| set(name, text, &[as_text]).map_err(|_| refused))
}

/// What YAML takes these words for.
fn value_of(typed: &str) -> Value {
    match yaml::parse(typed.as_bytes()).map(|node| proof::plain(&node)) {
        // Unquoted text is taken as it was typed: ` #` in a command begins no comment here.
        Ok(Some(Value::String(_))) if !typed.trim_start().starts_with(['"', '\'', '|', '>']) => typed.into(),
        Ok(Some(value)) => value,
        Ok(None) | Err(_) => typed.into(),
    }
}

/// Whether a fault at this path is about this key: the same one, one below it, or one above it.
fn concerns(key: &str, field: &str) -> bool {
    let below = |path: &str, above: &str| {
        path.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let key = key.replace("\\.", ".");
    !field.is_empty() && (below(field, &key) || below(&key, field))
}

fn set_unchecked(name: &str, text: &str, changes: &[Change]) -> Result<String, EditFault> {
    // Line breaks of Windows are put back afterwards, so that all lines end alike.
    let windows = text.contains("\r\n") && !text.replace("\r\n", "").contains('\n');
    let mut edited = if windows { text.replace("\r\n", "\n") } else { text.to_owned() };
    for change in changes {
        edited = set_one(name, &edited, change)?;
    }
    Ok(if windows { edited.replace('\n', "\r\n") } else { edited })
}

fn set_one(name: &str, text: &str, change: &Change) -> Result<String, EditFault> {
    let before = yaml::parse(text.as_bytes()).map_err(|fault| EditFault::Unreadable {
        name: name.to_owned(),
        line: fault.at.line,
        column: fault.at.column,
        problem: fault.problem,
    })?;
    let key = &change.key;
    let no_path = |problem: String| EditFault::NoPath { key: key.clone(), problem };
    let path = yaml_edit::path::try_parse_path(key).map_err(|fault| no_path(fault.to_string()))?;
    if path.is_empty() {
        return Err(no_path("it is empty".to_owned()));
    }
    let tangled = || EditFault::Tangled { key: key.clone(), name: name.to_owned() };
    let (file, _) = YamlFile::from_str_relaxed(text);
    put(&file.ensure_document(), key, &change.value).ok_or_else(tangled)?;
    let edited = file.to_string();
    if proof::only_changes(&proof::Edit { text, before: &before, edited: &edited, path: &path, value: &change.value }) {
        Ok(edited)
    } else {
        Err(tangled())
    }
}

/// Lets the library do it.
fn put(document: &Document, key: &str, value: &Value) -> Option<()> {
    match value {
        // Texts of several lines become blocks.
        Value::String(text) => document.try_set_path(key, text.as_str()).ok(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            let value: Document = emit::yaml(value, &|_| None).parse().ok()?;
            document.try_set_path(key, &value).ok()
        }
    }
}

#[cfg(test)]
mod tests;
