//! `ralph-teams stop`: asks the live runner to stop, from another terminal, and waits until it is gone.

use std::time::Duration;

use super::refusal::Refusal;
use super::repository::Repository;
use super::{history, run};
use crate::cli::StopArgs;
use crate::clock::{self, Clock};
use crate::domain::id::RunId;
use crate::domain::outcome::RunEnd;
use crate::effects::lock::{self, Holder, LockFault, RunnerLock};
use crate::effects::runner;
use crate::exit::ExitCode;
use crate::scheduler::event::Stop;
use crate::ui::summary::resume_command;

/// A little more than the longest stop: the ladder of signals, and the last words of a kill.
const PATIENCE: Duration = Duration::from_secs(12);
/// How often it is looked whether the runner is gone.
const BETWEEN_LOOKS: Duration = Duration::from_millis(40);

/// `ralph-teams stop`.
///
/// # Errors
/// The runner cannot be signalled from here, or it does not stop.
pub fn stop(args: &StopArgs) -> Result<ExitCode, Refusal> {
    let repository = Repository::here()?;
    let Some(holder) = lock::holder(repository.git.common_dir()) else {
        say!("no run is at work in this repository");
        sweep_if_nobody_is_at_work(&repository)?;
        return Ok(ExitCode::Success);
    };
    let how = if args.now { Stop::Now } else { Stop::Graceful };
    if !runner::ask_to_stop(&holder, how) && runner::lives(&holder) {
        return Err(Refusal::environment(cannot_be_asked(&holder)));
    }
    say!("run {} (process {}) is asked to stop{}", holder.run, holder.pid, if args.now { " now" } else { "" });
    if !is_gone_in_time(&holder) {
        return Err(Refusal::environment(format!(
            "process {} is still there after {} s; kill it with `kill -KILL {}`, its sessions end with it and the run can \
             be resumed",
            holder.pid,
            PATIENCE.as_secs(),
            holder.pid
        )));
    }
    say!("{}", how_it_ended(&repository, &holder.run)?);
    sweep_if_nobody_is_at_work(&repository)?;
    Ok(ExitCode::Success)
}

fn cannot_be_asked(holder: &Holder) -> String {
    let Holder { pid, host, run, .. } = holder;
    if *host != Holder::this_process(run.clone(), "").host {
        return format!("run {run} is at work on another machine, {host}: run `ralph-teams stop` there");
    }
    format!(
        "process {pid} of run {run} cannot be signalled; it may belong to another user: run this command as that user"
    )
}

fn is_gone_in_time(holder: &Holder) -> bool {
    let began = clock::now();
    while runner::lives(holder) {
        if began.elapsed() > PATIENCE {
            return false;
        }
        std::thread::sleep(BETWEEN_LOOKS);
    }
    true
}

fn how_it_ended(repository: &Repository, run: &RunId) -> Result<String, Refusal> {
    let past = history::all_runs(repository)?.into_iter().find(|past| past.run == *run);
    let resume =
        past.as_ref().map_or_else(|| Some(format!("ralph-teams resume {run}")), |past| resume_command(&past.view));
    let again = resume.map(|resume| format!("; go on with it: {resume}")).unwrap_or_default();
    Ok(match past.and_then(|past| past.end) {
        Some(RunEnd::Interrupted) => format!("it is stopped{again}"),
        Some(RunEnd::Judged { pass }) => {
            let verdict = if pass { "pass" } else { "fail" };
            format!("it came to its end before that, with the verdict {verdict}")
        }
        Some(RunEnd::Limit { reason } | RunEnd::Environment { reason }) => {
            format!("it had stopped by itself: {reason}{again}")
        }
        None => format!("it was killed before its last word; nothing is lost{again}"),
    })
}

/// No session outlives its runner, for its host sees to that. If one does all the same, it is ended and named.
fn sweep_if_nobody_is_at_work(repository: &Repository) -> Result<(), Refusal> {
    let Some(run) = repository.state.newest() else { return Ok(()) };
    let holder = Holder::this_process(run, &Clock::going_on_from(0).stamp());
    // Under the lock, so that no session of a runner which begins right now is taken for a left-over.
    match RunnerLock::acquire(repository.git.common_dir(), &holder) {
        Ok(_lock) => {
            run::sweep_leftovers(repository);
            Ok(())
        }
        Err(LockFault::Held(other)) => {
            say!("run {} has begun meanwhile (process {})", other.run, other.pid);
            Ok(())
        }
        Err(fault @ (LockFault::HeldByUnknown(_) | LockFault::Disk { .. })) => Err(Refusal::environment(fault)),
    }
}
