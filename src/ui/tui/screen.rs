//! The sink in front of the screen, and the thread that owns the terminal.
//!
//! **Invariant:** no method waits for the thread but [`Screen::close`] and [`Screen::step_back`], and these for a bounded
//! time, or for as long as the person looks at the end card. It draws only when something changed.

use std::io;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::inbox::{Inbox, State, Wish};
use super::model::{Facts, Model};
use super::msg::{Ask, Msg, Outside};
use super::terminal::{self, THREAD, Tty};
use super::theme::Theme;
use super::update::update;
use crate::domain::activity::Activity;
use crate::domain::outcome::RunEnd;
use crate::scheduler::view::RunPhase;
use crate::scheduler::{Notice, RunView, Scope};
use crate::ui::Sink;

/// The shortest time between two frames, in milliseconds: 30 a second.
const FRAME: u64 = 33;
/// How often clocks on the screen go on, in milliseconds.
const SECOND: u64 = 1_000;
/// How long the run waits for a screen that does not answer.
const PATIENCE: Duration = Duration::from_millis(800);

/// What the screen is made of; whoever opens it chooses.
pub struct Setup {
    /// What the pictures of the run do not say.
    pub facts: Facts,
    /// How it looks.
    pub theme: Theme,
    /// Milliseconds that go on while the run does.
    pub now: Box<dyn Fn() -> u64 + Send>,
    /// Whether `now` is the running time of the run that is shown.
    pub now_is_running_time: bool,
    /// Where asks go.
    pub asks: Box<dyn FnMut(Ask) + Send>,
    /// Opens something outside while the terminal is given back; a line about how that went.
    pub outside: Box<dyn FnMut(&Outside) -> String + Send>,
    /// What shows the run after the person left the screen.
    pub after: Box<dyn Sink + Send>,
}

/// The screen, seen from the run.
pub struct Screen {
    inbox: Arc<Inbox>,
}

impl Screen {
    /// Takes the terminal and starts the thread.
    ///
    /// # Errors
    /// There is no terminal, or the system has no thread to give.
    pub fn open(setup: Setup) -> io::Result<Self> {
        let (wake, woken) = UnixStream::pair()?;
        wake.set_nonblocking(true)?;
        woken.set_nonblocking(true)?;
        let told = Arc::new(AtomicBool::new(false));
        for signal in [signal_hook::consts::SIGWINCH, signal_hook::consts::SIGTERM, signal_hook::consts::SIGINT] {
            signal_hook::low_level::pipe::register(signal, wake.try_clone()?)?;
        }
        signal_hook::flag::register(signal_hook::consts::SIGTERM, Arc::clone(&told))?;
        signal_hook::flag::register(signal_hook::consts::SIGINT, Arc::clone(&told))?;
        let mut tty = Tty::open()?;
        tty.take()?;
        let inbox = Arc::new(Inbox::new(wake));
        let of_thread = Arc::clone(&inbox);
        let model = Model::new(setup.facts.clone(), setup.theme, tty.size());
        let thread = Thread { inbox: of_thread, tty, woken, model, setup, told, drawn_at: None, dirty: true };
        std::thread::Builder::new().name(THREAD.to_owned()).spawn(move || thread.run())?;
        Ok(Self { inbox })
    }

    /// Adds a message of another kind, like [`Msg::Moved`].
    ///
    /// # Errors
    /// The screen is over.
    pub fn send(&self, msg: Msg) -> io::Result<()> {
        self.inbox.push(msg)
    }

    /// The picture as it is shared by all messages about it.
    #[must_use]
    pub fn shared(&self, view: &RunView) -> Arc<RunView> {
        self.inbox.shared(view)
    }

    /// Whether the person left it, or the terminal is gone.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.inbox.is_over()
    }
}

impl Sink for Screen {
    fn notice(&mut self, at_ms: u64, notice: &Notice, view: &RunView) -> io::Result<()> {
        let view = self.inbox.shared(view);
        self.inbox.push(Msg::Notice(at_ms, Box::new(notice.clone()), view))
    }

    fn activity(&mut self, at_ms: u64, scope: &Scope, activity: &Activity) -> io::Result<()> {
        self.inbox.push(Msg::Activity(at_ms, scope.clone(), activity.clone()))
    }

    fn refresh(&mut self, view: &RunView) -> io::Result<()> {
        self.inbox.refresh(view)
    }

    fn card(&mut self, text: &str) -> io::Result<()> {
        self.inbox.push(Msg::Card(text.to_owned()))
    }

