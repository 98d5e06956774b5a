//! `ralph-teams run`.

use std::path::PathBuf;

use clap::Args;

use super::DEFAULT_PRD;
use super::values::{
    Base, Dirty, ScheduleName, ThemeName, UiMode, count, epic_id, max_cost, max_tokens, parallel, slots,
};
use crate::config::{BackendFlag, Bound, Overrides};
use crate::domain::id::EpicId;

const EXAMPLES: &str = "\
Examples:
  ralph-teams run                              one epic at a time
  ralph-teams run plans/prd.json --parallel 3  three epics side by side
  ralph-teams run --only EPIC-001 --only EPIC-004
  ralph-teams run --rehearse                   the whole way, with an agent that only pretends
  ralph-teams run --ui json > events.jsonl     for other programs

Your checkout and branches stay as they are: the work lands on a loop branch.
Ctrl-C stops the run so that `ralph-teams resume` can go on with it.";

/// Work through the epics of a PRD and leave a verdict
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = EXAMPLES)]
pub struct RunArgs {
    /// The PRD
    #[arg(default_value = DEFAULT_PRD)]
    pub prd: PathBuf,
    /// Work on N epics side by side; without N as many as configured, or 4 [without this flag: 1]
    #[arg(long, value_name = "N", value_parser = slots)]
    pub parallel: Option<Option<u32>>,
    /// The agent program: claude, codex, copilot, opencode, gemini, acp, command or rehearsal
    #[arg(long)]
    pub backend: Option<String>,
    /// The model, for all roles that are not configured to use another
    #[arg(long)]
    pub model: Option<String>,
    /// When a ready epic may start [default: ready]
    #[arg(long, value_enum)]
    pub schedule: Option<ScheduleName>,
    /// Start at most N epics
    #[arg(long, value_name = "N", value_parser = count)]
    pub max_epics: Option<u32>,
    /// Start no session once the run consumed so many US dollars; `none`: no limit
    #[arg(long, value_name = "USD", value_parser = max_cost)]
    pub max_cost: Option<Bound>,
    /// Start no session once the run consumed so many tokens; `none`: no limit
    #[arg(long, value_name = "N", value_parser = max_tokens)]
    pub max_tokens: Option<Bound>,
    /// Work on this epic only; may be repeated
    #[arg(long, value_name = "EPIC", value_parser = epic_id)]
    pub only: Vec<EpicId>,
    /// What to do about changes that are not committed
    #[arg(long, value_enum, default_value_t)]
    pub dirty: Dirty,
    /// Where to start when an earlier run left work that is not landed [default: decided from git, or refused]
    #[arg(long, value_enum)]
    pub base: Option<Base>,
    /// Begin a new run although the one before is unfinished; it goes on from what that one left
    #[arg(long)]
    pub new: bool,
    /// How to show the run
    #[arg(long, value_enum, default_value_t)]
    pub ui: UiMode,
    /// The colours of the full screen
    #[arg(long, value_enum, default_value_t)]
    pub theme: ThemeName,
    /// Start no real agent: the same as --backend rehearsal, for every role
    #[arg(long, conflicts_with = "backend")]
    pub rehearse: bool,
    /// The configuration file [default: ralph.config.yml in the root of the repository]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

impl From<&RunArgs> for Overrides {
    fn from(args: &RunArgs) -> Self {
        let named = || args.backend.clone().map(BackendFlag::Named);
        Self {
            parallel: parallel(args.parallel),
            backend: if args.rehearse { Some(BackendFlag::Rehearse) } else { named() },
            model: args.model.clone(),
            schedule: args.schedule.map(Into::into),
            max_epics: args.max_epics,
            only: args.only.clone(),
            max_cost: args.max_cost,
            max_tokens: args.max_tokens,
        }
    }
}
