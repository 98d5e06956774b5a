//! The thread that owns the terminal: takes what is in the inbox and what the person presses, and draws.
//!
//! **Invariant:** it draws only when something changed, and at most 30 times a second; while nothing is to be done it sleeps.
//! The terminal is given back before anybody else may have it.

use std::io;
use std::os::unix::net::UnixStream;
use std::sync::Arc;

use rustix::event::{PollFd, PollFlags, Timespec, poll};

use super::alarm::Alarm;
use super::ground::PATIENCE_MS;
use super::inbox::{Inbox, State, Wish};
use super::input::Came;
use super::model::Model;
use super::msg::{Ask, Msg, Outside};
use super::screen::Setup;
use super::terminal::Tty;
use super::update::update;
use crate::domain::outcome::RunEnd;
use crate::scheduler::RunView;
use crate::scheduler::view::RunPhase;

/// The shortest time between two frames, in milliseconds: 30 a second.
const FRAME: u64 = 34;
/// How often the inbox is emptied while the next frame is not due, in milliseconds.
const GATHER: u64 = 10;
/// How often clocks on the screen go on, in milliseconds.
const SECOND: u64 = 1_000;

/// The thread's side of the screen.
pub(super) struct Thread {
    inbox: Arc<Inbox>,
    tty: Tty,
    woken: UnixStream,
    alarm: Arc<Alarm>,
    setup: Setup,
    model: Model,
    /// What was pressed before the first picture was there.
    early: Vec<Msg>,
    drawn_at: Option<u64>,
    /// The second that the clocks on the screen show.
    second: u64,
    dirty: bool,
    /// The run was over while the terminal belonged to others: there is nothing to come back to.
    too_late: bool,
}

/// Says that the thread is over, also when it panics.
struct Ending(Arc<Inbox>, Option<io::Error>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.set(State::Ended(self.1.take()));
    }
}

impl Thread {
    /// For a terminal that is taken.
    pub(super) fn new(inbox: Arc<Inbox>, tty: Tty, woken: UnixStream, alarm: Arc<Alarm>, setup: Setup) -> Self {
        let model = Model::new(setup.facts.clone(), setup.theme.theme, tty.size());
        let (early, drawn_at) = (Vec::new(), None);
        Self { inbox, tty, woken, alarm, setup, model, early, drawn_at, second: 0, dirty: true, too_late: false }
    }

    /// Shows the run to its end, or until the person leaves.
    pub(super) fn run(mut self) {
        let mut ending = Ending(Arc::clone(&self.inbox), Some(io::Error::other("its thread panicked")));
        let shown = match self.show() {
            // Somebody panicked and the terminal was given back; if the run goes on nevertheless, so do the lines.
            Err(_) if self.tty.was_given_back() => Ok(()),
            shown => shown,
        };
        let given_back = self.tty.give_back();
        self.alarm.finish();
        self.obey();
        let card = self.model.card.take().or_else(|| self.farewell());
        ending.1 = match shown.and(given_back) {
            Ok(()) => self.go_on_in_lines(card).err(),
            Err(error) => Some(error),
        };
        drop(self);
        drop(ending);
    }

    /// What goes on after the person left the screen, how to look at it, and how to stop it.
    fn farewell(&self) -> Option<String> {
        let runs_on = self.model.leaving && !self.model.is_over() && !self.model.facts.watching;
        let run = &self.model.view.as_ref().filter(|_| runs_on)?.run;
        Some(format!(
            "run {run} goes on, in plain lines from here; `ralph-teams watch` shows the screen again, Ctrl-C or \
             `ralph-teams stop` stops it"
        ))
    }

    /// Does what a signal asks for that nobody else hears.
    fn obey(&self) {
        if self.alarm.quits() {
            Alarm::obey_quit();
        }
        if let Some(signal) = self.alarm.end().filter(|_| self.setup.facts.watching) {
            Alarm::obey(signal);
        }
    }

    /// Shows the run until the screen is left or closed.
    fn show(&mut self) -> io::Result<()> {
        self.find_ground()?;
        loop {
            let wish = self.hear()?;
            for message in std::mem::take(&mut self.early) {
                self.take(message)?;
            }
            match wish {
                Wish::Close if self.lingers() => self.inbox.set(State::Lingering),
                Wish::Close => return Ok(()),
                Wish::StepBack => self.step_back()?,
                Wish::Show => self.stand_still()?,
            }
            if self.is_left(wish) {
                return Ok(());
            }
            if let Some(resize) = self.tty.resized()? {
                self.take(resize)?;
            }
            self.draw()?;
            for came in self.listen()? {
                self.come(came)?;
            }
        }
    }

