//! A little room beside the journal that is kept for the moment when the disk is full.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// Enough for some hundred records: all that a run still has to say when it stops.
const BYTES: usize = 64 * 1024;

/// The file, as long as this value lives.
#[derive(Debug)]
pub(super) struct Reserve {
    path: PathBuf,
}

impl Reserve {
    /// Keeps room in a directory. `None`: there is none to keep, which is no reason not to go on.
    pub(super) fn keep(directory: &Path) -> Option<Self> {
        let reserve = Self { path: directory.join("reserve") };
        reserve.fill().ok().map(|()| reserve)
    }

    fn fill(&self) -> io::Result<()> {
        let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&self.path)?;
        // Not all the same byte: a file system that packs its files must not make it smaller.
        let mut random = fastrand::Rng::with_seed(1);
        let bytes: Vec<u8> = std::iter::repeat_with(|| random.u8(..)).take(BYTES).collect();
        file.write_all(&bytes)?;
        file.sync_all()
    }
}

impl Drop for Reserve {
    fn drop(&mut self) {
        // What is not removed is only used again.
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_room_is_taken_while_it_is_kept_and_given_back_then() {
        use std::os::unix::fs::MetadataExt as _;
        let directory = tempfile::tempdir().expect("a directory");
        let reserve = Reserve::keep(directory.path()).expect("room");
        let path = directory.path().join("reserve");
        assert!(fs::metadata(&path).expect("a file").blocks() * 512 >= BYTES as u64);
        drop(reserve);
        assert!(!path.exists());
        assert!(Reserve::keep(&directory.path().join("missing")).is_none());
    }
}
