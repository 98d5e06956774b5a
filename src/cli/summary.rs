//! `ralph-teams summary`.

use std::path::PathBuf;

use clap::Args;

use super::DEFAULT_PRD;

const EXAMPLES: &str = "\
Examples:
  ralph-teams summary
  ralph-teams summary plans/prd.json
  ralph-teams summary --json";

/// Show the epics of a PRD: what is done, what is open, what waits for what
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = EXAMPLES)]
pub struct SummaryArgs {
    /// The PRD
    #[arg(default_value = DEFAULT_PRD)]
    pub prd: PathBuf,
    /// Print JSON, for other programs
    #[arg(long)]
    pub json: bool,
}
