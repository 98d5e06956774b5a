//! One life of a run: everything is put together, the loop runs, and what is left is said.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::refusal::Refusal;
use super::repository::{Repository, worktree_places};
use super::team::this_program;
use super::tui;
use crate::cli::values::{ThemeName, UiMode};
use crate::clock::Clock;
use crate::config::settings::Settings;
use crate::domain::id::{RunId, Slug};
use crate::domain::outcome::RunEnd;
use crate::domain::plan::Plan;
use crate::driver::{DriveError, Driver, Effects, Inputs, Ledger};
use crate::effects::context::{Context, PathRules, Setup, Team};
use crate::effects::desk::{self, Desk};
use crate::effects::disk;
use crate::effects::fs::open_append;
use crate::effects::git::snapshot::BackupName;
use crate::effects::guard::Guard;
use crate::effects::hands::{Hands, Outbox};
use crate::effects::host::spec::RUN_VARIABLE;
use crate::effects::prompt::{PROMPTS_DIRECTORY, Templates};
use crate::effects::worktree::{Removal, Worktrees};
use crate::exit::ExitCode;
use crate::journal::Journal;
use crate::scheduler::{Command, Event, Scheduler};
use crate::signals::Signals;
use crate::ui::progress::Progress;
use crate::ui::screen::{self, Mode};
use crate::ui::tui::Ask;
use crate::ui::tui::screen::{self as full, Screen};
use crate::ui::{Sink, Sinks, summary};

/// Activities of agents that may wait to be shown; more are dropped.
const ACTIVITIES: usize = 512;

/// What a life of a run begins with.
pub struct Life {
    /// The repository.
    pub repository: Repository,
    /// The run.
    pub run: RunId,
    /// What is to be done.
    pub plan: Plan,
    /// The user's `prd.json`.
    pub prd: PathBuf,
    /// The merged configuration.
    pub settings: Settings,
    /// Who works.
    pub team: Team,
    /// The environment of this process.
    pub env: BTreeMap<String, String>,
    /// The time.
    pub clock: Clock,
    /// The state so far.
    pub scheduler: Scheduler,
    /// Where events are written.
    pub journal: Journal,
    /// The first event of this life.
    pub first: Event,
    /// What is shown.
    pub ui: UiMode,
    /// Its colours.
    pub theme: ThemeName,
}

impl Ledger for Journal {
    fn append(&mut self, at: u64, event: &Event) -> std::io::Result<()> {
        Self::append(self, at, event)
    }

    fn release_reserve(&mut self) -> bool {
        Self::release_reserve(self)
    }
}

impl Effects for Hands {
    fn start(&mut self, command: Command) {
        Self::start(self, command);
    }

    fn suspend(&mut self) {
        Self::suspend(self);
    }

    fn go_on(&mut self) {
        Self::go_on(self);
    }
}

/// Lives it.
///
/// # Errors
/// It cannot be put together, or the loop cannot go on.
pub fn live(life: Life) -> Result<ExitCode, Refusal> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Refusal::internal)?;
    let code = runtime.block_on(in_runtime(life));
    // Hosts kill their trees once the pipe from us is closed; nothing is waited for.
    runtime.shutdown_background();
    code
}

