//! What the full-screen terminal interface needs from the rest: its look, and facts about the run.

use std::path::Path;

pub use super::opener::Opener;
use super::repository::Repository;
use crate::cli::values::ThemeName;
use crate::config::settings::Settings;
use crate::domain::gate::Gate;
use crate::domain::id::RunId;
use crate::domain::plan::Plan;
use crate::domain::role::Role;
use crate::effects::context::Team;
use crate::effects::run_facts::{self, GateFact, RunFacts};
use crate::scheduler::{RunView, Scheduler};
use crate::ui::card::Card;
pub use crate::ui::tui::Facts;
use crate::ui::tui::ground::{Look, look_for};
use crate::ui::tui::theme::Palette;

/// The theme that was asked for, or the one that fits the terminal, and whether the terminal is to be asked.
#[must_use]
pub fn theme(asked: ThemeName) -> Look {
    let palette = match asked {
        ThemeName::Auto => None,
        ThemeName::Dark => Some(Palette::Dark),
        ThemeName::Light => Some(Palette::Light),
        ThemeName::Mono => Some(Palette::Mono),
    };
    look_for(palette, |name| std::env::var(name).ok())
}

/// With what a life of a run works.
#[must_use]
pub fn run_facts(team: &Team, settings: &Settings) -> RunFacts {
    let first = team.seats.values().filter_map(|seats| seats.first());
    let mut models: Vec<String> = first.filter_map(|seat| seat.model.clone()).collect();
    models.dedup();
    let gate = |gate: &Gate| GateFact { name: gate.name.clone(), command: gate.command.clone() };
    RunFacts {
        version: run_facts::VERSION,
        program: env!("CARGO_PKG_VERSION").to_owned(),
        backend: settings.backend.clone(),
        models: models.join(", "),
        permissions: permissions(team),
        gates: settings.policy.gates.iter().map(gate).collect(),
        max_fix_cycles: settings.policy.max_fix_cycles,
    }
}

/// The facts about a run that lives in this process.
#[must_use]
pub fn facts(repository: &Repository, run: &RunId, plan: &Plan, team: &Team, settings: &Settings) -> Facts {
    let shown = shown_facts(Some(plan), Some(&run_facts(team, settings)));
    Facts { run_dir: shown_dir(repository, run), ..shown }
}

/// Keeps in the run's directory with what its new life works, for whoever watches it from elsewhere.
pub fn keep_facts(repository: &Repository, run: &RunId, team: &Team, settings: &Settings) {
    if let Err(error) = run_facts(team, settings).write(&repository.state.run(run)) {
        tracing::warn!("{error}; whoever watches this run will not see with what it works");
    }
}

/// The facts about a run that lives elsewhere, or is over.
#[must_use]
pub fn watched_facts(repository: &Repository, run: &RunId, scheduler: &Scheduler) -> Facts {
    let kept = RunFacts::read(&repository.state.run(run));
    let run_dir = shown_dir(repository, run);
    let is_task = is_task(repository, scheduler.prd());
    Facts { run_dir, watching: true, is_task, ..shown_facts(scheduler.plan(), kept.as_ref()) }
}

/// The card at the end. `prd`: the one that the run works on, as it said so itself.
#[must_use]
pub fn end_card(repository: &Repository, run: &RunId, prd: Option<&str>, view: &RunView) -> String {
    let make = if is_task(repository, prd) { Card::of_task } else { Card::of };
    make(view, &shown_dir(repository, run), &run.loop_branch()).text()
}

fn is_task(repository: &Repository, prd: Option<&str>) -> bool {
    prd.is_some_and(|prd| repository.is_of_task(Path::new(prd)))
}

fn shown_facts(plan: Option<&Plan>, facts: Option<&RunFacts>) -> Facts {
    let plan = plan.cloned();
    let Some(facts) = facts.cloned() else { return Facts { plan, ..Facts::default() } };
    Facts {
        plan,
        backend: facts.backend,
        models: facts.models,
        permissions: facts.permissions,
        gates: facts.gates.into_iter().map(|gate| gate.name).collect(),
        max_fix_cycles: Some(facts.max_fix_cycles),
        ..Facts::default()
    }
}

/// What the agents may do, in plain words: those of the leads, who change the most.
fn permissions(team: &Team) -> String {
    let seat = team.seats.get(&Role::TeamLead).and_then(|seats| seats.first());
    seat.map_or("", |seat| seat.backend.permission_words()).to_owned()
}

/// The run's directory as the user would type it.
#[must_use]
pub fn shown_dir(repository: &Repository, run: &RunId) -> String {
    repository.shown(repository.state.run(run).path())
}
