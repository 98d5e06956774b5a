//! `ralph-teams task`: one sentence becomes a PRD of one epic, an ordinary run works through it, and it lands.
//!
//! **Invariant:** a task changes nothing of what is known of the runs of a PRD: it has a PRD of its own, begins at `HEAD`, and is
//! never the run that a command means without a name.

use std::io::Read as _;
use std::path::Path;

use super::idea::ask::{has_person, wants};
use super::land;
use super::refusal::Refusal;
use super::repository::Repository;
use super::run::{Done, Kind, run_of, users_prd};
use super::{history, plan, preflight};
use crate::cli::values::{Dirty, UiMode};
use crate::cli::{Cli, Command, PlanArgs, RunArgs, TaskArgs};
use crate::clock::Clock;
use crate::domain::id::RunId;
use crate::domain::idea::task_prd;
use crate::effects::fs::{create_directory, write_atomic};
use crate::exit::ExitCode;

/// Bytes of a task at most: more is not a task but a plan.
const TEXT_MAX: u64 = 64 * 1024;

/// `ralph-teams task`.
///
/// # Errors
/// It is refused; nothing was changed then.
pub fn task(args: &TaskArgs) -> Result<ExitCode, Refusal> {
    let text = text(&args.text)?;
    let repository = Repository::here()?;
    preflight::repository(&repository)?;
    // Before anything is done, and not when the work is ready to land.
    land::current_branch(&repository)?;
    if args.dirty == Dirty::Refuse {
        preflight::clean(&repository, &users_prd(&repository, Path::new(""), Kind::Task))?;
    }
    let id = write_prd(&repository, &text)?;
    let done = work(args, &repository.state.task(&id)).inspect_err(|_| forget(&repository, &id))?;
    if done.code != ExitCode::Success {
        note!("note: run {} was a task: no other run goes on from it; {}", done.run, what_now(done.code, &done.run));
        return Ok(done.code);
    }
    bring(args, &repository, &done)?;
    Ok(done.code)
}

/// What a person can do about a task that did not pass.
fn what_now(code: ExitCode, run: &RunId) -> String {
    match code {
        ExitCode::Limit | ExitCode::Interrupted | ExitCode::Environment => {
            format!("go on with it: ralph-teams resume {run}")
        }
        ExitCode::Success | ExitCode::Failed | ExitCode::BadInput | ExitCode::Internal => {
            "say it again with `ralph-teams task`".to_owned()
        }
    }
}

/// Takes the PRD of a task away when no run ever began with it.
fn forget(repository: &Repository, id: &str) {
    let prd = repository.state.task(id);
    let began = |runs: Vec<history::PastRun>| runs.iter().any(|run| run.prd.as_ref() == Some(&prd));
    if history::all_runs(repository).is_ok_and(|runs| !began(runs)) {
        repository.state.remove_task(id);
    }
}

fn text(given: &str) -> Result<String, Refusal> {
    let mut text = given.to_owned();
    if given == "-" {
        text.clear();
        let read = std::io::stdin().lock().take(TEXT_MAX + 1).read_to_string(&mut text);
        read.map_err(|error| Refusal::input(format!("standard input cannot be read: {error}")))?;
    }
    if text.len() as u64 > TEXT_MAX {
        return Err(Refusal::input(format!(
            "the task is longer than {TEXT_MAX} bytes; write it down and cut it: ralph-teams init --from FILE"
        )));
    }
    if text.trim().is_empty() {
        return Err(Refusal::input("the task is empty: say in a sentence what is to be true when it is done"));
    }
    Ok(text)
}

/// Writes the PRD of the task; its short name.
fn write_prd(repository: &Repository, text: &str) -> Result<String, Refusal> {
    repository.git.exclude_our_folders().map_err(Refusal::environment)?;
    let (clock, mut random) = (Clock::going_on_from(0), fastrand::Rng::new());
    let project = repository.checkout.file_name().map(|name| name.to_string_lossy().into_owned());
    let project = project.filter(|name| !name.trim().is_empty()).unwrap_or_else(|| "task".to_owned());
    loop {
        let long = clock.new_run_id(&mut random).map_err(Refusal::internal)?;
        let id = long.as_str().rsplit('-').next().unwrap_or(long.as_str()).to_owned();
        let path = repository.state.task(&id);
        if path.exists() {
            continue;
        }
        let folder = path.parent().unwrap_or(&path);
        let written = create_directory(folder);
        let text = task_prd(&id, &project, text);
        written.and_then(|()| write_atomic(&path, text.as_bytes())).map_err(Refusal::environment)?;
        return Ok(id);
    }
}

fn work(args: &TaskArgs, prd: &Path) -> Result<Done, Refusal> {
    if args.plan {
        let backend = args.backend.clone();
        plan::plan(&PlanArgs { prd: prd.to_owned(), backend, auto: !has_person(), ..PlanArgs::default() })?;
    }
    run_of(&run_args(args, prd)?, Kind::Task)
}

fn run_args(task: &TaskArgs, prd: &Path) -> Result<RunArgs, Refusal> {
    use clap::Parser as _;
    let line = ["ralph-teams".as_ref(), "run".as_ref(), "--".as_ref(), prd.as_os_str()];
    let Command::Run(args) = Cli::try_parse_from(line).map_err(Refusal::internal)?.command else {
        return Err(Refusal::internal("`run` was read as another command"));
    };
    let TaskArgs { backend, dirty, ui, theme, .. } = task.clone();
    Ok(RunArgs { backend, dirty, ui, theme, ..args })
}

/// Lands what is proven, as far as that was agreed on.
fn bring(args: &TaskArgs, repository: &Repository, done: &Done) -> Result<(), Refusal> {
    let (branch, _) = land::current_branch(repository)?;
    let waits = format!("it waits on {}; bring it in with: ralph-teams land {}", done.run.loop_branch(), done.run);
    let question = || wants(&format!("Land it on {branch}?"), true, &waits);
    // Standard output belongs to other programs then.
    let tell = |text: &str| if args.ui == UiMode::Json { note!("{text}") } else { say!("{text}") };
    if args.here || args.yes || has_person() && args.ui != UiMode::Json && question() {
        let landed = land::bring(repository, &done.run, false).map_err(|refusal| refusal.and(&waits))?;
        tell(&landed);
    } else {
        tell(&waits);
    }
    Ok(())
}
