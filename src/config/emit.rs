//! Values -> YAML text in the way in which people write it: blocks of keys, short lists on one line, quotes only where needed.

use serde_json::Value;

/// The text of a value. `note` says what stands behind a value as a comment, by the path of its key.
#[must_use]
pub fn yaml(value: &Value, note: &dyn Fn(&str) -> Option<String>) -> String {
    let mut writer = Writer { text: String::new(), note };
    match value {
        Value::Object(_) | Value::Array(_) if !is_short(value) => writer.block("", 0, value),
        short => writer.text.push_str(&(flow(short) + "\n")),
    }
    writer.text
}

/// Each value that stands on a line of its own, with the path of its key (`timeouts.epicTimeout`, `gates[0].run`).
#[must_use]
pub fn leaves(value: &Value) -> Vec<(String, Value)> {
    let mut found = Vec::new();
    collect("", value, &mut found);
    found
}

fn collect(path: &str, value: &Value, found: &mut Vec<(String, Value)>) {
    match value {
        _ if is_short(value) => found.push((path.to_owned(), value.clone())),
        Value::Object(entries) => entries.iter().for_each(|(key, value)| collect(&join(path, key), value, found)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, item)| collect(&format!("{path}[{n}]"), item, found));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

struct Writer<'a> {
    text: String,
    note: &'a dyn Fn(&str) -> Option<String>,
}

impl Writer<'_> {
    fn block(&mut self, path: &str, indent: usize, value: &Value) {
        match value {
            Value::Object(entries) => {
                for (key, value) in entries {
                    self.indent(indent);
                    self.text.push_str(&scalar_text(key));
                    self.text.push(':');
                    self.value(&join(path, key), indent + 2, value);
                }
            }
            Value::Array(items) => {
                for (n, item) in items.iter().enumerate() {
                    self.indent(indent);
                    self.text.push('-');
                    self.item(&format!("{path}[{n}]"), indent + 2, item);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }

    /// What stands behind the colon of a key.
    fn value(&mut self, path: &str, indent: usize, value: &Value) {
        if is_short(value) {
            // No value at all is how the file says "not given".
            let shown = if value.is_null() { String::new() } else { format!(" {}", flow(value)) };
            self.text.push_str(&shown);
            if let Some(note) = (self.note)(path) {
                self.text.push_str(&format!("  # {note}"));
            }
            self.text.push('\n');
        } else {
            self.text.push('\n');
            self.block(path, indent, value);
        }
    }

    /// What stands behind the dash of a list: the first key on the same line.
    fn item(&mut self, path: &str, indent: usize, item: &Value) {
        if is_short(item) {
            self.text.push_str(&format!(" {}\n", flow(item)));
            return;
        }
        let start = self.text.len();
        self.block(path, indent, item);
        // The dash stands where the first line is indented.
        self.text.replace_range(start..start + indent, " ");
    }

    fn indent(&mut self, indent: usize) {
        self.text.push_str(&" ".repeat(indent));
    }
}

/// Whether a value fits on the line of its key: a scalar, something empty, or a list of scalars.
fn is_short(value: &Value) -> bool {
    match value {
        Value::Object(entries) => entries.is_empty(),
        Value::Array(items) => items.iter().all(|item| !item.is_object() && !item.is_array()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => true,
    }
}

fn flow(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("[{}]", items.iter().map(flow).collect::<Vec<_>>().join(", ")),
        Value::String(text) => scalar_text(text),
        // JSON is YAML.
        other => other.to_string(),
    }
}

/// A text, in quotes when it could be read as anything else, by any reader of YAML.
fn scalar_text(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-./ +=@()&|;'$~^%".contains(c);
    let begins = text.chars().next().is_some_and(|c| c.is_alphabetic() || "_/$(".contains(c)) || text.starts_with("./");
    let words = ["null", "true", "false", "yes", "no", "on", "y", "n"];
    let is_word = words.iter().any(|word| text.eq_ignore_ascii_case(word));
    if begins && text.chars().all(plain) && !text.ends_with(' ') && !is_word {
        text.to_owned()
    } else {
        Value::String(text.to_owned()).to_string()
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn plain(value: &Value) -> String {
        yaml(value, &|_| None)
    }

    #[test]
    fn values_read_as_people_write_them() {
        let value = json!({
            "workflow": { "preset": "off" },
            "execution": { "model": null, "parallel": 4, "fallback": ["codex", "a, b"], "more": [] },
            "gates": [{ "name": "test", "run": "cargo test -- -D x" }, { "run": "true" }],
            "policy": {},
        });
        insta::assert_snapshot!(plain(&value), @r#"
        workflow:
          preset: off
        execution:
          model:
          parallel: 4
          fallback: [codex, "a, b"]
          more: []
        gates:
          - name: test
            run: cargo test -- -D x
          - run: "true"
        policy: {}
        "#);
    }

    #[test]
    fn a_note_stands_behind_the_value_that_it_is_about() {
        let note = |path: &str| (path == "a.b" || path == "c[0].d").then(|| format!("about {path}"));
        let text = yaml(&json!({ "a": { "b": 1 }, "c": [{ "d": 2 }] }), &note);
        assert_eq!(text, "a:\n  b: 1  # about a.b\nc:\n  - d: 2  # about c[0].d\n");
    }

    #[test]
    fn every_leaf_is_found_by_its_path() {
        let paths = |value: &Value| leaves(value).into_iter().map(|(path, _)| path).collect::<Vec<_>>();
        assert_eq!(paths(&json!({ "a": { "b": [1] }, "c": [{ "d": 2 }, {}] })), ["a.b", "c[0].d", "c[1]"]);
    }

    #[test]
    fn what_could_be_read_as_something_else_is_quoted() {
        for text in
            ["", "4", "1.10", "true", "No", "~", "a: b", "a #b", "- x", "*x", "&x", "a\nb", " a", "a ", "%x", "[x]"]
        {
            assert_eq!(scalar_text(text), Value::String(text.to_owned()).to_string(), "{text:?}");
        }
        for text in ["claude", "npm ci && npm test", "./x.sh", "/opt/x", "$NAME", "ü"] {
            assert_eq!(scalar_text(text), text);
        }
    }
}
