//! The only reader of the clocks.

use std::time::Instant;

/// A moment on the monotonic clock, which stands still while the machine sleeps.
#[must_use]
pub fn now() -> Instant {
    Instant::now()
}
