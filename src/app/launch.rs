//! One life of a run: everything is put together, the loop runs, and what is left is said.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::hooks::Hooks;
use super::refusal::Refusal;
use super::repository::{Repository, worktree_places};
use super::team::this_program;
use super::{tui, watch};
use crate::cli::values::{ThemeName, UiMode};
use crate::clock::Clock;
use crate::config::settings::Settings;
use crate::domain::id::{RunId, Slug};
use crate::domain::outcome::RunEnd;
use crate::domain::plan::Plan;
use crate::driver::{DriveError, Driver, Effects, Inputs, Ledger};
use crate::effects::context::{Context, PathRules, Setup, Team};
use crate::effects::delegations::Delegations;
use crate::effects::desk::{self, Desk};
use crate::effects::disk;
use crate::effects::fs::open_append;
use crate::effects::git::snapshot::BackupName;
use crate::effects::guard::Guard;
use crate::effects::hands::{Hands, Outbox};
use crate::effects::host::spec::RUN_VARIABLE;
use crate::effects::lock::RunnerLock;
use crate::effects::prompt::{PROMPTS_DIRECTORY, Templates};
use crate::effects::steps::first_start::FirstStarts;
use crate::effects::worktree::{Removal, Worktrees};
use crate::exit::ExitCode;
use crate::journal::Journal;
use crate::scheduler::{Command, Event, Notice, Scheduler};
use crate::signals::{Signal, Signals};
use crate::ui::progress::Progress;
use crate::ui::screen::{self, Mode};
use crate::ui::tui::screen::{self as full, Screen};
use crate::ui::tui::{Ask, Msg};
use crate::ui::{Sink, Sinks, summary};

/// Activities of agents that may wait to be shown; more are dropped.
const ACTIVITIES: usize = 512;

/// Where a life takes place.
pub struct Site {
    /// The repository.
    pub repository: Repository,
    /// Held until the run is over.
    pub lock: RunnerLock,
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
}

/// How far the run has come.
pub struct State {
    /// The time.
    pub clock: Clock,
    /// The state so far.
    pub scheduler: Scheduler,
    /// Where events are written.
    pub journal: Journal,
    /// The first event of this life.
    pub first: Event,
}

/// How it is shown.
#[derive(Debug, Clone, Copy)]
pub struct Shown {
    /// What is shown.
    pub ui: UiMode,
    /// Its colours.
    pub theme: ThemeName,
}

/// What a life of a run begins with.
struct Life {
    site: Site,
    state: State,
    shown: Shown,
}

/// What is left of a life: nothing but what shows how it ended.
struct Over {
    sinks: Sinks,
    card: Option<String>,
    /// What went wrong beside the run after its last word.
    late: Vec<String>,
    code: Result<ExitCode, Refusal>,
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

/// Lives one life of a run, new or resumed.
///
/// The card at the end stays for as long as the person looks at it. By then the run is over for everybody else: nothing is
/// held any more but the screen.
///
/// # Errors
/// It cannot be put together, or the loop cannot go on.
pub fn live(site: Site, state: State, shown: Shown) -> Result<ExitCode, Refusal> {
    let _log = log_to(&site.repository);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Refusal::internal)?;
    let over = runtime.block_on(in_runtime(Life { site, state, shown }));
    // Hosts kill their trees once the pipe from us is closed; nothing is waited for.
    runtime.shutdown_background();
    let Over { mut sinks, card, late, code } = over?;
    if let Some(card) = card {
        sinks.card(&card);
    }
    sinks.close();
    for what in late {
        note!("note: {what}");
    }
    code
}

async fn in_runtime(life: Life) -> Result<Over, Refusal> {
    let mut signals = Signals::listen().map_err(Refusal::environment)?;
    let (ask, asks_in) = mpsc::unbounded_channel();
    tui::keep_facts(&life.site.repository, &life.site.run, &life.site.team, &life.site.settings);
    let (aside, asides_in) = mpsc::unbounded_channel();
    let hooks = Hooks::of(&life.site, aside)?;
    let mut sinks = sinks(&life, ask)?.with("the hooks", Box::new(hooks.clone()));
    let (desk, calls) = open_desk(&life).unzip();
    let context = Arc::new(context(&life, desk)?);
    let Life { site, state, .. } = life;
    let Site { repository, run, prd, settings, lock, .. } = site;
    let State { clock, mut scheduler, mut journal, first } = state;
    let (replies, replies_in) = mpsc::unbounded_channel();
    let (activities, activities_in) = mpsc::channel(ACTIVITIES);
    let shared = Arc::clone(&context);
    let folders = vec![repository.checkout.clone(), context.places.path().to_owned()];
    tokio::spawn(disk::watch(folders, u64::from(settings.min_free_mib), replies.clone()));
    if let Some(calls) = calls {
        tokio::spawn(desk::serve(calls, Arc::clone(&shared), replies.clone()));
    }
    let mut hands = Hands::new(context, Outbox { replies, activities });
    let mut inputs = Inputs { replies: replies_in, activities: activities_in, asks: asks_in, asides: asides_in };
    let mut driver = Driver {
        scheduler: &mut scheduler,
        ledger: &mut journal,
        effects: &mut hands,
        sinks: &mut sinks,
        clock: &clock,
    };
    let ended = driver.drive(first, &mut inputs, &mut signals).await;
    if let Some(desk) = &shared.desk {
        desk.close();
    }
    if matches!(ended, Ok(RunEnd::Judged { .. })) {
        remove_shared_worktrees(&shared, &run);
    }
    let home = tui::home(&repository, &run, &prd);
    let card = ended.as_ref().ok().and_then(|_| Some(summary::end_card(&scheduler.view()?, &home)));
    // Last of all: whoever gets the lock next finds a run that is over.
    drop((hands, journal));
    drop(lock);
    hooks.finish(&ended, leaving(&mut inputs.asks, &mut signals)).await;
    let late = late_words(&mut inputs.asides);
    let code = match ended {
        Ok(end) => Ok(ExitCode::of_run(&end)),
        Err(error @ DriveError::Full(_)) => Err(Refusal::limit(format!("{run}: {error}"))),
        Err(error @ DriveError::Journal(_)) => Err(Refusal::environment(format!("{run}: {error}"))),
        Err(error @ DriveError::HandsGone) => Err(Refusal::internal(format!("{run}: {error}"))),
    };
    Ok(Over { sinks, card, late, code })
}

