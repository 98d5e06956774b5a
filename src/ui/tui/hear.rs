//! What the run tells, put on the shelves of the model: notices, pictures and activities. All of it is bounded.

use std::collections::VecDeque;
use std::sync::Arc;

use super::model::{Mark, Model, NOTICES_MAX, Shelf, Standing, Stretch, Told};
use super::theme::Kind;
use super::transcript::{Entry, Sort};
use crate::domain::activity::Activity;
use crate::domain::outcome::StoryProof;
use crate::scheduler::delegation::Ending;
use crate::scheduler::{Notice, RunView, Scope};
use crate::ui::text::{Tone, scope_of, told};
use crate::ui::{phrases, safe};

/// Gates, findings and stretches that are kept of each scope.
const GATES_MAX: usize = 24;
const FINDINGS_MAX: usize = 60;
const STRETCHES_MAX: usize = 120;
/// Lines of evidence that are kept of each story.
const EVIDENCE_MAX: usize = 12;
/// Bytes that all transcripts together may weigh; many epics would else take more memory than the run itself.
pub const TRANSCRIPTS_MAX: usize = 12 * 1024 * 1024;
/// Bytes that are let go beyond what is needed, so that not each new line looks for an old one.
const LET_GO: usize = 64 * 1024;

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
    bound_transcripts(model);
}

/// Keeps all transcripts together within their bound: the oldest lines of epics that are not looked at go first. What is
/// looked at has a bound of its own, far below this one.
fn bound_transcripts(model: &mut Model) {
    let all = model.shelves.values().map(|shelf| shelf.transcript.weight()).sum::<usize>();
    let Some(mut over) = all.checked_sub(TRANSCRIPTS_MAX).filter(|over| *over > 0) else { return };
    let looked_at = model.track().map(|track| track.scope.clone());
    over += LET_GO;
    while over > 0 {
        let others = model.shelves.iter_mut().filter(|(scope, _)| Some(*scope) != looked_at.as_ref());
        let told = others.filter_map(|(_, shelf)| Some((shelf.transcript.oldest()?, &mut shelf.transcript)));
        let Some((_, transcript)) = told.min_by_key(|(oldest, _)| *oldest) else { return };
        let before = transcript.weight();
        transcript.let_go(over.min(LET_GO));
        over = over.saturating_sub(before - transcript.weight());
    }
}

