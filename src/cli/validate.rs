//! `ralph-teams validate`.

use std::path::PathBuf;

use clap::Args;

use super::DEFAULT_PRD;

const EXAMPLES: &str = "\
Examples:
  ralph-teams validate
  ralph-teams validate plans/prd.json --json

Exits 0 when there is no fault and 2 otherwise. Nothing is changed.";

/// Check a PRD and name all its faults
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = EXAMPLES)]
pub struct ValidateArgs {
    /// The PRD
    #[arg(default_value = DEFAULT_PRD)]
    pub prd: PathBuf,
    /// Print JSON, for other programs
    #[arg(long)]
    pub json: bool,
}
