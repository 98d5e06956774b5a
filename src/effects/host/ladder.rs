//! The ladder of a stop: ask with SIGINT, insist with SIGTERM, then kill. Also the pause. Pure; times are arguments.

use super::spec::{EndedBy, HostSpec};

/// What the runner says through the control pipe.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Word {
    /// Byte `s`: stop in good order.
    Stop,
    /// Byte `k`: kill at once.
    Kill,
    /// Byte `p`: pause, and let the limits of time stand still.
    Pause,
    /// Byte `c`: continue.
    Continue,
    /// End of file: the runner is gone.
    Gone,
}

impl Word {
    /// The byte that says it; `None` for the end of file.
    #[must_use]
    pub fn byte(self) -> Option<u8> {
        match self {
            Self::Stop => Some(b's'),
            Self::Kill => Some(b'k'),
            Self::Pause => Some(b'p'),
            Self::Continue => Some(b'c'),
            Self::Gone => None,
        }
    }

    /// The word of a byte; bytes of no meaning are ignored.
    #[must_use]
    pub fn of(byte: u8) -> Option<Self> {
        [Self::Stop, Self::Kill, Self::Pause, Self::Continue].into_iter().find(|word| word.byte() == Some(byte))
    }
}

/// What is to be done to the tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// SIGINT to the program.
    Interrupt,
    /// SIGTERM to the program and all that it started.
    Terminate,
    /// SIGKILL to everything.
    Kill,
    /// SIGSTOP to everything.
    Pause,
    /// SIGCONT to everything.
    Thaw,
}

/// Where a stop stands. All times are milliseconds since the program's start.
#[derive(Debug)]
pub struct Ladder {
    int_ms: u64,
    term_ms: u64,
    /// When the next rung is due, and what it is.
    next: Option<(u64, Act)>,
    /// Since when it is paused; nothing is due then.
    paused_at: Option<u64>,
    /// Who began the end; the first cause stays, but a kill outranks the stop that it cuts short.
    cause: Option<EndedBy>,
}

impl Ladder {
    /// The ladder of a program that runs undisturbed.
    #[must_use]
    pub fn new(spec: &HostSpec) -> Self {
        Self {
            int_ms: spec.int_ms,
            term_ms: spec.term_ms,
            next: spec.timeout_ms.map(|limit| (limit, Act::Kill)),
            paused_at: None,
            cause: None,
        }
    }

    /// When [`Self::due`] has something to say.
    #[must_use]
    pub fn deadline(&self) -> Option<u64> {
        self.next.filter(|_| self.paused_at.is_none()).map(|(at, _)| at)
    }

    /// Who ended the program, if it ends now.
    #[must_use]
    pub fn ended_by(&self) -> EndedBy {
        self.cause.unwrap_or(EndedBy::Itself)
    }

    /// Whether it is paused.
    #[must_use]
    pub fn is_paused(&self) -> bool {
        self.paused_at.is_some()
    }

    /// The runner said something at `at`.
    pub fn hear(&mut self, at: u64, word: Word) -> Option<Act> {
        match word {
            // A second request to stop must not put the ladder back to its foot.
            Word::Stop if self.cause.is_some() => None,
            Word::Stop => {
                self.paused_at = None;
                self.cause = Some(EndedBy::Stopped);
                self.next = Some((at.saturating_add(self.int_ms), Act::Terminate));
                Some(Act::Interrupt)
            }
            Word::Pause if self.cause.is_some() || self.paused_at.is_some() => None,
            Word::Pause => {
                self.paused_at = Some(at);
                Some(Act::Pause)
            }
            Word::Continue => {
                let pause = at.saturating_sub(self.paused_at.take()?);
                self.next = self.next.map(|(when, act)| (when.saturating_add(pause), act));
                Some(Act::Thaw)
            }
            Word::Kill => self.kill(EndedBy::Killed),
            Word::Gone => self.kill(EndedBy::RunnerGone),
        }
    }

    /// The rung that is due at `at`, if one is.
    pub fn due(&mut self, at: u64) -> Option<Act> {
        let (_, act) = self.next.filter(|(when, _)| self.paused_at.is_none() && at >= *when)?;
        match act {
            Act::Interrupt | Act::Terminate | Act::Pause | Act::Thaw => {
                self.next = Some((at.saturating_add(self.term_ms), Act::Kill));
                Some(act)
            }
            Act::Kill => {
                self.next = None;
                self.cause.get_or_insert(EndedBy::TimedOut);
                Some(Act::Kill)
            }
        }
    }

