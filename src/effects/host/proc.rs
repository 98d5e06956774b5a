//! Looks at processes through `/proc` (Linux), and signals exactly the one that was looked at.

use std::collections::BTreeSet;

use rustix::process::{Pid, PidfdFlags, Signal, pidfd_open, pidfd_send_signal};

/// One process, as it was a moment ago.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Process {
    /// Its id.
    pub pid: Pid,
    /// When it started, in ticks since boot.
    pub started: u64,
    /// The id of its parent.
    pub parent: i32,
    /// The id of its process group.
    pub group: i32,
    /// Whether it is dead already and only waits to be collected.
    pub zombie: bool,
    /// Whether its program is git or one of git's helpers, by its name.
    pub is_git: bool,
    /// Time on a processor so far, in ticks.
    pub ticks: u64,
    /// The same of its children that have ended and were waited for, and of theirs.
    pub ticks_of_ended: u64,
}

impl Process {
    /// What names this process for ever: an id alone is given to another process some day.
    pub fn key(&self) -> (i32, u64) {
        (self.pid.as_raw_nonzero().get(), self.started)
    }
}

/// The process ids in `/proc`.
pub fn pids() -> impl Iterator<Item = Pid> {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok().and_then(Pid::from_raw))
}

/// All processes that can be seen.
pub fn all() -> Vec<Process> {
    pids().filter_map(read).collect()
}

/// One process; `None` when it is gone.
pub fn read(pid: Pid) -> Option<Process> {
    let text = std::fs::read(format!("/proc/{pid}/stat")).ok()?;
    parse(pid, &String::from_utf8_lossy(&text))
}

/// The program's name may hold spaces and brackets, so the fields are counted behind the last bracket.
fn parse(pid: Pid, stat: &str) -> Option<Process> {
    let (head, fields) = stat.rsplit_once(')')?;
    let name = head.split_once('(')?.1;
    let fields: Vec<&str> = fields.split_ascii_whitespace().collect();
    let state = *fields.first()?;
    Some(Process {
        pid,
        parent: fields.get(1)?.parse().ok()?,
        group: fields.get(2)?.parse().ok()?,
        started: fields.get(19)?.parse().ok()?,
        zombie: matches!(state, "Z" | "X" | "x"),
        is_git: name == "git" || name.starts_with("git-"),
        ticks: sum(&fields, 11)?,
        ticks_of_ended: sum(&fields, 13)?,
    })
}

/// The sum of two neighbouring fields: time in user mode and in the kernel.
fn sum(fields: &[&str], first: usize) -> Option<u64> {
    Some(fields.get(first)?.parse::<u64>().ok()?.saturating_add(fields.get(first + 1)?.parse().ok()?))
}

/// The living descendants of the given processes, without these themselves.
pub fn descendants(roots: &[Pid]) -> Vec<Process> {
    let all = all();
    let mut family: BTreeSet<i32> = roots.iter().map(|pid| pid.as_raw_nonzero().get()).collect();
    let mut found = Vec::new();
    loop {
        let before = found.len();
        for process in &all {
            let id = process.pid.as_raw_nonzero().get();
            if family.contains(&process.parent) && family.insert(id) {
                found.push(*process);
            }
        }
        if found.len() == before {
            found.retain(|process| !process.zombie);
            return found;
        }
    }
}

/// Signals this very process and no later one that got its id. `false`: it is gone, or it is not ours to signal.
pub fn signal(process: &Process, signal: Signal) -> bool {
    let Ok(descriptor) = pidfd_open(process.pid, PidfdFlags::empty()) else { return false };
    let still_it = read(process.pid).is_some_and(|now| now.key() == process.key());
    still_it && pidfd_send_signal(descriptor, signal).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_brackets_and_spaces_does_not_shift_the_fields() {
        let pid = Pid::from_raw(7).unwrap();
        let stat = "7 (a) Z (b 1) T 3 4 5 0 -1 4194304 1 0 0 0 1 2 3 4 20 0 1 0 987654 1 1";
        let process = parse(pid, stat).unwrap();
        assert_eq!((process.parent, process.group, process.started), (3, 4, 987_654));
        assert_eq!((process.ticks, process.ticks_of_ended), (3, 7));
        assert!(!process.zombie);
        assert!(!process.is_git);
    }

    #[test]
    fn git_and_its_helpers_are_known_by_name() {
        let is_git = |name: &str| parse(Pid::from_raw(7).unwrap(), &format!("7 ({name}) S 1 1{}", " 0".repeat(40)));
        for (name, expected) in [("git", true), ("git-lfs", true), ("gitk", false), ("sh", false), ("(git)", false)] {
            assert_eq!(is_git(name).unwrap().is_git, expected, "{name}");
        }
    }

    #[test]
    fn this_process_can_be_read() {
        let me = rustix::process::getpid();
        assert_eq!(read(me).unwrap().pid, me);
        assert!(pids().any(|pid| pid == me));
    }
}
