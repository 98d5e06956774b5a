//! A PRD that was edited since its run stopped: taken in where it can be, refused where it contradicts work begun.

use std::path::Path;

use super::inputs;
use super::refusal::Refusal;
use crate::domain::id::RunId;
use crate::journal::Journal;
use crate::scheduler::replan::Replan;
use crate::scheduler::{Event, Scheduler};

/// Compares the PRD with the plan of the run and takes what is new into the journal, before the new life begins: so
/// nothing starts in its old form.
///
/// # Errors
/// The PRD cannot be read, has faults, or contradicts work that is begun; the journal cannot be written.
pub fn take_in(
    run: &RunId,
    prd: &Path,
    scheduler: &mut Scheduler,
    journal: &mut Journal,
    at: u64,
) -> Result<(), Refusal> {
    let anyway = format!("to go on with the plan as it was: ralph-teams resume {run} --ignore-prd-edits");
    let edited = inputs::plan(prd).map_err(|refusal| refusal.and(&anyway))?;
    match scheduler.replan(&edited) {
        Replan::Same => Ok(()),
        Replan::Fits { changes } => {
            for change in &changes {
                note!("note: {} was edited: {change}", prd.display());
            }
            let event = Event::PlanChanged { plan: Box::new(edited) };
            journal.append(at, &event).map_err(Refusal::environment)?;
            scheduler.handle(at, &event);
            Ok(())
        }
        Replan::Contradicts { contradictions } => Err(Refusal::input(format!(
            "{} was edited in a way that contradicts work of this run:\n  {}\nundo that, and put what is still to be \
             done into new epics; {anyway}",
            prd.display(),
            contradictions.join("\n  ")
        ))),
    }
}
