//! `ralph.config.yml`, environment and flags -> checked [`Settings`].
//!
//! **Invariant:** this room reads no file and no environment; text, variables and flags are arguments, so the same
//! arguments always lead to the same settings or the same faults.

pub mod settings;
pub mod overrides;
pub mod origin;
pub mod fault;
pub mod preset;
pub mod schema;
pub mod environment;
pub mod compose;
pub mod edit;
pub mod emit;
pub mod show;
mod check;
mod draft;
mod file;
mod models;
mod prices;
mod reader;
mod yaml;

use std::collections::BTreeMap;

pub use fault::{Fault, Faults};
pub use models::Models;
pub use origin::{Origin, Origins};
pub use overrides::{BackendFlag, Bound, Overrides, Parallel};
pub use prices::limit_of;
pub use settings::Settings;

use draft::Draft;

/// The name of the configuration file, in the root of the user's repository.
pub const FILE_NAME: &str = "ralph.config.yml";

/// The configuration file as it was read.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    /// Its name, as faults shall show it.
    pub name: &'a str,
    /// Its content; need not be text.
    pub bytes: &'a [u8],
}

/// Merges all layers, the strongest first: flags, environment, file, preset, defaults.
///
/// # Errors
/// All faults of all layers at once. Only a file that is not YAML at all hides its other faults.
pub fn settle(
    file: Option<Source<'_>>,
    environment: &BTreeMap<String, String>,
    overrides: &Overrides,
) -> Result<Settings, Faults> {
    let mut draft = Draft::new(file.map_or(FILE_NAME, |source| source.name));
    if let Some(source) = file {
        match yaml::parse(source.bytes) {
            Ok(root) => file::apply(&root, &mut draft),
            Err(fault) => draft.log.fault(fault.at, "", fault.problem),
        }
    }
    environment::apply(environment, &mut draft);
    overrides::apply(overrides, &mut draft);
    draft.complete();
    check::check(&mut draft);
    let Draft { mut settings, log, .. } = draft;
    if log.faults.is_empty() {
        settings.origins = log.origins;
        return Ok(settings);
    }
    let mut faults = log.faults;
    faults.sort();
    faults.dedup();
    Err(Faults(faults))
}
