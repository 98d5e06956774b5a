//! From bytes to a tree of JSON values that know their places. Strict JSON: no comments, no trailing commas.

use std::collections::BTreeSet;
use std::fmt;

use jsonc_parser::ast::Value;
use jsonc_parser::common::Ranged as _;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};

use super::fault::{Fault, Faults, Path};

/// The byte order mark that some editors put in front of UTF-8.
pub(super) const BYTE_ORDER_MARK: char = '\u{feff}';

/// The text of the file without its byte order mark.
pub(super) fn text_of(bytes: &[u8]) -> Result<&str, Fault> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text)),
        Err(error) => Err(not_utf8(bytes, error.valid_up_to())),
    }
}

fn not_utf8(bytes: &[u8], offset: usize) -> Fault {
    let valid = String::from_utf8_lossy(&bytes[..offset]);
    let valid = valid.strip_prefix(BYTE_ORDER_MARK).unwrap_or(&valid);
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return one(valid, 0, "the file is UTF-16, not UTF-8", "save it as UTF-8");
    }
    let what = format!("the byte 0x{:02x} is not UTF-8", bytes[offset]);
    one(valid, valid.len(), &what, "save the file as UTF-8")
}

/// One fault of the file as a whole, at this byte offset of the text.
fn one(text: &str, offset: usize, what: &str, instead: &str) -> Fault {
    let mut faults = Faults::default();
    faults.add(offset, &Path::Root, what, instead);
    faults.locate(text).remove(0)
}

/// Parses text that has no byte order mark.
///
/// `serde_json` goes first: it refuses all that is not JSON, says exactly where, and bounds the depth, so that neither
/// parser can run out of stack. The second parser only adds the places.
pub(super) fn parse(text: &str) -> Result<Value<'_>, Fault> {
    serde_json::from_str::<Syntax>(text).map_err(|error| not_json(text, &error))?;
    let strict = ParseOptions {
        allow_comments: false,
        allow_loose_object_property_names: false,
        allow_trailing_commas: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    match parse_to_ast(text, &CollectOptions::default(), &strict) {
        Ok(parsed) => parsed.value.ok_or_else(|| one(text, 0, EMPTY.0, EMPTY.1)),
        Err(error) => Err(one(text, error.range().start, &format!("not JSON: {}", error.kind()), PLAIN_JSON)),
    }
}

const EMPTY: (&str, &str) = ("the file is empty", "write at least a project and one epic; see prd.json.example");
const PLAIN_JSON: &str = "write plain JSON here";

fn not_json(text: &str, error: &serde_json::Error) -> Fault {
    if text.trim().is_empty() {
        return one(text, 0, EMPTY.0, EMPTY.1);
    }
    let offset = offset_of(text, error.line(), error.column());
    let message = error.to_string();
    // The library appends the place in its own way of counting.
    let message = message.rsplit_once(" at line ").map_or(message.as_str(), |(message, _)| message);
    let instead = match text[offset..].chars().next() {
        Some('/' | '#') if !message.starts_with("EOF") => "remove the comment, JSON has none",
        Some('\'') => "write double quotes instead of single ones",
        _ => advice(message),
    };
    one(text, offset, &format!("not JSON: {message}"), instead)
}

/// What to do about a message of `serde_json`.
fn advice(message: &str) -> &'static str {
    const ADVICE: [(&str, &str); 10] = [
        ("EOF", "the file ends too early: close what is still open"),
        ("trailing comma", "remove the comma before it"),
        ("trailing characters", "remove what follows the end of the document"),
        ("key must be a string", "write the name of the field in double quotes"),
        ("control character", r"write \n for a line break, \t for a tab, and close the string with a double quote"),
        ("invalid escape", r"write \\ for a backslash"),
        ("number out of range", "write a smaller number"),
        ("recursion limit", "put less into each other: 127 levels are the limit"),
        ("expected `,`", "put a comma between two entries, or close the bracket"),
        ("expected `:`", "put a colon between the name of a field and its value"),
    ];
    ADVICE.iter().find(|(start, _)| message.starts_with(start)).map_or(PLAIN_JSON, |(_, advice)| advice)
}

/// The byte offset of a line, counted from 1, and a column in bytes, counted from 1 or 0 for the line break before.
fn offset_of(text: &str, line: usize, column: usize) -> usize {
    let before: usize = text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    text.floor_char_boundary(before + column.saturating_sub(1))
}

/// Notes every name that one object has twice: readers differ in which of the two they believe.
pub(super) fn find_duplicate_keys(root: &Value, faults: &mut Faults) {
    duplicate_keys_below(root, &Path::Root, faults);
}

fn duplicate_keys_below(value: &Value, path: &Path, faults: &mut Faults) {
    match value {
        Value::Object(object) => {
            let mut seen = BTreeSet::new();
            for property in &object.properties {
                let path = Path::Field(path, property.name.as_str());
                if !seen.insert(property.name.as_str()) {
                    faults.add(property.start(), &path, "the object has this field twice", "remove one of the two");
                }
                duplicate_keys_below(&property.value, &path, faults);
            }
        }
        Value::Array(array) => {
            for (index, entry) in array.elements.iter().enumerate() {
                duplicate_keys_below(entry, &Path::Entry(path, index), faults);
            }
        }
        Value::StringLit(_) | Value::NumberLit(_) | Value::BooleanLit(_) | Value::NullKeyword(_) => {}
    }
}

/// Any JSON value, checked and forgotten. (`IgnoredAny` would skip over bad escapes and have no limit of depth.)
struct Syntax;

impl<'de> Deserialize<'de> for Syntax {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Self)
    }
}

impl<'de> Visitor<'de> for Syntax {
    type Value = Self;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_i64<E>(self, _: i64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_u64<E>(self, _: u64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_f64<E>(self, _: f64) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_str<E>(self, _: &str) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_unit<E>(self) -> Result<Self, E> {
        Ok(self)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut entries: A) -> Result<Self, A::Error> {
        while entries.next_element::<Self>()?.is_some() {}
        Ok(self)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self, A::Error> {
        while fields.next_entry::<Self, Self>()?.is_some() {}
        Ok(self)
    }
}
