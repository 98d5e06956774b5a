//! `ralph-teams lint`.

use std::path::PathBuf;

use clap::Args;

use super::DEFAULT_PRD;

const EXAMPLES: &str = "\
Examples:
  ralph-teams lint                     what is likely to cost time, and how long it will take
  ralph-teams lint --strict            in CI: hints count as well
  ralph-teams lint --fix               mend stray white space and the like; shows the difference
  ralph-teams lint plans/prd.json --json
  ralph-teams lint --rows 200          more of a long schedule than a terminal is shown

Exits 0 when there is nothing worse than hints (--strict: nothing at all), 1 otherwise, and 2
when the PRD has faults.";

/// Criticise a PRD: what is likely to cost time, and how long it takes
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = EXAMPLES)]
pub struct LintArgs {
    /// The PRD
    #[arg(default_value = DEFAULT_PRD)]
    pub prd: PathBuf,
    /// Print JSON, for other programs
    #[arg(long)]
    pub json: bool,
    /// Mend what is mechanical, and nothing else
    #[arg(long)]
    pub fix: bool,
    /// Exit with 1 on hints, too
    #[arg(long)]
    pub strict: bool,
    /// Show at most N epics of the schedule [default: 40 on a terminal, elsewhere all]
    #[arg(long, value_name = "N")]
    pub rows: Option<usize>,
}
