//! The questions, one after the other, on a terminal. An answer that nobody gives (Ctrl-C, Esc) ends the command.

use std::fmt;

use inquire::error::InquireError;
use inquire::validator::Validation;
use inquire::{Confirm, MultiSelect, Select, Text};

use super::{Offer, gate, remarks};
use crate::app::refusal::Refusal;
use crate::cli::SetupArgs;
use crate::config::compose::{Answers, CommandAnswer, GateAnswer, Workflow, meaning, phases, roles};
use crate::config::preset::Preset;
use crate::config::settings::MAX_PARALLEL;
use crate::survey::{Proposal, Survey};
use crate::ui::safe;

/// The longest time that can be asked for, in seconds: a year.
const MOST_SECONDS: u32 = 31_536_000;

/// Asks everything that the flags leave open; `proposed` is what stands there when one only presses Enter.
///
/// # Errors
/// The person stopped, or the terminal is gone.
pub(super) fn interview(
    args: &SetupArgs,
    proposed: Answers,
    survey: &Survey,
    offers: &[Offer],
) -> Result<Answers, Refusal> {
    let mut answers = proposed;
    if args.backend.is_none() {
        backend(offers, &mut answers)?;
    }
    if args.preset.is_none() {
        answers.workflow = workflow()?;
    }
    answers.parallel = number("Epics side by side, with --parallel?", answers.parallel, 1, MAX_PARALLEL)?;
    answers.loop_timeout =
        number("Longest running time of a run, in seconds (0: none)?", answers.loop_timeout, 0, MOST_SECONDS)?;
    answers.models = models()?;
    for line in remarks(survey) {
        eprintln!("  {line}");
    }
    answers.gates = gates(survey)?;
    answers.setup = command_for_worktrees(answers.setup)?;
    answers.include = include(answers.include)?;
    Ok(answers)
}

/// The last question, when the file was shown.
///
/// # Errors
/// The answer is no, or none.
pub(super) fn confirm(replaces: bool) -> Result<(), Refusal> {
    let question = if replaces { "Replace ralph.config.yml by this?" } else { "Write ralph.config.yml?" };
    if asked(Confirm::new(question).with_default(!replaces).prompt())? { Ok(()) } else { Err(stopped()) }
}

fn stopped() -> Refusal {
    Refusal::interrupted("nothing was written")
}

fn asked<T>(answer: Result<T, InquireError>) -> Result<T, Refusal> {
    answer.map_err(|error| match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => stopped(),
        other => Refusal::environment(format!("the terminal cannot be asked, and nothing was written: {other}")),
    })
}

/// One line of a list, and what it stands for.
struct Choice<T> {
    line: String,
    value: T,
}

impl<T> fmt::Display for Choice<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&safe::line(&self.line, 150))
    }
}

fn backend(offers: &[Offer], answers: &mut Answers) -> Result<(), Refusal> {
    let line = |offer: &Offer| match &offer.place {
        Some(place) => format!("{}: {} ({})", offer.name, offer.meaning, place.display()),
        None if offer.takes_argv() => format!("{}: {}", offer.name, offer.meaning),
        None => format!("{}: {} (not found on PATH)", offer.name, offer.meaning),
    };
    let choices: Vec<_> = offers.iter().map(|offer| Choice { line: line(offer), value: offer }).collect();
    let chosen = asked(Select::new("Which agent program works?", choices).prompt())?.value;
    chosen.name.clone_into(&mut answers.backend);
    if chosen.takes_argv() {
        let there = |text: &str| {
            Ok(if text.trim().is_empty() {
                Validation::Invalid("a program is needed".into())
            } else {
                Validation::Valid
            })
        };
        let text = Text::new("Its command line?").with_help_message("words, apart by blanks").with_validator(there);
        answers.argv = asked(text.prompt())?.split_whitespace().map(str::to_owned).collect();
    }
    Ok(())
}

fn workflow() -> Result<Workflow, Refusal> {
    let presets = [Preset::Balanced, Preset::Full, Preset::Minimal];
    let mut choices: Vec<Choice<Option<Preset>>> = presets
        .into_iter()
        .map(|preset| Choice { line: format!("{}: {}", preset.name(), meaning(preset)), value: Some(preset) })
        .collect();
    choices.push(Choice { line: "by hand: each part of the workflow by itself".to_owned(), value: None });
    if let Some(preset) = asked(Select::new("How thorough?", choices).prompt())?.value {
        return Ok(Workflow::Preset(preset));
    }
    let mut by_hand = Vec::new();
    for key in phases() {
        let enabled = asked(Confirm::new(&format!("{key}?")).with_default(true).prompt())?;
        let question = format!("{key}: how often do findings go back to be fixed?");
        let cycles = if enabled { number(&question, 1, 0, 100)? } else { 1 };
        by_hand.push((key, enabled, cycles));
    }
    Ok(Workflow::ByHand(by_hand))
}

