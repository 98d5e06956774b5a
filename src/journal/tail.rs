//! Reads the journal of a run that lives elsewhere, record by record as they come, without ever changing it.
//!
//! **Invariant:** what was read once is not read again, and each record is verified as a replay of the whole journal
//! would verify it. A torn tail is waited for: its writer is in the middle of it, or dead, and then a later life
//! of the run overwrites it.

use std::fs::File;
use std::io::{self, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use super::file::JournalError;
use super::record::{RecordFault, decode_first, decode_records};
use crate::scheduler::Event;

/// A journal that is being followed.
#[derive(Debug)]
pub struct Tail {
    path: PathBuf,
    /// Length in bytes of the part that was read: it ends with a whole record.
    len: u64,
    /// The number of the next line, counted from 1; 1: the header was not read yet.
    line: u64,
}

/// What a look at the journal brought.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct More {
    /// Events with their running time in milliseconds, in their order.
    pub events: Vec<(u64, Event)>,
    /// Whether these are all, because what was read before does not stand there any more: a record whose write
    /// failed was taken back.
    pub anew: bool,
}

impl Tail {
    /// Follows the journal at this path from its beginning.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self { path: path.to_owned(), len: 0, line: 1 }
    }

    /// The records that are whole now and were not read yet.
    ///
    /// # Errors
    /// [`JournalError::Disk`] when it cannot be read, [`JournalError::Faulty`] when it is damaged.
    pub fn more(&mut self) -> Result<More, JournalError> {
        let disk = |source| JournalError::Disk { action: "read", path: self.path.clone(), source };
        let length = std::fs::metadata(&self.path).map_err(disk)?.len();
        if length == self.len {
            return Ok(More::default());
        }
        let anew = length < self.len;
        if anew {
            *self = Self::new(&self.path);
        }
        let disk = |source| JournalError::Disk { action: "read", path: self.path.clone(), source };
        let bytes = self.read_rest().map_err(disk)?;
        let events = self.take_in(&bytes).map_err(|fault| JournalError::Faulty { path: self.path.clone(), fault })?;
        Ok(More { events, anew })
    }

    fn read_rest(&self) -> io::Result<Vec<u8>> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(self.len))?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn take_in(&mut self, bytes: &[u8]) -> Result<Vec<(u64, Event)>, RecordFault> {
        let (header, first_line) = if self.line == 1 { (decode_first(bytes)?.1, 2) } else { (0, self.line) };
        let (events, whole) = decode_records(&bytes[header..], first_line)?;
        self.len += (header + whole) as u64;
        self.line = first_line + events.len() as u64;
        Ok(events)
    }
}

#[cfg(test)]
mod tests {
    use super::super::record::{Header, header_line, record_line};
    use super::super::{Journal, read};
    use super::*;

    fn begun() -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("journal.jsonl");
        let header = Header::new("r".to_owned().try_into().expect("a run id"), "1", "now");
        std::fs::write(&path, header_line(&header).expect("a line")).expect("written");
        (folder, path)
    }

    fn append(path: &Path, bytes: &[u8]) {
        let mut file = std::fs::OpenOptions::new().append(true).open(path).expect("a journal");
        io::Write::write_all(&mut file, bytes).expect("written");
    }

    fn tick(seq: u64) -> Vec<u8> {
        record_line(seq, seq * 10, &Event::Tick).expect("a line")
    }

    fn times(more: More) -> Vec<u64> {
        more.events.into_iter().map(|(at, _)| at).collect()
    }

    #[test]
    fn each_record_is_told_once_and_the_whole_is_what_a_replay_reads() {
        let (_folder, path) = begun();
        let mut tail = Tail::new(&path);
        assert_eq!(tail.more().expect("readable"), More::default());
        append(&path, &tick(1));
        append(&path, &tick(2));
        assert_eq!(times(tail.more().expect("readable")), [10, 20]);
        assert_eq!(tail.more().expect("readable"), More::default());
        append(&path, &tick(3));
        assert_eq!(times(tail.more().expect("readable")), [30]);
        assert_eq!(read(&path).expect("readable").events.len(), 3);
    }

    #[test]
    fn a_record_that_is_half_written_is_waited_for() {
        let (_folder, path) = begun();
        let mut tail = Tail::new(&path);
        let (line, next) = (tick(1), tick(2));
        let mut told = 0;
        for byte in line.iter().chain(&next) {
            append(&path, &[*byte]);
            told += tail.more().expect("a torn tail is calm").events.len();
        }
        assert_eq!(told, 2);
    }

    #[test]
    fn a_later_life_that_overwrites_a_torn_tail_is_followed() {
        let (_folder, path) = begun();
        let mut tail = Tail::new(&path);
        append(&path, &tick(1));
        append(&path, &tick(2)[..30]);
        assert_eq!(times(tail.more().expect("readable")), [10]);
        let (mut journal, replayed) = Journal::open(&path).expect("it can be resumed");
        assert!(replayed.torn.is_some());
        assert_eq!(tail.more().expect("readable"), More::default());
        journal.append(77, &Event::DiskOk).expect("appended");
        assert_eq!(tail.more().expect("readable").events, [(77, Event::DiskOk)]);
    }

    #[test]
    fn a_record_that_was_taken_back_is_told_no_longer() {
        let (_folder, path) = begun();
        let mut tail = Tail::new(&path);
        append(&path, &tick(1));
        let kept = std::fs::metadata(&path).expect("a journal").len();
        append(&path, &tick(2));
        assert_eq!(times(tail.more().expect("readable")), [10, 20]);
        std::fs::OpenOptions::new().write(true).open(&path).expect("a journal").set_len(kept).expect("cut");
        let more = tail.more().expect("readable");
        assert!(more.anew);
        assert_eq!(times(more), [10]);
    }

    #[test]
    fn damage_and_lines_out_of_order_are_faults_with_their_line() {
        let (_folder, path) = begun();
        let mut tail = Tail::new(&path);
        append(&path, &tick(1));
        tail.more().expect("readable");
        append(&path, &tick(3));
        let fault = tail.more().expect_err("a line is missing").to_string();
        assert!(fault.contains("line 3") && fault.contains("number 3"), "{fault}");
        let (_folder, path) = begun();
        let mut tail = Tail::new(&path);
        append(&path, &tick(1));
        tail.more().expect("readable");
        let mut damaged = tick(2);
        damaged[9] ^= 1;
        append(&path, &damaged);
        assert_eq!(tail.more().expect("it may still be torn"), More::default());
        append(&path, &tick(3));
        let fault = tail.more().expect_err("damage").to_string();
        assert!(fault.contains("line 3"), "{fault}");
    }
}
