//! What the picture of the run claims, held against the world: while it goes on, and when it is over.

use std::collections::{BTreeMap, BTreeSet};

use ralph_teams::domain::id::{EpicId, StoryId};
use ralph_teams::domain::outcome::{Outcome, RunEnd, Status};
use ralph_teams::domain::plan::{Epic, Plan};
use ralph_teams::domain::policy::Schedule;
use ralph_teams::scheduler::view::{RunPhase, TrackState, TrackView, WaitReason};
use ralph_teams::scheduler::{Job, Role, RunView, Scheduler, Scope, Task};

use crate::hold;
use crate::invariants::Violation;
use crate::watch::Watch;
use crate::world::World;

/// How a run ended, as far as no disturbance may change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Final {
    /// The plan in the end.
    pub plan: Plan,
    /// The kind of end.
    pub end: &'static str,
    /// Verdict, if there is one.
    pub pass: Option<bool>,
    /// The kind of each epic's outcome.
    pub outcomes: BTreeMap<EpicId, &'static str>,
    /// What `prd.json` says.
    pub prd: BTreeMap<EpicId, (Status, Vec<(StoryId, bool)>)>,
    /// The tracks that are on the loop branch.
    pub merged: BTreeSet<Scope>,
    /// How often it was resumed after it had ended at its number of epics.
    pub more_epics: usize,
}

/// Checks the picture of a run that goes on.
pub fn check_view(world: &World, watch: &Watch, view: &RunView) -> Result<(), Violation> {
    let shown: Vec<_> = view.epics.iter().filter_map(|track| track.scope.epic()).collect();
    let planned: Vec<_> = world.plan.epics().iter().map(|epic| &epic.id).collect();
    hold!(shown == planned, "13 every epic is shown once, in order", "{shown:?}");
    hold!(view.slots_used <= view.slots, "3 at most `slots`", "{} of {}", view.slots_used, view.slots);
    let known_tip = world.loop_branch.contains(&view.loop_tip) || world.loop_branch.is_empty();
    hold!(known_tip, "9 the loop tip is one", "{}", view.loop_tip);
    for (position, track) in view.epics.iter().enumerate() {
        check_queue(view, track)?;
        if watch.stopped_at.is_none() && !is_over(&view.phase) {
            check_work(watch, track)?;
            check_wait(world, watch, view, position, track)?;
        }
    }
    view.fixes.iter().try_for_each(|track| check_queue(view, track))
}

fn is_over(phase: &RunPhase) -> bool {
    matches!(phase, RunPhase::Stopping | RunPhase::Judging | RunPhase::Ended(_))
}

fn check_queue(view: &RunView, track: &TrackView) -> Result<(), Violation> {
    let n_queued = view.queue.iter().filter(|scope| **scope == track.scope).count();
    let queued = matches!(track.state, TrackState::Queued { .. });
    hold!(n_queued <= 1, "13 queued at most once", "{}", track.scope);
    hold!(!queued || n_queued == 1, "13 what is queued is in the queue", "{} is not", track.scope);
    Ok(())
}

/// A state that says that something is being done is true only while it is.
fn check_work(watch: &Watch, track: &TrackView) -> Result<(), Violation> {
    let in_flight = |wanted: &dyn Fn(&Task) -> bool| {
        watch.in_flight.keys().any(|job: &Job| job.scope == track.scope && wanted(&job.task))
    };
    let true_now = match &track.state {
        TrackState::Preparing => in_flight(&|task| *task == Task::Prepare),
        TrackState::Working(role) => in_flight(&|task| *task == Task::Session(*role)),
        // A lead that has ended waits for the end of its delegate.
        TrackState::Stopping(_) => in_flight(&|task| matches!(task, Task::Session(_))),
        TrackState::Checking => {
            in_flight(&|task| matches!(task, Task::Check | Task::CheckPlan | Task::CheckValidation))
        }
        TrackState::Merging => in_flight(&|task| matches!(task, Task::Candidate | Task::Prove | Task::Publish)),
        TrackState::Updating => in_flight(&|task| *task == Task::Update),
        TrackState::Resetting => in_flight(&|task| !matches!(task, Task::Retire)),
        TrackState::Waiting(_)
        | TrackState::Resting { .. }
        | TrackState::Queued { .. }
        | TrackState::Outdated
        | TrackState::Done(_) => !in_flight(&|task| !matches!(task, Task::Retire)),
    };
    hold!(true_now, "13 the state is true", "{} is {:?} with {:?}", track.scope, track.state, watch.in_flight.keys());
    Ok(())
}

