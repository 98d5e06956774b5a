//! Parts of a JSON line, taken apart only as far as somebody looks.
//!
//! **Invariant:** what a program prints in the place of what is expected is as if it were absent: a wrong type, a number that
//! is too large or half a character spoils its own field and no other. And no line makes more of itself than it is: of a
//! list only the first [`LIST_MAX`] entries are looked at, and every name is short.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeOwned, Deserializer, Visitor};
use serde_json::value::RawValue;

use super::text::{LINE_MAX, TEXT_MAX, one_line, paragraph};

/// Entries of a list that are looked at.
pub(super) const LIST_MAX: usize = 256;

/// A value as it was written; it may be absent.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Raw<'a>(Option<&'a RawValue>);

impl<'a, 'de: 'a> Deserialize<'de> for Raw<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = <&RawValue>::deserialize(deserializer)?;
        Ok(Self(Some(raw).filter(|raw| raw.get() != "null")))
    }
}

/// A line that is one object, with the fields that matter; `None` when it is none.
pub(super) fn read<'a, T: Deserialize<'a>>(line: &'a str) -> Option<T> {
    let line = line.trim_ascii_start();
    line.starts_with('{').then(|| serde_json::from_str(line).ok())?
}

impl<'a> Raw<'a> {
    /// Whether there is anything.
    pub fn is_there(self) -> bool {
        self.0.is_some()
    }

    /// What was written, whatever it is.
    pub fn written(self) -> &'a str {
        self.0.map_or("", RawValue::get)
    }

    /// A text, in full.
    pub fn text(self) -> Option<Cow<'a, str>> {
        let written = self.written();
        let inner = written.strip_prefix('"')?.strip_suffix('"')?;
        if !inner.contains('\\') {
            return Some(Cow::Borrowed(inner));
        }
        serde_json::from_str::<Unescaped>(written).ok().map(|text| Cow::Owned(text.0))
    }

    /// Whether it is this text.
    pub fn is(self, text: &str) -> bool {
        self.text().is_some_and(|own| own == text)
    }

    /// A name or an id: a text on one line, shortened.
    pub fn name(self) -> Option<String> {
        self.text().map(|text| one_line(&text, LINE_MAX))
    }

    /// The same, empty when there is none.
    pub fn line(self) -> String {
        self.name().unwrap_or_default()
    }

    /// A text with its lines, shortened; empty when there is none.
    pub fn paragraph(self) -> String {
        self.text().map_or_else(String::new, |text| paragraph(&text, TEXT_MAX))
    }

    /// A number or another value of one kind, where it is one.
    pub fn value<T: DeserializeOwned>(self) -> Option<T> {
        serde_json::from_str(self.0?.get()).ok()
    }

    /// How many, where that is told; else 0.
    pub fn count(self) -> u64 {
        self.value().unwrap_or_default()
    }

    /// Yes or no.
    pub fn flag(self) -> Option<bool> {
        self.value()
    }

    /// An object, with the fields that matter; all of them absent when it is none.
    pub fn object<T: Deserialize<'a> + Default>(self) -> T {
        read(self.written()).unwrap_or_default()
    }

    /// The entries of a list; none when it is none.
    pub fn list(self) -> Vec<Raw<'a>> {
        let mut list: Vec<Raw<'a>> = self.0.and_then(|raw| serde_json::from_str(raw.get()).ok()).unwrap_or_default();
        list.truncate(LIST_MAX);
        list
    }

    /// The entries of an object, by their keys.
    pub fn entries(self) -> impl Iterator<Item = (Cow<'a, str>, Raw<'a>)> {
        let entries: BTreeMap<Cow<'a, str>, Raw<'a>> = self.object();
        entries.into_iter().take(LIST_MAX)
    }

    /// One field of an object.
    pub fn get(self, key: &str) -> Raw<'a> {
        let mut entries: BTreeMap<Cow<'a, str>, Raw<'a>> = self.object();
        entries.remove(key).unwrap_or_default()
    }
}

/// A text with escapes. JavaScript writes half a character as `\ud83d`, which no string can hold: it is replaced.
struct Unescaped(String);

impl<'de> Deserialize<'de> for Unescaped {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_bytes(UnescapedVisitor)
    }
}

struct UnescapedVisitor;

impl Visitor<'_> for UnescapedVisitor {
    type Value = Unescaped;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a text")
    }

    fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
        Ok(Unescaped(String::from_utf8_lossy(bytes).into_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Default, Deserialize)]
    #[serde(default, bound(deserialize = "'de: 'a"))]
    struct Line<'a> {
        a: Raw<'a>,
        b: Raw<'a>,
    }

    #[test]
    fn a_wrong_type_spoils_its_own_field_and_no_other() {
        for wrong in ["7", "-1e999", "[]", "{}", "null", "true", &"[".repeat(500).replace('[', "[1,"), "\"\\ud83d\""] {
            let wrong = if wrong.starts_with("[1") { format!("{wrong}1{}", "]".repeat(500)) } else { wrong.to_owned() };
            let line = format!("{{\"a\":{wrong},\"b\":\"kept\"}}");
            let read: Line<'_> = read(&line).expect("a line");
            assert_eq!(read.b.text().as_deref(), Some("kept"), "{line}");
            assert_eq!(read.a.value::<u16>(), if wrong == "7" { Some(7) } else { None }, "{line}");
        }
        for other in ["[1,2]", "\"x\"", "7", "", "{\"a\":"] {
            assert!(read::<Line<'_>>(other).is_none(), "{other}");
        }
    }

    #[test]
    fn half_a_character_is_replaced_and_the_rest_of_the_text_is_kept() {
        let line: Line<'_> = read(r#"{"a":"cut \ud83d","b":"whole \ud83d\ude00 \"q\""}"#).expect("a line");
        assert!(line.a.text().expect("a text").starts_with("cut \u{fffd}"));
        assert_eq!(line.b.text().as_deref(), Some("whole 😀 \"q\""));
    }

    #[test]
    fn of_a_long_list_only_the_beginning_is_looked_at_and_names_are_short() {
        let line = format!("{{\"a\":[{}1],\"b\":\"{}\"}}", "1,".repeat(100_000), "x".repeat(100_000));
        let line: Line<'_> = read(&line).expect("a line");
        assert_eq!(line.a.list().len(), LIST_MAX);
        assert_eq!(line.b.line().chars().count(), LINE_MAX);
    }

    #[test]
    fn fields_are_found_by_their_names() {
        let line: Line<'_> = read(r#"{"a":{"x":{"y":"z"}}}"#).expect("a line");
        assert!(line.a.get("x").get("y").is("z"));
        assert!(!line.a.get("y").is_there() && !line.b.get("x").is_there());
        assert_eq!(line.a.entries().map(|(key, _)| key.into_owned()).collect::<Vec<_>>(), ["x"]);
    }
}
