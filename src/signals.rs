//! Signals as a stream: what the terminal, the system and other programs ask of the runner.

use std::io;
use std::task::{Context, Poll, Waker};

use tokio::signal::unix::{self, SignalKind};

/// A signal that the runner answers in good order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// SIGINT, Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
    /// SIGHUP: the terminal is gone.
    HangUp,
    /// SIGTSTP, Ctrl-Z: the runner is to be suspended. Since it is caught, the kernel does not do it: after the sessions
    /// are stopped, the runner must raise SIGSTOP itself.
    Suspend,
}

/// The stream. While it exists, these signals no longer end the process; that stays so when it is dropped.
#[derive(Debug)]
pub struct Signals {
    listeners: Option<Listeners>,
}

#[derive(Debug)]
struct Listeners {
    interrupt: unix::Signal,
    terminate: unix::Signal,
    hang_up: unix::Signal,
    suspend: unix::Signal,
}

impl Signals {
    /// Begins to listen; a signal that arrives after this is never lost, though several of one kind may become one.
    ///
    /// # Errors
    /// The system's reason. Must be called on a tokio runtime.
    pub fn listen() -> io::Result<Self> {
        let suspend = SignalKind::from_raw(rustix::process::Signal::TSTP.as_raw());
        Ok(Self {
            listeners: Some(Listeners {
                interrupt: unix::signal(SignalKind::interrupt())?,
                terminate: unix::signal(SignalKind::terminate())?,
                hang_up: unix::signal(SignalKind::hangup())?,
                suspend: unix::signal(suspend)?,
            }),
        })
    }

    /// A stream on which nothing ever arrives, for tests.
    #[must_use]
    pub fn none() -> Self {
        Self { listeners: None }
    }

    /// Waits for the next signal; the one that ends the run soonest comes first. Cancel safe: a signal that was not
    /// returned comes with the next call.
    pub async fn next(&mut self) -> Signal {
        let Some(Listeners { interrupt, terminate, hang_up, suspend }) = &mut self.listeners else {
            return std::future::pending().await;
        };
        // A stream that has ended (`None`) never arrives again, so its branch is left out of the wait.
        tokio::select! {
            biased;
            Some(()) = interrupt.recv() => Signal::Interrupt,
            Some(()) = terminate.recv() => Signal::Terminate,
            Some(()) = hang_up.recv() => Signal::HangUp,
            Some(()) = suspend.recv() => Signal::Suspend,
            else => std::future::pending().await,
        }
    }
}

impl Signals {
    /// Forgets what the keys of the terminal sent so far: it was for another program, which had the terminal until now.
    pub async fn forget_keys(&mut self) {
        // A signal that arrived is seen only after the runtime looked for it, which it does before it comes back here.
        tokio::task::yield_now().await;
        if let Some(listeners) = &mut self.listeners {
            let mut nobody = Context::from_waker(Waker::noop());
            for keys in [&mut listeners.interrupt, &mut listeners.suspend] {
                while matches!(keys.poll_recv(&mut nobody), Poll::Ready(Some(()))) {}
            }
        }
    }
}

/// Stops this process as Ctrl-Z would have, had it not been caught; returns when it is continued (`fg`).
pub fn stop_this_process() {
    // It can fail only for a signal that does not exist.
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::STOP);
}

#[cfg(test)]
mod tests {
    use std::future::Future as _;
    use std::pin::pin;

    use rustix::process::{Signal as Raw, getpid, kill_process};

    use super::*;

    #[test]
    fn each_signal_arrives_as_what_it_is_and_more_than_once() {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut signals = Signals::listen().expect("signals");
            let sent = [
                (Raw::TSTP, Signal::Suspend),
                (Raw::HUP, Signal::HangUp),
                (Raw::TERM, Signal::Terminate),
                (Raw::INT, Signal::Interrupt),
                (Raw::INT, Signal::Interrupt),
            ];
            for (raw, signal) in sent {
                kill_process(getpid(), raw).expect("sent");
                assert_eq!(signals.next().await, signal);
            }
            // What the keys sent can be forgotten, and nothing else is. In the same test: signals are for the whole process.
            for raw in [Raw::TSTP, Raw::INT, Raw::TERM] {
                kill_process(getpid(), raw).expect("sent");
            }
            signals.forget_keys().await;
            assert_eq!(signals.next().await, Signal::Terminate);
            let next = pin!(signals.next());
            assert_eq!(next.poll(&mut Context::from_waker(Waker::noop())), Poll::Pending);
        });
    }

    #[test]
    fn none_never_brings_a_signal() {
        let mut signals = Signals::none();
        let next = pin!(signals.next());
        assert_eq!(next.poll(&mut Context::from_waker(Waker::noop())), Poll::Pending);
    }
}
