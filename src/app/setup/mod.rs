//! `ralph-teams setup`: from what a person answers, and what the repository says about itself, to a `ralph.config.yml`.
//!
//! **Invariant:** the file is written whole, after it was shown, or not at all.

mod interview;
mod offers;

use std::io::IsTerminal as _;
use std::path::Path;

use super::asking::Asking;
use super::difference::unified;
use super::editor_schema;
use super::look;
use super::refusal::Refusal;
use super::repository::{Repository, environment};
use super::table::print;
use crate::cli::SetupArgs;
use crate::config::FILE_NAME;
use crate::config::compose::{Answers, CommandAnswer, GateAnswer, Kept, Workflow, compose, take_known};
use crate::config::preset::Preset;
use crate::config::settings::DEFAULT_PARALLEL;
use crate::effects::fs::write_atomic;
use crate::exit::ExitCode;
use crate::survey::{Proposal, Survey, survey};
use crate::ui::safe;
use offers::Offer;

/// `ralph-teams setup`.
///
/// # Errors
/// The answers make no configuration, a file is in the way, a person stopped it, or it cannot be written.
pub fn setup(args: &SetupArgs) -> Result<ExitCode, Refusal> {
    let asks = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if !args.yes && !asks {
        return Err(Refusal::input(
            "there is no terminal to ask on, so nothing was written; take what the repository says with \
             `ralph-teams setup --yes`, and decide otherwise with --backend, --preset and --set KEY=VALUE",
        ));
    }
    let preset = args.preset.as_deref().map(preset).transpose()?;
    let repository = Repository::here()?;
    let asking = (!args.yes).then(|| Asking::begin(interview::stopped())).transpose().map_err(Refusal::environment)?;
    let survey = survey(&look::listing(&repository)?);
    let offers = offers::offers(&environment())?;
    let path = repository.checkout.join(FILE_NAME);
    let old = existing(&path)?;
    let proposed = proposed(args, preset, &survey, &offers);
    let answers = match &old {
        _ if args.yes => proposed,
        None => interview::interview(args, proposed, &survey, &offers)?,
        Some(old) => interview::interview(args, over_known(args, old, proposed), &survey, &offers)?,
    };
    let text = compose(&answers).map_err(|unfit| Refusal::input(unfit.to_string()))?;
    if old.as_deref() == Some(text.as_str()) {
        return print(&format!("{FILE_NAME} says this already; nothing was changed\n"));
    }
    if args.yes {
        tell(&survey, &answers, &offers);
    }
    print(&unified(FILE_NAME, old.as_deref().unwrap_or_default(), &text))?;
    if args.yes && old.is_some() && !args.overwrite {
        return Err(Refusal::input(format!(
            "{FILE_NAME} is there already, and nothing was written; `ralph-teams setup --yes --overwrite` replaces it"
        )));
    }
    if !args.yes {
        interview::confirm(old.is_some())?;
    }
    drop(asking);
    if existing(&path)? != old {
        let text = format!("{FILE_NAME} was changed meanwhile, and nothing was written; set it up again");
        return Err(Refusal::environment(text));
    }
    write(&repository, &path, &text)?;
    print(&format!("wrote {FILE_NAME}; try it without cost: ralph-teams run --rehearse\n"))
}

fn write(repository: &Repository, path: &Path, text: &str) -> Result<(), Refusal> {
    editor_schema::keep(repository)?;
    write_atomic(path, text.as_bytes()).map_err(Refusal::environment)
}

/// The file as it is; `None` when there is none.
fn existing(path: &Path) -> Result<Option<String>, Refusal> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Refusal::environment(format!("{} cannot be read: {error}", path.display()))),
    }
}

fn preset(word: &str) -> Result<Preset, Refusal> {
    let known = [Preset::Balanced, Preset::Full, Preset::Minimal];
    known
        .into_iter()
        .find(|preset| preset.name() == word)
        .ok_or_else(|| Refusal::input(format!("no preset is called `{word}`; choose balanced, full or minimal")))
}

/// The answers that the repository itself gives, and those that were given as flags.
fn proposed(args: &SetupArgs, preset: Option<Preset>, survey: &Survey, offers: &[Offer]) -> Answers {
    let found = offers.iter().find(|offer| offer.can_be_proposed()).or(offers.first());
    let backend = args.backend.clone().or_else(|| found.map(|offer| offer.name.to_owned()));
    Answers {
        head: editor_schema::first_line(),
        backend: backend.unwrap_or_default(),
        argv: Vec::new(),
        workflow: Workflow::Preset(preset.unwrap_or_default()),
        parallel: DEFAULT_PARALLEL,
        loop_timeout: 0,
        models: Vec::new(),
        gates: survey.gates.iter().map(gate).collect(),
        setup: survey.setup.as_ref().map(|setup| CommandAnswer {
            run: setup.command.clone(),
            from: setup.places(),
            timeout: None,
        }),
        include: survey.bring.iter().map(|bring| (bring.path.clone(), bring.rule.to_string())).collect(),
        set: args.set.clone(),
        kept: Kept::default(),
    }
}

/// The same, with what the file that is there says in its place; flags decide before both.
fn over_known(args: &SetupArgs, old: &str, proposed: Answers) -> Answers {
    let known = match take_known(old.as_bytes(), proposed.clone()) {
        Ok(known) => known,
        Err(faults) => {
            note!("note: nothing is taken over from {FILE_NAME}, because it has faults:\n{faults}");
            return proposed;
        }
    };
    let Answers { backend, argv, workflow, .. } = proposed;
    let mut answers = known;
    if args.backend.is_some() && backend != answers.backend {
        (answers.backend, answers.argv) = (backend, argv);
    }
    if args.preset.is_some() {
        answers.workflow = workflow;
    }
    answers
}

fn gate(proposal: &Proposal) -> GateAnswer {
    GateAnswer { name: proposal.name.clone(), run: proposal.command.clone(), from: proposal.places(), timeout: None }
}

/// Says on standard error what nobody was asked about.
fn tell(survey: &Survey, answers: &Answers, offers: &[Offer]) {
    for line in remarks(survey) {
        note!("{line}");
    }
    let missing = offers.iter().find(|offer| offer.name == answers.backend && offer.place.is_none());
    if let Some(missing) = missing.filter(|offer| !offer.takes_argv()) {
        note!("warning: the program of the backend {} was not found on PATH", missing.name);
    }
    if answers.gates.is_empty() && !answers.set.iter().any(|(key, _)| key == "gates") {
        note!("warning: nothing was found that proves work; without gates there is only the agents' word");
    }
}

/// What was refused, and what a person should know.
fn remarks(survey: &Survey) -> Vec<String> {
    let refused = survey.refused.iter().map(|refused| {
        let command = safe::line(&refused.command, 100);
        format!("not proposed: {command} ({}, {})", refused.reason, refused.quote)
    });
    let notes = survey.notes.iter().map(|note| format!("note: {}", safe::short(note)));
    refused.chain(notes).collect()
}
