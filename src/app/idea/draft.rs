//! A draft: the folder in which a wish becomes a brief, a brief a PRD, an epic a plan. It stays, whatever becomes of it.

use std::path::{Path, PathBuf};

use crate::app::refusal::Refusal;
use crate::app::repository::Repository;
use crate::clock::Clock;
use crate::domain::id::RunId;
use crate::effects::fs::{create_directory, write_atomic};

/// One draft.
pub struct Draft {
    /// Its name.
    pub id: RunId,
    folder: PathBuf,
    /// The folder as the person would type it.
    shown: String,
}

impl Draft {
    /// Makes a new one.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn begin(repository: &Repository) -> Result<Self, Refusal> {
        repository.git.exclude_our_folders().map_err(Refusal::environment)?;
        let id = Clock::going_on_from(0).new_run_id(&mut fastrand::Rng::new()).map_err(Refusal::internal)?;
        let folder = repository.state.draft(&id);
        create_directory(&folder).map_err(Refusal::environment)?;
        let shown = repository.shown(&folder);
        Ok(Self { id, folder, shown })
    }

    /// A file of it.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// The same as the person would type it.
    #[must_use]
    pub fn shown(&self, name: &str) -> String {
        Path::new(&self.shown).join(name).display().to_string()
    }

    /// Writes a file of it, whole or not at all.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn write(&self, name: &str, bytes: &[u8]) -> Result<(), Refusal> {
        write_atomic(&self.path(name), bytes).map_err(Refusal::environment)
    }

    /// Reads a file of it; nothing when it is not there.
    ///
    /// # Errors
    /// It is there and cannot be read.
    pub fn read(&self, name: &str) -> Result<Option<Vec<u8>>, Refusal> {
        match std::fs::read(self.path(name)) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Refusal::environment(format!("{} cannot be read: {error}", self.shown(name)))),
        }
    }

    /// What is said when a person leaves in the middle.
    #[must_use]
    pub fn left(&self) -> Refusal {
        Refusal::interrupted(format!("stopped; nothing was written but the draft in {}", self.shown))
    }
}
