//! A person who steers: stops epics, lets them go on, sets them back; and what must hold of these epics.
//!
//! There are two kinds of asks. Some belong to the seed: an epic is stopped for good, or set back, as soon as the base or
//! its worktree is there, in every life that the run is cut into; they may change how the run ends, and always in the
//! same way. Others come at any moment and may change nothing about the end: a stop that is taken back before nothing
//! else is left to do, and a reset of an epic for which earlier runs left nothing.

use std::collections::{BTreeMap, BTreeSet};

use ralph_teams::domain::id::{EpicId, SessionId};
use ralph_teams::domain::outcome::Outcome;
use ralph_teams::scheduler::view::{RunPhase, TrackState, TrackView, WaitReason};
use ralph_teams::scheduler::{Command, Event, Job, RunView, Scope, Task};

use crate::hold;
use crate::invariants::Violation;
use crate::watch::Watch;
use crate::world::World;

/// Times that an epic is set back at a random moment, at most.
const MAX_RESETS: u32 = 2;

/// What was asked so far, and what it means for the epics now.
#[derive(Debug, Clone, Default)]
pub struct Steered {
    /// Stopped, and not let go on.
    pub held: BTreeSet<EpicId>,
    /// Being set back.
    pub resetting: BTreeSet<EpicId>,
    /// Epics that were begun and set back.
    pub begun_before: BTreeSet<Scope>,
    /// Conversations from before a reset.
    pub lost: BTreeSet<SessionId>,
    names: BTreeMap<Scope, Vec<SessionId>>,
    is_open: bool,
    prepared: BTreeSet<EpicId>,
    n_asked: BTreeMap<EpicId, u32>,
}

/// What a seed wants of an epic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Script {
    StopForGood,
    Reset,
}

fn script(world: &World, epic: &EpicId) -> Option<Script> {
    if world.setup.depends_on_order() || world.setup.begun.plan.epic(epic).is_none() {
        return None;
    }
    match world.fates.number(("script", epic)) % 24 {
        0 => Some(Script::StopForGood),
        1 | 2 => Some(Script::Reset),
        _ => None,
    }
}

impl Steered {
    /// Takes note of an event before the scheduler sees it.
    pub fn note(&mut self, event: &Event) {
        if let Event::Opened { .. } = event {
            self.is_open = true;
        } else if let Event::Prepared { job, .. } = event {
            self.prepared.extend(job.scope.epic().cloned());
        } else if let Event::SessionIdentified { job, session } = event {
            self.names.entry(job.scope.clone()).or_default().push(session.clone());
        } else if let Event::Abandoned { job, kept, .. } = event {
            self.resetting.retain(|epic| job.scope.epic() != Some(epic));
            if kept.is_none() {
                self.lost.extend(self.names.remove(&job.scope).unwrap_or_default());
                self.begun_before.insert(job.scope.clone());
            }
        }
        self.note_ask(event);
    }

    fn note_ask(&mut self, event: &Event) {
        if let Event::StopEpicAsked { epic } | Event::ResetAsked { epic } = event {
            *self.n_asked.entry(epic.clone()).or_default() += 1;
        }
        if let Event::RetryAsked { epic } | Event::ResetAsked { epic } = event {
            self.held.remove(epic);
        }
        if let Event::StopEpicAsked { epic } = event {
            self.held.insert(epic.clone());
        } else if let Event::ResetAsked { epic } = event {
            self.resetting.insert(epic.clone());
        }
    }

    /// Whether a job is ended because a person steers.
    pub fn ends_by_hand(&self, job: &Job) -> bool {
        job.scope.epic().is_some_and(|epic| self.held.contains(epic) || self.resetting.contains(epic))
    }

    /// Nothing is asked for an epic that is stopped, and nothing but its end for one that is set back.
    pub fn check_command(&self, command: &Command) -> Result<(), Violation> {
        let job = command.job();
        let Some(epic) = job.scope.epic() else { return Ok(()) };
        let held = self.held.contains(epic) && job.task != Task::Retire;
        hold!(!held, "16 nothing is done for a held epic", "{job} is asked for");
        let resetting = self.resetting.contains(epic);
        let abandons = job.task == Task::Abandon;
        hold!(resetting == abandons, "16 an epic is taken away to begin again", "{job} is asked for");
        if let Command::Session { ask, .. } = command {
            let forgotten = ask.continues.as_ref().is_none_or(|name| !self.lost.contains(name));
            hold!(forgotten, "16 nothing of before a reset counts", "{job} continues {:?}", ask.continues);
        }
        Ok(())
    }

    /// What the view says of steered epics, and of slots.
    pub fn check_view(&mut self, watch: &BTreeMap<Job, Command>, view: &RunView) -> Result<(), Violation> {
        for track in &view.epics {
            let Some(epic) = track.scope.epic() else { continue };
            if matches!(track.state, TrackState::Done(_)) {
                self.held.remove(epic);
                self.resetting.remove(epic);
            }
            let is_at_work = watch.keys().any(|job| job.scope == track.scope && job.task != Task::Retire);
            let says = matches!(track.state, TrackState::Waiting(WaitReason::Held | WaitReason::Blocked(_)));
            let held = self.held.contains(epic);
            hold!(!held || is_at_work || says, "16 a held epic says so", "{epic} is {:?}", track.state);
        }
        let takes_slot = |job: &&Job| {
            matches!(
                job.task,
                Task::Prepare | Task::Session(_) | Task::Check | Task::CheckPlan | Task::CheckValidation | Task::Update
            )
        };
        let used = watch.keys().filter(takes_slot).filter(|job| job.scope != Scope::Run);
        // Who works for a lead does so in its slot.
        let used = used.map(|job| &job.scope).collect::<BTreeSet<_>>().len();
        let n_used = view.slots_used as usize;
        hold!(used == n_used, "16 slots are taken by work alone", "{n_used}, at work: {:?}", watch.keys());
        Ok(())
    }

