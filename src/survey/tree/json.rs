//! JSON -> a tree with lines; comments and trailing commas are taken, as most readers of such files do.

use jsonc_parser::ast;
use jsonc_parser::common::Ranged as _;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::{Node, Value, line_of, too_deep};

/// The tree of a JSON text; `None` when it is none.
pub(in crate::survey) fn json(text: &str) -> Option<Node> {
    if too_deep(text) {
        return None;
    }
    let parsed = parse_to_ast(text, &CollectOptions::default(), &ParseOptions::default()).ok()?;
    Some(node(text, &parsed.value?))
}

fn node(text: &str, value: &ast::Value<'_>) -> Node {
    let line = line_of(text, value.range().start);
    let value = match value {
        ast::Value::StringLit(said) => Value::Text(said.value.to_string()),
        ast::Value::NumberLit(number) => Value::Text(number.value.to_string()),
        ast::Value::BooleanLit(truth) => Value::Text(truth.value.to_string()),
        ast::Value::NullKeyword(_) => Value::Text(String::new()),
        ast::Value::Array(array) => Value::List(array.elements.iter().map(|value| node(text, value)).collect()),
        ast::Value::Object(object) => Value::Map(
            object.properties.iter().map(|pair| (pair.name.as_str().to_owned(), node(text, &pair.value))).collect(),
        ),
    };
    Node { line, value }
}
