//! The processes that the fake agent leaves behind, and how it treats signals.
//!
//! It starts itself again for each of them, with a hidden first argument: so they carry the same marks in their
//! environment as the children of a real agent do, and can be told apart in `/proc/<pid>/cmdline`.

use std::os::unix::process::CommandExt as _;
use std::process::{Command, ExitCode, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::time::Duration;

use rustix::process::{Pid, Signal, getpid, kill_process, setsid};
use signal_hook::consts::signal::{SIGHUP, SIGINT, SIGTERM};

use crate::script::SignalName;
use crate::session::Fault;

const SLEEP: &str = "--sleep";
const DAEMON: &str = "--daemon";
const RABBIT: &str = "--rabbit";

/// How a sleeping child differs from its parent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// In nothing.
    Plain,
    /// In its process group.
    OwnGroup,
    /// In that it keeps the parent's output open.
    HoldsStdout,
}

/// Plays one of the children when the arguments say so.
pub fn helper(args: &[String]) -> Option<ExitCode> {
    let [kind, number, ..] = args else { return None };
    let number: u64 = number.parse().ok()?;
    match kind.as_str() {
        SLEEP => std::thread::sleep(Duration::from_millis(number)),
        DAEMON => {
            setsid().ok()?;
            start(SLEEP, number, Kind::Plain).ok()?;
        }
        RABBIT if number > 0 => {
            // A session of its own each time: neither group nor session of the one before leads to it.
            let _ = setsid();
            start(RABBIT, number - 1, Kind::Plain).ok()?;
        }
        RABBIT => {}
        _ => return None,
    }
    Some(ExitCode::SUCCESS)
}

fn start(what: &str, number: u64, kind: Kind) -> std::io::Result<std::process::Child> {
    let mut command = Command::new(std::env::current_exe()?);
    command.arg(what).arg(number.to_string()).stdin(Stdio::null());
    match kind {
        Kind::Plain => command.stdout(Stdio::null()).stderr(Stdio::null()),
        Kind::OwnGroup => command.stdout(Stdio::null()).stderr(Stdio::null()).process_group(0),
        Kind::HoldsStdout => &mut command,
    };
    command.spawn()
}

/// Starts a child that sleeps.
pub fn sleeper(milliseconds: u64, kind: Kind) -> Result<(), Fault> {
    start(SLEEP, milliseconds, kind)?;
    Ok(())
}

/// Starts a daemon, and comes back when its parent is gone.
pub fn daemon(milliseconds: u64) -> Result<(), Fault> {
    let status = start(DAEMON, milliseconds, Kind::Plain)?.wait()?;
    if status.success() { Ok(()) } else { Err(format!("the daemon's parent: {status}").into()) }
}

/// Lets a rabbit run.
pub fn rabbit(times: u32) -> Result<(), Fault> {
    start(RABBIT, times.into(), Kind::Plain)?;
    Ok(())
}

/// Makes these signals do nothing.
pub fn ignore(signals: &[SignalName]) -> Result<(), Fault> {
    for signal in signals {
        let number = match signal {
            SignalName::Term => SIGTERM,
            SignalName::Int => SIGINT,
            SignalName::Hup => SIGHUP,
        };
        signal_hook::flag::register(number, Arc::new(AtomicBool::new(false)))?;
    }
    Ok(())
}

/// Dies of a signal.
pub fn die(signal: i32) -> Result<(), Fault> {
    let signal = Signal::from_named_raw(signal).ok_or("there is no such signal")?;
    let me: Pid = getpid();
    kill_process(me, signal)?;
    // Some signals are delivered a moment later.
    std::thread::sleep(Duration::from_secs(5));
    Err("the signal did not kill".into())
}
