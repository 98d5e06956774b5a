//! Plain output: one line a notice, and on a terminal a bar per running epic below them.

mod bars;
mod look;
mod wrap;

use std::io::{self, Write};

pub use self::bars::Size;
pub use self::look::Look;

use self::bars::Bars;
use super::text::{Tone, missed, told};
use super::units::clock;
use super::{Missed, Sink, phrases};
use crate::domain::activity::Activity;
use crate::scheduler::{Notice, RunView, Scope};

/// Columns that the name of an epic gets at least, so that the texts of most lines begin at the same column.
const WHO_WIDTH: usize = 8;

/// Lines for people, written to `out`.
pub struct Plain<W> {
    look: Look,
    out: Out<W>,
    /// The size of the terminal that lines are broken for; `None`: they stay whole.
    size: Option<Size>,
}

/// Where lines go: straight out, or above the bars, which must make room for each.
enum Out<W> {
    Lines(W),
    Bars(Bars<W>),
}

impl<W: Write + Send + 'static> Plain<W> {
    /// Lines only: for files, pipes and terminals that cannot move their cursor. `look` decides on colours and signs.
    pub fn lines(out: W, look: Look) -> Self {
        Self { look, out: Out::Lines(out), size: None }
    }

    /// Lines only, on a terminal whose size `size` tells.
    pub fn lines_within(out: W, look: Look, size: Size) -> Self {
        Self { size: Some(size), ..Self::lines(out, look) }
    }

    /// Lines with bars below, for a terminal whose size `size` tells.
    pub fn with_bars(out: W, look: Look, size: Size) -> Self {
        Self { look, out: Out::Bars(Bars::new(out, look, size)), size: None }
    }

    /// Prints a line with its details below. On a terminal nothing is left to its own wrapping, which breaks words
    /// and loses the columns.
    fn print(&mut self, at_ms: u64, tone: Tone, who: &str, line: &str, details: &[String]) -> io::Result<()> {
        let head = format!("+{}  {}  ", clock(at_ms), wrap::pad(who, WHO_WIDTH));
        let indent = wrap::width(&head) + 2;
        let room = self.columns().saturating_sub(indent).max(wrap::LEAST);
        let mut text = format!("{head}{} ", self.look.sign(tone));
        for (n, part) in wrap::wrapped(line, room).enumerate() {
            if n > 0 {
                text.push_str(&format!("\n{:indent$}", ""));
            }
            text.push_str(part);
        }
        for detail in details {
            text.push_str(&format!("\n{:indent$}  {}", "", wrap::cut(detail, room.saturating_sub(2))));
        }
        self.write(&text)
    }

    /// The columns that a line may take.
    fn columns(&self) -> usize {
        match &self.out {
            Out::Lines(_) => self.size.as_ref().map_or(usize::MAX, |size| usize::from(size().0)),
            Out::Bars(bars) => bars.columns(),
        }
    }

    fn write(&mut self, text: &str) -> io::Result<()> {
        match &mut self.out {
            Out::Lines(out) => {
                out.write_all(format!("{text}\n").as_bytes())?;
                out.flush()
            }
            Out::Bars(bars) => bars.print(text),
        }
    }
}

impl<W: Write + Send + 'static> Sink for Plain<W> {
    fn notice(&mut self, at_ms: u64, notice: &Notice, view: &RunView) -> io::Result<()> {
        let told = told(notice, view);
        self.print(at_ms, told.tone, &told.who, &told.line, &told.details)?;
        self.refresh(view)
    }

    fn activity(&mut self, at_ms: u64, scope: &Scope, activity: &Activity) -> io::Result<()> {
        let Some(line) = phrases::activity(activity) else { return Ok(()) };
        // A provider that turns the agent away explains a long silence, so that is worth a line everywhere.
        if matches!(activity, Activity::Retrying { .. }) {
            self.print(at_ms, Tone::Doubtful, &phrases::who(scope), &line, &[])?;
        }
        match &mut self.out {
            Out::Lines(_) => Ok(()),
            Out::Bars(bars) => bars.activity(scope, line),
        }
    }

    fn refresh(&mut self, view: &RunView) -> io::Result<()> {
        match &mut self.out {
            Out::Lines(_) => Ok(()),
            Out::Bars(bars) => bars.refresh(view),
        }
    }

    fn close(&mut self) -> io::Result<()> {
        match &mut self.out {
            Out::Lines(out) => out.flush(),
            Out::Bars(bars) => bars.clear(),
        }
    }

    fn card(&mut self, text: &str) -> io::Result<()> {
        if let Out::Bars(bars) = &mut self.out {
            bars.clear()?;
        }
        let columns = self.columns();
        let lines: Vec<String> = text.trim_end().lines().map(|line| wrapped(line, columns)).collect();
        self.write(&format!("\n{}", lines.join("\n")))
    }

    fn idle(&mut self) -> io::Result<()> {
        match &mut self.out {
            Out::Lines(_) => Ok(()),
            Out::Bars(bars) => bars.tick(),
        }
    }

    fn missed(&mut self, at_ms: u64, what: Missed) -> io::Result<()> {
        if what.notices == 0 {
            return Ok(());
        }
        self.print(at_ms, Tone::Doubtful, "run", &missed(what), &[])
    }
}

/// A line in as many lines as it needs; those after the first stand in as far as it does.
fn wrapped(line: &str, columns: usize) -> String {
    let text = line.trim_start_matches(' ');
    let indent = line.len() - text.len();
    let parts: Vec<String> =
        wrap::wrapped(text, columns.saturating_sub(indent)).map(|part| format!("{:indent$}{part}", "")).collect();
    if parts.is_empty() { String::new() } else { parts.join("\n") }
}
