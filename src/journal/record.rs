//! The lines of a journal: one header, then one record per event, each sealed with a checksum; and how they are read back.

use serde::{Deserialize, Serialize};

use super::checksum::crc32;
use crate::domain::id::RunId;
use crate::scheduler::Event;

/// The layout of the lines. A journal with a higher number is refused.
pub const VERSION: u32 = 1;

/// What every record begins with. No event holds these bytes: in a JSON text the quotes would be escaped.
const RECORD_START: &[u8] = br#"{"seq":"#;

/// What stands between the content of a line and the eight hex digits of its checksum.
const SEAL: &[u8] = br#","sum":""#;

/// The seal, the digits, and `"}`.
const SEAL_LEN: usize = SEAL.len() + 8 + 2;

/// The first line of a journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// The layout of the lines; [`VERSION`].
    pub version: u32,
    /// The run whose journal it is.
    pub run: RunId,
    /// The version of the program that began it.
    pub program: String,
    /// When it was begun, for people.
    pub created: String,
}

impl Header {
    /// The header of a new journal.
    #[must_use]
    pub fn new(run: RunId, program: &str, created: &str) -> Self {
        Self { version: VERSION, run, program: program.to_owned(), created: created.to_owned() }
    }
}

/// One event as a line holds it. The order of the fields is the order on the disk.
#[derive(Serialize)]
struct RecordOut<'a> {
    seq: u64,
    at: u64,
    event: &'a Event,
}

#[derive(Deserialize)]
struct RecordIn {
    seq: u64,
    at: u64,
    event: Event,
}

/// All that a journal holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// Its first line.
    pub header: Header,
    /// The events in their order, each with its running time in milliseconds.
    pub events: Vec<(u64, Event)>,
    /// A last record that was never written to its end, if there is one.
    pub torn: Option<Torn>,
}

/// The rest of a write that was cut short by a crash; its event was never acted upon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Torn {
    /// Where it begins: length in bytes of the part of the journal that is whole.
    pub offset: u64,
    /// Its length in bytes.
    pub len: u64,
    /// The file beside the journal that now holds these bytes. `None`: they still stand in the journal.
    pub saved: Option<std::path::PathBuf>,
}

/// What is wrong with a journal. Lines are counted from 1; the header is line 1.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordFault {
    /// The first line is not there in full.
    #[error("line 1: it does not begin with the header of a journal")]
    NoHeader,
    /// A newer program wrote it.
    #[error(
        "line 1: it has layout {found}, and this program knows only up to {VERSION}: use the version of ralph-teams that began this run"
    )]
    Newer {
        /// The number in the header.
        found: u32,
    },
    /// A line that was once written whole has changed since.
    #[error("line {line}: it does not match its checksum, so it was damaged after it was written")]
    Damaged {
        /// The line.
        line: u64,
    },
    /// A whole line holds something that this program does not know.
    #[error("line {line}: it was written by another version of ralph-teams: {reason}")]
    Unknown {
        /// The line.
        line: u64,
        /// What is not understood.
        reason: String,
    },
    /// Lines are missing or were written twice.
    #[error("line {line}: it has number {found} where {expected} must stand, so lines are missing or doubled")]
    OutOfOrder {
        /// The line.
        line: u64,
        /// Its number.
        found: u64,
        /// The number that must stand there.
        expected: u64,
    },
}

/// The first line, line break included.
///
/// # Errors
/// None for the headers that exist; serde's signature has one.
pub fn header_line(header: &Header) -> serde_json::Result<Vec<u8>> {
    sealed(serde_json::to_vec(header)?)
}

/// The line of one event, line break included. `seq` counts from 1.
///
/// # Errors
/// None for the events that exist; serde's signature has one.
pub fn record_line(seq: u64, at: u64, event: &Event) -> serde_json::Result<Vec<u8>> {
    sealed(serde_json::to_vec(&RecordOut { seq, at, event })?)
}

fn sealed(mut line: Vec<u8>) -> serde_json::Result<Vec<u8>> {
    // The closing brace moves behind the checksum.
    line.pop();
    let digits = hex_digits(crc32(&line));
    for part in [SEAL, &digits, b"\"}\n"] {
        line.extend_from_slice(part);
    }
    Ok(line)
}

fn hex_digits(sum: u32) -> [u8; 8] {
    std::array::from_fn(|n| b"0123456789abcdef"[(sum >> (28 - 4 * n)) as usize & 0xF])
}

/// Whether the line (without its line break) is what was once written.
fn intact(line: &[u8]) -> bool {
    let Some(end) = line.len().checked_sub(SEAL_LEN) else { return false };
    let (content, seal) = line.split_at(end);
    let digits = seal.strip_prefix(SEAL).and_then(|rest| rest.strip_suffix(b"\"}"));
    digits == Some(&hex_digits(crc32(content)))
}

/// Reads a whole journal. A torn tail is reported, not an error.
///
/// # Errors
/// The first [`RecordFault`]; then nothing of the journal can be relied upon.
pub fn decode(bytes: &[u8]) -> Result<Replayed, RecordFault> {
    let (header, begin) = decode_first(bytes)?;
    let (events, whole) = decode_records(&bytes[begin..], 2)?;
    let offset = begin + whole;
    let torn =
        (offset < bytes.len()).then(|| Torn { offset: offset as u64, len: (bytes.len() - offset) as u64, saved: None });
    Ok(Replayed { header, events, torn })
}

/// The header, and how long its line is.
pub(super) fn decode_first(bytes: &[u8]) -> Result<(Header, usize), RecordFault> {
    let first = bytes.iter().position(|&byte| byte == b'\n').ok_or(RecordFault::NoHeader)?;
    Ok((decode_header(&bytes[..first])?, first + 1))
}

