//! One life of the program under test: a process that can be watched, signalled and waited for.

use std::path::PathBuf;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use rustix::process::Signal;

use crate::processes::{signal, within};

/// Longer than anything here takes; only a hang gets there.
pub const HANG: Duration = Duration::from_secs(120);

/// How a life ended.
#[derive(Debug)]
pub struct End {
    pub code: Option<i32>,
    pub took: Duration,
    /// What it said on standard error.
    pub said: String,
}

/// A running program.
pub struct Life {
    pub child: Child,
    pub said: PathBuf,
}

impl Life {
    pub fn signal(&self, what: Signal) {
        signal(self.child.id(), what);
    }

    pub fn has_ended(&mut self) -> bool {
        self.child.try_wait().unwrap().is_some()
    }

    /// Waits for the end, which must come.
    pub fn end(mut self) -> End {
        let began = Instant::now();
        let mut status: Option<ExitStatus> = None;
        let ended = within(HANG, || {
            status = self.child.try_wait().unwrap();
            status.is_some()
        });
        let took = began.elapsed();
        let said = std::fs::read_to_string(&self.said).unwrap_or_default();
        if !ended {
            let _ = self.child.kill();
            let _ = self.child.wait();
            panic!("it hangs; it said: {said}");
        }
        End { code: status.unwrap().code(), took, said }
    }

    /// Ends it as a power cut would.
    pub fn kill(self) {
        drop(self);
    }
}

/// A test that fails leaves no runner behind.
impl Drop for Life {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
