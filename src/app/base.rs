//! Where a new run begins: the user's `HEAD`, or the loop branch of the run before, if that is not landed yet.
//!
//! **Invariant:** an epic that `prd.json` calls completed is skipped only if its work is in the base of the run.

use std::collections::BTreeMap;

use super::history::{PastRun, that_speak_of};
use super::refusal::Refusal;
use super::repository::Repository;
use crate::cli::values::Base as Wish;
use crate::domain::id::{CommitId, EpicId};
use crate::domain::outcome::Status;
use crate::domain::plan::{Epic, Plan};
use crate::effects::git::{Git, GitError};
use crate::scheduler::Scope;

/// Where a run begins, and what people are told about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    /// The commit.
    pub commit: CommitId,
    /// Whether it is the user's `HEAD`.
    pub is_head: bool,
    /// One sentence each.
    pub notes: Vec<String>,
}

/// Chooses the commit.
///
/// # Errors
/// A completed epic's work would not be in it, or git cannot be read.
pub fn choose(
    repository: &Repository,
    head: &CommitId,
    past: &[PastRun],
    plan: &Plan,
    wish: Option<Wish>,
) -> Result<Base, Refusal> {
    let git = &repository.git;
    let mut base = candidate(git, head, past, wish)?;
    let missing = missing_work(git, past, plan, &base.commit).map_err(Refusal::environment)?;
    if missing.is_empty() {
        return Ok(base);
    }
    let offers = "choose --base loop to go on from the run before, land or merge its loop branch first, or set the \
                  epics back to \"pending\" in prd.json to have them done again";
    base.notes.extend(missing);
    Err(Refusal::environment(format!(
        "prd.json calls epics completed whose work is not in the base of this run:\n  {}\n{offers}",
        base.notes.join("\n  ")
    )))
}

fn candidate(git: &Git, head: &CommitId, past: &[PastRun], wish: Option<Wish>) -> Result<Base, Refusal> {
    let from_head = || Base { commit: head.clone(), is_head: true, notes: Vec::new() };
    let last = past.iter().find_map(|run| run.loop_tip.as_ref().map(|tip| (run, tip)));
    let Some((run, tip)) = last else {
        return match wish {
            Some(Wish::Loop) => Err(Refusal::input("--base loop: no earlier run left a loop branch; use --base head")),
            Some(Wish::Head) | None => Ok(from_head()),
        };
    };
    let branch = run.run.loop_branch();
    let is_in = |ancestor, commit| git.is_ancestor(ancestor, commit).map_err(Refusal::environment);
    let from_loop = |why: &str| Base {
        commit: tip.clone(),
        is_head: false,
        notes: vec![format!("this run goes on from {branch} at {}, {why}", tip.short())],
    };
    match wish {
        Some(Wish::Head) => Ok(from_head()),
        Some(Wish::Loop) => Ok(from_loop("as --base loop asks")),
        None if is_in(tip, head)? => Ok(from_head()),
        None if is_in(head, tip)? => Ok(from_loop("which is not landed yet")),
        None => Ok(from_head()),
    }
}

/// The completed epics whose merge is known and is not in the base, one sentence each.
fn missing_work(git: &Git, past: &[PastRun], plan: &Plan, base: &CommitId) -> Result<Vec<String>, GitError> {
    let mut missing = Vec::new();
    for epic in plan.epics().iter().filter(|epic| epic.status == Status::Completed) {
        let record = past.iter().find_map(|run| run.merge_of(&epic.id).map(|commit| (run, commit)));
        let Some((run, commit)) = record else { continue };
        if !git.commit_exists(commit)? {
            missing.push(format!("{}: its merge {} no longer exists", epic.id, commit.short()));
        } else if !git.is_ancestor(commit, base)? {
            missing.push(format!("{}: it was merged as {} on {}", epic.id, commit.short(), run.run.loop_branch()));
        }
    }
    Ok(missing)
}

/// What earlier runs left of the epics that are not completed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Kept {
    /// The commits on which epics go on.
    pub commits: BTreeMap<EpicId, CommitId>,
    /// One sentence each.
    pub notes: Vec<String>,
}

/// Finds the kept branches. An epic of which an earlier run proved stories but whose branch is gone is done anew: its
/// stories in `plan` no longer count as passed.
///
/// # Errors
/// git cannot be read.
pub fn keep(git: &Git, past: &[PastRun], plan: &mut Plan, base: &CommitId) -> Result<Kept, GitError> {
    let mut kept = Kept::default();
    let mut lost = Vec::new();
    for epic in plan.epics().iter().filter(|epic| epic.status != Status::Completed) {
        if let Some((branch, tip)) = newest_branch(git, past, epic, base)? {
            kept.notes.push(format!("{} goes on from {branch} at {}", epic.id, tip.short()));
            kept.commits.insert(epic.id.clone(), tip);
        } else if epic.status != Status::Pending && epic.user_stories.iter().any(|story| story.passes) {
            kept.notes.push(format!("{}: its branch is gone, so all of its stories are done again", epic.id));
            lost.push(epic.id.clone());
        }
    }
    plan.forget_passes(&lost);
    Ok(kept)
}

fn newest_branch(
    git: &Git,
    past: &[PastRun],
    epic: &Epic,
    base: &CommitId,
) -> Result<Option<(String, CommitId)>, GitError> {
    let slug = Scope::Epic(epic.id.clone()).slug();
    for run in that_speak_of(past, &epic.id) {
        let branch = run.run.epic_branch(&slug);
        if let Some(tip) = git.branch_tip(&branch)? {
            // What is in the base already is nothing to go on from.
            return Ok((!git.is_ancestor(&tip, base)?).then_some((branch, tip)));
        }
    }
    Ok(None)
}
