//! A new run never silently starts over: when the newest one was left unfinished, both ways to go on are offered.

use super::history::PastRun;
use super::refusal::Refusal;
use super::validate::{count, count_as};
use crate::cli::{DEFAULT_PRD, RunArgs};
use crate::domain::outcome::Outcome;
use crate::domain::shell;
use crate::effects::git::{Git, GitError};
use crate::scheduler::view::TrackState;

/// What an unfinished run holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Holds {
    n_merged: usize,
    n_branches: usize,
}

/// Looks whether the newest run was left unfinished with work in it.
///
/// # Errors
/// It was, and no new run was asked for; or git cannot be read.
pub fn refuse(git: &Git, past: &[PastRun], args: &RunArgs) -> Result<(), Refusal> {
    let Some(newest) = past.first().filter(|run| run.can_go_on() && !args.new) else { return Ok(()) };
    let holds = held_by(git, newest).map_err(Refusal::environment)?;
    if holds == Holds::default() {
        return Ok(());
    }
    let run = &newest.run;
    let prd = if args.prd.as_os_str() == DEFAULT_PRD {
        String::new()
    } else {
        format!(" {}", shell::word(&args.prd.display().to_string()))
    };
    Err(Refusal::input(format!(
        "run {run} is unfinished: {} merged, {} with commits of its own; nothing was started. Choose:\n  \
         ralph-teams resume {run}   goes on with it\n  \
         ralph-teams run{prd} --new   begins a new run, on top of what it merged and with the branches that it left",
        count(holds.n_merged, "epic"),
        count_as(holds.n_branches, "branch", "branches"),
    )))
}

fn held_by(git: &Git, run: &PastRun) -> Result<Holds, GitError> {
    let merged = |state: &TrackState| matches!(state, TrackState::Done(Outcome::Merged { .. }));
    let n_merged = run.view.epics.iter().filter(|track| merged(&track.state)).count();
    let mut n_branches = 0;
    let tip = run.loop_tip.as_ref().unwrap_or(&run.view.base);
    for (_, commit) in git.branches(&format!("ralph/epic/{}/", run.run))? {
        if !git.commit_exists(tip)? || !git.is_ancestor(&commit, tip)? {
            n_branches += 1;
        }
    }
    Ok(Holds { n_merged, n_branches })
}
