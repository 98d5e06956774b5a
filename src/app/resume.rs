//! `ralph-teams resume`: lock, fold the journal, say `Resumed`. The ordinary loop does the rest.

use super::flags::Flags;
use super::launch::{Shown, Site, State, live};
use super::refusal::Refusal;
use super::repository::{Repository, environment};
use super::{edits, history, inputs, preflight, run, team};
use crate::cli::{DEFAULT_PRD, ResumeArgs};
use crate::clock::Clock;
use crate::config::Overrides;
use crate::domain::id::{EpicId, RunId};
use crate::domain::policy::Policy;
use crate::exit::ExitCode;
use crate::journal::Journal;
use crate::scheduler::Scheduler;
use crate::scheduler::event::Event;

/// `ralph-teams resume`.
///
/// # Errors
/// There is nothing to resume, or it is refused.
pub fn resume(args: &ResumeArgs) -> Result<ExitCode, Refusal> {
    let repository = Repository::here()?;
    let run = history::which(&repository, args.run.as_deref(), "resume")?;
    let env = environment();
    let mut flags = Flags::read(&repository.state.run(&run))?;
    let mut overrides = Overrides::from(args);
    flags.fill(&mut overrides);
    let settings = inputs::settings(&repository.checkout, flags.config.as_deref(), &env, &overrides)?;
    preflight::room(&repository.checkout, settings.min_free_mib)?;
    let team = preflight::team(&repository, &settings, &env)?;
    let lock = run::lock(&repository, &run, &Clock::going_on_from(0).stamp())?;
    let path = repository.state.run(&run).journal();
    let (mut journal, replayed) = Journal::open(&path).map_err(Refusal::environment)?;
    let mut scheduler = Scheduler::default();
    let mut last = 0;
    for (at, event) in &replayed.events {
        scheduler.handle(*at, event);
        last = *at;
    }
    let Some(old) = scheduler.policy().cloned() else {
        return Err(Refusal::environment(format!("run {run} never began; start a new one with `ralph-teams run`")));
    };
    if let Some(end @ crate::domain::outcome::RunEnd::Judged { .. }) = scheduler.ended() {
        note!("run {run} is over: its verdict is in {}", repository.state.run(&run).report_md().display());
        return Ok(ExitCode::of_run(end));
    }
    loop_branch_stands(&repository, &scheduler, &replayed.events)?;
    refuse_after_reset(&repository, &run)?;
    let prd = repository.checkout.join(scheduler.prd().unwrap_or(DEFAULT_PRD));
    if !args.ignore_prd_edits {
        edits::take_in(&run, &prd, &mut scheduler, &mut journal, last)?;
    }
    let Some(plan) = scheduler.plan().cloned() else { return Err(Refusal::internal("a run without a plan")) };
    flags.take_limits(&overrides);
    flags.keep(&repository.state.run(&run))?;
    run::sweep_leftovers(&repository);
    let policy = policy_of(&old, &settings.policy, args.parallel.is_some());
    let policy = Policy { backends: team::backends(&team), ..policy };
    let clock = Clock::going_on_from(last);
    let first = Event::Resumed { policy: Box::new(policy) };
    let site = Site { repository, lock, run, plan, prd, settings, team, env };
    live(site, State { clock, scheduler, journal, first }, Shown { ui: args.ui, theme: args.theme })
}

/// A run that merged or began an epic which was set back later would bring the old work of it back.
fn refuse_after_reset(repository: &Repository, run: &RunId) -> Result<(), Refusal> {
    let reset = history::reset_in(repository, run)?;
    if reset.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = reset.iter().map(EpicId::as_str).collect();
    Err(Refusal::input(format!(
        "run {run} cannot go on: {} was set back after it had begun with it; a new run goes on from what it left: \
         ralph-teams run",
        names.join(", ")
    )))
}

/// Makes sure that nobody moved the loop branch while the run was away: what stands on it now was not proven by this
/// run, and nothing may be built on it before a person looked.
fn loop_branch_stands(repository: &Repository, scheduler: &Scheduler, events: &[(u64, Event)]) -> Result<(), Refusal> {
    let has_opened = events.iter().any(|(_, event)| matches!(event, Event::Opened { .. }));
    let Some(view) = scheduler.view().filter(|_| has_opened) else { return Ok(()) };
    let (branch, left_at) = (view.run.loop_branch(), view.loop_tip);
    let tip = repository.git.branch_tip(&branch).map_err(Refusal::environment)?;
    // A kill may fall between a publication and the word of it.
    let candidate = events
        .iter()
        .rev()
        .find_map(|(_, event)| if let Event::CandidateBuilt { commit, .. } = event { Some(commit) } else { None });
    let (what, option) = match tip {
        Some(tip) if tip == left_at || Some(&tip) == candidate => return Ok(()),
        Some(tip) => (format!("was moved to {tip} by somebody else"), "-f "),
        None => ("was deleted by somebody else".to_owned(), ""),
    };
    Err(Refusal::environment(format!(
        "{branch} {what} while the run was away; it was left at {left_at}, and nothing was changed: \
         put it back with `git branch {option}{branch} {left_at}`, then resume"
    )))
}

/// The limits of the new life: the configuration as it is now, but what was selected stays selected.
fn policy_of(old: &Policy, now: &Policy, slots_are_given: bool) -> Policy {
    Policy {
        slots: if slots_are_given { now.slots } else { old.slots },
        schedule: old.schedule,
        max_epics: old.max_epics,
        only: old.only.clone(),
        ..now.clone()
    }
}

/// The run that is named, or the newest one.
///
/// # Errors
/// There is none.
pub fn which(repository: &Repository, named: Option<&str>) -> Result<RunId, Refusal> {
    let Some(named) = named else {
        return history::newest(repository)
            .ok_or_else(|| Refusal::input("there is no run to resume here; start one with `ralph-teams run`"));
    };
    let known = history::run_ids(repository);
    known.iter().find(|run| run.as_str() == named).cloned().ok_or_else(|| {
        let known: Vec<&str> = known.iter().map(RunId::as_str).collect();
        Refusal::input(format!("there is no run {named}; there are: {}", known.join(", ")))
    })
}
