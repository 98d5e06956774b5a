//! What is said at the desk's socket: one line of JSON for the request, then lines of JSON until the answer.

use std::io;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tokio::io::{AsyncBufRead, AsyncBufReadExt as _, AsyncReadExt as _};

/// The longest request, in bytes, with its line break. Nobody has so much to report.
pub const LONGEST_REQUEST: u64 = 1024 * 1024;

/// The longest line of the desk's, in bytes: what a validator is told of a large PRD.
pub const LONGEST_ANSWER: u64 = 16 * 1024 * 1024;

/// One call of a tool.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// The secret of the session.
    pub token: String,
    /// The name of the call: the same when it is made again because its connection broke, and of no other call.
    pub call: String,
    /// The tool's name.
    pub tool: String,
    /// What it is called with.
    #[serde(default)]
    pub arguments: Map<String, Value>,
}

/// What the desk says: any number of signs of life, then one answer. An answer may take as long as the work that was
/// asked for; while signs come, the caller waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Line {
    /// The call is still being worked on; in words, at what.
    Working(String),
    /// The last line.
    Answer(Answer),
}

/// The answer to a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    /// What the agent is told.
    pub text: String,
    /// Whether the call came to nothing; the text then says why, and what to do now.
    pub refused: bool,
}

impl Answer {
    /// It was done.
    #[must_use]
    pub fn done(text: impl Into<String>) -> Self {
        Self { text: text.into(), refused: false }
    }

    /// It was not done.
    #[must_use]
    pub fn refused(text: impl Into<String>) -> Self {
        Self { text: text.into(), refused: true }
    }
}

impl Line {
    /// The line, with its line break.
    #[must_use]
    pub fn bytes(&self) -> Vec<u8> {
        as_line(self)
    }
}

/// A value as one line.
pub(super) fn as_line(value: &impl Serialize) -> Vec<u8> {
    // Values of text keys and texts can always be written.
    let mut bytes = serde_json::to_vec(value).unwrap_or_default();
    bytes.push(b'\n');
    bytes
}

/// Reads a line of at most `longest` bytes. `None`: the other side closed before it ended its line.
///
/// # Errors
/// The line is longer, or the connection broke.
pub(super) async fn read_line(reader: &mut (impl AsyncBufRead + Unpin), longest: u64) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let n_read = reader.take(longest).read_until(b'\n', &mut line).await?;
    match line.last() {
        Some(b'\n') => Ok(Some(line)),
        Some(_) | None if n_read as u64 == longest => Err(io::ErrorKind::FileTooLarge.into()),
        Some(_) | None => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_line_is_read_whole_or_not_at_all() {
        for (bytes, expected) in [
            (&b"ab\ncd"[..], Some(Some(&b"ab\n"[..]))),
            (b"abc\n", Some(Some(b"abc\n"))),
            (b"abcd\n", None),
            (b"abc", Some(None)),
            (b"", Some(None)),
        ] {
            let mut reader = bytes;
            let read = read_line(&mut reader, 4).await.ok();
            assert_eq!(read, expected.map(|line| line.map(<[u8]>::to_vec)), "{bytes:?}");
        }
    }

    #[test]
    fn an_answer_is_one_line_whatever_it_says() {
        let line = Line::Answer(Answer::refused("a\nb")).bytes();
        assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
        assert_eq!(serde_json::from_slice::<Line>(&line).expect("JSON"), Line::Answer(Answer::refused("a\nb")));
    }
}
