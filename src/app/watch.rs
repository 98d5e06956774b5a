//! `ralph-teams watch`: the same screen, fed from the journal and the logs of a run that lives elsewhere or is over.

mod failures;
mod replay;
mod transcripts;

use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use self::replay::Replay;
use self::transcripts::Transcripts;
use super::flags::Flags;
use super::refusal::Refusal;
use super::repository::{Repository, environment};
use super::{inputs, resume, tui};
use crate::cli::WatchArgs;
use crate::clock::{self, Clock};
use crate::config::Overrides;
use crate::config::settings::Settings;
use crate::domain::id::RunId;
use crate::effects::lock;
use crate::exit::ExitCode;
use crate::journal::Tail;
use crate::ui::Sink as _;
use crate::ui::screen::Quiet;
use crate::ui::tui::msg::Place;
use crate::ui::tui::screen::{Screen, Setup};
use crate::ui::tui::theme::Theme;
use crate::ui::tui::{Ask, Facts, Model, Msg, update};
use crate::ui::{screen, summary};

/// How often a run is looked at.
const LOOK: Duration = Duration::from_millis(300);

/// So many events are told one by one; more of them all at once.
const FEW: usize = 64;

/// `ralph-teams watch`.
///
/// # Errors
/// No terminal, no run, or a journal that cannot be read.
pub fn watch(args: &WatchArgs) -> Result<ExitCode, Refusal> {
    if let Some(why) = screen::objection() {
        let instead = "`ralph-teams status` tells the same without one";
        return Err(Refusal::input(format!("`watch` needs a terminal that can show a screen, but {why}; {instead}")));
    }
    let repository = Repository::here()?;
    let run = resume::which(&repository, args.run.as_deref())?;
    let run_dir = repository.state.run(&run);
    // Asked before the journal is read: what is written after that is seen next time.
    let is_held = is_held(&repository, &run);
    let mut replay = Replay::new(Tail::new(&run_dir.journal()), Transcripts::new(run_dir));
    replay.read_on().map_err(Refusal::environment)?;
    let facts = tui::watched_facts(&repository, &run, replay.newest());
    let (sender, asks) = channel();
    let started = Clock::going_on_from(0);
    let opener = tui::Opener::new(&repository, &run, settings(&repository, &run).as_ref());
    let mut screen = Screen::open(Setup {
        facts,
        theme: tui::theme(args.theme),
        now: Box::new(move || started.running_ms()),
        now_is_running_time: false,
        // The receiver goes only after the screen.
        asks: Box::new(move |ask| drop(sender.send(ask))),
        outside: Box::new(move |what| opener.open(what)),
        after: Box::new(Quiet),
    })
    .map_err(Refusal::environment)?;
    let shown = Watch::new(&repository, &run, replay, &screen).follow(is_held, &asks);
    let closed = screen.close();
    shown?;
    closed.map_err(Refusal::environment)?;
    Ok(ExitCode::Success)
}

/// The configuration of a run, which says where its worktrees are. Where it cannot be read they are looked for in the usual place.
fn settings(repository: &Repository, run: &RunId) -> Option<Settings> {
    let flags = Flags::read(&repository.state.run(run)).ok()?;
    let mut overrides = Overrides::default();
    flags.fill(&mut overrides);
    inputs::settings(&repository.checkout, flags.config.as_deref(), &environment(), &overrides).ok()
}

/// What a screen knows that saw the run so far; nothing when its journal cannot be read.
pub(super) fn so_far(repository: &Repository, run: &RunId, facts: Facts) -> Option<Model> {
    let run_dir = repository.state.run(run);
    let mut replay = Replay::new(Tail::new(&run_dir.journal()), Transcripts::new(run_dir));
    replay.read_on().ok()?;
    Some(told(&mut replay, usize::MAX, facts))
}

/// What a screen knows to which everything was told up to a position.
fn told(replay: &mut Replay, position: usize, facts: Facts) -> Model {
    let mut model = Model::new(facts, Theme::default(), (0, 0));
    replay.rewind();
    replay.tell_to(position, &mut |msg| drop(update(&mut model, msg)));
    model
}

fn is_held(repository: &Repository, run: &RunId) -> bool {
    lock::holder(repository.git.common_dir()).is_some_and(|holder| holder.run == *run)
}

/// How a run that is watched stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Life {
    /// Its runner is at work.
    Live,
    /// Its runner is gone without a last word.
    Gone,
    /// It ended; perhaps it can be resumed.
    Over,
}

struct Watch<'a> {
    repository: &'a Repository,
    run: &'a RunId,
    screen: &'a Screen,
    replay: Replay,
    life: Life,
    /// The running time of the run, as far as it can be told from here.
    clock: Clock,
}

