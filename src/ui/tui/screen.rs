//! The sink in front of the screen: what the run tells goes into the inbox of the thread that owns the terminal.
//!
//! **Invariant:** no method waits for the thread but [`Screen::close`] and [`Screen::step_back`], and these for a bounded
//! time, or for as long as the person looks at the end card or at another program.

use std::io;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::Duration;

use super::alarm::Alarm;
use super::ground::Look;
use super::inbox::{Inbox, Wish};
use super::model::Facts;
use super::msg::{Ask, Msg, Outside};
use super::show::Thread;
use super::terminal::{self, THREAD, Tty};
use crate::domain::activity::Activity;
use crate::scheduler::{Notice, RunView, Scope};
use crate::ui::Sink;

/// How long the run waits for a screen that does not answer.
const PATIENCE: Duration = Duration::from_millis(800);

/// What the screen is made of; whoever opens it chooses.
pub struct Setup {
    /// What the pictures of the run do not say.
    pub facts: Facts,
    /// How it looks, and whether the terminal is asked about that.
    pub theme: Look,
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
    alarm: Arc<Alarm>,
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
        let alarm = Arc::new(Alarm::listen(&wake, setup.facts.watching)?);
        let mut tty = Tty::open()?;
        tty.take()?;
        let inbox = Arc::new(Inbox::new(wake));
        let thread = Thread::new(Arc::clone(&inbox), tty, woken, Arc::clone(&alarm), setup);
        std::thread::Builder::new().name(THREAD.to_owned()).spawn(move || thread.run())?;
        Ok(Self { inbox, alarm })
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
        if !self.inbox.wait_for_end(PATIENCE, || self.alarm.terminates()) {
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
