//! Reads the fields of one JSON object, each as the type that it must have; what does not fit is noted, never guessed.

use jsonc_parser::ast::{Array, Object, Value};
use jsonc_parser::common::Ranged as _;

use super::fault::{Faults, Path, quote, shortened};

/// An object of the document, with the way to it.
pub(super) struct Fields<'d, 'p> {
    object: &'d Object<'d>,
    path: &'p Path<'p>,
}

/// A value and the byte offset where it stands.
pub(super) struct Placed<T> {
    pub(super) value: T,
    pub(super) offset: usize,
}

impl<'d, 'p> Fields<'d, 'p> {
    /// The fields of a value that must be an object.
    pub(super) fn of(value: &'d Value<'d>, path: &'p Path<'p>, faults: &mut Faults) -> Option<Self> {
        match value {
            Value::Object(object) => Some(Self { object, path }),
            other => {
                wrong_type(other, path, "an object", "write { ... } here", faults);
                None
            }
        }
    }

    /// Where the object begins.
    pub(super) fn offset(&self) -> usize {
        self.object.start()
    }

    /// A string that must be there and must not be blank.
    pub(super) fn required_text(&self, name: &str, faults: &mut Faults) -> Option<Placed<&'d str>> {
        let value = self.required(name, faults)?;
        let text = as_text(value, &Path::Field(self.path, name), faults)?;
        if text.value.trim().is_empty() {
            faults.add(text.offset, &Path::Field(self.path, name), "is empty", "write a text");
            return None;
        }
        Some(text)
    }

    /// A list that must be there and must not be empty.
    pub(super) fn required_list(&self, name: &str, faults: &mut Faults) -> Option<&'d Array<'d>> {
        let list = as_list(self.required(name, faults)?, &Path::Field(self.path, name), faults)?;
        if list.elements.is_empty() {
            faults.add(list.start(), &Path::Field(self.path, name), "is empty", "write at least one entry");
        }
        Some(list)
    }

    /// A string that may be missing or null.
    pub(super) fn text(&self, name: &str, faults: &mut Faults) -> Option<Placed<&'d str>> {
        as_text(self.optional(name)?, &Path::Field(self.path, name), faults)
    }

    /// A list that may be missing or null.
    pub(super) fn list(&self, name: &str, faults: &mut Faults) -> Option<&'d Array<'d>> {
        as_list(self.optional(name)?, &Path::Field(self.path, name), faults)
    }

    /// The strings of a list that may be missing or null, each with its position in the list.
    pub(super) fn texts(&self, name: &str, faults: &mut Faults) -> Vec<(usize, Placed<&'d str>)> {
        let path = Path::Field(self.path, name);
        let entries = self.list(name, faults).map_or(&[][..], |list| list.elements.as_slice());
        let read = |(index, entry)| Some((index, as_text(entry, &Path::Entry(&path, index), faults)?));
        entries.iter().enumerate().filter_map(read).collect()
    }

    /// A truth value that may be missing or null.
    pub(super) fn flag(&self, name: &str, faults: &mut Faults) -> Option<Placed<bool>> {
        match self.optional(name)? {
            Value::BooleanLit(flag) => Some(Placed { value: flag.value, offset: flag.start() }),
            other => {
                let instead = match other {
                    Value::StringLit(text) if text.value == "true" => "write true without quotes",
                    Value::StringLit(text) if text.value == "false" => "write false without quotes",
                    _ => "write true or false",
                };
                wrong_type(other, &Path::Field(self.path, name), "true or false", instead, faults);
                None
            }
        }
    }

    /// A whole number that may be missing or null. `2.0` and `2e0` are 2; nothing is rounded.
    pub(super) fn integer(&self, name: &str, faults: &mut Faults) -> Option<i64> {
        let path = Path::Field(self.path, name);
        match self.optional(name)? {
            Value::NumberLit(number) => {
                let whole = whole_number(number.value);
                if whole.is_none() {
                    let what = format!("{} is not a whole number that fits", shortened(number.value));
                    faults.add(number.start(), &path, what, "write a whole number like 1");
                }
                whole
            }
            other => {
                let instead = match other {
                    Value::StringLit(text) if whole_number(&text.value).is_some() => "write it without quotes",
                    _ => "write a whole number like 1",
                };
                wrong_type(other, &path, "a whole number", instead, faults);
                None
            }
        }
    }

    /// Notes each unknown field that looks like a known one which is not there: it would silently do nothing.
    pub(super) fn find_strays(&self, known: &[&str], warnings: &mut Faults) {
        for property in &self.object.properties {
            let name = property.name.as_str();
            if known.contains(&name) {
                continue;
            }
            let missing = known.iter().filter(|known| self.object.get(known).is_none());
            if let Some(near) = missing.into_iter().find(|known| looks_like(name, known)) {
                let instead = format!("did you mean \"{near}\"? The field has no meaning as it is");
                warnings.add(property.start(), &Path::Field(self.path, name), "is not a known field", instead);
            }
        }
    }

    fn required(&self, name: &str, faults: &mut Faults) -> Option<&'d Value<'d>> {
        let value = self.last(name);
        if value.is_none() {
            let near = self.object.properties.iter().map(|p| p.name.as_str()).find(|other| looks_like(other, name));
            let instead = match near {
                Some(near) => format!("rename {} to \"{name}\"", quote(near)),
                None => format!("add \"{name}\" to this object"),
            };
            faults.add(self.offset(), &Path::Field(self.path, name), "is missing", instead);
        }
        value
    }

    fn optional(&self, name: &str) -> Option<&'d Value<'d>> {
        self.last(name).filter(|value| !matches!(value, Value::NullKeyword(_)))
    }

    /// The last field with this name, as most readers of JSON have it.
    fn last(&self, name: &str) -> Option<&'d Value<'d>> {
        self.object.properties.iter().rev().find(|property| property.name.as_str() == name).map(|p| &p.value)
    }
}