    fn kill(&mut self, cause: EndedBy) -> Option<Act> {
        self.next = None;
        self.cause = Some(cause);
        Some(Act::Kill)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn ladder(timeout_ms: Option<u64>) -> Ladder {
        let mut spec = HostSpec::new(vec![], [].into(), Path::new(""), Path::new(""), Path::new(""));
        spec.timeout_ms = timeout_ms;
        Ladder::new(&spec)
    }

    #[test]
    fn a_stop_climbs_from_interrupt_to_kill_within_ten_seconds() {
        let mut ladder = ladder(None);
        assert_eq!(ladder.deadline(), None);
        assert_eq!(ladder.hear(1_000, Word::Stop), Some(Act::Interrupt));
        assert_eq!(ladder.due(8_499), None);
        assert_eq!(ladder.due(8_500), Some(Act::Terminate));
        assert_eq!(ladder.deadline(), Some(11_000));
        assert_eq!(ladder.due(11_000), Some(Act::Kill));
        assert_eq!((ladder.deadline(), ladder.ended_by()), (None, EndedBy::Stopped));
    }

    #[test]
    fn a_second_stop_does_not_begin_the_ladder_again() {
        let mut ladder = ladder(None);
        ladder.hear(0, Word::Stop);
        assert_eq!(ladder.hear(7_000, Word::Stop), None);
        assert_eq!(ladder.deadline(), Some(7_500));
    }

    #[test]
    fn a_kill_cuts_a_stop_short() {
        let mut ladder = ladder(None);
        ladder.hear(0, Word::Stop);
        assert_eq!(ladder.hear(10, Word::Kill), Some(Act::Kill));
        assert_eq!(ladder.ended_by(), EndedBy::Killed);
    }

    #[test]
    fn a_limit_of_time_kills_but_a_stop_takes_its_place() {
        let mut limited = ladder(Some(50));
        assert_eq!(limited.due(50), Some(Act::Kill));
        assert_eq!(limited.ended_by(), EndedBy::TimedOut);
        let mut stopped = ladder(Some(50));
        stopped.hear(40, Word::Stop);
        assert_eq!(stopped.due(60), None);
        assert_eq!(stopped.ended_by(), EndedBy::Stopped);
    }

    #[test]
    fn a_runner_that_is_gone_means_kill() {
        let mut ladder = ladder(None);
        assert_eq!(ladder.hear(0, Word::Gone), Some(Act::Kill));
        assert_eq!(ladder.ended_by(), EndedBy::RunnerGone);
    }

    #[test]
    fn a_pause_stops_the_clock_of_the_limit() {
        let mut ladder = ladder(Some(50));
        assert_eq!(ladder.hear(40, Word::Pause), Some(Act::Pause));
        assert_eq!(ladder.hear(45, Word::Pause), None);
        assert_eq!((ladder.deadline(), ladder.due(1_000)), (None, None));
        assert_eq!(ladder.hear(1_040, Word::Continue), Some(Act::Thaw));
        assert_eq!((ladder.deadline(), ladder.hear(1_041, Word::Continue)), (Some(1_050), None));
        assert_eq!(ladder.due(1_050), Some(Act::Kill));
    }

    #[test]
    fn what_is_paused_can_be_stopped_and_what_ends_cannot_be_paused() {
        let mut ladder = ladder(None);
        ladder.hear(0, Word::Pause);
        assert_eq!(ladder.hear(100, Word::Stop), Some(Act::Interrupt));
        assert_eq!(ladder.deadline(), Some(7_600));
        assert_eq!(ladder.hear(200, Word::Pause), None);
    }

    #[test]
    fn only_the_four_bytes_mean_something() {
        assert_eq!(Word::of(b's'), Some(Word::Stop));
        assert_eq!(Word::of(b'k'), Some(Word::Kill));
        assert_eq!(Word::of(b'p'), Some(Word::Pause));
        assert_eq!(Word::of(b'c'), Some(Word::Continue));
        assert_eq!(Word::of(b'\n'), None);
    }
}
