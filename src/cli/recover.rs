//! `ralph-teams recover`.

use clap::{Args, Subcommand};

const EXAMPLES: &str = "\
Examples:
  ralph-teams recover
  ralph-teams recover restore refs/ralph/backup/20261120-101500-k3f9/login/1
  ralph-teams recover restore login/1 --branch rescued

Restoring makes a new branch. Your checkout, index and branches stay as they are.";

const LIST_EXAMPLES: &str = "\
Examples:
  ralph-teams recover list
  ralph-teams recover list --json";

const RESTORE_EXAMPLES: &str = "\
Examples:
  ralph-teams recover restore refs/ralph/backup/20261120-101500-k3f9/login/1
  ralph-teams recover restore login/1 --branch rescued";

/// List what was saved of uncommitted work, bring it back as a branch
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = EXAMPLES)]
pub struct RecoverArgs {
    /// What to do [default: list]
    #[command(subcommand)]
    pub what: Option<RecoverCommand>,
    /// Print JSON, for other programs
    #[arg(long, global = true)]
    pub json: bool,
}

/// What to do with saved work.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum RecoverCommand {
    /// List all saved work, oldest first
    #[command(after_help = LIST_EXAMPLES)]
    List,
    /// Make a new branch at saved work
    #[command(after_help = RESTORE_EXAMPLES)]
    Restore {
        /// Its ref, or as much of the end of it as is needed to tell it apart
        #[arg(value_name = "REF")]
        reference: String,
        /// The new branch [default: ralph/recovered/RUN/EPIC/N]
        #[arg(long, value_name = "NAME")]
        branch: Option<String>,
    },
}
