//! A provider that turns sessions away: nobody is charged, sessions rest longer each time, and in the end the run stops.

use super::command::Purpose;
use super::event::Stop;
use super::notice::{Notice, StopReason};
use super::run::Run;
use super::track::Phase;

/// Rests after which a provider that still turns sessions away stops the run. With the usual first rest of 15 s that is
/// after about five hours, the longest window of the usual limits.
const MAX_TURNED_AWAY: u32 = 24;

/// How long after the moment that a provider named a session is tried again.
const AFTER_RESET_MS: u64 = 60_000;

/// The longest rest, unless the provider says how long it takes.
const MAX_REST_MS: u64 = 900_000;

/// The rest after a session was turned away: doubled each time, up to a quarter of an hour.
fn rest(delay_ms: u64, times: u32) -> u64 {
    delay_ms.saturating_mul(1 << times.min(16)).min(MAX_REST_MS)
}

impl Run {
    /// The provider turned a session away: nobody is charged, the conversation goes on after a rest that grows. A provider
    /// that stays away stops the run, which can be resumed; it fails no epic.
    ///
    /// `known_rest_ms` is what the provider itself said; it is believed, and a minute is added.
    pub(super) fn turned_away(&mut self, position: usize, purpose: Purpose, reason: &str, known_rest_ms: Option<u64>) {
        let growing = rest(self.policy.retry_delay_ms, self.tracks[position].turned_away);
        let delay_ms = known_rest_ms.map_or(growing, |known| growing.max(known.saturating_add(AFTER_RESET_MS)));
        let (at, of) = (self.at, MAX_TURNED_AWAY);
        let track = &mut self.tracks[position];
        track.turned_away += 1;
        track.attempt += 1;
        track.remember(reason);
        let (scope, times) = (track.scope.clone(), track.turned_away);
        if times > of {
            track.turned_away = 0;
            self.enter(position, Phase::Resting { until: at, purpose });
            return self.begin_stop(Stop::Graceful, StopReason::Outage(reason.to_owned()));
        }
        self.tell(Notice::Retrying { scope, attempt: times, of, reason: reason.to_owned(), delay_ms });
        if delay_ms == 0 {
            self.start_session(position, purpose);
        } else {
            self.enter(position, Phase::Resting { until: at.saturating_add(delay_ms), purpose });
        }
    }
}
