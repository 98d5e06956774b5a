//! Reads typed values out of the tree, notes where each comes from, and collects faults instead of stopping at one.

use std::ops::RangeInclusive;

use super::fault::{Fault, not_among};
use super::origin::{Origin, Origins};
use super::yaml::{Entry, Node, Position, Value};

/// What is known while the layers are read: faults so far, and the origin of each value so far.
#[derive(Debug, Default)]
pub(super) struct Log {
    /// The name of the configuration file.
    pub file: String,
    /// All faults so far.
    pub faults: Vec<Fault>,
    /// The layer that set each value last.
    pub origins: Origins,
}

impl Log {
    /// Notes a fault at a place in the file.
    pub fn fault(&mut self, at: Position, field: &str, problem: impl Into<String>) {
        self.faults.push(Fault { origin: self.origin(at), field: field.to_owned(), problem: problem.into() });
    }

    /// Notes a fault of the value at a path, wherever that value came from.
    pub fn fault_of(&mut self, field: &str, problem: impl Into<String>) {
        self.faults.push(Fault { origin: self.origins.of(field), field: field.to_owned(), problem: problem.into() });
    }

    fn origin(&self, at: Position) -> Origin {
        Origin::File { name: self.file.clone(), line: at.line, column: at.column }
    }

    /// Checks one value; a good one is written to `target`, with its origin noted.
    pub fn check<T: Into<U>, U>(&mut self, path: &str, node: &Node, kind: impl Kind<T>, target: &mut U) {
        match kind.read(&node.value) {
            Ok(value) => {
                *target = value.into();
                self.origins.set(path, self.origin(node.at));
            }
            Err(problem) => self.fault(node.at, path, problem),
        }
    }

    /// Checks each element of a list.
    pub fn check_list<T>(&mut self, path: &str, node: &Node, kind: impl Kind<T>, target: &mut Vec<T>) {
        let Value::List(items) = &node.value else {
            return self.fault(node.at, path, format!("expected a list, found {}", found(&node.value)));
        };
        let mut values = Vec::with_capacity(items.len());
        for (n, item) in items.iter().enumerate() {
            let mut value = None;
            self.check(&format!("{path}[{n}]"), item, |v: &Value| kind.read(v), &mut value);
            values.extend(value);
        }
        *target = values;
        self.origins.set(path, self.origin(node.at));
    }
}

/// How a value is read: the typed value, or what is wrong and what is allowed.
pub(super) trait Kind<T>: Fn(&Value) -> Result<T, String> {
    fn read(&self, value: &Value) -> Result<T, String> {
        self(value)
    }
}

impl<T, F: Fn(&Value) -> Result<T, String>> Kind<T> for F {}

/// A mapping of the file whose keys are asked for one by one; what was never asked for is unknown.
pub(super) struct Section<'a> {
    /// Faults and origins.
    pub log: &'a mut Log,
    /// The path of the mapping itself; empty for the root.
    pub path: String,
    /// Where it stands.
    pub at: Position,
    entries: &'a [Entry],
    asked: Vec<&'static str>,
}

impl<'a> Section<'a> {
    /// Opens a mapping, lets `read` ask for its keys, and then reports the keys that are unknown or repeated.
    /// An empty value is an empty mapping: a section whose keys are all commented out.
    pub fn open(log: &'a mut Log, path: &str, node: &'a Node, read: impl FnOnce(&mut Section<'a>)) {
        let entries: &[Entry] = match &node.value {
            Value::Map(entries) => entries,
            Value::Null => &[],
            other => {
                let problem = format!("expected keys with values, found {}", found(other));
                return log.fault(node.at, path, problem);
            }
        };
        report_repeated(log, path, entries);
        let mut section = Section { log, path: path.to_owned(), at: node.at, entries, asked: Vec::new() };
        read(&mut section);
        section.report_unknown();
    }

    /// The path of one key.
    pub fn path_of(&self, key: &str) -> String {
        join(&self.path, key)
    }

    /// The value of a key, when it is there and not empty.
    pub fn node(&mut self, key: &'static str) -> Option<&'a Node> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        (entry.value.value != Value::Null).then_some(&entry.value)
    }

    /// Reads the value of a key; without the key the target stays as it is.
    pub fn read<T: Into<U>, U>(&mut self, key: &'static str, kind: impl Kind<T>, target: &mut U) {
        if let Some(node) = self.node(key) {
            self.log.check(&self.path_of(key), node, kind, target);
        }
    }

    /// Reads a list.
    pub fn list<T>(&mut self, key: &'static str, kind: impl Kind<T>, target: &mut Vec<T>) {
        if let Some(node) = self.node(key) {
            self.log.check_list(&self.path_of(key), node, kind, target);
        }
    }

    /// Reads a mapping below this one.
    pub fn section(&mut self, key: &'static str, read: impl FnOnce(&mut Section<'_>)) {
        if let Some(node) = self.node(key) {
            let path = self.path_of(key);
            Section::open(self.log, &path, node, |section| read(section));
        }
    }

