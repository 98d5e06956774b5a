//! The commits of the simulated repository, and the truth about the gates on each of them.

use std::collections::{BTreeMap, BTreeSet};

use ralph_teams::domain::gate::{Gate, GateEnd, GateOutcome};
use ralph_teams::domain::id::{CommitId, StoryId};
use ralph_teams::scheduler::Scope;

use crate::fates::Fates;
use crate::generate::commit_id;

/// What the work of one track on a commit amounts to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Part {
    /// Productive sessions that it holds.
    pub level: u32,
    /// Whether it was merged with the loop branch, so that what clashes can be seen.
    pub merged: bool,
    /// Productive sessions since then.
    pub mends: u32,
}

/// What a commit holds.
#[derive(Debug, Clone, Default)]
pub struct Content {
    /// The work of each track.
    pub parts: BTreeMap<Scope, Part>,
    /// The stories that are done.
    pub done: BTreeSet<StoryId>,
}

impl Content {
    /// Both together; where both hold work of a track, the further one counts.
    pub fn with(mut self, other: &Self) -> Self {
        for (scope, part) in &other.parts {
            let own = self.parts.entry(scope.clone()).or_default();
            own.level = own.level.max(part.level);
            own.mends = own.mends.max(part.mends);
            own.merged |= part.merged;
        }
        self.done.extend(other.done.iter().cloned());
        self
    }
}

#[derive(Debug, Clone)]
struct Commit {
    parents: Vec<usize>,
    content: Content,
}

/// All commits; each one's id stands for its index.
#[derive(Debug, Clone, Default)]
pub struct Graph {
    commits: Vec<Commit>,
}

impl Graph {
    /// Adds a commit.
    pub fn commit(&mut self, parents: &[&CommitId], content: Content) -> CommitId {
        let parents = parents.iter().map(|id| self.index(id).expect("a known parent")).collect();
        self.commits.push(Commit { parents, content });
        commit_id(self.commits.len() - 1)
    }

    fn index(&self, id: &CommitId) -> Option<usize> {
        let index = usize::from_str_radix(id.as_str().trim_start_matches('0'), 16).ok()?.checked_sub(1)?;
        (index < self.commits.len()).then_some(index)
    }

    /// Whether there is such a commit.
    pub fn knows(&self, id: &CommitId) -> bool {
        self.index(id).is_some()
    }

    /// What a commit holds.
    pub fn content(&self, id: &CommitId) -> &Content {
        &self.commits[self.index(id).expect("a known commit")].content
    }

    /// For each commit, whether it is on this one.
    fn ancestors(&self, id: &CommitId) -> Vec<bool> {
        let mut seen = vec![false; self.commits.len()];
        let mut open: Vec<usize> = self.index(id).into_iter().collect();
        while let Some(index) = open.pop() {
            if !std::mem::replace(&mut seen[index], true) {
                open.extend(&self.commits[index].parents);
            }
        }
        seen
    }

    /// Whether all of `inner` is in `outer`, as git sees it.
    pub fn is_in(&self, inner: &CommitId, outer: &CommitId) -> bool {
        self.index(inner).is_some_and(|index| self.ancestors(outer)[index])
    }

    /// Commits on `tip` that are not on `base`.
    pub fn count_since(&self, tip: &CommitId, base: &CommitId) -> u32 {
        self.ancestors(tip).iter().zip(self.ancestors(base)).filter(|(on_tip, on_base)| **on_tip && !on_base).count()
            as u32
    }

    /// Whether a gate is red on a commit.
    pub fn is_red(&self, fates: &Fates, id: &CommitId, gate: &str) -> bool {
        let content = self.content(id);
        let healed = content
            .parts
            .iter()
            .any(|(scope, part)| part.level > 0 && scope.epic().is_some_and(|epic| fates.heals(epic, gate)));
        let broken = content.parts.iter().any(|(scope, part)| {
            part.level < fates.sessions_until_green(scope, gate)
                || (part.merged && part.mends < fates.mends_until_green(scope, gate))
        });
        broken || (fates.red_at_base(gate) && !healed)
    }

    /// Runs all gates on a commit.
    pub fn run_gates(&self, fates: &Fates, id: &CommitId, gates: &[Gate]) -> Vec<GateOutcome> {
        gates
            .iter()
            .map(|gate| GateOutcome {
                name: gate.name.clone(),
                command: gate.command.clone(),
                end: GateEnd::Exited(i32::from(self.is_red(fates, id, &gate.name))),
                took_ms: 1_000,
                log_digest: "sha256:00".to_owned(),
                log: String::new(),
                tail: String::new(),
            })
            .collect()
    }
}
