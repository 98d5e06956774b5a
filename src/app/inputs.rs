//! Reading what a run is made from: `prd.json` and `ralph.config.yml`, with all their faults at once.

use std::path::{Path, PathBuf};

use super::refusal::Refusal;
use super::validate;
use crate::config::settings::Settings;
use crate::config::{FILE_NAME, Overrides, Source, settle};
use crate::domain::plan::Plan;
use crate::domain::prd;

/// Reads and checks the PRD; its warnings go to standard error.
///
/// # Errors
/// It cannot be read, or it has faults: all of them.
pub fn plan(path: &Path) -> Result<Plan, Refusal> {
    let file = path.display().to_string();
    let bytes = prd_bytes(path)?;
    match prd::check(&bytes) {
        Ok(checked) => {
            for warning in &checked.warnings {
                note!("warning: {}", warning.in_file(&file));
            }
            Ok(checked.plan)
        }
        faults @ Err(_) => Err(Refusal::input(validate::report(&file, &faults).text)),
    }
}

/// The bytes of a PRD.
///
/// # Errors
/// It cannot be read; what to do.
pub fn prd_bytes(path: &Path) -> Result<Vec<u8>, Refusal> {
    let advice = |error: &std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => "name another PRD, or make one: ralph-teams init",
        _ => "name another PRD, or check that it is a file and yours to read",
    };
    std::fs::read(path)
        .map_err(|error| Refusal::input(format!("{} cannot be read: {error}; {}", path.display(), advice(&error))))
}

/// Reads and checks the configuration; its warnings go to standard error.
///
/// # Errors
/// A file that was named cannot be read, or there are faults: all of them.
pub fn settings(
    checkout: &Path,
    named: Option<&Path>,
    env: &std::collections::BTreeMap<String, String>,
    overrides: &Overrides,
) -> Result<Settings, Refusal> {
    let path: PathBuf = named.map_or_else(|| checkout.join(FILE_NAME), Path::to_path_buf);
    let bytes = config_bytes(&path, named.is_none())?;
    let name = path.display().to_string();
    let name = if named.is_none() { FILE_NAME } else { &name };
    let source = bytes.as_deref().map(|bytes| Source { name, bytes });
    let settings = settle(source, env, overrides).map_err(|faults| Refusal::input(faults.to_string()))?;
    for warning in &settings.warnings {
        note!("warning: {warning}");
    }
    Ok(settings)
}

/// The bytes of a configuration file; `None`: there is none, which is a fault unless it `may_be_missing`.
///
/// # Errors
/// It cannot be read.
pub fn config_bytes(path: &Path, may_be_missing: bool) -> Result<Option<Vec<u8>>, Refusal> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && may_be_missing => Ok(None),
        Err(error) => Err(Refusal::input(format!(
            "{} cannot be read: {error}; check that it is there, a file, and yours to read",
            path.display()
        ))),
    }
}
