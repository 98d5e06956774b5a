//! The terminal itself: taken, given back, read. The only place that changes its modes.
//!
//! **Invariant:** whatever was changed is undone, at the normal end, on an error and when a thread panics.

use std::fs::File;
use std::io::{self, IsTerminal as _, Write as _};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, Once, PoisonError};
use std::time::Duration;

use ratatui::Terminal;
use ratatui::crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use ratatui::crossterm::style::Print;
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::crossterm::{cursor, execute};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use termina::escape::osc::{Osc, Selection};

use super::cells::Cells;
use super::ground;
use super::input::{Came, Input, gone};
use super::model::Model;
use super::msg::Msg;
use super::view;
use crate::ui::screen::Patient;

/// Whether the terminal is in our modes now. Whoever sets it back gives the terminal back, and nobody else does.
static TAKEN: AtomicBool = AtomicBool::new(false);
/// Whether a panic elsewhere gave the terminal back.
static PANICKED: AtomicBool = AtomicBool::new(false);
/// Is held while a frame is written, so that the terminal is never given back in the middle of one.
static PEN: Mutex<()> = Mutex::new(());
static HOOK: Once = Once::new();

/// The name of the thread that owns the terminal.
pub(super) const THREAD: &str = "screen";
/// Clicks and the wheel. Crossterm would ask for every movement of the mouse too, which nothing here looks at.
const MOUSE_ON: &str = "\u{1B}[?1000h\u{1B}[?1006h";
const MOUSE_OFF: &str = "\u{1B}[?1006l\u{1B}[?1000l";
/// How long the hook for panics waits for a frame that is being written: so many times so long.
const HOOK_WAITS: (u32, Duration) = (20, Duration::from_millis(5));

/// The terminal, while the screen lives.
pub struct Tty {
    out: File,
    input: Input,
    terminal: Terminal<Cells<Patient>>,
    size: (u16, u16),
}

/// Whether standard input and output are terminals on which a screen can be shown.
#[must_use]
pub fn is_possible() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal()
}

impl Tty {
    /// Opens the terminal; nothing of it is changed before [`Self::take`].
    ///
    /// # Errors
    /// There is none.
    pub fn open() -> io::Result<Self> {
        let out = File::from(io::stdout().as_fd().try_clone_to_owned()?);
        let input = Input::new(File::from(io::stdin().as_fd().try_clone_to_owned()?));
        let size = size_of(&out);
        let terminal = Terminal::new(Cells::new(Patient::new(out.try_clone()?), size))?;
        Ok(Self { out, input, terminal, size })
    }

    /// Columns and rows.
    #[must_use]
    pub fn size(&self) -> (u16, u16) {
        self.size
    }

