//! Whether a disturbed run ended like the undisturbed one.
//!
//! Where the comparison is weaker, and why:
//! - with a limit on the running time of the whole run nothing is compared: what the limit cuts off is a matter of time;
//! - with a budget for each epic nothing is compared: a session that was cut short consumes again when it is begun again.
//!   With a budget of the run all is compared: it stops the run at another moment, is raised, and the run goes on;
//! - with `max_epics` only the number of started epics is compared, after as many ends at it: which of them are ready first
//!   is a matter of time;
//! - a run that ends because of its environment is not compared: what was done by then is a matter of time, and a
//!   crash at its last event gives it another try;
//! - when the plans differ because one was edited ([`same_epics`]), only the epics are compared that both have, with the
//!   same stories and the same dependencies all the way down, and only between runs that were judged: an added epic may
//!   meet what ends a run, and it counts in the verdict and against `max_epics`.

use std::collections::BTreeSet;

use ralph_teams::domain::id::{EpicId, StoryId};
use ralph_teams::domain::plan::{Epic, Plan};
use ralph_teams::scheduler::Scope;

use crate::generate::Setup;
use crate::hold;
use crate::invariants::Violation;
use crate::sight::Final;

const SAME: &str = "8 a disturbed run ends like the undisturbed one";

/// Whether a disturbed run ended like the undisturbed one.
pub fn same_end(setup: &Setup, calm: &Final, struck: &Final) -> Result<(), Violation> {
    if setup.depends_on_time() || setup.depends_on_consumption() {
        return Ok(());
    }
    if calm.plan != struck.plan {
        return same_epics(setup, calm, struck);
    }
    let order_decides = setup.depends_on_order() && struck.end == "environment";
    if calm.end == "environment" || order_decides {
        return Ok(());
    }
    hold!(calm.end == struck.end, SAME, "undisturbed: {}, disturbed: {}", calm.end, struck.end);
    if setup.depends_on_order() {
        if calm.more_epics != struck.more_epics {
            return Ok(());
        }
        let (calm, struck) = (n_started(calm), n_started(struck));
        hold!(calm == struck, SAME, "{calm} epics were started undisturbed, {struck} disturbed");
        return Ok(());
    }
    let (outcomes, verdict) = (calm.outcomes == struck.outcomes, calm.pass == struck.pass);
    hold!(outcomes, SAME, "undisturbed: {:?}, disturbed: {:?}", calm.outcomes, struck.outcomes);
    hold!(verdict, SAME, "verdict undisturbed: {:?}, disturbed: {:?}", calm.pass, struck.pass);
    hold!(calm == struck, SAME, "undisturbed: {calm:?}, disturbed: {struck:?}");
    Ok(())
}

fn n_started(found: &Final) -> usize {
    found.outcomes.values().filter(|kind| !matches!(**kind, "already completed" | "blocked" | "left out")).count()
}

/// What can be said of two runs of which one did more, or other, work.
fn same_epics(setup: &Setup, calm: &Final, struck: &Final) -> Result<(), Violation> {
    if setup.depends_on_order() || calm.end != "judged" || struck.end != "judged" {
        return Ok(());
    }
    for epic in calm.plan.epics() {
        let id = &epic.id;
        if !is_same(&calm.plan, &struck.plan, id) {
            continue;
        }
        let (before, after) = (calm.outcomes.get(id), struck.outcomes.get(id));
        hold!(before == after, SAME, "{id} with the plan edited: undisturbed {before:?}, disturbed {after:?}");
        let (before, after) = (calm.prd.get(id), struck.prd.get(id));
        hold!(before == after, SAME, "{id} with the plan edited: undisturbed {before:?}, disturbed {after:?}");
        let scope = Scope::Epic(id.clone());
        let (before, after) = (calm.merged.contains(&scope), struck.merged.contains(&scope));
        hold!(before == after, SAME, "{id} with the plan edited: merged undisturbed {before}, disturbed {after}");
    }
    Ok(())
}

/// Whether the same awaits an epic in both plans: titles decide nothing.
fn is_same(calm: &Plan, struck: &Plan, id: &EpicId) -> bool {
    let (Some(before), Some(after)) = (calm.epic(id), struck.epic(id)) else { return false };
    let stories = |epic: &Epic| -> Vec<(StoryId, bool)> {
        epic.user_stories.iter().map(|story| (story.id.clone(), story.passes)).collect()
    };
    let dependencies = |epic: &Epic| -> BTreeSet<EpicId> { epic.depends_on.iter().cloned().collect() };
    stories(before) == stories(after)
        && dependencies(before) == dependencies(after)
        && before.depends_on.iter().all(|dependency| is_same(calm, struck, dependency))
}
