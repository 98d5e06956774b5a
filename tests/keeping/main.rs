//! What is kept of runs, looked at and tidied up with the real program: logs, runs, worktrees, backups, and the disk.
#![expect(clippy::disallowed_methods, reason = "a test makes its own files and processes")]

#[path = "../common/mod.rs"]
mod common;

mod scene;
mod logs;
mod runs;
mod worktrees;
mod recover;
mod disk;
