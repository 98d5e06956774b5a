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