    /// Whether the terminal is this job's: a job in the background must leave it alone.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        // Without an answer this is not our controlling terminal, and there are no jobs on it.
        rustix::termios::tcgetpgrp(self.input.file()).map_or(true, |group| group == rustix::process::getpgrp())
    }

    /// Takes the terminal: raw mode, alternate screen, mouse, bracketed paste. Everything is drawn anew afterwards.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn take(&mut self) -> io::Result<()> {
        install_hook();
        // After a time in which others had it, "as it was" means as it is now.
        disable_raw_mode()?;
        enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        execute!(self.out, EnterAlternateScreen, Print(MOUSE_ON), EnableBracketedPaste, cursor::Hide)?;
        self.terminal.clear()
    }

    /// Gives it back as it was, unless that was done already.
    ///
    /// # Errors
    /// The terminal is gone; its modes were given back as far as possible.
    pub fn give_back(&mut self) -> io::Result<()> {
        if TAKEN.swap(false, Ordering::SeqCst) { restore(&mut self.out) } else { Ok(()) }
    }

    /// Others had the terminal without asking: it is not in our modes any more, and nothing is to be given back.
    pub fn was_taken_away(&mut self) {
        TAKEN.store(false, Ordering::SeqCst);
    }

    /// Whether a panic elsewhere gave it back without asking; it is not gone then.
    #[must_use]
    pub fn was_given_back(&self) -> bool {
        PANICKED.load(Ordering::SeqCst) && !self.is_taken()
    }

    /// Whether it is in our modes.
    #[must_use]
    pub fn is_taken(&self) -> bool {
        TAKEN.load(Ordering::SeqCst)
    }

    /// Draws the model.
    ///
    /// # Errors
    /// The terminal is gone, or was given back because of a panic elsewhere.
    pub fn draw(&mut self, model: &Model) -> io::Result<()> {
        let _writing = pen();
        if !self.is_taken() {
            return Err(io::Error::other("the terminal was given back after a panic"));
        }
        self.terminal.draw(|frame| view::draw(frame, model)).map(|_| ())
    }

    /// Puts a text into the clipboard, where the terminal allows it (OSC 52).
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        self.say(&Osc::SetSelection(Selection::CLIPBOARD, text).to_string())
    }

    /// Asks for the colour of the background; the answer comes with the keys, or never.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn ask_ground(&mut self) -> io::Result<()> {
        self.say(&ground::question())
    }

    fn say(&mut self, sequence: &str) -> io::Result<()> {
        let _writing = pen();
        self.out.write_all(sequence.as_bytes())?;
        self.out.flush()
    }

    /// Looks whether the size changed, and adapts.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn resized(&mut self) -> io::Result<Option<Msg>> {
        let size = size_of(&self.out);
        if size == self.size {
            return Ok(None);
        }
        self.size = size;
        self.terminal.backend_mut().size = size;
        self.terminal.autoresize()?;
        Ok(Some(Msg::Resize(size.0, size.1)))
    }

    /// Waits for keys, for something in `wake` where there is one, or for so many milliseconds.
    ///
    /// # Errors
    /// The terminal is gone. It is looked for before each read, because a read from a dead one never ends.
    pub fn wait(&mut self, wake: Option<&UnixStream>, timeout_ms: u64) -> io::Result<Vec<Came>> {
        let timeout = Timespec {
            tv_sec: i64::try_from(timeout_ms / 1000).unwrap_or(i64::MAX),
            tv_nsec: i64::try_from(timeout_ms % 1000 * 1_000_000).unwrap_or(0),
        };
        let mut fds = vec![PollFd::new(self.input.file(), PollFlags::IN)];
        fds.extend(wake.map(|wake| PollFd::new(wake, PollFlags::IN)));
        match poll(&mut fds, Some(&timeout)) {
            Ok(_) => {}
            Err(Errno::INTR) => return Ok(Vec::new()),
            Err(errno) => return Err(errno.into()),
        }
        let of_input = fds[0].revents();
        if let Some(wake) = wake.filter(|_| fds[1].revents().contains(PollFlags::IN)) {
            drain(wake);
        }
        if of_input.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
            return Err(gone());
        }
        if of_input.contains(PollFlags::IN) { self.input.read() } else { Ok(Vec::new()) }
    }
}

impl Drop for Tty {
    fn drop(&mut self) {
        // What cannot be told any more is not worth a panic.
        let _ = self.give_back();
    }
}

fn size_of(out: &File) -> (u16, u16) {
    match rustix::termios::tcgetwinsize(out) {
        Ok(size) if size.ws_col > 0 && size.ws_row > 0 => (size.ws_col, size.ws_row),
        Ok(_) | Err(_) => (80, 24),
    }
}

fn pen() -> MutexGuard<'static, ()> {
    PEN.lock().unwrap_or_else(PoisonError::into_inner)
}

fn restore(out: &mut File) -> io::Result<()> {
    // The modes first: that never waits, and a terminal that takes nothing more holds whoever writes to it.
    let modes = disable_raw_mode();
    let told = execute!(out, DisableBracketedPaste, Print(MOUSE_OFF), LeaveAlternateScreen, cursor::Show);
    modes.and(told)
}

/// Gives the terminal back although its thread does not answer any more: its modes only, which never waits.
pub(super) fn restore_modes() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let _ = disable_raw_mode();
    }
}

/// While the screen lives, the message of a panic would be drawn over it: it goes to the log, unless the panic is
/// the end of the program or of the screen.
fn install_hook() {
    HOOK.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            let thread = std::thread::current();
            let is_end = matches!(thread.name(), Some("main" | THREAD));
            if TAKEN.load(Ordering::SeqCst) && !is_end {
                tracing::error!("{info}");
                return;
            }
            PANICKED.store(true, Ordering::SeqCst);
            if TAKEN.swap(false, Ordering::SeqCst)
                && let Ok(out) = io::stdout().as_fd().try_clone_to_owned()
            {
                if thread.name() != Some(THREAD) {
                    wait_for_the_frame();
                }
                let _ = restore(&mut File::from(out));
            }
            before(info);
        }));
    });
}

/// Waits until the frame that is being written is whole, for a bounded time: the terminal may not take it.
fn wait_for_the_frame() {
    let (times, pause) = HOOK_WAITS;
    for _ in 0..times {
        if PEN.try_lock().is_ok() {
            return;
        }
        std::thread::sleep(pause);
    }
}

fn drain(mut wake: &UnixStream) {
    use io::Read as _;
    let mut bytes = [0; 256];
    while matches!(wake.read(&mut bytes), Ok(n) if n == bytes.len()) {}
}
