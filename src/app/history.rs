//! What earlier runs of the repository left: their journals, folded, and their branches.

use std::collections::BTreeSet;
use std::path::PathBuf;

use super::refusal::Refusal;
use super::repository::Repository;
use crate::domain::id::{CommitId, EpicId, RunId};
use crate::domain::outcome::{Outcome, RunEnd};
use crate::effects::fs::write_atomic;
use crate::effects::lock;
use crate::journal;
use crate::journal::JournalError;
use crate::scheduler::view::{TrackState, WaitReason};
use crate::scheduler::{Event, RunView, Scheduler};

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
    /// The user's `prd.json` that it worked on.
    pub prd: Option<PathBuf>,
    /// Epics that were set back after it had begun with them: what it says of them no longer holds.
    pub reset: BTreeSet<EpicId>,
    /// Epics that a person let begin again in this very run: what older runs have of them no longer counts.
    pub begun_anew: BTreeSet<EpicId>,
    /// Whether it wrote a verdict.
    pub has_verdict: bool,
}

impl PastRun {
    /// The merge commit of an epic, if this run merged it.
    #[must_use]
    pub fn merge_of(&self, epic: &EpicId) -> Option<&CommitId> {
        if self.reset.contains(epic) {
            return None;
        }
        let track = self.view.epics.iter().find(|track| track.scope.epic() == Some(epic))?;
        let Outcome::Merged { commit } = track.state.outcome()? else { return None };
        Some(commit)
    }

    /// Whether it came to its end: a verdict, also one that speaks of epics left out by a limit of their number.
    #[must_use]
    pub fn is_over(&self) -> bool {
        match &self.end {
            Some(RunEnd::Judged { .. }) => true,
            Some(RunEnd::Limit { .. }) => self.has_verdict,
            Some(RunEnd::Interrupted | RunEnd::Environment { .. }) | None => false,
        }
    }

    /// Whether `resume` would go on with it.
    #[must_use]
    pub fn can_go_on(&self) -> bool {
        !self.is_over() && self.reset.is_empty()
    }
}

/// The runs of a repository's PRDs, newest first. One whose journal cannot be read is left out with a warning, and those of
/// single tasks are: they say nothing about any PRD.
///
/// # Errors
/// git cannot be read.
pub fn past_runs(repository: &Repository) -> Result<Vec<PastRun>, Refusal> {
    let mut past = all_runs(repository)?;
    past.retain(|run| !is_task(repository, run));
    Ok(past)
}

/// Whether a run was one of a single task.
#[must_use]
pub fn is_task(repository: &Repository, run: &PastRun) -> bool {
    run.prd.as_ref().is_some_and(|prd| repository.is_of_task(prd))
}

/// The same with those of single tasks.
///
/// # Errors
/// git cannot be read.
pub fn all_runs(repository: &Repository) -> Result<Vec<PastRun>, Refusal> {
    let mut runs = run_ids(repository);
    // Ids are ordered by the second; within one, the newest is the one that was begun last.
    let newest = repository.state.newest();
    runs.sort_by_key(|run| (time_of(run).to_owned(), Some(run) == newest.as_ref(), run.clone()));
    let mut past = Vec::new();
    for run in runs.into_iter().rev() {
        match fold(repository, &run)? {
            Ok(found) => past.extend(found),
            Err(error) => tracing::warn!("run {run} is left out: {error}"),
        }
    }
    Ok(past)
}

/// The part of an id that says when its run began.
fn time_of(run: &RunId) -> &str {
    run.as_str().rsplit_once('-').map_or(run.as_str(), |(time, _)| time)
}

/// One run.
///
/// # Errors
/// Its journal or git cannot be read, or it never began.
pub fn past_run(repository: &Repository, run: &RunId) -> Result<PastRun, Refusal> {
    let found = fold(repository, run)?.map_err(Refusal::environment)?;
    found.ok_or_else(|| Refusal::environment(format!("run {run} never began")))
}

