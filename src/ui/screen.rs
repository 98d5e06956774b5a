//! Standard output: which sink belongs on it, and the only place that opens it.

use std::fs::File;
use std::io::{self, IsTerminal as _, Write};
use std::os::fd::AsFd as _;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use super::Sink;
use super::detached::Detached;
use super::json::Json;
use super::plain::{Look, Plain};
use super::tui::screen::Screen;
use crate::domain::activity::Activity;
use crate::scheduler::{Notice, RunView, Scope};

/// What the user asked for with `--ui`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// Plain lines; on a terminal with a bar per running epic below.
    #[default]
    Auto,
    /// The full screen.
    Tui,
    /// Plain lines; on a terminal with a bar per running epic below.
    Plain,
    /// One JSON object a line.
    Json,
}

/// What is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The full screen.
    Full,
    /// Lines and nothing else.
    Lines,
    /// Lines with bars below.
    Bars,
    /// One JSON object a line.
    Json,
}

/// What to show on something that is or is not a terminal, with this value of `TERM`.
#[must_use]
pub fn choose(mode: Mode, is_terminal: bool, term: Option<&str>) -> Choice {
    match mode {
        Mode::Json => Choice::Json,
        // A terminal that cannot move its cursor says that it is dumb.
        Mode::Tui if is_terminal && term != Some("dumb") => Choice::Full,
        Mode::Auto | Mode::Plain if is_terminal && term != Some("dumb") => Choice::Bars,
        Mode::Auto | Mode::Tui | Mode::Plain => Choice::Lines,
    }
}

/// A sink that shows nothing.
pub struct Quiet;

impl Sink for Quiet {
    fn notice(&mut self, _at_ms: u64, _notice: &Notice, _view: &RunView) -> io::Result<()> {
        Ok(())
    }

    fn activity(&mut self, _at_ms: u64, _scope: &Scope, _activity: &Activity) -> io::Result<()> {
        Ok(())
    }

    fn refresh(&mut self, _view: &RunView) -> io::Result<()> {
        Ok(())
    }

    fn close(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The sink on standard output, behind a thread of its own. Nothing else of the program may write to standard output.
/// `full` opens the full screen; what it gets shows the run after the person left the screen.
///
/// # Errors
/// Standard output is closed, or the system has no thread to give.
pub fn on_stdout(
    mode: Mode,
    full: impl FnOnce(Box<dyn Sink + Send>) -> io::Result<Screen>,
) -> io::Result<Box<dyn Sink + Send>> {
    let stdout = Patient::new(File::from(io::stdout().as_fd().try_clone_to_owned()?));
    let is_terminal = stdout.file.is_terminal();
    // The full screen reads keys too.
    let mode = if mode == Mode::Tui && !io::stdin().is_terminal() { Mode::Plain } else { mode };
    let term = variable("TERM");
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(variable).find(|value| !value.is_empty());
    let look = Look::new(is_terminal, variable("NO_COLOR").as_deref(), term.as_deref(), locale.as_deref());
    match choose(mode, is_terminal, term.as_deref()) {
        Choice::Full => Ok(Box::new(full(Box::new(Plain::lines(stdout, look)))?)),
        Choice::Json => Ok(Box::new(Detached::new(Json::new(stdout))?)),
        Choice::Lines => Ok(Box::new(Detached::new(Plain::lines(stdout, look))?)),
        Choice::Bars => {
            let terminal = stdout.file.try_clone()?;
            let size = move || rustix::termios::tcgetwinsize(&terminal).map_or((80, 24), |s| (s.ws_col, s.ws_row));
            Ok(Box::new(Detached::new(Plain::with_bars(stdout, look, Box::new(move || usable(size()))))?))
        }
    }
}

/// A terminal that does not know its size says 0.
fn usable((columns, rows): (u16, u16)) -> (u16, u16) {
    (if columns == 0 { 80 } else { columns }, if rows == 0 { 24 } else { rows })
}

fn variable(name: &str) -> Option<String> {
    std::env::var_os(name).map(|value| value.to_string_lossy().into_owned())
}

/// A file that is waited for when it is full. Another program on the same terminal or pipe can have made it
/// non-blocking, and then a write that has to wait is an error for everybody.
pub(super) struct Patient {
    file: File,
}

impl Patient {
    /// Writes to this file.
    pub(super) fn new(file: File) -> Self {
        Self { file }
    }
}

impl Write for Patient {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        loop {
            match self.file.write(bytes) {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    match poll(&mut [PollFd::new(&self.file, PollFlags::OUT)], None) {
                        Ok(_) | Err(Errno::INTR) => {}
                        Err(errno) => return Err(errno.into()),
                    }
                }
                outcome => return outcome,
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_terminal_that_can_move_its_cursor_gets_a_screen_or_bars() {
        for (mode, best) in [(Mode::Auto, Choice::Bars), (Mode::Tui, Choice::Full), (Mode::Plain, Choice::Bars)] {
            assert_eq!(choose(mode, true, Some("xterm")), best);
            assert_eq!(choose(mode, true, None), best);
            assert_eq!(choose(mode, true, Some("dumb")), Choice::Lines);
            assert_eq!(choose(mode, false, Some("xterm")), Choice::Lines);
        }
    }

    #[test]
    fn json_is_json_everywhere() {
        assert_eq!(choose(Mode::Json, true, Some("xterm")), Choice::Json);
        assert_eq!(choose(Mode::Json, false, None), Choice::Json);
    }

    #[test]
    fn a_terminal_without_a_size_has_the_usual_one() {
        assert_eq!(usable((0, 0)), (80, 24));
    }

    #[test]
    fn a_full_pipe_that_does_not_block_is_waited_for() {
        let (mut reader, writer) = io::pipe().expect("a pipe");
        rustix::io::ioctl_fionbio(&writer, true).expect("a pipe can be made non-blocking");
        let mut patient = Patient::new(File::from(std::os::fd::OwnedFd::from(writer)));
        let much = vec![b'x'; 1 << 20];
        let n_read = std::thread::spawn(move || io::copy(&mut reader, &mut io::sink()));
        patient.write_all(&much).expect("it waits instead of failing");
        drop(patient);
        assert_eq!(n_read.join().expect("a reader").expect("it reads"), 1 << 20);
    }
}
