//! From the JSON tree to epics that may still have a faulty graph, with the place of everything that can be at fault.

use jsonc_parser::ast::Value;

use super::super::id::{EpicId, IdFault, StoryId};
use super::super::outcome::Status;
use super::super::pattern::{PathPattern, PatternFault};
use super::super::plan::{Epic, Story};
use super::fault::{Faults, Path, quote};
use super::fields::{Fields, Placed};
use super::status;

/// The epics as far as they could be read.
pub(super) struct Draft {
    pub(super) project: String,
    pub(super) description: String,
    pub(super) epics: Vec<Epic>,
    /// One for each epic.
    pub(super) places: Vec<EpicPlaces>,
}

/// Where an epic stands. The index is the one in the file, which is another when entries before could not be read.
pub(super) struct EpicPlaces {
    pub(super) index: usize,
    /// Byte offset of the id, or of the epic when it has no usable id.
    pub(super) id: usize,
    /// Byte offset of the status, or of the epic when it has none.
    pub(super) status: usize,
    /// Index and byte offset of each entry of `dependsOn`.
    pub(super) depends_on: Vec<(usize, usize)>,
    /// One for each story.
    pub(super) stories: Vec<StoryPlaces>,
}

/// Where a story stands.
pub(super) struct StoryPlaces {
    pub(super) index: usize,
    /// Byte offset of the id.
    pub(super) id: usize,
    /// Byte offset of a failure reason that is not null.
    pub(super) failure_reason: Option<usize>,
}

const DOCUMENT_FIELDS: [&str; 4] = ["project", "branchName", "description", "epics"];
const EPIC_FIELDS: [&str; 8] =
    ["id", "title", "description", "status", "planned", "dependsOn", "touches", "userStories"];
const STORY_FIELDS: [&str; 7] =
    ["id", "title", "description", "acceptanceCriteria", "priority", "passes", "failureReason"];

/// Reads the whole document. What could not be read is in `faults`.
pub(super) fn read(root: &Value, faults: &mut Faults, warnings: &mut Faults) -> Draft {
    let mut draft = Draft { project: String::new(), description: String::new(), epics: vec![], places: vec![] };
    let Some(fields) = Fields::of(root, &Path::Root, faults) else { return draft };
    fields.find_strays(&DOCUMENT_FIELDS, warnings);
    draft.project = owned(fields.required_text("project", faults));
    draft.description = owned(fields.text("description", faults));
    // Its value has no meaning here: a run names its own branches.
    fields.text("branchName", faults);
    let list_path = Path::Field(&Path::Root, "epics");
    let list = fields.required_list("epics", faults).map_or(&[][..], |list| list.elements.as_slice());
    for (index, value) in list.iter().enumerate() {
        if let Some((epic, places)) = read_epic(value, index, &Path::Entry(&list_path, index), faults, warnings) {
            draft.epics.push(epic);
            draft.places.push(places);
        }
    }
    draft
}

fn read_epic(
    value: &Value,
    index: usize,
    path: &Path,
    faults: &mut Faults,
    warnings: &mut Faults,
) -> Option<(Epic, EpicPlaces)> {
    let fields = Fields::of(value, path, faults)?;
    fields.find_strays(&EPIC_FIELDS, warnings);
    let id = read_id(&fields, path, EpicId::new, faults);
    let title = owned(fields.required_text("title", faults));
    let description = owned(fields.text("description", faults));
    let status = read_status(&fields, path, faults);
    let planned = fields.flag("planned", faults).is_some_and(|flag| flag.value);
    let (depends_on, depends_on_places) = read_depends_on(&fields, path, faults);
    let touches = read_touches(&fields, path, faults);
    let (user_stories, stories) = read_stories(&fields, path, faults, warnings);
    let places = EpicPlaces {
        index,
        id: id.as_ref().map_or(fields.offset(), |id| id.offset),
        status: status.offset,
        depends_on: depends_on_places,
        stories,
    };
    let id = id.map_or_else(|| stand_in(index), |id| Some(id.value))?;
    let status = status.value;
    Some((Epic { id, title, description, status, planned, depends_on, touches, user_stories }, places))
}

/// From Unicode's private use area: no keyboard writes it.
const STAND_IN: char = '\u{f8ff}';

/// An id for an epic without a usable one, so that the rest of the epic can still be checked.
fn stand_in(index: usize) -> Option<EpicId> {
    EpicId::new(&format!("{STAND_IN}{index}")).ok()
}

