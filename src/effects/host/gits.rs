//! A git that dies of SIGKILL leaves its lock files behind, and then every other git refuses to write there, the user's
//! too. Asked with SIGTERM it removes them and is gone within a moment; so the gits of a tree are asked first.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::process::Signal;

use super::proc::{self, Process};
use crate::clock;

/// How long the gits of a tree may take to put their locks away; they need about a millisecond.
const PATIENCE: Duration = Duration::from_millis(250);
const PAUSE: Duration = Duration::from_millis(1);

/// Asks every git among these processes to end and waits until they have, or until the patience is over. The others may be
/// stopped meanwhile.
pub fn end<'a>(processes: impl IntoIterator<Item = &'a Process>) {
    let mut gits: Vec<&Process> = processes.into_iter().filter(|process| process.is_git).collect();
    for git in &gits {
        proc::signal(git, Signal::TERM);
        // One that is stopped could not hear it.
        proc::signal(git, Signal::CONT);
    }
    let began = clock::now();
    while !gits.is_empty() && began.elapsed() < PATIENCE {
        std::thread::sleep(PAUSE);
        gits.retain(|git| proc::read(git.pid).is_some_and(|now| now.key() == git.key() && !now.zombie));
    }
}

/// Subcommands that live long and hold no lock of references.
const READERS: [&str; 2] = ["fsmonitor--daemon", "cat-file"];

/// How far the ages of a process and of a file may lie apart although both are as old.
const SLACK: Duration = Duration::from_secs(2);

/// The first git of anybody's that may have been at work for that long on a repository with these folders: it works in or
/// below one of them, it was sent there by its command line or environment, or nobody may know where it works.
#[must_use]
pub fn at_work_in(folders: &[PathBuf], for_that_long: Duration) -> Option<u32> {
    let up = uptime();
    let is_old = |git: &Process| up.is_none_or(|up| age(git, up) + SLACK >= for_that_long);
    let gits = proc::all().into_iter().filter(|process| process.is_git && !process.zombie);
    let mut pids = gits.filter(is_old).map(|git| git.pid);
    let at_work = pids.find(|pid| may_work_in(Path::new(&format!("/proc/{pid}")), folders))?;
    Some(at_work.as_raw_nonzero().get().unsigned_abs())
}

fn age(process: &Process, up: Duration) -> Duration {
    let ticks_per_second = rustix::param::clock_ticks_per_second().max(1);
    up.saturating_sub(Duration::from_millis(process.started.saturating_mul(1000) / ticks_per_second))
}

/// How long the system has been up; the ages of its processes count from there.
fn uptime() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/uptime").ok()?;
    Duration::try_from_secs_f64(text.split_whitespace().next()?.parse().ok()?).ok()
}

fn may_work_in(process: &Path, folders: &[PathBuf]) -> bool {
    let Ok(cwd) = std::fs::read_link(process.join("cwd")) else { return process.exists() };
    let words =
        |name: &str| String::from_utf8_lossy(&std::fs::read(process.join(name)).unwrap_or_default()).into_owned();
    let line = words("cmdline");
    if line.split('\0').any(|word| READERS.contains(&word)) {
        return false;
    }
    let is_sent = line.contains("--git-dir") || words("environ").split('\0').any(|pair| pair.starts_with("GIT_DIR="));
    is_sent || folders.iter().any(|folder| cwd.starts_with(folder))
}
