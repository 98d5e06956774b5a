//! A bounded queue and a thread of its own in front of a slow sink: whoever runs the run never waits for a screen.
//!
//! **Invariant:** no method but [`Sink::close`] waits for the thread, and that one only for a bounded time.

use std::collections::VecDeque;
use std::io;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::{Missed, Sink};
use crate::domain::activity::Activity;
use crate::scheduler::{Notice, RunView, Scope};

/// Notices that wait at most; beyond, the oldest goes. Many hours of a busy run, and a few megabytes.
const NOTICES_MAX: usize = 4_096;
/// Activities that wait at most; beyond, the oldest goes. More than anyone can read at once.
const ACTIVITIES_MAX: usize = 256;
/// How long the end of a run waits for a screen that does not keep up.
const CLOSE_PATIENCE: Duration = Duration::from_secs(2);
/// How often [`Sink::idle`] is called while nothing happens.
const IDLE_PERIOD: Duration = Duration::from_secs(1);

/// A sink that runs in a thread of its own behind a bounded queue. Dropping it waits for nothing: for an exit that must be
/// immediate, drop it instead of closing it.
pub struct Detached {
    shared: Arc<Shared>,
}

struct Shared {
    queue: Mutex<Queue>,
    /// Signalled when something is in the queue, or it is closed.
    filled: Condvar,
    /// Signalled when the thread is over.
    finished: Condvar,
}

/// What waits to be shown.
#[derive(Default)]
struct Queue {
    items: VecDeque<Item>,
    n_notices: usize,
    n_activities: usize,
    /// The newest picture; older ones are of no use to anyone, so items carry none.
    view: Option<Arc<RunView>>,
    /// Whether `view` itself is to be shown, besides being the background of notices.
    stale: bool,
    missed: Missed,
    closed: bool,
    /// Set when the thread is over: how its sink ended.
    end: Option<io::Result<()>>,
}

enum Item {
    Notice(u64, Box<Notice>),
    Activity(u64, Scope, Activity),
    Card(String),
}

/// What the thread does next.
enum Work {
    Show(Item, Option<Arc<RunView>>),
    Refresh(Arc<RunView>),
    Missed(u64, Missed),
    Idle,
    Close,
}

impl Detached {
    /// Starts the thread that feeds the sink.
    ///
    /// # Errors
    /// The system has no thread to give.
    pub fn new(mut sink: impl Sink + Send + 'static) -> io::Result<Self> {
        let shared = Arc::new(Shared { queue: Mutex::default(), filled: Condvar::new(), finished: Condvar::new() });
        let of_thread = Arc::clone(&shared);
        std::thread::Builder::new().name("screen".to_owned()).spawn(move || {
            let mut ending = Ending { shared: of_thread, end: None };
            ending.end = Some(feed(&ending.shared, &mut sink));
        })?;
        Ok(Self { shared })
    }

    /// Changes the queue and wakes the thread; the error that ended the sink, if one did.
    fn push(&self, change: impl FnOnce(&mut Queue)) -> io::Result<()> {
        let mut queue = self.shared.lock();
        if let Some(end) = queue.end.as_mut() {
            return std::mem::replace(end, Ok(()));
        }
        change(&mut queue);
        self.shared.filled.notify_one();
        Ok(())
    }
}

impl Sink for Detached {
    fn notice(&mut self, at_ms: u64, notice: &Notice, view: &RunView) -> io::Result<()> {
        self.push(|queue| {
            queue.see(view);
            queue.add(Item::Notice(at_ms, Box::new(notice.clone())));
        })
    }

    fn activity(&mut self, at_ms: u64, scope: &Scope, activity: &Activity) -> io::Result<()> {
        self.push(|queue| queue.add(Item::Activity(at_ms, scope.clone(), activity.clone())))
    }

    fn refresh(&mut self, view: &RunView) -> io::Result<()> {
        self.push(|queue| {
            queue.see(view);
            queue.stale = true;
        })
    }

    fn card(&mut self, text: &str) -> io::Result<()> {
        self.push(|queue| queue.add(Item::Card(text.to_owned())))
    }

