//! `ralph-teams doctor`: looks at everything that a run needs, and says what to do about what is wrong.
//!
//! Facts are gathered by `look` and `agents`, and judged by [`judge`], which is pure: the same facts, the same lines.

mod agents;
pub mod facts;
pub mod judge;
mod look;
pub mod report;

use super::refusal::Refusal;
use super::table::print;
use crate::cli::DoctorArgs;
use crate::exit::ExitCode;
use report::Report;

/// `ralph-teams doctor`.
///
/// # Errors
/// Standard output cannot be written. What is wrong elsewhere is a line of the report.
pub fn doctor(args: &DoctorArgs) -> Result<ExitCode, Refusal> {
    let report = Report::of(judge::judge(&look::look(args)));
    let text = if args.json { report.json().map_err(Refusal::internal)? + "\n" } else { report.text() };
    print(&text)?;
    Ok(if report.ok { ExitCode::Success } else { ExitCode::Environment })
}
