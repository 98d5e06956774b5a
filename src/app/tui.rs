//! What the full-screen terminal interface needs from the rest: its look, and facts about the run.

use std::path::Path;

pub use super::opener::Opener;
use super::repository::Repository;
use crate::cli::DEFAULT_PRD;
use crate::cli::values::ThemeName;
use crate::config::settings::Settings;
use crate::domain::gate::Gate;
use crate::domain::id::RunId;
use crate::domain::plan::Plan;
use crate::domain::role::Role;
use crate::domain::shell;
use crate::effects::context::Team;
use crate::effects::run_facts::{self, GateFact, RunFacts};
use crate::scheduler::Scheduler;
use crate::ui::card::Home;
use crate::ui::tui::Facts;
use crate::ui::tui::ground::{Look, look_for};
use crate::ui::tui::theme::Palette;

/// What begins another run.
const RUN: &str = "ralph-teams run";

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
    let mut models: Vec<String> = Vec::new();
    for model in first.filter_map(|seat| seat.model.clone()) {
        if !models.contains(&model) {
            models.push(model);
        }
    }
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
pub fn facts(home: Home, plan: &Plan, team: &Team, settings: &Settings) -> Facts {
    Facts { home, ..shown_facts(Some(plan), Some(&run_facts(team, settings))) }
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
    let prd = repository.checkout.join(scheduler.prd().unwrap_or(DEFAULT_PRD));
    Facts { home: home(repository, run, &prd), watching: true, ..shown_facts(scheduler.plan(), kept.as_ref()) }
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

/// Where a run is at home: its repository and directory, and the command for another run of its PRD.
#[must_use]
pub fn home(repository: &Repository, run: &RunId, prd: &Path) -> Home {
    let here = std::env::current_dir().ok().filter(|here| here.starts_with(&repository.checkout));
    let from = here.as_deref().unwrap_or(&repository.checkout);
    let is_task = repository.is_of_task(prd);
    let prd = typed(prd, from);
    let again = || if prd == DEFAULT_PRD { RUN.to_owned() } else { format!("{RUN} {}", shell::word(&prd)) };
    Home {
        elsewhere: here.is_none().then(|| repository.checkout.display().to_string()),
        run_dir: typed(repository.state.run(run).path(), from),
        again: (!is_task).then(again),
    }
}

/// A path as somebody would type it who is in this folder.
fn typed(path: &Path, from: &Path) -> String {
    path.strip_prefix(from).unwrap_or(path).display().to_string()
}
