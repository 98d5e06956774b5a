//! `ralph-teams stop`.

use clap::Args;

const EXAMPLES: &str = "\
Examples:
  ralph-teams stop          sessions end in good order; the run can be resumed
  ralph-teams stop --now    everything is killed at once; the run can be resumed all the same

It does what Ctrl-C does in the terminal of the run, from any other one, and waits until the run is gone.";

/// Stop the run that is at work in this repository
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = EXAMPLES)]
pub struct StopArgs {
    /// Kill the sessions at once, as a second Ctrl-C does
    #[arg(long)]
    pub now: bool,
}
