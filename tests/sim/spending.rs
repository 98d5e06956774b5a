//! Budgets: what is consumed, as the events told it, held against what was started and against what the view says. A run
//! that its budget stopped is gone on with under a higher one.

use std::collections::BTreeMap;

use ralph_teams::domain::budget::Budget;
use ralph_teams::domain::outcome::RunEnd;
use ralph_teams::domain::usage::{Consumption, Usage};
use ralph_teams::scheduler::view::TrackState;
use ralph_teams::scheduler::{Event, Job, Notice, RunView, Scheduler, Scope, Task};

use crate::hold;
use crate::invariants::Violation;
use crate::watch::Watch;
use crate::world::World;

/// What all sessions consumed so far.
#[derive(Debug, Clone, Default)]
pub struct Spending {
    run: Consumption,
    scopes: BTreeMap<Scope, Consumption>,
}

impl Spending {
    /// Takes note of an event.
    pub fn note(&mut self, event: &Event) {
        if let Event::SessionEnded { job: Job { scope, task: Task::Session(role), .. }, end } = event {
            self.run.add(*role, end.usage);
            self.scopes.entry(scope.clone()).or_default().add(*role, end.usage);
        }
    }

    /// Takes note of what people are told: an epic that begins again has consumed nothing, the run all the same.
    pub fn note_notice(&mut self, notice: &Notice) {
        if let Notice::EpicReset { epic, .. } = notice {
            self.scopes.remove(&Scope::Epic(epic.clone()));
        }
    }

    /// Whether the budget of the run is used up.
    pub fn is_used_up(&self, world: &World) -> bool {
        world.budget.run.used_up(self.run.total).is_some()
    }

    /// A session is started only below the budget of the run and of its epic.
    pub fn check_start(&self, world: &World, job: &Job) -> Result<(), Violation> {
        let run = world.budget.run.used_up(self.run.total);
        hold!(run.is_none(), "18 sessions start below the budget", "{job} starts at {run:?}");
        let own = self.scopes.get(&job.scope).map_or(Usage::default(), |own| own.total);
        let epic = job.scope.epic().and_then(|_| world.budget.epic.used_up(own));
        hold!(epic.is_none(), "18 sessions start below the budget of their epic", "{job} starts at {epic:?}");
        Ok(())
    }

    /// The sums of the view are those of the events.
    pub fn check_view(&self, view: &RunView) -> Result<(), Violation> {
        let told = (view.usage, &view.usage_by_role);
        hold!(told == (self.run.total, &self.run.by_role), "18 sums are true", "{told:?}, expected {:?}", self.run);
        for track in view.epics.iter().chain(&view.fixes) {
            let own = self.scopes.get(&track.scope).cloned().unwrap_or_default();
            let told = (track.usage, &track.usage_by_role);
            hold!(told == (own.total, &own.by_role), "18 sums are true", "{}: {told:?}, expected {own:?}", track.scope);
            let parts = &track.usage_by_story;
            hold!(parts.total() == own.total, "18 stories add up", "{}: {parts:?}, expected {own:?}", track.scope);
        }
        Ok(())
    }
}

/// Checks the end of a run in the light of its budget; whether that is what ended it.
pub fn check_end(world: &World, watch: &Watch, scheduler: &Scheduler, end: &RunEnd) -> Result<bool, Violation> {
    let RunEnd::Limit { reason } = end else { return Ok(false) };
    if !reason.contains("the budget is used up") {
        return Ok(false);
    }
    let used_up = watch.spending.is_used_up(world);
    hold!(used_up, "18 only a budget that is used up stops a run", "{reason}, consumed {:?}", watch.spending.run.total);
    let view = scheduler.view().ok_or(Violation { invariant: "13 a run has a view", what: String::new() })?;
    let unfinished =
        view.epics.iter().chain(&view.fixes).find(|track| {
            matches!(track.state, TrackState::Checking | TrackState::Queued { .. } | TrackState::Merging)
        });
    hold!(unfinished.is_none(), "18 finished work is merged before the stop", "{unfinished:?}");
    // Without room on the disk nothing is looked at either. The watch does not follow what the validator left.
    let unchecked = watch.unchecked.keys().find(|scope| **scope != Scope::Run && !world.disk_low);
    hold!(unchecked.is_none(), "18 finished work is looked at before the stop", "{unchecked:?}");
    Ok(true)
}

/// More to spend for the next life, so that each seed is stopped a few times and not for ever.
pub fn raise(budget: &mut Budget) {
    let limits = [&mut budget.run.max_cost_microdollars, &mut budget.run.max_tokens];
    limits.into_iter().flatten().for_each(|limit| *limit = limit.saturating_mul(2).saturating_add(9_000));
}
