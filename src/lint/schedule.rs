//! How a plan would go: the runner's own choice of epics, played through with stories as the unit of time.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::history::{Estimate, History};
use super::reach::Reach;
use crate::domain::plan::{CriticalPath, Epic, Plan};

/// One epic in a schedule. Times are pending stories since the start; an epic without any counts as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bar {
    /// The position of the epic.
    pub epic: usize,
    /// The slot that it occupies, counted from 0.
    pub slot: usize,
    /// When it starts.
    pub start: usize,
    /// When it is merged.
    pub end: usize,
}

/// What can be said about the time that a plan takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The chain that no number of slots can shorten, and how long it is.
    pub critical_path: CriticalPath,
    /// The most epics that can ever run at the same time.
    pub width: usize,
    /// With more slots than this nothing gets faster.
    pub useful_slots: usize,
    /// How it goes with that many slots, in the order of the starts.
    pub bars: Vec<Bar>,
    /// All that is still to be done, in stories.
    pub effort: usize,
    /// How long that takes; `None`: nothing is known from earlier runs.
    pub estimate: Option<Estimate>,
}

/// The most slots that a run can have.
const MAX_SLOTS: usize = 64;

/// Plays the plan through.
#[must_use]
pub fn schedule(plan: &Plan, history: &History) -> Schedule {
    let open: Vec<usize> = (0..plan.epics().len()).filter(|&epic| plan.epics()[epic].is_open()).collect();
    let width = Reach::of(plan).width(&open);
    let useful_slots = useful_slots(plan, width.min(MAX_SLOTS));
    let bars = play(plan, useful_slots);
    let effort = open.iter().map(|&epic| effort_of(&plan.epics()[epic])).sum();
    let estimate = history.estimate(end_of(&bars), effort);
    let critical_path = critical_path(plan, &play(plan, usize::MAX));
    Schedule { critical_path, width, useful_slots, bars, effort, estimate }
}

/// How long the plan takes with so many slots, in stories.
#[must_use]
pub fn makespan(plan: &Plan, slots: usize) -> usize {
    end_of(&play(plan, slots))
}

fn end_of(bars: &[Bar]) -> usize {
    bars.iter().map(|bar| bar.end).max().unwrap_or(0)
}

/// With `most` slots no epic waits for one, unless a run cannot have that many; fewer are as good until it gets slower.
fn useful_slots(plan: &Plan, most: usize) -> usize {
    let shortest = makespan(plan, most);
    let mut useful = most;
    while useful > 1 && makespan(plan, useful - 1) <= shortest {
        useful -= 1;
    }
    useful
}

/// The chain that ends last when nobody waits for a slot. Ties go to the earlier epic of the PRD.
fn critical_path(plan: &Plan, bars: &[Bar]) -> CriticalPath {
    let mut by_epic = vec![None; plan.epics().len()];
    for bar in bars {
        by_epic[bar.epic] = Some(bar);
    }
    let weight = end_of(bars);
    let mut epics = Vec::new();
    let mut next = by_epic.iter().flatten().find(|bar| bar.end == weight).copied();
    while let Some(bar) = next {
        epics.push(bar.epic);
        let before = plan.dependencies(bar.epic).iter().filter_map(|&epic| by_epic[epic]);
        next = before.filter(|before| before.end == bar.start).min_by_key(|before| before.epic);
    }
    epics.reverse();
    CriticalPath { epics, weight }
}

fn effort_of(epic: &Epic) -> usize {
    epic.pending().count().max(1)
}

/// The epics still to be done, each as soon as all that it depends on is merged and a slot is free; of several the one
/// with the heaviest chain of work behind it, as the runner chooses.
fn play(plan: &Plan, slots: usize) -> Vec<Bar> {
    let epics = plan.epics();
    let weights = plan.remaining_path_weights();
    let (mut n_missing, dependents) = links(plan);
    let rank = |epic: usize| (Reverse(weights[epic]), epic);
    let is_ready = |&epic: &usize| epics[epic].is_open() && n_missing[epic] == 0;
    let mut ready: BTreeSet<_> = (0..epics.len()).filter(is_ready).map(rank).collect();
    let mut free: BTreeSet<usize> = (0..slots.clamp(1, epics.len().max(1))).collect();
    let mut running: BTreeSet<(usize, usize, usize)> = BTreeSet::new();
    let (mut bars, mut now) = (Vec::new(), 0);
    loop {
        while let Some(&slot) = free.first() {
            let Some((_, epic)) = ready.pop_first() else { break };
            free.remove(&slot);
            let end = now + effort_of(&epics[epic]);
            running.insert((end, epic, slot));
            bars.push(Bar { epic, slot, start: now, end });
        }
        let Some(&(next, _, _)) = running.first() else { return bars };
        now = next;
        while let Some(&(end, epic, slot)) = running.first().filter(|first| first.0 == now) {
            running.remove(&(end, epic, slot));
            free.insert(slot);
            for &dependent in &dependents[epic] {
                n_missing[dependent] -= 1;
                if n_missing[dependent] == 0 && epics[dependent].is_open() {
                    ready.insert(rank(dependent));
                }
            }
        }
    }
}

/// For each epic, how many epics that are still to be done it depends on, and who depends on it.
fn links(plan: &Plan) -> (Vec<usize>, Vec<Vec<usize>>) {
    let n_epics = plan.epics().len();
    let (mut n_missing, mut dependents) = (vec![0; n_epics], vec![Vec::new(); n_epics]);
    for (epic, missing) in n_missing.iter_mut().enumerate() {
        for &dependency in plan.dependencies(epic) {
            if plan.epics()[dependency].is_open() {
                *missing += 1;
                dependents[dependency].push(epic);
            }
        }
    }
    (n_missing, dependents)
}
