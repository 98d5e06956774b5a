//! The invariants of `docs/architecture.md`, asserted after every event: what was asked, in the light of what happened.

use std::collections::BTreeSet;

use ralph_teams::domain::id::{CommitId, StoryId};
use ralph_teams::domain::outcome::{PrdState, Status};
use ralph_teams::domain::plan::Plan;
use ralph_teams::scheduler::command::{Purpose, SessionAsk};
use ralph_teams::scheduler::{Command, Job, Scope, Task};

use crate::delegating::{check_worktree, is_delegate};
use crate::watch::Watch;
use crate::world::World;

/// What holds while there is no room, and while a person paused the run.
const NOTHING_NEW: &str = "4 nothing new starts without room or in a pause";

/// A broken invariant.
#[derive(Debug, Clone)]
pub struct Violation {
    /// Which one, by number and name.
    pub invariant: &'static str,
    /// What was seen.
    pub what: String,
}

/// Returns a [`Violation`] unless a condition holds.
#[macro_export]
macro_rules! hold {
    ($condition:expr, $invariant:expr, $($what:tt)+) => {
        if !$condition {
            return Err($crate::invariants::Violation { invariant: $invariant, what: format!($($what)+) });
        }
    };
}

impl Watch {
    /// Checks the commands that an event led to. `stopping`: whether the run is being ended.
    pub fn check_commands(
        &mut self,
        world: &World,
        at: u64,
        stopping: bool,
        commands: &[Command],
    ) -> Result<(), Violation> {
        for command in commands {
            let job = command.job();
            if let Command::TellLead { call, told, .. } = command {
                let in_flight = |job: &Job| self.in_flight.contains_key(job);
                self.delegating.check_told(job, *call, told, in_flight)?;
                continue;
            }
            if let Command::Cancel { .. } = command {
                hold!(self.in_flight.contains_key(job), "5 answers", "{job} is cancelled but not in flight");
                self.delegating.note_cancel(job);
                if !stopping && !self.steered.ends_by_hand(job) {
                    self.cut_for_limit.insert(job.clone());
                }
                continue;
            }
            let again = self.asked.insert(job.clone());
            hold!(again, "5 asked once per life", "{job} is asked twice");
            hold!(!self.closed.contains(job), "5 asked once", "{job} is asked again after its answer");
            let writes = matches!(job.task, Task::Prd | Task::Verdict);
            hold!(self.stopped_at.is_none() || writes, "6 a stop starts nothing", "{job} is started after the stop");
            self.steered.check_command(command)?;
            self.check_command(world, at, command)?;
            self.in_flight.insert(job.clone(), command.clone());
        }
        self.delegating.check_cancelled(self.in_flight.iter())?;
        self.check_in_flight(world)
    }

    /// What was begun is carried out as it was when it was begun.
    pub fn check_plan(&self, world: &World, plan: Option<&Plan>) -> Result<(), Violation> {
        hold!(plan == Some(&world.plan), "15 the plan is the edited one", "{plan:?}, expected {:?}", world.plan);
        for (id, epic) in &self.begun {
            let now = world.plan.epic(id);
            hold!(now == Some(epic), "15 begun epics never change", "{now:?}, begun as {epic:?}");
        }
        Ok(())
    }

    fn check_in_flight(&self, world: &World) -> Result<(), Violation> {
        let in_flight = |wanted: fn(&Task) -> bool| self.in_flight.keys().filter(move |job| wanted(&job.task));
        let merging = in_flight(|task| matches!(task, Task::Candidate | Task::Prove | Task::Publish));
        let merging: Vec<&Job> = merging.collect();
        hold!(merging.len() <= 1, "4 one merge in flight", "{merging:?}");
        check_worktree(self.in_flight.iter())?;
        let mut worktrees = BTreeSet::new();
        for job in in_flight(|task| {
            matches!(
                task,
                Task::Prepare
                    | Task::Session(_)
                    | Task::Check
                    | Task::CheckPlan
                    | Task::CheckValidation
                    | Task::Update
                    | Task::Retire
                    | Task::Abandon
            )
        })
        .filter(|job| !self.is_delegate(job))
        {
            hold!(worktrees.insert(&job.scope), "3 one job per worktree", "two jobs in the worktree of {}", job.scope);
        }
        // A lead that waits for its delegate does not work.
        let works = |job: &&Job| {
            let of_it = |(other, command): (&Job, &Command)| other.scope == job.scope && is_delegate(command);
            self.is_delegate(job) || !self.in_flight.iter().any(of_it)
        };
        let sessions: Vec<&Job> = in_flight(|task| matches!(task, Task::Session(_))).filter(works).collect();
        let slots = world.slots;
        hold!(sessions.len() <= slots, "3 at most `slots` sessions", "{sessions:?} with {slots} slots");
        let validates = sessions.iter().any(|job| job.scope == Scope::Run);
        hold!(!validates || sessions.len() == 1, "3 the final validator works alone", "{sessions:?}");
        Ok(())
    }

