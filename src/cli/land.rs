//! `ralph-teams land`.

use clap::Args;

const EXAMPLES: &str = "\
Examples:
  ralph-teams land                         the newest run
  ralph-teams land 20261120-101500-k3f9    this run
  ralph-teams land --anyway                although its verdict is no pass

Your branch moves forward to the loop branch, or gets one merge commit when it has moved on meanwhile.
When they conflict, nothing is changed. Nothing is ever pushed.";

/// Bring the work of a run into the branch that you are on
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = EXAMPLES)]
pub struct LandArgs {
    /// The run's id [default: the newest run]
    pub run: Option<String>,
    /// Land it although its verdict is no pass, or does not speak of what is on the branch now
    #[arg(long)]
    pub anyway: bool,
}
