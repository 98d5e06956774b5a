//! What the run tells, put on the shelves of the model: notices, pictures and activities. All of it is bounded.

use std::collections::VecDeque;
use std::sync::Arc;

use super::model::{Mark, Model, NOTICES_MAX, Shelf, Standing, Stretch, Told};
use super::theme::Kind;
use super::transcript::{Entry, Sort};
use crate::domain::activity::Activity;
use crate::domain::outcome::StoryProof;
use crate::scheduler::{Notice, RunView, Scope};
use crate::ui::text::{Tone, scope_of, told};
use crate::ui::{phrases, safe};

/// Gates, findings and stretches that are kept of each scope.
const GATES_MAX: usize = 24;
const FINDINGS_MAX: usize = 60;
const STRETCHES_MAX: usize = 120;
/// Lines of evidence that are kept of each story.
const EVIDENCE_MAX: usize = 12;

/// Something happened.
pub(super) fn notice(model: &mut Model, at: u64, notice: &Notice, view: Arc<RunView>) {
    let words = told(notice, &view);
    let scope = scope_of(notice);
    picture(model, view);
    model.now = model.now.max(at);
    note(model, at, notice);
    let shelf = model.shelves.entry(scope).or_default();
    keep(shelf, at, notice, &words);
    shelf.transcript.push(Entry { at, sort: Sort::Runner, text: words.line.clone() });
    let told = Told { at, tone: words.tone, who: words.who, line: words.line };
    push(&mut model.notices, told, NOTICES_MAX);
    if model.notices_back > 0 {
        // Whoever reads older notices keeps them under the eyes.
        model.notices_back = (model.notices_back + 1).min(model.notices.len() - 1);
    }
}

/// What concerns the whole screen.
fn note(model: &mut Model, at: u64, notice: &Notice) {
    match notice {
        Notice::RunResumed { .. } => (model.paused, model.card) = (false, None),
        Notice::Paused { paused } => model.paused = *paused,
        Notice::RunEnded { .. } => {
            for shelf in model.shelves.values_mut() {
                shelf.tree.end_all(at);
            }
        }
        Notice::RunBegan { .. }
        | Notice::Parked { .. }
        | Notice::Opened { .. }
        | Notice::Preparing { .. }
        | Notice::SessionStarted { .. }
        | Notice::SessionEnded { .. }
        | Notice::TimedOut { .. }
        | Notice::LeftoversCommitted { .. }
        | Notice::StoryChecked { .. }
        | Notice::GateRan { .. }
        | Notice::Retrying { .. }
        | Notice::FixCycle { .. }
        | Notice::Queued { .. }
        | Notice::Conflict { .. }
        | Notice::Merged { .. }
        | Notice::EpicEnded { .. }
        | Notice::Validated { .. }
        | Notice::WorktreeKept { .. }
        | Notice::Meddled { .. }
        | Notice::Trouble { .. }
        | Notice::EpicHeld { .. }
        | Notice::EpicReleased { .. }
        | Notice::EpicResetting { .. }
        | Notice::EpicReset { .. }
        | Notice::DiskLow { .. }
        | Notice::DiskOk
        | Notice::Budget { .. }
        | Notice::Stopping { .. } => {}
    }
}

