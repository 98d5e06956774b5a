//! Mends what is mechanical in a prd.json, whether or not it has other faults: stray white space in titles, ids in
//! `dependsOn` that are misspelt by white space or stand twice, and `passes` that is missing.
//!
//! **Invariant:** every byte that is not part of such a place stays as it is, and what is tidy is not changed again.

use std::collections::BTreeSet;

use jsonc_parser::ast::{Array, Object, Value};
use jsonc_parser::common::Ranged as _;

use super::document::{BYTE_ORDER_MARK, parse};
use super::edit::{Change, EditFault, PASSES_AFTER, last, set, spliced};
use super::fault::{Fault, Faults, Path, quote};

/// The mended text, and what was mended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tidied {
    /// The whole file. Equal to the old text, byte for byte, when there was nothing to do.
    pub text: String,
    /// What was found, in the order of the file.
    pub untidy: Vec<Untidy>,
}

/// One place that is not tidy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untidy {
    /// Of which kind.
    pub kind: UntidyKind,
    /// Where and what.
    pub fault: Fault,
}

/// What can be mended without asking anybody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum UntidyKind {
    /// White space around a title, or more than one blank in it.
    Title,
    /// An id in `dependsOn` with white space around it, or for the second time.
    Dependency,
    /// A story without `passes`.
    Passes,
}

/// Mends the text.
///
/// # Errors
/// [`EditFault`] when the text has no epics.
pub fn tidy(text: &str) -> Result<Tidied, EditFault> {
    let body = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let mark = &text[..text.len() - body.len()];
    let root = parse(body).map_err(EditFault::NotJson)?;
    let epics = root.as_object().and_then(|root| last(root, "epics")).and_then(|epics| epics.value.as_array());
    let epics = epics.ok_or(EditFault::NoEpics)?;
    let mut tidying = Tidying { text: body, kinds: vec![], faults: Faults::default(), changes: vec![] };
    tidying.epics(epics);
    let Tidying { mut kinds, faults, changes, .. } = tidying;
    kinds.sort_by_key(|(offset, _)| *offset);
    let mended = format!("{mark}{}", spliced(body, changes));
    let faults = faults.locate(body).into_iter();
    let untidy = kinds.into_iter().zip(faults).map(|((_, kind), fault)| Untidy { kind, fault }).collect();
    Ok(Tidied { text: mended, untidy })
}

/// What was found so far.
struct Tidying<'t> {
    text: &'t str,
    /// Byte offset and kind of each fault, in the order in which they were found.
    kinds: Vec<(usize, UntidyKind)>,
    faults: Faults,
    changes: Vec<Change>,
}

impl Tidying<'_> {
    fn epics(&mut self, epics: &Array) {
        let objects = || epics.elements.iter().enumerate().filter_map(|(n, epic)| Some((n, epic.as_object()?)));
        let ids: BTreeSet<&str> = objects().filter_map(|(_, epic)| text_in(epic, "id")).collect();
        let list = Path::Field(&Path::Root, "epics");
        for (n, epic) in objects() {
            let path = Path::Entry(&list, n);
            self.title(epic, &path);
            self.depends_on(epic, &path, &ids);
            let stories = last(epic, "userStories").and_then(|stories| stories.value.as_array());
            let path = Path::Field(&path, "userStories");
            for (n, story) in stories.map_or(&[][..], |list| &list.elements).iter().enumerate() {
                let Some(story) = story.as_object() else { continue };
                self.title(story, &Path::Entry(&path, n));
                self.passes(story, &Path::Entry(&path, n));
            }
        }
    }

    fn note(&mut self, kind: UntidyKind, at: usize, path: &Path, what: &str, instead: &str) {
        self.kinds.push((at, kind));
        self.faults.add(at, path, what, instead);
    }

    fn title(&mut self, object: &Object, path: &Path) {
        let Some(Value::StringLit(title)) = last(object, "title").map(|title| &title.value) else { return };
        let (start, end) = (title.start() + 1, title.end() - 1);
        let Some(with) = without_stray_space(&self.text[start..end]) else { return };
        let what = format!("{} has stray white space", quote(&title.value));
        self.note(UntidyKind::Title, title.start(), &Path::Field(path, "title"), &what, "write single blanks only");
        self.changes.push(Change { start, end, with });
    }

    fn depends_on(&mut self, epic: &Object, path: &Path, ids: &BTreeSet<&str>) {
        let path = Path::Field(path, "dependsOn");
        let Some(list) = last(epic, "dependsOn").and_then(|list| list.value.as_array()) else { return };
        let mut seen = BTreeSet::new();
        for (n, entry) in list.elements.iter().enumerate() {
            let Value::StringLit(id) = entry else { continue };
            let written = id.value.as_ref();
            let meant = if ids.contains(written) { written } else { written.trim() };
            let path = Path::Entry(&path, n);
            if !seen.insert(meant.to_owned()) {
                let what = format!("{} is named twice", quote(meant));
                self.note(UntidyKind::Dependency, id.start(), &path, &what, "remove one of the two");
                // The first of two is never the first entry, so that its comma goes with it.
                let start = list.elements[n - 1].end();
                self.changes.push(Change { start, end: id.end(), with: String::new() });
            } else if meant != written && ids.contains(meant) {
                let what = format!("{} has stray white space", quote(written));
                self.note(UntidyKind::Dependency, id.start(), &path, &what, "write the id as the epic has it");
                let with = serde_json::Value::from(meant).to_string();
                self.changes.push(Change { start: id.start(), end: id.end(), with });
            }
        }
    }

    fn passes(&mut self, story: &Object, path: &Path) {
        let before = self.changes.len();
        if last(story, "passes").is_none() {
            set(self.text, story, "passes", "false", &PASSES_AFTER, &mut self.changes);
        }
        if self.changes.len() > before {
            let what = "does not say whether it passes";
            self.note(UntidyKind::Passes, story.start(), path, what, "add \"passes\": false");
        }
    }
}

fn text_in<'d>(object: &'d Object<'d>, name: &str) -> Option<&'d str> {
    last(object, name)?.value.as_string_lit().map(|text| text.value.as_ref())
}

/// The inside of a JSON string with single blanks between words and none around them; `None`: it is so already, or is
/// nothing else. Everything but white space keeps its spelling.
fn without_stray_space(raw: &str) -> Option<String> {
    let mut tidy = String::with_capacity(raw.len());
    let mut blank = false;
    let mut rest = raw;
    while !rest.is_empty() {
        let piece = &rest[..piece_len(rest)];
        rest = &rest[piece.len()..];
        if is_space(piece) {
            blank = !tidy.is_empty();
        } else {
            if std::mem::take(&mut blank) {
                tidy.push(' ');
            }
            tidy.push_str(piece);
        }
    }
    (tidy != raw && !tidy.is_empty()).then_some(tidy)
}

/// The length of the first character of a JSON string as it is spelt: `a`, `\n`, `\u00e4`.
fn piece_len(raw: &str) -> usize {
    let mut chars = raw.chars();
    let first = chars.next().map_or(0, char::len_utf8);
    match (raw.starts_with('\\'), chars.next()) {
        (true, Some('u')) => raw.len().min(6),
        (true, Some(escaped)) => first + escaped.len_utf8(),
        (_, _) => first,
    }
}

/// White space that a keyboard writes; a no-break space is there on purpose.
fn is_space(piece: &str) -> bool {
    matches!(
        piece.to_lowercase().as_str(),
        " " | r"\n" | r"\t" | r"\r" | r"\f" | r"\u0020" | r"\u0009" | r"\u000a" | r"\u000d"
    )
}
