//! `ralph-teams ready`: what it finds, what it proposes, and that it changes nothing unasked.
#![expect(clippy::disallowed_methods, reason = "a test builds its own world and starts the real program")]

#[path = "../common/mod.rs"]
mod common;
mod command;
mod pages;
#[expect(dead_code, reason = "the tests of the full screen use the rest of it")]
#[path = "../tui/pty.rs"]
mod pty;
#[path = "../survey/scene.rs"]
#[expect(dead_code, reason = "the tests of the survey use the rest of it")]
mod scene;