    fn close(&mut self) -> io::Result<()> {
        self.push(|queue| queue.closed = true)?;
        let open = |queue: &mut Queue| queue.end.is_none();
        let waited = self.shared.finished.wait_timeout_while(self.shared.lock(), CLOSE_PATIENCE, open);
        let (mut queue, _) = waited.unwrap_or_else(PoisonError::into_inner);
        queue.end.take().unwrap_or_else(|| Err(io::Error::new(io::ErrorKind::TimedOut, "nobody reads it")))
    }
}

impl Drop for Detached {
    /// Lets the thread end once it has shown what waits; nobody waits for it.
    fn drop(&mut self) {
        self.shared.lock().closed = true;
        self.shared.filled.notify_one();
    }
}

impl Shared {
    /// A panic while the lock is held is impossible to see here but harmless: every change leaves the queue whole.
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for something to do. What was missed is said before what comes after it.
    fn next(&self) -> Work {
        let mut queue = self.lock();
        loop {
            let at = queue.view.as_ref().map_or(0, |view| view.at);
            if queue.missed != Missed::default() {
                return Work::Missed(at, std::mem::take(&mut queue.missed));
            }
            if let Some(item) = queue.take() {
                return Work::Show(item, queue.view.clone());
            }
            if let Some(view) = queue.view.clone().filter(|_| queue.stale) {
                queue.stale = false;
                return Work::Refresh(view);
            }
            if queue.closed {
                return Work::Close;
            }
            let (woken, waited) = self.filled.wait_timeout(queue, IDLE_PERIOD).unwrap_or_else(PoisonError::into_inner);
            queue = woken;
            if waited.timed_out() {
                return Work::Idle;
            }
        }
    }
}

impl Queue {
    fn see(&mut self, view: &RunView) {
        if self.view.as_deref() != Some(view) {
            self.view = Some(Arc::new(view.clone()));
        }
    }

    /// Adds an item and keeps the bounds: of each kind the oldest goes first, so that the end of a run always arrives.
    fn add(&mut self, item: Item) {
        match &item {
            Item::Notice(..) if self.n_notices >= NOTICES_MAX => {
                self.drop_oldest(|item| matches!(item, Item::Notice(..)));
                self.missed.notices += 1;
            }
            Item::Notice(..) => self.n_notices += 1,
            Item::Activity(..) if self.n_activities >= ACTIVITIES_MAX => {
                self.drop_oldest(|item| matches!(item, Item::Activity(..)));
                self.missed.activities += 1;
            }
            Item::Activity(..) => self.n_activities += 1,
            // A run ends once, so cards need no bound.
            Item::Card(_) => {}
        }
        self.items.push_back(item);
    }

    fn drop_oldest(&mut self, kind: impl Fn(&Item) -> bool) {
        if let Some(position) = self.items.iter().position(kind) {
            self.items.remove(position);
        }
    }

    fn take(&mut self) -> Option<Item> {
        let item = self.items.pop_front()?;
        match item {
            Item::Notice(..) => self.n_notices -= 1,
            Item::Activity(..) => self.n_activities -= 1,
            Item::Card(_) => {}
        }
        Some(item)
    }
}

/// Shows what comes until the queue is closed and empty, or the sink fails.
fn feed(shared: &Shared, sink: &mut impl Sink) -> io::Result<()> {
    loop {
        match shared.next() {
            Work::Show(Item::Notice(at, notice), Some(view)) => sink.notice(at, &notice, &view)?,
            // Cannot be: a notice always comes with a picture.
            Work::Show(Item::Notice(..), None) => {}
            Work::Show(Item::Activity(at, scope, activity), _) => sink.activity(at, &scope, &activity)?,
            Work::Show(Item::Card(text), _) => sink.card(&text)?,
            Work::Refresh(view) => sink.refresh(&view)?,
            Work::Missed(at, missed) => sink.missed(at, missed)?,
            Work::Idle => sink.idle()?,
            Work::Close => return sink.close(),
        }
    }
}

/// Says that the thread is over, also when the sink panics.
struct Ending {
    shared: Arc<Shared>,
    end: Option<io::Result<()>>,
}

impl Drop for Ending {
    fn drop(&mut self) {
        let end = self.end.take().unwrap_or_else(|| Err(io::Error::other("its thread panicked")));
        let mut queue = self.shared.lock();
        queue.end = Some(end);
        queue.items.clear();
        self.shared.finished.notify_all();
    }
}
