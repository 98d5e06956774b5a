//! Watches over what is the user's: whether checkout, branches, hooks or configuration changed while sessions ran.
//!
//! Nothing is restored and nobody is accused: the user may work in the checkout meanwhile. Looks are taken one at a
//! time: one when the first session begins, one after each session's end.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::PoisonError;
use std::time::Duration;

use tokio::sync::Mutex;

use super::context::blocking;
use super::git::Git;
use super::git::status::Fingerprint;
use crate::scheduler::{Event, Job};

/// How long a look may take in the usual course of things. A repository that does not answer holds no session up.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// How long a look may take while the run is being stopped.
pub const PATIENCE_OF_A_STOP: Duration = Duration::from_millis(300);

/// Remote branches move with every fetch, and a fetch harms nobody.
const OF_NO_INTEREST: &str = "refs/remotes/";

/// The guard of one run.
#[derive(Debug)]
pub struct Guard {
    git: Git,
    prd: PathBuf,
    watch: Mutex<Watch>,
    /// Sessions that are gone and could not wait for their look: whoever looks next strikes them off.
    gone: std::sync::Mutex<Vec<Job>>,
}

#[derive(Debug, Default)]
struct Watch {
    /// Sessions at work.
    present: BTreeSet<Job>,
    /// Sessions that were at work at any time since the last look.
    since_look: BTreeSet<Job>,
    last: Option<Fingerprint>,
}

impl Guard {
    /// A guard of the user's checkout; the PRD in it is the runner's to write.
    #[must_use]
    pub fn new(git: Git, prd: PathBuf) -> Self {
        Self { git, prd, watch: Mutex::default(), gone: std::sync::Mutex::default() }
    }

    /// A session is about to begin.
    pub async fn enter(&self, job: &Job) {
        let mut watch = self.watch.lock().await;
        self.strike_off(&mut watch);
        if watch.present.is_empty() {
            // What changed while nobody was at work was done by the user.
            watch.last = self.look(PATIENCE).await;
            watch.since_look.clear();
        }
        watch.present.insert(job.clone());
        watch.since_look.insert(job.clone());
    }

    /// A session has ended: what changed since the last look, if anything.
    pub async fn leave(&self, job: &Job, patience: Duration) -> Option<Event> {
        self.gone.lock().unwrap_or_else(PoisonError::into_inner).push(job.clone());
        let mut watch = tokio::time::timeout(patience, self.watch.lock()).await.ok()?;
        self.strike_off(&mut watch);
        let now = self.look(patience).await?;
        let present = watch.present.clone();
        let mut beside = std::mem::replace(&mut watch.since_look, present);
        beside.remove(job);
        let before = watch.last.replace(now.clone())?;
        let mut changes = before.changes(&now);
        changes.retain(|change| !change.starts_with(OF_NO_INTEREST));
        let beside = beside.into_iter().collect();
        (!changes.is_empty()).then(|| Event::Meddled { job: job.clone(), beside, changes })
    }

    fn strike_off(&self, watch: &mut Watch) {
        for job in self.gone.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            watch.present.remove(&job);
        }
    }

    async fn look(&self, patience: Duration) -> Option<Fingerprint> {
        let (git, prd) = (self.git.clone(), self.prd.clone());
        let look = blocking(move || git.fingerprint_beside(Some(&prd)));
        match tokio::time::timeout(patience, look).await {
            Ok(Ok(fingerprint)) => Some(fingerprint),
            Ok(Err(failure)) => {
                tracing::warn!("the checkout cannot be watched over: {}", failure.what);
                None
            }
            Err(_) => {
                tracing::warn!("a look at the checkout took longer than {patience:?} and was given up");
                None
            }
        }
    }
}
