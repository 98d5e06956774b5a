//! The commands around a run, with the real binary, real repositories and a scripted agent.
#![expect(clippy::disallowed_methods, reason = "tests make files and processes of their own")]

#[path = "../common/mod.rs"]
mod common;
mod edits;
mod guard;
mod land;
mod lint;
mod readers;
mod reset;
mod scene;
mod status;
mod stop;
mod unfinished;
