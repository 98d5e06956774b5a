//! `ralph-teams mcp`: hidden, the server of our tools that an agent program starts for its session.

use std::path::PathBuf;

use clap::Args;

/// Serve the tools of one session over standard input and output; started by agent programs
#[derive(Debug, Clone, PartialEq, Args)]
#[command(hide = true)]
pub struct McpArgs {
    /// The file that holds what RALPH_DESK, RALPH_DESK_TOKEN and RALPH_DESK_TOOLS would say
    #[arg(long, value_name = "FILE")]
    pub desk: Option<PathBuf>,
}
