//! What people and programs see of a run: the wording of every notice, plain output, JSON, and screens that fail.

mod detached;
mod json;
mod plain;
mod samples;
mod summary;
mod wording;