/// Waits until a person wants no more than the end of the program.
async fn leaving(asks: &mut mpsc::UnboundedReceiver<Ask>, signals: &mut Signals) {
    loop {
        tokio::select! {
            Some(ask) = asks.recv() => if matches!(ask, Ask::Interrupt | Ask::Stop | Ask::StopNow) { return },
            signal = signals.next() => match signal {
                Signal::Interrupt | Signal::Terminate => return,
                Signal::HangUp | Signal::Suspend => {}
            },
        }
    }
}

/// What was said beside the run when nobody told it to the sinks any more: the end of a run is the last that they show.
fn late_words(asides: &mut mpsc::UnboundedReceiver<Notice>) -> Vec<String> {
    let said = std::iter::from_fn(|| asides.try_recv().ok());
    said.filter_map(|notice| if let Notice::Trouble { what, .. } = notice { Some(what) } else { None }).collect()
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
    let mode = match life.shown.ui {
        UiMode::Auto => Mode::Auto,
        UiMode::Tui => Mode::Tui,
        UiMode::Plain => Mode::Plain,
        UiMode::Json => Mode::Json,
    };
    let progress = open_append(&life.site.repository.state.progress()).map_err(Refusal::environment)?;
    let clock = life.state.clock.clone();
    let mut sinks =
        Sinks::new().with("progress.txt", Box::new(Progress::new(progress, Box::new(move || clock.stamp()))));
    match screen::on_stdout(mode, |after| full_screen(life, ask, after)) {
        Ok((screen, note)) => {
            if let Some(note) = note {
                note!("note: {note}");
            }
            sinks = sinks.with("standard output", screen);
        }
        Err(error) => tracing::warn!("standard output cannot be used ({error}); the run goes on without it"),
    }
    Ok(sinks)
}

fn full_screen(life: &Life, ask: mpsc::UnboundedSender<Ask>, after: Box<dyn Sink + Send>) -> std::io::Result<Screen> {
    let Site { repository, run, plan, prd, team, settings, .. } = &life.site;
    let opener = tui::Opener::new(repository, run, Some(settings));
    let clock = life.state.clock.clone();
    let facts = tui::facts(tui::home(repository, run, prd), plan, team, settings);
    let is_resumed = matches!(life.state.first, Event::Resumed { .. });
    let before = if is_resumed { watch::so_far(repository, run, facts.clone()) } else { None };
    let screen = Screen::open(full::Setup {
        facts,
        theme: tui::theme(life.shown.theme),
        now: Box::new(move || clock.running_ms()),
        now_is_running_time: true,
        // The driver goes only when the run is over, and then nothing is left to ask for.
        asks: Box::new(move |wish| drop(ask.send(wish))),
        outside: Box::new(move |what| opener.open(what)),
        after,
    })?;
    if let Some(before) = before {
        screen.send(Msg::Anew(Box::new(before)))?;
    }
    Ok(screen)
}

/// Where sessions call our tools. Without a place for it they work without.
fn open_desk(life: &Life) -> Option<(Desk, tokio::net::UnixListener)> {
    let folders = desk::folders(&life.site.repository.state.run(&life.site.run), &life.site.env);
    match life.site.settings.tools.then(|| Desk::open(&folders))? {
        Ok(opened) => Some(opened),
        Err(fault) => {
            tracing::warn!("sessions get no tools: {fault}");
            None
        }
    }
}

fn context(life: &Life, desk: Option<Desk>) -> Result<Context, Refusal> {
    let Site { repository, run, settings, env, .. } = &life.site;
    let places = worktree_places(repository, settings.worktrees_dir.as_deref(), env, run)?;
    // All runs of the repository share one folder, so that what an earlier one left can be repaired.
    let root = places.path().parent().unwrap_or(places.path()).to_owned();
    let policy = life.state.scheduler.policy().unwrap_or(&settings.policy);
    // A git that outlives this life, because a filter of the user's is slow, is found by its mark and ended by the next
    // one: two of them at work in one worktree would undo each other's.
    let git = repository.git.clone().with_env(RUN_VARIABLE, run.as_str());
    let templates = Templates::load(&repository.checkout.join(PROMPTS_DIRECTORY)).map_err(Refusal::environment)?;
    Ok(Context {
        run: run.clone(),
        plan: life.site.plan.clone(),
        gates: policy.gates.clone(),
        workflow: policy.workflow,
        idle_timeout_ms: policy.idle_timeout_ms,
        stagnation_turns: policy.stagnation_turns,
        git: git.clone(),
        prd: life.site.prd.clone(),
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
        team: life.site.team.clone(),
        prices: settings.prices.clone(),
        templates,
        env: env.clone(),
        host_program: this_program()?,
        is_root: rustix::process::geteuid().is_root(),
        clock: life.state.clock.clone(),
        desk,
        delegations: Delegations::default(),
        guard: Guard::new(repository.git.clone(), life.site.prd.clone()),
        integration: tokio::sync::Mutex::new(()),
        first_starts: FirstStarts::default(),
    })
}
