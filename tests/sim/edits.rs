//! Edits of `prd.json` between two lives: some that the run can take in, some that contradict work that is begun.
//!
//! In half of the seeds nobody edits anything, so that there the disturbed runs compare with the undisturbed one in full.

use fastrand::Rng;
use ralph_teams::domain::id::{EpicId, StoryId};
use ralph_teams::domain::outcome::Status;
use ralph_teams::domain::plan::{Epic, Plan, Story};
use ralph_teams::scheduler::replan::Replan;
use ralph_teams::scheduler::view::{RunPhase, TrackState};
use ralph_teams::scheduler::{Event, Scheduler};

use crate::driver::fold;
use crate::garbage::probe;
use crate::generate::draw_epic;
use crate::hold;
use crate::invariants::Violation;
use crate::watch::Watch;
use crate::world::World;

const TAKEN_IN: &str = "15 an edit that fits is taken in";
const REFUSED: &str = "15 an edit that contradicts begun work changes nothing";

/// Number of the first epic that an edit adds.
const FIRST_ADDED: usize = 100;

/// What a person wrote into `prd.json`.
#[derive(Debug, Clone)]
struct Edit {
    /// As the file says it.
    file: Plan,
    /// The plan that the run must have from then on; `None`: it must keep the one that it has.
    taken_in: Option<Plan>,
}

/// Sometimes edits the plan before a new life begins. A second edit stands for a life that ended right after the first.
pub fn edit(world: &mut World, watch: &Watch, scheduler: &mut Scheduler, at: u64) -> Result<(), Violation> {
    for _ in 0..2 {
        if let Some(edit) = draw(world, watch) {
            hand_over(world, scheduler, at, edit)?;
            hold!(fold(&world.journal) == *scheduler, "1 state is the fold of the journal", "after an edit");
        }
    }
    Ok(())
}

fn hand_over(world: &mut World, scheduler: &mut Scheduler, at: u64, edit: Edit) -> Result<(), Violation> {
    let meaning = scheduler.replan(&edit.file);
    let event = Event::PlanChanged { plan: Box::new(edit.file) };
    let fits = matches!(meaning, Replan::Fits { .. });
    let Some(plan) = edit.taken_in.filter(|_| fits || !is_decided(world, scheduler, at)) else {
        hold!(matches!(meaning, Replan::Contradicts { .. }), REFUSED, "it means {meaning:?}");
        probe(scheduler, at, &event)?;
        world.write(at, &event);
        scheduler.handle(at, &event);
        return Ok(());
    };
    hold!(fits, TAKEN_IN, "it means {meaning:?}");
    world.write(at, &event);
    let output = scheduler.handle(at, &event);
    hold!(output.commands.is_empty(), TAKEN_IN, "it led to {:?}", output.commands);
    hold!(scheduler.plan() == Some(&plan), TAKEN_IN, "the plan is {:?}, expected {plan:?}", scheduler.plan());
    world.plan = plan;
    Ok(())
}

/// Whether no epic starts any more, so that no edit fits: the next life goes on with judging, or has nothing to do.
fn is_decided(world: &World, scheduler: &Scheduler, at: u64) -> bool {
    let mut next = scheduler.clone();
    next.handle(at, &Event::Resumed { policy: Box::new(world.setup.begun.policy.clone()) });
    next.view().is_some_and(|view| match view.phase {
        RunPhase::Validating { .. } | RunPhase::Fixing { .. } | RunPhase::Judging | RunPhase::Ended(_) => true,
        // The final validation may wait for room or for money, with everything else decided.
        RunPhase::Working => view.epics.iter().all(|track| matches!(track.state, TrackState::Done(_))),
        RunPhase::Opening | RunPhase::Stopping => false,
    })
}

