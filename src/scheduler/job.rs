//! Jobs: the name of each thing that is asked of the hands, and that its answer must carry.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::id::{EpicId, Slug};
pub use crate::domain::role::Role;

/// The name of one piece of work. A reply whose job is not the one that is waited for is stale and changes nothing.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Job {
    /// Whose work it is.
    pub scope: Scope,
    /// What is done.
    pub task: Task,
    /// Counts from 1 in each scope and task; a job that is asked for again after a crash keeps its number.
    pub n: u32,
}

/// Whose work a job is.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Scope {
    /// The whole run.
    Run,
    /// One epic.
    Epic(EpicId),
    /// A round of fixes for what the final validator found, counted from 1.
    Fix(u32),
}

/// What a job does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Task {
    /// Make the loop branch and the integration worktree, and run the gates on the base.
    Open,
    /// Make a worktree and set it up.
    Prepare,
    /// Host an agent's session.
    Session(Role),
    /// Look at what a session left: report, commits, gates.
    Check,
    /// Look whether an epic's planner left a plan.
    CheckPlan,
    /// Make a merge commit that is on no branch yet.
    Candidate,
    /// Run the gates on a commit, in the integration worktree.
    Prove,
    /// Move the loop branch to a candidate.
    Publish,
    /// Merge the loop tip into a track's worktree.
    Update,
    /// Remove the worktree of a merged track.
    Retire,
    /// Save and take away the branch and the worktree of a track that begins again.
    Abandon,
    /// Read what a validator reported.
    CheckValidation,
    /// Write the states into `prd.json`.
    Prd,
    /// Write the verdict.
    Verdict,
}

impl Task {
    /// A short name for people and file names.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Prepare => "prepare",
            Self::Session(role) => role.name(),
            Self::Check => "check",
            Self::CheckPlan => "check-plan",
            Self::Candidate => "candidate",
            Self::Prove => "prove",
            Self::Publish => "publish",
            Self::Update => "update",
            Self::Retire => "retire",
            Self::Abandon => "abandon",
            Self::CheckValidation => "check-validation",
            Self::Prd => "prd",
            Self::Verdict => "verdict",
        }
    }
}

impl Scope {
    /// The safe name of the scope, for branches, directories and files.
    #[must_use]
    pub fn slug(&self) -> Slug {
        match self {
            Self::Run => Slug::of("run"),
            Self::Epic(id) => Slug::of(id.as_str()),
            // An epic may be called "fix-1", but no epic's slug has this hash.
            Self::Fix(n) => Slug::of(&format!("fix #{n}")),
        }
    }

    /// The epic, when it is one.
    #[must_use]
    pub fn epic(&self) -> Option<&EpicId> {
        match self {
            Self::Epic(id) => Some(id),
            Self::Run | Self::Fix(_) => None,
        }
    }
}

impl Job {
    /// The job's directory and log file name: safe, and different for different jobs.
    #[must_use]
    pub fn file_stem(&self) -> String {
        format!("{}.{}.{}", self.scope.slug(), self.task.name(), self.n)
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Run => f.write_str("run"),
            Self::Epic(id) => write!(f, "{id}"),
            Self::Fix(n) => write!(f, "fix {n}"),
        }
    }
}

impl fmt::Display for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {} {}", self.scope, self.task.name(), self.n)
    }
}
