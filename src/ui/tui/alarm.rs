//! The signals that concern the screen. A run answers most by itself; `watch` has nobody else to do it.
//!
//! **Invariant:** a signal that would end or stop this process does so only after the terminal was given back, and once the
//! screen is over every signal does again what it did without a screen.

use std::io;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::low_level::{emulate_default_handler, pipe};
use signal_hook::{SigId, flag};

/// What arrived, and to whom it belongs.
#[derive(Debug)]
pub(super) struct Alarm {
    /// SIGTERM, SIGINT or SIGHUP: nobody else hears them in `watch`, nor once a run is over.
    ends: Vec<(i32, Arc<AtomicBool>)>,
    /// Nobody else answers this at any time: the process ends at once.
    quit: Arc<AtomicBool>,
    /// Ctrl-Z from elsewhere, in `watch`.
    suspend: Arc<AtomicBool>,
    /// The process stood still and goes on; whoever was there meanwhile may have changed the terminal.
    continued: Arc<AtomicBool>,
    over: Arc<AtomicBool>,
    registered: Vec<SigId>,
}

impl Alarm {
    /// Begins to listen. Each signal puts a byte into `wake`.
    ///
    /// # Errors
    /// The system's reason.
    pub(super) fn listen(wake: &UnixStream, watching: bool) -> io::Result<Self> {
        let mut alarm = Self {
            ends: Vec::new(),
            quit: Arc::default(),
            suspend: Arc::default(),
            continued: Arc::default(),
            over: Arc::default(),
            registered: Vec::new(),
        };
        for signal in [SIGTERM, SIGINT, SIGHUP] {
            if !watching && signal == SIGHUP {
                // A run goes on without its terminal; the reader sees by itself whether that is gone.
                continue;
            }
            let arrived = Arc::default();
            alarm.hear(signal, &arrived, wake, watching)?;
            alarm.ends.push((signal, arrived));
        }
        let [quit, suspend, continued] = [&alarm.quit, &alarm.suspend, &alarm.continued].map(Arc::clone);
        alarm.hear(SIGQUIT, &quit, wake, true)?;
        if watching {
            alarm.hear(SIGTSTP, &suspend, wake, true)?;
        }
        alarm.hear(SIGCONT, &continued, wake, false)?;
        alarm.registered.push(pipe::register(SIGWINCH, wake.try_clone()?)?);
        Ok(alarm)
    }

    /// `is_ours`: nobody else listens, so once the screen is over the signal must do what it always does.
    fn hear(&mut self, signal: i32, arrived: &Arc<AtomicBool>, wake: &UnixStream, is_ours: bool) -> io::Result<()> {
        if is_ours {
            // Stays for good: a handler cannot be taken back, only be told to do what would have happened without it.
            flag::register_conditional_default(signal, Arc::clone(&self.over))?;
        }
        self.registered.push(flag::register(signal, Arc::clone(arrived))?);
        self.registered.push(pipe::register(signal, wake.try_clone()?)?);
        Ok(())
    }

    /// The signal that asks for the end, where nobody else does what it asks for.
    pub(super) fn end(&self) -> Option<i32> {
        let arrived = self.ends.iter().find(|(_, arrived)| arrived.load(Ordering::SeqCst));
        arrived.map(|(signal, _)| *signal)
    }

    /// Whether SIGTERM arrived.
    pub(super) fn terminates(&self) -> bool {
        self.ends.iter().any(|(signal, arrived)| *signal == SIGTERM && arrived.load(Ordering::SeqCst))
    }

    /// Forgets what the keys of the terminal sent while they belonged to another program, and that it may have been continued
    /// together with us.
    pub(super) fn forget_keys(&self) {
        for arrived in [&self.suspend, &self.quit, &self.continued] {
            arrived.store(false, Ordering::SeqCst);
        }
        for (_, arrived) in self.ends.iter().filter(|(signal, _)| *signal == SIGINT) {
            arrived.store(false, Ordering::SeqCst);
        }
    }

    /// Whether the process is to end at once (SIGQUIT).
    pub(super) fn quits(&self) -> bool {
        self.quit.load(Ordering::SeqCst)
    }

    /// Whether the process is to stand still; said once.
    pub(super) fn suspends(&self) -> bool {
        self.suspend.swap(false, Ordering::SeqCst)
    }

    /// Whether the process stood still; said once.
    pub(super) fn continued(&self) -> bool {
        self.continued.swap(false, Ordering::SeqCst)
    }

    /// Does what the signal does to a process that does not listen. Only to be called after the terminal was given back.
    pub(super) fn obey(signal: i32) {
        // It can fail only for a signal that does not exist.
        let _ = emulate_default_handler(signal);
    }

    /// The terminal was given back for good: what only the screen heard does again what it always does.
    pub(super) fn finish(&self) {
        self.over.store(true, Ordering::SeqCst);
    }

    /// Ends as SIGQUIT asks.
    pub(super) fn obey_quit() {
        Self::obey(SIGQUIT);
    }

    /// Stands still as Ctrl-Z would have it; returns when the process goes on.
    pub(super) fn obey_suspend() {
        Self::obey(SIGTSTP);
    }
}

impl Drop for Alarm {
    fn drop(&mut self) {
        self.finish();
        for id in self.registered.drain(..) {
            signal_hook::low_level::unregister(id);
        }
    }
}