    /// Reads a mapping whose keys are free names, each with text.
    pub fn texts(&mut self, key: &'static str, target: &mut std::collections::BTreeMap<String, String>) {
        let Some(node) = self.node(key) else { return };
        let path = self.path_of(key);
        let Value::Map(entries) = &node.value else {
            let problem = format!("expected names with texts, found {}", found(&node.value));
            return self.log.fault(node.at, &path, problem);
        };
        report_repeated(self.log, &path, entries);
        for entry in entries {
            if entry.key.is_empty() || entry.key.contains(['=', '\0']) {
                let problem = "a name must not be empty and must not hold `=` or a NUL byte";
                self.log.fault(entry.at, &join(&path, &entry.key), problem);
            }
            let mut value = None;
            self.log.check(&join(&path, &entry.key), &entry.value, any_text, &mut value);
            target.extend(value.map(|value| (entry.key.clone(), value)));
        }
    }

    /// Reads a mapping whose keys are free names, each with a mapping below it.
    pub fn named(&mut self, key: &'static str, mut read: impl FnMut(&str, &mut Section<'_>)) {
        let Some(node) = self.node(key) else { return };
        let path = self.path_of(key);
        let Value::Map(entries) = &node.value else {
            let problem = format!("expected names with keys below them, found {}", found(&node.value));
            return self.log.fault(node.at, &path, problem);
        };
        report_repeated(self.log, &path, entries);
        for entry in entries {
            Section::open(self.log, &join(&path, &entry.key), &entry.value, |section| read(&entry.key, section));
        }
    }

    fn report_unknown(&mut self) {
        for entry in self.entries.iter().filter(|entry| !self.asked.contains(&entry.key.as_str())) {
            let path = self.path_of(&entry.key);
            let problem = match renamed(&path) {
                Some(advice) => format!("this key of earlier versions is gone; {advice}"),
                None => format!("there is no such key. {}", not_among(&entry.key, &self.asked)),
            };
            self.log.fault(entry.at, &path, problem);
        }
    }
}

/// What to do about keys that ralph-teams 1.0.x still took and that mean nothing any more.
fn renamed(path: &str) -> Option<&'static str> {
    match path {
        "execution.validatorMaxPushbacks" => Some("write `execution.storyValidation.maxFixCycles`"),
        "agents.planner" => Some("write `agents.epicPlanner`"),
        "agents.validator" => Some("write `agents.storyValidator`"),
        "pricing" => Some("write `prices`, where a backend does not tell its costs itself"),
        _ => None,
    }
}

