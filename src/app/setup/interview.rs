//! The questions, one after the other, on a terminal. An answer that nobody gives (Ctrl-C, Esc) ends the command.

use std::fmt;

use inquire::error::InquireError;
use inquire::validator::Validation;
use inquire::{Confirm, MultiSelect, Select, Text};

use super::{Offer, gate, remarks};
use crate::app::refusal::Refusal;
use crate::cli::SetupArgs;
use crate::config::FILE_NAME;
use crate::config::compose::{Answers, CommandAnswer, GateAnswer, Workflow, meaning, phases, roles};
use crate::config::preset::Preset;
use crate::config::settings::MAX_PARALLEL;
use crate::survey::Survey;
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
        answers.workflow = workflow(&answers.workflow)?;
    }
    answers.parallel = number("Epics side by side, with --parallel?", answers.parallel, 1, MAX_PARALLEL)?;
    answers.loop_timeout =
        number("Longest running time of a run, in seconds (0: none)?", answers.loop_timeout, 0, MOST_SECONDS)?;
    answers.models = models(&answers.models)?;
    for line in remarks(survey) {
        note!("  {line}");
    }
    answers.gates = gates(&answers.gates, survey)?;
    answers.setup = command_for_worktrees(answers.setup)?;
    answers.include = include(answers.include, survey)?;
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

/// What is said when somebody leaves.
pub(super) fn stopped() -> Refusal {
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
    let place = offers.iter().position(|offer| offer.name == answers.backend).unwrap_or(0);
    let chosen = asked(Select::new("Which agent program works?", choices).with_starting_cursor(place).prompt())?.value;
    let was = if chosen.name == answers.backend { std::mem::take(&mut answers.argv) } else { Vec::new() };
    (answers.backend, answers.argv) = (chosen.name.to_owned(), Vec::new());
    if chosen.takes_argv() {
        let there = |text: &str| {
            Ok(if text.trim().is_empty() {
                Validation::Invalid("a program is needed".into())
            } else {
                Validation::Valid
            })
        };
        let shown = was.join(" ");
        let text = Text::new("Its command line?").with_help_message("words, apart by blanks").with_validator(there);
        let said = asked(text.with_initial_value(&shown).prompt())?;
        let words = || said.split_whitespace().map(str::to_owned).collect();
        // As it is in the file a word may hold blanks.
        answers.argv = if said == shown { was } else { words() };
    }
    Ok(())
}

fn workflow(proposed: &Workflow) -> Result<Workflow, Refusal> {
    let presets = [Preset::Balanced, Preset::Full, Preset::Minimal];
    let mut choices: Vec<Choice<Option<Preset>>> = presets
        .into_iter()
        .map(|preset| Choice { line: format!("{}: {}", preset.name(), meaning(preset)), value: Some(preset) })
        .collect();
    choices.push(Choice { line: "by hand: each part of the workflow by itself".to_owned(), value: None });
    let (place, known) = match proposed {
        Workflow::Preset(preset) => (presets.iter().position(|known| known == preset).unwrap_or(0), &[][..]),
        Workflow::ByHand(known) => (presets.len(), known.as_slice()),
    };
    if let Some(preset) = asked(Select::new("How thorough?", choices).with_starting_cursor(place).prompt())?.value {
        return Ok(Workflow::Preset(preset));
    }
    let mut by_hand = Vec::new();
    for key in phases() {
        let known = known.iter().find(|(name, ..)| *name == key);
        let (was_on, was_cycles) = known.map_or((true, 1), |(_, enabled, cycles)| (*enabled, *cycles));
        let enabled = asked(Confirm::new(&format!("{key}?")).with_default(was_on).prompt())?;
        let question = format!("{key}: how often do findings go back to be fixed?");
        let cycles = if enabled { number(&question, was_cycles, 0, 100)? } else { was_cycles };
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

fn models(proposed: &[(String, String)]) -> Result<Vec<(String, String)>, Refusal> {
    let question = Confirm::new("Choose models for single roles?").with_default(!proposed.is_empty());
    if !asked(question.with_help_message("no: the backend's own, by how much judgement a role needs").prompt())? {
        return Ok(Vec::new());
    }
    let mut models = Vec::new();
    for role in roles() {
        let was = proposed.iter().find(|(known, _)| known == role).map_or("", |(_, model)| model);
        let question = format!("{role}:");
        let text = Text::new(&question).with_help_message("empty: the backend's own").with_initial_value(was);
        let model = asked(text.prompt())?;
        if !model.trim().is_empty() {
            models.push((role.to_owned(), model.trim().to_owned()));
        }
    }
    Ok(models)
}

/// The gates that are proposed, then what else the repository says.
fn gates(proposed: &[GateAnswer], survey: &Survey) -> Result<Vec<GateAnswer>, Refusal> {
    let line = |gate: &GateAnswer| {
        let from = if gate.from.is_empty() { FILE_NAME } else { &gate.from };
        format!("{}: {} ({from})", gate.name, gate.run)
    };
    let is_new = |found: &GateAnswer| !proposed.iter().any(|gate| gate.run == found.run);
    let others = survey.gates.iter().chain(&survey.alternatives).map(gate).filter(is_new);
    let choices: Vec<_> =
        proposed.iter().cloned().chain(others).map(|gate| Choice { line: line(&gate), value: gate }).collect();
    let taken: Vec<usize> = (0..proposed.len()).collect();
    let mut gates = Vec::new();
    if choices.is_empty() {
        note!("  nothing was found in this repository that proves work");
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
            gates.push(GateAnswer { name: run.clone(), run, from: String::new(), timeout: None });
        }
    }
}

fn command_for_worktrees(proposed: Option<CommandAnswer>) -> Result<Option<CommandAnswer>, Refusal> {
    let (run, from, timeout) = proposed.map(|answer| (answer.run, answer.from, answer.timeout)).unwrap_or_default();
    let help = if from.is_empty() { "empty: none".to_owned() } else { format!("from {from}; empty: none") };
    let question = Text::new("What makes a fresh worktree ready?").with_initial_value(&run).with_help_message(&help);
    let text = asked(question.prompt())?.trim().to_owned();
    let from = if text == run { from } else { String::new() };
    Ok((!text.is_empty()).then_some(CommandAnswer { run: text, from, timeout }))
}

/// The files that are proposed, then what else is there and ignored.
fn include(proposed: Vec<(String, String)>, survey: &Survey) -> Result<Vec<(String, String)>, Refusal> {
    let taken: Vec<usize> = (0..proposed.len()).collect();
    let found = survey.bring.iter().map(|bring| (bring.path.clone(), bring.rule.to_string()));
    let others: Vec<_> = found.filter(|(path, _)| !proposed.iter().any(|(known, _)| known == path)).collect();
    let choice = |(path, rule): (String, String)| {
        let from = if rule.is_empty() { FILE_NAME.to_owned() } else { format!("ignored by {rule}") };
        Choice { line: format!("{path} ({from})"), value: (path, rule) }
    };
    let choices: Vec<_> = proposed.into_iter().chain(others).map(choice).collect();
    if choices.is_empty() {
        return Ok(Vec::new());
    }
    let question = MultiSelect::new("Which ignored files does each worktree get?", choices).with_default(&taken);
    Ok(asked(question.prompt())?.into_iter().map(|choice| choice.value).collect())
}
