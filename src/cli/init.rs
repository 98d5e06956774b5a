//! `ralph-teams init`.

use std::path::PathBuf;

use clap::Args;

use super::DEFAULT_PRD;

const EXAMPLES: &str = "\
Examples:
  ralph-teams init                        an agent asks what you want, in this terminal
  ralph-teams init --from wish.md         from what you wrote down
  gh issue view 42 | ralph-teams init --from - --yes
  ralph-teams init --backend rehearsal    try it for free: three questions, no model

First what is wanted (a brief), then how it is cut (a PRD). You see the graph of epics, and nothing but a
draft is written before you agree. Exits 1 when the result is still not right after three corrections, and
130 when you leave in the middle; the draft stays.";

/// Turn a wish into a PRD, in an interview or from notes
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = EXAMPLES)]
pub struct InitArgs {
    /// A wish, an issue or notes, in a file; `-`: on standard input
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Where the PRD is written
    #[arg(long, value_name = "FILE", default_value = DEFAULT_PRD)]
    pub prd: PathBuf,
    /// The agent program: claude, codex, copilot, opencode, gemini, acp, command or rehearsal
    #[arg(long)]
    pub backend: Option<String>,
    /// Write the PRD without asking; one that is there is left alone all the same
    #[arg(long)]
    pub yes: bool,
    /// Write over a PRD that is there
    #[arg(long)]
    pub overwrite: bool,
}