/// Whether an id was not written by a person.
pub(super) fn is_stand_in(id: &EpicId) -> bool {
    id.as_str().starts_with(STAND_IN)
}

fn read_id<T>(
    fields: &Fields,
    path: &Path,
    new: fn(&str) -> Result<T, IdFault>,
    faults: &mut Faults,
) -> Option<Placed<T>> {
    let text = fields.required_text("id", faults)?;
    checked_id(&text, &Path::Field(path, "id"), new, faults).map(|value| Placed { value, offset: text.offset })
}

fn checked_id<T>(
    text: &Placed<&str>,
    path: &Path,
    new: fn(&str) -> Result<T, IdFault>,
    faults: &mut Faults,
) -> Option<T> {
    new(text.value)
        .map_err(|fault| faults.add(text.offset, path, fault.to_string(), "write a short name like EPIC-001"))
        .ok()
}

fn read_status(fields: &Fields, path: &Path, faults: &mut Faults) -> Placed<Status> {
    let Some(text) = fields.text("status", faults) else {
        return Placed { value: Status::default(), offset: fields.offset() };
    };
    let value = status::parse(text.value).unwrap_or_else(|| {
        let what = format!("{} is not a status", quote(text.value));
        faults.add(text.offset, &Path::Field(path, "status"), what, status::advice(text.value));
        Status::default()
    });
    Placed { value, offset: text.offset }
}

fn read_depends_on(fields: &Fields, path: &Path, faults: &mut Faults) -> (Vec<EpicId>, Vec<(usize, usize)>) {
    let path = Path::Field(path, "dependsOn");
    let texts = fields.texts("dependsOn", faults);
    let read = |(index, text): (usize, Placed<&str>)| {
        let id = checked_id(&text, &Path::Entry(&path, index), EpicId::new, faults)?;
        Some((id, (index, text.offset)))
    };
    texts.into_iter().filter_map(read).unzip()
}

fn read_touches(fields: &Fields, path: &Path, faults: &mut Faults) -> Vec<PathPattern> {
    let path = Path::Field(path, "touches");
    let texts = fields.texts("touches", faults);
    let read = |(index, text): (usize, Placed<&str>)| {
        let note = |fault: PatternFault| {
            faults.add(
                text.offset,
                &Path::Entry(&path, index),
                format!("{}: {fault}", quote(text.value)),
                fault.instead(),
            );
        };
        PathPattern::new(text.value).map_err(note).ok()
    };
    texts.into_iter().filter_map(read).collect()
}

fn read_stories(
    fields: &Fields,
    path: &Path,
    faults: &mut Faults,
    warnings: &mut Faults,
) -> (Vec<Story>, Vec<StoryPlaces>) {
    let path = Path::Field(path, "userStories");
    let list = fields.required_list("userStories", faults).map_or(&[][..], |list| list.elements.as_slice());
    let read = |(index, value)| read_story(value, index, &Path::Entry(&path, index), faults, warnings);
    list.iter().enumerate().filter_map(read).unzip()
}

fn read_story(
    value: &Value,
    index: usize,
    path: &Path,
    faults: &mut Faults,
    warnings: &mut Faults,
) -> Option<(Story, StoryPlaces)> {
    let fields = Fields::of(value, path, faults)?;
    fields.find_strays(&STORY_FIELDS, warnings);
    let id = read_id(&fields, path, StoryId::new, faults);
    let title = owned(fields.required_text("title", faults));
    let description = owned(fields.text("description", faults));
    let criteria = fields.texts("acceptanceCriteria", faults);
    let acceptance_criteria = criteria.into_iter().map(|(_, text)| text.value.to_owned()).collect();
    let priority = fields.integer("priority", faults).unwrap_or_default();
    let passes = fields.flag("passes", faults).is_some_and(|flag| flag.value);
    let failure_reason = fields.text("failureReason", faults).map(|text| text.offset);
    // A story without a usable id is only left out after all of its fields were looked at.
    let id = id?;
    let places = StoryPlaces { index, id: id.offset, failure_reason };
    Some((Story { id: id.value, title, description, acceptance_criteria, priority, passes }, places))
}

fn owned(text: Option<Placed<&str>>) -> String {
    text.map_or_else(String::new, |text| text.value.to_owned())
}
