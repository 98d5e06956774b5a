//! The plan: the checked dependency graph made from a PRD. A `Plan` that exists has no fault in it.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::id::{EpicId, StoryId};
use super::outcome::Status;
use super::pattern::PathPattern;

mod order;

/// One epic of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Epic {
    /// Its id, unique in the plan.
    pub id: EpicId,
    /// One line for people.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// How earlier runs left it.
    pub status: Status,
    /// Whether an implementation plan was written for it.
    pub planned: bool,
    /// The epics that must be merged before it may start.
    pub depends_on: Vec<EpicId>,
    /// Which files it is expected to change, for the critic and the lead; empty: nobody said. Nothing is scheduled by it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub touches: Vec<PathPattern>,
    /// What is to be built, in the order of the PRD.
    pub user_stories: Vec<Story>,
}

/// One user story of an epic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Story {
    /// Its id, unique in the plan.
    pub id: StoryId,
    /// One line for people.
    pub title: String,
    /// What it is about.
    pub description: String,
    /// Statements that must hold when it is done.
    pub acceptance_criteria: Vec<String>,
    /// Lower comes first; as the PRD says.
    pub priority: i64,
    /// Whether an earlier run proved it.
    pub passes: bool,
}

impl Epic {
    /// Whether anything of it is still to be done.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.status != Status::Completed
    }

    /// The stories that are still to be done.
    pub fn pending(&self) -> impl Iterator<Item = &Story> {
        self.user_stories.iter().filter(|story| !story.passes)
    }
}

/// Where in the list of epics a fault is, and what it is. Positions count from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PlanFault {
    /// Two epics have the same id.
    DuplicateEpic {
        /// The later of the two.
        epic: usize,
        /// The earlier of the two.
        first: usize,
    },
    /// Two stories have the same id.
    DuplicateStory {
        /// Epic and story position of the later one.
        at: (usize, usize),
        /// Epic and story position of the earlier one.
        first: (usize, usize),
    },
    /// `dependsOn` names an epic that does not exist.
    UnknownDependency {
        /// The epic that names it.
        epic: usize,
        /// Position in its `dependsOn`.
        entry: usize,
    },
    /// An epic depends on itself.
    SelfDependency {
        /// The epic.
        epic: usize,
        /// Position in its `dependsOn`.
        entry: usize,
    },
    /// `dependsOn` names an epic twice.
    DuplicateDependency {
        /// The epic.
        epic: usize,
        /// Position in its `dependsOn` of the second mention.
        entry: usize,
    },
    /// Epics wait for each other; the path begins and ends with the same one.
    Cycle {
        /// Positions along the cycle, first and last equal.
        path: Vec<usize>,
    },
}

/// The checked graph of epics. Only [`Plan::check`] makes one from parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Parts", into = "Parts")]
pub struct Plan {
    parts: Parts,
    dependencies: Vec<Vec<usize>>,
    waves: Vec<usize>,
}

/// The heaviest chain of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CriticalPath {
    /// Positions of its epics; each depends, directly or through completed ones, on the one before it.
    pub epics: Vec<usize>,
    /// Pending stories along it; an epic without any counts as one.
    pub weight: usize,
}

/// The parts of a plan, as they are written into the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Parts {
    project: String,
    description: String,
    epics: Vec<Epic>,
}

impl Plan {
    /// Checks the graph and makes the plan.
    ///
    /// # Errors
    /// All faults that the graph has, never only the first.
    pub fn check(project: &str, description: &str, epics: Vec<Epic>) -> Result<Self, Vec<PlanFault>> {
        let (positions, mut faults) = index(&epics);
        let dependencies = link(&epics, &positions, &mut faults);
        let order = order::order_of(&dependencies);
        faults.extend(order.cycles.into_iter().map(|path| PlanFault::Cycle { path }));
        if !faults.is_empty() {
            return Err(faults);
        }
        let parts = Parts { project: project.to_owned(), description: description.to_owned(), epics };
        Ok(Self { parts, dependencies, waves: order.waves })
    }

    /// The project's name.
    #[must_use]
    pub fn project(&self) -> &str {
        &self.parts.project
    }

    /// What the whole is about.
    #[must_use]
    pub fn description(&self) -> &str {
        &self.parts.description
    }

    /// All epics in the order of the PRD.
    #[must_use]
    pub fn epics(&self) -> &[Epic] {
        &self.parts.epics
    }

    /// Counts no story of these epics as passed any more: the branch that held them is gone.
    pub fn forget_passes(&mut self, lost: &[EpicId]) {
        for epic in self.parts.epics.iter_mut().filter(|epic| lost.contains(&epic.id)) {
            for story in &mut epic.user_stories {
                story.passes = false;
            }
        }
    }

    /// The epic with this id.
    #[must_use]
    pub fn epic(&self, id: &EpicId) -> Option<&Epic> {
        self.epics().iter().find(|epic| epic.id == *id)
    }

    /// Positions of the epics that the epic at this position depends on directly.
    #[must_use]
    pub fn dependencies(&self, position: usize) -> &[usize] {
        self.dependencies.get(position).map_or(&[], Vec::as_slice)
    }

    /// The wave of the epic at this position, counted from 1: the length of the longest chain below it, plus one.
    #[must_use]
    pub fn wave(&self, position: usize) -> usize {
        self.waves.get(position).copied().unwrap_or(1)
    }

