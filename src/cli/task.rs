//! `ralph-teams task`.

use clap::Args;

use super::values::{Dirty, ThemeName, UiMode};

const EXAMPLES: &str = "\
Examples:
  ralph-teams task 'the clock shows seconds'            done, proven, and landed when you say so
  ralph-teams task --here 'the clock shows seconds'     landed on your branch at once when it is proven
  gh issue view 42 | ralph-teams task --plan -          with a plan first

It is an ordinary run of one epic: the same team, gates and checks, in a worktree and on a branch of its own,
from your last commit on. It leaves your PRD and its runs alone. Exits as `run` does.";

/// Have a single task done, without writing a PRD
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = EXAMPLES)]
pub struct TaskArgs {
    /// What is to be done, in a sentence that can be checked; `-`: on standard input
    pub text: String,
    /// Work on a branch of its own, and land it when you agree (this is what happens anyway)
    #[arg(long, conflicts_with = "here")]
    pub worktree: bool,
    /// Land it on the branch that you are on at once when the verdict is a pass
    #[arg(long)]
    pub here: bool,
    /// Make an implementation plan first: with you at a terminal, else by the epic-planner alone
    #[arg(long)]
    pub plan: bool,
    /// Land it without asking when the verdict is a pass
    #[arg(long)]
    pub yes: bool,
    /// The agent program: claude, codex, copilot, opencode, gemini, acp, command or rehearsal
    #[arg(long)]
    pub backend: Option<String>,
    /// What to do about changes that are not committed
    #[arg(long, value_enum, default_value_t)]
    pub dirty: Dirty,
    /// How to show the run
    #[arg(long, value_enum, default_value_t)]
    pub ui: UiMode,
    /// The colours of the full screen
    #[arg(long, value_enum, default_value_t)]
    pub theme: ThemeName,
}