fn draw(world: &World, watch: &Watch) -> Option<Edit> {
    if world.fates.number("is edited").is_multiple_of(2) {
        return None;
    }
    let mut rng = Rng::with_seed(world.fates.number(("edit", world.life, world.journal.len())));
    let mut epics = world.plan.epics().to_vec();
    let contradicts = match rng.u32(..6) {
        0 => {
            add(&mut rng, &mut epics);
            false
        }
        1 => {
            let open = |epic: &Epic| !is_begun(watch, epic);
            alter(&mut rng, world, &mut epics, open)?;
            false
        }
        2 => {
            if rng.bool() {
                add(&mut rng, &mut epics);
            }
            alter(&mut rng, world, &mut epics, |epic| is_begun(watch, epic))?;
            true
        }
        _ => return None,
    };
    let plan = Plan::check(world.plan.project(), world.plan.description(), epics).ok()?;
    let file = as_on_disk(&mut rng, world, &plan);
    Some(Edit { file, taken_in: (!contradicts).then_some(plan) })
}

fn is_begun(watch: &Watch, epic: &Epic) -> bool {
    epic.status == Status::Completed || watch.begun.contains_key(&epic.id)
}

/// A new epic, mostly at the end, that may depend on any other.
fn add(rng: &mut Rng, epics: &mut Vec<Epic>) {
    let depends_on = epics.iter().filter(|_| rng.u32(..4) == 0).map(|epic| epic.id.clone()).collect();
    let epic = draw_epic(rng, FIRST_ADDED + epics.len(), depends_on, true);
    let position = if rng.u32(..3) == 0 { rng.usize(..=epics.len()) } else { epics.len() };
    epics.insert(position, epic);
}

/// Changes stories or dependencies of one of the epics that may be chosen; `None` if there is none.
fn alter(rng: &mut Rng, world: &World, epics: &mut [Epic], may: impl Fn(&Epic) -> bool) -> Option<()> {
    // What an edit has just added is not there to be altered.
    let known = |epic: &Epic| world.plan.epic(&epic.id).is_some();
    let ids: Vec<EpicId> = epics.iter().map(|epic| epic.id.clone()).collect();
    let chosen: Vec<usize> = (0..epics.len()).filter(|&n| known(&epics[n]) && may(&epics[n])).collect();
    let epic = &mut epics[*rng.choice(&chosen)?];
    let is_new = |id: &&EpicId| **id != epic.id && !epic.depends_on.contains(id);
    match rng.u32(..5) {
        0 => epic.user_stories.push(new_story(world)),
        1 if epic.user_stories.len() > 1 => drop(epic.user_stories.pop()),
        2 if !epic.depends_on.is_empty() => drop(epic.depends_on.pop()),
        3 => {
            let others: Vec<&EpicId> = ids.iter().filter(is_new).collect();
            epic.depends_on.push((*rng.choice(&others)?).clone());
        }
        _ => epic.user_stories.first_mut()?.title.push_str(" and more"),
    }
    Some(())
}

fn new_story(world: &World) -> Story {
    Story {
        id: StoryId::new(&format!("US-added-{}", world.journal.len())).expect("an id"),
        title: String::new(),
        description: String::new(),
        acceptance_criteria: Vec::new(),
        priority: 1,
        passes: false,
    }
}

/// The plan with the states that the run wrote into the file, and some that a person made up: neither may count.
fn as_on_disk(rng: &mut Rng, world: &World, plan: &Plan) -> Plan {
    let mut epics = plan.epics().to_vec();
    for epic in &mut epics {
        let Some(known) = world.plan.epic(&epic.id) else { continue };
        if rng.u32(..4) == 0 {
            epic.status = Status::Completed;
            let is_known = |story: &&mut Story| known.user_stories.iter().any(|other| other.id == story.id);
            epic.user_stories.iter_mut().filter(is_known).for_each(|story| story.passes = true);
            continue;
        }
        let Some(state) = world.prd.get(&epic.id) else { continue };
        epic.status = state.status;
        for story in &mut epic.user_stories {
            story.passes = state.stories.iter().any(|(id, passes, _)| *id == story.id && *passes);
        }
    }
    Plan::check(plan.project(), plan.description(), epics).expect("states make no fault")
}
