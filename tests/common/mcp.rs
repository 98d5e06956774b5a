//! A client of the Model Context Protocol over pipes, as agent programs are: it starts a server and speaks with it.

#![allow(dead_code, reason = "each program that includes it uses another part of it")]

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// Longer than anything here takes; only a hang gets there.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// A server at work. It is killed when dropped.
pub struct Client {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<Value>,
    /// What came and was not asked for yet.
    waiting: Vec<Value>,
    n_requests: u64,
}

impl Client {
    /// Starts the server.
    pub fn start(mut command: Command) -> Self {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("a server");
        let input = child.stdin.take();
        let output = BufReader::new(child.stdout.take().expect("a pipe"));
        let (sender, lines) = channel();
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                let message = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line}"));
                if sender.send(message).is_err() {
                    return;
                }
            }
        });
        Self { child, input, lines, waiting: Vec::new(), n_requests: 0 }
    }

    /// Starts the server that a configuration of the form `{"mcpServers": {"ralph": ..}}` describes.
    pub fn configured(config: &Value) -> Self {
        let server = &config["mcpServers"]["ralph"];
        let text = |value: &Value| value.as_str().expect("a text").to_owned();
        let mut command = Command::new(text(&server["command"]));
        command.args(server["args"].as_array().expect("arguments").iter().map(text));
        for (name, value) in server["env"].as_object().expect("variables") {
            command.env(name, text(value));
        }
        Self::start(command)
    }

    /// The process of the server.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Writes these very bytes.
    pub fn write(&mut self, bytes: &[u8]) {
        let input = self.input.as_mut().expect("an open input");
        input.write_all(bytes).and_then(|()| input.flush()).expect("a server that reads");
    }

    /// Sends one message.
    pub fn send(&mut self, message: &Value) {
        self.write(format!("{message}\n").as_bytes());
    }

    /// Sends a notification.
    pub fn notify(&mut self, method: &str, params: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": params }));
    }

    /// Sends a request and returns its id.
    pub fn ask(&mut self, method: &str, params: Value) -> u64 {
        self.n_requests += 1;
        let id = self.n_requests;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params }));
        id
    }

    /// Waits for a message of which this is so; others are kept.
    pub fn wait_for(&mut self, what: &str, so: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.waiting.iter().position(&so) {
            return self.waiting.remove(at);
        }
        let began = Instant::now();
        loop {
            let left = PATIENCE.saturating_sub(began.elapsed());
            match self.lines.recv_timeout(left) {
                Ok(message) if so(&message) => return message,
                Ok(message) => self.waiting.push(message),
                Err(RecvTimeoutError::Timeout) => panic!("{what} never came; there came {:#?}", self.waiting),
                Err(RecvTimeoutError::Disconnected) => panic!("the server ended before {what}: {:#?}", self.waiting),
            }
        }
    }

    /// The answer to a request.
    pub fn answer(&mut self, id: u64) -> Value {
        self.wait_for(&format!("the answer to {id}"), |message| message["id"] == id)
    }

    /// Sends a request and waits for its answer.
    pub fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.ask(method, params);
        self.answer(id)
    }

    /// Everything that came and was not asked for.
    pub fn unasked(&mut self) -> Vec<Value> {
        self.waiting.extend(self.lines.try_iter());
        std::mem::take(&mut self.waiting)
    }

    /// Shakes hands; the protocol that the server answers.
    pub fn initialize(&mut self, version: &str) -> Value {
        let client = json!({ "name": "test", "version": "1" });
        let params = json!({ "protocolVersion": version, "capabilities": {}, "clientInfo": client });
        let answer = self.request("initialize", params);
        self.notify("notifications/initialized", json!({}));
        answer["result"].clone()
    }

    /// Calls a tool: what it says, and whether it refuses.
    pub fn call(&mut self, tool: &str, arguments: Value) -> (String, bool) {
        let answer = self.request("tools/call", json!({ "name": tool, "arguments": arguments }));
        let text = answer["result"]["content"][0]["text"].as_str();
        let text = text.unwrap_or_else(|| panic!("{tool} got no result: {answer:#}")).to_owned();
        (text, answer["result"]["isError"] == true)
    }

    /// Closes the input.
    pub fn close(&mut self) {
        self.input = None;
    }

    /// Waits for the end of the server.
    pub fn ended(&mut self) -> ExitStatus {
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().expect("a child") {
                return status;
            }
            assert!(began.elapsed() < PATIENCE, "the server does not end");
            std::thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
