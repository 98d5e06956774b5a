//! The calling side: carries one call to the desk, waits while signs of life come, and is patient with a runner that is away.

use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::io::{AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::{sleep, timeout};

use super::wire::{Answer, LONGEST_ANSWER, LONGEST_REQUEST, Line, Request, as_line, read_line};
use super::{DeskFault, random_token};

/// How long a runner that is away, or says nothing, is waited for; longer than the desk ever is silent.
pub const PATIENCE: Duration = Duration::from_secs(30);

/// How often it is looked for meanwhile.
const LOOK_AGAIN: Duration = Duration::from_millis(200);

/// How often a call is made whose connection breaks before the answer. Each time it has the same name, by which the desk
/// knows it: nothing is done twice for it.
const MOST_CALLS: u32 = 5;

/// In how many parts a wait is measured.
const SLICES: u32 = 30;

/// Why there is no answer; each text is for the agent.
#[derive(Debug, thiserror::Error)]
pub enum CallFault {
    /// Nobody listens.
    #[error("the runner is away and did not come back within {seconds} s: write the report file instead", seconds = .0.as_secs())]
    Away(Duration),
    /// The connection broke or fell silent again and again.
    #[error("the runner broke off each time, or fell silent, before it answered: write the report file instead")]
    BrokenOff,
    /// The call is longer than what the desk reads.
    #[error("the call is {0} bytes long, more than {LONGEST_REQUEST}: shorten it")]
    TooLong(usize),
    /// The call could be given no name.
    #[error("the call cannot be made ({0}): write the report file instead")]
    Nameless(#[from] DeskFault),
}

/// The way to the desk.
#[derive(Debug, Clone)]
pub struct Client {
    /// The path of the socket.
    pub socket: PathBuf,
    /// The secret of the session.
    pub token: String,
    /// How long a runner that is away, or says nothing, is waited for, while this process is not stopped.
    pub patience: Duration,
}

impl Client {
    /// Calls a tool. Signs of life go to `signs`. When this is dropped, the call is cancelled at the desk.
    ///
    /// # Errors
    /// There is no answer.
    pub async fn call(
        &self,
        tool: &str,
        arguments: Map<String, Value>,
        signs: UnboundedSender<String>,
    ) -> Result<Answer, CallFault> {
        let request = Request { token: self.token.clone(), call: random_token()?, tool: tool.to_owned(), arguments };
        let line = as_line(&request);
        if line.len() as u64 > LONGEST_REQUEST {
            return Err(CallFault::TooLong(line.len()));
        }
        for _ in 0..MOST_CALLS {
            let connected = awake_for(self.patience, self.connect()).await;
            let stream = connected.ok_or(CallFault::Away(self.patience))?;
            if let Some(answer) = self.answer_of(stream, &line, &signs).await {
                return Ok(answer);
            }
            sleep(LOOK_AGAIN).await;
        }
        Err(CallFault::BrokenOff)
    }

    async fn connect(&self) -> UnixStream {
        loop {
            match UnixStream::connect(&self.socket).await {
                Ok(stream) => return stream,
                Err(_) => sleep(LOOK_AGAIN).await,
            }
        }
    }

    /// The answer to one request; `None` when the connection broke, or fell silent, before it came.
    async fn answer_of(&self, stream: UnixStream, line: &[u8], signs: &UnboundedSender<String>) -> Option<Answer> {
        let (reader, mut writer) = stream.into_split();
        let mut reader = BufReader::new(reader);
        // A desk that refuses early has answered already, although it reads no more.
        let _ = awake_for(self.patience, writer.write_all(line)).await;
        loop {
            let line = awake_for(self.patience, read_line(&mut reader, LONGEST_ANSWER)).await?.ok()??;
            match serde_json::from_slice(&line).ok()? {
                Line::Answer(answer) => return Some(answer),
                // Nobody listens to signs when the caller is about to end.
                Line::Working(text) => drop(signs.send(text)),
            }
        }
    }
}

/// What comes of a piece of work, unless it takes longer than this while this process is awake. In a pause of the run it is
/// stopped together with the runner, and by the clock that is silence; so one part of the wait is all that a stop can cost.
async fn awake_for<T>(patience: Duration, work: impl Future<Output = T>) -> Option<T> {
    tokio::pin!(work);
    for _ in 0..SLICES {
        if let Ok(done) = timeout(patience / SLICES, &mut work).await {
            return Some(done);
        }
    }
    None
}
