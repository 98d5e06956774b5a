//! `ralph-teams acp-client`: hidden, our side of the conversation behind the backend `acp`.

use clap::Args;
use serde_json::Value;

/// Talk to an agent over the Agent Client Protocol; started by the backend `acp`
#[derive(Debug, Clone, PartialEq, Args)]
#[command(hide = true)]
pub struct AcpClientArgs {
    /// The conversation to go on with
    #[arg(long, value_name = "ID")]
    pub session: Option<String>,
    /// The model, in the agent's own words
    #[arg(long, value_name = "NAME")]
    pub model: Option<String>,
    /// How hard it should think, in the agent's own words
    #[arg(long, value_name = "LEVEL")]
    pub effort: Option<String>,
    /// The servers of tools that it is offered, as the protocol describes them
    #[arg(long, value_name = "JSON", value_parser = servers)]
    pub mcp_servers: Option<Value>,
    /// The agent's program and its arguments
    #[arg(last = true, required = true, value_name = "PROGRAM")]
    pub command: Vec<String>,
}

fn servers(text: &str) -> Result<Value, String> {
    serde_json::from_str(text).map_err(|fault| fault.to_string())
}
