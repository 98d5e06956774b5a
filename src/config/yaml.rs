//! YAML text -> a small tree in which every key and value knows its line and column; the only user of the YAML library.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::{DuplicateKeyPolicy, MergeKeyPolicy, NonFiniteFloatPolicy, Spanned};

/// Nesting that no sane configuration reaches; it bounds our own recursion too.
const MAX_DEPTH: usize = 24;

/// A place in the text; line and column count from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// The line.
    pub line: u64,
    /// The column.
    pub column: u64,
}

impl Position {
    /// Where a text begins.
    pub const START: Self = Self { line: 1, column: 1 };
}

/// A value and where it stands.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The value.
    pub value: Value,
    /// Its first character.
    pub at: Position,
}

/// A value of the core schema of YAML 1.2 (`yes` and `on` are text).
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Nothing: an empty value, `~` or `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Whole(i128),
    /// Any other number; always finite.
    Decimal(f64),
    /// Text.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping in the order of the text, repeated keys and all.
    Map(Vec<Entry>),
}

/// One pair of a mapping.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// Where the key stands.
    pub at: Position,
    /// What it stands for.
    pub value: Node,
}

/// Why a text is not one YAML document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxFault {
    /// Where.
    pub at: Position,
    /// What, in one line.
    pub problem: String,
}

/// Reads one document. Text without any value is [`Value::Null`].
///
/// # Errors
/// The first place where it is not UTF-8 or not YAML, or where it is larger, deeper or more repetitive than a
/// configuration can be (the parser has a budget, so a small text cannot grow into a huge tree).
pub fn parse(bytes: &[u8]) -> Result<Node, SyntaxFault> {
    let text = std::str::from_utf8(bytes).map_err(|error| not_utf8(bytes, error.valid_up_to()))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_depth: MAX_DEPTH,
            flow_nesting_limit: MAX_DEPTH,
            max_events: 50_000,
            max_nodes: 20_000,
            max_aliases: 200,
            max_anchors: 200,
            max_recorded_anchor_events: 20_000,
            max_total_scalar_bytes: 4 << 20,
        },
        alias_limits: serde_saphyr::alias_limits! {
            max_total_replayed_events: 10_000,
            max_replay_stack_depth: 8,
        },
        // The last one wins for the parser, but both are shown to us: a repeated key is our fault to report.
        duplicate_keys: DuplicateKeyPolicy::LastWins,
        merge_keys: MergeKeyPolicy::AsOrdinary,
        non_finite_float_policy: NonFiniteFloatPolicy::AsString,
        strict_booleans: true,
        with_snippet: false,
    };
    serde_saphyr::from_str_with_options(text, options).map_err(|error| SyntaxFault {
        at: error.location().map_or(Position::START, |at| position(at.line(), at.column())),
        problem: one_line(&error),
    })
}

fn not_utf8(bytes: &[u8], valid_up_to: usize) -> SyntaxFault {
    let valid = String::from_utf8_lossy(&bytes[..valid_up_to]);
    let line = valid.matches('\n').count() + 1;
    let column = valid.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
    SyntaxFault { at: position(line as u64, column as u64), problem: "this byte is not UTF-8 text".to_owned() }
}

/// The parser's own words on one line, without the place, which we name ourselves.
fn one_line(error: &serde_saphyr::Error) -> String {
    let words = error.without_snippet().render_with_formatter(&serde_saphyr::UserMessageFormatter);
    let first = words.lines().next().unwrap_or_default();
    let first = first.split_once(": line ").map_or(first, |(message, _)| message);
    let first = first.split_once(" at line ").map_or(first, |(message, _)| message);
    format!("this is not YAML that a configuration can hold: {}", first.trim_start_matches("error: "))
}

fn position(line: u64, column: u64) -> Position {
    Position { line: line.max(1), column: column.max(1) }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let spanned = Spanned::<Value>::deserialize(deserializer)?;
        let at = position(spanned.referenced.line(), spanned.referenced.column());
        Ok(Self { value: spanned.value, at })
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> Visitor<'de> for ValueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Whole(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Whole(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Value::Decimal(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value, A::Error> {
        let mut nodes = Vec::new();
        while let Some(node) = list.next_element()? {
            nodes.push(node);
        }
        Ok(Value::List(nodes))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut entries = Vec::new();
        while let Some((key, value)) = map.next_entry::<Spanned<String>, Node>()? {
            let at = position(key.referenced.line(), key.referenced.column());
            entries.push(Entry { key: key.value, at, value });
        }
        Ok(Value::Map(entries))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries(text: &str) -> Vec<Entry> {
        match parse(text.as_bytes()).expect("YAML").value {
            Value::Map(entries) => entries,
            other => panic!("a mapping, not {other:?}"),
        }
    }

    #[test]
    fn every_key_and_value_knows_its_place() {
        let root = entries("# c\na: 1\nb:\n  - x\n  - {c: 2.5}\n");
        assert_eq!((root[0].at, root[0].value.at), (position(2, 1), position(2, 4)));
        let Value::List(list) = &root[1].value.value else { panic!("a list") };
        assert_eq!(list[0], Node { value: Value::Text("x".to_owned()), at: position(4, 5) });
        let Value::Map(inner) = &list[1].value else { panic!("a mapping") };
        assert_eq!(inner[0].at, position(5, 6));
        assert_eq!(inner[0].value, Node { value: Value::Decimal(2.5), at: position(5, 9) });
    }

    #[test]
    fn a_repeated_key_is_seen_twice() {
        let keys: Vec<_> = entries("a: 1\nb: 2\na: 3\n").into_iter().map(|e| (e.key, e.at.line)).collect();
        assert_eq!(keys, [("a".to_owned(), 1), ("b".to_owned(), 2), ("a".to_owned(), 3)]);
    }

    #[test]
    fn words_that_only_old_yaml_takes_for_truth_are_text() {
        let value = |text: &str| parse(text.as_bytes()).expect("YAML").value;
        assert_eq!(value("yes"), Value::Text("yes".to_owned()));
        assert_eq!(value("true"), Value::Bool(true));
        assert_eq!(value("\"4\""), Value::Text("4".to_owned()));
        assert_eq!(value("4"), Value::Whole(4));
        assert_eq!(value("-4"), Value::Whole(-4));
        assert_eq!(value(".inf"), Value::Text(".inf".to_owned()));
        assert_eq!(value(""), Value::Null);
        assert_eq!(value("# nothing\n"), Value::Null);
        assert_eq!(value("\u{feff}4"), Value::Whole(4));
    }

    #[test]
    fn an_alias_stands_where_it_is_used() {
        let root = entries("a: &x 5\nb: *x\n");
        assert_eq!(root[1].value, Node { value: Value::Whole(5), at: position(2, 4) });
    }

    #[test]
    fn bombs_are_refused() {
        let deep = "[".repeat(5_000);
        let blocks: String = (0..200).map(|n| format!("{}a:\n", " ".repeat(n))).collect();
        let mut laughs = "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
        for n in 1..12 {
            let row = vec![format!("*a{}", n - 1); 10].join(",");
            laughs.push_str(&format!("a{n}: &a{n} [{row}]\n"));
        }
        for bomb in [deep, blocks, laughs] {
            parse(bomb.as_bytes()).expect_err("a bomb");
        }
    }

    #[test]
    fn a_syntax_fault_names_its_place_once() {
        let fault = parse(b"a: 1\nb: [1, 2\nc: 3\n").expect_err("a fault");
        assert!(fault.at.line >= 2, "{fault:?}");
        assert!(!fault.problem.contains("line "), "{fault:?}");
        assert!(!fault.problem.contains('\n'), "{fault:?}");
        let fault = parse(b"a: 1\nb: \xff\n").expect_err("a fault");
        assert_eq!(fault.at, position(2, 4));
    }
}
