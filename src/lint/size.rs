//! Rules about size: what one session can do and one person can review.

use super::finding::{Field, Finding, Rule, Spot};
use crate::domain::plan::Plan;

/// More stories than this are too many for one epic: its session runs out of room, and its merge is hard to review.
const MOST_STORIES: usize = 5;
/// More criteria than this may be more than one story.
const MANY_CRITERIA: usize = 7;
/// More than this are.
const MOST_CRITERIA: usize = 12;

/// Looks at epics and stories that are still to be done.
pub(super) fn look(plan: &Plan, found: &mut Vec<Finding>) {
    for (position, epic) in plan.epics().iter().enumerate().filter(|(_, epic)| epic.is_open()) {
        let n_pending = epic.pending().count();
        if n_pending > MOST_STORIES {
            let what = format!("{} has {n_pending} stories to do, more than {MOST_STORIES}", epic.id);
            let instead = "split it into epics that can be merged one by one";
            found.push(Finding::warning(Rule::BigEpic, Spot::epic(position, Field::UserStories), what, instead));
        }
        for (n, story) in epic.user_stories.iter().enumerate().filter(|(_, story)| !story.passes) {
            let n_criteria = story.acceptance_criteria.len();
            if n_criteria > MANY_CRITERIA {
                let what = format!("{} has {n_criteria} acceptance criteria, more than {MANY_CRITERIA}", story.id);
                let instead = "split it into stories that are of use by themselves";
                let at = Spot::story(position, n, Field::AcceptanceCriteria(None));
                let make = if n_criteria > MOST_CRITERIA { Finding::warning } else { Finding::hint };
                found.push(make(Rule::BigStory, at, what, instead));
            }
        }
    }
}
