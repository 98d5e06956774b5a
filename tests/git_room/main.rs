//! The git room with real git and real repositories.
#![expect(clippy::disallowed_methods, reason = "a test makes its own files and processes")]

#[path = "../common/mod.rs"]
mod common;

mod handle;
mod reading;
mod recording;
mod merging;
mod updating;
mod worktrees;
mod repairs;
mod removing;
mod putting_back;
mod guarding;
mod including;
mod locks;
