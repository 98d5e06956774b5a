//! Our tools as agent programs meet them: the real server over pipes, the real desk, and whole runs.
#![expect(clippy::disallowed_methods, reason = "a test makes its own files and processes")]
#![cfg(target_os = "linux")]

#[path = "../common/mod.rs"]
mod common;
#[path = "../common/mcp.rs"]
mod mcp;
#[path = "../run/processes.rs"]
#[allow(dead_code, reason = "only a part of it is needed here")]
mod processes;
#[path = "../run/scene.rs"]
#[allow(dead_code, reason = "only a part of it is needed here")]
mod scene;
mod raw;
mod stand_in;

mod protocol;
mod away;
mod desk;
mod again;
mod runs;
mod delegate;
