//! The schema of `ralph.config.yml` where an editor finds it: in our own folder, which git does not see.

use super::refusal::Refusal;
use super::repository::Repository;
use crate::config::schema::schema;
use crate::effects::fs::{create_directory, write_atomic};

/// Where it lies, relative to the top folder.
pub const PLACE: &str = ".ralph-teams/config.schema.json";

/// The schema as text.
///
/// # Errors
/// It cannot be written as JSON.
pub fn text() -> Result<String, Refusal> {
    serde_json::to_string_pretty(&schema()).map(|text| text + "\n").map_err(Refusal::internal)
}

/// The line by which a configuration file leads an editor there.
#[must_use]
pub fn first_line() -> String {
    format!("# yaml-language-server: $schema={PLACE}\n")
}

/// Puts it there.
///
/// # Errors
/// The folder cannot be written.
pub fn keep(repository: &Repository) -> Result<(), Refusal> {
    repository.git.exclude_our_folders().map_err(Refusal::environment)?;
    create_directory(repository.state.path()).map_err(Refusal::environment)?;
    write_atomic(&repository.checkout.join(PLACE), text()?.as_bytes()).map_err(Refusal::environment)
}
