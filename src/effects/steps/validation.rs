//! Reading what the final validator reported.

use crate::domain::report::parse_validation;
use crate::effects::context::{Context, blocking};
use crate::effects::fs::FsError;
use crate::effects::paths::SessionFiles;
use crate::effects::steps::check::read_report;
use crate::scheduler::event::Failure;
use crate::scheduler::{Event, Job};

/// Answers `CheckValidation`.
pub async fn read(context: &Context, job: &Job, session: &Job) -> Result<Event, Failure> {
    let path = SessionFiles::of(&context.worktree(&session.scope)).report();
    let bytes = blocking(move || Ok::<_, FsError>(read_report(&path))).await?;
    let report = match bytes {
        Ok(Some(bytes)) => parse_validation(&bytes),
        Ok(None) => Err("the final validator left no report".to_owned()),
        Err(fault) => Err(fault),
    };
    Ok(Event::ValidationChecked { job: job.clone(), report })
}
