//! Looking at the processes of a run: by the mark in their environment, or by a path in their command line.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

/// A process, told apart from a later one with the same number by when it started.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Process {
    pub pid: u32,
    pub started: u64,
    pub command: String,
}

impl Process {
    /// The living process of this number; `None`: gone, or a corpse that waits for its parent.
    fn read(pid: u32) -> Option<Self> {
        let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
        let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
        let started = fields.get(19)?.parse().ok()?;
        let command = std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
        let command = String::from_utf8_lossy(&command).replace('\0', " ");
        (!matches!(fields[0], "Z" | "X")).then_some(Self { pid, started, command })
    }

    pub fn is_alive(&self) -> bool {
        Self::read(self.pid).is_some_and(|now| now.started == self.started)
    }

    /// Whether it watches over a program for the runner.
    pub fn is_host(&self) -> bool {
        self.command.split(' ').nth(1) == Some("host")
    }

    /// Whether it belongs to a session, a gate or a setup.
    pub fn is_of_a_job(&self) -> bool {
        self.environment().split(|byte| *byte == 0).any(|pair| pair.starts_with(b"RALPH_JOB="))
    }

    fn environment(&self) -> Vec<u8> {
        std::fs::read(format!("/proc/{}/environ", self.pid)).unwrap_or_default()
    }

    pub fn kill(&self) {
        signal(self.pid, Signal::KILL);
    }
}

fn living() -> impl Iterator<Item = Process> {
    let pids = std::fs::read_dir("/proc").unwrap().flatten().filter_map(|e| e.file_name().to_str()?.parse().ok());
    pids.filter_map(Process::read)
}

/// The living processes that carry this variable.
pub fn marked(name: &str, value: &str) -> BTreeSet<Process> {
    let mark = format!("{name}={value}");
    let carries =
        |process: &Process| process.environment().split(|byte| *byte == 0).any(|pair| pair == mark.as_bytes());
    living().filter(carries).collect()
}

/// The living processes that name this folder or something in it in their command line.
pub fn naming(folder: &Path) -> BTreeSet<Process> {
    let folder = folder.to_str().unwrap();
    living().filter(|process| process.command.contains(folder)).collect()
}

/// Sends a signal; a process that is gone is none to be sent to.
pub fn signal(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    let _ = kill_process(pid, signal);
}

/// Waits until something is so; whether it came to be.
pub fn within(limit: Duration, mut so: impl FnMut() -> bool) -> bool {
    let began = Instant::now();
    while !so() {
        if began.elapsed() > limit {
            return false;
        }
        std::thread::sleep(Duration::from_millis(3));
    }
    true
}
