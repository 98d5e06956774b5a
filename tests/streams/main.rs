//! The readers of agent output against everything that agents ever printed, and against what none would print.
//!
//! - [`table`]: every recorded stream, one row each: how it ended, what that means, what it consumed;
//! - [`long`]: lines of megabytes;
//! - [`broken`]: streams that are damaged at random, in every way that [`damage`] knows.
//!
//! `RALPH_STREAMS_SEEDS=100000` tries so many damaged streams, `RALPH_STREAMS_FROM=n` begins with that one.
#![expect(clippy::disallowed_methods, reason = "a test makes its own files and processes")]

#[path = "../common/ends.rs"]
mod ends;
#[path = "../common/recorded.rs"]
mod recorded;
#[path = "../backend_acp/talk.rs"]
mod talk;

mod broken;
mod damage;
mod long;
mod table;
