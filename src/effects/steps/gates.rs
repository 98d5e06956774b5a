//! Setup and gates of a job, with its cancellation.

use std::path::{Path, PathBuf};

use tokio_util::sync::CancellationToken;

use crate::domain::gate::GateOutcome;
use crate::effects::context::{Context, Setup};
use crate::effects::fs::FsError;
use crate::effects::gate::{CommandFault, Workshop, run_gates, run_setup};
use crate::effects::hands::Cancel;
use crate::effects::host::spec::Environment;
use crate::effects::session_files::{self, SessionFiles};
use crate::scheduler::Job;
use crate::scheduler::event::{Failure, Stop};

/// What came of commands: their outcome, or they were cut short because the run asked for it.
pub enum Ran<T> {
    /// They ended.
    Done(T),
    /// They were cut short.
    Cut,
}

/// Runs all gates in `cwd`.
pub async fn prove(context: &Context, job: &Job, cwd: &Path, cancel: Cancel) -> Result<Ran<Vec<GateOutcome>>, Failure> {
    if context.gates.is_empty() {
        return Ok(Ran::Done(Vec::new()));
    }
    let (job_dir, env) = (context.job_dir(job)?, context.command_environment(job));
    let workshop = workshop(context, cwd, &env, &job_dir);
    let token = CancellationToken::new();
    cancellable(run_gates(&context.gates, &workshop, &token), &token, cancel).await
}

fn workshop<'a>(context: &'a Context, cwd: &'a Path, env: &'a Environment, job_dir: &'a Path) -> Workshop<'a> {
    Workshop { cwd, env, job_dir, run_dir: context.run_dir.path(), host_program: &context.host_program }
}

/// Runs the setup command in `cwd` unless it has already run there with success.
pub async fn set_up(context: &Context, job: &Job, cwd: &Path, cancel: Cancel) -> Result<Ran<()>, Failure> {
    let Some(Setup { command, timeout_ms }) = &context.setup else { return Ok(Ran::Done(())) };
    let mark = mark_of(cwd);
    if std::fs::read_to_string(&mark).is_ok_and(|done| done == *command) {
        return Ok(Ran::Done(()));
    }
    let (job_dir, env) = (context.job_dir(job)?, context.command_environment(job));
    let workshop = workshop(context, cwd, &env, &job_dir);
    let token = CancellationToken::new();
    let log = job_dir.join("setup.log");
    let ran = cancellable(run_setup(command, *timeout_ms, &log, &workshop, &token), &token, cancel).await?;
    if let Ran::Done(()) = ran {
        SessionFiles::of(cwd).make()?;
        session_files::write(&mark, command.as_bytes())?;
    }
    Ok(ran)
}

/// Forgets that the setup command ran in `cwd`, so that it runs there once more.
///
/// # Errors
/// The system refuses.
pub fn forget_set_up(cwd: &Path) -> Result<(), FsError> {
    session_files::remove(&mark_of(cwd))
}

/// Says that the setup command ran, and which.
fn mark_of(cwd: &Path) -> PathBuf {
    SessionFiles::of(cwd).path().join("setup-done")
}

/// Lets commands run until they end or are cancelled: in good order first, at once when that is asked for.
async fn cancellable<T>(
    commands: impl Future<Output = Result<T, CommandFault>>,
    token: &CancellationToken,
    mut cancel: Cancel,
) -> Result<Ran<T>, Failure> {
    tokio::pin!(commands);
    loop {
        tokio::select! {
            ended = &mut commands => return match ended {
                Ok(outcome) => Ok(Ran::Done(outcome)),
                Err(CommandFault::Cut) => Ok(Ran::Cut),
                Err(fault) => Err(fault.into()),
            },
            how = cancel.asked() => match how {
                Stop::Graceful => token.cancel(),
                // Dropping the commands closes the pipe to their host, which then kills the tree.
                Stop::Now => return Ok(Ran::Cut),
            },
        }
    }
}
