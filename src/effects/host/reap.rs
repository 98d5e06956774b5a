//! Collects the dead: the program itself, and every orphan that came to the host because it is their subreaper.

use rustix::process::{Pid, WaitOptions, WaitStatus, wait};

/// The collector; knows the program from the others.
#[derive(Debug)]
pub struct Reaper {
    program: Pid,
    status: Option<WaitStatus>,
}

impl Reaper {
    /// The collector of the host whose program has this id.
    #[must_use]
    pub fn new(program: Pid) -> Self {
        Self { program, status: None }
    }

    /// The program's process id.
    #[must_use]
    pub fn program(&self) -> Pid {
        self.program
    }

    /// How the program ended, once it has.
    #[must_use]
    pub fn program_status(&self) -> Option<WaitStatus> {
        self.status
    }

    /// Collects all that are dead now, without waiting. Returns whether any child is left.
    ///
    /// Since the host is the subreaper, "no child left" means that no descendant is left either.
    pub fn reap(&mut self) -> bool {
        loop {
            match wait(WaitOptions::NOHANG) {
                Ok(Some((pid, status))) if pid == self.program => self.status = Some(status),
                Ok(Some(_)) | Err(rustix::io::Errno::INTR) => {}
                Ok(None) => return true,
                // ECHILD, the only other answer that the system gives.
                Err(_) => return false,
            }
        }
    }
}
