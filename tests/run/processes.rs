//! Which processes of a run are alive, as `/proc` tells.

use std::fs;

/// The processes that carry the mark of one of these runs: id and command line.
pub fn of_runs(runs: &[String]) -> Vec<(i32, String)> {
    let marks: Vec<String> = runs.iter().map(|run| format!("RALPH_RUN_ID={run}")).collect();
    let is_marked = |pid: i32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.split(|byte| *byte == 0).any(|entry| marks.iter().any(|mark| entry == mark.as_bytes()))
    };
    all().into_iter().filter(|pid| is_marked(*pid)).map(|pid| (pid, command_line(pid))).collect()
}

/// The largest resident size that a process ever had, in KiB.
pub fn peak_kib(pid: i32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse().ok()
}

fn all() -> Vec<i32> {
    let entries = fs::read_dir("/proc").unwrap().flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok()).collect()
}

fn command_line(pid: i32) -> String {
    let bytes = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
    String::from_utf8_lossy(&bytes).replace('\0', " ")
}