async fn in_runtime(life: Life) -> Result<ExitCode, Refusal> {
    let _log = log_to(&life.repository);
    let signals = Signals::listen().map_err(Refusal::environment)?;
    let (ask, asks_in) = mpsc::unbounded_channel();
    let mut sinks = sinks(&life, ask)?;
    let (desk, calls) = open_desk(&life).unzip();
    let context = Arc::new(context(&life, desk)?);
    let min_free_mib = u64::from(life.settings.min_free_mib);
    let Life { repository, run, mut scheduler, mut journal, first, clock, .. } = life;
    let (replies, replies_in) = mpsc::unbounded_channel();
    let (activities, activities_in) = mpsc::channel(ACTIVITIES);
    let shared = Arc::clone(&context);
    let folders = vec![repository.checkout.clone(), context.places.path().to_owned()];
    tokio::spawn(disk::watch(folders, min_free_mib, replies.clone()));
    if let Some(calls) = calls {
        tokio::spawn(desk::serve(calls, Arc::clone(&context), replies.clone()));
    }
    let mut hands = Hands::new(context, Outbox { replies, activities });
    let inputs = Inputs { replies: replies_in, activities: activities_in, asks: asks_in };
    let mut driver = Driver {
        scheduler: &mut scheduler,
        ledger: &mut journal,
        effects: &mut hands,
        sinks: &mut sinks,
        clock: &clock,
    };
    let ended = driver.drive(first, inputs, signals).await;
    if let Some(desk) = &shared.desk {
        desk.close();
    }
    if matches!(ended, Ok(RunEnd::Judged { .. })) {
        remove_shared_worktrees(&shared, &run);
    }
    close(&repository, &run, &scheduler, &mut sinks, &ended);
    match ended {
        Ok(end) => Ok(ExitCode::of_run(&end)),
        Err(error @ DriveError::Full(_)) => Err(Refusal::limit(format!("{run}: {error}"))),
        Err(error @ DriveError::Journal(_)) => Err(Refusal::environment(format!("{run}: {error}"))),
        Err(error @ DriveError::HandsGone) => Err(Refusal::internal(format!("{run}: {error}"))),
    }
}

/// Nobody needs the integration worktree and the validator's after the verdict, and they are the largest. Worktrees of
/// epics that were not merged stay: a person may want to look.
fn remove_shared_worktrees(context: &Context, run: &RunId) {
    let proof = format!("refs/heads/{}", run.loop_branch());
    for path in [context.places.integration(), context.places.validation()] {
        let name = path.file_name().map(|name| Slug::of(&name.to_string_lossy()));
        let backup = BackupName::new(run, &name.unwrap_or_else(|| Slug::of("shared")));
        match context.worktrees.remove(&path, &proof, &backup) {
            Ok(Removal::Removed) => {}
            Ok(Removal::Kept(reason)) => tracing::warn!("{} is kept: {reason}", path.display()),
            Err(error) => tracing::warn!("{} is kept: {error}", path.display()),
        }
    }
    crate::effects::fs::remove_empty_directory(context.places.path());
}

/// The card at the end, and the terminal given back.
fn close(
    repository: &Repository,
    run: &RunId,
    scheduler: &Scheduler,
    sinks: &mut Sinks,
    ended: &Result<RunEnd, DriveError>,
) {
    if let (Some(view), Ok(_)) = (scheduler.view(), ended) {
        let run_dir = repository.state.run(run).path().to_owned();
        let shown = run_dir.strip_prefix(&repository.checkout).unwrap_or(&run_dir).display().to_string();
        sinks.card(&summary::end_card(&view, &shown, &run.loop_branch()));
    }
    sinks.close();
}

/// Our own diagnostics go to a file; nothing but the sinks writes to the terminal while a run lives.
fn log_to(repository: &Repository) -> Option<tracing_appender::non_blocking::WorkerGuard> {
    let file = tracing_appender::rolling::never(repository.state.logs(), "ralph-teams.log");
    let (writer, guard) = tracing_appender::non_blocking::NonBlockingBuilder::default().lossy(false).finish(file);
    let level = tracing_subscriber::EnvFilter::try_from_env("RALPH_LOG")
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("info"));
    let subscriber = tracing_subscriber::fmt().with_env_filter(level).with_writer(writer).with_ansi(false).finish();
    // Set already only when a test lives twice in one process.
    tracing::subscriber::set_global_default(subscriber).ok().map(|()| guard)
}

