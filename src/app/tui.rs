//! What the full-screen terminal interface needs from the rest: its look, and facts about the run.

pub use super::opener::Opener;
use super::repository::Repository;
use crate::cli::values::ThemeName;
use crate::config::settings::Settings;
use crate::domain::id::RunId;
use crate::domain::plan::Plan;
use crate::domain::role::Role;
use crate::effects::context::Team;
use crate::ui::tui::Facts;
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

/// The facts about a run that lives in this process.
#[must_use]
pub fn facts(repository: &Repository, run: &RunId, plan: &Plan, team: &Team, settings: &Settings) -> Facts {
    let mut models: Vec<String> = team.seats.values().filter_map(|seat| seat.model.clone()).collect();
    models.dedup();
    Facts {
        plan: Some(plan.clone()),
        backend: settings.backend.clone(),
        models: models.join(", "),
        permissions: permissions(team, settings),
        run_dir: shown_dir(repository, run),
        watching: false,
    }
}

/// What the agents may do, in plain words.
fn permissions(team: &Team, settings: &Settings) -> String {
    let lead = team.seats.get(&Role::TeamLead);
    let name = lead.map_or("", |_| settings.backend.as_str());
    let args = settings.backends.get(name).map(|own| own.args.clone()).unwrap_or_default();
    let chosen = args.iter().any(|arg| arg.starts_with("--permission-mode"));
    match name {
        "claude" if chosen => "permissions as configured, no sandbox".to_owned(),
        "claude" => "agents may do anything, no sandbox".to_owned(),
        "rehearsal" => "no model, nothing is asked".to_owned(),
        _ => "permissions are the agent program's own, no sandbox".to_owned(),
    }
}

/// The run's directory as the user would type it.
#[must_use]
pub fn shown_dir(repository: &Repository, run: &RunId) -> String {
    let run_dir = repository.state.run(run).path().to_owned();
    run_dir.strip_prefix(&repository.checkout).unwrap_or(&run_dir).display().to_string()
}
