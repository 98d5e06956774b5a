//! `ralph-teams worktrees`.

use clap::{Args, Subcommand};

const EXAMPLES: &str = "\
Examples:
  ralph-teams worktrees
  ralph-teams worktrees prune --dry-run
  ralph-teams worktrees prune

A worktree is removed only when nothing in it would be lost: its commits are on a branch and
nothing is uncommitted. Worktrees of runs that are at work or can be resumed are kept.";

const LIST_EXAMPLES: &str = "\
Examples:
  ralph-teams worktrees list
  ralph-teams worktrees list --json";

const PRUNE_EXAMPLES: &str = "\
Examples:
  ralph-teams worktrees prune --dry-run
  ralph-teams worktrees prune";

/// List the worktrees of all runs, remove those that nobody needs
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = EXAMPLES)]
pub struct WorktreesArgs {
    /// What to do [default: list]
    #[command(subcommand)]
    pub what: Option<WorktreesCommand>,
    /// Print JSON, for other programs
    #[arg(long, global = true)]
    pub json: bool,
}

/// What to do with worktrees.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum WorktreesCommand {
    /// List all worktrees
    #[command(after_help = LIST_EXAMPLES)]
    List,
    /// Remove the worktrees of runs that are over, where nothing would be lost
    #[command(after_help = PRUNE_EXAMPLES)]
    Prune {
        /// Only say what would be removed
        #[arg(long)]
        dry_run: bool,
    },
}