    /// Epics that a person stopped, and all that wait for them: nobody waits for these.
    pub fn stuck(&self, world: &World, view: &RunView) -> BTreeSet<Scope> {
        let mut stuck: BTreeSet<Scope> = self.held.iter().cloned().map(Scope::Epic).collect();
        let mut by_wave: Vec<&TrackView> = view.epics.iter().collect();
        by_wave.sort_by_key(|track| track.wave);
        for track in by_wave {
            let plan = track.scope.epic().and_then(|epic| world.plan.epic(epic));
            let below = plan.into_iter().flat_map(|epic| epic.depends_on.iter().cloned().map(Scope::Epic));
            if matches!(track.state, TrackState::Waiting(_)) && below.into_iter().any(|scope| stuck.contains(&scope)) {
                stuck.insert(track.scope.clone());
            }
        }
        stuck
    }
}

/// What a person asks for now, if anything. `step` stands for the moment.
pub fn next_ask(world: &World, watch: &Watch, view: &RunView, step: usize) -> Option<Event> {
    if watch.stopped_at.is_some() || !matches!(view.phase, RunPhase::Opening | RunPhase::Working) {
        return None;
    }
    scripted(world, watch, view).or_else(|| released(world, watch, step)).or_else(|| random(world, watch, view, step))
}

fn scripted(world: &World, watch: &Watch, view: &RunView) -> Option<Event> {
    let steered = &watch.steered;
    view.epics.iter().find_map(|track| {
        let epic = track.scope.epic()?;
        let script = script(world, epic)?;
        let early = world.fates.number(("early", epic)).is_multiple_of(2);
        let is_due = if early { steered.is_open } else { steered.prepared.contains(epic) };
        if !is_due || steered.n_asked.contains_key(epic) {
            return None;
        }
        let epic = epic.clone();
        match script {
            Script::StopForGood => can_be_stopped(watch, track).then_some(Event::StopEpicAsked { epic }),
            Script::Reset => can_be_reset(watch, view, track).then_some(Event::ResetAsked { epic }),
        }
    })
}

/// Lets go on what was not stopped for good: at some time, and in any case before nothing else is left to do.
fn released(world: &World, watch: &Watch, step: usize) -> Option<Event> {
    let held = &watch.steered.held;
    let mut for_now = held.iter().filter(|epic| script(world, epic) != Some(Script::StopForGood));
    let epic = for_now.next()?.clone();
    let is_time = world.fates.number(("let go", step)).is_multiple_of(16);
    (is_time || n_others(watch) <= 1).then_some(Event::RetryAsked { epic })
}

/// Jobs in flight that keep the run alive, whatever becomes of what is held.
fn n_others(watch: &Watch) -> usize {
    let counts = |job: &&Job| {
        let held = job.scope.epic().is_some_and(|epic| watch.steered.held.contains(epic));
        !held && !matches!(job.task, Task::Prd | Task::Verdict | Task::Retire)
    };
    watch.in_flight.keys().filter(counts).count()
}

fn random(world: &World, watch: &Watch, view: &RunView, step: usize) -> Option<Event> {
    let number = world.fates.number(("steer", step));
    let chosen = &view.epics[(number >> 16) as usize % view.epics.len().max(1)];
    let epic = chosen.scope.epic()?.clone();
    if script(world, &epic).is_some() || !world.is_selected(&epic) {
        return None;
    }
    if number.is_multiple_of(12) && n_others(watch) >= 3 && can_be_stopped(watch, chosen) {
        return Some(Event::StopEpicAsked { epic });
    }
    let n_asked = watch.steered.n_asked.get(&epic).copied().unwrap_or_default();
    let resets = number % 12 == 1 && n_asked < MAX_RESETS && begins_alike(world, watch, &epic);
    (resets && can_be_reset(watch, view, chosen)).then_some(Event::ResetAsked { epic })
}

/// Whether an epic that begins again meets what it met the first time.
fn begins_alike(world: &World, watch: &Watch, epic: &EpicId) -> bool {
    let scope = Scope::Epic(epic.clone());
    let nothing_before = !world.setup.begun.kept.contains_key(epic)
        && world.plan.epic(epic).is_some_and(|epic| epic.user_stories.iter().all(|story| !story.passes));
    let is_begun = watch.begun.contains_key(epic);
    is_begun && nothing_before && world.fates.failures(&scope, Task::Abandon) == 0 && !world.keeps_branch(&scope)
}

fn is_published_now(watch: &Watch, track: &TrackView) -> bool {
    watch.in_flight.keys().any(|job| job.scope == track.scope && job.task == Task::Publish)
}

fn can_be_stopped(watch: &Watch, track: &TrackView) -> bool {
    let held = track.scope.epic().is_some_and(|epic| watch.steered.held.contains(epic));
    let over = matches!(track.state, TrackState::Done(_) | TrackState::Resetting);
    !held && !over && !is_published_now(watch, track)
}

fn can_be_reset(watch: &Watch, view: &RunView, track: &TrackView) -> bool {
    let begins_again = |outcome: &Outcome| {
        matches!(outcome, Outcome::Failed { .. } | Outcome::Partial { .. } | Outcome::MergeFailed { .. })
    };
    let can = track.state != TrackState::Resetting && track.state.outcome().is_none_or(begins_again);
    can && view.phase == RunPhase::Working && !is_published_now(watch, track)
}
