//! Making a track's worktree ready for work.

use super::gates::{Ran, set_up};
use crate::domain::id::CommitId;
use crate::effects::context::{Context, blocking};
use crate::effects::desk::plan;
use crate::effects::git::GitError;
use crate::effects::hands::Cancel;
use crate::scheduler::event::Failure;
use crate::scheduler::{Event, Job};

/// Answers `Prepare`.
pub async fn prepare(context: &Context, job: &Job, start: &CommitId, cancel: Cancel) -> Result<Event, Failure> {
    let path = context.worktree(&job.scope);
    let (git, worktrees) = (context.git.clone(), context.worktrees.clone());
    let (branch, commit, folder) = (context.branch(&job.scope), start.clone(), path.clone());
    let patterns = context.include.clone();
    let prepared = blocking(move || {
        let prepared = worktrees.ensure(&branch, &commit, &folder)?;
        for (file, reason) in git.include(&folder, &patterns)?.skipped {
            tracing::info!("{file} was not brought along: {reason}");
        }
        Ok::<_, GitError>(prepared)
    })
    .await?;
    let planned = job.scope.epic().is_some_and(|epic| plan::find(&context.state, epic).is_some());
    Ok(match set_up(context, job, &path, cancel).await? {
        Ran::Done(()) => Event::Prepared { job: job.clone(), tip: prepared.tip, planned },
        Ran::Cut => Event::Cut { job: job.clone() },
    })
}
