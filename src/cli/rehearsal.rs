//! `ralph-teams rehearsal-agent`: hidden, the agent behind the backend `rehearsal`.

use clap::Args;

/// Pretend to be an agent; started by the backend `rehearsal`
#[derive(Debug, Clone, PartialEq, Args)]
#[command(hide = true)]
pub struct RehearsalAgentArgs {}