    fn is_left(&self, wish: Wish) -> bool {
        let is_mine = wish == Wish::Close || self.setup.facts.watching;
        self.model.leaving || self.too_late || self.alarm.quits() || (is_mine && self.alarm.end().is_some())
    }

    /// Asks for the terminal's background, and waits a moment for the answer so that the first picture is right.
    fn find_ground(&mut self) -> io::Result<()> {
        if !self.setup.theme.asks {
            return Ok(());
        }
        self.tty.ask_ground()?;
        let asked = (self.setup.now)();
        loop {
            let waited = (self.setup.now)().saturating_sub(asked);
            let came = self.tty.wait(None, PATIENCE_MS.saturating_sub(waited))?;
            let answered = came.iter().any(|came| matches!(came, Came::Ground(_)));
            let is_silent = came.is_empty();
            for came in came {
                match came {
                    Came::Msg(message) => self.early.push(message),
                    Came::Ground(_) => self.come(came)?,
                }
            }
            if answered || is_silent || waited >= PATIENCE_MS {
                return Ok(());
            }
        }
    }

    /// Takes everything out of the inbox.
    fn hear(&mut self) -> io::Result<Wish> {
        let (messages, wish) = self.inbox.take();
        for message in messages {
            self.take(message)?;
        }
        Ok(wish)
    }

    /// Waits for whatever comes next. While a frame is due anyway nobody needs to wake this thread for each message.
    fn listen(&mut self) -> io::Result<Vec<Came>> {
        let now = (self.setup.now)();
        if self.dirty {
            let due = self.drawn_at.map_or(1, |drawn| (drawn + FRAME).saturating_sub(now));
            return self.tty.wait(None, due.clamp(1, GATHER));
        }
        let patience = if self.goes_on() { SECOND - now % SECOND } else { 10 * SECOND };
        self.tty.wait(Some(&self.woken), patience)
    }

    /// Whether the clocks on the screen go on by themselves.
    fn goes_on(&self) -> bool {
        self.setup.now_is_running_time && !self.model.is_over()
    }

    fn come(&mut self, came: Came) -> io::Result<()> {
        match came {
            Came::Msg(message) => self.take(message),
            Came::Ground(palette) => {
                if self.setup.theme.asks && self.model.theme.palette != palette {
                    (self.model.theme.palette, self.dirty) = (palette, true);
                }
                Ok(())
            }
        }
    }

    /// Whether the person should be able to look at what came of the run before the screen goes.
    fn lingers(&self) -> bool {
        let interrupted =
            self.model.view.as_ref().is_some_and(|view| view.phase == RunPhase::Ended(RunEnd::Interrupted));
        self.model.is_over() && !interrupted && !self.model.leaving
    }

    fn take(&mut self, message: Msg) -> io::Result<()> {
        self.dirty |= changes(&self.model, &message);
        let ask = update(&mut self.model, message);
        match ask {
            None | Some(Ask::Leave) => Ok(()),
            Some(Ask::Copy(text)) => self.tty.copy(&text),
            Some(Ask::Open(outside)) => self.open(&outside),
            Some(ask) => {
                (self.setup.asks)(ask);
                Ok(())
            }
        }
    }

    /// Lets another program have the terminal.
    fn open(&mut self, outside: &Outside) -> io::Result<()> {
        (self.setup.asks)(Ask::Away(true));
        let line = self.tty.give_back().map(|()| {
            self.inbox.set(State::Away);
            (self.setup.outside)(outside)
        });
        self.alarm.forget_keys();
        let back = line.and_then(|line| self.take_again().map(|()| line));
        self.inbox.set(if self.model.is_over() { State::Lingering } else { State::Showing });
        // Whatever came of it: the keys are ours again.
        (self.setup.asks)(Ask::Away(false));
        update(&mut self.model, Msg::Back(back?));
        Ok(())
    }

    /// Gives the terminal back until it is wanted again.
    fn step_back(&mut self) -> io::Result<()> {
        self.tty.give_back()?;
        self.inbox.set(State::SteppedBack);
        while self.hear()? == Wish::StepBack {
            wait_for(&self.woken, None)?;
        }
        self.alarm.continued();
        self.take_again()?;
        self.inbox.set(State::Showing);
        Ok(())
    }

