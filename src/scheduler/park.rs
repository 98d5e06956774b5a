//! Parking an agent program whose provider turns sessions away: nothing is started on it until its rest is over, others
//! stand in for it, and who waits for it says so.
//!
//! **Invariant:** no session is asked for on a parked program. A park ends by time, by a person, by a session that the
//! provider served after all, or with the life of the run; it charges nobody.

use super::command::Purpose;
use super::event::{SessionFailure, Stop};
use super::job::{Role, Scope};
use super::notice::{Notice, StopReason};
use super::run::Run;
use super::track::Phase;
use crate::domain::id::EpicId;

/// Rests in a row after which a provider that still turns sessions away stops the run. With the usual first rest of 15 s
/// that is after about five hours, the longest window of the usual limits.
const MAX_RESTS: u32 = 24;

/// How long after the moment that a provider named a session is tried again.
const AFTER_RESET_MS: u64 = 60_000;

/// The longest rest, unless the provider says how long it takes.
const MAX_REST_MS: u64 = 900_000;

/// An agent program whose provider turned a session away, until it serves one again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parked {
    /// When the newest rest began.
    pub since: u64,
    /// When it is over.
    pub until: u64,
    /// Rests in a row.
    pub times: u32,
}

impl Run {
    /// The program that a session of this role would run on now; `None`: all that could are parked.
    pub(super) fn free_backend(&self, role: Role) -> Option<String> {
        self.policy.backends_of(role).into_iter().find(|name| !self.is_parked(name))
    }

    fn is_parked(&self, backend: &str) -> bool {
        self.parked.get(backend).is_some_and(|parked| parked.until > self.at)
    }

    /// When the first of the programs of a role is back; now, if one is not parked.
    pub(super) fn backend_is_back(&self, role: Role) -> u64 {
        let back = |name: &String| self.parked.get(name).map_or(0, |parked| parked.until);
        self.policy.backends_of(role).iter().map(back).min().unwrap_or(0).max(self.at)
    }

    /// The next moment at which a park ends.
    pub(super) fn park_deadline(&self) -> Option<u64> {
        self.parked.values().map(|parked| parked.until).filter(|until| *until > self.at).min()
    }

    /// The provider turned away a session that was asked for at `asked_at`: how often in a row it did so. `None`: too
    /// often, and the run is being stopped. A session that was at work when the rest began only tells what is known already.
    pub(super) fn park(
        &mut self,
        backend: &str,
        asked_at: u64,
        reason: &str,
        known_rest_ms: Option<u64>,
    ) -> Option<u32> {
        let known = self.parked.get(backend).cloned();
        let is_news = known.as_ref().is_none_or(|known| asked_at >= known.since && known.until <= self.at);
        let before = known.unwrap_or(Parked { since: self.at, until: 0, times: 0 });
        let times = before.times + u32::from(is_news);
        if times > MAX_RESTS {
            self.parked.remove(backend);
            self.begin_stop(Stop::Graceful, StopReason::Outage(reason.to_owned()));
            return None;
        }
        let growing = rest(self.policy.retry_delay_ms, times.saturating_sub(1));
        let stated = known_rest_ms.map(|known| growing.max(known.saturating_add(AFTER_RESET_MS)));
        // Old news lengthens a rest only by what the provider itself says.
        let delay_ms = stated.or(is_news.then_some(growing));
        let until = delay_ms.map_or(0, |delay_ms| self.at.saturating_add(delay_ms)).max(before.until);
        if until > before.until.max(self.at) {
            let (backend, reason) = (backend.to_owned(), reason.to_owned());
            self.tell(Notice::Parked { backend, delay_ms: until - self.at, reason });
        }
        let since = if is_news { self.at } else { before.since };
        self.parked.insert(backend.to_owned(), Parked { since, until, times });
        Some(times)
    }

    /// The provider turned a session away: nobody is charged. Its program is parked; another one stands in, or the session
    /// rests and then goes on in its conversation. A provider that stays away stops the run, which can be resumed; it fails
    /// no epic.
    ///
    /// `known_rest_ms` is what the provider itself said; it is believed, and a minute is added.
    pub(super) fn turned_away(&mut self, position: usize, purpose: Purpose, reason: &str, known_rest_ms: Option<u64>) {
        let track = &mut self.tracks[position];
        track.comes_again(&purpose, reason);
        let (scope, (backend, asked_at)) = (track.scope.clone(), track.ran_on.clone());
        let Some(times) = self.park(&backend, asked_at, reason, known_rest_ms) else {
            return self.enter(position, Phase::Resting { until: self.at, purpose });
        };
        let delay_ms = self.backend_is_back(purpose.role()).saturating_sub(self.at);
        self.tell(Notice::Retrying { scope, attempt: times, of: MAX_RESTS, reason: reason.to_owned(), delay_ms });
        self.start_session(position, purpose);
    }

    /// The provider turns the validator away: that is no word on the work. Its program is parked, and another one stands in
    /// or the validator rests; in the end the run stops and can be resumed.
    pub(super) fn validator_turned_away(&mut self, failure: &SessionFailure) {
        let (backend, asked_at) = self.validation.ran_on.clone();
        let reason = failure.detail.clone();
        if let Some(times) = self.park(&backend, asked_at, &reason, failure.rest_ms) {
            let delay_ms = self.backend_is_back(Role::FinalValidator).saturating_sub(self.at);
            self.tell(Notice::Retrying { scope: Scope::Run, attempt: times, of: MAX_RESTS, reason, delay_ms });
        }
        self.start_validator();
    }

    /// The provider served a session that was asked for at `asked_at`: from now on rests are counted anew. One that was at
    /// work when the rest began tells nothing of now.
    pub(super) fn served(&mut self, backend: &str, asked_at: u64) {
        if self.parked.get(backend).is_some_and(|parked| parked.since <= asked_at) {
            self.parked.remove(backend);
        }
    }

    /// Whether an epic that did not start waits for nothing but a parked program.
    pub(super) fn waits_for_backend(&self, epic: &EpicId) -> bool {
        let is_waiting = |position: usize| self.tracks[position].phase == Phase::Waiting;
        let position = self.positions.get(&Scope::Epic(epic.clone())).copied();
        position.is_some_and(is_waiting) && self.free_backend(Role::TeamLead).is_none()
    }

    /// A person does not want to wait for the programs of this role any longer. How often they rested is not forgotten.
    pub(super) fn unpark(&mut self, role: Role) {
        for name in self.policy.backends_of(role) {
            if let Some(parked) = self.parked.get_mut(&name) {
                parked.until = parked.until.min(self.at);
            }
        }
    }
}

/// The rest after a session was turned away: doubled each time, up to a quarter of an hour.
fn rest(delay_ms: u64, times: u32) -> u64 {
    delay_ms.saturating_mul(1 << times.min(16)).min(MAX_REST_MS)
}
