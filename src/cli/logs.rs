//! `ralph-teams logs`.

use clap::Args;

use super::values::{count, epic_id};
use crate::domain::id::EpicId;

const EXAMPLES: &str = "\
Examples:
  ralph-teams logs                        all sessions of the newest run
  ralph-teams logs --epic EPIC-002 -f     one epic, and what comes
  ralph-teams logs --tail 1               the last wave, as told in progress.txt
  ralph-teams logs --epic EPIC-002 --tail 40
  ralph-teams logs --epic EPIC-002 --job team-lead.1 --raw > session.jsonl

--tail N alone shows the last N blocks of progress.txt: a block begins with a run, with its
resumption, or with a wave. With --epic, --job or --run it shows the last N lines of
the sessions.";

/// Show what the agents of a run said and did
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = EXAMPLES)]
pub struct LogsArgs {
    /// Go on until the run is over
    #[arg(short, long)]
    pub follow: bool,
    /// Only the last N waves of progress.txt; with --epic, --job or --run the last N lines
    #[arg(short = 'n', long, value_name = "N", value_parser = count)]
    pub tail: Option<u32>,
    /// Only the sessions of this epic
    #[arg(long, value_name = "EPIC", value_parser = epic_id)]
    pub epic: Option<EpicId>,
    /// Only this session, as its heading or its log file names it, like team-lead.1
    #[arg(long)]
    pub job: Option<String>,
    /// What the programs wrote, byte for byte
    #[arg(long, conflicts_with = "tail")]
    pub raw: bool,
    /// The run's id [default: the newest run]
    #[arg(long)]
    pub run: Option<String>,
}
