//! `ralph-teams reset`.

use std::path::PathBuf;

use clap::Args;

use super::DEFAULT_PRD;
use super::values::epic_id;
use crate::domain::id::EpicId;

const EXAMPLES: &str = "\
Examples:
  ralph-teams reset EPIC-003                one epic, from the beginning
  ralph-teams reset EPIC-003 EPIC-004       two of them
  ralph-teams reset --yes                   all epics, without a question
  ralph-teams reset EPIC-003 --prd plans/prd.json

In the PRD the epics become pending and their stories count as not done. Their worktrees and branches go away, after
everything in them is saved under refs/ralph/backup/. What is merged already stays merged: it is done again on top.";

/// Set epics back, so that the next run does them anew
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = EXAMPLES)]
pub struct ResetArgs {
    /// The epics [default: all, after a question]
    #[arg(value_name = "EPIC", value_parser = epic_id)]
    pub epics: Vec<EpicId>,
    /// The PRD
    #[arg(long, value_name = "FILE", default_value = DEFAULT_PRD)]
    pub prd: PathBuf,
    /// Ask nothing
    #[arg(long)]
    pub yes: bool,
}
