//! `ralph-teams reset`: epics go back to the beginning, in the PRD and in git. Nothing is lost: what they had is saved.
//!
//! **Invariant:** first it is written down that the old runs no longer speak for these epics, then the PRD and git are
//! changed. So a kill at any point leaves nothing that a later run would revive, and the command can be repeated.

mod outlook;

use std::collections::BTreeSet;
use std::path::Path;

use super::consent::agrees;
use super::history::{self, PastRun};
use super::refusal::Refusal;
use super::repository::{Repository, environment, worktree_places};
use super::{inputs, run};
use crate::cli::ResetArgs;
use crate::clock::Clock;
use crate::config::Overrides;
use crate::domain::id::{EpicId, RunId};
use crate::domain::outcome::{PrdState, Status};
use crate::domain::plan::{Epic, Plan};
use crate::domain::prd;
use crate::effects::fs::write_atomic;
use crate::effects::paths;
use crate::effects::worktree::{Abandoned, Worktrees};
use crate::exit::ExitCode;
use crate::scheduler::Scope;

/// `ralph-teams reset`.
///
/// # Errors
/// It is refused, before anything was changed; or a file or git cannot be written, and then it can be repeated.
pub fn reset(args: &ResetArgs) -> Result<ExitCode, Refusal> {
    let plan = inputs::plan(&args.prd)?;
    let prd = run::absolute(&args.prd)?;
    let repository = Repository::of(prd.parent().unwrap_or(&prd))?;
    let chosen = chosen(&plan, &args.epics)?;
    let env = environment();
    let settings = inputs::settings(&repository.checkout, None, &env, &Overrides::default())?;
    let _lock = match repository.state.newest() {
        Some(newest) => Some(run::lock(&repository, &newest, &Clock::going_on_from(0).stamp())?),
        None => None,
    };
    let past = history::past_runs(&repository)?;
    let outlook = outlook::of(&repository, &past, &plan, &chosen)?;
    for line in &outlook.lines {
        say!("{line}");
    }
    if (outlook.needs_consent || args.epics.is_empty()) && !args.yes {
        let names: Vec<&str> = chosen.iter().map(|id| id.as_str()).collect();
        if !agrees(&format!("set back {}?", names.join(", ")))? {
            return Err(Refusal::input("nothing was changed; say --yes to set them back"));
        }
    }
    run::sweep_leftovers(&repository);
    for past in &past {
        history::mark_reset(&repository, past, &chosen)?;
    }
    write_prd(&prd, &plan, &chosen)?;
    let places = |run: &RunId| worktree_places(&repository, settings.worktrees_dir.as_deref(), &env, run);
    let n_kept = abandon_all(&repository, &past, &chosen, &places)?;
    Ok(if n_kept == 0 { ExitCode::Success } else { ExitCode::Environment })
}

fn chosen(plan: &Plan, named: &[EpicId]) -> Result<BTreeSet<EpicId>, Refusal> {
    if named.is_empty() {
        return Ok(plan.epics().iter().map(|epic| epic.id.clone()).collect());
    }
    let unknown: Vec<&str> = named.iter().filter(|id| plan.epic(id).is_none()).map(EpicId::as_str).collect();
    if unknown.is_empty() {
        return Ok(named.iter().cloned().collect());
    }
    let known: Vec<&str> = plan.epics().iter().map(|epic| epic.id.as_str()).collect();
    Err(Refusal::input(format!("there is no epic {}; there are {}", unknown.join(", "), known.join(", "))))
}

fn write_prd(path: &Path, plan: &Plan, chosen: &BTreeSet<EpicId>) -> Result<(), Refusal> {
    let broken = |error: &dyn std::fmt::Display| Refusal::environment(format!("{}: {error}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| broken(&error))?;
    let states: Vec<PrdState> = plan.epics().iter().filter(|epic| chosen.contains(&epic.id)).map(pending).collect();
    let edited = prd::apply(&text, &states).map_err(|fault| broken(&fault))?;
    if edited.text != text {
        write_atomic(path, edited.text.as_bytes()).map_err(Refusal::environment)?;
    }
    Ok(())
}

fn pending(epic: &Epic) -> PrdState {
    let stories = epic.user_stories.iter().map(|story| (story.id.clone(), false, None)).collect();
    PrdState { epic: epic.id.clone(), status: Status::Pending, stories }
}

/// Takes the worktrees and branches of all runs away. How many had to be kept.
fn abandon_all(
    repository: &Repository,
    past: &[PastRun],
    chosen: &BTreeSet<EpicId>,
    places: &dyn Fn(&RunId) -> Result<paths::Worktrees, Refusal>,
) -> Result<usize, Refusal> {
    let mut n_kept = 0;
    for epic in chosen {
        say!("{epic}: pending again, all of its stories are to be done");
        let scope = Scope::Epic(epic.clone());
        for past in past {
            let places = places(&past.run)?;
            let root = places.path().parent().unwrap_or(places.path());
            let worktrees = Worktrees::open(repository.git.clone(), root).map_err(Refusal::environment)?;
            let branch = past.run.epic_branch(&scope.slug());
            match worktrees.abandon(&branch, &places.track(&scope)).map_err(Refusal::environment)? {
                Abandoned::Nothing => {}
                Abandoned::Saved(references) => say!("  {branch} is gone, saved as {}", references.join(", ")),
                Abandoned::Kept(reason) => {
                    n_kept += 1;
                    say!("  {branch} is kept, and no run goes on from it: {reason}");
                }
            }
        }
    }
    Ok(n_kept)
}
