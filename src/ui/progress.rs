//! `progress.txt`: the narrative log, one line a notice, in the words of plain output.

use std::io::{self, Write};

use super::text::told;
use super::{Missed, Sink};
use crate::domain::activity::Activity;
use crate::domain::outcome::Outcome;
use crate::scheduler::view::TrackState;
use crate::scheduler::{Notice, RunView, Scope};

/// Appends one line a notice to a file that the caller opened for appending.
pub struct Progress<W> {
    out: W,
    stamp: Box<dyn FnMut() -> String + Send>,
    /// The highest wave of which something has begun.
    wave: usize,
}

impl<W: Write> Progress<W> {
    /// `stamp` gives the wall clock time that a line begins with.
    pub fn new(out: W, stamp: Box<dyn FnMut() -> String + Send>) -> Self {
        Self { out, stamp, wave: 0 }
    }

    /// Writes a line whole or not at all, as far as the file system allows: runs of the past share the file.
    fn line(&mut self, who: &str, line: &str) -> io::Result<()> {
        let line = format!("{}  {who}  {line}\n", (self.stamp)());
        self.out.write_all(line.as_bytes())?;
        self.out.flush()
    }
}

/// What the line of a new wave begins with; `ralph-teams logs --tail` finds it by that.
pub const WAVE_MARK: &str = "wave ";

impl<W: Write> Progress<W> {
    /// Waves may overlap: one has begun when its first epic has.
    fn mark_wave(&mut self, view: &RunView) -> io::Result<()> {
        let begun = waves_begun(view);
        if begun <= self.wave {
            return Ok(());
        }
        self.wave = begun;
        let of = view.epics.iter().map(|track| track.wave).max().unwrap_or(begun);
        self.line("run", &format!("{WAVE_MARK}{begun} of {of} begins"))
    }
}

/// The highest wave of which an epic has been worked on in this run.
fn waves_begun(view: &RunView) -> usize {
    view.epics.iter().filter(|track| has_begun(&track.state)).map(|track| track.wave).max().unwrap_or(0)
}

fn has_begun(state: &TrackState) -> bool {
    match state {
        TrackState::Waiting(_) => false,
        TrackState::Done(outcome) => match outcome {
            Outcome::AlreadyCompleted | Outcome::Blocked { .. } | Outcome::LeftOut => false,
            Outcome::Merged { .. }
            | Outcome::Partial { .. }
            | Outcome::Failed { .. }
            | Outcome::MergeFailed { .. }
            | Outcome::Interrupted => true,
        },
        TrackState::Preparing
        | TrackState::Working(_)
        | TrackState::Stopping(_)
        | TrackState::Resetting
        | TrackState::Checking
        | TrackState::Resting { .. }
        | TrackState::Queued { .. }
        | TrackState::Merging
        | TrackState::Outdated
        | TrackState::Updating => true,
    }
}

impl<W: Write> Sink for Progress<W> {
    fn notice(&mut self, _at_ms: u64, notice: &Notice, view: &RunView) -> io::Result<()> {
        if matches!(notice, Notice::RunResumed { .. }) {
            // A new life writes no mark for a wave that an earlier one began.
            self.wave = waves_begun(view);
        } else if matches!(notice, Notice::Preparing { .. }) {
            self.mark_wave(view)?;
        }
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
