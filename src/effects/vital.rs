//! Signs of life of a session that prints nothing: its processes work, or its worktree changes.
//!
//! A test suite of twenty minutes prints nothing through most agent programs, and a session that runs it is not idle. The
//! agent program's own time on the processor says nothing: a program that waits for a dead connection may spin.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sha2::{Digest as _, Sha256};
use tokio::time::sleep;

use super::git::{Git, GitError};
use super::host::work::work_below;
use crate::clock;
use crate::scheduler::event::Sign;

/// The longest time between two looks at a session that prints nothing.
const LONGEST: Duration = Duration::from_secs(60);
/// Processes that take less of a processor than this, in thousandths, wait rather than work: servers, watchers, polls.
const AT_WORK: u128 = 50;

/// Looks at one session while it prints nothing.
pub struct Vital {
    every: Option<Duration>,
    seen: Arc<Mutex<Seen>>,
}

/// What was seen at the look before.
struct Seen {
    git: Git,
    worktree: PathBuf,
    host: Option<u32>,
    at: std::time::Instant,
    work: Option<Duration>,
    traces: Option<String>,
}

impl Vital {
    /// Looks at the session of this host in this worktree, eight times within the limit of silence; without a limit never.
    #[must_use]
    pub fn new(git: &Git, worktree: &Path, host: Option<u32>, idle_timeout_ms: Option<u64>) -> Self {
        let seen = Seen {
            git: git.clone(),
            worktree: worktree.to_owned(),
            host,
            at: clock::now(),
            work: host.and_then(work_below),
            traces: None,
        };
        let every = idle_timeout_ms.map(|limit| Duration::from_millis((limit / 8).max(1)).min(LONGEST));
        Self { every, seen: Arc::new(Mutex::new(seen)) }
    }

    /// Waits until it is time for a look, and looks. May be dropped at any time: whoever prints is not looked at.
    pub async fn look(&self) -> Option<Sign> {
        let Some(every) = self.every else { return std::future::pending().await };
        sleep(every).await;
        let seen = Arc::clone(&self.seen);
        // A look that panics is no sign.
        tokio::task::spawn_blocking(move || seen.lock().unwrap_or_else(PoisonError::into_inner).look()).await.ok()?
    }
}

impl Seen {
    fn look(&mut self) -> Option<Sign> {
        let silence = self.at.elapsed();
        self.at = clock::now();
        let before = std::mem::replace(&mut self.work, self.host.and_then(work_below));
        let worked = self.work.unwrap_or_default().saturating_sub(before.unwrap_or_default());
        if before.is_some() && worked.as_millis() * 1000 >= silence.as_millis() * AT_WORK && !worked.is_zero() {
            return Some(Sign::Processes);
        }
        // Slower than the look above, so it comes last; a worktree that cannot be read is no sign.
        let now = traces(&self.git, &self.worktree).ok();
        let before = std::mem::replace(&mut self.traces, now);
        (before.is_some() && self.traces.is_some() && before != self.traces).then_some(Sign::Worktree)
    }
}

/// What anybody did in a worktree, in short: where it stands, and which files are not as committed, with size and time.
///
/// # Errors
/// It is no worktree of this repository, or git fails.
pub fn traces(git: &Git, worktree: &Path) -> Result<String, GitError> {
    let mut digest = Sha256::new();
    digest.update(git.worktree_tip(worktree)?.as_str());
    for path in git.worktree_changes(worktree)? {
        let data = std::fs::symlink_metadata(worktree.join(&path));
        let stamp = data.map(|data| (data.len(), data.modified().ok())).ok();
        digest.update(format!("\0{}\0{stamp:?}", path.display()));
    }
    Ok(crate::domain::id::hex(&digest.finalize()))
}
