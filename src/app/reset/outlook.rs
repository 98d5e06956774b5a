//! What setting epics back means, told before anything is done: what is merged stays merged, and what others built on.

use std::collections::BTreeSet;

use crate::app::history::PastRun;
use crate::app::refusal::Refusal;
use crate::app::repository::Repository;
use crate::domain::id::{CommitId, EpicId};
use crate::domain::outcome::Status;
use crate::domain::plan::Plan;
use crate::effects::git::GitError;

/// What is told.
pub struct Outlook {
    /// One sentence each.
    pub lines: Vec<String>,
    /// Whether a person must agree.
    pub needs_consent: bool,
}

/// Where the merge of an epic is.
enum Merge<'a> {
    /// In the user's branch.
    Landed(&'a CommitId),
    /// On the loop branch of this run only.
    OnLoop(&'a PastRun, &'a CommitId),
    /// Nowhere that could be seen.
    Unknown,
}

/// Finds it out.
///
/// # Errors
/// git cannot be read.
pub fn of(
    repository: &Repository,
    past: &[PastRun],
    plan: &Plan,
    chosen: &BTreeSet<EpicId>,
) -> Result<Outlook, Refusal> {
    let merge = |epic: &EpicId| merge_of(repository, past, epic).map_err(Refusal::environment);
    let mut lines = Vec::new();
    let completed = |epic: &EpicId| plan.epic(epic).is_some_and(|epic| epic.status == Status::Completed);
    for epic in chosen.iter().filter(|epic| completed(epic)) {
        lines.push(match merge(epic)? {
            Merge::Landed(commit) => format!(
                "{epic} is part of your branch (merged as {}) and stays in it: it is done again on top",
                commit.short()
            ),
            Merge::OnLoop(run, commit) => {
                let others = only_on_loop(repository, past, plan, chosen)?;
                let too =
                    if others.is_empty() { String::new() } else { format!(" (reset {} too, then)", others.join(", ")) };
                format!(
                    "{epic} is merged into {} (as {}) and stays there: the next run begins there and does it again on \
                     top; to begin without it: ralph-teams run --base head{too}",
                    run.run.loop_branch(),
                    commit.short()
                )
            }
            Merge::Unknown => format!("{epic} is completed, but no run of this repository says where it was merged"),
        });
    }
    let on_top = dependents(plan, chosen);
    for epic in &on_top {
        lines.push(format!("{epic} is completed and was built on top of it: it stays completed and is not done again"));
    }
    Ok(Outlook { lines, needs_consent: !on_top.is_empty() })
}

fn merge_of<'a>(repository: &Repository, past: &'a [PastRun], epic: &EpicId) -> Result<Merge<'a>, GitError> {
    let git = &repository.git;
    let Some((run, commit)) = past.iter().find_map(|run| Some((run, run.merge_of(epic)?))) else {
        return Ok(Merge::Unknown);
    };
    let landed = git.resolve("HEAD")?.map(|head| git.is_ancestor(commit, &head)).transpose()?.unwrap_or(false);
    Ok(if landed { Merge::Landed(commit) } else { Merge::OnLoop(run, commit) })
}

/// The completed epics that stay completed, and whose work is not in the user's branch.
fn only_on_loop(
    repository: &Repository,
    past: &[PastRun],
    plan: &Plan,
    chosen: &BTreeSet<EpicId>,
) -> Result<Vec<String>, Refusal> {
    let mut found = Vec::new();
    for epic in plan.epics().iter().filter(|epic| epic.status == Status::Completed && !chosen.contains(&epic.id)) {
        if let Merge::OnLoop(..) = merge_of(repository, past, &epic.id).map_err(Refusal::environment)? {
            found.push(epic.id.to_string());
        }
    }
    Ok(found)
}

/// The completed epics that depend, directly or not, on one that is set back.
fn dependents(plan: &Plan, chosen: &BTreeSet<EpicId>) -> Vec<EpicId> {
    let mut reached = chosen.clone();
    // Wave by wave: what an epic depends on is in an earlier one.
    for position in plan.waves().into_iter().flatten() {
        let epic = &plan.epics()[position];
        if epic.depends_on.iter().any(|id| reached.contains(id)) {
            reached.insert(epic.id.clone());
        }
    }
    let on_top = plan.epics().iter().filter(|epic| epic.status == Status::Completed);
    on_top.map(|epic| epic.id.clone()).filter(|id| reached.contains(id) && !chosen.contains(id)).collect()
}
