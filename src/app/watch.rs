//! `ralph-teams watch`: the same screen, fed from the journal of a run that lives elsewhere or is over.

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use super::refusal::Refusal;
use super::repository::Repository;
use super::{resume, tui};
use crate::cli::WatchArgs;
use crate::clock::Clock;
use crate::domain::id::RunId;
use crate::domain::outcome::{Outcome, RunEnd};
use crate::effects::lock;
use crate::exit::ExitCode;
use crate::journal;
use crate::scheduler::{Event, Notice, RunView, Scheduler};
use crate::ui::screen::Quiet;
use crate::ui::tui::msg::Place;
use crate::ui::tui::screen::{Screen, Setup};
use crate::ui::tui::{Ask, Facts, Msg, Seek, terminal};
use crate::ui::{Sink as _, summary};

/// How often the journal of a live run is looked at.
const LOOK: Duration = Duration::from_millis(300);

/// `ralph-teams watch`.
///
/// # Errors
/// No terminal, no run, or a journal that cannot be read.
pub fn watch(args: &WatchArgs) -> Result<ExitCode, Refusal> {
    if !terminal::is_possible() {
        return Err(Refusal::input("`watch` needs a terminal; `ralph-teams status` tells the same without one"));
    }
    let repository = Repository::here()?;
    let run = resume::which(&repository, args.run.as_deref())?;
    let mut replay = Replay::read(&repository, &run)?;
    let plan = replay.scheduler.plan().cloned();
    let facts = Facts { plan, run_dir: tui::shown_dir(&repository, &run), watching: true, ..Facts::default() };
    let (sender, asks) = channel();
    let clock = Clock::going_on_from(0);
    let opener = tui::Opener::new(&repository, &run, None);
    let mut screen = Screen::open(Setup {
        facts,
        theme: tui::theme(args.theme),
        now: Box::new(move || clock.running_ms()),
        now_is_running_time: false,
        // The receiver goes only after the screen.
        asks: Box::new(move |ask| drop(sender.send(ask))),
        outside: Box::new(move |what| opener.open(what)),
        after: Box::new(Quiet),
    })
    .map_err(Refusal::environment)?;
    replay.tell_all(&screen);
    let shown = follow(&mut replay, &repository, &screen, &asks);
    let closed = screen.close();
    shown?;
    closed.map_err(Refusal::environment)?;
    Ok(ExitCode::Success)
}

/// Shows what comes until the person leaves.
fn follow(replay: &mut Replay, repository: &Repository, screen: &Screen, asks: &Receiver<Ask>) -> Result<(), Refusal> {
    loop {
        match asks.recv_timeout(LOOK) {
            Ok(Ask::Seek(seek)) => replay.seek(seek, screen),
            // There is no run here that could be steered; the screen does the rest by itself.
            Ok(
                Ask::Interrupt
                | Ask::Stop
                | Ask::StopNow
                | Ask::Pause(_)
                | Ask::RetryNow(_)
                | Ask::Suspend
                | Ask::Away(_)
                | Ask::Leave
                | Ask::Open(_)
                | Ask::Copy(_),
            ) => {}
            Err(RecvTimeoutError::Timeout) => {
                if replay.is_live {
                    replay.look_again(repository, screen)?;
                }
                // The screen is over: the person left, or the terminal is gone.
                if screen.send(Msg::Moved(replay.place())).is_err() || screen.is_over() {
                    return Ok(());
                }
            }
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        }
    }
}

/// A journal, and how much of it is told.
struct Replay {
    run: RunId,
    events: Vec<(u64, Event)>,
    /// Positions behind events that something failed with.
    failures: Vec<usize>,
    scheduler: Scheduler,
    told: usize,
    is_live: bool,
}

impl Replay {
    fn read(repository: &Repository, run: &RunId) -> Result<Self, Refusal> {
        let mut replay = Self {
            run: run.clone(),
            events: Vec::new(),
            failures: Vec::new(),
            scheduler: Scheduler::default(),
            told: 0,
            is_live: true,
        };
        replay.load(repository)?;
        replay.told = replay.events.len();
        replay.fold_to(replay.told);
        Ok(replay)
    }

    fn load(&mut self, repository: &Repository) -> Result<(), Refusal> {
        // Asked before the journal is read: what is written after that is seen next time.
        self.is_live = lock::holder(repository.git.common_dir()).is_some_and(|holder| holder.run == self.run);
        let path = repository.state.run(&self.run).journal();
        self.events = journal::read(&path).map_err(Refusal::environment)?.events;
        let mut scheduler = Scheduler::default();
        self.failures.clear();
        for (position, (at, event)) in self.events.iter().enumerate() {
            if scheduler.handle(*at, event).notices.iter().any(is_failure) {
                self.failures.push(position + 1);
            }
        }
        Ok(())
    }