/// A run as its journal tells it; nothing when it never began.
fn fold(repository: &Repository, run: &RunId) -> Result<Result<Option<PastRun>, JournalError>, Refusal> {
    let run_dir = repository.state.run(run);
    let replayed = match journal::read(&run_dir.journal()) {
        Ok(replayed) => replayed,
        Err(error) => return Ok(Err(error)),
    };
    let mut scheduler = Scheduler::default();
    for (at, event) in &replayed.events {
        scheduler.handle(*at, event);
    }
    let Some(view) = scheduler.view() else { return Ok(Ok(None)) };
    Ok(Ok(Some(PastRun {
        run: run.clone(),
        view,
        end: scheduler.ended().cloned(),
        loop_tip: repository.git.branch_tip(&run.loop_branch()).map_err(Refusal::environment)?,
        prd: scheduler.prd().map(|prd| repository.checkout.join(prd)),
        reset: reset_in(repository, run)?,
        begun_anew: replayed.events.iter().filter_map(|(_, event)| begun_anew(event)).cloned().collect(),
        has_verdict: run_dir.verdict().exists(),
    })))
}

/// The epic whose branch and worktree were taken away so that it begins again.
fn begun_anew(event: &Event) -> Option<&EpicId> {
    if let Event::Abandoned { job, kept: None, .. } = event { job.scope.epic() } else { None }
}

/// The runs whose branch of an epic may be gone on from, newest first: what was set back is never revived.
pub fn that_speak_of<'a>(past: &'a [PastRun], epic: &'a EpicId) -> impl Iterator<Item = &'a PastRun> {
    let newest_that_counts = past.iter().position(|run| run.begun_anew.contains(epic));
    let most = newest_that_counts.map_or(past.len(), |position| position + 1);
    past[..most].iter().filter(|run| !run.reset.contains(epic))
}

/// The epics that were set back after a run had begun with them.
///
/// # Errors
/// What was written down about it cannot be read.
pub fn reset_in(repository: &Repository, run: &RunId) -> Result<BTreeSet<EpicId>, Refusal> {
    let path = repository.state.run(run).reset();
    let broken = |error: &dyn std::fmt::Display| {
        Refusal::environment(format!("{} cannot be read: {error}; `ralph-teams reset` writes it", path.display()))
    };
    match std::fs::read(&path) {
        Ok(text) => serde_json::from_slice(&text).map_err(|error| broken(&error)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeSet::new()),
        Err(error) => Err(broken(&error)),
    }
}

/// Writes down that a run no longer speaks for these epics, as far as it ever did.
///
/// # Errors
/// It cannot be written.
pub fn mark_reset(repository: &Repository, past: &PastRun, epics: &BTreeSet<EpicId>) -> Result<(), Refusal> {
    let speaks = |epic: &&EpicId| {
        let track = past.view.epics.iter().find(|track| track.scope.epic() == Some(*epic));
        track.is_some_and(|track| !is_untouched(&track.state))
    };
    let mut reset: BTreeSet<EpicId> = epics.iter().filter(speaks).cloned().collect();
    reset.extend(past.reset.iter().cloned());
    if reset == past.reset {
        return Ok(());
    }
    let text = serde_json::to_vec_pretty(&reset).map_err(Refusal::internal)?;
    write_atomic(&repository.state.run(&past.run).reset(), &text).map_err(Refusal::environment)
}

/// Whether a run did nothing for an epic, and counted on nothing of it.
fn is_untouched(state: &TrackState) -> bool {
    match state {
        TrackState::Waiting(WaitReason::Held) => false,
        TrackState::Waiting(_) | TrackState::Done(Outcome::LeftOut | Outcome::Blocked { .. }) => true,
        TrackState::Preparing
        | TrackState::Working(_)
        | TrackState::Stopping(_)
        | TrackState::Resetting
        | TrackState::Checking
        | TrackState::Resting { .. }
        | TrackState::Queued { .. }
        | TrackState::Merging
        | TrackState::Outdated
        | TrackState::Updating
        | TrackState::Done(
            Outcome::AlreadyCompleted
            | Outcome::Merged { .. }
            | Outcome::Partial { .. }
            | Outcome::Failed { .. }
            | Outcome::MergeFailed { .. }
            | Outcome::Interrupted,
        ) => false,
    }
}

/// The run that a person means: the named one, or the newest. `verb`: what is to be done with it.
///
/// # Errors
/// There is no such run.
pub fn which(repository: &Repository, named: Option<&str>, verb: &str) -> Result<RunId, Refusal> {
    let Some(named) = named else {
        let none = || format!("there is no run to {verb} here; start one with `ralph-teams run`");
        return repository.state.newest().ok_or_else(|| Refusal::input(none()));
    };
    let known = run_ids(repository);
    known.iter().find(|run| run.as_str() == named).cloned().ok_or_else(|| no_such_run(named, known))
}

