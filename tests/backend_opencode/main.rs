//! opencode's adapter: what it makes of recorded output, and the command line that it gets.
#![expect(clippy::disallowed_methods, reason = "a test makes its own files and processes")]

#[path = "../common/ends.rs"]
mod ends;
#[path = "../common/recorded.rs"]
mod recorded;

#[path = "../common/tool_server.rs"]
mod tool_server;

mod launch;
mod streams;