/// Reads records that stand behind others, the first of them on line `number`; and how many bytes of them are whole.
/// What comes behind these is a torn tail.
pub(super) fn decode_records(bytes: &[u8], mut number: u64) -> Result<(Vec<(u64, Event)>, usize), RecordFault> {
    let mut events = Vec::new();
    let mut offset = 0;
    while offset < bytes.len() {
        let rest = &bytes[offset..];
        let end = rest.iter().position(|&byte| byte == b'\n');
        let line = &rest[..end.unwrap_or(rest.len())];
        if end.is_some() && intact(line) {
            events.push(decode_record(line, number)?);
            number += 1;
            offset += line.len() + 1;
        } else if end.is_some_and(|end| end + 1 < rest.len()) || holds_two(line) {
            return Err(RecordFault::Damaged { line: number });
        } else {
            break;
        }
    }
    Ok((events, offset))
}

/// Whether a second record begins inside this line. Only one record is ever in flight, so a torn tail cannot hold
/// two: the line break between them was damaged, and the first of them had been acknowledged.
fn holds_two(line: &[u8]) -> bool {
    line.windows(RECORD_START.len()).skip(1).any(|window| window == RECORD_START)
}

fn decode_header(line: &[u8]) -> Result<Header, RecordFault> {
    #[derive(Deserialize)]
    struct AnyHeader {
        version: u32,
    }
    // The version comes first: a newer layout may have another seal.
    let any: AnyHeader = serde_json::from_slice(line).map_err(|_| RecordFault::NoHeader)?;
    if any.version > VERSION {
        return Err(RecordFault::Newer { found: any.version });
    }
    if !intact(line) {
        return Err(RecordFault::Damaged { line: 1 });
    }
    serde_json::from_slice(line).map_err(|fault| RecordFault::Unknown { line: 1, reason: fault.to_string() })
}

fn decode_record(line: &[u8], number: u64) -> Result<(u64, Event), RecordFault> {
    let record: RecordIn = serde_json::from_slice(line)
        .map_err(|fault| RecordFault::Unknown { line: number, reason: fault.to_string() })?;
    let expected = number - 1;
    if record.seq != expected {
        return Err(RecordFault::OutOfOrder { line: number, found: record.seq, expected });
    }
    Ok((record.at, record.event))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheduler::event::Stop;

    fn header() -> Header {
        Header::new(RunId::new("20261120-101500-k3f9").expect("a run id"), "1.2.3", "2026-11-20T10:15:00+01:00")
    }

    fn journal(lines: &[Vec<u8>]) -> Vec<u8> {
        let mut bytes = header_line(&header()).expect("a line");
        bytes.extend(lines.concat());
        bytes
    }

    fn tick(seq: u64) -> Vec<u8> {
        record_line(seq, seq * 10, &Event::Tick).expect("a line")
    }

    #[test]
    fn a_line_is_plain_json_that_ends_in_its_checksum() {
        let line = record_line(1, 250, &Event::StopAsked { how: Stop::Graceful }).expect("a line");
        let text = String::from_utf8(line).expect("text");
        assert!(text.starts_with(r#"{"seq":1,"at":250,"event":{"stop-asked":{"how":"graceful"}},"sum":""#), "{text}");
        let value: serde_json::Value = serde_json::from_str(&text).expect("json");
        assert_eq!(value["sum"].as_str().map(str::len), Some(8));
    }

    #[test]
    fn what_was_written_is_read_back() {
        let replayed = decode(&journal(&[tick(1), tick(2)])).expect("a journal");
        assert_eq!(
            replayed,
            Replayed { header: header(), events: vec![(10, Event::Tick), (20, Event::Tick)], torn: None }
        );
    }

    #[test]
    fn a_newer_layout_is_refused_by_its_number() {
        let newer = Header { version: VERSION + 1, ..header() };
        assert_eq!(decode(&header_line(&newer).expect("a line")), Err(RecordFault::Newer { found: VERSION + 1 }));
        assert!(RecordFault::Newer { found: 9 }.to_string().contains("layout 9"));
    }

    #[test]
    fn an_event_that_this_program_does_not_know_is_refused_with_its_line() {
        let unknown = sealed(br#"{"seq":2,"at":5,"event":{"teleported":{"far":true}}}"#.to_vec()).expect("a line");
        match decode(&journal(&[tick(1), unknown])) {
            Err(RecordFault::Unknown { line: 3, reason }) => assert!(reason.contains("teleported"), "{reason}"),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn gaps_and_doubles_are_errors() {
        let gap = decode(&journal(&[tick(1), tick(3)]));
        assert_eq!(gap, Err(RecordFault::OutOfOrder { line: 3, found: 3, expected: 2 }));
        let double = decode(&journal(&[tick(1), tick(1)]));
        assert_eq!(double, Err(RecordFault::OutOfOrder { line: 3, found: 1, expected: 2 }));
    }

    #[test]
    fn a_lost_line_break_before_the_last_record_is_damage_and_not_a_torn_tail() {
        let mut bytes = journal(&[tick(1), tick(2), tick(3)]);
        let second_last = bytes.len() - tick(3).len() - 1;
        assert_eq!(bytes[second_last], b'\n');
        bytes[second_last] = b' ';
        assert_eq!(decode(&bytes), Err(RecordFault::Damaged { line: 3 }));
    }

    #[test]
    fn a_file_of_something_else_has_no_header() {
        assert_eq!(decode(b""), Err(RecordFault::NoHeader));
        assert_eq!(decode(b"hello\nworld\n"), Err(RecordFault::NoHeader));
    }
}