impl<'a> Watch<'a> {
    fn new(repository: &'a Repository, run: &'a RunId, replay: Replay, screen: &'a Screen) -> Self {
        // Between two events only the clock on the wall tells how far the run is.
        let changed = std::fs::metadata(repository.state.run(run).journal()).and_then(|data| data.modified());
        let clock = Clock::going_on_from(replay.newest_at() + changed.map_or(0, clock::age_ms));
        Self { repository, run, screen, replay, life: Life::Over, clock }
    }

    /// Shows the run until the person leaves.
    fn follow(&mut self, is_held: bool, asks: &Receiver<Ask>) -> Result<(), Refusal> {
        self.life = self.life_now(is_held);
        self.tell_all(usize::MAX);
        if self.life == Life::Gone {
            self.tell_end();
        }
        loop {
            match asks.recv_timeout(LOOK) {
                Ok(ask) => self.obey(ask, asks),
                Err(RecvTimeoutError::Timeout) => self.look()?,
                Err(RecvTimeoutError::Disconnected) => return Ok(()),
            }
            // The screen is over: the person left, or the terminal is gone.
            if self.screen.send(Msg::Moved(self.place())).is_err() || self.screen.is_over() {
                return Ok(());
            }
        }
    }

    /// Does what was asked for, and what was asked for meanwhile, with one answer.
    fn obey(&mut self, first: Ask, asks: &Receiver<Ask>) {
        let (told, _) = self.replay.place();
        let (mut target, mut looks_elsewhere) = (told, false);
        for ask in std::iter::once(first).chain(asks.try_iter()) {
            match ask {
                Ask::Seek(seek) => target = self.replay.target(target, seek),
                Ask::Look(scope) => {
                    self.replay.look_at(scope);
                    looks_elsewhere = true;
                }
                // There is no run here that could be steered; the screen does the rest by itself.
                Ask::Interrupt
                | Ask::Stop
                | Ask::StopNow
                | Ask::Pause(_)
                | Ask::RetryNow(_)
                | Ask::StopEpic(_)
                | Ask::Reset(_)
                | Ask::Suspend
                | Ask::Away(_)
                | Ask::Leave
                | Ask::Open(_)
                | Ask::Copy(_) => {}
            }
        }
        if looks_elsewhere || target < told || target > told + FEW {
            self.tell_all(target);
        } else if target > told {
            self.tell_on(target);
        }
    }

    /// Looks what the run did meanwhile.
    fn look(&mut self) -> Result<(), Refusal> {
        let was_newest = self.replay.is_at_newest();
        if was_newest && self.life == Life::Live {
            let (screen, now) = (self.screen, self.clock.running_ms());
            self.replay.listen(now, &mut |msg| drop(screen.send(msg)));
            let _ = screen.send(Msg::Now(now));
        }
        // Asked before the journal is read: an end that is written after that is seen next time.
        let is_held = is_held(self.repository, self.run);
        let (told, _) = self.replay.place();
        let first_new = self.replay.read_on().map_err(Refusal::environment)?;
        let (_, newest) = self.replay.place();
        if newest > first_new {
            self.clock = Clock::going_on_from(self.replay.newest_at());
            let is_new_life = first_new < told || self.replay.is_resumed_since(first_new);
            if is_new_life || (was_newest && newest > told + FEW) {
                self.tell_all(if was_newest { usize::MAX } else { told });
            } else if was_newest {
                self.tell_on(newest);
            }
        }
        let life = self.life_now(is_held);
        if life != std::mem::replace(&mut self.life, life) && life != Life::Live {
            self.tell_end();
        }
        Ok(())
    }

    fn life_now(&self, is_held: bool) -> Life {
        match (self.replay.newest().ended(), is_held) {
            (Some(_), _) => Life::Over,
            (None, true) => Life::Live,
            (None, false) => Life::Gone,
        }
    }

    fn place(&self) -> Place {
        let (event, of) = self.replay.place();
        Place { event, of, live: self.life == Life::Live, gone: self.life == Life::Gone }
    }

    /// Tells everything again up to a position, in one step: the person never sees it half told.
    fn tell_all(&mut self, position: usize) {
        let facts = tui::watched_facts(self.repository, self.run, self.replay.newest());
        let _ = self.screen.send(Msg::Anew(Box::new(told(&mut self.replay, position, facts))));
    }

    fn tell_on(&mut self, position: usize) {
        let screen = self.screen;
        self.replay.tell_to(position, &mut |msg| drop(screen.send(msg)));
    }

    /// Shows what came of the run, and what to do now.
    fn tell_end(&self) {
        let Some(view) = self.replay.newest().view() else { return };
        let home = tui::watched_facts(self.repository, self.run, self.replay.newest()).home;
        let _ = self.screen.send(Msg::Card(summary::end_card(&view, &home)));
    }
}
