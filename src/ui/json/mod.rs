//! `--ui json`: one JSON object a line, for programs. The format is documented in `docs/json-events.md`.

mod line;
mod convert;
mod delegation;

use std::io::{self, Write};

pub use self::convert::usage;
pub use self::line::Usage;
use self::line::{Line, What};
use super::{Missed, Sink};
use crate::domain::activity::Activity;
use crate::scheduler::{Notice, RunView, Scope};

/// Writes one JSON object a line.
pub struct Json<W> {
    out: W,
}

impl<W: Write> Json<W> {
    /// Writes to `out`; each line goes out in a single write and is flushed.
    pub fn new(out: W) -> Self {
        Self { out }
    }

    fn write(&mut self, at_ms: u64, what: What) -> io::Result<()> {
        let mut bytes = serde_json::to_vec(&Line { v: line::VERSION, at: at_ms, what })?;
        bytes.push(b'\n');
        self.out.write_all(&bytes)?;
        self.out.flush()
    }
}

impl<W: Write> Sink for Json<W> {
    fn notice(&mut self, at_ms: u64, notice: &Notice, view: &RunView) -> io::Result<()> {
        self.write(at_ms, convert::notice(notice, view))
    }

    fn activity(&mut self, at_ms: u64, scope: &Scope, activity: &Activity) -> io::Result<()> {
        self.write(at_ms, convert::activity(scope, activity))
    }

    fn refresh(&mut self, _view: &RunView) -> io::Result<()> {
        Ok(())
    }

    fn close(&mut self) -> io::Result<()> {
        self.out.flush()
    }

    fn missed(&mut self, at_ms: u64, missed: Missed) -> io::Result<()> {
        self.write(at_ms, What::Missed { notices: missed.notices, activities: missed.activities })
    }
}

/// The JSON Schema of a line, as published in `schemas/events.schema.json`.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(Line)
}