fn number(question: &str, proposed: u32, least: u32, most: u32) -> Result<u32, Refusal> {
    let read = move |text: &str| text.trim().parse::<u32>().ok().filter(|number| (least..=most).contains(number));
    let check = move |text: &str| {
        let wrong = || Validation::Invalid(format!("a whole number from {least} to {most}").into());
        Ok(read(text).map_or_else(wrong, |_| Validation::Valid))
    };
    let default = proposed.to_string();
    let text = asked(Text::new(question).with_default(&default).with_validator(check).prompt())?;
    Ok(read(&text).unwrap_or(proposed))
}

fn models() -> Result<Vec<(String, String)>, Refusal> {
    let question = Confirm::new("Choose models for single roles?").with_default(false);
    if !asked(question.with_help_message("no: the backend's own, by how much judgement a role needs").prompt())? {
        return Ok(Vec::new());
    }
    let mut models = Vec::new();
    for role in roles() {
        let model = asked(Text::new(&format!("{role}:")).with_help_message("empty: the backend's own").prompt())?;
        if !model.trim().is_empty() {
            models.push((role.to_owned(), model.trim().to_owned()));
        }
    }
    Ok(models)
}

fn gates(survey: &Survey) -> Result<Vec<GateAnswer>, Refusal> {
    let line = |found: &Proposal| format!("{}: {} ({})", found.name, found.command, found.places());
    let all = survey.gates.iter().chain(&survey.alternatives);
    let choices: Vec<_> = all.map(|found| Choice { line: line(found), value: gate(found) }).collect();
    let taken: Vec<usize> = (0..survey.gates.len()).collect();
    let mut gates = Vec::new();
    if choices.is_empty() {
        eprintln!("  nothing was found in this repository that proves work");
    } else {
        let question = MultiSelect::new("Which commands prove work?", choices).with_default(&taken);
        gates.extend(asked(question.prompt())?.into_iter().map(|choice| choice.value));
    }
    if !gates.is_empty() && asked(Confirm::new("Edit these commands?").with_default(false).prompt())? {
        for gate in &mut gates {
            let text = asked(Text::new(&format!("{}:", gate.name)).with_initial_value(&gate.run).prompt())?;
            if text.trim() != gate.run {
                text.trim().clone_into(&mut gate.run);
                gate.from.clear();
            }
        }
        gates.retain(|gate| !gate.run.is_empty());
    }
    loop {
        let text = asked(Text::new("Another command that proves work?").with_help_message("empty: no more").prompt())?;
        if text.trim().is_empty() {
            return Ok(gates);
        }
        // The command is its own name, as long as nobody gives it another.
        let run = text.trim().to_owned();
        if !gates.iter().any(|gate| gate.name == run) {
            gates.push(GateAnswer { name: run.clone(), run, from: String::new() });
        }
    }
}

fn command_for_worktrees(proposed: Option<CommandAnswer>) -> Result<Option<CommandAnswer>, Refusal> {
    let (run, from) = proposed.map(|answer| (answer.run, answer.from)).unwrap_or_default();
    let help = if from.is_empty() { "empty: none".to_owned() } else { format!("from {from}; empty: none") };
    let question = Text::new("What makes a fresh worktree ready?").with_initial_value(&run).with_help_message(&help);
    let text = asked(question.prompt())?.trim().to_owned();
    let from = if text == run { from } else { String::new() };
    Ok((!text.is_empty()).then_some(CommandAnswer { run: text, from }))
}

fn include(proposed: Vec<(String, String)>) -> Result<Vec<(String, String)>, Refusal> {
    if proposed.is_empty() {
        return Ok(proposed);
    }
    let choices: Vec<_> = proposed
        .into_iter()
        .map(|(path, rule)| Choice { line: format!("{path} (ignored by {rule})"), value: (path, rule) })
        .collect();
    let question =
        MultiSelect::new("Which ignored files does each worktree get?", choices).with_all_selected_by_default();
    Ok(asked(question.prompt())?.into_iter().map(|choice| choice.value).collect())
}
