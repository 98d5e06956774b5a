//! Lock files that a killed git left: removed where it is certain that nobody holds them, else named.
//!
//! **Invariant:** no lock of a git that lives is ever removed, and none of a branch of the user's.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::refs::{OUR_REFS, require_ours};
use super::{Git, GitError};
use crate::clock;

/// A lock that all references share is held for an instant, or for seconds while very many are packed. Only an older one
/// can be a leftover.
const LEAST_AGE: Duration = Duration::from_secs(10);
/// Longest wait for a lock to grow old: others may take it again and again, or its time may lie ahead of ours.
const LONGEST_WAIT: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_millis(50);

/// What became of the lock that all references share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SharedLock {
    /// There is none.
    Free,
    /// A killed git had left it; it was removed.
    Removed(PathBuf),
    /// It is there, and nothing proves that nobody holds it; with the reason.
    Kept(PathBuf, String),
}

impl Git {
    /// Removes the lock files that a killed git left on a branch of the runner. Callers make sure that nobody is at
    /// work on the branch; locks of the user's branches are never touched.
    pub(in crate::effects) fn unlock_branch(&self, branch: &str) -> Result<(), GitError> {
        require_ours(branch)?;
        self.unlock_ref(&format!("refs/heads/{branch}"))
    }

    /// The same for a ref of the runner, by its full name; others are left alone.
    pub(super) fn unlock_ref(&self, name: &str) -> Result<(), GitError> {
        let is_branch = name.strip_prefix("refs/heads/").is_some_and(|branch| require_ours(branch).is_ok());
        if is_branch || name.starts_with(OUR_REFS) {
            return remove_lock(&self.common_dir.join(format!("{name}.lock")));
        }
        Ok(())
    }

    /// Removes `packed-refs.lock` when a killed git left it: while it is there, no git can delete a branch, not even the
    /// user's. It is removed when it has been there for ten seconds (this waits for them) and no git that is as old is at work
    /// in any checkout of the repository.
    ///
    /// # Errors
    /// It cannot be looked at or removed.
    pub fn unlock_packed_refs(&self) -> Result<SharedLock, GitError> {
        let lock = self.common_dir.join("packed-refs.lock");
        let began = clock::now();
        let age = loop {
            match age_of(&lock)? {
                None => return Ok(SharedLock::Free),
                Some(age) if age >= LEAST_AGE => break age,
                Some(_) if began.elapsed() > LONGEST_WAIT => {
                    return Ok(SharedLock::Kept(lock, "it is taken again and again".to_owned()));
                }
                Some(_) => std::thread::sleep(PAUSE),
            }
        };
        match self.possible_holder(age)? {
            None => remove_lock(&lock).map(|()| SharedLock::Removed(lock)),
            Some(why) => Ok(SharedLock::Kept(lock, why)),
        }
    }

    /// Why somebody may hold a lock of the repository that is so old.
    #[cfg(target_os = "linux")]
    fn possible_holder(&self, age: Duration) -> Result<Option<String>, GitError> {
        let mut folders: Vec<PathBuf> = self.checkouts()?.into_iter().map(|checkout| checkout.path).collect();
        folders.push(self.common_dir.clone());
        let holder = crate::effects::host::gits::at_work_in(&folders, age);
        Ok(holder.map(|pid| format!("process {pid} is a git that may be at work here")))
    }

    #[cfg(not(target_os = "linux"))]
    fn possible_holder(&self, _age: Duration) -> Result<Option<String>, GitError> {
        Ok(Some("this system does not tell which programs are at work here".to_owned()))
    }
}

/// How long ago a file was changed; `None`: it is not there.
fn age_of(path: &Path) -> Result<Option<Duration>, GitError> {
    match std::fs::symlink_metadata(path).and_then(|data| data.modified()) {
        Ok(changed) => Ok(Some(Duration::from_millis(clock::age_ms(changed)))),
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(fault) => Err(GitError::io("look at", path)(fault)),
    }
}

/// Removes a lock file that nobody holds any more.
pub(in crate::effects) fn remove_lock(lock: &Path) -> Result<(), GitError> {
    match std::fs::remove_file(lock) {
        Ok(()) => {
            tracing::warn!(lock = %lock.display(), "removed the lock of a git that was killed");
            Ok(())
        }
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(fault) => Err(GitError::io("remove the stale lock", lock)(fault)),
    }
}
