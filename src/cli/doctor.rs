//! `ralph-teams doctor`.

use std::path::PathBuf;

use clap::Args;

use super::DEFAULT_PRD;
use super::values::{count, slots};

const EXAMPLES: &str = "\
Examples:
  ralph-teams doctor
  ralph-teams doctor --parallel 6          is there room for six epics side by side?
  ralph-teams doctor plans/prd.json --json

Nothing is changed and nothing is sent anywhere: programs are asked for their version, and sign-ins
are looked for in variables and files. Exits 0 without a fail and 3 with one.";

/// Seconds that an agent program has to tell its version.
pub const TIMEOUT: u32 = 10;

/// Check whether everything that a run needs is there, and say what to do
#[derive(Debug, Clone, PartialEq, Args)]
#[command(after_help = EXAMPLES)]
pub struct DoctorArgs {
    /// The PRD
    #[arg(default_value = DEFAULT_PRD)]
    pub prd: PathBuf,
    /// Epics side by side that there should be room for [default: as configured, or 4]
    #[arg(long, value_name = "N", value_parser = slots)]
    pub parallel: Option<u32>,
    /// The configuration file [default: ralph.config.yml in the root of the repository]
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Longest time, in seconds, in which an agent program has to tell its version
    #[arg(long, value_name = "SECONDS", value_parser = count, default_value_t = TIMEOUT)]
    pub timeout: u32,
    /// Print JSON, for other programs
    #[arg(long)]
    pub json: bool,
}
