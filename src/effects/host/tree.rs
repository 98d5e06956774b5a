//! The tree of processes below the host: signal it, and clear it away until nothing is left.

use std::collections::BTreeSet;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};

use super::reap::Reaper;
use super::wake::Wake;
use crate::clock;

/// How long a tree may take to die of SIGKILL before the host gives up on what is stuck in the kernel.
const CLEAR_LIMIT: Duration = Duration::from_secs(5);

/// How long to wait for the killed to die before striking again; a death ends the wait earlier.
const STRIKE_PAUSE: Duration = Duration::from_millis(10);

/// What clearing a tree came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cleared {
    /// Processes other than the program that had to be killed.
    pub n_killed: u32,
    /// Processes that would not die.
    pub n_survivors: u32,
}

/// Asks the program itself to stop.
pub fn interrupt(reaper: &Reaper) {
    signal_program(reaper, Signal::INT);
    // One that is paused could not hear it.
    thaw(reaper);
}

/// Tells the program and all that it started to stop.
pub fn terminate(reaper: &Reaper) {
    signal_all(reaper, Signal::TERM);
    thaw(reaper);
}

/// Pauses the program and all that it started.
pub fn pause(reaper: &Reaper) {
    signal_all(reaper, Signal::STOP);
}

/// Lets what is paused go on.
pub fn thaw(reaper: &Reaper) {
    signal_all(reaper, Signal::CONT);
}

fn signal_all(reaper: &Reaper, signal: Signal) {
    signal_program(reaper, signal);
    signal_others(reaper, signal);
}

/// Kills whatever is below the host, over and over until no child is left, because a process may fork while others
/// of its family are being killed.
pub fn clear(reaper: &mut Reaper, wake: &mut Wake) -> Cleared {
    let began = clock::now();
    let mut killed = BTreeSet::new();
    // Where orphans do not come back to us, "no child left" says nothing: strike once in any case.
    let mut must_strike = cfg!(not(target_os = "linux"));
    while reaper.reap() || must_strike {
        must_strike = false;
        if began.elapsed() > CLEAR_LIMIT {
            return Cleared { n_killed: count(killed.len()), n_survivors: count(n_living()) };
        }
        strike(reaper, &mut killed);
        // An error here can only make the loop turn faster, and it is bounded.
        let _ = wake.wait(Some(STRIKE_PAUSE));
    }
    Cleared { n_killed: count(killed.len()), n_survivors: 0 }
}

/// The program is our child and not collected yet, so its id cannot mean another process.
fn signal_program(reaper: &Reaper, signal: Signal) {
    if reaper.program_status().is_none() {
        let _ = kill_process(reaper.program(), signal);
    }
}

/// Signals each group once. A group is the one thing that a process which forks and exits all the time cannot outrun:
/// the system signals it as a whole.
fn signal_groups(groups: impl IntoIterator<Item = Pid>, signal: Signal) {
    for group in groups {
        let _ = kill_process_group(group, signal);
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(target_os = "linux")]
mod every {
    use std::collections::BTreeMap;

    use super::{BTreeSet, Pid, Reaper, Signal, signal_groups, signal_program};
    use crate::effects::host::gits;
    use crate::effects::host::proc::{self, Process};

    /// Passes over the tree in search of one that is not frozen yet. A tree that still grows after as many is killed
    /// as it is; the next strike goes on.
    const FREEZE_PASSES: u32 = 8;

    pub(super) fn signal_others(reaper: &Reaper, signal: Signal) {
        for process in family().iter().filter(|process| process.pid != reaper.program()) {
            proc::signal(process, signal);
        }
    }

    pub(super) fn n_living() -> usize {
        family().len()
    }

    /// Freezes the tree first, since what is stopped cannot fork, lets its gits put their locks away, then kills it.
    pub(super) fn strike(reaper: &Reaper, killed: &mut BTreeSet<i32>) {
        let tree = freeze();
        let others = tree.values().filter(|process| process.pid != reaper.program());
        gits::end(tree.values());
        killed.extend(others.map(|process| process.pid.as_raw_nonzero().get()));
        signal_groups(groups(tree.values()), Signal::KILL);
        for process in tree.values() {
            proc::signal(process, Signal::KILL);
        }
        signal_program(reaper, Signal::KILL);
    }

    fn family() -> Vec<Process> {
        proc::descendants(&[rustix::process::getpid()])
    }

    fn freeze() -> BTreeMap<(i32, u64), Process> {
        let mut tree = BTreeMap::new();
        for _ in 0..FREEZE_PASSES {
            let found = family();
            let fresh: Vec<_> = found.into_iter().filter(|process| !tree.contains_key(&process.key())).collect();
            if fresh.is_empty() {
                break;
            }
            signal_groups(groups(&fresh), Signal::STOP);
            for process in fresh {
                proc::signal(&process, Signal::STOP);
                tree.insert(process.key(), process);
            }
        }
        tree
    }

    /// The groups of these processes, except our own.
    fn groups<'a>(processes: impl IntoIterator<Item = &'a Process>) -> Vec<Pid> {
        let own = rustix::process::getpgrp().as_raw_nonzero().get();
        let groups: BTreeSet<i32> = processes.into_iter().map(|process| process.group).collect();
        groups.into_iter().filter(|group| *group != own).filter_map(Pid::from_raw).collect()
    }
}

#[cfg(not(target_os = "linux"))]
mod every {
    use super::{BTreeSet, Pid, Reaper, Signal, signal_groups, signal_program};

    /// Without `/proc` and subreapers the program's process group is all that can be reached.
    pub(super) fn signal_others(reaper: &Reaper, signal: Signal) {
        signal_groups([reaper.program()], signal);
    }

    pub(super) fn n_living() -> usize {
        1
    }

    pub(super) fn strike(reaper: &Reaper, _killed: &mut BTreeSet<i32>) {
        signal_groups([reaper.program()], Signal::KILL);
        signal_program(reaper, Signal::KILL);
    }
}

use every::{n_living, signal_others, strike};
