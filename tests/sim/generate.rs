//! Random projects: a plan, limits and an earlier history, all drawn from one seed.

use std::collections::BTreeMap;

use fastrand::Rng;
use ralph_teams::domain::budget::{Allowance, Budget};
use ralph_teams::domain::gate::Gate;
use ralph_teams::domain::id::{CommitId, EpicId, RunId, StoryId};
use ralph_teams::domain::outcome::Status;
use ralph_teams::domain::plan::{Epic, Plan, Story};
use ralph_teams::domain::policy::{FinalValidation, Policy, Schedule, Workflow};
use ralph_teams::scheduler::Role;
use ralph_teams::scheduler::event::Begun;

/// What one seed stands for.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The seed that everything is drawn from.
    pub seed: u64,
    /// How the run begins.
    pub begun: Begun,
}

/// Index of the user's commit in the graph.
pub const BASE: usize = 0;
/// Index of the first commit of the loop branch when uncommitted work was snapshotted.
pub const SNAPSHOT: usize = 1;
/// Index of the first branch that an earlier run kept.
pub const FIRST_KEPT: usize = 2;

/// The commit id that stands for an index of the world's graph.
pub fn commit_id(index: usize) -> CommitId {
    CommitId::new(&format!("{:040x}", index + 1)).expect("forty hex digits")
}

impl Setup {
    /// Draws the project of a seed.
    pub fn of(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let plan = plan(&mut rng);
        let mut policy = Policy { budget: budget(seed), workflow: workflow(seed), ..policy(&mut rng, &plan) };
        let judges = policy.workflow.epic_validation.is_some();
        policy.backends.extend(delegates(seed).into_iter().filter(|(role, _)| !judges || *role != Role::EpicValidator));
        let kept = kept(&mut rng, &plan);
        let start = if rng.u32(..4) == 0 { SNAPSHOT } else { BASE };
        let begun = Begun {
            run: RunId::new("20261120-101500-sim").expect("a run id"),
            plan,
            policy,
            base: commit_id(BASE),
            start: commit_id(start),
            prd: "prd.json".to_owned(),
            kept,
        };
        Self { seed, begun }
    }

    /// Whether the order in which things happen may rightly change how the run ends: its limit cuts it off at a moment.
    pub fn depends_on_time(&self) -> bool {
        self.begun.policy.loop_timeout_ms.is_some()
    }

    /// Whether what is consumed may rightly change how an epic ends: a session that a crash or a person cut short consumes
    /// again when it is begun again, and the epic comes sooner to its budget.
    pub fn depends_on_consumption(&self) -> bool {
        self.begun.policy.budget.epic != Allowance::default()
    }

    /// Whether the order in which epics become ready may rightly change which of them are started.
    pub fn depends_on_order(&self) -> bool {
        self.begun.policy.max_epics.is_some()
    }
}

fn plan(rng: &mut Rng) -> Plan {
    let n_epics = rng.usize(1..=9);
    let density = rng.u32(5..=50);
    // The epics are written in another order than the one in which they depend on each other.
    let mut order: Vec<usize> = (0..n_epics).collect();
    rng.shuffle(&mut order);
    let fresh = rng.bool();
    let mut epics: Vec<Epic> = (0..n_epics)
        .map(|position| {
            let depends_on = (0..n_epics)
                .filter(|&other| order[other] < order[position] && rng.u32(..100) < density)
                .map(epic_id)
                .collect();
            draw_epic(rng, position, depends_on, fresh)
        })
        .collect();
    complete_below(&mut epics);
    Plan::check("simulated", "", epics).expect("a plan without faults")
}

/// Work that is completed stands on completed work, as every earlier run left it.
fn complete_below(epics: &mut [Epic]) {
    for _ in 0..epics.len() {
        let open: Vec<EpicId> =
            epics.iter().filter(|epic| epic.status != Status::Completed).map(|epic| epic.id.clone()).collect();
        for epic in epics.iter_mut().filter(|epic| epic.status == Status::Completed) {
            if epic.depends_on.iter().any(|id| open.contains(id)) {
                epic.status = Status::Pending;
                epic.user_stories.iter_mut().for_each(|story| story.passes = false);
            }
        }
    }
}

fn epic_id(position: usize) -> EpicId {
    EpicId::new(&format!("EPIC-{position:03}")).expect("an id")
}

/// Draws an epic. `fresh`: no earlier run worked on it.
pub fn draw_epic(rng: &mut Rng, position: usize, depends_on: Vec<EpicId>, fresh: bool) -> Epic {
    let status = if fresh {
        Status::Pending
    } else {
        *rng.choice(&[
            Status::Pending,
            Status::Pending,
            Status::Completed,
            Status::Partial,
            Status::Failed,
            Status::MergeFailed,
        ])
        .expect("a choice")
    };
    let n_stories = rng.usize(1..=4);
    let user_stories = (0..n_stories)
        .map(|n| Story {
            id: StoryId::new(&format!("US-{position}-{n}")).expect("an id"),
            title: String::new(),
            description: String::new(),
            acceptance_criteria: Vec::new(),
            priority: 1,
            passes: match status {
                Status::Pending | Status::Failed => false,
                Status::Completed | Status::MergeFailed => true,
                Status::Partial => n == 0 && n_stories > 1,
            },
        })
        .collect();
    Epic {
        id: epic_id(position),
        title: format!("epic {position}"),
        description: String::new(),
        status,
        planned: false,
        depends_on,
        touches: vec![],
        user_stories,
    }
}

