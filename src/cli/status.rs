//! `ralph-teams status`.

use std::path::PathBuf;

use clap::Args;

const EXAMPLES: &str = "\
Examples:
  ralph-teams status
  ralph-teams status --json";

/// Show how the newest run stands
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = EXAMPLES)]
pub struct StatusArgs {
    /// The PRD [default: the one of the newest run]
    pub prd: Option<PathBuf>,
    /// Print JSON, for other programs
    #[arg(long)]
    pub json: bool,
}
