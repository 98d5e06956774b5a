//! The terminal itself: taken, given back, read. The only place that changes its modes.
//!
//! **Invariant:** whatever was changed is undone, at the normal end, on an error and when a thread panics.

use std::fs::File;
use std::io::{self, IsTerminal as _, Write as _};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};

use ratatui::Terminal;
use ratatui::crossterm::event::{
    self, DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture, Event, KeyCode,
    KeyEvent, KeyEventKind, KeyModifiers, MouseButton, MouseEvent, MouseEventKind,
};
use ratatui::crossterm::terminal::{EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode};
use ratatui::crossterm::{cursor, execute};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;

use super::cells::Cells;
use super::model::Model;
use super::msg::{Key, Mouse, Msg};
use super::view;

/// Whether the terminal is in our modes now; the hook for panics looks at it.
static TAKEN: AtomicBool = AtomicBool::new(false);
static HOOK: Once = Once::new();

/// The name of the thread that owns the terminal.
pub(super) const THREAD: &str = "screen";

/// The terminal, while the screen lives.
pub struct Tty {
    out: File,
    input: OwnedFd,
    terminal: Terminal<Cells>,
    size: (u16, u16),
    taken: bool,
}

/// What came in while waiting.
#[derive(Debug, Default)]
pub struct Woken {
    /// Keys, mouse, sizes.
    pub messages: Vec<Msg>,
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
        let input = io::stdin().as_fd().try_clone_to_owned()?;
        let size = size_of(&out);
        let terminal = Terminal::new(Cells::new(out.try_clone()?, size))?;
        Ok(Self { out, input, terminal, size, taken: false })
    }

    /// Columns and rows.
    #[must_use]
    pub fn size(&self) -> (u16, u16) {
        self.size
    }

    /// Takes the terminal: raw mode, alternate screen, mouse, bracketed paste.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn take(&mut self) -> io::Result<()> {
        install_hook();
        enable_raw_mode()?;
        self.taken = true;
        TAKEN.store(true, Ordering::SeqCst);
        execute!(self.out, EnterAlternateScreen, EnableMouseCapture, EnableBracketedPaste, cursor::Hide)?;
        self.terminal.clear()
    }

    /// Gives it back as it was.
    ///
    /// # Errors
    /// The terminal is gone; its modes were given back as far as possible.
    pub fn give_back(&mut self) -> io::Result<()> {
        if !std::mem::take(&mut self.taken) {
            return Ok(());
        }
        restore(&mut self.out)
    }

    /// Draws the model.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn draw(&mut self, model: &Model) -> io::Result<()> {
        self.terminal.draw(|frame| view::draw(frame, model)).map(|_| ())
    }

    /// Puts a text into the clipboard, where the terminal allows it (OSC 52).
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        write!(self.out, "\u{1B}]52;c;{}\u{7}", base64(text.as_bytes()))?;
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

    /// Waits for keys, for something in `wake`, or for so many milliseconds.
    ///
    /// # Errors
    /// The terminal is gone. It is looked for before each read, because a read from a dead one never ends.
    pub fn wait(&mut self, wake: &UnixStream, timeout_ms: u64) -> io::Result<Woken> {
        let timeout = Timespec {
            tv_sec: i64::try_from(timeout_ms / 1000).unwrap_or(i64::MAX),
            tv_nsec: i64::try_from(timeout_ms % 1000 * 1_000_000).unwrap_or(0),
        };
        let mut fds = [PollFd::new(&self.input, PollFlags::IN), PollFd::new(wake, PollFlags::IN)];
        match poll(&mut fds, Some(&timeout)) {
            Ok(_) | Err(Errno::INTR) => {}
            Err(errno) => return Err(errno.into()),
        }
        let (of_input, of_wake) = (fds[0].revents(), fds[1].revents());
        if of_wake.contains(PollFlags::IN) {
            drain(wake);
        }
        if of_input.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
            return Err(io::Error::new(io::ErrorKind::BrokenPipe, "the terminal is gone"));
        }
        let mut woken = Woken::default();
        if of_input.contains(PollFlags::IN) {
            while event::poll(std::time::Duration::ZERO)? {
                woken.messages.extend(message(&event::read()?));
            }
        }
        Ok(woken)
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

fn restore(out: &mut File) -> io::Result<()> {
    TAKEN.store(false, Ordering::SeqCst);
    let told = execute!(out, DisableBracketedPaste, DisableMouseCapture, LeaveAlternateScreen, cursor::Show);
    let modes = disable_raw_mode();
    told.and(modes)
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
            let is_end = matches!(std::thread::current().name(), Some("main" | THREAD));
            if TAKEN.load(Ordering::SeqCst) && !is_end {
                tracing::error!("{info}");
                return;
            }
            if TAKEN.load(Ordering::SeqCst)
                && let Ok(out) = io::stdout().as_fd().try_clone_to_owned()
            {
                let _ = restore(&mut File::from(out));
            }
            before(info);
        }));
    });
}

fn drain(mut wake: &UnixStream) {
    use io::Read as _;
    let mut bytes = [0; 256];
    while matches!(wake.read(&mut bytes), Ok(n) if n == bytes.len()) {}
}

fn message(event: &Event) -> Option<Msg> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => translated(*key).map(Msg::Key),
        Event::Mouse(mouse) => moused(*mouse),
        // A size that is seen by `resized` anyway; pasted text would be taken for keys.
        Event::Key(_) | Event::Resize(..) | Event::Paste(_) | Event::FocusGained | Event::FocusLost => None,
    }
}

fn translated(key: KeyEvent) -> Option<Key> {
    Some(match key.code {
        KeyCode::Char(c) if key.modifiers.contains(KeyModifiers::CONTROL) => Key::Ctrl(c.to_ascii_lowercase()),
        KeyCode::Char(c) => Key::Char(c),
        KeyCode::Up => Key::Up,
        KeyCode::Down => Key::Down,
        KeyCode::Left => Key::Left,
        KeyCode::Right => Key::Right,
        KeyCode::PageUp => Key::PageUp,
        KeyCode::PageDown => Key::PageDown,
        KeyCode::Home => Key::Home,
        KeyCode::End => Key::End,
        KeyCode::Tab => Key::Tab,
        KeyCode::BackTab => Key::BackTab,
        KeyCode::Enter => Key::Enter,
        KeyCode::Esc => Key::Esc,
        KeyCode::Backspace => Key::Backspace,
        _ => return None,
    })
}

fn moused(mouse: MouseEvent) -> Option<Msg> {
    let kind = match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) => Mouse::Click,
        MouseEventKind::ScrollUp => Mouse::WheelUp,
        MouseEventKind::ScrollDown => Mouse::WheelDown,
        _ => return None,
    };
    Some(Msg::Mouse(kind, mouse.column, mouse.row))
}

/// The text in the alphabet that terminals take for the clipboard.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |n: usize| u32::from(chunk.get(n).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for n in 0..4 {
            let index = (bits >> (18 - 6 * n) & 63) as usize;
            text.push(if n <= chunk.len() { char::from(ALPHABET[index]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clipboard_alphabet_is_the_usual_one() {
        assert_eq!(base64(b""), "");
        assert_eq!(base64(b"a"), "YQ==");
        assert_eq!(base64(b"ab"), "YWI=");
        assert_eq!(base64(b"abc"), "YWJj");
        assert_eq!(base64("日".as_bytes()), "5pel");
    }
}