/// With strict waves an epic starts only when nothing of the waves before it can still happen.
pub fn check_wave(world: &World, watch: &Watch, view: &RunView, job: &Job) -> Result<(), Violation> {
    let Some(own) = view.epics.iter().find(|track| track.scope == job.scope) else { return Ok(()) };
    let over = |state: &TrackState| {
        matches!(state, TrackState::Done(_) | TrackState::Waiting(WaitReason::Blocked(_) | WaitReason::LeftOut))
    };
    let stuck = watch.steered.stuck(world, view);
    let is_open = |track: &&TrackView| !over(&track.state) && !stuck.contains(&track.scope);
    let open = view.epics.iter().filter(|track| track.wave < own.wave).find(is_open);
    let strict = world.setup.begun.policy.schedule == Schedule::Waves;
    hold!(!strict || open.is_none(), "4 waves are strict", "{job} starts before {:?}", open.map(|track| &track.scope));
    Ok(())
}

fn check_wait(
    world: &World,
    watch: &Watch,
    view: &RunView,
    position: usize,
    track: &TrackView,
) -> Result<(), Violation> {
    let TrackState::Waiting(reason) = &track.state else { return Ok(()) };
    let plan = &world.plan;
    let policy = &world.setup.begun.policy;
    let epic = &plan.epics()[position];
    let outcome =
        |id: &EpicId| view.epics.iter().find(|other| other.scope.epic() == Some(id)).map(|other| &other.state);
    let merged =
        |id: &EpicId| matches!(outcome(id), Some(TrackState::Done(Outcome::Merged { .. } | Outcome::AlreadyCompleted)));
    let lost = |id: &EpicId| matches!(outcome(id), Some(TrackState::Done(_))) && !merged(id);
    let never =
        |id: &EpicId| matches!(outcome(id), Some(TrackState::Waiting(WaitReason::Blocked(_) | WaitReason::LeftOut)));
    let true_now = match reason {
        WaitReason::Dependencies(ids) => {
            !ids.is_empty() && ids.iter().all(|id| epic.depends_on.contains(id) && !merged(id))
        }
        WaitReason::Blocked(ids) => !ids.is_empty() && ids.iter().all(|id| lost(id) || never(id)),
        WaitReason::Wave => {
            let earlier = |other: &usize| plan.wave(*other) < plan.wave(position);
            let open = (0..plan.epics().len()).filter(earlier);
            let mut open = open.map(|other| &view.epics[other].state);
            policy.schedule == Schedule::Waves && open.any(|state| !matches!(state, TrackState::Done(_)))
        }
        WaitReason::Backend { until } => {
            let leads = policy.backends_of(Role::TeamLead);
            let is_parked = |name: &String| watch.parked_at_most.get(name).is_some_and(|until| *until > view.at);
            *until > view.at && leads.iter().all(is_parked)
        }
        WaitReason::Slot => view.slots_used >= view.slots,
        WaitReason::Disk => world.disk_low,
        WaitReason::Budget => watch.spending.is_used_up(world),
        WaitReason::LeftOut => !world.is_selected(&epic.id) || policy.max_epics.is_some(),
        WaitReason::Opening => view.phase == RunPhase::Opening,
        WaitReason::Held => watch.steered.held.contains(&epic.id),
        WaitReason::Paused => watch.paused,
        WaitReason::Stopping => false,
    };
    hold!(true_now, "13 a reason to wait is true", "{} waits because of {reason:?}", track.scope);
    Ok(())
}

/// Checks a run that is over, and says how it ended.
pub fn check_end(world: &World, watch: &Watch, scheduler: &Scheduler, end: &RunEnd) -> Result<Final, Violation> {
    let view = scheduler.view().ok_or(Violation { invariant: "13 a run has a view", what: String::new() })?;
    let jobs = watch.in_flight.keys();
    hold!(watch.in_flight.is_empty(), "6 nothing is in flight at the end", "{:?}", jobs.collect::<Vec<_>>());
    hold!(view.phase == RunPhase::Ended(end.clone()), "13 the phase is true", "{:?}", view.phase);
    // Only a run that was judged is sure of it: before, somebody else may have moved it, or an answer may be missing.
    let sure = matches!(end, RunEnd::Judged { .. });
    hold!(
        !sure || world.loop_tip().is_none_or(|tip| *tip == view.loop_tip),
        "9 the loop tip is git's",
        "{}",
        view.loop_tip
    );
    let mut found = Final {
        plan: world.plan.clone(),
        end: match end {
            RunEnd::Judged { .. } => "judged",
            RunEnd::Limit { .. } => "limit",
            RunEnd::Interrupted => "interrupted",
            RunEnd::Environment { .. } => "environment",
        },
        pass: world.verdict.as_ref().map(|verdict| verdict.pass),
        outcomes: BTreeMap::new(),
        prd: BTreeMap::new(),
        merged: world.merged(),
        more_epics: watch.more_epics,
    };
    for track in &view.epics {
        let epic = track.scope.epic().and_then(|id| world.plan.epic(id)).expect("a known epic");
        let state = world.prd.get(&epic.id);
        let status = state.map_or(epic.status, |state| state.status);
        let before = || epic.user_stories.iter().map(|story| (story.id.clone(), story.passes)).collect();
        let stories = state.map_or_else(before, |state| state.stories.iter().map(|s| (s.0.clone(), s.1)).collect());
        found.prd.insert(epic.id.clone(), (status, stories));
        if let TrackState::Done(outcome) = &track.state {
            found.outcomes.insert(epic.id.clone(), kind(outcome));
            if kind(outcome) == STOPPED {
                // What it had achieved when it was stopped is a matter of time.
                found.prd.remove(&epic.id);
            }
        }
        // A write that failed is made up for by the next life, when this one was stopped.
        if !watch.prd_failed || found.end == "judged" {
            check_prd(world, track, epic, status)?;
            let completed = status == Status::Completed;
            hold!(
                completed || !sure || !found.merged.contains(&track.scope),
                "9 merged means completed",
                "{}",
                epic.id
            );
        }
    }
    if let RunEnd::Judged { pass } = end {
        check_verdict(world, &view, *pass)?;
        check_risks(world, watch)?;
        let unsaid = watch.planned.iter().find(|epic| !world.planned.contains(*epic));
        hold!(unsaid.is_none(), "9 prd.json says what was planned", "{unsaid:?}");
    }
    Ok(found)
}

