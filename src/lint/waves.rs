//! Rules about the shape of a plan: where slots will stand idle because of one epic.

use super::finding::{Finding, Rule, Spot};
use crate::domain::plan::Plan;

/// A wave of so many epics is wide.
const WIDE: usize = 3;
/// An epic with fewer stories is not heavy, whatever is beside it.
const HEAVY: usize = 4;

/// Looks at the waves of what is still to be done.
pub(super) fn look(plan: &Plan, found: &mut Vec<Finding>) {
    let open = |wave: Vec<usize>| wave.into_iter().filter(|&epic| plan.epics()[epic].is_open()).collect::<Vec<_>>();
    let waves: Vec<Vec<usize>> = plan.waves().into_iter().map(open).filter(|wave| !wave.is_empty()).collect();
    narrow_waves(plan, &waves, found);
    let critical = plan.critical_path().epics;
    for wave in waves.iter().filter(|wave| wave.len() >= WIDE) {
        found.extend(heavy_epic(plan, wave).filter(|finding| critical.contains(&finding.at.epic)));
    }
}

/// One epic between wide waves. A first one that lays the ground and a last one that joins all are as they should be.
fn narrow_waves(plan: &Plan, waves: &[Vec<usize>], found: &mut Vec<Finding>) {
    for n in 1..waves.len().saturating_sub(1) {
        let ([only], [before @ .., _], after) = (waves[n].as_slice(), &waves[..=n], &waves[n + 1..]) else { continue };
        let is_wide = |waves: &[Vec<usize>]| waves.iter().any(|wave| wave.len() >= WIDE);
        if is_wide(before) && is_wide(after) {
            let id = &plan.epics()[*only].id;
            let what =
                format!("{id} is alone between waves of {WIDE} epics and more: all slots but one will stand idle");
            let instead = "split it, or let later epics depend only on what they need";
            found.push(Finding::hint(Rule::NarrowWave, Spot::epic(*only, None), what, instead));
        }
    }
}

/// An epic with more stories than the rest of its wave together, on the way that decides how long everything takes.
fn heavy_epic(plan: &Plan, wave: &[usize]) -> Option<Finding> {
    let stories = |epic: usize| plan.epics()[epic].pending().count();
    let total: usize = wave.iter().map(|&epic| stories(epic)).sum();
    let heaviest = wave.iter().copied().max_by_key(|&epic| (stories(epic), std::cmp::Reverse(epic)))?;
    let most = stories(heaviest);
    if most < HEAVY || most * 2 <= total {
        return None;
    }
    let id = &plan.epics()[heaviest].id;
    let what =
        format!("{id} has {most} of the {total} stories of its wave of {}, and the plan waits for it", wave.len());
    let instead = "split it, so that its parts run side by side";
    Some(Finding::hint(Rule::HeavyEpic, Spot::epic(heaviest, None), what, instead))
}
