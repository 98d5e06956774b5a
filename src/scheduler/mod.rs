//! Decides everything, does nothing: events in, commands and notices out.
//!
//! **Invariant:** this room reads no clock, draws no random number and touches no disk; the same events in the same
//! order always lead to the same state and the same commands.

pub mod job;
pub mod event;
pub mod command;
pub mod notice;
pub mod view;

pub use command::Command;
pub use event::Event;
pub use job::{Job, Role, Scope, Task};
pub use notice::Notice;
pub use view::RunView;

/// The pure state machine of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scheduler {}

/// What handling one event led to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Output {
    /// To be carried out, in any order.
    pub commands: Vec<Command>,
    /// To be told, in this order.
    pub notices: Vec<Notice>,
}

impl Scheduler {
    /// Takes one event into account. `at` is milliseconds of running time since the run began; it never goes back.
    /// Total: an event that is stale, repeated or impossible changes nothing.
    pub fn handle(&mut self, _at: u64, _event: &Event) -> Output {
        Output::default()
    }

    /// When [`Event::Tick`] is due if nothing else happens before, in the time of [`Self::handle`].
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        None
    }

    /// The picture of the run; `None` before it began.
    #[must_use]
    pub fn view(&self) -> Option<RunView> {
        None
    }

    /// How the run ended, once nothing is in flight any more.
    #[must_use]
    pub fn ended(&self) -> Option<&crate::domain::outcome::RunEnd> {
        None
    }
}