fn sinks(life: &Life, ask: mpsc::UnboundedSender<Ask>) -> Result<Sinks, Refusal> {
    let mode = match life.ui {
        UiMode::Auto => Mode::Auto,
        UiMode::Tui => Mode::Tui,
        UiMode::Plain => Mode::Plain,
        UiMode::Json => Mode::Json,
    };
    let progress = open_append(&life.repository.state.progress()).map_err(Refusal::environment)?;
    let clock = life.clock.clone();
    let mut sinks =
        Sinks::new().with("progress.txt", Box::new(Progress::new(progress, Box::new(move || clock.stamp()))));
    match screen::on_stdout(mode, |after| full_screen(life, ask, after)) {
        Ok(screen) => sinks = sinks.with("standard output", screen),
        Err(error) => tracing::warn!("standard output cannot be used ({error}); the run goes on without it"),
    }
    Ok(sinks)
}

fn full_screen(life: &Life, ask: mpsc::UnboundedSender<Ask>, after: Box<dyn Sink + Send>) -> std::io::Result<Screen> {
    let Life { repository, run, plan, team, settings, clock, .. } = life;
    let opener = tui::Opener::new(repository, run, Some(settings));
    let clock = clock.clone();
    Screen::open(full::Setup {
        facts: tui::facts(repository, run, plan, team, settings),
        theme: tui::theme(life.theme),
        now: Box::new(move || clock.running_ms()),
        now_is_running_time: true,
        // The driver goes only when the run is over, and then nothing is left to ask for.
        asks: Box::new(move |wish| drop(ask.send(wish))),
        outside: Box::new(move |what| opener.open(what)),
        after,
    })
}

/// Where sessions call our tools. Without a place for it they work without.
fn open_desk(life: &Life) -> Option<(Desk, tokio::net::UnixListener)> {
    let folders = desk::folders(&life.repository.state.run(&life.run), &life.env);
    match life.settings.tools.then(|| Desk::open(&folders))? {
        Ok(opened) => Some(opened),
        Err(fault) => {
            tracing::warn!("sessions get no tools: {fault}");
            None
        }
    }
}

fn context(life: &Life, desk: Option<Desk>) -> Result<Context, Refusal> {
    let Life { repository, run, settings, env, .. } = life;
    let places = worktree_places(repository, settings.worktrees_dir.as_deref(), env, run)?;
    // All runs of the repository share one folder, so that what an earlier one left can be repaired.
    let root = places.path().parent().unwrap_or(places.path()).to_owned();
    let policy = life.scheduler.policy().unwrap_or(&settings.policy);
    // A git that outlives this life, because a filter of the user's is slow, is found by its mark and ended by the next
    // one: two of them at work in one worktree would undo each other's.
    let git = repository.git.clone().with_env(RUN_VARIABLE, run.as_str());
    let templates = Templates::load(&repository.checkout.join(PROMPTS_DIRECTORY)).map_err(Refusal::environment)?;
    Ok(Context {
        run: run.clone(),
        plan: life.plan.clone(),
        gates: policy.gates.clone(),
        idle_timeout_ms: policy.idle_timeout_ms,
        stagnation_turns: policy.stagnation_turns,
        git: git.clone(),
        prd: life.prd.clone(),
        state: repository.state.clone(),
        run_dir: repository.state.run(run),
        worktrees: Worktrees::open(git, &root).map_err(Refusal::environment)?,
        places,
        setup: settings
            .setup
            .as_ref()
            .map(|setup| Setup { command: setup.command.clone(), timeout_ms: setup.timeout_ms }),
        include: settings.include.clone(),
        rules: PathRules { allowed: settings.paths.allowed.clone(), forbidden: settings.paths.forbidden.clone() },
        team: life.team.clone(),
        templates,
        env: env.clone(),
        host_program: this_program()?,
        is_root: rustix::process::geteuid().is_root(),
        clock: life.clock.clone(),
        desk,
        guard: Guard::new(repository.git.clone(), life.prd.clone()),
        integration: tokio::sync::Mutex::new(()),
    })
}
