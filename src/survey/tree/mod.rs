//! JSON, TOML and YAML as one small tree in which every key and value knows its line.

mod json;
mod toml;
mod yaml;

pub(super) use json::json;
pub(super) use toml::toml;
pub(super) use yaml::yaml;

/// Nesting that no manifest reaches; the libraries descend by recursion.
const MAX_DEPTH: usize = 100;

/// A value and its line, counted from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    pub line: usize,
    pub value: Value,
}

/// A value; numbers and truth values are texts here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    Text(String),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
}

impl Node {
    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().find(|(name, _)| name == key).map(|(_, node)| node)
    }

    /// The value under a path of keys.
    pub fn at(&self, path: &[&str]) -> Option<&Self> {
        path.iter().try_fold(self, |node, key| node.get(key))
    }

    /// The pairs of a mapping; none of anything else.
    pub fn entries(&self) -> &[(String, Self)] {
        match &self.value {
            Value::Map(entries) => entries,
            Value::Text(_) | Value::List(_) => &[],
        }
    }

    /// The elements of a list; none of anything else.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            Value::Text(_) | Value::Map(_) => &[],
        }
    }

    /// The text, when it is one.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            Value::List(_) | Value::Map(_) => None,
        }
    }
}

/// Whether brackets nest deeper than in any sane file. Those in texts count too, which only errs on the safe side.
fn too_deep(text: &str) -> bool {
    let mut depth = 0_usize;
    for byte in text.bytes() {
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return true;
        }
    }
    false
}

/// The line of a byte offset, counted from 1.
fn line_of(text: &str, offset: usize) -> usize {
    text.as_bytes()[..offset.min(text.len())].iter().filter(|byte| **byte == b'\n').count() + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_knows_the_lines_of_its_values() {
        let trees = [
            json("{\n \"a\": {\n  \"b\": [\"x\",\n \"y\"]}}"),
            toml("\n[a]\nb = [\"x\",\n\"y\"]\n"),
            yaml("\na:\n  b: [x,\n   y]\n"),
        ];
        for tree in trees {
            let tree = tree.expect("a tree");
            let list = tree.at(&["a", "b"]).expect("the list").items();
            let said: Vec<_> = list.iter().map(|node| (node.text().unwrap_or_default(), node.line)).collect();
            assert_eq!(said, [("x", 3), ("y", 4)]);
        }
    }

    #[test]
    fn a_bomb_or_a_torn_file_is_no_tree() {
        let bomb = "[".repeat(100_000);
        assert_eq!((json(&bomb), toml(&format!("a = {bomb}")), yaml(&bomb)), (None, None, None));
        assert_eq!((json("{"), toml("a ="), yaml("a: [")), (None, None, None));
    }
}
