//! Decides everything, does nothing: events in, commands and notices out.
//!
//! **Invariant:** this room reads no clock, draws no random number and touches no disk; the same events in the same
//! order always lead to the same state and the same commands.
//!
//! Read it in this order: [`job`], [`event`], [`command`], [`delegation`], [`notice`], [`view`] are its vocabulary; `track` is the
//! life of one epic; `run` is where an event comes in; `open`, `ready`, `work`, `check`, `planning`, `judging`, `integrate`, `validate`, `disk`,
//! `budget`, `stop`, `park`, `hold`, `reset` and `delegate` decide one thing each; `project` says what the disk must show; `meddled` and `replan` take in what people change meanwhile; `picture`
//! draws the view.

pub mod job;
pub mod failure;
pub mod event;
mod answers;
pub mod command;
pub mod delegation;
mod delegate;
mod delegate_end;
pub mod notice;
pub mod view;
mod conversation;
mod track;
mod fresh;
mod run;
mod ready;
mod disk;
mod budget;
mod work;
mod check;
mod judge;
mod aside;
mod planning;
mod judging;
mod integrate;
mod validate;
mod stop;
mod park;
mod open;
mod hold;
mod reset;
mod project;
mod meddled;
pub mod notes;
pub mod replan;
mod picture;
#[cfg(test)]
mod tests;

pub use command::Command;
pub use event::Event;
pub use job::{Job, Role, Scope, Task};
pub use notice::Notice;
pub use view::RunView;

use crate::domain::outcome::RunEnd;
use crate::domain::plan::Plan;
use crate::domain::policy::Policy;

/// The pure state machine of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Scheduler {
    /// `None` until [`Event::Begun`].
    run: Option<run::Run>,
}

/// What handling one event led to.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Output {
    /// To be carried out, in this order.
    pub commands: Vec<Command>,
    /// To be told, in this order.
    pub notices: Vec<Notice>,
}

impl Scheduler {
    /// Takes one event into account. `at` is milliseconds of running time since the run began; it never goes back.
    /// Total: an event that is stale, repeated or impossible changes nothing.
    pub fn handle(&mut self, at: u64, event: &Event) -> Output {
        match (&mut self.run, event) {
            (None, Event::Begun(begun)) => self.run.insert(run::Run::begin(at, begun)).drain(),
            (None, _) => Output::default(),
            (Some(run), event) => {
                run.handle(at, event);
                run.drain()
            }
        }
    }

    /// When [`Event::Tick`] is due if nothing else happens before, in the time of [`Self::handle`].
    #[must_use]
    pub fn next_deadline(&self) -> Option<u64> {
        self.run.as_ref().and_then(run::Run::next_deadline)
    }

    /// The picture of the run; `None` before it began.
    #[must_use]
    pub fn view(&self) -> Option<RunView> {
        self.run.as_ref().map(run::Run::view)
    }

    /// How the run ended, once nothing is in flight any more.
    #[must_use]
    pub fn ended(&self) -> Option<&RunEnd> {
        self.run.as_ref().and_then(run::Run::ended)
    }

    /// The plan that is being carried out.
    #[must_use]
    pub fn plan(&self) -> Option<&Plan> {
        self.run.as_ref().map(|run| &run.plan)
    }

    /// The user's `prd.json`, in full.
    #[must_use]
    pub fn prd(&self) -> Option<&str> {
        self.run.as_ref().map(|run| run.prd_path.as_str())
    }

    /// The limits that hold now.
    #[must_use]
    pub fn policy(&self) -> Option<&Policy> {
        self.run.as_ref().map(|run| &run.policy)
    }
}
