//! prd.json, the user's list of epics: read strictly with all faults at once, and edited without touching a byte more
//! than the answer needs.

mod document;
mod edit;
mod fault;
mod fields;
mod graph;
mod locate;
mod plain;
mod read;
mod schema;
mod status;
mod tidy;
mod warn;

use super::plan::Plan;

pub use edit::{EditFault, Edited, NotFound, apply, set_planned};
pub use fault::Fault;
pub use locate::locate;
pub use schema::{Prd, PrdEpic, PrdStory, json_schema};
pub use tidy::{Tidied, Untidy, UntidyKind, tidy};

/// A PRD without a fault.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The graph that can be run.
    pub plan: Plan,
    /// What looks wrong but does not keep it from being run, in the order of the file.
    pub warnings: Vec<Fault>,
}

/// Reads and checks the bytes of a prd.json. A byte order mark and unknown fields are allowed.
///
/// # Errors
/// All faults of the file in its order, never only the first; at least one. Text that is not JSON at all has exactly
/// one, because nothing behind it can be read.
pub fn check(bytes: &[u8]) -> Result<Checked, Vec<Fault>> {
    let text = document::text_of(bytes).map_err(|fault| vec![fault])?;
    match plain::plan(text) {
        Some(plan) => Ok(Checked { plan, warnings: Vec::new() }),
        None => check_slowly(text),
    }
}

/// Reads and checks with the places of everything, so that faults and warnings can name theirs.
fn check_slowly(text: &str) -> Result<Checked, Vec<Fault>> {
    let root = document::parse(text).map_err(|fault| vec![fault])?;
    let mut faults = fault::Faults::default();
    let mut warnings = fault::Faults::default();
    document::find_duplicate_keys(&root, &mut faults);
    let draft = read::read(&root, &mut faults, &mut warnings);
    warn::find_contradictions(&draft, &mut warnings);
    let plan = graph::check(draft, &mut faults);
    match plan {
        Some(plan) if faults.is_empty() => Ok(Checked { plan, warnings: warnings.locate(text) }),
        Some(_) | None => Err(faults.locate(text)),
    }
}
