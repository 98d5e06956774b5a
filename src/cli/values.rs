//! The words that flags take, and how they are read.

use clap::ValueEnum;

use crate::config::settings::MAX_PARALLEL;
use crate::config::{Bound, Parallel, limit_of};
use crate::domain::id::EpicId;
use crate::domain::policy::Schedule;

/// How the run is shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum UiMode {
    /// The full screen on a terminal, plain lines elsewhere and where CI is set.
    #[default]
    Auto,
    /// The full screen, where there is a terminal.
    Tui,
    /// One line per event, with bars on a terminal.
    Plain,
    /// One JSON object per line.
    Json,
}

/// The colours of the screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ThemeName {
    /// What fits the terminal.
    #[default]
    Auto,
    /// Light text on a dark ground.
    Dark,
    /// Dark text on a light ground.
    Light,
    /// No colours.
    Mono,
}

/// What happens when the checkout has changes that are not committed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Dirty {
    /// List the files and do not start.
    #[default]
    Refuse,
    /// Put the changes on the loop branch; the checkout stays as it is.
    Snapshot,
    /// Leave them out.
    Ignore,
}

/// Where a run starts when an earlier one left work that is not landed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Base {
    /// At HEAD, without that work.
    Head,
    /// At the earlier run's loop branch.
    Loop,
}

/// How ready epics are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ScheduleName {
    /// As soon as an epic's dependencies are merged.
    Ready,
    /// Only when the whole wave before it has ended.
    Waves,
}

impl From<ScheduleName> for Schedule {
    fn from(name: ScheduleName) -> Self {
        match name {
            ScheduleName::Ready => Self::Ready,
            ScheduleName::Waves => Self::Waves,
        }
    }
}

/// Reads the number of `--parallel`.
///
/// # Errors
/// When it is not a whole number in range. What is no number at all is usually the PRD, swallowed by the flag.
pub fn slots(text: &str) -> Result<u32, String> {
    let allowed = format!("expected a number from 1 to {MAX_PARALLEL}");
    match text.parse() {
        Ok(number) if (1..=MAX_PARALLEL).contains(&number) => Ok(number),
        Ok(_) => Err(allowed),
        Err(_) => Err(format!("{allowed}; a PRD goes before a `--parallel` that has no number")),
    }
}

/// Reads a number of epics.
///
/// # Errors
/// When it is not a whole number of at least 1.
pub fn count(text: &str) -> Result<u32, String> {
    let number = text.parse().ok().filter(|number| *number >= 1);
    number.ok_or_else(|| format!("expected a number from 1 to {}", u32::MAX))
}

/// Reads a limit in US dollars, or the word `none`.
///
/// # Errors
/// When it is neither.
pub fn max_cost(text: &str) -> Result<Bound, String> {
    if text == "none" {
        return Ok(Bound::Lifted);
    }
    let bound = text.parse().ok().and_then(limit_of).map(Bound::At);
    bound.ok_or_else(|| "expected US dollars, more than 0, or `none`".to_owned())
}

/// Reads a limit of tokens, or the word `none`.
///
/// # Errors
/// When it is neither.
pub fn max_tokens(text: &str) -> Result<Bound, String> {
    if text == "none" {
        return Ok(Bound::Lifted);
    }
    let bound = text.parse().ok().filter(|tokens| *tokens >= 1).map(Bound::At);
    bound.ok_or_else(|| "expected a number of at least 1, or `none`".to_owned())
}

/// Reads the id of an epic.
///
/// # Errors
/// When no epic can be called so.
pub fn epic_id(text: &str) -> Result<EpicId, String> {
    EpicId::new(text).map_err(|fault| fault.to_string())
}

/// What `--parallel`, given with or without a number or not at all, asks for.
#[must_use]
pub fn parallel(flag: Option<Option<u32>>) -> Option<Parallel> {
    flag.map(|number| number.map_or(Parallel::Configured, Parallel::Slots))
}
