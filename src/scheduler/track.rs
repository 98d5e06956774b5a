//! A track: the life of one epic, or of one round of fixes, from waiting to done. Data and questions only; the
//! transitions stand in `work`, `integrate` and `stop`.

use std::collections::{BTreeMap, BTreeSet};

use super::aside::{Aside, Judging};
use super::command::{Finding, Purpose};
pub(super) use super::conversation::Conversation;
use super::delegate::Delegated;
use super::event::{SessionFailure, Sign};
use super::job::{Job, Role, Scope, Task};
use super::notice::Limit;
use crate::domain::gate::GateOutcome;
use crate::domain::id::{CommitId, StoryId};
use crate::domain::outcome::{Outcome, StoryProof};
use crate::domain::usage::{ByStory, Consumption};

/// One epic or one round of fixes.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Track {
    pub scope: Scope,
    pub title: String,
    pub wave: usize,
    pub phase: Phase,
    /// When `phase` was entered.
    pub since: u64,
    /// All stories of the epic, in the order of the PRD.
    pub stories: Vec<StoryId>,
    /// Those of them that no earlier run proved.
    pub todo: Vec<StoryId>,
    /// The latest proof of each story that any check (or an earlier run) looked at.
    pub proofs: Vec<StoryProof>,
    /// Whether the latest check that could be judged found all rules kept and no gate in the way, so that the proofs count.
    pub borne_out: bool,
    /// Whether all stories passed a check with green gates. From then on only merging can fail.
    pub proven: bool,
    /// The commit that the branch began from, once it exists.
    pub base: Option<CommitId>,
    /// The gates that are red on the commit of the loop branch that it builds on: there they cannot prove anything.
    pub red_below: BTreeSet<String>,
    /// The tip of the branch when it was last looked at.
    pub tip: Option<CommitId>,
    /// The number of the attempt that runs or comes next, counted from 1. 0: none was started.
    pub attempt: u32,
    /// Sessions that failed by their own fault; sessions that were cut short or that the provider turned away do not count.
    pub charged: u32,
    /// The program of the session that ended last, and when it was asked for.
    pub ran_on: (String, u64),
    /// Rounds in which findings went back before it was proven.
    pub fix_cycle: u32,
    /// Rounds in which it was brought up to date with the loop branch.
    pub merge_round: u32,
    /// Jobs that could not be carried out, whatever they were.
    pub troubles: u32,
    /// Whether a session of this attempt was told that it repeats itself.
    pub warned: bool,
    /// What the next session must mend.
    pub findings: Vec<Finding>,
    /// Files that sessions left uncommitted and that the runner committed.
    pub leftovers: Vec<String>,
    /// The gates of the last check.
    pub gates: Vec<GateOutcome>,
    /// The conversation of the last session of the work, and the role that led it.
    pub conversation: Option<(Role, Conversation)>,
    /// The sessions that plan it.
    pub planning: Aside,
    /// Whether it was planned in this run.
    pub planned: bool,
    /// The sessions that judge it, and what came of that.
    pub judging: Judging,
    pub consumed: Consumption,
    /// The same by the story that it was for.
    pub by_story: ByStory,
    /// Its phase needs a slot and has none: after a resume, or after a rest. The value says whether its job gets a
    /// new number once it is asked for, because the old one was cut short.
    pub parked: Option<bool>,
    /// A person stopped it: nothing is asked for it until they let it go on.
    pub held: bool,
    /// The job that was cancelled because a person steers, until it has answered: no limit counts against it.
    pub cancelled: Option<Job>,
    /// The session that works for the lead, which is in flight.
    pub delegate: Option<Delegated>,
    /// How many sessions worked for leads, in which role and for which story.
    pub delegations: BTreeMap<(Role, Option<StoryId>), u32>,
    /// The job that removes its worktree, while that is still to be done.
    pub retiring: Option<Job>,
}

/// Where a track stands. A job in a phase is the one whose answer moves the track on.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Phase {
    Waiting,
    Preparing {
        job: Job,
        start: CommitId,
    },
    Working(Work),
    Checking(Checking),
    Resting {
        until: u64,
        purpose: Purpose,
    },
    /// In the merge queue.
    Queued,
    Merging(Merging),
    /// The loop branch moved in a way that this track must take in; waits for a slot.
    Outdated,
    Updating {
        job: Job,
        onto: CommitId,
    },
    /// A person wants it to begin again.
    Resetting(Resetting),
    Done(Outcome),
}

