//! Writes results into the text of prd.json and leaves every other byte as it is: unknown fields, the order of keys,
//! layout, line ends, spelling of numbers.
//!
//! It replaces single values by their place in the text. (Editors that work on a syntax tree spread an object of one
//! line over many when a field is added.)

use std::collections::{BTreeMap, BTreeSet};

use jsonc_parser::ast::{Object, ObjectProp, ObjectPropName, Value};
use jsonc_parser::common::Ranged as _;

use super::super::id::{EpicId, StoryId};
use super::super::outcome::{PrdState, Status};
use super::document::{BYTE_ORDER_MARK, parse};
use super::fault::Fault;
use super::status;

/// The new text, and what could not be written into it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// The whole file. Equal to the old text, byte for byte, when it already said all of it.
    pub text: String,
    /// What the file does not hold (any more): a person may edit it during a run.
    pub not_found: Vec<NotFound>,
}

/// An epic or a story that has no place in the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotFound {
    /// The epic.
    pub epic: EpicId,
    /// The story of it. `None`: the epic itself is not there.
    pub story: Option<StoryId>,
}

/// Why a text cannot be edited.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum EditFault {
    /// It is not JSON, for example because somebody is in the middle of writing it.
    #[error("{0}. The results are not lost: mend the file, and they are written next time")]
    NotJson(Fault),
    /// It is JSON, but has no list of epics at its top.
    #[error(
        "prd.json has no list \"epics\" at its top. The results are not lost: mend the file, and they are written next time"
    )]
    NoEpics,
}

/// Writes `status`, `passes` and `failureReason`.
///
/// A field that is missing is added only when its absence would say something else (pending, not proven, no reason).
///
/// # Errors
/// [`EditFault`] when the text has no epics to write into.
pub fn apply(text: &str, states: &[PrdState]) -> Result<Edited, EditFault> {
    // Of two states of the same epic the later one counts.
    let states: BTreeMap<&EpicId, &PrdState> = states.iter().map(|state| (&state.epic, state)).collect();
    edit(text, |document, changes| states.values().flat_map(|state| write_state(document, state, changes)).collect())
}

/// Writes `"planned": true` for these epics.
///
/// # Errors
/// [`EditFault`] when the text has no epics to write into.
pub fn set_planned(text: &str, epics: &[EpicId]) -> Result<Edited, EditFault> {
    let ids: BTreeSet<&EpicId> = epics.iter().collect();
    edit(text, |document, changes| {
        let mut not_found = Vec::new();
        for id in ids {
            match document.epics.get(id.as_str()) {
                Some(epic) => set_flag(document.text, epic, "planned", true, &PLANNED_AFTER, changes),
                None => not_found.push(NotFound { epic: id.clone(), story: None }),
            }
        }
        not_found
    })
}

/// Where a missing field goes: after the first of these that the object has.
const STATUS_AFTER: [&str; 3] = ["description", "title", "id"];
const PLANNED_AFTER: [&str; 4] = ["status", "description", "title", "id"];
pub(super) const PASSES_AFTER: [&str; 5] = ["priority", "acceptanceCriteria", "description", "title", "id"];
const REASON_AFTER: [&str; 6] = ["passes", "priority", "acceptanceCriteria", "description", "title", "id"];

/// A piece of the text, by byte offsets, and what takes its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    /// Where it begins.
    pub start: usize,
    /// Behind its end.
    pub end: usize,
    /// What takes its place.
    pub with: String,
}

/// The text without byte order mark, and its epics by id.
struct Document<'d> {
    text: &'d str,
    epics: BTreeMap<&'d str, &'d Object<'d>>,
}

fn edit(text: &str, write: impl FnOnce(&Document, &mut Vec<Change>) -> Vec<NotFound>) -> Result<Edited, EditFault> {
    let body = text.strip_prefix(BYTE_ORDER_MARK).unwrap_or(text);
    let root = parse(body).map_err(EditFault::NotJson)?;
    let epics = root.as_object().and_then(|root| last(root, "epics")).and_then(|epics| epics.value.as_array());
    let epics = epics.ok_or(EditFault::NoEpics)?;
    let mut changes = Vec::new();
    let not_found = write(&Document { text: body, epics: by_id(&epics.elements) }, &mut changes);
    let mark = &text[..text.len() - body.len()];
    Ok(Edited { text: format!("{mark}{}", spliced(body, changes)), not_found })
}

pub(super) fn spliced(text: &str, mut changes: Vec<Change>) -> String {
    // Stable: two fields that are added at the same place keep their order.
    changes.sort_by_key(|change| change.start);
    let mut result = String::with_capacity(text.len() + changes.len() * 16);
    let mut here = 0;
    for change in changes {
        result.push_str(&text[here..change.start]);
        result.push_str(&change.with);
        here = change.end;
    }
    result.push_str(&text[here..]);
    result
}

