//! The real desk, spoken with over its socket, without a server between.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::scene::PATIENCE;

/// The way to the desk of one session.
pub struct Desk {
    pub socket: PathBuf,
    pub token: String,
}

impl Desk {
    /// As a configuration of the form `{"mcpServers": {"ralph": ..}}` says.
    pub fn of(config: &Value) -> Self {
        let variable = |name: &str| config["mcpServers"]["ralph"]["env"][name].as_str().expect(name).to_owned();
        Self { socket: variable("RALPH_DESK").into(), token: variable("RALPH_DESK_TOKEN") }
    }

    /// A connection on which these bytes were said.
    pub fn told(&self, bytes: &[u8]) -> UnixStream {
        let mut stream = UnixStream::connect(&self.socket).expect("a desk");
        stream.set_read_timeout(Some(PATIENCE)).expect("a limit");
        // It may answer and close before it has read everything.
        let _ = stream.write_all(bytes);
        stream
    }

    /// A connection on which a call of this name was made.
    pub fn begin(&self, call: &str, tool: &str, with: &Value) -> UnixStream {
        let request = json!({ "token": self.token, "call": call, "tool": tool, "arguments": with });
        self.told(format!("{request}\n").as_bytes())
    }

    /// The last line of what the desk says to a call of this name.
    pub fn asked(&self, call: &str, tool: &str, with: &Value) -> String {
        last_line(self.begin(call, tool, with))
    }
}

/// What the desk says, to the end of the connection.
pub fn all(mut stream: UnixStream) -> String {
    let mut said = Vec::new();
    let _ = stream.read_to_end(&mut said);
    String::from_utf8(said).expect("text")
}

/// The last line of it, which is the answer.
pub fn last_line(stream: UnixStream) -> String {
    all(stream).lines().last().expect("an answer").to_owned()
}