fn report_repeated(log: &mut Log, path: &str, entries: &[Entry]) {
    for (n, entry) in entries.iter().enumerate() {
        if let Some(first) = entries[..n].iter().find(|earlier| earlier.key == entry.key) {
            let problem = format!("this key was given on line {} already; keep one of the two", first.at.line);
            log.fault(entry.at, &join(path, &entry.key), problem);
        }
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

/// What stands there, for the words "expected .., found ..".
pub(super) fn found(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Bool(value) => format!("`{value}`"),
        Value::Whole(value) => format!("the number {value}"),
        Value::Decimal(value) => format!("the number {value}"),
        Value::Text(text) => {
            let mut shown: String = text.chars().take(40).collect::<String>().escape_debug().collect();
            if text.chars().nth(40).is_some() {
                shown.push_str("...");
            }
            format!("the text \"{shown}\"")
        }
        Value::List(_) => "a list".to_owned(),
        Value::Map(_) => "keys with values".to_owned(),
    }
}

/// Reads `true` or `false`.
pub(super) fn switch(value: &Value) -> Result<bool, String> {
    match value {
        Value::Bool(value) => Ok(*value),
        other => Err(format!("expected true or false, found {}", found(other))),
    }
}

/// Reads a whole number in a range.
pub(super) fn whole(range: RangeInclusive<u32>) -> impl Kind<u32> {
    move |value: &Value| {
        let number = match value {
            Value::Whole(number) => u32::try_from(*number).ok().filter(|number| range.contains(number)),
            Value::Null | Value::Bool(_) | Value::Decimal(_) | Value::Text(_) | Value::List(_) | Value::Map(_) => None,
        };
        let allowed = || format!("expected a whole number from {} to {}", range.start(), range.end());
        number.ok_or_else(|| format!("{}, found {}", allowed(), found(value)))
    }
}

/// Reads a number of at least 0.
pub(super) fn amount(value: &Value) -> Result<f64, String> {
    let number = match value {
        #[expect(clippy::cast_precision_loss, reason = "an amount of money or tokens is exact far below 2^53")]
        Value::Whole(number) => Some(*number as f64),
        Value::Decimal(number) => Some(*number),
        Value::Null | Value::Bool(_) | Value::Text(_) | Value::List(_) | Value::Map(_) => None,
    };
    let number = number.filter(|number| *number >= 0.0);
    number.ok_or_else(|| format!("expected a number of at least 0, found {}", found(value)))
}

/// The longest time that can be configured: a year.
const MAX_SECONDS: f64 = 31_536_000.0;

/// Reads seconds (fractions are allowed) as milliseconds; at least one of them.
pub(super) fn seconds(value: &Value) -> Result<u64, String> {
    match amount(value) {
        Ok(number) if (0.001..=MAX_SECONDS).contains(&number) => Ok(milliseconds(number)),
        _ => Err(format!("expected seconds, from 0.001 to {MAX_SECONDS}, found {}", found(value))),
    }
}

/// Reads seconds of which 0 means "none at all".
pub(super) fn pause(value: &Value) -> Result<u64, String> {
    match amount(value) {
        Ok(number) if number <= MAX_SECONDS => Ok(milliseconds(number)),
        _ => Err(format!("expected seconds, from 0 to {MAX_SECONDS}, found {}", found(value))),
    }
}

/// Reads a limit in seconds; 0 means "no limit".
pub(super) fn limit(value: &Value) -> Result<Option<u64>, String> {
    if amount(value) == Ok(0.0) {
        return Ok(None);
    }
    seconds(value).map(Some).map_err(|problem| problem.replace("from 0.001", "0 for no limit, or from 0.001"))
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be in 0..=a year")]
fn milliseconds(seconds: f64) -> u64 {
    (seconds * 1000.0).round() as u64
}

/// Reads text that may be empty. Numbers and truth values have to be quoted, so that `1.10` is never read as `1.1`.
pub(super) fn any_text(value: &Value) -> Result<String, String> {
    match value {
        Value::Text(text) if text.contains('\0') => Err("a text must not hold a NUL byte".to_owned()),
        Value::Text(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Whole(_) | Value::Decimal(_) => {
            Err(format!("expected text, found {}; put it in quotes", found(value)))
        }
        Value::Null | Value::List(_) | Value::Map(_) => Err(format!("expected text, found {}", found(value))),
    }
}

/// Reads text that says something.
pub(super) fn text(value: &Value) -> Result<String, String> {
    any_text(value).and_then(|text| {
        if text.trim().is_empty() { Err("expected text, found only blanks".to_owned()) } else { Ok(text) }
    })
}

/// Reads one of several words.
pub(super) fn choice<T: Copy>(what: &'static str, words: &'static [(&'static str, T)]) -> impl Kind<T> {
    move |value: &Value| {
        let allowed: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let Value::Text(text) = value else {
            return Err(format!("expected {what}, found {}. Allowed: {}", found(value), allowed.join(", ")));
        };
        let known = words.iter().find(|(word, _)| word == text).map(|(_, meaning)| *meaning);
        known.ok_or_else(|| format!("`{}` is not {what}. {}", text.escape_debug(), not_among(text, &allowed)))
    }
}

/// Reads a path or pattern that stays inside the repository.
pub(super) fn inner_path(value: &Value) -> Result<String, String> {
    let path = text(value)?;
    let leaves = path.starts_with('/') || path.split('/').any(|part| part == "..");
    let problem = || format!("`{}` leads out of the repository; write it relative to the root, without `..`", path);
    if leaves { Err(problem()) } else { Ok(path) }
}
