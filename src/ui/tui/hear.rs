//! What the run tells, put on the shelves of the model: notices, pictures and activities. All of it is bounded.

use std::collections::VecDeque;
use std::sync::Arc;

use super::model::{Agent, Mark, Model, NOTICES_MAX, Shelf, Standing, Stretch, Told};
use super::theme::Kind;
use super::transcript::{Entry, Sort};
use crate::domain::activity::Activity;
use crate::domain::outcome::StoryProof;
use crate::scheduler::{Notice, RunView, Scope};
use crate::ui::text::{Tone, scope_of, told};
use crate::ui::{phrases, safe};

/// Gates, findings, sub-agents and stretches that are kept of each scope.
const GATES_MAX: usize = 24;
const FINDINGS_MAX: usize = 60;
const AGENTS_MAX: usize = 40;
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
        Notice::RunResumed { .. } => model.paused = false,
        Notice::Paused { paused } => model.paused = *paused,
        Notice::RunEnded { .. } => {
            for shelf in model.shelves.values_mut() {
                end_agents(shelf, at);
            }
        }
        Notice::RunBegan { .. }
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
        | Notice::Stopping { .. } => {}
    }
}

fn keep(shelf: &mut Shelf, at: u64, notice: &Notice, words: &crate::ui::text::Told) {
    match notice {
        Notice::SessionStarted { role, attempt, .. } => {
            end_agents(shelf, at);
            let summary = if *attempt > 1 { format!("attempt {attempt}") } else { String::new() };
            let name = role.name().to_owned();
            agent(
                shelf,
                None,
                Agent { id: String::new(), name, summary, depth: 0, since: at, until: None, failed: false },
            );
        }
        Notice::SessionEnded { failure, .. } => {
            if let Some(session) = shelf.agents.iter_mut().rev().find(|agent| agent.depth == 0) {
                session.failed = failure.is_some();
            }
            end_agents(shelf, at);
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
        | Notice::EpicHeld { .. }
        | Notice::EpicReleased { .. }
        | Notice::EpicResetting { .. }
        | Notice::EpicReset { .. }
        | Notice::DiskLow { .. }
        | Notice::DiskOk
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
    shelf.transcript.take(at, activity);
    match activity {
        Activity::SubAgentStarted { id, parent, name, summary } => {
            let (name, summary) = (safe::line(name, 40), safe::line(summary, 120));
            let new = Agent { id: id.clone(), name, summary, depth: 1, since: at, until: None, failed: false };
            agent(shelf, parent.as_deref(), new);
        }
        Activity::SubAgentProgress { id, summary } => {
            if let Some(agent) = at_work(shelf, id) {
                agent.summary = safe::line(summary, 120);
            }
        }
        Activity::SubAgentEnded { id, failed, .. } => {
            if let Some(agent) = at_work(shelf, id) {
                (agent.until, agent.failed) = (Some(at), *failed);
            }
        }
        Activity::Identified(_)
        | Activity::Text(_)
        | Activity::ToolStarted { .. }
        | Activity::ToolEnded { .. }
        | Activity::Retrying { .. } => {}
    }
    if let Some(line) = phrases::activity(activity) {
        shelf.doing = line;
    }
}

fn at_work<'a>(shelf: &'a mut Shelf, id: &str) -> Option<&'a mut Agent> {
    shelf.agents.iter_mut().rev().find(|agent| agent.until.is_none() && agent.id == id)
}

/// Puts an agent into the tree: below its parent, behind what is there already.
fn agent(shelf: &mut Shelf, parent: Option<&str>, mut agent: Agent) {
    if shelf.agents.len() >= AGENTS_MAX {
        // The session itself stays: it is the root of the tree.
        let oldest = shelf.agents.iter().position(|agent| agent.until.is_some()).unwrap_or(0);
        shelf.agents.remove(oldest);
    }
    let parent = parent.and_then(|id| shelf.agents.iter().rposition(|other| other.id == id));
    let place = parent.map_or(shelf.agents.len(), |parent| {
        agent.depth = shelf.agents[parent].depth + 1;
        let below = shelf.agents[parent + 1..].iter().take_while(|other| other.depth >= agent.depth).count();
        parent + 1 + below
    });
    shelf.agents.insert(place, agent);
}

fn end_agents(shelf: &mut Shelf, at: u64) {
    for agent in &mut shelf.agents {
        agent.until.get_or_insert(at);
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
