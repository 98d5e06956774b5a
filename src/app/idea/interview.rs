//! A conversation between a person and an agent program, in the person's own terminal.
//!
//! **Invariant:** when it is over, the program is gone, and the terminal's modes are what they were before.
#![expect(clippy::disallowed_methods, reason = "it opens a program for the person, in their terminal")]

use std::collections::BTreeMap;
use std::io::{self, Read as _};
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::{Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group, test_kill_process_group};
use signal_hook::SigId;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};

use crate::app::asking::Modes;
use crate::app::opener;
use crate::effects::backend::Launch;

/// How long a program that was told to go gets before it is killed.
const GRACE: Duration = Duration::from_secs(2);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// How a conversation ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Talked {
    /// The program ended by itself.
    ToItsEnd,
    /// The same, and it says that something went wrong.
    Badly(ExitStatus),
    /// The person stopped it, or us.
    Interrupted,
}

/// Opens the program and waits until the person leaves it.
///
/// # Errors
/// It cannot be started.
pub fn talk(launch: &Launch, own: &BTreeMap<String, String>, folder: &Path) -> io::Result<Talked> {
    let Some((program, args)) = launch.argv.split_first() else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "its command line is empty"));
    };
    let mut command = Command::new(program);
    command.args(args).envs(&launch.env).envs(own).current_dir(folder);
    // A program that is killed leaves them as they are.
    let _modes = Modes::remembered();
    let group: Arc<Group> = Arc::default();
    let heeded = Heeded::begin(Arc::clone(&group))?;
    let status = opener::run_told(command, |pid| {
        group.store(pid.as_raw_nonzero().get());
        if heeded.was_heard() {
            end_group(Some(pid));
        }
    })?;
    end_group(group.load());
    Ok(match status.success() {
        _ if heeded.was_heard() || was_stopped(status) => Talked::Interrupted,
        true => Talked::ToItsEnd,
        false => Talked::Badly(status),
    })
}

/// Ctrl-C, as programs tell of it that end by it.
fn was_stopped(status: ExitStatus) -> bool {
    let by_signal = status.signal().is_some_and(|signal| [SIGINT, SIGTERM, SIGHUP].contains(&signal));
    by_signal || status.code() == Some(128 + SIGINT)
}

/// The process group of the program; 0 until it is started.
#[derive(Debug, Default)]
struct Group(std::sync::atomic::AtomicI32);

impl Group {
    fn store(&self, pid: i32) {
        self.0.store(pid, Ordering::SeqCst);
    }

    fn load(&self) -> Option<Pid> {
        Pid::from_raw(self.0.load(Ordering::SeqCst))
    }
}

/// Ends whatever is left of the group: asked first, then killed.
fn end_group(group: Option<Pid>) {
    let Some(group) = group else { return };
    for signal in [Signal::TERM, Signal::KILL] {
        let mut left = GRACE;
        // It fails when nobody is left, which is what is wanted.
        while kill_process_group(group, signal).is_ok() && !left.is_zero() {
            std::thread::sleep(LOOK_AGAIN);
            left = left.saturating_sub(LOOK_AGAIN);
            if test_kill_process_group(group).is_err() {
                return;
            }
        }
    }
}

/// While it lives, a signal that asks us to go asks the program instead; we go when it is gone.
struct Heeded {
    heard: Arc<AtomicBool>,
    listeners: Vec<SigId>,
}

impl Heeded {
    fn begin(group: Arc<Group>) -> io::Result<Self> {
        let heard = Arc::new(AtomicBool::new(false));
        let (mut woken, wake) = UnixStream::pair()?;
        let mut heeded = Self { heard: Arc::clone(&heard), listeners: Vec::new() };
        for signal in [SIGINT, SIGTERM, SIGHUP] {
            heeded.listeners.push(signal_hook::low_level::pipe::register(signal, wake.try_clone()?)?);
        }
        drop(wake);
        // Ends with the other sides of the pipe, which the listeners own.
        std::thread::Builder::new().name("interview".to_owned()).spawn(move || {
            while matches!(woken.read(&mut [0; 16]), Ok(1..)) {
                heard.store(true, Ordering::SeqCst);
                end_group(group.load());
            }
        })?;
        Ok(heeded)
    }

    fn was_heard(&self) -> bool {
        self.heard.load(Ordering::SeqCst)
    }
}

impl Drop for Heeded {
    fn drop(&mut self) {
        for listener in self.listeners.drain(..) {
            signal_hook::low_level::unregister(listener);
        }
    }
}
