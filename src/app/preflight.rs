//! The look before a run: everything that can be known to go wrong is said before anything is touched.

use std::collections::BTreeSet;
use std::path::Path;

use super::refusal::Refusal;
use super::repository::Repository;
use super::team;
use crate::config::settings::Settings;
use crate::domain::id::CommitId;
use crate::domain::outcome::Status;
use crate::domain::plan::Plan;
use crate::domain::policy::Policy;
use crate::effects::backend::{Accounts, ROLES_DIRECTORY};
use crate::effects::context::Team;
use crate::effects::disk::MIB;
use crate::effects::fs::free_space;
use crate::effects::git::Program;
use crate::effects::git::read::Head;

/// Files of a dirty checkout that are listed at most.
const LISTED: usize = 15;

/// Looks at the repository: git, commits, identity, names.
///
/// # Errors
/// The first thing that would make every run fail.
pub fn repository(repository: &Repository) -> Result<CommitId, Refusal> {
    let git = &repository.git;
    Program::new("git").version().map_err(Refusal::environment)?;
    let Some(head) = git.resolve("HEAD").map_err(Refusal::environment)? else {
        return Err(Refusal::environment("this repository has no commit yet; make a first one, then run again"));
    };
    if let Head::Branch { name: branch, .. } = git.head().map_err(Refusal::environment)?
        && branch.starts_with("ralph/")
    {
        return Err(Refusal::environment(format!(
            "this checkout is on {branch}, a branch of a run; start from a checkout that is on a branch of yours"
        )));
    }
    git.check_identity().map_err(Refusal::environment)?;
    for name in ["ralph", "ralph/loop", "ralph/epic"] {
        if git.branch_tip(name).map_err(Refusal::environment)?.is_some() {
            return Err(Refusal::environment(format!(
                "a branch named {name} exists, so git cannot make branches below it; rename it: git branch -m {name} {name}-old"
            )));
        }
    }
    Ok(head)
}

/// Whether the disk has room: worktrees, build outputs and git itself need some.
///
/// # Errors
/// It has not.
pub fn room(path: &Path, min_free_mib: u32) -> Result<(), Refusal> {
    let free_mib = free_space(path).map_err(Refusal::environment)? / MIB;
    if free_mib < u64::from(min_free_mib) {
        return Err(Refusal::environment(format!(
            "only {free_mib} MiB are free at {}; at least {min_free_mib} MiB are needed: make some room, or lower \
             policy.minFreeMb in ralph.config.yml",
            path.display()
        )));
    }
    Ok(())
}

/// Looks for work in the checkout that is not committed.
///
/// # Errors
/// There is some: the files, and what can be done.
pub fn clean(repository: &Repository, prd: &Path) -> Result<(), Refusal> {
    let advice = "commit them, or choose --dirty snapshot (the run starts from a copy of them) or --dirty ignore (it \
                  starts without them)";
    nothing_dirty(repository, Some(prd), advice)
}

/// The same before a landing.
///
/// # Errors
/// There is some: the files, and what can be done.
pub fn clean_to_land(repository: &Repository, prd: Option<&Path>) -> Result<(), Refusal> {
    nothing_dirty(repository, prd, "commit or stash them, then land again; nothing was changed")
}

fn nothing_dirty(repository: &Repository, prd: Option<&Path>, advice: &str) -> Result<(), Refusal> {
    let changes = repository.git.dirty(prd).map_err(Refusal::environment)?;
    if changes.is_empty() {
        return Ok(());
    }
    let mut files: Vec<String> = changes.iter().map(|change| format!("  {}", change.path.display())).collect();
    let more = files.len().saturating_sub(LISTED);
    files.truncate(LISTED);
    if more > 0 {
        files.push(format!("  and {more} more"));
    }
    Err(Refusal::environment(format!(
        "your checkout has changes that are not committed:\n{}\n{advice}",
        files.join("\n")
    )))
}

/// Looks at what is selected.
///
/// # Errors
/// An id that does not exist, or a selected epic that waits for one that is neither selected nor completed.
pub fn selection(plan: &Plan, policy: &Policy) -> Result<(), Refusal> {
    let mut faults = Vec::new();
    for id in &policy.only {
        let Some(epic) = plan.epic(id) else {
            let known: Vec<&str> = plan.epics().iter().map(|epic| epic.id.as_str()).collect();
            faults.push(format!("--only {id}: there is no such epic; there are {}", known.join(", ")));
            continue;
        };
        for dependency in &epic.depends_on {
            let completed = plan.epic(dependency).is_some_and(|other| other.status == Status::Completed);
            if !completed && !policy.only.contains(dependency) {
                faults.push(format!("--only {id}: it depends on {dependency}, which is not completed; select it too"));
            }
        }
    }
    if faults.is_empty() { Ok(()) } else { Err(Refusal::input(faults.join("\n"))) }
}

/// Looks for the agent programs, and puts the team together.
///
/// # Errors
/// A program is missing; what to do.
pub fn team(
    repository: &Repository,
    settings: &Settings,
    env: &std::collections::BTreeMap<String, String>,
) -> Result<Team, Refusal> {
    let team = team::assemble(repository, settings, env)?;
    for seat in team::needed(&team, settings) {
        seat.backend.locate().map_err(Refusal::environment)?;
    }
    super::prompts::warn_of_outdated(&repository.checkout.join(ROLES_DIRECTORY))?;
    for warning in budget_warnings(&team, settings) {
        note!("warning: {warning}");
    }
    Ok(team)
}

/// What of a budget cannot be held, because nobody will know what is consumed.
fn budget_warnings(team: &Team, settings: &Settings) -> BTreeSet<String> {
    let budget = settings.policy.budget;
    let bounds_cost = [budget.run, budget.epic].iter().any(|allowance| allowance.max_cost_microdollars.is_some());
    let bounds_tokens = [budget.run, budget.epic].iter().any(|allowance| allowance.max_tokens.is_some());
    let mut warnings = BTreeSet::new();
    for seat in team::needed(team, settings) {
        let backend = seat.backend.name();
        let model = seat.model.as_deref().map_or("its own model".to_owned(), |model| format!("model {model}"));
        let is_priced = seat.model.as_deref().is_some_and(|model| settings.prices.of(model).is_some());
        match seat.backend.accounts() {
            Accounts::Tokens if bounds_cost && !is_priced => drop(warnings.insert(format!(
                "budget.maxCostUsd cannot be held for {backend} with {model}: no price is known; add it to `prices`, or \
                 use budget.maxTokens"
            ))),
            Accounts::Nothing if bounds_cost || bounds_tokens => drop(warnings.insert(format!(
                "the budget cannot be held for {backend}: its sessions tell nothing of what they consume; bound the run \
                 by timeouts.loopTimeout"
            ))),
            Accounts::AsToldByAgent if bounds_cost || bounds_tokens => drop(warnings.insert(format!(
                "the budget is held for {backend} only as far as its agent tells what it consumes; bound the run by \
                 timeouts.loopTimeout too"
            ))),
            Accounts::Money | Accounts::Tokens | Accounts::Nothing | Accounts::AsToldByAgent => {}
        }
    }
    warnings
}
