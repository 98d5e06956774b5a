//! Only looks: turns notices into lines, bars and JSON. No screen can slow or stop a run.
//!
//! **Invariant:** nothing here decides anything about a run, and nothing but the sink on standard output, made by
//! [`screen::on_stdout`], writes to standard output.

pub mod safe;
pub mod units;
pub mod phrases;
pub mod text;
mod sessions;
mod delegation;
mod judgements;
pub mod summary;
pub mod card;
pub mod detached;
pub mod plain;
pub mod json;
pub mod progress;
pub mod stream;
pub mod screen;
pub mod tui;

use std::io;

use crate::domain::activity::Activity;
use crate::scheduler::{Notice, RunView, Scope};

/// Something that shows a run. Times are milliseconds of running time. An error from any method is the end of the sink:
/// it is dropped, and the run goes on without it.
pub trait Sink {
    /// Shows that something happened; `view` is the run right after it.
    ///
    /// # Errors
    /// The sink cannot show anything any more.
    fn notice(&mut self, at_ms: u64, notice: &Notice, view: &RunView) -> io::Result<()>;

    /// Shows what an agent is doing. May be left out where the sink cannot keep up.
    ///
    /// # Errors
    /// The sink cannot show anything any more.
    fn activity(&mut self, at_ms: u64, scope: &Scope, activity: &Activity) -> io::Result<()>;

    /// Shows a newer picture of the run. May be left out where the sink cannot keep up.
    ///
    /// # Errors
    /// The sink cannot show anything any more.
    fn refresh(&mut self, view: &RunView) -> io::Result<()>;

    /// Ends it and gives the terminal back.
    ///
    /// # Errors
    /// What was shown last may be incomplete.
    fn close(&mut self) -> io::Result<()>;

    /// Shows a text of several lines that is meant for people, like the card at the end of a run. Sinks for programs
    /// leave it out.
    ///
    /// # Errors
    /// The sink cannot show anything any more.
    fn card(&mut self, _text: &str) -> io::Result<()> {
        Ok(())
    }

    /// Is called about once a second while nothing else is, so that clocks on the screen go on.
    ///
    /// # Errors
    /// The sink cannot show anything any more.
    fn idle(&mut self) -> io::Result<()> {
        Ok(())
    }

    /// Gives the terminal back for a while, because this process is about to stand still. Waits for a bounded time.
    fn step_back(&mut self) {}

    /// Takes the terminal again after [`Sink::step_back`].
    fn come_back(&mut self) {}

    /// Says that so much could not be shown, because whoever reads did not keep up.
    ///
    /// # Errors
    /// The sink cannot show anything any more.
    fn missed(&mut self, _at_ms: u64, _missed: Missed) -> io::Result<()> {
        Ok(())
    }
}

/// What a sink that could not keep up has not shown.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Missed {
    /// Notices that were left out.
    pub notices: u64,
    /// Activities that were left out.
    pub activities: u64,
}

/// All sinks of a run. One that fails is dropped with one warning; the others and the run go on.
#[derive(Default)]
pub struct Sinks {
    sinks: Vec<(&'static str, Box<dyn Sink + Send>)>,
}

impl Sinks {
    /// No sinks yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a sink; `name` is what a warning about it calls it, like `progress.txt`.
    #[must_use]
    pub fn with(mut self, name: &'static str, sink: Box<dyn Sink + Send>) -> Self {
        self.sinks.push((name, sink));
        self
    }

    /// [`Sink::notice`] of each.
    pub fn notice(&mut self, at_ms: u64, notice: &Notice, view: &RunView) {
        self.each(|sink| sink.notice(at_ms, notice, view));
    }

    /// [`Sink::activity`] of each.
    pub fn activity(&mut self, at_ms: u64, scope: &Scope, activity: &Activity) {
        self.each(|sink| sink.activity(at_ms, scope, activity));
    }

    /// [`Sink::refresh`] of each.
    pub fn refresh(&mut self, view: &RunView) {
        self.each(|sink| sink.refresh(view));
    }

    /// [`Sink::card`] of each.
    pub fn card(&mut self, text: &str) {
        self.each(|sink| sink.card(text));
    }

    /// [`Sink::close`] of each; none is left afterwards.
    pub fn close(&mut self) {
        self.each(|sink| sink.close());
        self.sinks.clear();
    }

    /// [`Sink::step_back`] of each.
    pub fn step_back(&mut self) {
        self.sinks.iter_mut().for_each(|(_, sink)| sink.step_back());
    }

    /// [`Sink::come_back`] of each.
    pub fn come_back(&mut self) {
        self.sinks.iter_mut().for_each(|(_, sink)| sink.come_back());
    }

    /// How many are still alive.
    #[must_use]
    pub fn len(&self) -> usize {
        self.sinks.len()
    }

    /// Whether none is alive.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sinks.is_empty()
    }

    fn each(&mut self, mut show: impl FnMut(&mut dyn Sink) -> io::Result<()>) {
        self.sinks.retain_mut(|(name, sink)| match show(sink.as_mut()) {
            Ok(()) => true,
            Err(error) => {
                tracing::warn!(
                    "{name} is switched off, because it cannot be written any more ({error}); the run goes on"
                );
                false
            }
        });
    }
}
