//! How much memory there is for more programs: what the system calls available, or less where a container has a limit.

use std::path::Path;

const MIB: u64 = 1024 * 1024;

/// Memory that can be used without swapping, in MiB; `None`: the system does not say.
#[must_use]
pub fn available_mib() -> Option<u64> {
    let read = |path: &str| std::fs::read_to_string(Path::new(path)).ok();
    let machine = of_machine(&read("/proc/meminfo")?)?;
    let group = |name: &str| read(&format!("/sys/fs/cgroup/{name}"));
    let limit = group("memory.max")
        .zip(group("memory.current"))
        .and_then(|(max, used)| of_group(&max, &used, &group("memory.stat").unwrap_or_default()));
    Some(limit.map_or(machine, |limit| limit.min(machine)))
}

fn of_machine(meminfo: &str) -> Option<u64> {
    let kib: u64 = field(meminfo, "MemAvailable:")?;
    Some(kib / 1024)
}

/// What the limit leaves; files that are only cached can be given back.
fn of_group(max: &str, used: &str, stat: &str) -> Option<u64> {
    let (max, used): (u64, u64) = (max.trim().parse().ok()?, used.trim().parse().ok()?);
    let cached: u64 = field(stat, "inactive_file").unwrap_or(0);
    Some(max.saturating_sub(used.saturating_sub(cached)) / MIB)
}

fn field(text: &str, name: &str) -> Option<u64> {
    let value = text.lines().find_map(|line| line.strip_prefix(name))?;
    value.split_ascii_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smaller_of_machine_and_container_counts() {
        assert_eq!(of_machine("MemTotal: 9 kB\nMemAvailable:   2097152 kB\n"), Some(2048));
        assert_eq!(of_machine("MemTotal: 9 kB\n"), None);
        let gib = (1024 * MIB).to_string();
        assert_eq!(of_group(&gib, "0\n", ""), Some(1024));
        let used = (600 * MIB).to_string();
        assert_eq!(of_group(&gib, &used, &format!("anon 1\ninactive_file {}\n", 100 * MIB)), Some(524));
        assert_eq!(of_group("max\n", &used, ""), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn this_machine_has_some() {
        assert!(available_mib().is_some_and(|mib| mib > 0));
    }
}
