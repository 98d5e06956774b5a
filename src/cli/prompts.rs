//! `ralph-teams prompts`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

use super::DEFAULT_PRD;
use super::values::epic_id;
use crate::domain::id::EpicId;

const EXAMPLES: &str = "\
Examples:
  ralph-teams prompts                          all roles, and where their instructions come from
  ralph-teams prompts show team-lead           what the lead of the first open epic will be told
  ralph-teams prompts show team-lead --epic EPIC-003 --purpose fix
  ralph-teams prompts show builder --built-in  the instructions as this program has them
  ralph-teams prompts eject builder            a copy to edit: .ralph-teams/agents/builder.md

Nothing is started, and nothing costs anything. What only a run can know stands in <angle brackets>.";

const LIST_EXAMPLES: &str = "\
Examples:
  ralph-teams prompts list
  ralph-teams prompts list --json

`outdated`: the repository's own copy was made from built-in instructions that have changed since.";

const SHOW_EXAMPLES: &str = "\
Examples:
  ralph-teams prompts show team-lead
  ralph-teams prompts show team-lead --epic EPIC-003 --purpose fix
  ralph-teams prompts show builder --built-in";

const EJECT_EXAMPLES: &str = "\
Examples:
  ralph-teams prompts eject builder

The copy is .ralph-teams/agents/builder.md; it is used in place of the built-in one until you remove it.";

/// See what agents will be told, and change it
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = EXAMPLES)]
pub struct PromptsArgs {
    /// What to do [default: list]
    #[command(subcommand)]
    pub what: Option<PromptsCommand>,
    /// Print JSON, for other programs
    #[arg(long, global = true)]
    pub json: bool,
}

/// What to do with prompts.
#[derive(Debug, Clone, PartialEq, Subcommand)]
pub enum PromptsCommand {
    /// List the roles: how strong a model each needs, and where its instructions come from
    #[command(after_help = LIST_EXAMPLES)]
    List,
    /// Show what an agent in a role will be told in this repository
    #[command(after_help = SHOW_EXAMPLES)]
    Show(PromptsShowArgs),
    /// Copy the built-in instructions of a role to where they can be edited
    #[command(after_help = EJECT_EXAMPLES)]
    Eject {
        /// The role
        role: String,
    },
}

/// What to show.
#[derive(Debug, Clone, PartialEq, Args)]
pub struct PromptsShowArgs {
    /// The role
    pub role: String,
    /// For this epic [default: the first that is open]
    #[arg(long, value_name = "EPIC", value_parser = epic_id)]
    pub epic: Option<EpicId>,
    /// For this kind of session [default: the usual one of the role]
    #[arg(long, value_enum)]
    pub purpose: Option<PurposeName>,
    /// The instructions of the role as this program has them, and nothing else
    #[arg(long, conflicts_with_all = ["epic", "purpose"])]
    pub built_in: bool,
    /// The PRD
    #[arg(long, value_name = "FILE", default_value = DEFAULT_PRD)]
    pub prd: PathBuf,
    /// The agent program: claude, codex, copilot, opencode, gemini, acp, command or rehearsal
    #[arg(long)]
    pub backend: Option<String>,
}

/// What a session is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PurposeName {
    /// To build the stories of an epic.
    Implement,
    /// To mend what a check found.
    Fix,
    /// To resolve the conflicts of a merge.
    Resolve,
    /// To judge the whole.
    Validate,
    /// To plan an epic.
    Plan,
    /// To judge an epic.
    Judge,
}
