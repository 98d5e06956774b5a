//! The adapter for agents of the Agent Client Protocol: real conversations, played again with the real program.
#![expect(clippy::disallowed_methods, reason = "a test makes its own files and processes")]

#[path = "../common/ends.rs"]
mod ends;

#[path = "../common/tool_server.rs"]
mod tool_server;

mod launch;
mod recorded;
mod talk;
mod traps;