fn write_state(document: &Document, state: &PrdState, changes: &mut Vec<Change>) -> Vec<NotFound> {
    let not_found = |story| NotFound { epic: state.epic.clone(), story };
    let Some(epic) = document.epics.get(state.epic.as_str()) else { return vec![not_found(None)] };
    set_status(document.text, epic, state.status, changes);
    let stories = last(epic, "userStories").and_then(|property| property.value.as_array());
    let stories = by_id(stories.map_or(&[][..], |list| &list.elements));
    let proofs: BTreeMap<_, _> = state.stories.iter().map(|(id, passes, reason)| (id, (passes, reason))).collect();
    let mut missing = Vec::new();
    for (id, (passes, reason)) in proofs {
        match stories.get(id.as_str()) {
            Some(story) => {
                set_flag(document.text, story, "passes", *passes, &PASSES_AFTER, changes);
                set_reason(document.text, story, reason.as_deref(), changes);
            }
            None => missing.push(not_found(Some(id.clone()))),
        }
    }
    missing
}

fn set_status(text: &str, epic: &Object, status: Status, changes: &mut Vec<Change>) {
    let same = match last(epic, "status").map(|property| &property.value) {
        Some(Value::StringLit(old)) => status::parse(&old.value) == Some(status),
        None | Some(Value::NullKeyword(_)) => status == Status::default(),
        Some(_) => false,
    };
    if !same {
        set(text, epic, "status", &format!("\"{}\"", status.name()), &STATUS_AFTER, changes);
    }
}

fn set_flag(text: &str, object: &Object, name: &str, flag: bool, after: &[&str], changes: &mut Vec<Change>) {
    let same = match last(object, name).map(|property| &property.value) {
        Some(Value::BooleanLit(old)) => old.value == flag,
        None | Some(Value::NullKeyword(_)) => !flag,
        Some(_) => false,
    };
    if !same {
        set(text, object, name, if flag { "true" } else { "false" }, after, changes);
    }
}

fn set_reason(text: &str, story: &Object, reason: Option<&str>, changes: &mut Vec<Change>) {
    let same = match last(story, "failureReason").map(|property| &property.value) {
        Some(Value::StringLit(old)) => reason == Some(old.value.as_ref()),
        None | Some(Value::NullKeyword(_)) => reason.is_none(),
        Some(_) => false,
    };
    if !same {
        let json = serde_json::Value::from(reason).to_string();
        set(text, story, "failureReason", &json, &REASON_AFTER, changes);
    }
}

/// Replaces the value of a field, or adds the field the way its neighbour is laid out.
pub(super) fn set(text: &str, object: &Object, name: &str, json: &str, after: &[&str], changes: &mut Vec<Change>) {
    if let Some(property) = last(object, name) {
        changes.push(Change { start: property.value.start(), end: property.value.end(), with: json.to_owned() });
        return;
    }
    let position = |name: &&str| object.properties.iter().position(|property| property.name.as_str() == *name);
    let Some(position) = after.iter().find_map(position) else { return };
    let neighbour = &object.properties[position];
    let separator = separator(text, object, position);
    let colon = &text[name_end(neighbour)..neighbour.value.start()];
    let with = format!("{separator}\"{name}\"{colon}{json}");
    changes.push(Change { start: neighbour.end(), end: neighbour.end(), with });
}

/// What the object has between two of its fields (comma, line break, indent): best before the field at this position,
/// else behind it, else made from what stands around the only field.
fn separator(text: &str, object: &Object, position: usize) -> String {
    let fields = &object.properties;
    let field = &fields[position];
    if let Some(previous) = position.checked_sub(1) {
        return text[fields[previous].end()..field.start()].to_owned();
    }
    if let Some(next) = fields.get(position + 1) {
        return text[field.end()..next.start()].to_owned();
    }
    let before = &text[object.start() + 1..field.start()];
    let airy = text[name_end(field)..field.value.start()].ends_with(char::is_whitespace);
    match (before.contains('\n'), airy) {
        (true, _) => format!(",{before}"),
        (false, true) => ", ".to_owned(),
        (false, false) => ",".to_owned(),
    }
}

fn name_end(property: &ObjectProp) -> usize {
    match &property.name {
        ObjectPropName::String(name) => name.end(),
        ObjectPropName::Word(name) => name.end(),
    }
}

/// The last field with this name, as most readers of JSON have it.
pub(super) fn last<'d>(object: &'d Object<'d>, name: &str) -> Option<&'d ObjectProp<'d>> {
    object.properties.iter().rev().find(|property| property.name.as_str() == name)
}

/// The objects of a list by their `id`; the first of two with the same one.
fn by_id<'d>(list: &'d [Value<'d>]) -> BTreeMap<&'d str, &'d Object<'d>> {
    let mut objects = BTreeMap::new();
    for object in list.iter().filter_map(Value::as_object) {
        if let Some(id) = last(object, "id").and_then(|property| property.value.as_string_lit()) {
            objects.entry(id.value.as_ref()).or_insert(object);
        }
    }
    objects
}
