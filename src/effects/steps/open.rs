//! Opening a run: the loop branch, the integration worktree, and the gates on the commit that the run starts from.

use super::gates::{Ran, prove, set_up};
use crate::domain::id::CommitId;
use crate::effects::context::{Context, blocking};
use crate::effects::hands::Cancel;
use crate::scheduler::event::Failure;
use crate::scheduler::{Event, Job};

/// Answers `Open`.
pub async fn open(context: &Context, job: &Job, start: &CommitId, cancel: Cancel) -> Result<Event, Failure> {
    let _alone = context.integration.lock().await;
    let path = context.places.integration();
    let (git, worktrees) = (context.git.clone(), context.worktrees.clone());
    let (branch, commit, integration) = (context.run.loop_branch(), start.clone(), path.clone());
    let (patterns, wants_worktree) = (context.include.clone(), !context.gates.is_empty() || context.setup.is_some());
    blocking(move || {
        git.exclude_our_folders()?;
        git.create_branch(&branch, &commit)?;
        if wants_worktree {
            worktrees.ensure_detached(&integration, &commit)?;
            git.include(&integration, &patterns)?;
        }
        Ok::<(), crate::effects::git::GitError>(())
    })
    .await?;
    if wants_worktree && let Ran::Cut = set_up(context, job, &path, cancel.clone()).await? {
        return Ok(Event::Cut { job: job.clone() });
    }
    Ok(match prove(context, job, &path, cancel).await? {
        Ran::Done(gates) => Event::Opened { job: job.clone(), gates },
        Ran::Cut => Event::Cut { job: job.clone() },
    })
}
