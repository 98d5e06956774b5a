//! The hidden `ralph-teams acp-client`: this program talks to an agent, within the process tree of the session.

use std::io::Read as _;

use serde_json::Value;
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use super::refusal::Refusal;
use super::repository::current_folder;
use crate::cli::AcpClientArgs;
use crate::effects::backend::acp::client::{End, Talk, talk};
use crate::exit::ExitCode;

/// Hands the prompt on standard input to the agent, and prints what comes of it.
///
/// # Errors
/// The prompt cannot be read, the current folder is gone, or there is no runtime to be had.
pub fn converse(args: &AcpClientArgs) -> Result<ExitCode, Refusal> {
    let mut prompt = String::new();
    let read = std::io::stdin().read_to_string(&mut prompt);
    read.map_err(|error| Refusal::environment(format!("the prompt on standard input cannot be read: {error}")))?;
    let what = Talk {
        command: args.command.clone(),
        continues: args.session.clone(),
        model: args.model.clone(),
        effort: args.effort.clone(),
        servers: args.mcp_servers.clone().unwrap_or_else(|| Value::Array(Vec::new())),
        folder: current_folder()?,
        prompt,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| Refusal::environment(format!("the runtime cannot be started: {error}")))?;
    let end = runtime.block_on(async {
        let stop = CancellationToken::new();
        listen(&stop)?;
        Ok(talk(&what, stop, std::io::stdout()).await)
    });
    let end = end.map_err(|error: std::io::Error| Refusal::environment(format!("signals cannot be heard: {error}")))?;
    Ok(match end {
        End::Done => ExitCode::Success,
        End::Failed => ExitCode::Failed,
        End::NotOffered => ExitCode::BadInput,
        End::NoAgent => ExitCode::Environment,
        End::Refused => ExitCode::Limit,
        End::Stopped => ExitCode::Interrupted,
    })
}

/// A signal asks for the end: the agent is asked to give up its turn, which it does in better order than by a signal.
fn listen(stop: &CancellationToken) -> std::io::Result<()> {
    for kind in [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::hangup()] {
        let (mut heard, stop) = (signal(kind)?, stop.clone());
        tokio::spawn(async move {
            heard.recv().await;
            stop.cancel();
        });
    }
    Ok(())
}
