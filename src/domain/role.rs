//! The roles in which agents work, and how strong a model each of them needs.

use serde::{Deserialize, Serialize};

/// The role in which an agent works.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Leads the work on one epic.
    TeamLead,
    /// Plans an epic before its stories are built.
    EpicPlanner,
    /// Plans one story before it is built.
    StoryPlanner,
    /// Builds one story.
    Builder,
    /// Judges one story.
    StoryValidator,
    /// Judges a whole epic.
    EpicValidator,
    /// Resolves a merge conflict in an epic's worktree.
    Resolver,
    /// Judges the whole.
    FinalValidator,
}

impl Role {
    /// All roles, in the order in which people read of them.
    pub const ALL: [Self; 8] = [
        Self::TeamLead,
        Self::EpicPlanner,
        Self::StoryPlanner,
        Self::Builder,
        Self::StoryValidator,
        Self::EpicValidator,
        Self::Resolver,
        Self::FinalValidator,
    ];

    /// The role's name, as in `RALPH_ROLE`, `agents/<role>.md` and the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::TeamLead => "team-lead",
            Self::EpicPlanner => "epic-planner",
            Self::StoryPlanner => "story-planner",
            Self::Builder => "builder",
            Self::StoryValidator => "story-validator",
            Self::EpicValidator => "epic-validator",
            Self::Resolver => "resolver",
            Self::FinalValidator => "final-validator",
        }
    }

    /// The role of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

/// How a lead works with helpers: as sub-agents of its own program, or as sessions that the runner starts for it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DelegationMode {
    /// Sub-agents where the lead's own program is the helper's and takes helpers, sessions of the runner's elsewhere.
    #[default]
    Auto,
    /// Always sessions of the runner's, where the lead's program takes our tools.
    Always,
    /// Never sessions of the runner's.
    Never,
}

/// How strong a model a role needs; the configuration says which model of a backend that is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// Small, mechanical steps.
    Light,
    /// Everyday work.
    Medium,
    /// Judgement over the whole.
    Heavy,
}

impl Tier {
    /// All tiers, the weakest first.
    pub const ALL: [Self; 3] = [Self::Light, Self::Medium, Self::Heavy];

    /// Its name, as in `agents/<role>.md` and the configuration.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Light => "light",
            Self::Medium => "medium",
            Self::Heavy => "heavy",
        }
    }
}
