//! `ralph-teams` as people use it: the real program, real git, real processes, and agents of every kind.
#![expect(clippy::disallowed_methods, reason = "a test makes its own files and processes")]
#![cfg(target_os = "linux")]

#[path = "../common/mod.rs"]
mod common;

mod fingerprint;
mod processes;
mod scene;
mod schema;

mod twelve;
mod sessions;
mod vandals;
mod merging;
mod stopping;
mod again;
mod preflight;
mod output;
mod choices;
mod codex;
mod copilot;
mod replaying;
mod budget;
mod names;
mod phases;
mod delegation;
mod opencode;
mod gemini;
mod acp;
mod watchdog;
mod hooks;
