//! What wakes the host: a word from the runner, the death of a child, or a deadline. One `poll`, nothing busy.

use std::io;
use std::io::Read as _;
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use signal_hook::consts::signal::{
    SIGALRM, SIGCHLD, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2,
};

use super::ladder::Word;

/// The host's ears.
pub struct Wake {
    /// Readable whenever a child died or stopped.
    children: UnixStream,
    /// Whether the control pipe may still say something.
    listening: bool,
}

impl Wake {
    /// Opens the ears and makes the host deaf to the signals that are not meant for it.
    ///
    /// Handlers that do nothing are installed instead of `SIG_IGN`: the system puts handled signals back to their default when the
    /// program is started, while ignored ones stay ignored. So a program that is started from `nohup`, or from a
    /// background job of a plain shell, reacts to SIGINT all the same.
    ///
    /// # Errors
    /// When the system has no descriptor left.
    pub fn new() -> io::Result<Self> {
        let nobody_reads = Arc::new(AtomicBool::new(false));
        for signal in [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGTTIN, SIGTTOU, SIGUSR1, SIGUSR2, SIGALRM] {
            signal_hook::flag::register(signal, Arc::clone(&nobody_reads))?;
        }
        // Also needed where SIGCHLD was inherited as ignored: children would vanish without an exit status.
        let (children, bell) = UnixStream::pair()?;
        children.set_nonblocking(true)?;
        signal_hook::low_level::pipe::register(SIGCHLD, bell)?;
        Ok(Self { children, listening: true })
    }

    /// Waits for a word, a dead child or the end of `patience` (`None`: for ever). Returns the words in their order.
    ///
    /// # Errors
    /// When the system cannot wait at all.
    pub fn wait(&mut self, patience: Option<Duration>) -> io::Result<Vec<Word>> {
        let stdin = io::stdin();
        let mut descriptors = vec![PollFd::new(&self.children, PollFlags::IN)];
        if self.listening {
            descriptors.push(PollFd::from_borrowed_fd(stdin.as_fd(), PollFlags::IN));
        }
        let patience = patience.map(|left| Timespec::try_from(left).unwrap_or(LONG));
        match poll(&mut descriptors, patience.as_ref()) {
            Ok(_) => {}
            // A signal arrived: the caller looks at its children and its deadlines and comes back.
            Err(rustix::io::Errno::INTR) => return Ok(Vec::new()),
            Err(error) => return Err(error.into()),
        }
        let spoken = descriptors.get(1).is_some_and(|descriptor| !descriptor.revents().is_empty());
        self.empty_the_bell();
        if spoken { Ok(self.listen()) } else { Ok(Vec::new()) }
    }

    fn empty_the_bell(&mut self) {
        let mut buffer = [0; 256];
        while matches!(self.children.read(&mut buffer), Ok(n) if n > 0) {}
    }

    fn listen(&mut self) -> Vec<Word> {
        let mut buffer = [0; 64];
        match rustix::io::read(io::stdin().as_fd(), &mut buffer) {
            Ok(n) if n > 0 => buffer.iter().take(n).filter_map(|byte| Word::of(*byte)).collect(),
            Err(rustix::io::Errno::INTR | rustix::io::Errno::AGAIN) => Vec::new(),
            // A pipe that fails is as good as one that ended: nobody can reach us through it any more.
            Ok(_) | Err(_) => {
                self.listening = false;
                vec![Word::Gone]
            }
        }
    }
}

/// Longer than any limit; for durations that do not fit.
const LONG: Timespec = Timespec { tv_sec: 86_400, tv_nsec: 0 };
