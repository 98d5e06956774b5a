//! What earlier runs of the repository left: their journals, folded, and their branches.

use super::refusal::Refusal;
use super::repository::Repository;
use crate::domain::id::{CommitId, EpicId, RunId};
use crate::domain::outcome::{Outcome, RunEnd};
use crate::journal;
use crate::scheduler::{RunView, Scheduler};

/// One earlier run.
#[derive(Debug, Clone)]
pub struct PastRun {
    /// Its id.
    pub run: RunId,
    /// Its last picture.
    pub view: RunView,
    /// How it ended; `None`: it was killed.
    pub end: Option<RunEnd>,
    /// Where its loop branch stands; `None`: it is gone.
    pub loop_tip: Option<CommitId>,
}

impl PastRun {
    /// The merge commit of an epic, if this run merged it.
    #[must_use]
    pub fn merge_of(&self, epic: &EpicId) -> Option<&CommitId> {
        let track = self.view.epics.iter().find(|track| track.scope.epic() == Some(epic))?;
        let Outcome::Merged { commit } = track.state.outcome()? else { return None };
        Some(commit)
    }

    /// Whether it came to a verdict; if not, it can be resumed.
    #[must_use]
    pub fn is_over(&self) -> bool {
        matches!(self.end, Some(RunEnd::Judged { .. }))
    }
}

/// The runs of a repository, newest first. One whose journal cannot be read is left out with a warning.
///
/// # Errors
/// git cannot be read.
pub fn past_runs(repository: &Repository) -> Result<Vec<PastRun>, Refusal> {
    let mut runs = run_ids(repository);
    runs.sort();
    let mut past = Vec::new();
    for run in runs.into_iter().rev() {
        let path = repository.state.run(&run).journal();
        match journal::read(&path) {
            Ok(replayed) => {
                let mut scheduler = Scheduler::default();
                for (at, event) in &replayed.events {
                    scheduler.handle(*at, event);
                }
                let loop_tip = repository.git.branch_tip(&run.loop_branch()).map_err(Refusal::environment)?;
                if let Some(view) = scheduler.view() {
                    past.push(PastRun { run, view, end: scheduler.ended().cloned(), loop_tip });
                }
            }
            Err(error) => tracing::warn!("run {run} is left out: {error}"),
        }
    }
    Ok(past)
}

/// The ids of all runs that have a directory.
#[must_use]
pub fn run_ids(repository: &Repository) -> Vec<RunId> {
    let Ok(entries) = std::fs::read_dir(repository.state.runs()) else { return Vec::new() };
    entries.flatten().filter_map(|entry| RunId::new(entry.file_name().to_str()?).ok()).collect()
}

/// The run that a person named, or the newest one.
///
/// # Errors
/// There is no such run; which there are.
pub fn named(repository: &Repository, name: Option<&str>) -> Result<RunId, Refusal> {
    let mut known = run_ids(repository);
    known.sort();
    let found = match name {
        Some(name) => known.iter().find(|run| run.as_str() == name).cloned(),
        None => repository.state.newest().filter(|run| known.contains(run)).or_else(|| known.last().cloned()),
    };
    found.ok_or_else(|| {
        let names: Vec<&str> = known.iter().map(RunId::as_str).collect();
        match name {
            _ if names.is_empty() => Refusal::input("there is no run here yet; start one with `ralph-teams run`"),
            Some(name) => Refusal::input(format!("there is no run {name}; there are: {}", names.join(", "))),
            None => Refusal::input(format!("which run? There are: {}", names.join(", "))),
        }
    })
}
