//! From a wish to work that is landed: the real program, agents of every kind, and people at a real terminal.
#![expect(clippy::disallowed_methods, reason = "a test makes its own files and processes")]
#![cfg(target_os = "linux")]

#[path = "../common/mod.rs"]
mod common;
#[path = "../run/processes.rs"]
#[expect(dead_code, reason = "the tests of runs use more of it")]
mod processes;
#[path = "../tui/pty.rs"]
#[expect(dead_code, reason = "the tests of the screen use more of it")]
mod pty;
#[path = "../run/scene.rs"]
#[expect(dead_code, reason = "the tests of runs use more of it")]
mod scene;

mod texts;

mod prompts;
mod wish;
mod interview;
mod plan;
mod task;
mod launch;
mod readme;
