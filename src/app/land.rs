//! `ralph-teams land`: brings the loop branch of a run into the branch that the user is on. The only command that
//! touches the user's checkout.

use super::history::{self, PastRun};
use super::refusal::Refusal;
use super::repository::Repository;
use super::run::Kind;
use super::{preflight, run};
use crate::cli::LandArgs;
use crate::clock::Clock;
use crate::domain::id::{CommitId, RunId};
use crate::domain::outcome::RunEnd;
use crate::effects::git::land::Landing;
use crate::effects::git::read::Head;
use crate::exit::ExitCode;

/// `ralph-teams land`.
///
/// # Errors
/// It is refused, or conflicts; nothing was changed then.
pub fn land(args: &LandArgs) -> Result<ExitCode, Refusal> {
    let repository = Repository::here()?;
    let id = history::which(&repository, args.run.as_deref(), "land")?;
    say!("{}", bring(&repository, &id, args.anyway)?);
    Ok(ExitCode::Success)
}

/// Brings the work of a run into the branch that the user is on, and says what became of it.
///
/// # Errors
/// It is refused, or conflicts; nothing was changed then.
pub fn bring(repository: &Repository, id: &RunId, anyway: bool) -> Result<String, Refusal> {
    // Held to the end, so that no run moves the branch meanwhile.
    let _lock = run::lock(repository, id, &Clock::going_on_from(0).stamp())?;
    let past = history::past_run(repository, id)?;
    let loop_branch = id.loop_branch();
    let Some(tip) = &past.loop_tip else {
        return Err(Refusal::environment(format!("{loop_branch} is gone, so there is nothing to land of run {id}")));
    };
    let (branch, head) = current_branch(repository)?;
    if repository.git.is_ancestor(tip, &head).map_err(Refusal::environment)? {
        return Ok(format!("already landed: {branch} holds all of {loop_branch}"));
    }
    if !anyway {
        check_verdict(repository, &past, tip)?;
    }
    let kind = if history::is_task(repository, &past) { Kind::Task } else { Kind::Prd };
    let prd = past.prd.as_deref().map(|prd| run::users_prd(repository, prd, kind));
    preflight::clean_to_land(repository, prd.as_deref())?;
    let message = format!("Merge {loop_branch}\n\nRalph-Run: {id}\n");
    let landing = repository.git.land(tip, &head, &message).map_err(|fault| {
        Refusal::environment(format!(
            "git refuses to move {branch} forward, and nothing was changed: {fault}\ncommit or move away what is in the \
             way (prd.json too, when the work changes it), then land again"
        ))
    })?;
    told(&landing, &branch, &loop_branch, &head, tip)
}

pub(super) fn current_branch(repository: &Repository) -> Result<(String, CommitId), Refusal> {
    let refused = |text: String| Err(Refusal::environment(text));
    match repository.git.head().map_err(Refusal::environment)? {
        Head::Branch { name, .. } if name.starts_with("ralph/") => refused(format!(
            "this checkout is on {name}, a branch of a run; switch to the branch that is to get the work"
        )),
        Head::Branch { name, commit } => Ok((name, commit)),
        Head::Detached(commit) => refused(format!(
            "this checkout is on no branch (detached at {}); switch to the branch that is to get the work",
            commit.short()
        )),
        Head::Unborn { name } => refused(format!("{name} has no commit yet")),
    }
}

/// Only what was judged, and found good, lands without more words.
fn check_verdict(repository: &Repository, past: &PastRun, tip: &CommitId) -> Result<(), Refusal> {
    let PastRun { run, view, end, .. } = past;
    let report = repository.state.run(run).report_md();
    let refused =
        |why: String| Err(Refusal::input(format!("{why}; to land it all the same: ralph-teams land {run} --anyway")));
    match end {
        Some(RunEnd::Judged { pass: true }) if view.loop_tip != *tip => refused(format!(
            "the verdict of run {run} speaks of {}, but {} stands at {} now",
            view.loop_tip.short(),
            run.loop_branch(),
            tip.short()
        )),
        Some(RunEnd::Judged { pass: true }) => Ok(()),
        Some(RunEnd::Judged { pass: false }) => {
            refused(format!("the verdict of run {run} is no pass (see {})", report.display()))
        }
        Some(RunEnd::Limit { .. } | RunEnd::Interrupted | RunEnd::Environment { .. }) | None => {
            refused(format!("run {run} did not come to a verdict; `ralph-teams resume {run}` goes on with it"))
        }
    }
}

fn told(
    landing: &Landing,
    branch: &str,
    loop_branch: &str,
    head: &CommitId,
    tip: &CommitId,
) -> Result<String, Refusal> {
    let landed = match landing {
        Landing::Already => return Ok(format!("already landed: {branch} holds all of {loop_branch}")),
        Landing::Forward => format!("landed: {branch} moved forward from {} to {}", head.short(), tip.short()),
        Landing::Merged(commit) => {
            format!("landed: {branch} got the merge commit {} of {loop_branch}", commit.short())
        }
        Landing::Conflict(files) => {
            return Err(Refusal::failed(format!(
                "{loop_branch} conflicts with {branch}, so nothing was changed:\n  {}\n\
                 resolve it by hand with `git merge {loop_branch}`, or let a run do it: `ralph-teams run --base head`",
                files.join("\n  ")
            )));
        }
    };
    Ok(format!("{landed}\nnothing was pushed; to take it back: git reset --keep {}", head.short()))
}
