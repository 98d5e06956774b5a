//! `progress.txt`: the narrative log, one line a notice, in the words of plain output.

use std::io::{self, Write};

use super::text::told;
use super::{Missed, Sink};
use crate::domain::activity::Activity;
use crate::scheduler::{Notice, RunView, Scope};

/// Appends one line a notice to a file that the caller opened for appending.
pub struct Progress<W> {
    out: W,
    stamp: Box<dyn FnMut() -> String + Send>,
}

impl<W: Write> Progress<W> {
    /// `stamp` gives the wall clock time that a line begins with.
    pub fn new(out: W, stamp: Box<dyn FnMut() -> String + Send>) -> Self {
        Self { out, stamp }
    }

    /// Writes a line whole or not at all, as far as the file system allows: runs of the past share the file.
    fn line(&mut self, who: &str, line: &str) -> io::Result<()> {
        let line = format!("{}  {who}  {line}\n", (self.stamp)());
        self.out.write_all(line.as_bytes())?;
        self.out.flush()
    }
}

impl<W: Write> Sink for Progress<W> {
    fn notice(&mut self, _at_ms: u64, notice: &Notice, view: &RunView) -> io::Result<()> {
        let told = told(notice, view);
        self.line(&told.who, &told.line)
    }

    fn activity(&mut self, _at_ms: u64, _scope: &Scope, _activity: &Activity) -> io::Result<()> {
        Ok(())
    }

    fn refresh(&mut self, _view: &RunView) -> io::Result<()> {
        Ok(())
    }

    fn close(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn missed(&mut self, _at_ms: u64, missed: Missed) -> io::Result<()> {
        self.line("run", &super::text::missed(missed))
    }
}
