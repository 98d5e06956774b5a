//! `ralph-teams setup`: with flags alone, and as an interview on a real terminal.
#![expect(clippy::disallowed_methods, reason = "a test builds its own world and starts the real program")]

#[path = "../common/mod.rs"]
mod common;
#[expect(dead_code, reason = "the tests of the full screen use the rest of it")]
#[path = "../tui/pty.rs"]
mod pty;
mod flags;
mod interview;
mod scene;
