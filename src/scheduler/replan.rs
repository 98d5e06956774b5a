//! A PRD that was edited while its run was not at work: what of it is taken in, and what contradicts work that is begun.
//!
//! **Invariant:** an epic that was begun stays as it was when it was begun; a plan that says otherwise changes nothing.
//! How epics and stories stand is the journal's to say, never the edited file's.

use std::collections::{BTreeMap, BTreeSet};

use super::Scheduler;
use super::fresh::track_of;
use super::job::Scope;
use super::run::{Run, Stage};
use super::track::{Phase, Track};
use crate::domain::id::{EpicId, StoryId};
use crate::domain::outcome::{Outcome, RunEnd};
use crate::domain::plan::{Epic, Plan, Story};

/// What an edited PRD means for a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Replan {
    /// Nothing that the run does not know.
    Same,
    /// It can be taken in with [`super::Event::PlanChanged`].
    Fits {
        /// What changes, one sentence each.
        changes: Vec<String>,
    },
    /// It says otherwise of work that is begun.
    Contradicts {
        /// In what, one sentence each.
        contradictions: Vec<String>,
    },
}

/// A plan that fits, or why there is none.
enum Merged {
    Fits { plan: Plan, changes: Vec<String> },
    Contradicts(Vec<String>),
}

impl Scheduler {
    /// Looks what an edited plan would mean. Before a run began everything is the same.
    #[must_use]
    pub fn replan(&self, edited: &Plan) -> Replan {
        let Some(run) = &self.run else { return Replan::Same };
        match run.merged_plan(edited) {
            Merged::Fits { plan, .. } if plan == run.plan => Replan::Same,
            Merged::Fits { changes, .. } => Replan::Fits { changes },
            Merged::Contradicts(contradictions) => Replan::Contradicts { contradictions },
        }
    }
}

impl Run {
    /// Takes an edited plan in. It starts nothing by itself: what may follow does so with the next event.
    pub(super) fn plan_changed(&mut self, at: u64, edited: &Plan) {
        let Merged::Fits { plan, .. } = self.merged_plan(edited) else { return };
        if plan == self.plan || matches!(self.end, Some(RunEnd::Judged { .. })) {
            return;
        }
        self.at = self.at.max(at);
        let queue: Vec<Scope> = self.queue.iter().map(|&position| self.tracks[position].scope.clone()).collect();
        let (mut known, mut fixes): (BTreeMap<Scope, Track>, Vec<Track>) = (BTreeMap::new(), Vec::new());
        for track in std::mem::take(&mut self.tracks) {
            match track.scope {
                Scope::Epic(_) => drop(known.insert(track.scope.clone(), track)),
                Scope::Fix(_) | Scope::Run => fixes.push(track),
            }
        }
        for (position, epic) in plan.epics().iter().enumerate() {
            let wave = plan.wave(position);
            self.tracks.push(match known.remove(&Scope::Epic(epic.id.clone())) {
                Some(track) if how_begun(&track).is_some() => Track { wave, ..track },
                Some(track) => Track { held: track.held, ..track_of(epic, wave, &self.policy) },
                None => track_of(epic, wave, &self.policy),
            });
        }
        self.tracks.append(&mut fixes);
        self.plan = plan;
        self.positions = self.tracks.iter().enumerate().map(|(n, track)| (track.scope.clone(), n)).collect();
        self.queue = queue.iter().filter_map(|scope| self.positions.get(scope).copied()).collect();
    }

