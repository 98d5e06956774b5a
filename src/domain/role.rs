//! The roles in which agents are hosted.

use serde::{Deserialize, Serialize};

/// The role in which an agent is hosted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Leads the work on one epic.
    TeamLead,
    /// Resolves a merge conflict in an epic's worktree.
    Resolver,
    /// Judges the whole.
    FinalValidator,
}

impl Role {
    /// The role's name, as in `RALPH_ROLE`, `agents/<role>.md` and the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TeamLead => "team-lead",
            Self::Resolver => "resolver",
            Self::FinalValidator => "final-validator",
        }
    }
}
