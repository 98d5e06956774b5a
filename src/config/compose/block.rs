//! YAML to be written: keys in order with comments above them, in block style, with quotes only where they are needed.

use crate::config::yaml::{self, Value as Parsed};

/// A mapping.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Block {
    pub entries: Vec<Entry>,
}

/// A key, its value, and what is said above it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    comments: Vec<String>,
    key: String,
    value: Value,
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// A number or a truth value, as it is written; empty: nothing.
    Bare(String),
    Text(String),
    /// Each with a comment, which may be empty.
    List(Vec<(String, Value)>),
    Map(Block),
}

impl Value {
    /// A list of texts.
    pub fn texts(texts: &[String]) -> Self {
        Self::List(texts.iter().map(|text| (String::new(), Self::Text(text.clone()))).collect())
    }
}

impl Block {
    /// Puts a key at the end. Empty comments are left out.
    pub fn add(&mut self, comments: &[&str], key: &str, value: Value) {
        let comments = comments.iter().filter(|comment| !comment.is_empty()).map(|comment| one_line(comment)).collect();
        self.entries.push(Entry { comments, key: key.to_owned(), value });
    }

    /// Gives the key at a path a value; mappings on the way are made, and what is no mapping becomes one.
    pub fn set(&mut self, path: &[&str], value: Value) {
        let [key, rest @ ..] = path else { return };
        let place = match self.entries.iter().position(|entry| entry.key == *key) {
            Some(place) => place,
            None => {
                self.add(&[], key, Value::Bare(String::new()));
                self.entries.len() - 1
            }
        };
        let entry = &mut self.entries[place];
        if rest.is_empty() {
            // What was said above it spoke of another value.
            entry.comments.clear();
            entry.value = value;
            return;
        }
        let mut inner = match std::mem::replace(&mut entry.value, Value::Bare(String::new())) {
            Value::Map(inner) => inner,
            Value::Bare(_) | Value::Text(_) | Value::List(_) => Self::default(),
        };
        inner.set(rest, value);
        entry.value = Value::Map(inner);
    }

    /// The text of a whole document: a blank line before each key of the top.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for entry in &self.entries {
            text.push('\n');
            write(&mut text, entry, 0);
        }
        text
    }
}

fn write(text: &mut String, entry: &Entry, indent: usize) {
    for comment in &entry.comments {
        *text += &format!("{:indent$}# {comment}\n", "");
    }
    *text += &format!("{:indent$}{}:", "", scalar(&entry.key));
    match &entry.value {
        Value::Bare(bare) if bare.is_empty() => text.push('\n'),
        Value::Bare(bare) => *text += &format!(" {bare}\n"),
        Value::Text(said) => *text += &format!(" {}\n", scalar(said)),
        Value::List(items) if items.is_empty() => *text += " []\n",
        Value::Map(block) if block.entries.is_empty() => *text += " {}\n",
        Value::List(items) => {
            text.push('\n');
            items.iter().for_each(|(comment, item)| write_item(text, comment, item, indent + 2));
        }
        Value::Map(block) => {
            text.push('\n');
            block.entries.iter().for_each(|entry| write(text, entry, indent + 2));
        }
    }
}

fn write_item(text: &mut String, comment: &str, item: &Value, indent: usize) {
    if !comment.is_empty() {
        *text += &format!("{:indent$}# {}\n", "", one_line(comment));
    }
    let mut inner = String::new();
    match item {
        Value::Bare(bare) => inner = format!("{bare}\n"),
        Value::Text(said) => inner = format!("{}\n", scalar(said)),
        Value::List(items) if items.is_empty() => inner.push_str("[]\n"),
        Value::Map(block) if block.entries.is_empty() => inner.push_str("{}\n"),
        Value::List(items) => {
            items.iter().for_each(|(comment, item)| write_item(&mut inner, comment, item, indent + 2))
        }
        Value::Map(block) => block.entries.iter().for_each(|entry| write(&mut inner, entry, indent + 2)),
    }
    // The first line stands behind the dash; a mapping of ours never begins with a comment.
    *text += &format!("{:indent$}- {}", "", inner.trim_start());
}

/// The text as it is when YAML reads the very same out of it, else in quotes.
fn scalar(text: &str) -> String {
    let read = yaml::parse(format!("- {text}\n").as_bytes()).map(|node| node.value);
    let is_same = matches!(&read, Ok(Parsed::List(items)) if matches!(items.as_slice(),
        [only] if only.value == Parsed::Text(text.to_owned())));
    let key = yaml::parse(format!("k: {text}\n").as_bytes()).map(|node| node.value);
    let is_same_as_value = matches!(&key, Ok(Parsed::Map(entries)) if matches!(entries.as_slice(),
        [only] if only.value.value == Parsed::Text(text.to_owned())));
    let is_plain =
        is_same && is_same_as_value && !text.contains(['\n', '"', '\'']) && !text.starts_with(['&', '*', '|', '>']);
    // Each text of JSON is one of YAML.
    if is_plain { text.to_owned() } else { serde_json::Value::from(text).to_string() }
}

fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
