//! What the full-screen terminal interface needs from the rest: facts about the run, and programs that are opened outside.
#![expect(clippy::disallowed_methods, reason = "it opens programs for the person, in their terminal")]

use std::path::PathBuf;
use std::process::Command;

use super::repository::{Repository, worktree_places};
use crate::cli::values::ThemeName;
use crate::config::settings::Settings;
use crate::domain::id::RunId;
use crate::domain::plan::Plan;
use crate::domain::role::Role;
use crate::effects::context::Team;
use crate::effects::paths::RunDir;
use crate::scheduler::Scope;
use crate::ui::tui::theme::{Palette, Theme, theme_for};
use crate::ui::tui::{Facts, Outside};

/// The theme that was asked for, or the one that fits the terminal.
#[must_use]
pub fn theme(asked: ThemeName) -> Theme {
    let palette = match asked {
        ThemeName::Auto => None,
        ThemeName::Dark => Some(Palette::Dark),
        ThemeName::Light => Some(Palette::Light),
        ThemeName::Mono => Some(Palette::Mono),
    };
    theme_for(palette, |name| std::env::var(name).ok())
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
        permissions: permissions(team),
        run_dir: shown_dir(repository, run),
        watching: false,
    }
}

/// What the agents may do, in plain words: those of the leads, who change the most.
fn permissions(team: &Team) -> String {
    team.seats.get(&Role::TeamLead).map_or("", |seat| seat.backend.permission_words()).to_owned()
}

/// The run's directory as the user would type it.
#[must_use]
pub fn shown_dir(repository: &Repository, run: &RunId) -> String {
    let run_dir = repository.state.run(run).path().to_owned();
    run_dir.strip_prefix(&repository.checkout).unwrap_or(&run_dir).display().to_string()
}

/// Opens programs in the person's terminal, about one run.
pub struct Opener {
    run: RunId,
    checkout: PathBuf,
    run_dir: RunDir,
    places: Option<crate::effects::paths::Worktrees>,
}

impl Opener {
    /// For this run.
    #[must_use]
    pub fn new(repository: &Repository, run: &RunId, settings: Option<&Settings>) -> Self {
        let env = super::repository::environment();
        let chosen = settings.and_then(|settings| settings.worktrees_dir.as_deref());
        Self {
            run: run.clone(),
            checkout: repository.checkout.clone(),
            run_dir: repository.state.run(run),
            places: worktree_places(repository, chosen, &env, run).ok(),
        }
    }

    /// Opens it and waits until the person closes it; a line about what went wrong, else nothing.
    #[must_use]
    pub fn open(&self, what: &Outside) -> String {
        match what {
            Outside::Shell(scope) => self.shell(scope),
            Outside::Diff(scope) => self.diff(scope),
            Outside::Logs(logs) => self.logs(logs),
        }
    }

    fn shell(&self, scope: &Scope) -> String {
        let worktree = self.places.as_ref().map(|places| places.path().join(scope.slug().as_str()));
        let Some(worktree) = worktree.filter(|path| path.is_dir()) else {
            return format!("{scope} has no worktree now; its branch is {}", self.run.epic_branch(&scope.slug()));
        };
        println!("a shell in {}; `exit` brings the run back", worktree.display());
        let shell = std::env::var("SHELL").unwrap_or_else(|_| "/bin/sh".to_owned());
        said(Command::new(&shell).current_dir(worktree).status(), &shell)
    }

    fn diff(&self, scope: &Scope) -> String {
        let range = format!("{}...{}", self.run.loop_branch(), self.run.epic_branch(&scope.slug()));
        let mut git = Command::new("git");
        git.current_dir(&self.checkout).args(["-c", "core.fsmonitor=false", "diff", "--stat", "--patch", &range, "--"]);
        // A pager that leaves at once on a short text would show nothing.
        git.env("LESS", "-R");
        said(git.status(), "git diff")
    }

    fn logs(&self, logs: &[String]) -> String {
        let files: Vec<PathBuf> =
            logs.iter().rev().map(|log| self.run_dir.path().join(log)).filter(|file| file.is_file()).collect();
        if files.is_empty() {
            return "the logs are not there any more".to_owned();
        }
        said(Command::new("less").arg("--").args(files).status(), "less")
    }
}

fn said(status: std::io::Result<std::process::ExitStatus>, program: &str) -> String {
    match status {
        Ok(_) => String::new(),
        Err(error) => format!("{program} cannot be started: {error}"),
    }
}
