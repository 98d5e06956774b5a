//! What survives: the journal of a run, to which every event is written before it is acted upon.
//!
//! **Invariant:** the state of a run is only ever a fold of its journal. A record that was acknowledged is never lost,
//! and a journal that was damaged is never read as if it were whole.
#![expect(clippy::disallowed_methods, reason = "this room owns the journal's file")]

pub mod checksum;
pub mod record;
mod reserve;
pub mod file;
pub mod tail;
#[cfg(feature = "test-fakes")]
mod failpoint;

pub use file::{Journal, JournalError, read};
pub use record::{Header, RecordFault, Replayed, Torn};
pub use tail::{More, Tail};
