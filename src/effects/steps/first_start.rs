//! The first start of a run, for programs that make files for themselves then and do not lock them.
//!
//! **Invariant:** a second session of such a program is not started before the first one has spoken, has ended, or has had
//! its time. Two runs do not know of each other; what they spoil for each other has to be mended by trying again.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::clock;
use crate::effects::backend::Backend;

/// Which programs this run has started already. Clones are the same.
#[derive(Debug, Clone, Default)]
pub struct FirstStarts {
    done: Arc<Mutex<BTreeSet<&'static str>>>,
    gate: Arc<tokio::sync::Mutex<()>>,
}

/// Alone until dropped.
pub(super) struct Alone {
    program: &'static str,
    starts: FirstStarts,
    _gate: tokio::sync::OwnedMutexGuard<()>,
    began: Instant,
    limit: Duration,
}

impl FirstStarts {
    /// Waits until the program may be started; `Some` when it has to be alone for a while.
    pub(super) async fn wait(&self, backend: &dyn Backend) -> Option<Alone> {
        self.wait_for(backend.name(), backend.first_start_alone()?).await
    }

    async fn wait_for(&self, program: &'static str, limit: Duration) -> Option<Alone> {
        if self.is_done(program) {
            return None;
        }
        let gate = self.gate.clone().lock_owned().await;
        if self.is_done(program) {
            return None;
        }
        Some(Alone { program, starts: self.clone(), _gate: gate, began: clock::now(), limit })
    }

    fn is_done(&self, program: &str) -> bool {
        self.done.lock().unwrap_or_else(PoisonError::into_inner).contains(program)
    }
}

impl Alone {
    /// Waits until it has been alone for long enough; for ever when it is not alone.
    pub(super) async fn over(alone: Option<&Self>) {
        match alone {
            Some(alone) => tokio::time::sleep(alone.limit.saturating_sub(alone.began.elapsed())).await,
            None => std::future::pending().await,
        }
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        self.starts.done.lock().unwrap_or_else(PoisonError::into_inner).insert(self.program);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effects::backend::{CommandLine, Opencode, Settings};

    /// Long enough for somebody who does not wait.
    const SHORT: Duration = Duration::from_millis(50);

    #[tokio::test]
    async fn the_second_start_waits_for_the_first_one_and_the_third_for_nobody() {
        let (starts, opencode) = (FirstStarts::default(), Opencode::new(Settings::default()));
        let first = starts.wait(&opencode).await;
        assert!(first.is_some());
        assert!(tokio::time::timeout(SHORT, starts.wait(&opencode)).await.is_err(), "the first has not spoken");
        drop(first);
        assert!(starts.wait(&opencode).await.is_none());
        assert!(starts.wait(&opencode).await.is_none());
    }

    #[tokio::test]
    async fn a_first_start_that_never_speaks_holds_nobody_for_ever() {
        let starts = FirstStarts::default();
        let first = starts.wait_for("mute", SHORT).await;
        Alone::over(first.as_ref()).await;
        drop(first);
        assert!(starts.wait_for("mute", SHORT).await.is_none());
    }

    #[tokio::test]
    async fn a_program_that_does_not_mind_is_not_kept_waiting() {
        let (starts, command) = (FirstStarts::default(), CommandLine::new(Settings::default()));
        let _opencode = starts.wait(&Opencode::new(Settings::default())).await;
        assert!(starts.wait(&command).await.is_none());
    }
}
