//! One log, byte for byte.

use std::fs::File;
use std::io::{self, Seek as _, SeekFrom, Write};
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use crate::effects::paths::RunDir;
use crate::scheduler::Job;

/// A log of which everything is copied once.
pub struct RawLog {
    /// Whose it is.
    pub job: Job,
    path: PathBuf,
    file: Option<File>,
    copied: u64,
}

impl RawLog {
    /// From its beginning.
    pub fn new(job: Job, run_dir: &RunDir) -> Self {
        Self { path: run_dir.log(&job), job, file: None, copied: 0 }
    }

    /// Copies what is new. A log that was replaced or cut is copied from its new beginning.
    pub fn copy(&mut self, to: &mut impl Write) -> io::Result<()> {
        loop {
            if self.file.is_none() {
                match File::open(&self.path) {
                    Ok(file) => (self.file, self.copied) = (Some(file), 0),
                    Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
                    Err(error) => return Err(error),
                }
            }
            let Some(file) = &mut self.file else { return Ok(()) };
            if file.metadata()?.len() < self.copied {
                file.seek(SeekFrom::Start(0))?;
                self.copied = 0;
            }
            self.copied += io::copy(file, to)?;
            let copied = file.metadata()?;
            let is_same = |named: std::fs::Metadata| (named.dev(), named.ino()) == (copied.dev(), copied.ino());
            // Deleted: nothing more comes until a new file has the name.
            if std::fs::metadata(&self.path).map_or(true, is_same) {
                return Ok(());
            }
            self.file = None;
        }
    }
}