/// The steps of a beginning anew.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Resetting {
    /// What was in flight is being ended; `since` is when the phase before was entered.
    Ending { job: Job, since: u64 },
    /// Branch and worktree are being saved and taken away.
    Abandoning { job: Job },
}

/// A session at work.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Work {
    pub job: Job,
    pub purpose: Purpose,
    /// The agent program, once this very job was asked for.
    pub backend: Option<String>,
    /// When this session (or its continuation in this life) was asked for.
    pub since: u64,
    /// Its last sign of life.
    pub last_active: u64,
    /// What that sign was.
    pub last_sign: Sign,
    /// The limit for which it is being stopped.
    pub over: Option<Limit>,
}

impl Work {
    /// A session that is asked for at this moment.
    pub fn new(job: Job, purpose: Purpose, at: u64) -> Self {
        Self { job, purpose, backend: None, since: at, last_active: at, last_sign: Sign::Output, over: None }
    }

    /// The same session, asked for once more: its limits count anew.
    pub fn begun_again(self, at: u64) -> Self {
        Self { since: at, last_active: at, over: None, ..self }
    }
}

/// The look at what a session left.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Checking {
    pub job: Job,
    /// What the session was for. `None`: there was no session, the branch is taken as it is.
    pub after: Option<Purpose>,
    /// Why the session failed, if it did.
    pub failure: Option<SessionFailure>,
}

/// The steps of a merge.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Merging {
    Building { job: Job, onto: CommitId },
    Proving { job: Job, onto: CommitId, candidate: CommitId },
    Publishing { job: Job, onto: CommitId, candidate: CommitId, gates: Vec<GateOutcome> },
}

impl Track {
    /// A track that waits.
    pub fn new(scope: Scope, title: String, wave: usize, stories: Vec<StoryId>) -> Self {
        let todo = stories.clone();
        Self {
            scope,
            title,
            wave,
            phase: Phase::Waiting,
            since: 0,
            stories,
            todo,
            proofs: Vec::new(),
            borne_out: false,
            proven: false,
            base: None,
            red_below: BTreeSet::new(),
            tip: None,
            attempt: 0,
            charged: 0,
            ran_on: (String::new(), 0),
            fix_cycle: 0,
            merge_round: 0,
            troubles: 0,
            warned: false,
            findings: Vec::new(),
            leftovers: Vec::new(),
            gates: Vec::new(),
            conversation: None,
            planning: Aside::default(),
            planned: false,
            judging: Judging::default(),
            consumed: Consumption::default(),
            by_story: ByStory::default(),
            parked: None,
            held: false,
            cancelled: None,
            delegate: None,
            delegations: BTreeMap::new(),
            retiring: None,
        }
    }

    /// Whether its phase is one that needs a slot: a session, or the work right before and after one.
    pub fn needs_slot(&self) -> bool {
        match self.phase {
            Phase::Preparing { .. } | Phase::Working(_) | Phase::Checking(_) | Phase::Updating { .. } => true,
            Phase::Waiting
            | Phase::Resting { .. }
            | Phase::Queued
            | Phase::Merging(_)
            | Phase::Outdated
            | Phase::Resetting(_)
            | Phase::Done(_) => false,
        }
    }

    /// Whether it occupies one of the slots.
    pub fn holds_slot(&self) -> bool {
        match &self.phase {
            Phase::Resetting(Resetting::Ending { job, .. }) => needs_slot(job.task),
            Phase::Waiting
            | Phase::Preparing { .. }
            | Phase::Working(_)
            | Phase::Checking(_)
            | Phase::Resting { .. }
            | Phase::Queued
            | Phase::Merging(_)
            | Phase::Outdated
            | Phase::Updating { .. }
            | Phase::Resetting(Resetting::Abandoning { .. })
            | Phase::Done(_) => self.needs_slot() && self.parked.is_none(),
        }
    }

    /// Whether no limit of time counts: a person stopped it, or what is in flight ends because of them.
    pub fn is_let_be(&self) -> bool {
        self.held || self.cancelled.is_some()
    }

    /// Whether it is over.
    pub fn is_done(&self) -> bool {
        matches!(self.phase, Phase::Done(_))
    }

    /// How it ended; `None` while it has not.
    pub fn outcome(&self) -> Option<&Outcome> {
        match &self.phase {
            Phase::Done(outcome) => Some(outcome),
            Phase::Waiting
            | Phase::Preparing { .. }
            | Phase::Working(_)
            | Phase::Checking(_)
            | Phase::Resting { .. }
            | Phase::Queued
            | Phase::Merging(_)
            | Phase::Outdated
            | Phase::Updating { .. }
            | Phase::Resetting(_) => None,
        }
    }

