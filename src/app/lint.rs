//! `ralph-teams lint`: the findings of the critic with their lines, and the outlook of the plan.

mod fix;
pub mod json;
mod outlook;
mod past;
mod report;

use std::io::IsTerminal as _;
use std::path::Path;

use super::refusal::Refusal;
use super::repository::{Repository, current_folder};
use super::table::{print, print_json};
use super::{inputs, validate};
use crate::cli::LintArgs;
use crate::domain::prd;
use crate::exit::ExitCode;
use crate::lint::{History, Schedule, Severity, schedule};
use report::Located;

/// `ralph-teams lint`.
///
/// # Errors
/// The file cannot be read or, with `--fix`, must not be changed or cannot be written.
pub fn lint(args: &LintArgs) -> Result<ExitCode, Refusal> {
    let file = args.prd.display().to_string();
    let bytes = inputs::prd_bytes(&args.prd)?;
    let repository = repository_of(&args.prd);
    let fixed = if args.fix { fix::fix(&args.prd, &bytes, repository.as_ref())? } else { fix::Fixed::nothing(bytes) };
    let checked = prd::check(&fixed.bytes);
    let (found, schedule) = match &checked {
        Ok(checked) => {
            let history = repository.as_ref().map_or_else(History::default, past::history);
            (report::all(&fixed.bytes, checked), Some((&checked.plan, schedule(&checked.plan, &history))))
        }
        Err(_) => (Vec::new(), None),
    };
    let code = code_of(schedule.as_ref().map(|(_, schedule)| schedule), &found, args.strict);
    if args.json {
        let faults = checked.as_ref().err().map_or(&[][..], Vec::as_slice);
        let object = json::LintOutput::new(&file, faults, &found, &fixed.mended, schedule.as_ref());
        print_json(&serde_json::to_value(object).map_err(Refusal::internal)?)?;
        return Ok(code);
    }
    let text = match &schedule {
        None => validate::report(&file, &checked).text,
        Some((plan, schedule)) => {
            report::text(&file, plan, &found) + "\n" + &outlook::text(plan, schedule, most_rows(args))
        }
    };
    print(&format!("{}{text}", fixed.told(&file)))?;
    Ok(code)
}

/// How many epics of the schedule are shown: a person is not to scroll for what was said above them.
fn most_rows(args: &LintArgs) -> usize {
    const ON_A_TERMINAL: usize = 40;
    let usual = if std::io::stdout().is_terminal() { ON_A_TERMINAL } else { usize::MAX };
    args.rows.unwrap_or(usual)
}

/// What the critic warns of in the bytes of a PRD, a sentence each; nothing of one that has faults.
#[must_use]
pub fn warnings(file: &str, bytes: &[u8]) -> Vec<String> {
    let found = prd::check(bytes).map_or_else(|_| Vec::new(), |checked| report::all(bytes, &checked));
    let bad = found.into_iter().filter(|found| found.severity == Severity::Warning);
    bad.map(|found| format!("{} ({})", found.fault.in_file(file), found.rule.name())).collect()
}

/// No schedule: the PRD has faults.
fn code_of(schedule: Option<&Schedule>, found: &[Located], strict: bool) -> ExitCode {
    let is_bad = |found: &Located| strict || found.severity == Severity::Warning;
    match schedule {
        None => ExitCode::BadInput,
        Some(_) if found.iter().any(is_bad) => ExitCode::Failed,
        Some(_) => ExitCode::Success,
    }
}

/// The repository that a PRD is in. A plan can be written before there is one: then nothing is known of earlier runs.
fn repository_of(prd: &Path) -> Option<Repository> {
    let folder = current_folder().ok()?.join(prd);
    Repository::of(folder.parent()?).ok()
}
