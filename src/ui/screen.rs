//! Standard output: which sink belongs on it, and the only place that opens it.

use std::fs::File;
use std::io::{self, IsTerminal as _, Write};
use std::os::fd::AsFd as _;

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::Errno;

use super::Sink;
use super::detached::Detached;
use super::json::Json;
use super::plain::{Look, Plain, Size};
use super::tui::screen::Screen;
use crate::domain::activity::Activity;
use crate::scheduler::{Notice, RunView, Scope};

/// What the user asked for with `--ui`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Mode {
    /// The full screen on a terminal that can show it, else plain lines.
    #[default]
    Auto,
    /// The full screen, also where `CI` is set.
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

/// Where a run is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// Whether keys come from a terminal.
    pub reads_terminal: bool,
    /// Whether standard output is one.
    pub writes_terminal: bool,
    /// The value of `TERM`.
    pub term: Option<&'a str>,
    /// Whether `CI` is set: nobody sits there, whatever the terminal says.
    pub ci: bool,
}

impl Place<'_> {
    /// Why there can be no full screen; `None`: there can.
    fn objection(&self) -> Option<&'static str> {
        match self.term {
            _ if !self.writes_terminal => Some("standard output is no terminal"),
            _ if !self.reads_terminal => Some("standard input is no terminal"),
            None | Some("") => Some("TERM is not set"),
            Some("dumb") => Some("TERM is dumb"),
            Some(_) => None,
        }
    }
}

/// What to show there, and a word to the person when that is not what they asked for.
#[must_use]
pub fn choose(mode: Mode, place: &Place<'_>) -> (Choice, Option<String>) {
    // A terminal that cannot move its cursor says that it is dumb.
    let lines = if place.writes_terminal && place.term != Some("dumb") { Choice::Bars } else { Choice::Lines };
    match (mode, place.objection()) {
        (Mode::Json, _) => (Choice::Json, None),
        (Mode::Auto, None) if !place.ci => (Choice::Full, None),
        (Mode::Tui, None) => (Choice::Full, None),
        (Mode::Tui, Some(why)) => (lines, Some(format!("no full screen, because {why}; plain lines instead"))),
        (Mode::Auto | Mode::Plain, _) => (lines, None),
    }
}

/// Why this terminal cannot show the full screen; `None`: it can.
#[must_use]
pub fn objection() -> Option<&'static str> {
    let term = variable("TERM");
    here(io::stdout().is_terminal(), term.as_deref()).objection()
}

/// Where this process is.
fn here(writes_terminal: bool, term: Option<&str>) -> Place<'_> {
    let ci = variable("CI").is_some_and(|value| !value.is_empty());
    Place { reads_terminal: io::stdin().is_terminal(), writes_terminal, term, ci }
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

/// The sink on standard output, behind a thread of its own, and a word to the person when it is not what they asked for.
/// Nothing else of the program may write to standard output. `full` opens the full screen; what it gets shows the run
/// after the person left the screen.
///
/// # Errors
/// Standard output is closed, or the system has no thread to give.
pub fn on_stdout(
    mode: Mode,
    full: impl FnOnce(Box<dyn Sink + Send>) -> io::Result<Screen>,
) -> io::Result<(Box<dyn Sink + Send>, Option<String>)> {
    let stdout = Patient::new(File::from(io::stdout().as_fd().try_clone_to_owned()?));
    let term = variable("TERM");
    let place = here(stdout.file.is_terminal(), term.as_deref());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(variable).find(|value| !value.is_empty());
    let look = Look::new(place.writes_terminal, variable("NO_COLOR").as_deref(), place.term, locale.as_deref());
    let (choice, note) = choose(mode, &place);
    let sink: Box<dyn Sink + Send> = match choice {
        Choice::Json => Box::new(Detached::new(Json::new(stdout))?),
        Choice::Lines => Box::new(Detached::new(Plain::lines(stdout, look))?),
        Choice::Bars => bars(stdout, look)?,
        Choice::Full => {
            let after = Patient::new(stdout.file.try_clone()?);
            let size = size_of(&stdout)?;
            match full(Box::new(Plain::lines_within(after, look, size))) {
                Ok(screen) => Box::new(screen),
                Err(error) => {
                    let note =
                        format!("no full screen, because the terminal cannot be taken ({error}); plain lines instead");
                    return Ok((bars(stdout, look)?, Some(note)));
                }
            }
        }
    };
    Ok((sink, note))
}

fn bars(stdout: Patient, look: Look) -> io::Result<Box<dyn Sink + Send>> {
    let size = size_of(&stdout)?;
    Ok(Box::new(Detached::new(Plain::with_bars(stdout, look, size))?))
}

/// What tells the size of the terminal, as often as it is asked.
fn size_of(stdout: &Patient) -> io::Result<Size> {
    let terminal = stdout.file.try_clone()?;
    let size = move || rustix::termios::tcgetwinsize(&terminal).map_or((80, 24), |s| (s.ws_col, s.ws_row));
    Ok(Box::new(move || usable(size())))
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

    const TERMINAL: Place<'static> =
        Place { reads_terminal: true, writes_terminal: true, term: Some("xterm"), ci: false };

    #[test]
    fn a_terminal_gets_the_full_screen_unless_lines_are_asked_for() {
        assert_eq!(choose(Mode::Auto, &TERMINAL), (Choice::Full, None));
        assert_eq!(choose(Mode::Tui, &TERMINAL), (Choice::Full, None));
        assert_eq!(choose(Mode::Plain, &TERMINAL), (Choice::Bars, None));
        let ci = Place { ci: true, ..TERMINAL };
        assert_eq!(choose(Mode::Auto, &ci), (Choice::Bars, None), "nobody sits there");
        assert_eq!(choose(Mode::Tui, &ci), (Choice::Full, None), "it was asked for");
    }

    #[test]
    fn where_no_screen_can_be_lines_come_and_whoever_asked_for_it_hears_why() {
        let table = [
            (Place { writes_terminal: false, ..TERMINAL }, Choice::Lines, "output"),
            (Place { reads_terminal: false, ..TERMINAL }, Choice::Bars, "input"),
            (Place { term: Some("dumb"), ..TERMINAL }, Choice::Lines, "dumb"),
            (Place { term: None, ..TERMINAL }, Choice::Bars, "not set"),
        ];
        for (place, lines, why) in table {
            assert_eq!(choose(Mode::Auto, &place), (lines, None), "{why}");
            let (choice, note) = choose(Mode::Tui, &place);
            assert_eq!(choice, lines, "{why}");
            assert!(note.is_some_and(|note| note.contains(why)), "{why}");
        }
    }

    #[test]
    fn json_is_json_everywhere() {
        assert_eq!(choose(Mode::Json, &TERMINAL).0, Choice::Json);
        assert_eq!(choose(Mode::Json, &Place { writes_terminal: false, ..TERMINAL }).0, Choice::Json);
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
