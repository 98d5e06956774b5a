//! Too little room on the disk: nothing new starts, what runs goes on, and when nothing runs any more the run waits for a
//! while before it stops.

use super::event::Stop;
use super::notice::{Notice, StopReason};
use super::run::Run;

/// How long a run with nothing left to do waits for room before it stops, in milliseconds.
const PATIENCE_MS: u64 = 600_000;

/// The disk has too little room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct LowDisk {
    /// How much was free when that was noticed, in MiB.
    free_mib: u64,
    /// Since when nothing is in flight any more; `None`: something is.
    idle_since: Option<u64>,
}

impl Run {
    pub(super) fn disk_low(&mut self, free_mib: u64) {
        self.disk = Some(LowDisk { free_mib, idle_since: None });
        self.tell(Notice::DiskLow { free_mib });
    }

    pub(super) fn disk_ok(&mut self) {
        self.disk = None;
        self.tell(Notice::DiskOk);
    }

    /// The journal itself found no more room: what is left is for its last words.
    pub(super) fn disk_full(&mut self) {
        self.begin_stop(Stop::Graceful, StopReason::Disk { free_mib: 0 });
    }

    /// Notes since when the run does nothing but wait for room.
    pub(super) fn note_idleness(&mut self) {
        let (is_idle, at) = (self.in_flight.is_empty(), self.at);
        if let Some(low) = &mut self.disk {
            low.idle_since = is_idle.then(|| low.idle_since.unwrap_or(at));
        }
    }

    pub(super) fn disk_deadline(&self) -> Option<u64> {
        self.disk?.idle_since.map(|since| since.saturating_add(PATIENCE_MS))
    }

    pub(super) fn disk_deadline_passed(&mut self) {
        if let (Some(low), Some(deadline)) = (self.disk, self.disk_deadline())
            && deadline <= self.at
        {
            self.begin_stop(Stop::Graceful, StopReason::Disk { free_mib: low.free_mib });
        }
    }
}
