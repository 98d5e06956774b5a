//! `facts.json` in a run's directory: with what its newest life works, for screens that look at it from elsewhere.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::fs::{FsError, write_atomic};
use super::paths::RunDir;

/// The version of the format; a reader leaves a newer one alone.
pub const VERSION: u32 = 1;

/// With what a life of a run works. Written when it begins; nothing is decided by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RunFacts {
    /// The version of the format.
    pub version: u32,
    /// The version of ralph-teams.
    pub program: String,
    /// The agent program, by the name in the configuration.
    pub backend: String,
    /// The models, in one line; empty: the program's default.
    pub models: String,
    /// What the agents may do, in plain words.
    pub permissions: String,
    /// The gates, in their order.
    pub gates: Vec<GateFact>,
    /// Rounds of fixes that an epic may take.
    pub max_fix_cycles: u32,
}

/// A command that proves work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct GateFact {
    /// Its name.
    pub name: String,
    /// As the user wrote it.
    pub command: String,
}

impl RunFacts {
    /// Writes it whole or not at all.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn write(&self, run_dir: &RunDir) -> Result<(), FsError> {
        let path = run_dir.facts();
        let text = serde_json::to_vec_pretty(self).map_err(|fault| FsError::of("write", &path)(fault.into()))?;
        write_atomic(&path, &text)
    }

    /// Reads it. `None`: an older program began the run, or a newer one.
    #[must_use]
    pub fn read(run_dir: &RunDir) -> Option<Self> {
        let facts: Self = serde_json::from_slice(&std::fs::read(run_dir.facts()).ok()?).ok()?;
        (facts.version == VERSION).then_some(facts)
    }
}

/// The JSON Schema of the file, as published in `schemas/facts.schema.json`.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(RunFacts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::RunId;
    use crate::effects::paths::StateDir;

    #[test]
    fn what_was_written_is_read_and_another_version_is_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let run_dir = StateDir::of(folder.path()).begin(&RunId::new("r").unwrap()).unwrap();
        assert_eq!(RunFacts::read(&run_dir), None);
        let facts = RunFacts {
            version: VERSION,
            program: "2.0.0".to_owned(),
            backend: "claude".to_owned(),
            models: "opus".to_owned(),
            permissions: "agents may do anything".to_owned(),
            gates: vec![GateFact { name: "test".to_owned(), command: "cargo test".to_owned() }],
            max_fix_cycles: 3,
        };
        facts.write(&run_dir).unwrap();
        assert_eq!(RunFacts::read(&run_dir), Some(facts.clone()));
        RunFacts { version: VERSION + 1, ..facts }.write(&run_dir).unwrap();
        assert_eq!(RunFacts::read(&run_dir), None);
    }
}
