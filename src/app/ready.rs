//! `ralph-teams ready`: a read-only look at whether agents can work here, and a page for them that is written on demand.
//!
//! **Invariant:** without `--write` and a yes, the repository is the same afterwards, byte for byte.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;

use super::consent;
use super::difference::unified;
use super::look;
use super::refusal::Refusal;
use super::repository::{Repository, environment};
use super::table::{print, print_json};
use crate::cli::ReadyArgs;
use crate::config::{FILE_NAME, Overrides, Source, settle};
use crate::effects::fs::write_atomic;
use crate::exit::ExitCode;
use crate::survey::guide::{FEW_LINES, GuideProposal};
use crate::survey::readiness::{Check, Facts, Report, State, programs, report};
use crate::survey::survey;
use crate::ui::safe;

/// `ralph-teams ready`.
///
/// # Errors
/// No repository, nobody to ask, or the page cannot be written.
pub fn ready(args: &ReadyArgs) -> Result<ExitCode, Refusal> {
    let repository = Repository::here()?;
    let asks = std::io::stdin().is_terminal() && std::io::stderr().is_terminal();
    if args.write && !args.yes && !asks {
        return Err(Refusal::input(
            "there is no terminal to ask on, so nothing was written; to write without a question: \
             ralph-teams ready --write --yes",
        ));
    }
    let mut report = look(&repository)?;
    if !args.json {
        let nothing = if args.write && report.guide.is_none() { "\nthere is nothing to write\n" } else { "" };
        print(&format!("{}{nothing}", told(&report)))?;
    } else if args.write && !args.yes {
        // Nobody agrees to what they have not seen.
        note!("{}", told(&report));
    }
    if let Some(guide) = report.guide.clone().filter(|_| args.write) {
        if !args.yes && !consent::agrees(&format!("Write this to {}?", guide.file))? {
            return Err(Refusal::interrupted("nothing was written"));
        }
        write(&repository, &guide)?;
        report = look(&repository)?;
        if !args.json {
            print(&format!("wrote {}; read it, mend it, commit it\n", guide.file))?;
        }
    }
    if args.json {
        print_json(&serde_json::to_value(&report).map_err(Refusal::internal)?)?;
    }
    Ok(if report.ready { ExitCode::Success } else { ExitCode::Failed })
}

fn look(repository: &Repository) -> Result<Report, Refusal> {
    let listing = look::listing(repository)?;
    let survey = survey(&listing);
    let env = environment();
    let made_by_setup = |name: &str| name.contains('/') && survey.setup.is_some();
    let is_there = |name: &str| made_by_setup(name) || look::is_there(&repository.checkout, name, env.get("PATH"));
    let programs: BTreeMap<String, bool> =
        programs(&survey).into_iter().map(|name| (name.clone(), is_there(&name))).collect();
    let bytes = std::fs::read(repository.checkout.join(FILE_NAME)).ok();
    let source = bytes.as_deref().map(|bytes| Source { name: FILE_NAME, bytes });
    let settings = source.and_then(|source| settle(Some(source), &BTreeMap::new(), &Overrides::default()).ok());
    let facts = Facts {
        programs,
        configured_gates: settings.as_ref().map(|settings| settings.policy.gates.len()),
        configured_setup: settings.is_some_and(|settings| settings.setup.is_some()),
    };
    Ok(report(&listing, survey, &facts))
}

/// Writes the page, unless what is there is not what was looked at.
fn write(repository: &Repository, guide: &GuideProposal) -> Result<(), Refusal> {
    let path = repository.checkout.join(&guide.file);
    let found = std::fs::read(&path).unwrap_or_default();
    let is_new = guide.old.is_empty() && path.symlink_metadata().is_err();
    if !is_new && (guide.old.is_empty() || found != guide.old.as_bytes()) {
        return Err(Refusal::input(format!(
            "{} is not what was looked at (git ignores it, it is no plain text of this repository, or it was changed \
             meanwhile), and nothing was written; look again",
            guide.file
        )));
    }
    write_atomic(&path, guide.new.as_bytes()).map_err(Refusal::environment)
}

/// The report for people.
fn told(report: &Report) -> String {
    let mut text = String::new();
    let needed = report.checks.iter().filter(|check| check.needed);
    let n_open = needed.filter(|check| check.state != State::Good).count();
    text += &match n_open {
        0 => "ready: agents can work here\n".to_owned(),
        1 => "not ready: one thing that agents need is missing\n".to_owned(),
        n => format!("not ready: {n} things that agents need are missing\n"),
    };
    for check in &report.checks {
        text += &line_of(check);
    }
    let survey = &report.survey;
    if !survey.gates.is_empty() || survey.setup.is_some() {
        text += "\nproposed (`ralph-teams setup` writes them to ralph.config.yml):\n";
    }
    for proposal in survey.setup.iter().chain(&survey.gates) {
        let command = safe::line(&proposal.command, 100);
        text += &format!("  {}: {command}   ({}, {})\n", proposal.name, proposal.strength.words(), proposal.places());
    }
    for bring in &survey.bring {
        text += &format!("  bring along: {}   (ignored by {})\n", safe::short(&bring.path), bring.rule);
    }
    for refused in &survey.refused {
        text +=
            &format!("  not proposed: {} ({}, {})\n", safe::line(&refused.command, 100), refused.reason, refused.quote);
    }
    for note in &survey.notes {
        text += &format!("  note: {}\n", safe::short(note));
    }
    if let Some(guide) = &report.guide {
        text += &format!("\n{}", unified(&guide.file, &guide.old, &guide.new));
        if guide.old.is_empty() && guide.added_lines < FEW_LINES {
            text += &format!(
                "\nthe page has only {} lines, because the repository says no more about itself\n",
                guide.added_lines
            );
        }
        text += "\nto write it: ralph-teams ready --write\n";
    }
    text
}

fn line_of(check: &Check) -> String {
    let word = match (check.state, check.needed) {
        (State::Good, _) => "ok",
        (State::Poor, true) => "poor",
        (State::Missing, true) => "missing",
        (State::Poor | State::Missing, false) => "optional",
    };
    let found = safe::line(&check.found, 200);
    let advice = check.advice.as_ref().map(|advice| format!("            -> {advice}\n")).unwrap_or_default();
    format!("  {word:<9} {:<9} {found}\n{advice}", check.name)
}
