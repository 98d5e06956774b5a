//! The track of an epic on its first day: what earlier runs proved of it, and whether it is any work of this run.

use super::job::Scope;
use super::track::{Phase, Track};
use crate::domain::outcome::{Outcome, Status, StoryProof};
use crate::domain::plan::Epic;
use crate::domain::policy::Policy;

/// A track for this epic that has not begun.
pub(super) fn track_of(epic: &Epic, wave: usize, policy: &Policy) -> Track {
    let stories = epic.user_stories.iter().map(|story| story.id.clone()).collect();
    let mut track = Track::new(Scope::Epic(epic.id.clone()), epic.title.clone(), wave, stories);
    track.todo = epic.pending().map(|story| story.id.clone()).collect();
    track.proofs = epic
        .user_stories
        .iter()
        .filter(|story| story.passes)
        .map(|story| StoryProof {
            id: story.id.clone(),
            passes: true,
            reason: None,
            commit: None,
            evidence: vec!["proven by an earlier run".to_owned()],
        })
        .collect();
    track.borne_out = !track.proofs.is_empty();
    if epic.status == Status::Completed {
        track.phase = Phase::Done(Outcome::AlreadyCompleted);
    } else if !policy.only.is_empty() && !policy.only.contains(&epic.id) {
        track.phase = Phase::Done(Outcome::LeftOut);
    }
    track
}