    fn place(&self) -> Place {
        Place { event: self.told, of: self.events.len(), live: self.is_live }
    }

    fn fold_to(&mut self, position: usize) {
        self.scheduler = Scheduler::default();
        for (at, event) in &self.events[..position.min(self.events.len())] {
            self.scheduler.handle(*at, event);
        }
    }

    /// Tells everything again up to where it stands.
    fn tell_all(&mut self, screen: &Screen) {
        let _ = screen.send(Msg::Anew);
        self.scheduler = Scheduler::default();
        let to = std::mem::replace(&mut self.told, 0);
        self.tell_to(to, screen);
    }

    /// Tells what comes next, up to a position.
    fn tell_to(&mut self, position: usize, screen: &Screen) {
        let to = position.min(self.events.len());
        for (at, event) in &self.events[self.told..to] {
            let output = self.scheduler.handle(*at, event);
            let Some(view) = self.scheduler.view().filter(|_| !output.notices.is_empty()) else { continue };
            let view = screen.shared(&view);
            for notice in output.notices {
                let _ = screen.send(Msg::Notice(*at, Box::new(notice), view.clone()));
            }
        }
        self.told = to;
        let last = self.events[..to].last().map_or(0, |(at, _)| *at);
        if let Some(view) = self.scheduler.view() {
            let _ = screen.send(Msg::View(screen.shared(&view)));
            let _ = screen.send(Msg::Now(last));
            self.tell_end(&view, screen);
        }
        let _ = screen.send(Msg::Moved(self.place()));
    }

    fn tell_end(&self, view: &RunView, screen: &Screen) {
        if matches!(self.scheduler.ended(), Some(RunEnd::Judged { .. })) && self.is_live {
            let card = summary::end_card(view, &format!(".ralph-teams/runs/{}", self.run), &self.run.loop_branch());
            let _ = screen.send(Msg::Card(card));
        }
    }

    fn look_again(&mut self, repository: &Repository, screen: &Screen) -> Result<(), Refusal> {
        let (before, was_newest) = (self.events.len(), self.told == self.events.len());
        self.load(repository)?;
        if self.events.len() > before && was_newest {
            self.tell_to(self.events.len(), screen);
        }
        Ok(())
    }

    fn seek(&mut self, seek: Seek, screen: &Screen) {
        let last = self.events.len();
        let to = match seek {
            Seek::By(by) => self.told.saturating_add_signed(by).clamp(1.min(last), last),
            Seek::NextFailure => self.failures.iter().copied().find(|at| *at > self.told).unwrap_or(self.told),
            Seek::PreviousFailure => {
                self.failures.iter().rev().copied().find(|at| *at < self.told).unwrap_or(self.told)
            }
            Seek::First => 1.min(last),
            Seek::Newest => last,
        };
        if to > self.told {
            self.tell_to(to, screen);
        } else if to < self.told {
            self.told = to;
            self.tell_all(screen);
        }
    }
}

/// Whether a person who looks for what went wrong wants to stop here.
fn is_failure(notice: &Notice) -> bool {
    match notice {
        Notice::SessionEnded { failure, .. } => failure.is_some(),
        Notice::StoryChecked { proof, .. } => !proof.passes,
        Notice::GateRan { outcome, .. } => !outcome.green(),
        Notice::EpicEnded { outcome, .. } => {
            !matches!(outcome, Outcome::Merged { .. } | Outcome::AlreadyCompleted | Outcome::LeftOut)
        }
        Notice::Validated { pass, .. } => !pass,
        Notice::TimedOut { .. }
        | Notice::Conflict { .. }
        | Notice::Retrying { .. }
        | Notice::Meddled { .. }
        | Notice::Trouble { .. }
        | Notice::DiskLow { .. } => true,
        Notice::RunEnded { end } => *end != RunEnd::Judged { pass: true },
        Notice::RunBegan { .. }
        | Notice::RunResumed { .. }
        | Notice::Opened { .. }
        | Notice::Preparing { .. }
        | Notice::SessionStarted { .. }
        | Notice::LeftoversCommitted { .. }
        | Notice::FixCycle { .. }
        | Notice::Queued { .. }
        | Notice::Merged { .. }
        | Notice::WorktreeKept { .. }
        | Notice::Paused { .. }
        | Notice::EpicHeld { .. }
        | Notice::EpicReleased { .. }
        | Notice::EpicResetting { .. }
        | Notice::EpicReset { .. }
        | Notice::DiskOk
        | Notice::Stopping { .. } => false,
    }
}
