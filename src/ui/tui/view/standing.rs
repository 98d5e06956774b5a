//! Where an epic stands, with the time that it still waits and the key that ends the wait, where there is one.

use crate::scheduler::view::{TrackState, TrackView, WaitReason};
use crate::ui::summary;
use crate::ui::tui::model::Model;
use crate::ui::units::duration;

/// Where a track stands, in a few words.
pub(super) fn standing(model: &Model, track: &TrackView) -> String {
    if !model.is_alive() {
        return summary::state_now(track, false);
    }
    // To the second, and never nothing while it lasts.
    let left = |until: u64| duration(until.saturating_sub(model.now).div_ceil(1_000).max(1) * 1_000);
    let (text, key) = match &track.state {
        TrackState::Waiting(WaitReason::Backend { until }) => {
            (format!("parked for {}", left(*until)), "r does not wait")
        }
        TrackState::Resting { until } => (format!("tries again in {}", left(*until)), "r does not wait"),
        TrackState::Waiting(WaitReason::Held) => (summary::state(&track.state), "r lets it go on"),
        TrackState::Waiting(_)
        | TrackState::Preparing
        | TrackState::Working(_)
        | TrackState::Stopping(_)
        | TrackState::Resetting
        | TrackState::Checking
        | TrackState::Queued { .. }
        | TrackState::Merging
        | TrackState::Outdated
        | TrackState::Updating
        | TrackState::Done(_) => return summary::state(&track.state),
    };
    // Keys that steer are there only in the screen of the run itself, and only until it is being stopped.
    if model.facts.watching || model.is_stopping() { text } else { format!("{text}; {key}") }
}
