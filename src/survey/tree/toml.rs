//! TOML -> a tree with lines.

use toml_span::value::ValueInner;

use super::{Node, Value, line_of, too_deep};

/// The tree of a TOML text; `None` when it is none.
pub(in crate::survey) fn toml(text: &str) -> Option<Node> {
    if too_deep(text) {
        return None;
    }
    let mut parsed = toml_span::parse(text).ok()?;
    Some(node(text, &mut parsed))
}

fn node(text: &str, value: &mut toml_span::Value<'_>) -> Node {
    let line = line_of(text, value.span.start);
    let value = match value.take() {
        ValueInner::String(said) => Value::Text(said.into_owned()),
        ValueInner::Integer(number) => Value::Text(number.to_string()),
        ValueInner::Float(number) => Value::Text(number.to_string()),
        ValueInner::Boolean(truth) => Value::Text(truth.to_string()),
        ValueInner::Array(items) => Value::List(items.into_iter().map(|mut item| node(text, &mut item)).collect()),
        ValueInner::Table(table) => {
            let mut pairs: Vec<_> = table.into_iter().collect();
            pairs.sort_by_key(|(key, _)| key.span.start);
            Value::Map(pairs.into_iter().map(|(key, mut value)| pair(text, &key, &mut value)).collect())
        }
    };
    Node { line, value }
}

fn pair(text: &str, key: &toml_span::value::Key<'_>, value: &mut toml_span::Value<'_>) -> (String, Node) {
    let mut node = node(text, value);
    // A table that is opened by `[name]` is told by that line.
    if let Value::Map(_) = node.value {
        node.line = line_of(text, key.span.start);
    }
    (key.name.to_string(), node)
}
