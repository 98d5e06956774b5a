//! How the fake agent calls the runner's tools: as a client of the server that `RALPH_MCP_CONFIG` describes.

use serde::Deserialize;
use serde_json::Value;

use crate::git;
use crate::mcp::Client;
use crate::session::{Fault, Session};

/// One call of a tool, and what must come of it.
#[derive(Debug, Clone, Deserialize)]
pub struct Call {
    /// The tool.
    pub tool: String,
    /// What it is called with. A text `@commit-of:<story>` stands for the commit that holds the story's file.
    #[serde(default)]
    pub with: Value,
    /// What the answer must say.
    pub says: String,
    /// Whether it must be a refusal.
    #[serde(default)]
    pub refused: bool,
}

/// Starts the server, makes the calls, and closes it again.
pub fn call_all(calls: &[Call]) -> Result<(), Fault> {
    let config = std::env::var("RALPH_MCP_CONFIG").map_err(|_| "RALPH_MCP_CONFIG is not set")?;
    let config: Value = serde_json::from_slice(&std::fs::read(config)?)?;
    let mut client = Client::configured(&config);
    client.initialize("2025-11-25");
    for call in calls {
        let (said, refused) = client.call(&call.tool, filled(&call.with)?);
        println!("{} answers: {said}", call.tool);
        if refused != call.refused || !said.contains(&call.says) {
            return Err(format!("{call:?} was answered (refused: {refused}): {said}").into());
        }
    }
    client.close();
    if client.ended().success() { Ok(()) } else { Err("the server failed".into()) }
}

fn filled(value: &Value) -> Result<Value, Fault> {
    Ok(match value {
        Value::String(text) => match text.strip_prefix("@commit-of:") {
            Some(story) => git::last_commit_of(&Session::story_file(story))?.into(),
            None => value.clone(),
        },
        Value::Object(entries) => {
            let entries = entries.iter().map(|(key, value)| Ok((key.clone(), filled(value)?)));
            Value::Object(entries.collect::<Result<_, Fault>>()?)
        }
        other => other.clone(),
    })
}
