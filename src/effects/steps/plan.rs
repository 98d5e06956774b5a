//! Looking whether an epic's planner left a plan, by a tool or as a file, keeping it for the sessions that build, and taking back
//! whatever else the planner changed.

use std::path::Path;

use super::check::read_report;
use super::gates::forget_set_up;
use crate::domain::id::{CommitId, EpicId};
use crate::effects::context::{Context, blocking, failure};
use crate::effects::desk::plan;
use crate::effects::paths::StateDir;
use crate::effects::session_files::SessionFiles;
use crate::effects::worktree::Worktrees;
use crate::scheduler::event::Failure;
use crate::scheduler::{Event, Job};

/// Answers `CheckPlan`.
pub async fn look(context: &Context, job: &Job, stood: Option<&CommitId>) -> Result<Event, Failure> {
    let Some(epic) = job.scope.epic().cloned() else {
        return Err(failure(format!("an internal error: {job} is about no epic; please report it")));
    };
    let (state, worktree) = (context.state.clone(), context.worktree(&job.scope));
    let (worktrees, branch, stood) = (context.worktrees.clone(), context.branch(&job.scope), stood.cloned());
    let (plan, undone) = blocking(move || {
        let plan = left(&state, &epic, &worktree);
        let undone = stood.map(|tip| take_back(&worktrees, &branch, &worktree, &tip)).transpose()?;
        Ok::<_, Failure>((plan, undone.unwrap_or_default()))
    })
    .await?;
    Ok(Event::PlanChecked { job: job.clone(), plan, undone })
}

/// What the set-up left uncommitted goes with whatever the planner changed, so it is set up again.
fn take_back(worktrees: &Worktrees, branch: &str, worktree: &Path, tip: &CommitId) -> Result<Vec<String>, Failure> {
    let Some(saved) = worktrees.take_back(branch, worktree, tip)? else { return Ok(Vec::new()) };
    forget_set_up(worktree)?;
    Ok(saved)
}

/// What stands in the worktree counts more than what a tool kept before: it is the planner's last word.
fn left(state: &StateDir, epic: &EpicId, worktree: &Path) -> Result<(), String> {
    let unusable = |fault: String| format!("the plan in .ralph/plan.md cannot be used: {fault}");
    match read_report(&SessionFiles::of(worktree).plan()) {
        Ok(Some(bytes)) => {
            plan::keep(state, epic, &SessionFiles::of(worktree), &String::from_utf8_lossy(&bytes)).map_err(unusable)
        }
        Ok(None) if plan::find(state, epic).is_some() => Ok(()),
        Ok(None) => Err("the planner left no plan".to_owned()),
        Err(fault) => Err(unusable(fault)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_counts_from_the_worktree_or_from_the_tool_and_nothing_else_is_one() {
        let base = tempfile::tempdir().expect("a folder");
        let (state, worktree) = (StateDir::of(base.path()), base.path().join("w"));
        let epic = EpicId::new("E").expect("an id");
        let file = SessionFiles::of(&worktree).plan();
        std::fs::create_dir_all(file.parent().expect("a folder")).expect("a folder");
        assert_eq!(left(&state, &epic, &worktree), Err("the planner left no plan".to_owned()));
        std::fs::write(&file, " \n").expect("a file");
        assert!(left(&state, &epic, &worktree).expect_err("blank").contains("empty"));
        std::fs::write(&file, "# Steps\n").expect("a file");
        assert_eq!(left(&state, &epic, &worktree), Ok(()));
        std::fs::remove_file(&file).expect("a file");
        assert_eq!(left(&state, &epic, &worktree), Ok(()), "it is kept");
        std::fs::create_dir(&file).expect("a folder");
        assert!(left(&state, &epic, &worktree).expect_err("a folder").contains("ordinary file"));
    }
}
