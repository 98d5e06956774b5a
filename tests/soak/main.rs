//! Nothing is ever lost: the real binary with a scripted agent is killed, interrupted and sabotaged, resumed until it is
//! done, and then compared with a run that nobody disturbed.
//!
//! `RALPH_SOAK_SECONDS` lets the random part go on for longer, `RALPH_SOAK_SEED` repeats it; see `docs/soak.md`.
#![expect(clippy::disallowed_methods, reason = "tests make their own files and processes, and read the clock")]

#[path = "../common/mod.rs"]
mod common;
mod escapes;
mod journal_writes;
mod life;
mod outcome;
mod processes;
mod random_kills;
mod repairs;
mod site;
mod story;
mod stops;
