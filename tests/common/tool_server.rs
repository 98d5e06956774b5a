//! Our tools as a backend is told of them, with a secret that must be nowhere in what it makes of them.

use std::collections::BTreeMap;
use std::path::Path;

use ralph_teams::effects::backend::{Launch, ToolServer};

const SECRET: &str = "s3cret";

/// Calls a test with a server that has the tools `note` and `blocked`.
pub fn with_server<T>(test: impl FnOnce(ToolServer<'_>) -> T) -> T {
    let env = BTreeMap::from([("RALPH_DESK_TOKEN".to_owned(), SECRET.to_owned())]);
    let text = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    test(ToolServer {
        config_file: Path::new("/j/mcp.json"),
        program: "/bin/ralph teams",
        args: &text(&["mcp"]),
        env: &env,
        args_by_file: &text(&["mcp", "--desk", "/j/\"desk\".json"]),
        tools: &["note", "blocked"],
    })
}

/// Fails when the secret stands on the command line or in a variable, which the agent's commands see.
pub fn holds_no_secret(launch: &Launch) {
    assert!(!format!("{launch:?}").contains(SECRET), "{launch:?}");
}
