//! `ralph-teams run`: inputs, the look before, and the first life of a new run.

use std::path::{Path, PathBuf};

use super::flags::Flags;
use super::launch::{Shown, Site, State, live};
use super::refusal::Refusal;
use super::repository::{Repository, environment};
use super::{base, history, inputs, preflight, team, unfinished};
use crate::cli::values::Dirty;
use crate::cli::{DEFAULT_PRD, RunArgs};
use crate::clock::Clock;
use crate::config::Overrides;
use crate::domain::id::{CommitId, RunId};
use crate::domain::policy::Policy;
use crate::effects::git::locks::SharedLock;
use crate::effects::host::sweep::{Mark, sweep};
use crate::effects::lock::{self, Holder, LockFault, RunnerLock};
use crate::exit::ExitCode;
use crate::journal::{Header, Journal};
use crate::scheduler::Scheduler;
use crate::scheduler::event::{Begun, Event};

/// `ralph-teams run`.
///
/// # Errors
/// It is refused; nothing was changed then.
pub fn run(args: &RunArgs) -> Result<ExitCode, Refusal> {
    run_of(args, Kind::Prd).map(|done| done.code)
}

/// What a run works through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The PRD of a person.
    Prd,
    /// A single task, whose PRD is ours. It begins at `HEAD` and says nothing about any PRD: neither does it go on from
    /// another run, nor is it the one that other commands mean when no run is named.
    Task,
}

/// What came of a run.
pub struct Done {
    /// The exit code.
    pub code: ExitCode,
    /// Its id.
    pub run: RunId,
}

/// Lives the first life of a new run.
///
/// # Errors
/// It is refused; nothing was changed then.
pub fn run_of(args: &RunArgs, kind: Kind) -> Result<Done, Refusal> {
    let mut plan = inputs::plan(&args.prd)?;
    let prd = absolute(&args.prd)?;
    let repository = Repository::of(prd.parent().unwrap_or(&prd))?;
    let env = environment();
    let settings = inputs::settings(&repository.checkout, args.config.as_deref(), &env, &Overrides::from(args))?;
    preflight::selection(&plan, &settings.policy)?;
    let head = preflight::repository(&repository)?;
    preflight::room(&repository.checkout, settings.min_free_mib)?;
    let team = preflight::team(&repository, &settings, &env)?;
    let past = match kind {
        Kind::Prd => history::past_runs(&repository)?,
        Kind::Task => Vec::new(),
    };
    // One that is at work is not left unfinished; the lock refuses then.
    if lock::holder(repository.git.common_dir()).is_none() {
        unfinished::refuse(&repository.git, &past, args)?;
    }
    let base = base::choose(&repository, &head, &past, &plan, args.base)?;
    if args.dirty == Dirty::Refuse {
        preflight::clean(&repository, &users_prd(&repository, &prd, kind))?;
    }
    let clock = Clock::going_on_from(0);
    let run = clock.new_run_id(&mut fastrand::Rng::new()).map_err(Refusal::internal)?;
    let lock = lock(&repository, &run, &clock.stamp())?;
    let kept = base::keep(&repository.git, &past, &mut plan, &base.commit).map_err(Refusal::environment)?;
    // From here on things are changed.
    let start = start(&repository, &prd, args.dirty, &base)?;
    tell(&base.notes, &kept.notes, &past);
    sweep_leftovers(&repository);
    repository.git.exclude_our_folders().map_err(Refusal::environment)?;
    let run_dir = repository.state.begin(&run).map_err(Refusal::environment)?;
    let header = Header::new(run.clone(), env!("CARGO_PKG_VERSION"), &clock.stamp());
    Flags::of(args)?.keep(&run_dir)?;
    let journal = Journal::create(&run_dir.journal(), &header).map_err(Refusal::environment)?;
    if kind == Kind::Prd {
        repository.state.point_current(&run).map_err(Refusal::environment)?;
    }
    let policy = Policy { backends: team::backends(&team), ..settings.policy.clone() };
    let begun = Begun {
        run: run.clone(),
        plan: plan.clone(),
        policy,
        base: base.commit,
        start,
        prd: prd.display().to_string(),
        kept: kept.commits,
    };
    let first = Event::Begun(Box::new(begun));
    let scheduler = Scheduler::default();
    let site = Site { repository, lock, run: run.clone(), plan, prd, settings, team, env };
    let code = live(site, State { clock, scheduler, journal, first }, Shown { ui: args.ui, theme: args.theme })?;
    Ok(Done { code, run })
}

/// The PRD that may be modified in the user's checkout, because runs write into it.
pub fn users_prd(repository: &Repository, prd: &Path, kind: Kind) -> PathBuf {
    match kind {
        Kind::Prd => prd.to_owned(),
        Kind::Task => repository.checkout.join(DEFAULT_PRD),
    }
}

/// The first commit of the loop branch.
fn start(repository: &Repository, prd: &Path, dirty: Dirty, base: &base::Base) -> Result<CommitId, Refusal> {
    match dirty {
        Dirty::Refuse | Dirty::Ignore => Ok(base.commit.clone()),
        Dirty::Snapshot if base.is_head => {
            let message = "Snapshot of work that was not committed when the run began";
            repository.git.snapshot(Some(prd), message).map_err(Refusal::environment)
        }
        Dirty::Snapshot => Err(Refusal::environment(
            "--dirty snapshot: this run goes on from a loop branch, and your changes are on top of HEAD; \
             land or merge that branch first, or choose --base head or --dirty ignore",
        )),
    }
}

fn tell(base: &[String], kept: &[String], past: &[history::PastRun]) {
    for note in base.iter().chain(kept) {
        note!("note: {note}");
    }
    if let Some(last) = past.first().filter(|run| run.can_go_on()) {
        note!("note: run {} did not come to its end; `ralph-teams resume {}` would go on with it", last.run, last.run);
    }
}

/// Takes the lock of the repository.
///
/// # Errors
/// Another runner has it, or it cannot be written.
pub fn lock(repository: &Repository, run: &RunId, stamp: &str) -> Result<RunnerLock, Refusal> {
    let holder = Holder::this_process(run.clone(), stamp);
    RunnerLock::acquire(repository.git.common_dir(), &holder).map_err(|fault: LockFault| Refusal::environment(fault))
}

/// Ends processes that an earlier life of any run of this repository left behind, the lock says that none is alive, and
/// removes the lock file that one of them may have left on the user's references.
pub fn sweep_leftovers(repository: &Repository) {
    let runs = history::run_ids(repository);
    let names: Vec<&str> = runs.iter().map(RunId::as_str).collect();
    let swept = sweep(&Mark { runs: &names, job: None });
    for process in &swept.killed {
        note!(
            "note: process {} of run {} was still alive and was ended: {}",
            process.pid,
            process.run,
            process.command
        );
    }
    match repository.git.unlock_packed_refs() {
        Ok(SharedLock::Free) => {}
        Ok(SharedLock::Removed(lock)) => note!("note: removed {}, left by a git that was killed", lock.display()),
        Ok(SharedLock::Kept(lock, why)) => note!(
            "note: {} is there, and while it is, git can delete no branch. {why}. If no git is at work, remove it.",
            lock.display()
        ),
        Err(fault) => note!("note: {fault}"),
    }
}

/// A path in full.
///
/// # Errors
/// The current folder is gone, or there is no such file.
pub fn absolute(path: &Path) -> Result<PathBuf, Refusal> {
    std::path::absolute(path).map_err(|error| Refusal::input(format!("{}: {error}", path.display())))
}
