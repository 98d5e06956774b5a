//! `ralph-teams resume`.

use clap::Args;

use super::values::{ThemeName, UiMode, max_cost, max_tokens, parallel, slots};
use crate::config::{BackendFlag, Bound, Overrides};

const EXAMPLES: &str = "\
Examples:
  ralph-teams resume                         the newest run
  ralph-teams resume 20261120-101500-k3f9    this run
  ralph-teams resume --parallel 2            with another number of epics side by side
  ralph-teams resume --max-cost 40           after its budget was used up";

/// Go on with a run that was interrupted or stopped by a limit
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = EXAMPLES)]
pub struct ResumeArgs {
    /// The run's id [default: the newest run]
    pub run: Option<String>,
    /// Work on N epics side by side; without N as many as configured, or 4
    #[arg(long, value_name = "N", value_parser = slots)]
    pub parallel: Option<Option<u32>>,
    /// Host sessions with this agent program from now on: claude, codex, copilot, opencode, gemini, acp, command or rehearsal
    #[arg(long)]
    pub backend: Option<String>,
    /// Start no session once the run consumed so many US dollars; `none`: no limit
    #[arg(long, value_name = "USD", value_parser = max_cost)]
    pub max_cost: Option<Bound>,
    /// Start no session once the run consumed so many tokens; `none`: no limit
    #[arg(long, value_name = "N", value_parser = max_tokens)]
    pub max_tokens: Option<Bound>,
    /// Go on with the plan as it was, whatever was edited in the PRD since
    #[arg(long)]
    pub ignore_prd_edits: bool,
    /// How to show the run
    #[arg(long, value_enum, default_value_t)]
    pub ui: UiMode,
    /// The colours of the full screen
    #[arg(long, value_enum, default_value_t)]
    pub theme: ThemeName,
}

impl From<&ResumeArgs> for Overrides {
    fn from(args: &ResumeArgs) -> Self {
        let backend = args.backend.clone().map(BackendFlag::Named);
        Self {
            parallel: parallel(args.parallel),
            backend,
            max_cost: args.max_cost,
            max_tokens: args.max_tokens,
            ..Self::default()
        }
    }
}
