//! The verdict of a run: computed by the runner from evidence, written once, never rosier than the evidence.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::gate::GateOutcome;
use super::id::{CommitId, EpicId, RunId, StoryId};
use super::outcome::{Outcome, StoryProof};
use super::report::{Check, CriterionJudgement};
use super::role::Role;
use super::usage::{ByStory, Usage};

/// The run's result as the core knows it; the hands add the time of day and write it in the layout of `verdict.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The run.
    pub run: RunId,
    /// Whether every selected epic is merged, every gate is green on the tip, and the validator (where there is one) agrees.
    pub pass: bool,
    /// Whether tests passed: the validator's word, but never rosier than the gates.
    pub tests: Check,
    /// The validator's look in the browser.
    pub browser_check: Check,
    /// The commit that the run began from.
    pub base: CommitId,
    /// The tip of the loop branch.
    pub tip: CommitId,
    /// What became of each epic, in the order of the PRD.
    pub epics: Vec<EpicVerdict>,
    /// The gates on the tip.
    pub gates: Vec<GateOutcome>,
    /// What the final validator found, if it ran.
    pub findings: Vec<String>,
    /// What a reader must know before trusting the result.
    pub open_risks: Vec<String>,
    /// What the run consumed.
    pub usage: Usage,
    /// The same by role.
    pub usage_by_role: BTreeMap<Role, Usage>,
    /// Running time in milliseconds.
    pub took_ms: u64,
}

/// What became of one epic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EpicVerdict {
    /// The epic.
    pub id: EpicId,
    /// Its end.
    pub outcome: Outcome,
    /// Attempts of its lead; sessions that were cut short are not counted.
    pub attempts: u32,
    /// Rounds in which findings were given back.
    pub fix_cycles: u32,
    /// Its branch, when it has one.
    pub branch: Option<String>,
    /// Tip of that branch when the epic was last checked.
    pub tip: Option<CommitId>,
    /// The proof of each story.
    pub stories: Vec<StoryProof>,
    /// The gates of its last check.
    pub gates: Vec<GateOutcome>,
    /// What it consumed.
    pub usage: Usage,
    /// The same by role.
    pub usage_by_role: BTreeMap<Role, Usage>,
    /// The same by the story that it was for; not in verdicts of earlier versions.
    #[serde(default)]
    pub usage_by_story: ByStory,
    /// The last word of a validator on each criterion; not in verdicts of earlier versions.
    #[serde(default)]
    pub judged: Vec<Judged>,
}

/// A word on a criterion, and whose it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Judged {
    /// The validator of the epic, or that of the whole, who came later.
    pub by: Role,
    /// The word.
    pub word: CriterionJudgement,
}

impl EpicVerdict {
    /// The last word on a story's criterion, counted from 1.
    #[must_use]
    pub fn judged(&self, story: &StoryId, criterion: u32) -> Option<&Judged> {
        self.judged.iter().find(|one| one.word.story == *story && one.word.criterion == criterion)
    }
}
