//! The bounded queue between the run and the screen's thread: the run never waits, the screen misses at most the oldest.

use std::collections::VecDeque;
use std::io::{self, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::msg::Msg;
use crate::scheduler::RunView;

/// Messages that wait at most.
const ITEMS_MAX: usize = 4_096;

/// What the run wants of the screen.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Wish {
    /// Show the run.
    #[default]
    Show,
    /// Give the terminal back for a while.
    StepBack,
    /// End.
    Close,
}

/// Where the screen stands.
#[derive(Debug, Default)]
pub(super) enum State {
    /// It shows the run.
    #[default]
    Showing,
    /// It gave the terminal back for a while.
    SteppedBack,
    /// The run is over, and the person looks at what came of it.
    Lingering,
    /// It is over: why, until somebody asked.
    Ended(Option<io::Error>),
}

/// The queue, shared by both sides.
pub(super) struct Inbox {
    queue: Mutex<Queue>,
    changed: Condvar,
    wake: UnixStream,
}

#[derive(Default)]
struct Queue {
    items: VecDeque<Msg>,
    view: Option<Arc<RunView>>,
    stale: bool,
    n_missed: u64,
    wish: Wish,
    state: State,
}

impl Inbox {
    /// An empty one; a byte in `wake` says that there is something.
    pub fn new(wake: UnixStream) -> Self {
        Self { queue: Mutex::default(), changed: Condvar::new(), wake }
    }

    /// A panic while the lock is held leaves the queue whole: every change is one step.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn ring(&self) {
        // A full pipe wakes as well.
        let _ = (&self.wake).write(&[1]);
    }

    /// The picture that is shared by all messages about it.
    pub fn shared(&self, view: &RunView) -> Arc<RunView> {
        let mut queue = self.lock();
        if queue.view.as_deref() != Some(view) {
            queue.view = Some(Arc::new(view.clone()));
        }
        queue.view.clone().unwrap_or_else(|| Arc::new(view.clone()))
    }

    /// Adds a message.
    ///
    /// # Errors
    /// The screen is over; said once.
    pub fn push(&self, msg: Msg) -> io::Result<()> {
        let mut queue = self.lock();
        if let State::Ended(error) = &mut queue.state {
            return error.take().map_or(Ok(()), Err);
        }
        if queue.items.len() >= ITEMS_MAX {
            let activity = queue.items.iter().position(|item| matches!(item, Msg::Activity(..))).unwrap_or(0);
            queue.items.remove(activity);
            queue.n_missed += 1;
        }
        queue.items.push_back(msg);
        drop(queue);
        self.ring();
        Ok(())
    }

    /// A newer picture; older ones that were not shown are of no use.
    ///
    /// # Errors
    /// The screen is over; said once.
    pub fn refresh(&self, view: &RunView) -> io::Result<()> {
        self.shared(view);
        let mut queue = self.lock();
        if let State::Ended(error) = &mut queue.state {
            return error.take().map_or(Ok(()), Err);
        }
        queue.stale = true;
        drop(queue);
        self.ring();
        Ok(())
    }

    /// Asks for something.
    pub fn wish(&self, wish: Wish) {
        self.lock().wish = wish;
        self.ring();
    }

    /// Takes everything out.
    pub fn take(&self) -> (Vec<Msg>, Wish) {
        let mut queue = self.lock();
        let mut items: Vec<Msg> = queue.items.drain(..).collect();
        let n_missed = std::mem::take(&mut queue.n_missed);
        if n_missed > 0 {
            items.push(Msg::Missed(format!("{n_missed} messages could not be shown in time")));
        }
        if std::mem::take(&mut queue.stale) {
            items.extend(queue.view.clone().map(Msg::View));
        }
        (items, queue.wish)
    }

    /// Says where the screen stands.
    pub fn set(&self, state: State) {
        let mut queue = self.lock();
        if matches!(state, State::Ended(_)) {
            queue.items.clear();
        }
        queue.state = state;
        drop(queue);
        self.changed.notify_all();
    }

    /// Whether the screen is over.
    pub fn is_over(&self) -> bool {
        matches!(self.lock().state, State::Ended(_))
    }

    /// Waits until the screen gave the terminal back, for a bounded time.
    pub fn wait_until_back(&self, patience: Duration) {
        let shows = |queue: &mut Queue| matches!(queue.state, State::Showing | State::Lingering);
        let _ = self.changed.wait_timeout_while(self.lock(), patience, shows);
    }

    /// Waits for the end: for a bounded time, or for as long as the person looks at what came of the run.
    /// `false`: it does not answer.
    pub fn wait_for_end(&self, patience: Duration) -> bool {
        let mut queue = self.lock();
        loop {
            if matches!(queue.state, State::Ended(_)) {
                return true;
            }
            let waited = self.changed.wait_timeout(queue, patience).unwrap_or_else(PoisonError::into_inner);
            queue = waited.0;
            if waited.1.timed_out() && !matches!(queue.state, State::Lingering | State::Ended(_)) {
                return false;
            }
        }
    }
}
