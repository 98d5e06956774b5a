//! What the runs of a repository tell about time. Rehearsals tell nothing: their agent only pretends.

use std::collections::BTreeMap;

use crate::app::history;
use crate::app::repository::Repository;
use crate::domain::id::{EpicId, RunId};
use crate::domain::outcome::Outcome;
use crate::effects::session_record::SessionRecord;
use crate::journal;
use crate::lint::{History, PastEpic};
use crate::scheduler::{Event, Notice, Scheduler, Scope};

/// The backend whose agent only pretends.
const REHEARSAL: &str = "rehearsal";

/// The merged epics of all runs whose journal and sessions can be read. What cannot be read is not known.
pub fn history(repository: &Repository) -> History {
    let mut runs = history::run_ids(repository);
    runs.sort();
    let mut epics = Vec::new();
    for run in runs {
        let run_dir = repository.state.run(&run);
        let sessions = SessionRecord::all(&run_dir);
        // Without a session nobody knows who did the work.
        if sessions.is_empty() || sessions.iter().any(|session| session.backend == REHEARSAL) {
            continue;
        }
        if let Ok(replayed) = journal::read(&run_dir.journal()) {
            epics.extend(merged(&run, &replayed.events));
        }
    }
    History { epics }
}

/// The epics that a run merged, as its journal tells it.
fn merged(run: &RunId, events: &[(u64, Event)]) -> Vec<PastEpic> {
    let mut scheduler = Scheduler::default();
    let (mut begun, mut merged) = (BTreeMap::<EpicId, u64>::new(), Vec::new());
    for (at, event) in events {
        for notice in scheduler.handle(*at, event).notices {
            if let Notice::Preparing { scope: Scope::Epic(epic) } = notice {
                begun.entry(epic).or_insert(*at);
            } else if let Notice::EpicReset { epic, .. } = notice {
                begun.remove(&epic);
            } else if let Notice::EpicEnded { epic, outcome: Outcome::Merged { .. }, .. } = notice
                && let Some(start) = begun.remove(&epic)
            {
                let done = scheduler.plan().and_then(|plan| plan.epic(&epic));
                let n_stories = done.map_or(0, |epic| epic.pending().count());
                merged.push(PastEpic { run: run.clone(), epic, n_stories, took_ms: at.saturating_sub(start) });
            }
        }
    }
    merged
}
