//! The steps of a merge, and of bringing a track up to date. Only git decides whether something is merged.

use super::gates::{Ran, prove as prove_in, set_up};
use crate::domain::id::{CommitId, StoryId};
use crate::effects::context::{Context, blocking};
use crate::effects::git::merge::Candidate;
use crate::effects::git::refs::Publication;
use crate::effects::git::snapshot::BackupName;
use crate::effects::hands::Cancel;
use crate::effects::text::one_line;
use crate::effects::worktree::{Abandoned, Removal};
use crate::scheduler::event::Failure;
use crate::scheduler::{Event, Job, Scope};

/// Answers `Candidate`.
pub async fn candidate(
    context: &Context,
    job: &Job,
    tip: &CommitId,
    onto: &CommitId,
    stories: &[StoryId],
) -> Result<Event, Failure> {
    let message = merge_message(context, &job.scope, stories);
    let (git, job, tip, onto) = (context.git.clone(), job.clone(), tip.clone(), onto.clone());
    blocking(move || {
        Ok::<_, crate::effects::git::GitError>(match git.candidate(&tip, &onto, &message)? {
            Candidate::Clean(commit) => Event::CandidateBuilt { job, commit },
            Candidate::Conflict(files) => Event::Conflicted { job, files },
        })
    })
    .await
}

/// The merge commit carries what proves it from the repository alone.
fn merge_message(context: &Context, scope: &Scope, stories: &[StoryId]) -> String {
    let title = match scope.epic().and_then(|id| context.plan.epic(id)) {
        Some(epic) => format!("{}: {}", epic.id, short_title(&epic.title)),
        None => format!("{scope}: what the final validator found"),
    };
    let mut message = format!("Merge {title}\n\nRalph-Run: {}\n", context.run);
    if let Some(epic) = scope.epic() {
        message.push_str(&format!("Ralph-Epic: {epic}\n"));
    }
    for story in stories {
        message.push_str(&format!("Ralph-Story: {story}\n"));
    }
    message
}

/// The longest title in the first line of a merge commit, in characters.
const TITLE_MAX: usize = 100;

fn short_title(title: &str) -> String {
    one_line(title).chars().take(TITLE_MAX).collect()
}

/// Answers `Prove`.
pub async fn prove(context: &Context, job: &Job, commit: &CommitId, cancel: Cancel) -> Result<Event, Failure> {
    let _alone = context.integration.lock().await;
    let path = context.places.integration();
    let (git, worktrees) = (context.git.clone(), context.worktrees.clone());
    let (folder, commit, patterns) = (path.clone(), commit.clone(), context.include.clone());
    blocking(move || {
        worktrees.ensure_detached(&folder, &commit)?;
        git.include(&folder, &patterns).map(drop)
    })
    .await?;
    let job = job.clone();
    // Somebody may have deleted it since the run was opened; a gate that is red for want of a set-up proves nothing.
    if let Ran::Cut = set_up(context, &job, &path, cancel.clone()).await? {
        return Ok(Event::Cut { job });
    }
    Ok(match prove_in(context, &job, &path, cancel).await? {
        Ran::Done(gates) => Event::Proved { job, gates },
        Ran::Cut => Event::Cut { job },
    })
}

/// Answers `Publish`.
pub async fn publish(context: &Context, job: &Job, commit: &CommitId, old: &CommitId) -> Result<Event, Failure> {
    let (git, branch) = (context.git.clone(), context.run.loop_branch());
    let (job, commit, old) = (job.clone(), commit.clone(), old.clone());
    blocking(move || {
        Ok::<_, crate::effects::git::GitError>(match git.publish(&branch, &commit, &old)? {
            Publication::Published => Event::Published { job },
            Publication::Moved(tip) => Event::LoopMoved { job, tip },
        })
    })
    .await
}

/// Answers `Update`.
pub async fn update(context: &Context, job: &Job, onto: &CommitId) -> Result<Event, Failure> {
    let (git, worktrees, path) = (context.git.clone(), context.worktrees.clone(), context.worktree(&job.scope));
    let (branch, loop_branch) = (context.branch(&job.scope), context.run.loop_branch());
    let backup = BackupName::new(&context.run, &job.scope.slug());
    let message = format!("Merge {loop_branch} into {branch}\n\nRalph-Run: {}\n", context.run);
    let (job, onto) = (job.clone(), onto.clone());
    blocking(move || {
        worktrees.ensure(&branch, &onto, &path)?;
        let update = git.update(&path, &onto, &message, &backup)?;
        Ok::<_, crate::effects::git::GitError>(Event::Updated { job, tip: update.tip, conflicts: update.conflicts })
    })
    .await
}

/// Answers `Retire`.
pub async fn retire(context: &Context, job: &Job) -> Result<Event, Failure> {
    let (worktrees, path) = (context.worktrees.clone(), context.worktree(&job.scope));
    let proof = format!("refs/heads/{}", context.run.loop_branch());
    let backup = BackupName::new(&context.run, &job.scope.slug());
    let job = job.clone();
    blocking(move || {
        let kept = match worktrees.remove(&path, &proof, &backup)? {
            Removal::Removed => None,
            Removal::Kept(reason) => Some(reason),
        };
        Ok::<_, crate::effects::git::GitError>(Event::Retired { job, kept })
    })
    .await
}

/// Answers `Abandon`.
pub async fn abandon(context: &Context, job: &Job) -> Result<Event, Failure> {
    let (worktrees, path, branch) =
        (context.worktrees.clone(), context.worktree(&job.scope), context.branch(&job.scope));
    let job = job.clone();
    blocking(move || {
        Ok::<_, crate::effects::git::GitError>(match worktrees.abandon(&branch, &path)? {
            Abandoned::Nothing => Event::Abandoned { job, saved: Vec::new(), kept: None },
            Abandoned::Saved(saved) => Event::Abandoned { job, saved, kept: None },
            Abandoned::Kept(reason) => Event::Abandoned { job, saved: Vec::new(), kept: Some(reason) },
        })
    })
    .await
}