/// What is said to somebody who named a run that is not there.
fn no_such_run(named: &str, mut known: Vec<RunId>) -> Refusal {
    /// So many are likely to hold the one that was meant.
    const SHOWN: usize = 5;
    known.sort();
    let newest: Vec<&str> = known.iter().rev().take(SHOWN).map(RunId::as_str).collect();
    let there_are = match known.len() {
        0 => "there is none yet; start one with `ralph-teams run`".to_owned(),
        n if n <= SHOWN => format!("there are: {}", newest.join(", ")),
        _ => format!("the newest are: {}; `ralph-teams runs` lists all", newest.join(", ")),
    };
    Refusal::input(format!("there is no run {named}; {there_are}"))
}

/// The ids of all runs that have a directory.
#[must_use]
pub fn run_ids(repository: &Repository) -> Vec<RunId> {
    let Ok(entries) = std::fs::read_dir(repository.state.runs()) else { return Vec::new() };
    entries.flatten().filter_map(|entry| RunId::new(entry.file_name().to_str()?).ok()).collect()
}

/// The run at work, of a single task too; else the newest of a PRD.
#[must_use]
pub fn newest(repository: &Repository) -> Option<RunId> {
    let at_work = lock::holder(repository.git.common_dir()).map(|holder| holder.run);
    // A lock is also held while a plan is written, which is no run.
    let is_run = |run: &RunId| repository.state.run(run).journal().is_file();
    at_work.filter(is_run).or_else(|| repository.state.newest())
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
        None => newest(repository).filter(|run| known.contains(run)).or_else(|| known.last().cloned()),
    };
    found.ok_or_else(|| match name {
        Some(name) => no_such_run(name, known),
        None => Refusal::input("there is no run here yet; start one with `ralph-teams run`"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::StoryId;
    use crate::domain::plan::{Epic, Plan, Story};
    use crate::domain::policy::Policy;
    use crate::scheduler::event::Begun;

    /// A run in which these epics began again, and after which those were set back.
    fn past(name: &str, begun_anew: &[&EpicId], reset: &[&EpicId]) -> PastRun {
        let commit = CommitId::new(&"1".repeat(40)).expect("a commit");
        let one = Epic {
            id: EpicId::new("A").expect("an id"),
            title: String::new(),
            description: String::new(),
            status: crate::domain::outcome::Status::Pending,
            planned: false,
            depends_on: vec![],
            touches: vec![],
            user_stories: vec![Story {
                id: StoryId::new("s").expect("an id"),
                title: String::new(),
                description: String::new(),
                acceptance_criteria: vec![],
                priority: 0,
                passes: false,
            }],
        };
        let begun = Begun {
            run: RunId::new(name).expect("a run"),
            plan: Plan::check("p", "", vec![one]).expect("a plan"),
            policy: Policy::default(),
            base: commit.clone(),
            start: commit,
            prd: "prd.json".to_owned(),
            kept: std::collections::BTreeMap::new(),
        };
        let mut scheduler = Scheduler::default();
        scheduler.handle(0, &Event::Begun(Box::new(begun)));
        PastRun {
            run: RunId::new(name).expect("a run"),
            view: scheduler.view().expect("it began"),
            end: None,
            loop_tip: None,
            prd: None,
            reset: reset.iter().copied().cloned().collect(),
            begun_anew: begun_anew.iter().copied().cloned().collect(),
            has_verdict: false,
        }
    }

    #[test]
    fn what_was_set_back_in_a_run_or_after_it_is_never_revived() {
        let epic = EpicId::new("A").expect("an id");
        let speak = |past: &[PastRun]| that_speak_of(past, &epic).map(|run| run.run.to_string()).collect::<Vec<_>>();
        let plain = |name: &str| past(name, &[], &[]);
        assert_eq!(speak(&[plain("3"), plain("2"), plain("1")]), ["3", "2", "1"]);
        assert_eq!(speak(&[plain("3"), past("2", &[&epic], &[]), plain("1")]), ["3", "2"], "it began again in 2");
        assert_eq!(speak(&[plain("3"), past("2", &[], &[&epic]), plain("1")]), ["3", "1"], "each is marked by itself");
        assert_eq!(speak(&[past("2", &[&epic], &[&epic]), plain("1")]), Vec::<String>::new());
    }
}
