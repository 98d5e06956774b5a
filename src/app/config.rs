//! `ralph-teams config`: what is configured and who set it, a change of the file, and its schema.

pub mod shown;

use std::path::PathBuf;

use clap::Parser as _;

use super::difference::unified;
use super::refusal::Refusal;
use super::repository::{Repository, environment};
use super::table::{print, print_json};
use super::{editor_schema, inputs};
use crate::cli::config::ConfigCommand;
use crate::cli::{Cli, Command, ConfigArgs};
use crate::config::{FILE_NAME, Faults, Overrides, Parallel, Settings, edit, emit, settle, show};
use crate::effects::fs::{write_atomic, write_atomic_by_way_of};
use crate::exit::ExitCode;
use crate::ui::safe;
use shown::ShowOutput;

/// `ralph-teams config`.
///
/// # Errors
/// No repository, a faulty configuration, a key or value that cannot be, or a file that cannot be written.
pub fn config(args: &ConfigArgs) -> Result<ExitCode, Refusal> {
    match &args.what {
        ConfigCommand::Show { origin, json, config, flags } => {
            let (overrides, from_flags) = flags_of_run(flags)?;
            let place = Place::of(config.clone().or(from_flags))?;
            let settled = place.settle(&overrides)?;
            if *json { show_json(&place, &settled) } else { show_yaml(&overrides, *origin, settled) }
        }
        ConfigCommand::Set { key, value, dry_run, config } => set(&Place::of(config.clone())?, key, value, *dry_run),
        ConfigCommand::Schema => print(&editor_schema::text()?),
    }
}

/// What flags of `run` say, and the file that they name.
fn flags_of_run(flags: &[String]) -> Result<(Overrides, Option<PathBuf>), Refusal> {
    let line = ["ralph-teams", "run"].into_iter().chain(flags.iter().map(String::as_str));
    match Cli::try_parse_from(line).map(|cli| cli.command) {
        Ok(Command::Run(args)) => Ok(((&args).into(), args.config)),
        Ok(_) => Err(Refusal::input("behind `--` only flags of `run` can stand")),
        Err(error) => Err(Refusal::input(error.to_string())),
    }
}

/// The configuration file that is meant.
struct Place {
    /// Where it is; `None`: it was named, and there need not be a repository.
    repository: Option<Repository>,
    path: PathBuf,
    /// As faults name it.
    name: String,
}

impl Place {
    fn of(named: Option<PathBuf>) -> Result<Self, Refusal> {
        if let Some(path) = named {
            return Ok(Self { repository: None, name: path.display().to_string(), path });
        }
        let repository = Repository::here()?;
        let path = repository.checkout.join(FILE_NAME);
        Ok(Self { repository: Some(repository), path, name: FILE_NAME.to_owned() })
    }

    /// Its bytes; `None`: there is none, which only the usual file may be.
    fn read(&self) -> Result<Option<Vec<u8>>, Refusal> {
        inputs::config_bytes(&self.path, self.repository.is_some())
    }

    fn settle(&self, overrides: &Overrides) -> Result<Result<Settings, Faults>, Refusal> {
        let bytes = self.read()?;
        let source = bytes.as_deref().map(|bytes| crate::config::Source { name: &self.name, bytes });
        // Without the flag, what `--parallel` alone would give is what is configured.
        let parallel = overrides.parallel.or(Some(Parallel::Configured));
        Ok(settle(source, &environment(), &Overrides { parallel, ..overrides.clone() }))
    }

    fn write(&self, text: &str) -> Result<(), Refusal> {
        let ours = self.repository.as_ref().map(|repository| repository.state.path()).filter(|path| path.is_dir());
        let written = match ours {
            Some(ours) => write_atomic_by_way_of(ours, &self.path, text.as_bytes()),
            None => write_atomic(&self.path, text.as_bytes()),
        };
        written.map_err(Refusal::environment)
    }
}

fn show_yaml(overrides: &Overrides, origin: bool, settled: Result<Settings, Faults>) -> Result<ExitCode, Refusal> {
    let settings = settled.map_err(|faults| Refusal::input(faults.to_string()))?;
    for warning in &settings.warnings {
        note!("warning: {warning}");
    }
    let note = |path: &str| origin.then(|| show::origin(&settings, path).to_string());
    let mut text = emit::yaml(&show::shown(&settings), &note);
    for (flag, value) in only_flags(overrides) {
        text.push_str(&format!("# {flag} {value}\n"));
    }
    print(&safe::block(&text, usize::MAX))
}

/// Flags that have no key in the file.
fn only_flags(overrides: &Overrides) -> Vec<(&'static str, String)> {
    let Overrides { schedule, max_epics, only, .. } = overrides;
    let mut told = Vec::new();
    told.extend(schedule.map(|schedule| ("--schedule", serde_json::json!(schedule).as_str().unwrap_or("").to_owned())));
    told.extend(max_epics.map(|number| ("--max-epics", number.to_string())));
    told.extend(only.iter().map(|epic| ("--only", epic.to_string())));
    told
}

fn show_json(place: &Place, settled: &Result<Settings, Faults>) -> Result<ExitCode, Refusal> {
    let file = place.path.exists().then(|| place.path.display().to_string());
    print_json(&serde_json::to_value(ShowOutput::of(file, settled)).map_err(Refusal::internal)?)?;
    Ok(if settled.is_ok() { ExitCode::Success } else { ExitCode::BadInput })
}

fn set(place: &Place, key: &str, value: &str, dry_run: bool) -> Result<ExitCode, Refusal> {
    let bytes = place.read()?;
    let is_new = bytes.is_none();
    let head = editor_schema::first_line();
    let old = match &bytes {
        None => head.as_str(),
        Some(bytes) => std::str::from_utf8(bytes)
            .map_err(|_| Refusal::input(format!("{} is not UTF-8 text; mend it first", place.name)))?,
    };
    let new = edit::assign(&place.name, old, key, value).map_err(|fault| {
        Refusal::input(format!("{}\nnothing was changed", safe::block(&fault.to_string(), usize::MAX)))
    })?;
    if new == old {
        return print(&format!("{}: {} is so already\n", place.name, safe::short(key)));
    }
    let shown = unified(&place.name, if is_new { "" } else { old }, &new);
    if dry_run {
        return print(&format!("{shown}nothing was written\n"));
    }
    if place.read()? != bytes {
        return Err(Refusal::environment(format!("{} was changed meanwhile; set the key again", place.name)));
    }
    if is_new && let Some(repository) = &place.repository {
        editor_schema::keep(repository)?;
    }
    place.write(&new)?;
    print(&shown)
}
