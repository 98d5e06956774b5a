//! What the terminal sends, as messages: keys, mouse, and its answer about its background.
//!
//! **Invariant:** reading never waits for a terminal that is gone, and never longer than `REST_MS` for the rest of a
//! sequence. Crossterm's own reader does both: it waits without end for the second half of a sequence, and when the terminal
//! dies meanwhile it reads nothing again and again, as fast as it can.

use std::fs::File;
use std::io::{self, Read as _};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use termina::event::{KeyCode, KeyEvent, KeyEventKind, Modifiers, MouseButton, MouseEvent, MouseEventKind};
use termina::{Event, Parser};

use super::ground;
use super::msg::{Key, Mouse, Msg};
use super::theme::Palette;

/// The key, or the beginning of a sequence.
const ESCAPE: u8 = 0x1B;
/// How long the rest of a sequence may take, in milliseconds.
const REST_MS: i64 = 100;
/// How long after an escape character it may become a sequence instead of the key, in milliseconds.
const ESCAPE_MS: i64 = 25;
/// Pieces that are read at once, so that a terminal that never stops sending does not keep the screen from drawing.
const PIECES: usize = 8;

/// Something that came in.
#[derive(Debug, Clone, PartialEq)]
pub enum Came {
    /// A message for the model.
    Msg(Msg),
    /// The colours that fit the terminal's background.
    Ground(Palette),
}

/// Reads the terminal.
#[derive(Debug)]
pub struct Input {
    file: File,
    parser: Parser,
    /// Whether the parser holds an escape character and nothing else.
    holds_escape: bool,
}

impl Input {
    /// Reads this terminal.
    #[must_use]
    pub fn new(file: File) -> Self {
        Self { file, parser: Parser::default(), holds_escape: false }
    }

    /// The terminal.
    #[must_use]
    pub fn file(&self) -> &File {
        &self.file
    }

    /// Reads what is there, and waits a moment for the rest of a sequence whose beginning is there. Only to be called when
    /// something is there.
    ///
    /// # Errors
    /// The terminal is gone.
    pub fn read(&mut self) -> io::Result<Vec<Came>> {
        let mut came = Vec::new();
        let mut bytes = [0; 1024];
        for _ in 0..PIECES {
            let n = match self.file.read(&mut bytes) {
                Ok(0) => return Err(gone()),
                Ok(n) => n,
                Err(error) if matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted) => break,
                Err(error) => return Err(error),
            };
            if self.take(&bytes[..n], &mut came) {
                break;
            }
            let patience = if bytes[n - 1] == ESCAPE { ESCAPE_MS } else { REST_MS };
            if !is_readable(&self.file, patience)? {
                self.give_up(&mut came);
                break;
            }
        }
        Ok(came)
    }

    /// Whether the last byte ended something.
    fn take(&mut self, bytes: &[u8], came: &mut Vec<Came>) -> bool {
        let mut ended = true;
        for byte in bytes {
            let is_escape = *byte == ESCAPE;
            if is_escape && self.holds_escape {
                // The key, and right behind it the beginning of a sequence: one after the other.
                self.parser.parse(&[], false);
            }
            self.holds_escape = is_escape && (ended || self.holds_escape);
            self.parser.parse(&[*byte], true);
            ended = false;
            while let Some(event) = self.parser.pop() {
                ended = true;
                came.extend(translated(&event));
            }
        }
        ended
    }

    /// The rest does not come: an escape character was the key, and half of anything else is nothing.
    fn give_up(&mut self, came: &mut Vec<Came>) {
        self.parser.parse(&[], false);
        while let Some(event) = self.parser.pop() {
            came.extend(translated(&event));
        }
        (self.parser, self.holds_escape) = (Parser::default(), false);
    }
}

/// The error for a terminal that is not there any more.
pub(super) fn gone() -> io::Error {
    io::Error::new(io::ErrorKind::BrokenPipe, "the terminal is gone")
}

/// Waits for so many milliseconds until something is there to be read, or the terminal is gone.
fn is_readable(file: &File, patience_ms: i64) -> io::Result<bool> {
    let patience = Timespec { tv_sec: 0, tv_nsec: patience_ms * 1_000_000 };
    match poll(&mut [PollFd::new(file, PollFlags::IN)], Some(&patience)) {
        Ok(n) => Ok(n > 0),
        Err(Errno::INTR) => Ok(false),
        Err(errno) => Err(errno.into()),
    }
}

fn translated(event: &Event) -> Option<Came> {
    match event {
        Event::Key(key) if key.kind != KeyEventKind::Release => pressed(key).map(|key| Came::Msg(Msg::Key(key))),
        Event::Mouse(mouse) => moused(mouse).map(Came::Msg),
        Event::Osc(osc) => ground::answer(osc).map(Came::Ground),
        // Pasted text would be taken for keys, sizes are asked for, and nothing else was asked.
        _ => None,
    }
}

fn pressed(key: &KeyEvent) -> Option<Key> {
    Some(match key.code {
        KeyCode::Char(c) if key.modifiers.contains(Modifiers::CONTROL) => Key::Ctrl(c.to_ascii_lowercase()),
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
        KeyCode::Escape => Key::Esc,
        KeyCode::Backspace => Key::Backspace,
        _ => return None,
    })
}

