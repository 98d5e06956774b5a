//! The hidden `ralph-teams mcp`: our tools as a server of the Model Context Protocol on standard input and output.
//!
//! It is started by the agent program of one session, offers exactly the tools that this session may call, and carries each
//! call to the runner. It decides nothing and writes nothing: the desk (`effects/desk`) does.
//!
//! **Invariant:** it ends at once when its input ends, whatever it is waiting for, so that no session is outlived.

mod gatekeeper;
mod server;

use std::collections::BTreeMap;
use std::path::Path;

use rmcp::ServiceExt as _;
use rmcp::transport::async_rw::AsyncRwTransport;
use tokio_util::sync::CancellationToken;

use super::refusal::Refusal;
use super::repository::environment;
use crate::cli::McpArgs;
use crate::effects::desk::client::{Client, PATIENCE};
use crate::effects::desk::tools::Tool;
use crate::effects::desk::wire::LONGEST_REQUEST;
use crate::effects::desk::{DESK_VARIABLE, TOKEN_VARIABLE, TOOLS_VARIABLE};
use crate::exit::ExitCode;
use gatekeeper::Gatekeeper;
use server::Server;

/// Serves one session until its agent program closes our input.
///
/// # Errors
/// It is not said where the desk is, or which tools there are.
pub fn mcp(args: &McpArgs) -> Result<ExitCode, Refusal> {
    let variables = match &args.desk {
        Some(file) => read(file)?,
        None => environment(),
    };
    let server = server_of(&variables)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().map_err(Refusal::internal)?;
    runtime.block_on(serve(server));
    // A thread that still waits for input must not be waited for.
    runtime.shutdown_background();
    Ok(ExitCode::Success)
}

fn read(file: &Path) -> Result<BTreeMap<String, String>, Refusal> {
    let cannot = |why: String| Refusal::input(format!("{} cannot be used: {why}", file.display()));
    let bytes = std::fs::read(file).map_err(|fault| cannot(fault.to_string()))?;
    serde_json::from_slice(&bytes).map_err(|fault| cannot(fault.to_string()))
}

fn server_of(variables: &BTreeMap<String, String>) -> Result<Server, Refusal> {
    let wanted = |name: &str| {
        let missing =
            || Refusal::input(format!("{name} is not set: `ralph-teams mcp` is started by agent programs only"));
        variables.get(name).cloned().ok_or_else(missing)
    };
    let named = |name: &str| {
        Tool::named(name).ok_or_else(|| Refusal::input(format!("{TOOLS_VARIABLE}: there is no tool {name:?}")))
    };
    let names = wanted(TOOLS_VARIABLE)?;
    let tools = names.split(',').filter(|name| !name.is_empty()).map(named).collect::<Result<_, _>>()?;
    let client = Client { socket: wanted(DESK_VARIABLE)?.into(), token: wanted(TOKEN_VARIABLE)?, patience: PATIENCE };
    Ok(Server::new(tools, client))
}

async fn serve(server: Server) {
    let closed = CancellationToken::new();
    let lines = AsyncRwTransport::new_server(tokio::io::stdin(), tokio::io::stdout());
    let lines = lines.with_max_line_length(usize::try_from(LONGEST_REQUEST).unwrap_or(usize::MAX));
    let serving = async {
        if let Ok(serving) = server.serve(Gatekeeper::new(lines, closed.clone())).await {
            // How it ended is of no interest: nobody is there any more to be told.
            let _ = serving.waiting().await;
        }
    };
    tokio::select! {
        () = serving => {}
        () = closed.cancelled() => {}
    }
}
