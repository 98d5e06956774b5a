//! `ralph-teams ready`.

use clap::Args;

const EXAMPLES: &str = "\
Examples:
  ralph-teams ready                   look, say what is missing, show what AGENTS.md could say
  ralph-teams ready --write           the same, then ask whether to write it
  ralph-teams ready --write --yes     write it without asking
  ralph-teams ready --json            for other programs (schemas/ready.schema.json)

Exits 0 when agents can work here, 1 when something that they need is missing, 2 on bad input. Without --write
nothing is changed, and nothing of the repository is run.";

/// Look whether agents can work in this repository, and propose an AGENTS.md
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = EXAMPLES)]
pub struct ReadyArgs {
    /// Print JSON, for other programs
    #[arg(long)]
    pub json: bool,
    /// Write the proposed AGENTS.md (or what is added to the one that is there), after a question
    #[arg(long)]
    pub write: bool,
    /// With --write: do not ask
    #[arg(long, requires = "write")]
    pub yes: bool,
}
