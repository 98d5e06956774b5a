//! The terminal's foreground: lent to a program that the person opens, and taken back when it is over.
//!
//! **Invariant:** what is typed into the program reaches its process group and never ours, in which git and the gates run;
//! and the terminal is never taken from a shell that stopped us and went on with it.

use std::io::{self, Read as _, Stdin};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use nix::sys::signal::{SigSet, SigmaskHow, Signal};
use rustix::process::{Pid, Signal as Raw, getpgrp, kill_current_process_group, test_kill_process_group};
use rustix::termios::{tcgetpgrp, tcsetpgrp};
use signal_hook::SigId;
use signal_hook::consts::{SIGCONT, SIGTSTP};

/// The foreground while it is lent to one process group; ours again when dropped, where that is for us to say.
#[derive(Debug)]
pub struct Loan {
    terminal: Stdin,
    ours: Pid,
    to: Pid,
    /// This process stood still meanwhile, so whoever stopped it may have put another job into the foreground.
    stood_still: Arc<AtomicBool>,
    listener: Option<SigId>,
}

impl Loan {
    /// Lends the foreground to the process group of a child.
    #[must_use]
    pub fn to(group: Pid) -> Self {
        let stood_still = Arc::default();
        // It can fail only for a signal that does not exist.
        let listener = signal_hook::flag::register(SIGCONT, Arc::clone(&stood_still)).ok();
        let loan = Self { terminal: io::stdin(), ours: getpgrp(), to: group, stood_still, listener };
        loan.give(group);
        loan
    }

    /// Lends it again, after the program was stopped; whether it may go on. It may not while another job of the person's
    /// shell has the terminal.
    #[must_use = "a program that may not have the terminal would only be stopped again"]
    pub fn renew(&self) -> bool {
        self.give(self.to)
    }

    fn give(&self, group: Pid) -> bool {
        // Without an answer this is not our controlling terminal, and there are no jobs on it.
        let Ok(holder) = tcgetpgrp(&self.terminal) else { return true };
        let is_known = holder == self.ours || holder == self.to;
        if !is_known && self.stood_still.load(Ordering::SeqCst) && test_kill_process_group(holder).is_ok() {
            return false;
        }
        // Who is not in the foreground would be stopped for this by SIGTTOU.
        let mut stops = SigSet::empty();
        stops.add(Signal::SIGTTOU);
        let before = stops.thread_swap_mask(SigmaskHow::SIG_BLOCK);
        // The program, or the terminal, may be gone already.
        let _ = tcsetpgrp(&self.terminal, group);
        let _ = before.and_then(|before| before.thread_set_mask());
        true
    }
}

impl Drop for Loan {
    fn drop(&mut self) {
        self.give(self.ours);
        if let Some(listener) = self.listener {
            signal_hook::low_level::unregister(listener);
        }
    }
}

/// While it lives, Ctrl-Z stops nobody in our process group.
///
/// Until the terminal is lent, the key is for us, and it stops each child that is just being started and has no process group
/// of its own yet; whoever starts one waits until it runs its program, and so would wait for good.
#[derive(Debug)]
pub struct Unstoppable {
    listener: SigId,
}

impl Unstoppable {
    /// Begins.
    ///
    /// # Errors
    /// The system has no thread or no pipe to give.
    pub fn begin() -> io::Result<Self> {
        let (wake, mut woken) = UnixStream::pair()?;
        let listener = signal_hook::low_level::pipe::register(SIGTSTP, wake)?;
        // Ends with the other side of the pipe, which the listener owns.
        std::thread::Builder::new().name("unstoppable".to_owned()).spawn(move || {
            while matches!(woken.read(&mut [0; 16]), Ok(1..)) {
                // A child that is not stopped yet forgets that it was to be.
                let _ = kill_current_process_group(Raw::CONT);
            }
        })?;
        Ok(Self { listener })
    }
}

impl Drop for Unstoppable {
    fn drop(&mut self) {
        signal_hook::low_level::unregister(self.listener);
    }
}
