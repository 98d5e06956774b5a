//! What a PRD says about earlier work that cannot all be true. A run can begin all the same.

use std::collections::BTreeMap;

use super::super::id::EpicId;
use super::super::outcome::Status;
use super::super::plan::Epic;
use super::fault::{Faults, Path, quote};
use super::read::{Draft, EpicPlaces};

/// Notes the contradictions between statuses, stories and reasons.
pub(super) fn find_contradictions(draft: &Draft, warnings: &mut Faults) {
    let list = Path::Field(&Path::Root, "epics");
    let has_completed = draft.epics.iter().any(|epic| epic.status == Status::Completed);
    // Asked for dependencies of completed epics only.
    let asked = draft.epics.iter().filter(|_| has_completed);
    let statuses: BTreeMap<&EpicId, Status> = asked.map(|epic| (&epic.id, epic.status)).collect();
    for (epic, places) in draft.epics.iter().zip(&draft.places) {
        let path = Path::Entry(&list, places.index);
        status_against_stories(epic, places, &path, warnings);
        status_against_dependencies(epic, places, &path, &statuses, warnings);
        reasons_against_passes(epic, places, &path, warnings);
    }
}

fn status_against_stories(epic: &Epic, places: &EpicPlaces, path: &Path, warnings: &mut Faults) {
    let n_stories = epic.user_stories.len();
    let n_pending = epic.pending().count();
    let path = Path::Field(path, "status");
    match epic.status {
        Status::Completed if n_pending > 0 => {
            let what = format!("is completed, but {n_pending} of its {n_stories} stories do not pass");
            let instead = "write \"pending\" to have them done; as it is, the epic is left out";
            warnings.add(places.status, &path, what, instead);
        }
        Status::Pending | Status::Partial | Status::Failed if n_pending == 0 && n_stories > 0 => {
            let what = format!("is {}, but all of its {n_stories} stories pass", epic.status.name());
            let instead = "write \"completed\" if its work is merged, or \"passes\": false for what is to be done";
            warnings.add(places.status, &path, what, instead);
        }
        Status::Pending | Status::Partial | Status::Failed | Status::Completed | Status::MergeFailed => {}
    }
}

fn status_against_dependencies(
    epic: &Epic,
    places: &EpicPlaces,
    path: &Path,
    statuses: &BTreeMap<&EpicId, Status>,
    warnings: &mut Faults,
) {
    if epic.status != Status::Completed {
        return;
    }
    let is_open = |id: &&EpicId| statuses.get(id).is_some_and(|&status| status != Status::Completed);
    for id in epic.depends_on.iter().filter(is_open) {
        let what = format!("is completed, but {}, which it depends on, is not", quote(id.as_str()));
        let instead = "write \"pending\" to have it done again on top of that one, if it needs it";
        warnings.add(places.status, &Path::Field(path, "status"), what, instead);
    }
}

fn reasons_against_passes(epic: &Epic, places: &EpicPlaces, path: &Path, warnings: &mut Faults) {
    let stories = Path::Field(path, "userStories");
    for (story, place) in epic.user_stories.iter().zip(&places.stories) {
        if let (true, Some(offset)) = (story.passes, place.failure_reason) {
            let path = Path::Entry(&stories, place.index);
            let what = "the story passes and has a failure reason";
            warnings.add(offset, &Path::Field(&path, "failureReason"), what, "write null here, or \"passes\": false");
        }
    }
}
