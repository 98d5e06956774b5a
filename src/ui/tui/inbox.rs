//! The bounded queue between the run and the screen's thread: the run never waits, the screen misses at most the oldest.

use std::collections::VecDeque;
use std::io::{self, Write as _};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::msg::Msg;
use crate::domain::activity::Activity;
use crate::scheduler::RunView;

/// Messages that wait at most.
const ITEMS_MAX: usize = 4_096;
/// Bytes of what agents say that wait at most.
const BYTES_MAX: usize = 2 * 1024 * 1024;

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
    /// Another program has the terminal.
    Away,
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
    /// Bytes of what agents say among the items.
    bytes: usize,
    /// Whether the thread was woken for what is in here.
    rung: bool,
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

    /// Wakes the thread, unless it was already and did not look yet.
    fn ring_once(&self, mut queue: MutexGuard<'_, Queue>) {
        if !std::mem::replace(&mut queue.rung, true) {
            drop(queue);
            self.ring();
        }
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
        let size = size_of(&msg);
        while queue.items.len() >= ITEMS_MAX || (size > 0 && queue.bytes > 0 && queue.bytes + size > BYTES_MAX) {
            queue.drop_one();
        }
        queue.bytes += size;
        queue.items.push_back(msg);
        self.ring_once(queue);
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
        self.ring_once(queue);
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
        (queue.rung, queue.bytes) = (false, 0);
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
            queue.items = VecDeque::new();
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

    /// Waits for the end: for a bounded time, or for as long as the person looks at what came of the run or at another
    /// program. `false`: it does not answer, or another program has the terminal and `hurries` says that this must not
    /// be waited for.
    pub fn wait_for_end(&self, patience: Duration, hurries: impl Fn() -> bool) -> bool {
        let mut queue = self.lock();
        loop {
            if matches!(queue.state, State::Ended(_)) {
                return true;
            }
            let waited = self.changed.wait_timeout(queue, patience).unwrap_or_else(PoisonError::into_inner);
            queue = waited.0;
            let waits = match queue.state {
                State::Lingering | State::Ended(_) => true,
                State::Away => !hurries(),
                State::Showing | State::SteppedBack => false,
            };
            if waited.1.timed_out() && !waits {
                return false;
            }
        }
    }
}

impl Queue {
    /// Drops the oldest thing that an agent does; where there is none, the oldest of anything.
    fn drop_one(&mut self) {
        let oldest = self.items.iter().position(|item| matches!(item, Msg::Activity(..))).unwrap_or(0);
        if let Some(gone) = self.items.remove(oldest) {
            self.bytes = self.bytes.saturating_sub(size_of(&gone));
            self.n_missed += 1;
        }
    }
}

/// Bytes of what an agent says in this message.
fn size_of(msg: &Msg) -> usize {
    if let Msg::Activity(_, _, Activity::Text(text)) = msg { text.len() } else { 0 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheduler::Scope;

    fn inbox() -> (Inbox, UnixStream) {
        let (wake, woken) = UnixStream::pair().expect("a pair");
        wake.set_nonblocking(true).expect("set");
        woken.set_nonblocking(true).expect("set");
        (Inbox::new(wake), woken)
    }

    fn said(text: &str) -> Msg {
        Msg::Activity(0, Scope::Run, Activity::Text(text.to_owned()))
    }

    #[test]
    fn what_waits_is_bounded_in_number_and_in_bytes_and_what_the_run_tells_stays() {
        let (inbox, _woken) = inbox();
        inbox.push(Msg::Card("stays".to_owned())).expect("open");
        for n in 0..3 * ITEMS_MAX {
            inbox.push(said(&n.to_string())).expect("open");
        }
        let (items, _) = inbox.take();
        assert_eq!(items.len(), ITEMS_MAX + 1, "and one line about what was missed");
        assert_eq!(items[0], Msg::Card("stays".to_owned()));
        assert_eq!(items[ITEMS_MAX - 1], said(&(3 * ITEMS_MAX - 1).to_string()));
        let long = "x".repeat(BYTES_MAX / 4);
        for _ in 0..100 {
            inbox.push(said(&long)).expect("open");
        }
        let (items, _) = inbox.take();
        assert_eq!(items.iter().map(size_of).sum::<usize>(), BYTES_MAX);
    }

    #[test]
    fn the_thread_is_woken_once_for_everything_that_it_has_not_seen() {
        use std::io::Read as _;
        let (inbox, mut woken) = inbox();
        let mut bytes = [0; 64];
        for _ in 0..10 {
            inbox.push(said("x")).expect("open");
        }
        assert_eq!(woken.read(&mut bytes).expect("woken"), 1);
        inbox.take();
        inbox.push(said("y")).expect("open");
        assert_eq!(woken.read(&mut bytes).expect("woken"), 1);
    }
}
