//! `ralph-teams resume`: lock, fold the journal, say `Resumed`. The ordinary loop does the rest.

use super::launch::{Life, live};
use super::refusal::Refusal;
use super::repository::{Repository, environment};
use super::{history, inputs, preflight, run};
use crate::cli::{DEFAULT_PRD, ResumeArgs};
use crate::clock::Clock;
use crate::config::Overrides;
use crate::domain::id::RunId;
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
    let run = which(&repository, args.run.as_deref())?;
    let env = environment();
    let settings = inputs::settings(&repository.checkout, None, &env, &Overrides::from(args))?;
    preflight::room(&repository.checkout)?;
    let team = preflight::team(&repository, &settings, &env)?;
    let _lock = run::lock(&repository, &run, &Clock::going_on_from(0).stamp())?;
    let path = repository.state.run(&run).journal();
    let (journal, replayed) = Journal::open(&path).map_err(Refusal::environment)?;
    let mut scheduler = Scheduler::default();
    let mut last = 0;
    for (at, event) in &replayed.events {
        scheduler.handle(*at, event);
        last = *at;
    }
    let (Some(plan), Some(old)) = (scheduler.plan().cloned(), scheduler.policy().cloned()) else {
        return Err(Refusal::environment(format!("run {run} never began; start a new one with `ralph-teams run`")));
    };
    if let Some(end @ crate::domain::outcome::RunEnd::Judged { .. }) = scheduler.ended() {
        eprintln!("run {run} is over: its verdict is in {}", repository.state.run(&run).report_md().display());
        return Ok(ExitCode::of_run(end));
    }
    run::sweep_leftovers(&repository);
    let policy = policy_of(&old, &settings.policy, args.parallel.is_some());
    let prd = repository.checkout.join(scheduler.prd().unwrap_or(DEFAULT_PRD));
    let clock = Clock::going_on_from(last);
    let first = Event::Resumed { policy: Box::new(policy) };
    live(Life {
        repository,
        run,
        plan,
        prd,
        settings,
        team,
        env,
        clock,
        scheduler,
        journal,
        first,
        ui: args.ui,
        theme: args.theme,
    })
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
        return repository
            .state
            .newest()
            .ok_or_else(|| Refusal::input("there is no run to resume here; start one with `ralph-teams run`"));
    };
    let known = history::run_ids(repository);
    known.iter().find(|run| run.as_str() == named).cloned().ok_or_else(|| {
        let known: Vec<&str> = known.iter().map(RunId::as_str).collect();
        Refusal::input(format!("there is no run {named}; there are: {}", known.join(", ")))
    })
}