    /// How many waves there are.
    #[must_use]
    pub fn n_waves(&self) -> usize {
        self.waves.iter().copied().max().unwrap_or(0)
    }

    /// The positions of the epics of each wave, first wave first, each in the order of the PRD.
    #[must_use]
    pub fn waves(&self) -> Vec<Vec<usize>> {
        let mut waves = vec![Vec::new(); self.n_waves()];
        for (position, wave) in self.waves.iter().enumerate() {
            waves[wave - 1].push(position);
        }
        waves
    }

    /// The most epics of one wave that are still to be done: more slots than this are of little use.
    #[must_use]
    pub fn widest_wave(&self) -> usize {
        let open = |wave: &Vec<usize>| wave.iter().filter(|&&position| self.epics()[position].is_open()).count();
        self.waves().iter().map(open).max().unwrap_or(0)
    }

    /// For each epic, the weight of the heaviest chain that begins with it: its own pending stories (at least 1)
    /// and those of all that waits for it along that chain.
    #[must_use]
    pub fn remaining_path_weights(&self) -> Vec<usize> {
        self.chain_weights(|epic| epic.pending().count().max(1))
    }

    /// The chain that no number of slots can shorten: among the epics still to be done, the one chain of dependents
    /// with the most pending stories. Ties go to the earlier epic of the PRD. Empty when all epics are completed.
    #[must_use]
    pub fn critical_path(&self) -> CriticalPath {
        let effort = |epic: &Epic| if epic.is_open() { epic.pending().count().max(1) } else { 0 };
        let weights = self.chain_weights(effort);
        let weight = weights.iter().copied().max().unwrap_or(0);
        let mut path = CriticalPath { epics: Vec::new(), weight };
        let mut rest = weight;
        let mut last = None;
        while rest > 0 {
            let follows = |position: usize| last.is_none_or(|last| self.dependencies(position).contains(&last));
            let Some(next) = (0..weights.len()).find(|&next| weights[next] == rest && follows(next)) else { break };
            let own = effort(&self.epics()[next]);
            if own > 0 {
                path.epics.push(next);
            }
            rest -= own;
            last = Some(next);
        }
        path
    }

    fn chain_weights(&self, own: impl Fn(&Epic) -> usize) -> Vec<usize> {
        let mut by_wave: Vec<usize> = (0..self.epics().len()).collect();
        by_wave.sort_by_key(|&position| std::cmp::Reverse(self.wave(position)));
        let mut below = vec![0; by_wave.len()];
        for position in by_wave {
            below[position] += own(&self.epics()[position]);
            for &dependency in self.dependencies(position) {
                below[dependency] = below[dependency].max(below[position]);
            }
        }
        below
    }
}

impl TryFrom<Parts> for Plan {
    type Error = String;
    fn try_from(parts: Parts) -> Result<Self, String> {
        let Parts { project, description, epics } = parts;
        Self::check(&project, &description, epics).map_err(|faults| format!("the plan has {} faults", faults.len()))
    }
}

impl From<Plan> for Parts {
    fn from(plan: Plan) -> Self {
        plan.parts
    }
}

fn index(epics: &[Epic]) -> (BTreeMap<&EpicId, usize>, Vec<PlanFault>) {
    let epic_ids = epics.iter().enumerate().map(|(position, epic)| (&epic.id, position));
    let stories = |(position, epic): (usize, &'_ Epic)| (0..epic.user_stories.len()).map(move |n| (position, n));
    let story_ids = epics.iter().enumerate().flat_map(stories).map(|at| (&epics[at.0].user_stories[at.1].id, at));
    let epics_again = again(epic_ids.clone()).into_iter().map(|(epic, first)| PlanFault::DuplicateEpic { epic, first });
    let stories_again = again(story_ids).into_iter().map(|(at, first)| PlanFault::DuplicateStory { at, first });
    // The first of two that are called the same is the one that is meant.
    let positions = epic_ids.rev().collect();
    (positions, epics_again.chain(stories_again).collect())
}

/// Where ids stand again, each place with that of the first one, in the order of the places.
fn again<'a, I: Ord + 'a, P: Copy + Ord>(ids: impl Iterator<Item = (&'a I, P)>) -> Vec<(P, P)> {
    let mut ids: Vec<(&I, P)> = ids.collect();
    // Mostly they stand in this order already, and then it is one pass.
    ids.sort();
    let same = ids.chunk_by(|one, other| one.0 == other.0);
    let mut found: Vec<(P, P)> = same.flat_map(|same| same[1..].iter().map(|(_, place)| (*place, same[0].1))).collect();
    found.sort_unstable();
    found
}

fn link(epics: &[Epic], positions: &BTreeMap<&EpicId, usize>, faults: &mut Vec<PlanFault>) -> Vec<Vec<usize>> {
    let mut dependencies = Vec::with_capacity(epics.len());
    for (position, epic) in epics.iter().enumerate() {
        let mut named = BTreeSet::new();
        let mut own = Vec::new();
        for (entry, id) in epic.depends_on.iter().enumerate() {
            if *id == epic.id {
                faults.push(PlanFault::SelfDependency { epic: position, entry });
            } else if !named.insert(id) {
                faults.push(PlanFault::DuplicateDependency { epic: position, entry });
            } else if let Some(&dependency) = positions.get(id) {
                own.push(dependency);
            } else {
                faults.push(PlanFault::UnknownDependency { epic: position, entry });
            }
        }
        dependencies.push(own);
    }
    dependencies
}

#[cfg(test)]
mod tests;