fn as_text<'d>(value: &'d Value<'d>, path: &Path, faults: &mut Faults) -> Option<Placed<&'d str>> {
    match value {
        Value::StringLit(text) => Some(Placed { value: &text.value, offset: text.start() }),
        other => {
            wrong_type(other, path, "a string", "write a text in double quotes", faults);
            None
        }
    }
}

fn as_list<'d>(value: &'d Value<'d>, path: &Path, faults: &mut Faults) -> Option<&'d Array<'d>> {
    match value {
        Value::Array(list) => Some(list),
        other => {
            wrong_type(other, path, "a list", "put it in [ ]", faults);
            None
        }
    }
}

fn wrong_type(value: &Value, path: &Path, wanted: &str, instead: &str, faults: &mut Faults) {
    let kind = match value {
        Value::StringLit(_) => "a string",
        Value::NumberLit(_) => "a number",
        Value::BooleanLit(_) => "a truth value",
        Value::Object(_) => "an object",
        Value::Array(_) => "a list",
        Value::NullKeyword(_) => "null",
    };
    faults.add(value.start(), path, format!("is {kind}, not {wanted}"), instead);
}

/// The whole number that a JSON number stands for, if it is one and each digit of it is certain.
fn whole_number(text: &str) -> Option<i64> {
    /// Up to here every whole number has a floating-point number of its own.
    const CERTAIN: f64 = 9_007_199_254_740_991.0;
    let float = || text.parse::<f64>().ok().filter(|float| float.fract() == 0.0 && float.abs() <= CERTAIN);
    #[expect(clippy::cast_possible_truncation, reason = "whole and within the range of i64, as checked")]
    text.parse().ok().or_else(|| float().map(|float| float as i64))
}

/// Whether one name is most likely a misspelling of the other.
fn looks_like(name: &str, known: &str) -> bool {
    let plain = |text: &str| text.to_lowercase().replace(['_', '-', ' '], "");
    // Far longer names cannot be near, and comparing them costs time.
    name.len() <= 2 * known.len() && strsim::normalized_damerau_levenshtein(&plain(name), &plain(known)) >= 0.75
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_read_only_when_nothing_is_lost() {
        for (text, number) in [
            ("1", Some(1)),
            ("-3", Some(-3)),
            ("1.0", Some(1)),
            ("2e2", Some(200)),
            ("1.5", None),
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", None),
            ("1e17", None),
            ("x", None),
        ] {
            assert_eq!(whole_number(text), number, "{text}");
        }
    }

    #[test]
    fn names_look_alike_when_case_hyphens_or_a_letter_differ() {
        assert!(
            looks_like("depends_on", "dependsOn") && looks_like("Title", "title") && looks_like("depends", "dependsOn")
        );
        assert!(!looks_like("notes", "title") && !looks_like("priority", "planned"));
    }
}