    /// Whether its work is on the loop branch (or was there before the run began).
    pub fn is_merged(&self) -> bool {
        matches!(self.outcome(), Some(Outcome::Merged { .. } | Outcome::AlreadyCompleted))
    }

    /// The red gates of a check that count against it.
    pub fn blocking<'a>(&self, gates: &'a [GateOutcome]) -> impl Iterator<Item = &'a GateOutcome> {
        gates.iter().filter(|gate| !gate.green() && !self.red_below.contains(&gate.name))
    }

    /// The stories that sessions are asked for and reports must speak of: all that no earlier run proved. Claims of this
    /// run count only once the whole track is proven; then nothing is asked for any more.
    pub fn asked(&self) -> Vec<StoryId> {
        if self.proven { Vec::new() } else { self.todo.clone() }
    }

    /// Whether the latest look at a story found that it passes.
    pub fn passes(&self, id: &StoryId) -> bool {
        self.proofs.iter().any(|proof| proof.id == *id && proof.passes)
    }

    /// Lets the next session know how the one before ended.
    pub fn remember(&mut self, reason: &str) {
        self.findings.retain(|finding| !matches!(finding, Finding::Session(_)));
        self.findings.push(Finding::Session(reason.to_owned()));
    }

    /// How many stories count as passed: claims of this run only once rules and gates bore them out.
    pub fn stories_passed(&self) -> usize {
        let counts = |id: &&StoryId| self.passes(id) && (self.borne_out || !self.todo.contains(id));
        self.stories.iter().filter(counts).count()
    }

    /// The job whose answer moves it on.
    pub fn job(&self) -> Option<&Job> {
        match &self.phase {
            Phase::Preparing { job, .. } | Phase::Updating { job, .. } => Some(job),
            Phase::Working(work) => Some(&work.job),
            Phase::Checking(checking) => Some(&checking.job),
            Phase::Merging(
                Merging::Building { job, .. } | Merging::Proving { job, .. } | Merging::Publishing { job, .. },
            ) => Some(job),
            Phase::Resetting(Resetting::Ending { job, .. } | Resetting::Abandoning { job }) => Some(job),
            Phase::Waiting | Phase::Resting { .. } | Phase::Queued | Phase::Outdated | Phase::Done(_) => None,
        }
    }

    /// [`Self::job`], to give it another name.
    pub fn job_mut(&mut self) -> Option<&mut Job> {
        match &mut self.phase {
            Phase::Preparing { job, .. } | Phase::Updating { job, .. } => Some(job),
            Phase::Working(work) => Some(&mut work.job),
            Phase::Checking(checking) => Some(&mut checking.job),
            Phase::Merging(
                Merging::Building { job, .. } | Merging::Proving { job, .. } | Merging::Publishing { job, .. },
            ) => Some(job),
            Phase::Resetting(Resetting::Ending { job, .. } | Resetting::Abandoning { job }) => Some(job),
            Phase::Waiting | Phase::Resting { .. } | Phase::Queued | Phase::Outdated | Phase::Done(_) => None,
        }
    }

    /// Takes over what a check found of the stories: a later proof of a story replaces the earlier one.
    pub fn take_proofs(&mut self, proofs: Vec<StoryProof>) {
        for proof in proofs {
            self.proofs.retain(|known| known.id != proof.id);
            self.proofs.push(proof);
        }
    }
}

/// Whether a task is one that needs a slot.
fn needs_slot(task: Task) -> bool {
    match task {
        Task::Prepare | Task::Session(_) | Task::Check | Task::CheckPlan | Task::CheckValidation | Task::Update => true,
        Task::Open
        | Task::Candidate
        | Task::Prove
        | Task::Publish
        | Task::Retire
        | Task::Abandon
        | Task::Prd
        | Task::Verdict => false,
    }
}

impl Purpose {
    /// The role that serves this purpose.
    #[must_use]
    pub fn role(&self) -> Role {
        match self {
            Self::Implement | Self::Fix => Role::TeamLead,
            Self::Resolve { .. } => Role::Resolver,
            Self::Validate => Role::FinalValidator,
            Self::Delegated(delegation) => delegation.role,
            Self::Plan => Role::EpicPlanner,
            Self::Judge => Role::EpicValidator,
        }
    }
}
