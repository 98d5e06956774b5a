//! `ralph-teams plan`.

use std::path::PathBuf;

use clap::Args;

use super::DEFAULT_PRD;
use super::values::epic_id;
use crate::domain::id::EpicId;

const EXAMPLES: &str = "\
Examples:
  ralph-teams plan                     talk about each epic that has no plan yet
  ralph-teams plan EPIC-003            about this one
  ralph-teams plan --auto              let the epic-planner do it alone, for all of them

A plan is .ralph-teams/plans/plan-EPIC.md: approach, files, a test for each criterion, commands that prove
it, risks. Its epic is marked as planned in the PRD when you agree, and its lead reads it first.";

/// Plan epics before they are built, in a talk or by an agent alone
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = EXAMPLES)]
pub struct PlanArgs {
    /// The epics [default: all that are open and not planned]
    #[arg(value_name = "EPIC", value_parser = epic_id)]
    pub epics: Vec<EpicId>,
    /// Let the epic-planner do it alone; nobody is asked
    #[arg(long)]
    pub auto: bool,
    /// The PRD
    #[arg(long, value_name = "FILE", default_value = DEFAULT_PRD)]
    pub prd: PathBuf,
    /// The agent program: claude, codex, copilot, opencode, gemini, acp, command or rehearsal
    #[arg(long)]
    pub backend: Option<String>,
}

impl Default for PlanArgs {
    fn default() -> Self {
        Self { epics: Vec::new(), auto: false, prd: DEFAULT_PRD.into(), backend: None }
    }
}