    fn check_command(&mut self, world: &World, at: u64, command: &Command) -> Result<(), Violation> {
        let job = command.job();
        match command {
            Command::Prepare { start, .. } => self.check_prepare(world, job, start),
            Command::Session { ask, .. } => {
                self.spending.check_start(world, job)?;
                self.check_session(world, at, job, ask)
            }
            Command::Check { .. } | Command::CheckPlan { .. } | Command::Update { .. } => {
                self.check_worktree(world, job)
            }
            Command::Candidate { tip, onto, .. } => {
                hold!(world.graph.knows(tip), "9 commits exist", "{job}: {tip} is no commit");
                let at_tip = world.loop_tip() == Some(onto) || world.overtaken;
                hold!(at_tip, "4 candidates build on the loop tip", "{job} on {onto}");
                hold!(!self.published.contains(&job.scope), "4 merged at most once", "{job} after its merge");
                self.rounds.check_candidate(&job.scope)?;
                self.judgements.check_candidate(world, &job.scope, tip)
            }
            Command::Publish { commit, old, .. } => self.check_publish(world, job, commit, old),
            Command::WritePrd { states, planned, .. } => {
                let unplanned = planned.iter().find(|epic| !world.plans.contains(*epic));
                hold!(unplanned.is_none(), "9 planned means that there is a plan", "{job}: {unplanned:?}");
                states.iter().try_for_each(|state| self.check_prd(world, job, state))
            }
            Command::WriteVerdict { verdict, .. } => {
                let proofs = verdict.epics.iter().flat_map(|epic| &epic.stories).filter(|proof| proof.passes);
                for proof in proofs {
                    let known = self.evidence.contains(&proof.id) || passed_before(world, &proof.id);
                    hold!(known, "14 only evidence passes a story", "{job}: {} was never proven", proof.id);
                }
                Ok(())
            }
            Command::Open { .. }
            | Command::Prove { .. }
            | Command::Retire { .. }
            | Command::Abandon { .. }
            | Command::CheckValidation { .. }
            | Command::TellLead { .. }
            | Command::Cancel { .. } => Ok(()),
        }
    }

    fn check_prepare(&mut self, world: &World, job: &Job, start: &CommitId) -> Result<(), Violation> {
        self.check_dependencies(world, job, start)?;
        // One that failed is tried again: that is work under way.
        hold!(job.n > 1 || !self.starts_nothing_new(world), NOTHING_NEW, "{job} starts");
        if let Some(epic) = job.scope.epic() {
            self.note_begun(world, epic);
        }
        let kept = job.scope.epic().and_then(|epic| world.kept(epic));
        let allowed = world.loop_branch.contains(start) || kept == Some(start);
        hold!(allowed, "4 an epic starts from the loop branch", "{job} starts from {start}");
        // What an earlier run kept builds on what was there before this one.
        let below = if kept.is_some() { &world.setup.begun.start } else { start };
        self.builds_on.entry(job.scope.clone()).or_insert_with(|| below.clone());
        self.starts.entry(job.scope.clone()).or_insert_with(|| start.clone());
        let started: BTreeSet<&Scope> = self.starts.keys().chain(&self.steered.begun_before).collect();
        let n_started = started.iter().filter(|scope| scope.epic().is_some()).count();
        let limit = world.setup.begun.policy.max_epics.map_or(usize::MAX, |limit| limit as usize);
        let limit = limit.saturating_mul(1 + self.more_epics);
        hold!(n_started <= limit, "4 at most `max_epics` are started", "{job} is number {n_started} of {limit}");
        let first = &self.starts[&job.scope];
        hold!(first == start, "4 the start is recorded", "{job} starts from {start} and earlier from {first}");
        Ok(())
    }

