//! Epics that may run side by side and name the same files in their texts: their merge is likely to conflict.

use std::collections::{BTreeMap, BTreeSet};

use super::finding::{Field, Finding, Rule, Severity, Spot};
use super::paths::{Named, named_in};
use super::reach::Reach;
use crate::domain::plan::{Epic, Plan};

/// Who names a place, and where in the plan first.
type Namers = BTreeMap<usize, Spot>;

/// Looks at all epics that are still to be done and have no `touches`.
pub(super) fn look(plan: &Plan, reach: &Reach, found: &mut Vec<Finding>) {
    let named = named_by(plan);
    for (place, namers) in &named {
        let (path, severity) = match place {
            Named::File(path) => (path, Severity::Warning),
            // Every folder may have a file of that name.
            Named::Bare(path) => (path, Severity::Hint),
            // Two epics can well work in one folder.
            Named::Folder(_) => continue,
        };
        let epics: Vec<usize> = namers.keys().copied().collect();
        let clash: Vec<usize> = epics.iter().copied().filter(|&one| meets(one, &epics, reach)).collect();
        if let Some(last) = clash.last() {
            found.push(finding(plan, path, &clash, namers[last], severity));
        }
    }
    in_named_folders(plan, reach, &named, found);
}

/// An epic that owns a folder, and others that name a file in it.
fn in_named_folders(plan: &Plan, reach: &Reach, named: &BTreeMap<Named, Namers>, found: &mut Vec<Finding>) {
    let mut said = BTreeSet::new();
    for (place, owners) in named {
        let Named::Folder(folder) = place else { continue };
        // A folder at the top, like `src/`, is everybody's.
        if folder.matches('/').count() < 2 {
            continue;
        }
        for (other, namers) in named {
            let (Named::File(path), true) = (other, owners.len() == 1) else { continue };
            let Some((&owner, _)) = owners.first_key_value() else { continue };
            let inside =
                namers.iter().filter(|(epic, _)| path.starts_with(folder) && reach.side_by_side(owner, **epic));
            for (&epic, &at) in inside {
                if !namers.contains_key(&owner) && said.insert((owner, epic)) {
                    found.push(finding(plan, path, &[owner, epic], at, Severity::Hint));
                }
            }
        }
    }
}

fn meets(one: usize, epics: &[usize], reach: &Reach) -> bool {
    epics.iter().any(|&other| reach.side_by_side(one, other))
}

fn finding(plan: &Plan, path: &str, epics: &[usize], at: Spot, severity: Severity) -> Finding {
    clash(plan, epics, &format!("name {path}"), at, severity)
}

/// The finding that these epics meet. `how` says in which files: "name src/main.rs".
pub(super) fn clash(plan: &Plan, epics: &[usize], how: &str, at: Spot, severity: Severity) -> Finding {
    const SHOWN: usize = 4;
    let mut names: Vec<&str> = epics.iter().take(SHOWN).map(|&epic| plan.epics()[epic].id.as_str()).collect();
    if epics.len() > SHOWN {
        names.push("others");
    }
    let what = format!("{} may run at the same time, and {how}: their merge may conflict", names.join(" and "));
    let instead = "let one depend on the other, or give the file to one of them";
    Finding { rule: Rule::SharedFiles, severity, at, what, instead: instead.to_owned() }
}

fn named_by(plan: &Plan) -> BTreeMap<Named, Namers> {
    let mut named: BTreeMap<Named, Namers> = BTreeMap::new();
    let by_text = |(_, epic): &(usize, &Epic)| epic.is_open() && epic.touches.is_empty();
    for (position, epic) in plan.epics().iter().enumerate().filter(by_text) {
        for (at, text) in texts_of(position, epic) {
            for place in named_in(text) {
                named.entry(place).or_default().entry(position).or_insert(at);
            }
        }
    }
    named
}

/// Every text of an epic that is still to be done, with its place.
pub(super) fn texts_of(position: usize, epic: &Epic) -> Vec<(Spot, &str)> {
    let mut texts = vec![
        (Spot::epic(position, Field::Title), epic.title.as_str()),
        (Spot::epic(position, Field::Description), epic.description.as_str()),
    ];
    for (n, story) in epic.user_stories.iter().enumerate().filter(|(_, story)| !story.passes) {
        texts.push((Spot::story(position, n, Field::Title), &story.title));
        texts.push((Spot::story(position, n, Field::Description), &story.description));
        for (entry, criterion) in story.acceptance_criteria.iter().enumerate() {
            texts.push((Spot::story(position, n, Field::AcceptanceCriteria(Some(entry))), criterion));
        }
    }
    texts
}
