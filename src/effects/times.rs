//! `jobs/<job>/times`: how far a session's log had grown when, so that what was said can be told along the time.
//!
//! The log holds exactly what the agent wrote, and therefore no times of ours. A line `<running ms> <bytes>` says: at that
//! time, so many bytes of the log had been read. Nothing is decided by it; when it is lost, only a replay is coarser.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use super::fs::open_append;

/// The file's name in the directory of the job.
pub(super) const FILE_NAME: &str = "times";

/// The shortest time between two lines, in milliseconds.
const INTERVAL: u64 = 1_000;

/// So many lines are written while a session's age doubles, once it is older than an hour or so: a session of a week has
/// some 25,000 of them.
const LINES_AN_AGE: u64 = 4_096;

/// Where a log stood at one time: running milliseconds and bytes.
type Stand = (u64, u64);

/// Writes the index while the log is followed. It never fails: without it a replay is only coarser.
#[derive(Debug)]
pub struct TimesWriter {
    path: PathBuf,
    /// `None`: nothing was written yet, or it cannot be.
    file: Option<File>,
    broken: bool,
    first: Option<u64>,
    last: Option<Stand>,
    /// Seen, but too soon after the last line to be written.
    pending: Option<Stand>,
}

impl TimesWriter {
    /// Goes on with the index at this path; what it holds already is not said again.
    #[must_use]
    pub fn going_on(path: &Path) -> Self {
        let known = Times::read(path).0;
        Self {
            path: path.to_owned(),
            file: None,
            broken: false,
            first: known.first().map(|stand| stand.0),
            last: known.last().copied(),
            pending: None,
        }
    }

    /// The log was read up to this many bytes.
    pub fn grew(&mut self, now: u64, bytes: u64) {
        let interval = INTERVAL.max(now.saturating_sub(self.first.unwrap_or(now)) / LINES_AN_AGE);
        if let Some(pending) = self.pending.filter(|pending| now >= pending.0 + interval) {
            // Silence came after it: it would be told much too late if it waited for what comes now.
            let earliest = self.last.map_or(0, |last| last.0 + interval);
            self.write((pending.0.max(earliest), pending.1));
        }
        if self.last.is_none_or(|last| now >= last.0 + interval) {
            self.write((now, bytes));
        } else {
            self.pending = Some((now, bytes));
        }
    }

    /// The session is over, and the log was read to its end.
    pub fn ended(&mut self, now: u64, bytes: u64) {
        self.write((now, bytes));
    }

    fn write(&mut self, stand: Stand) {
        self.pending = None;
        if self.broken || self.last.is_some_and(|last| stand.1 <= last.1) {
            return;
        }
        let line = format!("{} {}\n", stand.0, stand.1);
        if self.file.is_none() {
            self.file = open_append(&self.path).ok();
        }
        // One write for each line, so that only the last can be torn.
        self.broken = self.file.as_mut().is_none_or(|file| file.write_all(line.as_bytes()).is_err());
        self.first = self.first.or(Some(stand.0));
        self.last = Some(stand);
    }
}

/// An index as it was read; times and bytes only ever grow.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Times(Vec<Stand>);

impl Times {
    /// Reads an index. Lines that are torn or out of order are left out; one that is not there is empty.
    #[must_use]
    pub fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let mut stands: Vec<Stand> = Vec::new();
        for line in whole.lines() {
            let stand = line.split_once(' ').and_then(|(ms, bytes)| Some((ms.parse().ok()?, bytes.parse().ok()?)));
            let Some((ms, bytes)) = stand else { continue };
            if stands.last().is_none_or(|last| ms >= last.0 && bytes > last.1) {
                stands.push((ms, bytes));
            }
        }
        Self(stands)
    }

    /// Whether it says nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// When the log was read up to here, in running milliseconds. `None`: after the last line of the index.
    #[must_use]
    pub fn said_at(&self, bytes: u64) -> Option<u64> {
        self.0.get(self.0.partition_point(|stand| stand.1 < bytes)).map(|stand| stand.0)
    }

    /// How many bytes of the log had been read at this time.
    #[must_use]
    pub fn bytes_at(&self, ms: u64) -> u64 {
        let known = self.0.partition_point(|stand| stand.0 <= ms);
        known.checked_sub(1).map_or(0, |last| self.0[last].1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(seen: &[Stand], end: Option<Stand>) -> (tempfile::TempDir, PathBuf) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        let mut writer = TimesWriter::going_on(&path);
        for (now, bytes) in seen {
            writer.grew(*now, *bytes);
        }
        if let Some((now, bytes)) = end {
            writer.ended(now, bytes);
        }
        (folder, path)
    }

    #[test]
    fn there_is_at_most_one_line_a_second_and_the_end_is_always_there() {
        let seen: Vec<Stand> = (0..100).map(|n| (10_000 + n * 100, 50 + n)).collect();
        let (_folder, path) = written(&seen, Some((19_950, 400)));
        let times = Times::read(&path);
        assert!(times.0.len() <= 11, "{times:?}");
        assert_eq!(times.0.first(), Some(&(10_000, 50)));
        assert_eq!(times.0.last(), Some(&(19_950, 400)));
    }

    #[test]
    fn what_was_said_before_a_long_silence_is_not_told_after_it() {
        let (_folder, path) = written(&[(1_000, 10), (1_300, 20), (600_000, 30)], None);
        assert_eq!(Times::read(&path).said_at(20), Some(2_000));
        assert_eq!(Times::read(&path).said_at(30), Some(600_000));
    }

    #[test]
    fn a_week_of_talking_stays_small() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        let mut writer = TimesWriter::going_on(&path);
        for second in 0..7 * 24 * 3_600 {
            writer.grew(second * 1_000, second + 1);
        }
        let size = std::fs::metadata(&path).unwrap().len();
        assert!(size < 600_000, "{size} bytes");
    }

    #[test]
    fn times_and_bytes_lead_to_each_other() {
        let (_folder, path) = written(&[(1_000, 10), (5_000, 70)], Some((9_000, 90)));
        let times = Times::read(&path);
        assert_eq!([0, 999, 1_000, 4_999, 5_000, 99_999].map(|ms| times.bytes_at(ms)), [0, 0, 10, 10, 70, 90]);
        assert_eq!(
            [0, 10, 11, 90].map(|bytes| times.said_at(bytes)),
            [Some(1_000), Some(1_000), Some(5_000), Some(9_000)]
        );
        assert_eq!(times.said_at(91), None);
    }

    #[test]
    fn a_torn_line_and_nonsense_are_left_out_and_a_missing_file_is_empty() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(FILE_NAME);
        std::fs::write(&path, "1 10\nnonsense\n5 8\n6 20\n7 300").unwrap();
        assert_eq!(Times::read(&path), Times(vec![(1, 10), (6, 20)]));
        assert!(Times::read(&folder.path().join("none")).is_empty());
    }

    #[test]
    fn a_second_life_that_reads_the_log_again_says_nothing_twice() {
        let (_folder, path) = written(&[(1_000, 10), (5_000, 70)], None);
        let mut writer = TimesWriter::going_on(&path);
        writer.grew(8_000, 60);
        writer.ended(8_000, 95);
        assert_eq!(Times::read(&path), Times(vec![(1_000, 10), (5_000, 70), (8_000, 95)]));
    }

    #[test]
    fn an_index_that_cannot_be_written_hurts_nobody() {
        let mut writer = TimesWriter::going_on(Path::new("/nonexistent/times"));
        writer.grew(1, 1);
        writer.ended(2, 2);
    }
}
