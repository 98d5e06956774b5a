//! `ralph-teams host`: hidden, started by the program itself, one per session.

use std::path::PathBuf;

use clap::Args;

/// Host one session; started by `run` itself
#[derive(Debug, Clone, PartialEq, Args)]
#[command(hide = true)]
pub struct HostArgs {
    /// The file that says what to start and where its output goes
    pub spec: PathBuf,
}
