//! The projections of the state onto the disk: `prd.json`, the verdict, the final difference.

use std::path::Path;
use std::time::Duration;

use crate::domain::id::EpicId;
use crate::domain::outcome::PrdState;
use crate::domain::prd;
use crate::domain::verdict::Verdict;
use crate::effects::context::{Context, blocking, failure};
use crate::effects::fs::{FsError, write_atomic, write_atomic_by_way_of};
use crate::effects::paths::shown;
use crate::effects::write_verdict::{Facts, write_verdict};
use crate::scheduler::event::Failure;
use crate::scheduler::{Event, Job};

/// A person may be in the middle of editing the file; how often and how long that is waited for.
const LOOKS: u32 = 5;
const PAUSE: Duration = Duration::from_secs(2);

/// Answers `WritePrd`.
pub async fn write_prd(
    context: &Context,
    job: &Job,
    states: &[PrdState],
    planned: &[EpicId],
) -> Result<Event, Failure> {
    let mut looks = 1;
    loop {
        let (path, staging) = (context.prd.clone(), context.run_dir.clone());
        let (states, planned) = (states.to_vec(), planned.to_vec());
        match blocking(move || apply(&path, staging.path(), &states, &planned)).await {
            Ok(()) => return Ok(Event::Written { job: job.clone() }),
            Err(fault) if looks == LOOKS || fault.environment => return Err(fault),
            Err(fault) => tracing::info!("{}; looking again", fault.what),
        }
        looks += 1;
        tokio::time::sleep(PAUSE).await;
    }
}

fn apply(path: &Path, staging: &Path, states: &[PrdState], planned: &[EpicId]) -> Result<(), Failure> {
    let text = std::fs::read_to_string(path).map_err(FsError::of("read", path))?;
    let unwritten = |fault| failure(format!("{} cannot be updated: {fault}; mend it, then resume", shown(path)));
    let flagged = prd::set_planned(&text, planned).map_err(unwritten)?;
    let edited = prd::apply(&flagged.text, states).map_err(unwritten)?;
    for missing in &edited.not_found {
        let story = missing.story.as_ref().map(|story| format!(" story {story} of")).unwrap_or_default();
        tracing::warn!("{}:{story} {} is no longer in it", shown(path), missing.epic);
    }
    if edited.text != text {
        write_atomic_by_way_of(staging, path, edited.text.as_bytes())?;
    }
    Ok(())
}

/// Answers `WriteVerdict`.
pub async fn write_judgement(context: &Context, job: &Job, verdict: &Verdict) -> Result<Event, Failure> {
    let (git, run_dir, plan) = (context.git.clone(), context.run_dir.clone(), context.plan.clone());
    let (job, verdict, timestamp) = (job.clone(), verdict.clone(), context.clock.stamp());
    blocking(move || {
        let diff = git.diff(&verdict.base, &verdict.tip)?;
        write_atomic(&run_dir.final_diff(), &diff)?;
        let tree = git.tree_of(&verdict.tip)?;
        let facts = Facts { timestamp, tree, version: env!("CARGO_PKG_VERSION").to_owned() };
        write_verdict(&run_dir, &verdict, &plan, &facts)?;
        Ok::<_, Failure>(Event::Written { job })
    })
    .await
}
