//! A stand-in for an agent of the Agent Client Protocol: it plays its side of a recorded conversation, message by message.
//!
//! `fake-acp-agent <conversation.jsonl>`. Each line is `{"dir", "msg"}`:
//!
//! | `dir` | it |
//! |---|---|
//! | `send` | waits until the client says this: a request or a notification of the same method, or an answer |
//! | `recv` | says this; an answer goes to the client's own number for the request |
//! | `do` | `{"shell": command}` runs a command in its working directory; `{"die": code}` ends at once |
//! | `noise` | prints this text as it is |
//! | `note` | is not looked at |
//!
//! What the client asks besides is answered with nothing. Whatever is heard is written to the file `$FAKE_ACP_HEARD`; that
//! a `session/cancel` is waited for, to the file `$FAKE_ACP_WAITS`. After the last line it stays until the client asks
//! for more or goes away.
#![expect(clippy::disallowed_methods, reason = "a test makes its own files and processes")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, Write as _};
use std::process::ExitCode;

use serde_json::{Value, json};

/// Whatever went wrong, as a sentence.
type Fault = Box<dyn std::error::Error>;

fn main() -> ExitCode {
    match play() {
        Ok(code) => ExitCode::from(code),
        Err(fault) => {
            eprintln!("fake-acp-agent: {fault}");
            ExitCode::from(98)
        }
    }
}

fn play() -> Result<u8, Fault> {
    let path = std::env::args().nth(1).ok_or("a conversation has to be named")?;
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    let mut client = Client::default();
    for line in text.lines() {
        let line: Value = serde_json::from_str(line)?;
        let message = &line["msg"];
        match line["dir"].as_str() {
            Some("send") => {
                if !client.wait_for(message)? {
                    return Ok(0);
                }
            }
            Some("recv") => client.say(message)?,
            Some("do") => {
                if let Some(code) = act(message)? {
                    return Ok(code);
                }
            }
            Some("noise") => println!("{}", message.as_str().unwrap_or_default()),
            Some("note") => {}
            other => return Err(format!("what is {other:?}?").into()),
        }
    }
    while let Some(message) = client.hear()? {
        if message.get("id").is_some() {
            break;
        }
    }
    Ok(0)
}

/// Does something; the exit code when that is the end.
fn act(what: &Value) -> Result<Option<u8>, Fault> {
    if let Some(code) = what["die"].as_u64() {
        return Ok(Some(u8::try_from(code)?));
    }
    let command = what["shell"].as_str().ok_or("nothing to do")?;
    let mut shell = std::process::Command::new("sh");
    shell.args(["-c", command]).stdin(std::process::Stdio::null());
    let output = shell.output()?;
    if output.status.success() { Ok(None) } else { Err(format!("{command}: {output:?}").into()) }
}

/// The other side.
#[derive(Default)]
struct Client {
    /// Its numbers for requests, by the recorded ones.
    numbers: BTreeMap<String, Value>,
}

impl Client {
    /// Waits until the client says this; `false` when it has gone away.
    fn wait_for(&mut self, expected: &Value) -> Result<bool, Fault> {
        let method = expected["method"].as_str();
        if method == Some("session/cancel")
            && let Some(path) = std::env::var_os("FAKE_ACP_WAITS")
        {
            std::fs::write(path, "")?;
        }
        while let Some(message) = self.hear()? {
            let is_answer = method.is_none() && message.get("method").is_none() && message["id"] == expected["id"];
            if is_answer || method.is_some() && message["method"].as_str() == method {
                self.numbers.insert(expected["id"].to_string(), message["id"].clone());
                return Ok(true);
            }
            if message.get("method").is_some() && message.get("id").is_some() {
                self.print(&json!({ "jsonrpc": "2.0", "id": message["id"], "result": {} }))?;
            }
        }
        Ok(false)
    }

    fn hear(&self) -> Result<Option<Value>, Fault> {
        let mut line = String::new();
        if std::io::stdin().lock().read_line(&mut line)? == 0 {
            return Ok(None);
        }
        if let Some(path) = std::env::var_os("FAKE_ACP_HEARD") {
            std::fs::OpenOptions::new().append(true).create(true).open(path)?.write_all(line.as_bytes())?;
        }
        Ok(Some(serde_json::from_str(&line)?))
    }

    fn say(&self, message: &Value) -> Result<(), Fault> {
        let mut message = message.clone();
        let number = self.numbers.get(&message["id"].to_string());
        if let Some(number) = number.filter(|_| message.get("method").is_none()) {
            message["id"] = number.clone();
        }
        self.print(&message)
    }

    fn print(&self, message: &Value) -> Result<(), Fault> {
        let mut out = std::io::stdout().lock();
        writeln!(out, "{message}")?;
        Ok(out.flush()?)
    }
}
