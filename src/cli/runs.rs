//! `ralph-teams runs`.

use clap::{Args, Subcommand};

use super::values::count;

const EXAMPLES: &str = "\
Examples:
  ralph-teams runs                             all runs, newest first
  ralph-teams runs show 20261120-101500-k3f9
  ralph-teams runs prune --dry-run             what a tidy-up would remove

A run that can be resumed, or whose work is not in HEAD, is never removed.";

const LIST_EXAMPLES: &str = "\
Examples:
  ralph-teams runs list
  ralph-teams runs list --json";

const SHOW_EXAMPLES: &str = "\
Examples:
  ralph-teams runs show                          the newest run
  ralph-teams runs show 20261120-101500-k3f9";

const PRUNE_EXAMPLES: &str = "\
Examples:
  ralph-teams runs prune --dry-run
  ralph-teams runs prune --keep 3";

/// Runs that prune keeps when it is not told otherwise.
pub const KEEP: u32 = 10;

/// List the runs of this repository, look at one, remove old ones
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = EXAMPLES)]
pub struct RunsArgs {
    /// What to do [default: list]
    #[command(subcommand)]
    pub what: Option<RunsCommand>,
    /// Print JSON, for other programs
    #[arg(long, global = true)]
    pub json: bool,
}

/// What to do with runs.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum RunsCommand {
    /// List all runs, newest first
    #[command(after_help = LIST_EXAMPLES)]
    List,
    /// Show one run
    #[command(after_help = SHOW_EXAMPLES)]
    Show {
        /// The run's id [default: the newest run]
        run: Option<String>,
    },
    /// Remove the records of old runs that are over and landed
    #[command(after_help = PRUNE_EXAMPLES)]
    Prune {
        /// Only say what would be removed
        #[arg(long)]
        dry_run: bool,
        /// Keep the newest N runs in any case
        #[arg(long, value_name = "N", value_parser = count, default_value_t = KEEP)]
        keep: u32,
    },
}
