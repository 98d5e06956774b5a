//! The git room with real git and real repositories.

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
mod including;