    fn check_dependencies(&self, world: &World, job: &Job, start: &CommitId) -> Result<(), Violation> {
        let plan = &world.plan;
        let Some(epic) = job.scope.epic() else { return Ok(()) };
        let epic = plan.epic(epic).expect("a known epic");
        hold!(epic.status != Status::Completed, "4 merged at most once", "{job}: it was completed before");
        hold!(world.is_selected(&epic.id), "4 only what is selected", "{job} is not selected");
        for dependency in &epic.depends_on {
            let scope = Scope::Epic(dependency.clone());
            let before = plan.epic(dependency).is_some_and(|epic| epic.status == Status::Completed);
            let loop_tip = world.loop_tip().unwrap_or(start);
            let merged = before || world.is_in(&scope, loop_tip);
            hold!(merged, "4 dependencies are merged first", "{job} starts, {dependency} is not merged");
            let there = before || world.kept(&epic.id).is_some() || world.is_in(&scope, start);
            hold!(there, "4 dependencies are in the start", "{job} starts from {start} without {dependency}");
        }
        Ok(())
    }

    fn check_worktree(&self, world: &World, job: &Job) -> Result<(), Violation> {
        let there = world.tracks.get(&job.scope).is_some_and(|track| track.worktree);
        hold!(there, "3 a worktree is prepared first", "{job} without a worktree");
        Ok(())
    }

    fn check_session(&mut self, world: &World, at: u64, job: &Job, ask: &SessionAsk) -> Result<(), Violation> {
        let back = self.parked.get(&ask.backend).copied().unwrap_or_default();
        hold!(
            back <= at,
            "17 nothing starts on a parked program",
            "{job} on {:?} at {at}, back at {back}",
            ask.backend
        );
        let able = world.setup.begun.policy.backends_of(ask.role);
        hold!(able.contains(&ask.backend), "17 a role works on its own programs", "{job} on {:?}", ask.backend);
        self.delegating.check_session(job, ask)?;
        self.check_red_gates(world, job, ask)?;
        if let Purpose::Delegated(_) = ask.purpose {
            let policy = &world.setup.begun.policy;
            let most = policy.max_attempts.max(policy.max_fix_cycles + 1);
            self.delegating.check_count(job, ask, policy)?;
            hold!((1..=most).contains(&ask.attempt), "20 delegations are bounded", "{job}: {} of {most}", ask.attempt);
            return self.check_worktree(world, job);
        }
        // Whom the provider turned away is not charged, and comes again.
        let turned_away = world.turned_away.get(&job.scope).copied().unwrap_or_default();
        let bound = world.setup.begun.policy.max_attempts + turned_away;
        hold!(
            (1..=bound).contains(&ask.attempt),
            "7 attempts are bounded",
            "{job}: attempt {} of {bound}",
            ask.attempt
        );
        self.check_owed(world, job, ask)?;
        self.rounds.check_round(job, ask)?;
        self.attempt_owed.retain(|owed, _| owed.scope != job.scope);
        self.conversations.check(job, ask)?;
        if ask.purpose == Purpose::Validate {
            let begins = self.rounds.begins_validation(ask);
            hold!(!begins || !self.starts_nothing_new(world), NOTHING_NEW, "{job} starts");
            return Ok(());
        }
        self.check_worktree(world, job)?;
        self.judgements.check_ask(world, job, ask)?;
        self.check_budget(world, job)?;
        if let Some(unchecked) = self.unchecked.get(&job.scope).filter(|unchecked| *unchecked != job) {
            hold!(false, "7 finished work is looked at", "{job} starts, {unchecked} ended well and was not checked");
        }
        Ok(())
    }

