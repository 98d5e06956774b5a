//! `ralph-teams watch`.

use clap::Args;

use super::values::ThemeName;

const EXAMPLES: &str = "\
Examples:
  ralph-teams watch                         the newest run, live or finished
  ralph-teams watch 20261120-101500-k3f9    this run

[ and ] step through its events, { and } jump between failures, ? shows all keys.";

/// Look at a run that lives in another terminal, or step through one that is over
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = EXAMPLES)]
pub struct WatchArgs {
    /// The run's id [default: the newest run]
    pub run: Option<String>,
    /// The colours
    #[arg(long, value_enum, default_value_t)]
    pub theme: ThemeName,
}
