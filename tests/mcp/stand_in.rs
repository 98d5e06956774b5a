//! A stand-in for the desk: it listens at a socket, hands every request to the test, and answers what the test says.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};

use ralph_teams::domain::role::Role;
use ralph_teams::effects::desk::permits::tools_of;
use serde_json::{Value, json};

use crate::mcp::{Client, PATIENCE};

/// The program under test.
const PROGRAM: &str = env!("CARGO_BIN_EXE_ralph-teams");

/// A folder with the socket in it.
pub struct StandIn {
    folder: tempfile::TempDir,
    calls: Option<Receiver<Call>>,
}

/// One call, as it came in.
pub struct Call {
    /// What was asked.
    pub request: Value,
    stream: BufReader<UnixStream>,
}

impl StandIn {
    /// A desk that listens.
    pub fn new() -> Self {
        let mut desk = Self::away();
        desk.come();
        desk
    }

    /// A desk that does not listen yet.
    pub fn away() -> Self {
        Self { folder: tempfile::tempdir().unwrap(), calls: None }
    }

    /// Begins to listen.
    pub fn come(&mut self) {
        let listener = UnixListener::bind(self.socket()).unwrap();
        let (sender, calls) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let mut stream = BufReader::new(stream);
                let mut line = String::new();
                stream.read_line(&mut line).unwrap();
                let request = serde_json::from_str(&line).unwrap();
                if sender.send(Call { request, stream }).is_err() {
                    return;
                }
            }
        });
        self.calls = Some(calls);
    }

    /// The path of the socket.
    pub fn socket(&self) -> PathBuf {
        self.folder.path().join("socket")
    }

    /// The next call.
    pub fn call(&self) -> Call {
        self.calls.as_ref().unwrap().recv_timeout(PATIENCE).expect("a call")
    }

    /// The next call, if it comes soon.
    pub fn try_call(&self) -> Option<Call> {
        self.calls.as_ref().unwrap().recv_timeout(std::time::Duration::from_millis(20)).ok()
    }

    /// A server for this role, that has shaken hands.
    pub fn server(&self, role: &str) -> Client {
        let mut client = Client::start(command(&self.socket(), role));
        client.initialize("2025-11-25");
        client
    }
}

impl Call {
    /// Writes one line.
    pub fn say(&mut self, line: &Value) {
        self.stream.get_mut().write_all(format!("{line}\n").as_bytes()).unwrap();
    }

    /// Answers.
    pub fn answer(mut self, text: &str, refused: bool) {
        self.say(&json!({ "answer": { "text": text, "refused": refused } }));
    }

    /// Waits until the caller closes the connection.
    pub fn closed(mut self) {
        self.stream.get_ref().set_read_timeout(Some(PATIENCE)).unwrap();
        let mut rest = Vec::new();
        self.stream.read_to_end(&mut rest).expect("the end of the connection");
        assert_eq!(rest, b"");
    }
}

/// The command line of a server for this role.
pub fn command(socket: &Path, role: &str) -> Command {
    let tools: Vec<&str> = tools_of(Role::named(role).expect("a role")).iter().map(|tool| tool.name()).collect();
    let mut command = Command::new(PROGRAM);
    command.arg("mcp").env_clear();
    command.env("RALPH_DESK", socket).env("RALPH_DESK_TOKEN", "s3cret").env("RALPH_DESK_TOOLS", tools.join(","));
    command
}
