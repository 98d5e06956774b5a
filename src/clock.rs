//! The only reader of the clocks: running time for decisions, the time of day for people.
#![expect(clippy::disallowed_methods, reason = "this file owns the reading of the clocks")]

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use jiff::Zoned;

use crate::domain::id::{IdFault, RunId};

/// A moment on the monotonic clock, for limits that no journal needs to know, such as the grace of a kill.
#[must_use]
pub fn now() -> Instant {
    Instant::now()
}

/// Running time of a run, in milliseconds: it goes on from where an earlier life of the run ended, and stands still
/// while the machine is suspended or the runner is paused. Clones share one time.
#[derive(Debug, Clone)]
pub struct Clock {
    source: Source,
}

#[derive(Debug, Clone)]
enum Source {
    System(Arc<Mutex<Meter>>),
    Fixed(Arc<Mutex<Fixed>>),
}

/// A stopwatch. `Instant` is the right hand of it: on Linux it reads `CLOCK_MONOTONIC` and on macOS `CLOCK_UPTIME_RAW`,
/// which both stand still in suspend and never go back.
#[derive(Debug)]
struct Meter {
    /// What was measured up to the last pause.
    before_ms: u64,
    /// Since when it is running again; `None`: it is paused.
    running_since: Option<Instant>,
}

#[derive(Debug)]
struct Fixed {
    running_ms: u64,
    now: Zoned,
}

impl Clock {
    /// A clock that goes on from `offset_ms`: 0 for a new run, the last `at` of the journal for a resumed one.
    #[must_use]
    pub fn going_on_from(offset_ms: u64) -> Self {
        let meter = Meter { before_ms: offset_ms, running_since: Some(Instant::now()) };
        Self { source: Source::System(Arc::new(Mutex::new(meter))) }
    }

    /// A clock that only [`Self::advance`] moves, for tests.
    #[must_use]
    pub fn fixed(running_ms: u64, now: Zoned) -> Self {
        Self { source: Source::Fixed(Arc::new(Mutex::new(Fixed { running_ms, now }))) }
    }

    /// Milliseconds of running time since the run began; never goes back.
    #[must_use]
    pub fn running_ms(&self) -> u64 {
        match &self.source {
            Source::System(meter) => lock(meter).read(),
            Source::Fixed(fixed) => lock(fixed).running_ms,
        }
    }

    /// Lets running time stand still, because the runner and its sessions are stopped (SIGTSTP).
    pub fn pause(&self) {
        if let Source::System(meter) = &self.source {
            let mut meter = lock(meter);
            meter.before_ms = meter.read();
            meter.running_since = None;
        }
    }

    /// Lets running time go on after [`Self::pause`].
    pub fn go_on(&self) {
        if let Source::System(meter) = &self.source {
            lock(meter).running_since.get_or_insert_with(Instant::now);
        }
    }

    /// Moves a fixed clock on; any other clock moves by itself.
    pub fn advance(&self, ms: u64) {
        if let Source::Fixed(fixed) = &self.source {
            let mut fixed = lock(fixed);
            fixed.running_ms = fixed.running_ms.saturating_add(ms);
            let later = fixed.now.saturating_add(jiff::Span::new().milliseconds(i64::try_from(ms).unwrap_or(i64::MAX)));
            fixed.now = later;
        }
    }

    /// The time of day with the local offset, like `2026-11-20T10:15:00+01:00` (RFC 3339).
    #[must_use]
    pub fn stamp(&self) -> String {
        self.now().strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }

    /// A new run's id, like `20261120-101500-k3f9`: the local time of day, two characters for the millisecond, so that ids
    /// sort by when runs began, and two random ones.
    ///
    /// # Errors
    /// When the machine's clock stands before the year 0.
    pub fn new_run_id(&self, random: &mut fastrand::Rng) -> Result<RunId, IdFault> {
        let now = self.now();
        let millisecond = u32::try_from(now.millisecond()).unwrap_or(0);
        let digits = [millisecond / 36, millisecond % 36, random.u32(0..36), random.u32(0..36)];
        let mut id = now.strftime("%Y%m%d-%H%M%S-").to_string();
        id.extend(digits.into_iter().map(|digit| char::from_digit(digit, 36).unwrap_or('0')));
        RunId::new(&id)
    }

    /// The time of day, in the zone of the machine.
    #[must_use]
    pub fn now(&self) -> Zoned {
        match &self.source {
            Source::System(_) => Zoned::now(),
            Source::Fixed(fixed) => lock(fixed).now.clone(),
        }
    }
}

impl Meter {
    fn read(&self) -> u64 {
        let since =
            self.running_since.map_or(0, |since| u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX));
        self.before_ms.saturating_add(since)
    }
}

/// Nothing in here can panic half way, so a poisoned lock still guards a whole value.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed() -> Clock {
        Clock::fixed(1_000, "2026-11-20T10:15:00+01:00[+01:00]".parse().expect("a time"))
    }

    #[test]
    fn running_time_goes_on_from_an_earlier_life() {
        let clock = Clock::going_on_from(5_000);
        let first = clock.running_ms();
        assert!((5_000..60_000).contains(&first), "{first}");
        assert!(clock.clone().running_ms() >= first);
    }

    #[test]
    fn a_paused_clock_stands_still_and_a_clone_sees_it() {
        let clock = Clock::going_on_from(0);
        let clone = clock.clone();
        clock.pause();
        let paused = clone.running_ms();
        let wall = Instant::now();
        while wall.elapsed().as_millis() < 5 {
            std::thread::yield_now();
        }
        assert_eq!(clone.running_ms(), paused);
        clone.go_on();
        while clock.running_ms() == paused {
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_fixed_clock_moves_only_when_told() {
        let clock = fixed();
        assert_eq!((clock.running_ms(), clock.stamp().as_str()), (1_000, "2026-11-20T10:15:00+01:00"));
        clock.advance(61_000);
        assert_eq!((clock.running_ms(), clock.stamp().as_str()), (62_000, "2026-11-20T10:16:01+01:00"));
    }

    #[test]
    fn a_run_id_says_when_and_differs_within_a_second() {
        let clock = fixed();
        let mut random = fastrand::Rng::with_seed(7);
        let [a, b] = [(); 2].map(|()| clock.new_run_id(&mut random).expect("a run id"));
        assert!(a.as_str().starts_with("20261120-101500-") && a.as_str().len() == 20, "{a}");
        assert_ne!(a, b);
        clock.advance(37);
        assert!(clock.new_run_id(&mut random).expect("a run id") > a.max(b), "ids sort by when runs began");
    }

    #[test]
    fn a_stamp_of_the_real_clock_is_rfc_3339() {
        let stamp = Clock::going_on_from(0).stamp();
        stamp.parse::<jiff::Timestamp>().expect("RFC 3339 with an offset");
        assert_eq!(stamp.len(), 25);
    }
}
