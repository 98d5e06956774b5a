//! What earlier runs tell about time. What they do not tell is unknown, never guessed.

use crate::domain::id::{EpicId, RunId};

/// An epic that a run began and merged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastEpic {
    /// The run.
    pub run: RunId,
    /// The epic.
    pub epic: EpicId,
    /// The stories that were to be done in it.
    pub n_stories: usize,
    /// Milliseconds of running time from its worktree to its merge, with waiting, fixes and further attempts.
    pub took_ms: u64,
}

/// What is known of earlier runs with real agents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// The epics that were merged, in any order.
    pub epics: Vec<PastEpic>,
}

/// From how much an estimate is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Basis {
    /// The runs.
    pub runs: Vec<RunId>,
    /// Merged epics in them.
    pub n_epics: usize,
    /// Their stories.
    pub n_stories: usize,
}

/// How long a plan will take if it goes as it went before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Estimate {
    /// The median over past epics of time for each story, in milliseconds.
    pub story_ms: u64,
    /// With as many slots as are useful, in milliseconds.
    pub wall_ms: u64,
    /// One epic after the other, in milliseconds.
    pub alone_ms: u64,
    /// What this rests on.
    pub basis: Basis,
}

impl History {
    /// The median over all epics of time for each story, in milliseconds; `None`: nothing is known.
    #[must_use]
    pub fn story_ms(&self) -> Option<u64> {
        let known = self.epics.iter().filter(|epic| epic.n_stories > 0);
        let mut each: Vec<u64> = known.map(|epic| epic.took_ms / epic.n_stories as u64).collect();
        each.sort_unstable();
        let middle = each.len() / 2;
        let upper = *each.get(middle)?;
        // Of an even number there are two in the middle.
        Some(if each.len() % 2 == 1 { upper } else { each[middle - 1].midpoint(upper) })
    }

    /// How long so many stories take, one after the other and side by side.
    pub(super) fn estimate(&self, n_wall: usize, n_alone: usize) -> Option<Estimate> {
        let story_ms = self.story_ms()?;
        let known: Vec<&PastEpic> = self.epics.iter().filter(|epic| epic.n_stories > 0).collect();
        let mut runs: Vec<RunId> = known.iter().map(|epic| epic.run.clone()).collect();
        runs.sort();
        runs.dedup();
        let n_stories = known.iter().map(|epic| epic.n_stories).sum();
        Some(Estimate {
            story_ms,
            wall_ms: story_ms.saturating_mul(n_wall as u64),
            alone_ms: story_ms.saturating_mul(n_alone as u64),
            basis: Basis { runs, n_epics: known.len(), n_stories },
        })
    }
}
