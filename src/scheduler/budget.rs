//! Budgets: how far they are used, what is held back once one is used up, and the stop that follows.
//!
//! **Invariants:**
//! - Before each session that is started, less than the budget of the run is consumed, and less than the budget of its
//!   epic. Only what is known counts: of sessions that told nothing, nothing is counted.
//! - A budget that is used up cuts nothing short. Sessions that run come to their end; checks, gates and merges of what
//!   they finished go on. Then the run stops, and a higher limit lets it go on where it was.
//! - What is held back is remembered as if it had been asked for, so that neither a crash nor the stop changes what comes
//!   of it in the end. A session that a crash cut short is begun again and consumes again: the sums only grow.
//! - A session counts for a story when that was the only one that it could work for. All that an epic consumed is counted
//!   for one of its stories, or for no single one.

use super::command::Purpose;
use super::event::Stop;
use super::job::{Job, Role, Scope, Task};
use super::notice::{Notice, StopReason};
use super::run::{Run, Stage};
use super::track::{Phase, Track};
use crate::domain::budget::{Budget, Spent};
use crate::domain::id::StoryId;
use crate::domain::usage::Usage;

impl Track {
    /// Adds what a session in this role consumed; `story`: the one that it was started for, if it was one.
    pub(super) fn count(&mut self, role: Role, story: Option<&StoryId>, usage: Usage) {
        self.consumed.add(role, usage);
        let story = story.or_else(|| self.only_story(role)).cloned();
        self.by_story.add(story.as_ref(), usage);
    }

    /// The story that sessions in this role are about, when it is no more than one.
    fn only_story(&self, role: Role) -> Option<&StoryId> {
        let stories = match role {
            // It judges the epic with all that earlier runs proved of it.
            Role::EpicValidator => &self.stories,
            Role::TeamLead
            | Role::EpicPlanner
            | Role::StoryPlanner
            | Role::Builder
            | Role::StoryValidator
            | Role::Resolver
            | Role::FinalValidator => &self.todo,
        };
        if let [only] = stories.as_slice() { Some(only) } else { None }
    }
}

/// What people were told of the budget of the run. It only grows, so that each is told once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Told {
    #[default]
    Nothing,
    Nearing,
    UsedUp,
}

impl Run {
    /// Adds what a session consumed to its conversation, its track and the run.
    pub(super) fn consume(&mut self, job: &Job, backend: &str, usage: Usage) {
        let Task::Session(role) = job.task else { return };
        self.consumed.add(role, usage);
        if let Some(&position) = self.positions.get(&job.scope) {
            self.tracks[position].consume(role, backend, usage);
        } else if let Some(conversation) = &mut self.validation.conversation {
            conversation.consume(backend, usage);
        }
    }

    /// How far the budget of the run is used; `None`: it has none.
    pub(super) fn budget_spent(&self) -> Option<Spent> {
        self.policy.budget.run.spent(self.consumed.total)
    }

    /// Whether no session may be started any more.
    pub(super) fn is_spent(&self) -> bool {
        self.budget_spent().is_some_and(Spent::is_used_up)
    }

    /// Why an epic gets no further session, when its own budget is used up; `last` is what that session would have been for.
    pub(super) fn epic_spent(&self, position: usize, last: &str) -> Option<String> {
        let track = &self.tracks[position];
        let Scope::Epic(_) = track.scope else { return None };
        let spent = self.policy.budget.epic.used_up(track.consumed.total)?;
        Some(format!("its budget is used up, {spent} (budget.epic); {last}"))
    }

    /// What the session of a track is for that must not be begun again, because the budget of its epic is used up.
    pub(super) fn not_begun_again(&self, position: usize) -> Option<Purpose> {
        let Phase::Working(work) = &self.tracks[position].phase else { return None };
        self.epic_spent(position, "").map(|_| work.purpose.clone())
    }

    /// Says once that the budget comes to its end, and once that it is used up.
    pub(super) fn tell_budget(&mut self) {
        let Some(spent) = self.budget_spent() else { return };
        let warns = spent.percent() >= u64::from(self.policy.budget.warn_at_percent);
        let due = match (spent.is_used_up(), warns) {
            (true, _) => Told::UsedUp,
            (false, true) => Told::Nearing,
            (false, false) => Told::Nothing,
        };
        if due > self.budget_told {
            self.budget_told = due;
            self.tell(Notice::Budget { spent });
        }
    }

    /// A new life may have another budget, of which nothing was told yet.
    pub(super) fn take_budget(&mut self, budget: Budget) {
        if budget != self.policy.budget {
            self.budget_told = Told::Nothing;
        }
    }

    /// Stops the run once nothing is left to do but what the budget holds back. With everything decided the verdict is
    /// written instead: it consumes nothing.
    pub(super) fn stop_if_spent(&mut self) {
        let is_decided = matches!(self.stage, Stage::Judging { .. });
        if is_decided || self.is_ending() || !self.in_flight.is_empty() {
            return;
        }
        if let Some(spent) = self.budget_spent().filter(|spent| spent.is_used_up()) {
            self.begin_stop(Stop::Graceful, StopReason::Budget(spent));
        }
    }

    /// What is told of a run that its budget stopped. How to go on is said by those who tell it.
    pub(super) fn budget_words(spent: Spent) -> String {
        format!("the budget is used up, {spent}; a higher {} lets it go on", spent.flag())
    }
}