/// What concerns the whole screen.
fn note(model: &mut Model, at: u64, notice: &Notice) {
    match notice {
        Notice::RunResumed { .. } => {
            (model.paused, model.card) = (false, None);
            // What was at work in the life before is not any more.
            model.shelves.values_mut().for_each(|shelf| shelf.rest(at));
        }
        Notice::Paused { paused } => model.paused = *paused,
        Notice::RunEnded { .. } => model.shelves.values_mut().for_each(|shelf| shelf.rest(at)),
        Notice::RunBegan { .. }
        | Notice::Parked { .. }
        | Notice::Opened { .. }
        | Notice::Preparing { .. }
        | Notice::SessionStarted { .. }
        | Notice::SessionEnded { .. }
        | Notice::Delegated { .. }
        | Notice::DelegateEnded { .. }
        | Notice::DelegateRefused { .. }
        | Notice::TimedOut { .. }
        | Notice::Noted { .. }
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
        | Notice::Planned { .. }
        | Notice::EpicValidated { .. }
        | Notice::NotValidated { .. }
        | Notice::PutBack { .. }
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

fn which(attempt: u32, fix_cycle: u32) -> String {
    let attempt = (attempt > 1).then(|| format!("attempt {attempt}"));
    let round = (fix_cycle > 0).then(|| format!("fix round {fix_cycle}"));
    attempt.into_iter().chain(round).collect::<Vec<_>>().join(", ")
}

fn keep(shelf: &mut Shelf, at: u64, notice: &Notice, words: &crate::ui::text::Told) {
    match notice {
        Notice::SessionStarted { role, attempt, fix_cycle, .. } => {
            shelf.tree.session_started(at, role.name(), which(*attempt, *fix_cycle));
        }
        Notice::SessionEnded { failure, usage, .. } => {
            shelf.tree.session_ended(at, failure.is_some(), usage.tokens());
            shelf.doing.clear();
            if failure.is_some() {
                push(&mut shelf.findings, (at, words.tone, words.line.clone()), FINDINGS_MAX);
            }
        }
        Notice::Delegated { session, role, story, backend, .. } => {
            let summary = [story.as_ref().map_or("", |story| story.as_str()), backend.as_str()].join(" ");
            let (id, name, summary) = (session.file_stem(), role.name().to_owned(), summary.trim().to_owned());
            shelf.hear(at, &Activity::SubAgentStarted { id, parent: None, name, summary });
        }
        Notice::DelegateEnded { session, role, how, usage, .. } => {
            shelf.delegate_ended(at, session.file_stem(), role.name(), *how != Ending::Done, usage.tokens());
            if *how != Ending::Done {
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
        | Notice::DelegateRefused { .. }
        | Notice::TimedOut { .. }
        | Notice::Noted { .. }
        | Notice::LeftoversCommitted { .. }
        | Notice::Retrying { .. }
        | Notice::FixCycle { .. }
        | Notice::Conflict { .. }
        | Notice::Merged { .. }
        | Notice::EpicEnded { .. }
        | Notice::Validated { .. }
        | Notice::Planned { .. }
        | Notice::EpicValidated { .. }
        | Notice::NotValidated { .. }
        | Notice::PutBack { .. }
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

impl Shelf {
    /// Nothing of it is at work any more.
    fn rest(&mut self, at: u64) {
        self.tree.end_all(at);
        self.doing.clear();
    }

    /// A session that worked for the lead is over.
    fn delegate_ended(&mut self, at: u64, id: String, name: &str, failed: bool, tokens: u64) {
        let tokens = Some(tokens).filter(|tokens| *tokens > 0);
        self.hear(at, &Activity::SubAgentProgress { id: id.clone(), summary: String::new(), tokens });
        self.hear(at, &Activity::SubAgentEnded { id, name: name.to_owned(), failed });
    }

    /// Takes in what an agent of the epic does.
    fn hear(&mut self, at: u64, activity: &Activity) {
        self.tree.take(at, activity);
        let speaker =
            phrases::by(activity).and_then(|id| self.tree.get(id)).map(|agent| (agent.name.as_str(), agent.depth));
        self.transcript.take(at, activity, speaker);
    }
}

/// An agent does something.
pub(super) fn activity(model: &mut Model, at: u64, scope: &Scope, activity: &Activity) {
    model.now = model.now.max(at);
    let shelf = model.shelves.entry(scope.clone()).or_default();
    shelf.hear(at, activity);
    if let Some(line) = phrases::activity(activity) {
        shelf.doing = line;
    }
    bound_transcripts(model);
}

/// A newer picture: the states along the time are read from it.
pub(super) fn picture(model: &mut Model, view: Arc<RunView>) {
    model.now = model.now.max(view.at);
    for track in view.epics.iter().chain(&view.fixes) {
        let kind = Kind::of(&track.state);
        let known = model.shelves.get(&track.scope).and_then(|shelf| shelf.stretches.back());
        if known.is_none_or(|stretch| stretch.kind != kind) {
            // Who is held, let go on or blocked by others is where it was, and so since when it was.
            let from = match known {
                Some(stretch) if track.since <= stretch.from => view.at.max(stretch.from),
                Some(_) | None => track.since,
            };
            let shelf = model.shelves.entry(track.scope.clone()).or_default();
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{CommitId, EpicId, RunId};
    use crate::domain::usage::Usage;
    use crate::scheduler::Role;
    use crate::scheduler::view::{RunPhase, TrackState, TrackView, WaitReason};

    fn scope(n: usize) -> Scope {
        Scope::Epic(EpicId::new(&format!("EPIC-{n}")).expect("an id"))
    }

    fn say(model: &mut Model, at: u64, scope: &Scope) {
        activity(model, at, scope, &Activity::Text("x".repeat(100)));
    }

    /// A picture with these epics; the first is the selected one.
    fn seen(n_epics: usize) -> RunView {
        let commit = CommitId::new(&"a".repeat(40)).expect("a commit id");
        let track = |n| TrackView {
            scope: scope(n),
            title: String::new(),
            wave: 1,
            state: TrackState::Preparing,
            since: 0,
            last_active: None,
            stories_passed: 0,
            n_stories: 1,
            attempt: 1,
            fix_cycle: 0,
            usage: Usage::default(),
            usage_by_role: std::collections::BTreeMap::new(),
            usage_by_story: Default::default(),
        };
        RunView {
            run: RunId::new("20261120-101500-k3f9").expect("a run id"),
            project: String::new(),
            at: 0,
            slots: 1,
            slots_used: 1,
            phase: RunPhase::Working,
            base: commit.clone(),
            loop_tip: commit,
            epics: (0..n_epics).map(track).collect(),
            fixes: vec![],
            queue: vec![],
            usage: Usage::default(),
            usage_by_role: std::collections::BTreeMap::new(),
            budget: None,
        }
    }

    #[test]
    fn who_is_held_is_so_from_that_moment_on_and_not_since_its_session_began() {
        let mut model = Model::default();
        let mut view = seen(1);
        let states = [
            (10, 10, TrackState::Working(Role::TeamLead)),
            (500, 10, TrackState::Waiting(WaitReason::Held)),
            (900, 10, TrackState::Working(Role::TeamLead)),
            (950, 940, TrackState::Checking),
        ];
        for (at, since, state) in states {
            (view.at, view.epics[0].since, view.epics[0].state) = (at, since, state);
            picture(&mut model, Arc::new(view.clone()));
        }
        let stretches: Vec<(Kind, u64)> =
            model.shelves[&scope(0)].stretches.iter().map(|stretch| (stretch.kind, stretch.from)).collect();
        let expected = [(Kind::Working, 10), (Kind::Held, 500), (Kind::Working, 900), (Kind::Checking, 940)];
        assert_eq!(stretches, expected);
    }

    #[test]
    fn a_hundred_epics_that_talk_for_days_stay_within_the_memory_of_a_few() {
        let mut model = Model { view: Some(Arc::new(seen(100))), ..Model::default() };
        let mut at = 0;
        for n in 0..100 {
            for _ in 0..4_000 {
                at += 1;
                say(&mut model, at, &scope(n));
            }
            let all: usize = model.shelves.values().map(|shelf| shelf.transcript.weight()).sum();
            assert!(all <= TRANSCRIPTS_MAX, "{all}");
        }
        let kept = |n| model.shelves[&scope(n)].transcript.range();
        assert!(kept(1).is_empty(), "the oldest went: {:?}", kept(1));
        assert_eq!(kept(0), 0..4_000, "the oldest of all is looked at");
        assert_eq!(kept(99), 0..4_000, "the newest stays");
    }
}