    fn step_back(&mut self) {
        self.inbox.wish(Wish::StepBack);
        self.inbox.wait_until_back(PATIENCE);
    }

    fn come_back(&mut self) {
        self.inbox.wish(Wish::Show);
    }

    fn close(&mut self) -> io::Result<()> {
        self.inbox.wish(Wish::Close);
        if !self.inbox.wait_for_end(PATIENCE) {
            terminal::restore_modes();
            return Err(io::Error::new(io::ErrorKind::TimedOut, "the terminal does not take what is written"));
        }
        Ok(())
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        // After `close` this is over at once.
        let _ = self.close();
    }
}

/// The thread's side.
struct Thread {
    inbox: Arc<Inbox>,
    tty: Tty,
    woken: UnixStream,
    model: Model,
    setup: Setup,
    /// SIGTERM or SIGINT arrived; nobody else hears them once the run is over.
    told: Arc<AtomicBool>,
    drawn_at: Option<u64>,
    dirty: bool,
}

/// Says that the thread is over, also when it panics.
struct Ending(Arc<Inbox>, Option<io::Error>);

impl Drop for Ending {
    fn drop(&mut self) {
        self.0.set(State::Ended(self.1.take()));
    }
}

impl Thread {
    fn run(mut self) {
        let mut ending = Ending(Arc::clone(&self.inbox), Some(io::Error::other("its thread panicked")));
        let shown = self.show();
        let given_back = self.tty.give_back();
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

    /// Shows the run until the screen is left or closed.
    fn show(&mut self) -> io::Result<()> {
        loop {
            let (messages, wish) = self.inbox.take();
            for message in messages {
                self.take(message)?;
            }
            match wish {
                Wish::Close if !self.lingers() => return Ok(()),
                Wish::Close => self.inbox.set(State::Lingering),
                Wish::StepBack => self.step_back()?,
                Wish::Show => {}
            }
            if self.model.leaving || (wish == Wish::Close && self.told.load(Ordering::SeqCst)) {
                return Ok(());
            }
            if let Some(resize) = self.tty.resized()? {
                self.take(resize)?;
            }
            self.draw()?;
            let woken = self.tty.wait(&self.woken, self.patience())?;
            for message in woken.messages {
                self.take(message)?;
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
        self.dirty = true;
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
        self.tty.give_back()?;
        let line = (self.setup.outside)(outside);
        self.tty.take()?;
        (self.setup.asks)(Ask::Away(false));
        update(&mut self.model, Msg::Back(line));
        Ok(())
    }

    /// Gives the terminal back until it is wanted again.
    fn step_back(&mut self) -> io::Result<()> {
        self.tty.give_back()?;
        self.inbox.set(State::SteppedBack);
        loop {
            let (_, wish) = self.inbox.take();
            if wish != Wish::StepBack {
                break;
            }
            wait_for(&self.woken)?;
        }
        self.tty.take()?;
        self.inbox.set(State::Showing);
        self.dirty = true;
        Ok(())
    }

    fn draw(&mut self) -> io::Result<()> {
        let now = (self.setup.now)();
        let shown_second = self.model.now / SECOND;
        if self.setup.now_is_running_time && !self.model.is_over() && now / SECOND > shown_second {
            update(&mut self.model, Msg::Now(now));
            self.dirty = true;
        }
        let is_due = self.drawn_at.is_none_or(|drawn| now.saturating_sub(drawn) >= FRAME);
        if self.dirty && is_due {
            self.tty.draw(&self.model)?;
            (self.dirty, self.drawn_at) = (false, Some(now));
        }
        Ok(())
    }

    /// How long nothing has to be drawn.
    fn patience(&self) -> u64 {
        if self.dirty {
            return FRAME;
        }
        if self.model.is_over() { 10 * SECOND } else { SECOND - self.model.now % SECOND }
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
                    | Msg::Anew => {}
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
            wait_for(&self.woken)?;
        }
    }
}

/// Waits until something is in the inbox.
fn wait_for(woken: &UnixStream) -> io::Result<()> {
    use rustix::event::{PollFd, PollFlags, poll};
    match poll(&mut [PollFd::new(woken, PollFlags::IN)], None) {
        Ok(_) | Err(rustix::io::Errno::INTR) => {}
        Err(errno) => return Err(errno.into()),
    }
    let mut bytes = [0; 256];
    // It is not blocking; what is left wakes again.
    let _ = io::Read::read(&mut &*woken, &mut bytes);
    Ok(())
}
