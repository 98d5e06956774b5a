//! What changes the course of the run: what a key asks of it, or a line that says why it asks nothing.

use super::model::{Dialog, Model};
use super::msg::Ask;
use crate::domain::id::EpicId;
use crate::domain::outcome::Outcome;
use crate::scheduler::view::{RunPhase, TrackState, WaitReason};

/// Start nothing new, or go on.
pub(super) fn pause(model: &mut Model) -> Option<Ask> {
    can_be_steered(model).then_some(Ask::Pause(!model.paused))
}

/// Stop the selected epic.
pub(super) fn stop_epic(model: &mut Model) -> Option<Ask> {
    let (epic, state) = selected(model)?;
    match state {
        TrackState::Waiting(WaitReason::Held) => say(model, format!("{epic} is stopped; r lets it go on")),
        TrackState::Done(_) => say(model, format!("{epic} is over")),
        TrackState::Resetting => say(model, format!("{epic} is being set back")),
        TrackState::Merging => {
            model.toast = Some(format!("{epic} is being merged; it is stopped unless that is done already"));
            Some(Ask::StopEpic(epic))
        }
        TrackState::Waiting(_)
        | TrackState::Preparing
        | TrackState::Working(_)
        | TrackState::Stopping(_)
        | TrackState::Checking
        | TrackState::Resting { .. }
        | TrackState::Queued { .. }
        | TrackState::Outdated
        | TrackState::Updating => stop_or_ask(model, epic),
    }
}

/// Stops an epic; when the run ends with it, only once the person has said yes.
fn stop_or_ask(model: &mut Model, epic: EpicId) -> Option<Ask> {
    if !is_last(model, &epic) {
        return Some(Ask::StopEpic(epic));
    }
    model.dialog = Some(Dialog::StopLast(epic));
    None
}

/// Whether nothing is left to be done once this epic is stopped. What waits for an epic that is held cannot begin either.
fn is_last(model: &Model, epic: &EpicId) -> bool {
    let goes_on = |state: &TrackState| match state {
        TrackState::Done(_) | TrackState::Waiting(WaitReason::Held | WaitReason::LeftOut | WaitReason::Blocked(_)) => {
            false
        }
        TrackState::Waiting(WaitReason::Dependencies(on)) => !on.contains(epic),
        TrackState::Waiting(_)
        | TrackState::Preparing
        | TrackState::Working(_)
        | TrackState::Stopping(_)
        | TrackState::Resetting
        | TrackState::Checking
        | TrackState::Resting { .. }
        | TrackState::Queued { .. }
        | TrackState::Merging
        | TrackState::Outdated
        | TrackState::Updating => true,
    };
    !model.tracks().iter().any(|track| track.scope.epic() != Some(epic) && goes_on(&track.state))
}

/// Let the selected epic go on, or try again now.
pub(super) fn go_on(model: &mut Model) -> Option<Ask> {
    let (epic, state) = selected(model)?;
    match state {
        // A session that ends because the person stopped the epic can be told to go on before it has ended.
        TrackState::Resting { .. }
        | TrackState::Waiting(WaitReason::Held | WaitReason::Backend { .. })
        | TrackState::Stopping(_) => Some(Ask::RetryNow(epic)),
        TrackState::Done(_) => say(model, format!("{epic} is over")),
        TrackState::Waiting(_)
        | TrackState::Preparing
        | TrackState::Working(_)
        | TrackState::Resetting
        | TrackState::Checking
        | TrackState::Queued { .. }
        | TrackState::Merging
        | TrackState::Outdated
        | TrackState::Updating => {
            say(model, format!("{epic} was not stopped, and waits for no other attempt and no parked program"))
        }
    }
}

/// Let the selected epic begin again, once the person has said yes.
pub(super) fn reset(model: &mut Model) -> Option<Ask> {
    let (epic, state) = selected(model)?;
    if model.view.as_ref().is_none_or(|view| view.phase != RunPhase::Working) {
        return say(model, "an epic can begin again only while epics are worked on".to_owned());
    }
    match state {
        TrackState::Done(Outcome::Merged { .. } | Outcome::AlreadyCompleted) => {
            say(model, format!("{epic} is merged; `ralph-teams reset {epic}` after the run makes it pending again"))
        }
        TrackState::Done(Outcome::LeftOut | Outcome::Blocked { .. } | Outcome::Interrupted) => {
            say(model, format!("{epic} did not begin"))
        }
        TrackState::Resetting => say(model, format!("{epic} is being set back")),
        TrackState::Waiting(_)
        | TrackState::Preparing
        | TrackState::Working(_)
        | TrackState::Stopping(_)
        | TrackState::Checking
        | TrackState::Resting { .. }
        | TrackState::Queued { .. }
        | TrackState::Merging
        | TrackState::Outdated
        | TrackState::Updating
        | TrackState::Done(Outcome::Partial { .. } | Outcome::Failed { .. } | Outcome::MergeFailed { .. }) => {
            model.dialog = Some(Dialog::Reset(epic));
            None
        }
    }
}

/// The selected epic, when the run can still be steered.
fn selected(model: &mut Model) -> Option<(EpicId, TrackState)> {
    if !can_be_steered(model) {
        return None;
    }
    let track = model.track()?;
    let Some(epic) = track.scope.epic().cloned() else {
        return say(model, "a round of fixes cannot be steered".to_owned());
    };
    Some((epic, track.state.clone()))
}

fn can_be_steered(model: &mut Model) -> bool {
    let is_ending = model.is_over() || model.is_stopping();
    if is_ending {
        model.toast = Some("the run is ending; nothing can be steered any more".to_owned());
    }
    !is_ending
}

/// Says why nothing is asked.
fn say<T>(model: &mut Model, line: String) -> Option<T> {
    model.toast = Some(line);
    None
}