    /// Where nobody else does it: stands still as Ctrl-Z asks, and takes the terminal again after somebody made the process
    /// stand still without asking.
    fn stand_still(&mut self) -> io::Result<()> {
        if self.alarm.suspends() {
            self.tty.give_back()?;
            Alarm::obey_suspend();
            self.alarm.continued();
            return self.take_again();
        }
        if self.alarm.continued() {
            self.tty.was_taken_away();
            return self.take_again();
        }
        Ok(())
    }

    /// Takes the terminal again. In the background that has to wait: a job that changes the terminal there is stopped.
    fn take_again(&mut self) -> io::Result<()> {
        while !self.tty.is_ours() {
            if self.hear()? == Wish::Close || self.alarm.end().is_some() || self.alarm.quits() {
                self.too_late = true;
                return Ok(());
            }
            wait_for(&self.woken, Some(SECOND))?;
        }
        self.dirty = true;
        self.tty.take()
    }

    fn draw(&mut self) -> io::Result<()> {
        let now = (self.setup.now)();
        if self.goes_on() && now / SECOND > self.model.now / SECOND {
            update(&mut self.model, Msg::Now(now));
        }
        let is_due = self.drawn_at.is_none_or(|drawn| now < drawn || now - drawn >= FRAME);
        self.dirty |= self.model.now / SECOND != self.second;
        if self.dirty && is_due {
            self.tty.draw(&self.model)?;
            (self.dirty, self.drawn_at, self.second) = (false, Some(now), self.model.now / SECOND);
        }
        Ok(())
    }

    /// After the screen: the card, or what still comes, in plain lines.
    fn go_on_in_lines(&mut self, card: Option<String>) -> io::Result<()> {
        let after = &mut self.setup.after;
        if let Some(card) = card {
            after.card(&card)?;
        }
        loop {
            let (messages, wish) = self.inbox.take();
            for message in messages {
                match message {
                    Msg::Notice(at, notice, view) => after.notice(at, &notice, &view)?,
                    Msg::Activity(at, scope, activity) => after.activity(at, &scope, &activity)?,
                    Msg::View(view) => after.refresh(&view)?,
                    Msg::Card(text) => after.card(&text)?,
                    Msg::Missed(_)
                    | Msg::Now(_)
                    | Msg::Key(_)
                    | Msg::Mouse(..)
                    | Msg::Resize(..)
                    | Msg::Back(_)
                    | Msg::Moved(_)
                    | Msg::Anew(_) => {}
                }
            }
            match wish {
                Wish::Close => return after.close(),
                Wish::StepBack => self.inbox.set(State::SteppedBack),
                Wish::Show => self.inbox.set(State::Showing),
            }
            if self.model.facts.watching {
                return after.close();
            }
            wait_for(&self.woken, None)?;
        }
    }
}

/// Whether the message changes more than what time it is.
fn changes(model: &Model, message: &Msg) -> bool {
    match message {
        Msg::Now(_) => false,
        Msg::View(view) => {
            model.view.as_deref().is_none_or(|shown| *shown != RunView { at: shown.at, ..(**view).clone() })
        }
        Msg::Notice(..)
        | Msg::Activity(..)
        | Msg::Card(_)
        | Msg::Missed(_)
        | Msg::Key(_)
        | Msg::Mouse(..)
        | Msg::Resize(..)
        | Msg::Back(_)
        | Msg::Moved(_)
        | Msg::Anew(_) => true,
    }
}

/// Waits until something is in the inbox, or for so many milliseconds.
fn wait_for(woken: &UnixStream, timeout_ms: Option<u64>) -> io::Result<()> {
    let timeout = timeout_ms.map(|ms| Timespec {
        tv_sec: i64::try_from(ms / 1000).unwrap_or(i64::MAX),
        tv_nsec: i64::try_from(ms % 1000 * 1_000_000).unwrap_or(0),
    });
    match poll(&mut [PollFd::new(woken, PollFlags::IN)], timeout.as_ref()) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(errno) => return Err(errno.into()),
    }
    let mut bytes = [0; 256];
    // It is not blocking; what is left wakes again.
    let _ = io::Read::read(&mut &*woken, &mut bytes);
    Ok(())
}
