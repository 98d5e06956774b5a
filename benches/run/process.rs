//! What the system knows of a process: its own processor time without its children's, and its largest memory.

use std::process::Child;
use std::time::{Duration, Instant};

use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

/// What `/proc/<pid>/stat` counts in: always a hundredth of a second, whatever the kernel's own clock.
const TICK_MS: f64 = 10.0;

/// Processor time in milliseconds.
#[derive(Debug, Clone, Copy, Default)]
pub struct Cpu {
    /// Of the process itself, all of its threads, also those that ended; user and system.
    pub own: f64,
    /// Of all children that it waited for, and of theirs.
    pub children: f64,
}

/// How a process ended, and what it took.
#[derive(Debug, Clone)]
pub struct Ended {
    /// Whether with exit code 0.
    pub success: bool,
    /// Processor time at its very end.
    pub cpu: Cpu,
    /// Processor time of its first thread alone, in milliseconds and exact to the nanosecond; all there is of a
    /// program with one thread.
    pub first_thread: f64,
    /// The most memory that was in RAM at once, in MiB; sampled, so what happened after the last sample is missing.
    pub peak_mib: f64,
    /// Wall time.
    pub took: Duration,
}

/// Accompanies a child to its end. Processor time is read while it is a zombie: nothing can be added then, and
/// nothing is lost yet.
pub fn finish(mut child: Child, began: Instant) -> Ended {
    let pid = Pid::from_child(&child);
    let mut peak_mib = 0_f64;
    let exited = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    let took = loop {
        let over = waitid(WaitId::Pid(pid), exited | WaitIdOptions::NOHANG).expect("a child");
        if over.is_some() {
            break began.elapsed();
        }
        peak_mib = peak_mib.max(peak_mib_of(pid).unwrap_or_default());
        std::thread::sleep(Duration::from_millis(5));
    };
    let (cpu, first_thread) = (cpu_of(pid), first_thread_of(pid));
    let success = child.wait().expect("a child").success();
    Ended { success, cpu, first_thread, peak_mib, took }
}

/// Processor time of a process so far, from `/proc/<pid>/stat`: in ticks of 10 ms.
pub fn cpu_of(pid: Pid) -> Cpu {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("a process");
    let (_, fields) = stat.rsplit_once(')').expect("a name in brackets");
    let fields: Vec<f64> = fields.split_ascii_whitespace().skip(1).map(|field| field.parse().unwrap_or(0.0)).collect();
    // Fields 14 to 17 of proc(5): utime, stime, cutime, cstime.
    Cpu { own: (fields[10] + fields[11]) * TICK_MS, children: (fields[12] + fields[13]) * TICK_MS }
}

/// Processor time of all threads that live, exact, in milliseconds.
pub fn exact_cpu_of(pid: Pid) -> f64 {
    let threads = std::fs::read_dir(format!("/proc/{pid}/task")).expect("a process");
    threads.flatten().map(|thread| on_cpu(&thread.path().join("schedstat"))).sum()
}

fn first_thread_of(pid: Pid) -> f64 {
    on_cpu(std::path::Path::new(&format!("/proc/{pid}/schedstat")))
}

fn on_cpu(schedstat: &std::path::Path) -> f64 {
    let text = std::fs::read_to_string(schedstat).unwrap_or_default();
    text.split_ascii_whitespace().next().and_then(|field| field.parse::<f64>().ok()).unwrap_or(0.0) / 1e6
}

fn peak_mib_of(pid: Pid) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().trim_end_matches(" kB").parse::<f64>().ok().map(|kib| kib / 1_024.0)
}

/// Waits for a child whose standard input is a pipe that must stay open meanwhile, without looking at it in between.
pub fn finish_listening(mut child: Child) -> Ended {
    let (began, pipe) = (Instant::now(), child.stdin.take());
    let pid = Pid::from_child(&child);
    waitid(WaitId::Pid(pid), WaitIdOptions::EXITED | WaitIdOptions::NOWAIT).expect("a child");
    let took = began.elapsed();
    let (cpu, first_thread) = (cpu_of(pid), first_thread_of(pid));
    drop(pipe);
    let success = child.wait().expect("a child").success();
    Ended { success, cpu, first_thread, peak_mib: 0.0, took }
}

/// The processes whose parent this is.
pub fn children_of(parent: Pid) -> Vec<Pid> {
    let tasks = std::fs::read_dir(format!("/proc/{parent}/task")).expect("a process");
    let lists = tasks.flatten().map(|task| std::fs::read_to_string(task.path().join("children")).unwrap_or_default());
    let ids: Vec<i32> =
        lists.flat_map(|list| list.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>()).collect();
    ids.into_iter().filter_map(Pid::from_raw).collect()
}
