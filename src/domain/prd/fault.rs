//! A fault in prd.json: where it is, what it is, and what to write instead.

use std::borrow::Cow;
use std::fmt;

use serde::Serialize;

/// Something wrong at one place of prd.json, in words for the person who wrote it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The value that it is about, like `epics[2].dependsOn[0]`. Empty: the file as a whole.
    pub path: String,
    /// Line of the file, counted from 1.
    pub line: usize,
    /// Column in characters, counted from 1; a byte order mark does not count.
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// What to do about it.
    pub instead: String,
}

impl Fault {
    /// The fault as one line that begins with `file:line:column:`, as editors and terminals understand it.
    #[must_use]
    pub fn in_file(&self, file: &str) -> String {
        let Self { path, line, column, what, instead } = self;
        let colon = if path.is_empty() { "" } else { ": " };
        format!("{file}:{line}:{column}: {path}{colon}{what}; {instead}")
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.in_file("prd.json"))
    }
}

/// The way from the root of the document to one of its values. Borrowed step by step, so that a document without
/// a fault costs no text.
#[derive(Clone, Copy)]
pub(super) enum Path<'p> {
    /// The document itself.
    Root,
    /// A field of an object.
    Field(&'p Path<'p>, &'p str),
    /// An entry of a list, counted from 0.
    Entry(&'p Path<'p>, usize),
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Field(parent, name) if !is_plain(name) => write!(f, "{parent}[{}]", quote(name)),
            Path::Field(Path::Root, name) => f.write_str(name),
            Path::Field(parent, name) => write!(f, "{parent}.{name}"),
            Path::Entry(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

fn is_plain(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '$'))
}

/// The longest piece of the user's own text that a message repeats, in characters.
const QUOTE_MAX: usize = 60;

/// The user's own text for a message: in quotes, without control characters, cut when it is long.
pub(super) fn quote(text: &str) -> String {
    format!("{:?}", shortened(text))
}

/// The text, cut when it is long.
pub(super) fn shortened(text: &str) -> Cow<'_, str> {
    match text.char_indices().nth(QUOTE_MAX) {
        Some((end, _)) => Cow::Owned(format!("{}...", &text[..end])),
        None => Cow::Borrowed(text),
    }
}

/// Faults by byte offset, before lines and columns are counted.
#[derive(Default)]
pub(super) struct Faults(Vec<(usize, Fault)>);

impl Faults {
    /// Notes a fault of the value at this byte offset.
    pub(super) fn add(&mut self, offset: usize, path: &Path, what: impl Into<String>, instead: impl Into<String>) {
        let fault = Fault { path: path.to_string(), line: 0, column: 0, what: what.into(), instead: instead.into() };
        self.0.push((offset, fault));
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many were noted.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// The faults in the order of the file. One walk through the text finds all lines and columns.
    pub(super) fn locate(mut self, text: &str) -> Vec<Fault> {
        self.0.sort_by_key(|(offset, _)| *offset);
        let (mut line, mut column, mut here) = (1, 1, 0);
        let mut located = Vec::with_capacity(self.0.len());
        for (offset, mut fault) in self.0 {
            let offset = text.floor_char_boundary(offset);
            for c in text[here..offset].chars() {
                (line, column) = if c == '\n' { (line + 1, 1) } else { (line, column + 1) };
            }
            here = offset;
            (fault.line, fault.column) = (line, column);
            located.push(fault);
        }
        located
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_like_code_and_hides_no_control_characters() {
        let epics = Path::Field(&Path::Root, "epics");
        let epic = Path::Entry(&epics, 2);
        assert_eq!(Path::Field(&epic, "dependsOn").to_string(), "epics[2].dependsOn");
        assert_eq!(Path::Field(&epic, "a \u{1b}b").to_string(), r#"epics[2]["a \u{1b}b"]"#);
        assert_eq!(Path::Root.to_string(), "");
    }

    #[test]
    fn lines_and_columns_count_characters_from_one() {
        let text = "ä\r\nöü\n";
        let mut faults = Faults::default();
        for offset in [text.len(), 0, text.find('ü').expect("there"), 1, 999] {
            faults.add(offset, &Path::Root, "", "");
        }
        let places: Vec<_> = faults.locate(text).iter().map(|fault| (fault.line, fault.column)).collect();
        assert_eq!(places, [(1, 1), (1, 1), (2, 2), (3, 1), (3, 1)]);
    }

    #[test]
    fn a_long_text_is_cut_between_characters() {
        assert_eq!(quote(&"ä".repeat(61)), format!("{:?}", "ä".repeat(60) + "..."));
    }
}
