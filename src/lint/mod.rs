//! A critic of valid plans, without a model: what a good engineer would say of a PRD before anybody builds it. Pure.
//!
//! [`look`] names what is likely to cost time (criteria that nobody can check, epics that will meet in one file,
//! dependencies that the text names and `dependsOn` does not), [`schedule()`] says how long the plan must take and how
//! many slots are of use. Precision goes before completeness: a critic that cries wolf is switched off.

mod finding;
mod vocabulary;
mod text;
mod criteria;
mod size;
mod paths;
mod shared;
mod touches;
mod mentions;
mod likeness;
mod waves;
mod reach;
mod history;
mod schedule;

use crate::domain::plan::Plan;

pub use finding::{Field, Finding, Rule, Severity, Spot};
pub use history::{Basis, Estimate, History, PastEpic};
pub use reach::Reach;
pub use schedule::{Bar, Schedule, makespan, schedule};

/// All that there is to say about a valid plan, in the order of the PRD. The same plan always gets the same findings.
///
/// Only work that is still to be done is looked at: completed epics and stories that pass are history. The rules about
/// words know English only, and keep silent about a plan in another language.
#[must_use]
pub fn look(plan: &Plan) -> Vec<Finding> {
    let reach = Reach::of(plan);
    let mut found = Vec::new();
    criteria::look(plan, &mut found);
    size::look(plan, &mut found);
    shared::look(plan, &reach, &mut found);
    touches::look(plan, &reach, &mut found);
    mentions::look(plan, &reach, &mut found);
    likeness::look(plan, &mut found);
    waves::look(plan, &mut found);
    // Stable: of two findings at one place the rule that comes first above is told first.
    found.sort_by_key(|finding| finding.at);
    found
}
