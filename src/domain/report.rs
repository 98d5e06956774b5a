//! What agents say of their work, read strictly; believed only after the runner's checks.

use serde::{Deserialize, Serialize};

use super::id::{EpicId, StoryId};

mod parse;

pub use parse::{parse_lead, parse_validation};

/// The longest report that is read, in bytes; a longer one is a fault.
pub const REPORT_MAX_BYTES: usize = 1024 * 1024;

/// The report of a team lead, `.ralph/report.json`, as it was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeadReport {
    /// The epic that it is about.
    pub epic: EpicId,
    /// What it says of each story, in its own order.
    pub stories: Vec<StoryClaim>,
}

/// What a lead says of one story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoryClaim {
    /// The story.
    pub id: StoryId,
    /// Whether it is said to be done.
    pub passes: bool,
    /// Why not, when it is not.
    pub failure_reason: Option<String>,
    /// The commit that is said to hold it; not looked at yet.
    pub commit: Option<String>,
    /// What is offered as evidence.
    pub evidence: Vec<String>,
}

/// The report of a final validator.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValidationReport {
    /// Whether the whole is found good.
    pub pass: bool,
    /// Whether its tests passed.
    pub tests: Check,
    /// Whether a look in the browser passed.
    pub browser_check: Check,
    /// What is wrong or doubtful, one sentence each.
    pub findings: Vec<String>,
    /// Its word on single criteria, as far as it gave one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub criteria: Vec<CriterionJudgement>,
}

/// A validator's word on one acceptance criterion.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CriterionJudgement {
    /// The story.
    pub story: StoryId,
    /// Which of its criteria, counted from 1.
    pub criterion: u32,
    /// The word.
    pub verdict: CriterionWord,
    /// What it saw, in its own words.
    #[serde(default)]
    pub evidence: String,
}

/// What a validator can say of an acceptance criterion.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CriterionWord {
    /// It was seen to hold.
    Proven,
    /// It was seen to fail.
    Contradicted,
    /// Nothing was done for it.
    Missing,
    /// There were no means to look.
    Unverified,
}

impl CriterionWord {
    /// As it is written.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Proven => "proven",
            Self::Contradicted => "contradicted",
            Self::Missing => "missing",
            Self::Unverified => "unverified",
        }
    }

    /// Whether a whole with such a criterion cannot pass.
    #[must_use]
    pub fn speaks_against(self) -> bool {
        match self {
            Self::Contradicted | Self::Missing => true,
            Self::Proven | Self::Unverified => false,
        }
    }
}

/// The three answers of a check that may not apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Check {
    /// It passed.
    Pass,
    /// It failed.
    Fail,
    /// It does not apply here.
    Na,
}
