//! What a survey comes to: commands with evidence, files to bring along, and what was refused.

use schemars::JsonSchema;
use serde::Serialize;

use super::purpose::Purpose;
use super::quote::Quote;
use super::refuse::Reason;

/// How strongly a repository says that this is the command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Strength {
    /// What one usually does with a project of this kind.
    Usual,
    /// An entry point that the repository itself defines.
    Own,
    /// What its continuous integration runs.
    Ci,
}

impl Strength {
    /// For people: where the command comes from.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Usual => "usual for a project of this kind",
            Self::Own => "defined by the repository",
            Self::Ci => "run by its continuous integration",
        }
    }
}

/// A command with its evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Proposal {
    /// A name for it, unique among the proposals.
    pub name: String,
    /// What it is good for.
    pub purpose: Purpose,
    /// The command, for `sh -c` in the top folder of the repository.
    pub command: String,
    /// What is proven when it succeeds.
    pub proves: String,
    /// How strongly the repository says so.
    pub strength: Strength,
    /// The lines that back it; never empty.
    pub quotes: Vec<Quote>,
}

impl Proposal {
    /// Its places, for people: `Makefile:12, .github/workflows/ci.yml:20`.
    #[must_use]
    pub fn places(&self) -> String {
        self.quotes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
    }
}

/// A file that git ignores and that work needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Bring {
    /// The file.
    pub path: String,
    /// The rule that ignores it.
    pub rule: Quote,
}

/// A command that was found and is not proposed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
pub struct Refused {
    /// The command.
    pub command: String,
    /// Why not.
    pub reason: Reason,
    /// The line that it stands in, or that it would run.
    pub quote: Quote,
}

/// What a repository says about itself.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Survey {
    /// The commands that are proposed as gates, in the order in which they are best run.
    pub gates: Vec<Proposal>,
    /// Others that could be taken.
    pub alternatives: Vec<Proposal>,
    /// What makes a fresh checkout ready. `None`: nothing was found.
    pub setup: Option<Proposal>,
    /// Files that git ignores and that each worktree should get.
    pub bring: Vec<Bring>,
    /// What was found and is not proposed, with the reason.
    pub refused: Vec<Refused>,
    /// What a person should know, one sentence each.
    pub notes: Vec<String>,
}
