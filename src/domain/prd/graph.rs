//! The checks of the whole graph, and the way back from a position in it to a place in the file.

use super::super::id::EpicId;
use super::super::plan::{Plan, PlanFault};
use super::fault::{Faults, Path, quote};
use super::read::{Draft, EpicPlaces, is_stand_in};

/// Makes the plan, or notes why the epics are none.
pub(super) fn check(draft: Draft, faults: &mut Faults) -> Option<Plan> {
    let Draft { project, description, epics, places } = draft;
    let ids: Vec<EpicId> = epics.iter().map(|epic| epic.id.clone()).collect();
    let depends_on: Vec<Vec<EpicId>> = epics.iter().map(|epic| epic.depends_on.clone()).collect();
    match Plan::check(&project, &description, epics) {
        Ok(plan) => Some(plan),
        Err(plan_faults) => {
            let naming = Naming { ids: &ids, depends_on: &depends_on, places: &places };
            for fault in &plan_faults {
                naming.add(fault, faults);
            }
            None
        }
    }
}

/// What is needed to say in the words of the file what the graph says in positions.
struct Naming<'a> {
    ids: &'a [EpicId],
    depends_on: &'a [Vec<EpicId>],
    places: &'a [EpicPlaces],
}

impl Naming<'_> {
    fn add(&self, fault: &PlanFault, faults: &mut Faults) {
        match fault {
            PlanFault::DuplicateEpic { epic, first } => {
                let what = format!("{} is also the id of epics[{}]", self.quoted(*epic), self.places[*first].index);
                self.add_at_epic(*epic, "id", self.places[*epic].id, what, "give each epic an id of its own", faults);
            }
            PlanFault::DuplicateStory { at, first } => self.add_duplicate_story(*at, *first, faults),
            PlanFault::UnknownDependency { epic, entry } => {
                let id = &self.depends_on[*epic][*entry];
                let what = format!("there is no epic {}", quote(id.as_str()));
                // Looking for what was meant compares with every epic: enough for people, not for a flood.
                let instead =
                    if faults.len() < 20 { self.meant(*epic, id) } else { "name an epic of this file".to_owned() };
                self.add_at_entry(*epic, *entry, &what, &instead, faults);
            }
            PlanFault::SelfDependency { epic, entry } => {
                let what = format!("{} depends on itself", self.quoted(*epic));
                self.add_at_entry(*epic, *entry, &what, "remove the entry", faults);
            }
            PlanFault::DuplicateDependency { epic, entry } => {
                let what = format!("{} is named twice", quote(self.depends_on[*epic][*entry].as_str()));
                self.add_at_entry(*epic, *entry, &what, "remove one of the two", faults);
            }
            PlanFault::Cycle { path } => self.add_cycle(path, faults),
        }
    }

    fn add_duplicate_story(&self, at: (usize, usize), first: (usize, usize), faults: &mut Faults) {
        let (place, first_place) = (&self.places[at.0], &self.places[first.0]);
        let (story, first_story) = (&place.stories[at.1], &first_place.stories[first.1]);
        let what = format!("is also the id of epics[{}].userStories[{}]", first_place.index, first_story.index);
        let list = Path::Field(&Path::Root, "epics");
        let epic = Path::Entry(&list, place.index);
        let stories = Path::Field(&epic, "userStories");
        let path = Path::Entry(&stories, story.index);
        faults.add(story.id, &Path::Field(&path, "id"), what, "give each story an id of its own in the whole file");
    }

    /// A cycle is noted where its first epic names the next one.
    fn add_cycle(&self, path: &[usize], faults: &mut Faults) {
        let [first, second, ..] = path else { return };
        let names: Vec<&str> = path.iter().map(|&position| self.ids[position].as_str()).collect();
        let what = format!("the epics wait for each other: {}", names.join(" -> "));
        let entry = self.depends_on[*first].iter().position(|id| *id == self.ids[*second]).unwrap_or(0);
        self.add_at_entry(*first, entry, &what, "remove one of these dependencies", faults);
    }

    fn add_at_entry(&self, epic: usize, entry: usize, what: &str, instead: &str, faults: &mut Faults) {
        let (index, offset) = self.places[epic].depends_on[entry];
        let list = Path::Field(&Path::Root, "epics");
        let epic = Path::Entry(&list, self.places[epic].index);
        faults.add(offset, &Path::Entry(&Path::Field(&epic, "dependsOn"), index), what, instead);
    }

    fn add_at_epic(&self, epic: usize, field: &str, at: usize, what: String, instead: &str, faults: &mut Faults) {
        let list = Path::Field(&Path::Root, "epics");
        let path = Path::Entry(&list, self.places[epic].index);
        faults.add(at, &Path::Field(&path, field), what, instead);
    }

    fn quoted(&self, epic: usize) -> String {
        quote(self.ids[epic].as_str())
    }

    /// The one epic that is nearest to an unknown id, or the list of epics when no single one is.
    fn meant(&self, epic: usize, unknown: &EpicId) -> String {
        let unknown = unknown.as_str().trim().to_lowercase();
        let score = |id: &EpicId| strsim::normalized_damerau_levenshtein(&unknown, &id.as_str().to_lowercase());
        let mut scored: Vec<(f64, &EpicId)> = self.others(epic).map(|id| (score(id), id)).collect();
        scored.sort_by(|a, b| b.0.total_cmp(&a.0));
        match scored.as_slice() {
            [] => "remove the entry, there is no other epic".to_owned(),
            [(best, id)] if *best >= 0.6 => format!("did you mean {}?", quote(id.as_str())),
            [(best, id), (second, _), ..] if *best >= 0.6 && best > second => {
                format!("did you mean {}?", quote(id.as_str()))
            }
            [..] => format!("name one of {}", self.listed(epic)),
        }
    }

    /// The ids that this epic could depend on.
    fn others(&self, epic: usize) -> impl Iterator<Item = &EpicId> {
        let own = &self.ids[epic];
        self.ids.iter().filter(move |id| *id != own && !is_stand_in(id))
    }

    fn listed(&self, epic: usize) -> String {
        const SHOWN: usize = 6;
        let others: Vec<String> = self.others(epic).map(|id| quote(id.as_str())).collect();
        match others.len() {
            0..=SHOWN => others.join(", "),
            n => format!("{} and {} more", others[..SHOWN].join(", "), n - SHOWN),
        }
    }
}