fn policy(rng: &mut Rng, plan: &Plan) -> Policy {
    let n_gates = rng.usize(0..=3);
    Policy {
        slots: rng.u32(1..=5),
        schedule: if rng.u32(..3) == 0 { Schedule::Waves } else { Schedule::Ready },
        max_attempts: rng.u32(1..=3),
        max_fix_cycles: rng.u32(0..=2),
        max_merge_rounds: rng.u32(0..=3),
        retry_delay_ms: 15_000,
        epic_timeout_ms: (rng.u32(..10) < 7).then_some(1_200_000),
        idle_timeout_ms: (rng.u32(..10) < 7).then_some(400_000),
        stagnation_turns: 20,
        loop_timeout_ms: (rng.u32(..25) == 0).then(|| rng.u64(100_000..3_000_000)),
        final_validation: (rng.u32(..10) < 6).then(|| FinalValidation { max_fix_cycles: rng.u32(0..=2) }),
        max_epics: (rng.u32(..10) == 0).then(|| rng.u32(1..=4)),
        only: only(rng, plan),
        backends: backends(rng),
        gates: (0..n_gates)
            .map(|n| Gate { name: format!("gate-{n}"), command: format!("make gate-{n}"), timeout_ms: 600_000 })
            .collect(),
        budget: Budget::default(),
        workflow: Workflow::default(),
    }
}

/// Drawn apart from all else, so that a seed stands for the same project with and without planners and validators.
fn workflow(seed: u64) -> Workflow {
    let mut rng = Rng::with_seed(seed ^ 0x00F1_0E50);
    if rng.u32(..5) < 2 {
        return Workflow::default();
    }
    Workflow {
        epic_planning: rng.u32(..3) < 2,
        epic_validation: (rng.u32(..3) < 2).then(|| rng.u32(0..=2)),
        story_planning: false,
        story_validation: None,
    }
}

/// Sometimes one program, sometimes one that stands in for it, in all roles or in one only.
fn backends(rng: &mut Rng) -> BTreeMap<Role, Vec<String>> {
    let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    let mut backends = BTreeMap::new();
    for role in [Role::TeamLead, Role::Resolver, Role::FinalValidator, Role::EpicPlanner, Role::EpicValidator] {
        match rng.u32(..4) {
            0 => {}
            1 => drop(backends.insert(role, names(&["first"]))),
            _ => drop(backends.insert(role, names(&["first", "second"]))),
        }
    }
    backends
}

/// The programs of the roles that leads delegate to, some of them the leads' own. Drawn apart from all else too.
fn delegates(seed: u64) -> BTreeMap<Role, Vec<String>> {
    let mut rng = Rng::with_seed(seed ^ 0xDE1E);
    let mut programs = || {
        let choices: [&[&str]; 3] = [&["third"], &["third", "fourth"], &["first", "third"]];
        choices[rng.usize(..choices.len())].iter().map(|name| (*name).to_owned()).collect()
    };
    let mut all: BTreeMap<Role, Vec<String>> =
        [Role::Builder, Role::StoryValidator, Role::StoryPlanner].into_iter().map(|role| (role, programs())).collect();
    all.insert(Role::EpicValidator, vec!["judge".to_owned()]);
    all
}

/// Drawn apart from all else, so that a seed stands for the same project with and without a budget.
fn budget(seed: u64) -> Budget {
    let mut rng = Rng::with_seed(seed ^ 0xB0D6E7);
    let mut tokens = |one_in: u32, most: u64| Allowance {
        max_tokens: (rng.u32(..one_in) == 0).then(|| rng.u64(1..=most)),
        max_cost_microdollars: None,
    };
    Budget { run: tokens(4, 60_000), epic: tokens(12, 30_000), warn_at_percent: 80 }
}

fn only(rng: &mut Rng, plan: &Plan) -> Vec<EpicId> {
    if rng.u32(..10) > 0 {
        return Vec::new();
    }
    plan.epics().iter().filter(|_| rng.bool()).map(|epic| epic.id.clone()).collect()
}

/// Branches of an earlier run: always where an epic was left partial or unmerged, sometimes where it failed.
fn kept(rng: &mut Rng, plan: &Plan) -> BTreeMap<EpicId, CommitId> {
    let left = plan.epics().iter().filter(|epic| match epic.status {
        Status::Partial | Status::MergeFailed => true,
        Status::Failed => rng.bool(),
        Status::Pending | Status::Completed => false,
    });
    left.enumerate().map(|(n, epic)| (epic.id.clone(), commit_id(FIRST_KEPT + n))).collect()
}