    fn merged_plan(&self, edited: &Plan) -> Merged {
        let is_decided = matches!(self.stage, Stage::Validating | Stage::Judging { .. }) && !self.ended_at_its_number();
        let mut changes = Vec::new();
        let mut contradictions = Vec::new();
        let mut epics = Vec::new();
        for epic in edited.epics() {
            match self.position_of(&epic.id) {
                None => {
                    changes.push(format!("{} is new", epic.id));
                    epics.push(epic.clone());
                }
                Some(position) => {
                    let known = &self.plan.epics()[position];
                    let edits = edits(known, epic);
                    match how_begun(&self.tracks[position]) {
                        Some(how) => {
                            contradictions.extend(edits.iter().map(|edit| format!("{} {how}, and {edit}", epic.id)));
                            epics.push(known.clone());
                        }
                        None => {
                            changes.extend(edits.iter().map(|edit| format!("{}: {edit}", epic.id)));
                            let mut epic = taken_in(known, epic);
                            // It binds nobody: where it can have no effect any more it is neither taken in nor refused.
                            if is_decided {
                                epic.touches.clone_from(&known.touches);
                            } else if known.touches != epic.touches {
                                changes.push(format!("{}: what it touches is changed", epic.id));
                            }
                            epics.push(epic);
                        }
                    }
                }
            }
        }
        for (position, known) in
            self.plan.epics().iter().enumerate().filter(|(_, epic)| edited.epic(&epic.id).is_none())
        {
            match how_begun(&self.tracks[position]) {
                Some(how) => contradictions.push(format!("{} {how}, and it is removed", known.id)),
                None => changes.push(format!("{} is removed", known.id)),
            }
        }
        let plan = match Plan::check(edited.project(), edited.description(), epics) {
            Ok(plan) => plan,
            Err(_) => return Merged::Contradicts(contradictions),
        };
        if is_decided && contradictions.is_empty() && !changes.is_empty() {
            contradictions = changes.iter().map(|change| format!("no epic starts any more, and {change}")).collect();
        }
        if contradictions.is_empty() { Merged::Fits { plan, changes } } else { Merged::Contradicts(contradictions) }
    }

    pub(super) fn position_of(&self, epic: &EpicId) -> Option<usize> {
        self.positions.get(&Scope::Epic(epic.clone())).copied()
    }
}

/// What the run did with an epic; `None`: nothing, and nothing was built on it.
fn how_begun(track: &Track) -> Option<&'static str> {
    match &track.phase {
        Phase::Waiting | Phase::Done(Outcome::LeftOut | Outcome::Blocked { .. }) => None,
        Phase::Done(Outcome::Merged { .. }) => Some("is merged"),
        Phase::Done(Outcome::AlreadyCompleted) => Some("is completed"),
        Phase::Done(
            Outcome::Partial { .. } | Outcome::Failed { .. } | Outcome::MergeFailed { .. } | Outcome::Interrupted,
        )
        | Phase::Preparing { .. }
        | Phase::Working(_)
        | Phase::Checking(_)
        | Phase::Resting { .. }
        | Phase::Queued
        | Phase::Merging(_)
        | Phase::Outdated
        | Phase::Updating { .. }
        | Phase::Resetting(_) => Some("was begun"),
    }
}

/// In what two versions of an epic differ, states left aside; one half of a sentence each.
fn edits(known: &Epic, edited: &Epic) -> Vec<String> {
    let mut found = Vec::new();
    for (name, differs) in [
        ("title", known.title != edited.title),
        ("description", known.description != edited.description),
        ("dependsOn", as_set(known) != as_set(edited)),
    ] {
        if differs {
            found.push(format!("its {name} is changed"));
        }
    }
    for story in &known.user_stories {
        match edited.user_stories.iter().find(|other| other.id == story.id) {
            None => found.push(format!("its story {} is removed", story.id)),
            Some(other) if says(story) != says(other) => found.push(format!("its story {} is changed", story.id)),
            Some(_) => {}
        }
    }
    let is_new = |id: &StoryId| !known.user_stories.iter().any(|story| story.id == *id);
    found.extend(
        edited.user_stories.iter().filter(|story| is_new(&story.id)).map(|s| format!("its story {} is new", s.id)),
    );
    found
}

fn as_set(epic: &Epic) -> BTreeSet<&EpicId> {
    epic.depends_on.iter().collect()
}

fn says(story: &Story) -> (&str, &str, &[String], i64) {
    (&story.title, &story.description, &story.acceptance_criteria, story.priority)
}

/// The edited epic with the states that the run knows. What was proven of a story's old words holds for its new ones only if the
/// file says so too.
fn taken_in(known: &Epic, edited: &Epic) -> Epic {
    let mut epic = Epic { status: known.status, planned: known.planned, ..edited.clone() };
    for story in &mut epic.user_stories {
        if let Some(old) = known.user_stories.iter().find(|old| old.id == story.id) {
            story.passes = old.passes && (story.passes || says(old) == says(story));
        }
    }
    epic
}
