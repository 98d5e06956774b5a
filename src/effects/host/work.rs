//! How much the processes that a session started have worked.

use std::time::Duration;

/// Time on processors of everything below a host but the agent program itself, also of what has ended; `None`: the host
/// is gone, or this system does not tell.
#[cfg(target_os = "linux")]
#[must_use]
pub fn work_below(host: u32) -> Option<Duration> {
    use super::proc;
    let host = rustix::process::Pid::from_raw(i32::try_from(host).ok()?)?;
    let tree = proc::descendants(&[host]);
    // The program is the first that the host started; orphans come to the host later.
    let of_host = tree.iter().filter(|process| process.parent == host.as_raw_nonzero().get());
    let program = of_host.min_by_key(|process| process.started).map(proc::Process::key);
    let own = |process: &proc::Process| if Some(process.key()) == program { 0 } else { process.ticks };
    let living: u64 = tree.iter().map(|process| own(process).saturating_add(process.ticks_of_ended)).sum();
    let orphans = proc::read(host)?.ticks_of_ended;
    let per_second = rustix::param::clock_ticks_per_second().max(1);
    Some(Duration::from_millis(living.saturating_add(orphans).saturating_mul(1000) / per_second))
}

/// Elsewhere nobody tells.
#[cfg(not(target_os = "linux"))]
#[must_use]
pub fn work_below(_host: u32) -> Option<Duration> {
    None
}
