//! Reading what a validator reported, and taking back what it changed on a branch that it only had to look at.

use crate::domain::id::CommitId;
use crate::domain::report::parse_validation;
use crate::effects::context::{Context, blocking};
use crate::effects::fs::FsError;
use crate::effects::session_files::SessionFiles;
use crate::effects::steps::check::read_report;
use crate::scheduler::event::Failure;
use crate::scheduler::{Event, Job};

/// Answers `CheckValidation`.
pub async fn read(context: &Context, job: &Job, session: &Job, judged: Option<&CommitId>) -> Result<Event, Failure> {
    let worktree = context.worktree(&session.scope);
    let path = SessionFiles::of(&worktree).report();
    let bytes = blocking(move || Ok::<_, FsError>(read_report(&path))).await?;
    let report = match bytes {
        Ok(Some(bytes)) => parse_validation(&bytes),
        Ok(None) => Err("the validator left no report".to_owned()),
        Err(fault) => Err(fault),
    };
    let undone = match judged.cloned() {
        Some(tip) => {
            let (worktrees, branch) = (context.worktrees.clone(), context.branch(&session.scope));
            blocking(move || worktrees.put_back(&branch, &worktree, &tip)).await?
        }
        None => Vec::new(),
    };
    Ok(Event::ValidationChecked { job: job.clone(), report, undone })
}
