//! The limits of a run: slots, attempts, timeouts, fix cycles, schedule. Times are milliseconds of running time.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::budget::Budget;
use super::gate::Gate;
use super::id::EpicId;
use super::role::Role;

/// Everything that bounds a run. It travels in the events `Begun` and `Resumed`, so that a flag changed later
/// never changes how old events fold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Policy {
    /// Epics that may be worked on at the same time; at least 1.
    pub slots: u32,
    /// How ready epics are chosen.
    pub schedule: Schedule,
    /// Sessions that may fail (crash, time out, leave no report) for one epic before it fails; at least 1.
    pub max_attempts: u32,
    /// Rounds in which a lead gets findings back (red gates, failed stories) before the epic ends as it is.
    pub max_fix_cycles: u32,
    /// Rounds in which an epic that conflicts with the loop branch, or breaks its gates there, is brought up to date.
    pub max_merge_rounds: u32,
    /// Rest before a session that the provider turned away is tried again; doubled with each further attempt.
    pub retry_delay_ms: u64,
    /// Longest life of one session. `None`: no limit.
    pub epic_timeout_ms: Option<u64>,
    /// Longest silence of one session. `None`: no limit.
    pub idle_timeout_ms: Option<u64>,
    /// Tool calls in which a session may do the same again and again while nothing changes in its worktree; 0: any number.
    #[serde(default)]
    pub stagnation_turns: u32,
    /// Longest running time of the whole run. `None`: no limit.
    pub loop_timeout_ms: Option<u64>,
    /// Whether a final validator judges the whole, and how often its findings are given to a fixer.
    pub final_validation: Option<FinalValidation>,
    /// At most this many epics are started in this run.
    pub max_epics: Option<u32>,
    /// Only these epics are worked on. Empty: all.
    pub only: Vec<EpicId>,
    /// The user's commands that prove work.
    pub gates: Vec<Gate>,
    /// The agent programs of each role: the one that is used, and those that stand in while its provider is away.
    #[serde(default)]
    pub backends: BTreeMap<Role, Vec<String>>,
    /// What may be consumed.
    #[serde(default)]
    pub budget: Budget,
    /// Which planners and validators work beside the leads.
    #[serde(default)]
    pub workflow: Workflow,
}

/// Which planners and validators work beside the leads. The default is none.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Workflow {
    /// Whether each epic is planned before its stories are built, unless it has a plan already.
    pub epic_planning: bool,
    /// Whether each epic is judged before it is merged, and how often it is mended for that. `None`: it is not.
    pub epic_validation: Option<u32>,
    /// Whether leads have each story planned before it is built.
    pub story_planning: bool,
    /// Whether leads have each story judged once it is committed, and how often it is mended for that. `None`: they do not.
    pub story_validation: Option<u32>,
}

impl Policy {
    /// The agent programs of a role, best first; never empty.
    #[must_use]
    pub fn backends_of(&self, role: Role) -> Vec<String> {
        let known = self.backends.get(&role).filter(|names| !names.is_empty());
        known.cloned().unwrap_or_else(|| vec![String::new()])
    }
}

/// The final validator's settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct FinalValidation {
    /// Rounds in which its findings are fixed before the verdict stands.
    pub max_fix_cycles: u32,
}

/// How ready epics are chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Schedule {
    /// An epic starts as soon as all that it depends on is merged and a slot is free.
    Ready,
    /// No epic starts before every epic of the waves before it has ended.
    Waves,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            slots: 1,
            schedule: Schedule::Ready,
            max_attempts: 3,
            max_fix_cycles: 2,
            max_merge_rounds: 3,
            retry_delay_ms: 15_000,
            epic_timeout_ms: Some(3_600_000),
            idle_timeout_ms: Some(900_000),
            stagnation_turns: 20,
            loop_timeout_ms: None,
            final_validation: Some(FinalValidation { max_fix_cycles: 1 }),
            max_epics: None,
            only: Vec::new(),
            gates: Vec::new(),
            backends: BTreeMap::new(),
            budget: Budget::default(),
            workflow: Workflow::default(),
        }
    }
}