fn moused(mouse: &MouseEvent) -> Option<Msg> {
    let kind = match mouse.kind {
        MouseEventKind::Down(MouseButton::Left) => Mouse::Click,
        MouseEventKind::ScrollUp => Mouse::WheelUp,
        MouseEventKind::ScrollDown => Mouse::WheelDown,
        _ => return None,
    };
    Some(Msg::Mouse(kind, mouse.column, mouse.row))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::os::fd::OwnedFd;
    use std::os::unix::net::UnixStream;

    use proptest::prelude::*;

    use super::*;

    /// What is read when the terminal sends these pieces one after the other, each after the one before was read.
    fn read(pieces: &[&[u8]]) -> Vec<Came> {
        let (mut terminal, ours) = UnixStream::pair().expect("a pair");
        let mut input = Input::new(File::from(OwnedFd::from(ours)));
        let mut came = Vec::new();
        for piece in pieces {
            terminal.write_all(piece).expect("sent");
            came.extend(input.read().expect("it is read"));
        }
        came
    }

    fn keys(keys: &[Key]) -> Vec<Came> {
        keys.iter().map(|key| Came::Msg(Msg::Key(*key))).collect()
    }

    #[test]
    fn every_key_of_the_table_is_known() {
        let sent = b"qN\x03\x1A\x0D\x09\x7F\x1B[A\x1B[B\x1B[C\x1B[D\x1B[5~\x1B[6~\x1B[H\x1B[F\x1B[Z\xC3\xA4";
        let expected = [
            Key::Char('q'),
            Key::Char('N'),
            Key::Ctrl('c'),
            Key::Ctrl('z'),
            Key::Enter,
            Key::Tab,
            Key::Backspace,
            Key::Up,
            Key::Down,
            Key::Right,
            Key::Left,
            Key::PageUp,
            Key::PageDown,
            Key::Home,
            Key::End,
            Key::BackTab,
            Key::Char('ä'),
        ];
        assert_eq!(read(&[sent]), keys(&expected));
    }

    #[test]
    fn the_mouse_counts_from_zero() {
        let came = read(&[b"\x1B[<0;5;3M\x1B[<0;5;3m\x1B[<64;1;1M\x1B[<65;1;1M"]);
        let expected =
            [Msg::Mouse(Mouse::Click, 4, 2), Msg::Mouse(Mouse::WheelUp, 0, 0), Msg::Mouse(Mouse::WheelDown, 0, 0)];
        assert_eq!(came, expected.map(Came::Msg));
    }

    #[test]
    fn an_escape_alone_is_the_key_and_half_a_sequence_is_nothing() {
        assert_eq!(read(&[b"\x1B"]), keys(&[Key::Esc]));
        assert_eq!(read(&[b"\x1B\x1B[A\x1B\x1B\x1B[B"]), keys(&[Key::Esc, Key::Up, Key::Esc, Key::Esc, Key::Down]));
        assert_eq!(read(&[b"\x1B[", b"q"]), keys(&[Key::Char('q')]));
        assert_eq!(read(&[b"x\x1B]11;rgb:ff", b"q"]), keys(&[Key::Char('x'), Key::Char('q')]));
    }

    #[test]
    fn pasted_text_is_no_keys() {
        assert_eq!(read(&[b"\x1B[200~qqkk\x03\x1B[201~j"]), keys(&[Key::Char('j')]));
    }

    #[test]
    fn an_answer_between_keys_is_an_answer_and_the_keys_are_keys() {
        let came = read(&[b"a\x1B]11;rgb:ffff/ffff/ffff\x1B\\b\x1B]11;rgb:00/00/00\x07c\x1B[?62;22c"]);
        let (light, dark) = (Came::Ground(Palette::Light), Came::Ground(Palette::Dark));
        let [a, b, c] = ['a', 'b', 'c'].map(|c| Came::Msg(Msg::Key(Key::Char(c))));
        assert_eq!(came, [a, light, b, dark, c]);
    }

    #[test]
    fn a_terminal_that_is_gone_is_an_error_also_in_the_middle_of_a_sequence() {
        let (mut terminal, ours) = UnixStream::pair().expect("a pair");
        let mut input = Input::new(File::from(OwnedFd::from(ours)));
        terminal.write_all(b"\x1B[").expect("sent");
        drop(terminal);
        assert_eq!(input.read().map_err(|error| error.kind()), Err(io::ErrorKind::BrokenPipe));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]
        #[test]
        fn nothing_that_a_terminal_sends_is_too_much(
            bytes in proptest::collection::vec(prop_oneof![any::<u8>(), Just(0x1B), Just(b'['), Just(b'<'), Just(b';'), Just(b'0')], 0..60)
        ) {
            let (_terminal, ours) = UnixStream::pair().expect("a pair");
            let mut input = Input::new(File::from(OwnedFd::from(ours)));
            let mut came = Vec::new();
            input.take(&bytes, &mut came);
            input.give_up(&mut came);
            came.clear();
            input.take(b"q", &mut came);
            prop_assert_eq!(came, keys(&[Key::Char('q')]));
        }
    }
}