    /// The gates that a session is told are red already are red on the commit that it builds on.
    fn check_red_gates(&self, world: &World, job: &Job, ask: &SessionAsk) -> Result<(), Violation> {
        let builds_on = self.builds_on.get(&job.scope).unwrap_or(&world.setup.begun.start);
        let green = ask.red_at_base.iter().find(|gate| !world.graph.is_red(&world.fates, builds_on, gate));
        hold!(green.is_none(), "9 what blocks nothing is red below", "{job} on {builds_on}: {green:?} is green there");
        Ok(())
    }

    /// Whether nothing may begin that is not under way.
    fn starts_nothing_new(&self, world: &World) -> bool {
        self.paused || world.disk_low
    }

    /// The session that was cut short comes again under the attempt that it had, and one that ended by itself while
    /// nobody listened is not run a second time.
    fn check_owed(&self, world: &World, job: &Job, ask: &SessionAsk) -> Result<(), Violation> {
        for (owed, attempt) in self.attempt_owed.iter().filter(|(owed, _)| owed.scope == job.scope) {
            if world.exits.contains_key(owed) && !self.closed.contains(owed) {
                hold!(owed == job, "7 finished work is not done again", "{job} starts, {owed} had ended by itself");
            }
            let same = owed.task != job.task || *attempt == ask.attempt;
            hold!(
                same,
                "7 a cut attempt is not charged",
                "{owed} was cut in attempt {attempt}, {job} is {}",
                ask.attempt
            );
        }
        Ok(())
    }

    fn check_budget(&self, world: &World, job: &Job) -> Result<(), Violation> {
        let policy = &world.setup.begun.policy;
        let judged = policy.workflow.epic_validation.unwrap_or_default();
        let rounds = policy.max_fix_cycles + policy.max_merge_rounds + judged + 1;
        let beside = 2 + 2 * (judged + 1);
        // Whom the provider turned away is not charged.
        let turned_away = world.turned_away.get(&job.scope).copied().unwrap_or_default();
        // Who repeats itself is warned once in each attempt, and that is not charged.
        let warned = self.n_repeats.get(&job.scope).copied().unwrap_or_default().min(policy.max_attempts);
        let most = policy.max_attempts * rounds + beside + turned_away + warned;
        let n_sessions = self.n_sessions.get(&job.scope).copied().unwrap_or_default();
        hold!(n_sessions < most, "7 sessions are bounded", "{job} comes after {n_sessions}, at most {most} may be");
        Ok(())
    }

    fn check_publish(&self, world: &World, job: &Job, commit: &CommitId, old: &CommitId) -> Result<(), Violation> {
        hold!(self.candidates.contains_key(commit), "9 only candidates are published", "{job}: {commit}");
        hold!(world.graph.is_in(old, commit), "9 the loop branch only grows", "{job}: {old} is not in {commit}");
        let gates = &world.setup.begun.policy.gates;
        let proven = self.proven.get(commit).is_some_and(|proven| proven.len() == gates.len());
        hold!(gates.is_empty() || proven || commit == old, "9 candidates are proven", "{job}: {commit} is not");
        for gate in gates {
            let red = |at: &CommitId| world.graph.is_red(&world.fates, at, &gate.name);
            hold!(!red(commit) || red(old), "9 the loop branch stays green", "{job}: {} turns red", gate.name);
        }
        Ok(())
    }

    fn check_prd(&self, world: &World, job: &Job, state: &PrdState) -> Result<(), Violation> {
        let epic = world.plan.epic(&state.epic).expect("a known epic");
        let scope = Scope::Epic(epic.id.clone());
        let merged = world.loop_tip().is_some_and(|tip| world.is_in(&scope, tip));
        let completed = state.status == Status::Completed && epic.status != Status::Completed;
        hold!(!completed || merged, "9 completed means merged", "{job}: {} is completed and not merged", epic.id);
        for (story, _, _) in state.stories.iter().filter(|(_, passes, _)| *passes) {
            let known = self.evidence.contains(story) || passed_before(world, story);
            hold!(known, "14 only evidence passes a story", "{job}: {story} was never proven");
        }
        Ok(())
    }
}

fn passed_before(world: &World, story: &StoryId) -> bool {
    let stories = world.plan.epics().iter().flat_map(|epic| &epic.user_stories);
    stories.filter(|known| known.passes).any(|known| known.id == *story)
}