fn keep(shelf: &mut Shelf, at: u64, notice: &Notice, words: &crate::ui::text::Told) {
    match notice {
        Notice::SessionStarted { role, attempt, fix_cycle, .. } => {
            let mut parts = Vec::new();
            if *attempt > 1 {
                parts.push(format!("attempt {attempt}"));
            }
            if *fix_cycle > 0 {
                parts.push(format!("fix round {fix_cycle}"));
            }
            shelf.tree.session_started(at, role.name(), parts.join(", "));
        }
        Notice::SessionEnded { failure, usage, .. } => {
            shelf.tree.session_ended(at, failure.is_some(), usage.tokens());
            shelf.doing.clear();
            if failure.is_some() {
                push(&mut shelf.findings, (at, words.tone, words.line.clone()), FINDINGS_MAX);
            }
        }
        Notice::StoryChecked { proof, .. } => {
            shelf.marks.insert(proof.id.clone(), mark(proof));
        }
        Notice::GateRan { on_candidate, outcome, .. } => {
            push(&mut shelf.gates, (*on_candidate, outcome.clone()), GATES_MAX);
        }
        Notice::Preparing { .. } | Notice::Queued { .. } => {}
        Notice::EpicReset { .. } => {
            // What was proven of it went with its branch.
            shelf.marks.clear();
            shelf.gates.clear();
            push(&mut shelf.findings, (at, words.tone, words.line.clone()), FINDINGS_MAX);
        }
        Notice::RunBegan { .. }
        | Notice::RunResumed { .. }
        | Notice::Opened { .. }
        | Notice::TimedOut { .. }
        | Notice::LeftoversCommitted { .. }
        | Notice::Retrying { .. }
        | Notice::FixCycle { .. }
        | Notice::Conflict { .. }
        | Notice::Merged { .. }
        | Notice::EpicEnded { .. }
        | Notice::Validated { .. }
        | Notice::WorktreeKept { .. }
        | Notice::Meddled { .. }
        | Notice::Trouble { .. }
        | Notice::Paused { .. }
        | Notice::Parked { .. }
        | Notice::EpicHeld { .. }
        | Notice::EpicReleased { .. }
        | Notice::EpicResetting { .. }
        | Notice::DiskLow { .. }
        | Notice::DiskOk
        | Notice::Budget { .. }
        | Notice::Stopping { .. }
        | Notice::RunEnded { .. } => {
            push(&mut shelf.findings, (at, words.tone, words.line.clone()), FINDINGS_MAX);
            for detail in &words.details {
                push(&mut shelf.findings, (at, Tone::Neutral, format!("  {detail}")), FINDINGS_MAX);
            }
        }
    }
}

fn mark(proof: &StoryProof) -> Mark {
    let standing = match (proof.fault(), &proof.commit) {
        (Some(reason), _) => Standing::NotProven(safe::short(reason)),
        (None, Some(commit)) => Standing::Proven(commit.clone()),
        (None, None) => Standing::Claimed,
    };
    let evidence = proof.evidence.iter().take(EVIDENCE_MAX).map(|line| safe::short(line)).collect();
    Mark { standing, evidence }
}

/// An agent does something.
pub(super) fn activity(model: &mut Model, at: u64, scope: &Scope, activity: &Activity) {
    model.now = model.now.max(at);
    let shelf = model.shelves.entry(scope.clone()).or_default();
    shelf.tree.take(at, activity);
    let speaker =
        phrases::by(activity).and_then(|id| shelf.tree.get(id)).map(|agent| (agent.name.as_str(), agent.depth));
    shelf.transcript.take(at, activity, speaker);
    if let Some(line) = phrases::activity(activity) {
        shelf.doing = line;
    }
}

/// A newer picture: the states along the time are read from it.
pub(super) fn picture(model: &mut Model, view: Arc<RunView>) {
    model.now = model.now.max(view.at);
    for track in view.epics.iter().chain(&view.fixes) {
        let kind = Kind::of(&track.state);
        let known = model.shelves.get(&track.scope).and_then(|shelf| shelf.stretches.back());
        if known.is_none_or(|stretch| stretch.kind != kind) {
            let shelf = model.shelves.entry(track.scope.clone()).or_default();
            let from = track.since.max(shelf.stretches.back().map_or(0, |stretch| stretch.from));
            push(&mut shelf.stretches, Stretch { kind, from }, STRETCHES_MAX);
        }
    }
    model.view = Some(view);
}

fn push<T>(ring: &mut VecDeque<T>, item: T, most: usize) {
    ring.push_back(item);
    if ring.len() > most {
        ring.pop_front();
    }
}
