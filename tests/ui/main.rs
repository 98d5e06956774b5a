//! What people and programs see of a run: the wording of every notice, plain output, JSON, and screens that fail.
#![expect(clippy::disallowed_methods, reason = "a test makes its own files and processes")]

mod detached;
mod json;
mod plain;
mod samples;
mod summary;
mod wording;
