//! The lock of the live runner: at most one per repository, free the moment its holder is gone, however it went.
//!
//! The kernel holds the lock (`flock`), so a SIGKILL frees it; the file's content only names the holder. Locked are
//! git's common directory and the file in it: the directory, because a file can be unlinked and made anew by someone
//! who tidies up, and then two runners would each hold a lock of their own; the file, because network file systems
//! refuse to lock a directory.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _};
use std::os::unix::fs::{FileExt as _, MetadataExt as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use rustix::io::Errno;
use serde::{Deserialize, Serialize};

use super::runner;
use crate::domain::id::RunId;

/// The file's name in git's common directory.
pub const FILE_NAME: &str = "ralph-teams.lock";

/// How often, and how far apart, a second runner looks again when the lock is taken but its holder has not written its
/// name yet, or is just dying: 0.6 seconds in all.
const LOOKS: u32 = 30;
const BETWEEN_LOOKS: Duration = Duration::from_millis(20);

/// Who holds the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Its process.
    pub pid: u32,
    /// The name of its machine.
    pub host: String,
    /// When it started, for people.
    pub started: String,
    /// The run that it works on.
    pub run: RunId,
    /// When its process was born, in ticks since the machine started: with `pid` it names the process for ever.
    /// `None` where the system does not say.
    #[serde(default)]
    pub born: Option<u64>,
}

impl Holder {
    /// This process, on this machine.
    #[must_use]
    pub fn this_process(run: RunId, started: &str) -> Self {
        let host = rustix::system::uname().nodename().to_string_lossy().into_owned();
        let pid = std::process::id();
        Self { pid, host, started: started.to_owned(), run, born: runner::born(pid) }
    }
}

/// Why the lock was not taken.
#[derive(Debug, thiserror::Error)]
pub enum LockFault {
    /// Another runner is at work.
    #[error("another runner is at work in this repository: process {} on {}, run {}, since {}; wait for it, or stop it with `ralph-teams stop`", .0.pid, .0.host, .0.run, .0.started)]
    Held(Holder),
    /// Another process holds the lock and does not say who it is.
    #[error("another process holds the lock {} and does not say who it is; `fuser {}` names it", .0.display(), .0.parent().unwrap_or(.0).display())]
    HeldByUnknown(PathBuf),
    /// The system refuses.
    #[error("cannot lock {}: {source}; check that you may write there", path.display())]
    Disk {
        /// The lock's file.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// The lock, held as long as this value lives.
#[derive(Debug)]
pub struct RunnerLock {
    /// `None`: this file system cannot lock directories.
    directory: Option<File>,
    file: File,
}

impl RunnerLock {
    /// Takes the lock, or says within a second who has it.
    ///
    /// # Errors
    /// The [`LockFault`]; nothing is locked then.
    pub fn acquire(common_dir: &Path, holder: &Holder) -> Result<Self, LockFault> {
        let path = common_dir.join(FILE_NAME);
        let disk = |source| LockFault::Disk { path: path.clone(), source };
        for look in 0..LOOKS {
            if let Some(lock) = try_lock(common_dir, &path).map_err(disk)? {
                lock.sign(holder).map_err(disk)?;
                return Ok(lock);
            }
            // What stands there may be left from a holder that is gone; then the new one is about to sign.
            if let Some(other) = read_holder(&path).filter(|other| may_live(other, &holder.host)) {
                return Err(LockFault::Held(other));
            }
            if look + 1 < LOOKS {
                std::thread::sleep(BETWEEN_LOOKS);
            }
        }
        Err(LockFault::HeldByUnknown(path))
    }

    fn sign(&self, holder: &Holder) -> io::Result<()> {
        let text = serde_json::to_vec(holder)?;
        self.file.set_len(0)?;
        self.file.write_all_at(&text, 0)
    }
}

impl Drop for RunnerLock {
    fn drop(&mut self) {
        // Nobody reads the name of a holder that let go; a failure only leaves it standing.
        let _ = self.file.set_len(0);
        // Said aloud, because a child that is just being started may share these files for a moment; closing them
        // would then not be enough.
        for file in [Some(&self.file), self.directory.as_ref()].into_iter().flatten() {
            let _ = flock(file, FlockOperation::Unlock);
        }
    }
}

/// Who holds the lock now. `None`: nobody, or nobody that can be named. Never takes the lock.
#[must_use]
pub fn holder(common_dir: &Path) -> Option<Holder> {
    let this_host = rustix::system::uname().nodename().to_string_lossy().into_owned();
    read_holder(&common_dir.join(FILE_NAME)).filter(|holder| may_live(holder, &this_host))
}

fn try_lock(common_dir: &Path, path: &Path) -> io::Result<Option<RunnerLock>> {
    let directory = File::open(common_dir)?;
    let directory = match flock(&directory, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Some(directory),
        Err(Errno::WOULDBLOCK) => return Ok(None),
        Err(_) => None,
    };
    let file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(path)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => {}
        Err(Errno::WOULDBLOCK) => return Ok(None),
        Err(errno) => return Err(errno.into()),
    }
    // Between the open and the lock the file may have been unlinked; then this lock is on a file that nobody else
    // will ever see.
    let locked = file.metadata()?;
    let same = path.metadata().is_ok_and(|seen| (seen.dev(), seen.ino()) == (locked.dev(), locked.ino()));
    Ok(same.then_some(RunnerLock { directory, file }))
}

fn read_holder(path: &Path) -> Option<Holder> {
    let mut text = Vec::new();
    // A holder's line is short; whatever is longer is something else.
    File::open(path).ok()?.take(4096).read_to_end(&mut text).ok()?;
    serde_json::from_slice(&text).ok()
}

/// Whether the holder may still be there; of another machine's processes nothing can be known from here.
fn may_live(holder: &Holder, this_host: &str) -> bool {
    holder.host != this_host || runner::lives(holder)
}
