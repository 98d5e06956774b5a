//! A planted death, in test builds only: the process aborts at a chosen write to the journal.
//!
//! `RALPH_FAILPOINT=journal:<n>:before` aborts before the n-th write of this life is begun, `journal:<n>:after` when it
//! is on the disk and nothing was done about it yet. A value that cannot be read plants nothing.

use std::sync::atomic::{AtomicU64, Ordering};

/// The variable that plants it.
const VARIABLE: &str = "RALPH_FAILPOINT";

/// Writes that this process has begun.
static BEGUN: AtomicU64 = AtomicU64::new(0);

/// Must be called before every write.
pub(super) fn before_write() {
    die_at(BEGUN.fetch_add(1, Ordering::Relaxed) + 1, "before");
}

/// Must be called when a write is on the disk.
pub(super) fn after_write() {
    die_at(BEGUN.load(Ordering::Relaxed), "after");
}

fn die_at(write: u64, side: &str) {
    if std::env::var(VARIABLE).is_ok_and(|planted| planted == format!("journal:{write}:{side}")) {
        std::process::abort();
    }
}