fn check_prd(world: &World, track: &TrackView, epic: &Epic, status: Status) -> Result<(), Violation> {
    let outcome = if let TrackState::Done(outcome) = &track.state { Some(outcome) } else { None };
    let wanted = outcome.and_then(Outcome::status);
    let before = if world.afresh.contains(&epic.id) { Status::Pending } else { epic.status };
    let wanted = wanted.unwrap_or(before);
    hold!(wanted == status, "9 prd.json agrees", "{} is {status:?}, its outcome {outcome:?}", epic.id);
    let completed = status == Status::Completed && epic.status != Status::Completed;
    let merged = world.loop_tip().is_some_and(|tip| world.is_in(&track.scope, tip));
    hold!(!completed || merged, "9 completed means merged", "{} is completed and not merged", epic.id);
    Ok(())
}

fn check_verdict(world: &World, view: &RunView, pass: bool) -> Result<(), Violation> {
    let Some(verdict) = &world.verdict else {
        return Err(Violation { invariant: "9 a judged run has a verdict", what: String::new() });
    };
    hold!(verdict.pass == pass, "9 the end is the verdict's", "{pass} and {}", verdict.pass);
    hold!(Some(&verdict.tip) == world.loop_tip(), "9 the verdict is about the tip", "{}", verdict.tip);
    hold!(verdict.base == world.setup.begun.base, "9 the verdict knows the base", "{}", verdict.base);
    for (track, epic) in view.epics.iter().zip(&verdict.epics) {
        let same = track.state == TrackState::Done(epic.outcome.clone());
        hold!(same, "9 verdict and view agree", "{}: {:?} and {:?}", epic.id, track.state, epic.outcome);
    }
    hold!(verdict.epics.len() == view.epics.len(), "9 the verdict names every epic", "{}", verdict.epics.len());
    let done = |outcome: &Outcome| matches!(outcome, Outcome::AlreadyCompleted | Outcome::Merged { .. });
    let mut selected = verdict.epics.iter().filter(|epic| world.is_selected(&epic.id));
    let all_done = selected.all(|epic| done(&epic.outcome));
    let policy = &world.setup.begun.policy;
    let red = policy.gates.iter().any(|gate| world.graph.is_red(&world.fates, &verdict.tip, &gate.name));
    let believable = all_done && !red;
    hold!(!pass || believable, "9 never rosier than the evidence", "all merged: {all_done}, a gate is red: {red}");
    let judge = policy.final_validation.is_none();
    hold!(pass || !judge || !believable, "9 what is good passes", "all is merged and green, yet the verdict is fail");
    Ok(())
}

/// What people must know before they trust the result stands in the verdict.
fn check_risks(world: &World, watch: &Watch) -> Result<(), Violation> {
    let risks = world.verdict.as_ref().map(|verdict| verdict.open_risks.as_slice()).unwrap_or_default();
    let n_told = watch.meddled.iter().filter(|change| risks.iter().any(|risk| risk.contains(*change))).count();
    let n_all = watch.meddled.len().min(MOST_MEDDLED);
    hold!(n_told >= n_all, "9 the verdict names what was meddled with", "{n_told} of {:?} in {risks:?}", watch.meddled);
    Ok(())
}

/// Different changes of the user's repository that a verdict names in any case.
const MOST_MEDDLED: usize = 20;

/// The end of an epic that a person stopped and never let go on.
const STOPPED: &str = "stopped by hand";

fn kind(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Partial { reason } | Outcome::Failed { reason } | Outcome::MergeFailed { reason }
            if reason == STOPPED =>
        {
            STOPPED
        }
        Outcome::AlreadyCompleted => "already completed",
        Outcome::Merged { .. } => "merged",
        Outcome::Partial { .. } => "partial",
        Outcome::Failed { .. } => "failed",
        Outcome::MergeFailed { .. } => "merge failed",
        Outcome::Blocked { .. } => "blocked",
        Outcome::LeftOut => "left out",
        Outcome::Interrupted => "interrupted",
    }
}
