//! The commands that prepare and explain, with the real binary: configuration, doctor, completions, pages, version.
#![expect(clippy::disallowed_methods, reason = "tests make files and processes of their own")]

#[path = "../common/mod.rs"]
mod common;
mod config;
mod doctor;
mod place;
mod shell;
mod version;
