//! The live runner, seen from another process: whether it is really there, and how it is asked to stop.
//!
//! **Invariant:** no process but the very one that wrote its name into the lock is ever signalled. An id alone is given
//! to another process some day, so the moment of birth is compared too.

use rustix::io::Errno;
use rustix::process::{Pid, Signal, test_kill_process};

use super::lock::Holder;
use crate::scheduler::event::Stop;

/// When a process was born, in ticks since the machine started; `None`: it is gone, or the system does not say.
#[must_use]
pub(super) fn born(pid: u32) -> Option<u64> {
    on_this_system::look(process_id(pid)?).map(|seen| seen.born)
}

/// Whether the holder, a process of this machine, is alive.
#[must_use]
pub fn lives(holder: &Holder) -> bool {
    let Some(pid) = process_id(holder.pid) else { return false };
    if test_kill_process(pid) == Err(Errno::SRCH) {
        return false;
    }
    match (on_this_system::look(pid), holder.born) {
        (Some(seen), Some(born)) => seen.born == born && !seen.is_dead,
        (Some(seen), None) => !seen.is_dead,
        // Where nothing more can be known, the lock itself keeps two runners apart.
        (None, _) => true,
    }
}

/// Asks the holder, a process of this machine, to stop as Ctrl-C does, or as a second Ctrl-C does. `false`: it is gone,
/// it is not the process that took the lock, or it belongs to another user.
#[must_use]
pub fn ask_to_stop(holder: &Holder, how: Stop) -> bool {
    let signals: &[Signal] = match how {
        // One that is suspended hears only after it is continued.
        Stop::Graceful => &[Signal::INT, Signal::CONT],
        // Two of one kind may arrive as one.
        Stop::Now => &[Signal::INT, Signal::TERM, Signal::CONT],
    };
    process_id(holder.pid).is_some_and(|pid| signals.iter().all(|&signal| on_this_system::signal(pid, holder, signal)))
}

fn process_id(pid: u32) -> Option<Pid> {
    i32::try_from(pid).ok().and_then(Pid::from_raw)
}

/// What can be seen of a process.
struct Seen {
    born: u64,
    /// It only waits to be collected.
    is_dead: bool,
}

#[cfg(target_os = "linux")]
mod on_this_system {
    use rustix::process::{Pid, Signal};

    use super::{Holder, Seen};
    use crate::effects::host::proc;

    pub(super) fn look(pid: Pid) -> Option<Seen> {
        proc::read(pid).map(|process| Seen { born: process.started, is_dead: process.zombie })
    }

    pub(super) fn signal(pid: Pid, holder: &Holder, signal: Signal) -> bool {
        let process = proc::read(pid).filter(|process| holder.born == Some(process.started));
        process.is_some_and(|process| proc::signal(&process, signal))
    }
}

#[cfg(not(target_os = "linux"))]
mod on_this_system {
    use rustix::process::{Pid, Signal, kill_process};

    use super::{Holder, Seen};

    pub(super) fn look(_pid: Pid) -> Option<Seen> {
        None
    }

    pub(super) fn signal(pid: Pid, _holder: &Holder, signal: Signal) -> bool {
        kill_process(pid, signal).is_ok()
    }
}
