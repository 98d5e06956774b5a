//! What a session said, read from its log by the backend that knows its language: the last of it, each with where it ended.
//!
//! **Invariant:** a log of any size costs the time and the room of its tail. Nothing is read before [`WINDOW`] bytes from
//! the end of interest, and no more is kept than a screen can show.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::backend::Reader;
use super::follow::{Follow, Line};
use crate::domain::activity::Activity;

/// Bytes of a log, counted from its end, in which what was said last is looked for.
pub const WINDOW: u64 = 8 * 1024 * 1024;

/// Activities that are kept at most, and bytes of their texts.
const KEPT_MAX: usize = 4_000;
const KEPT_BYTES_MAX: usize = 1024 * 1024;

/// About so many bytes are read at one go.
const TURN: u64 = 1024 * 1024;

/// One thing that a session said or did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Where in the log the line ends that says it.
    pub end: u64,
    /// What.
    pub activity: Activity,
}

/// The last that a session said, bounded.
pub struct Heard {
    log: PathBuf,
    follow: Follow,
    reader: Box<dyn Reader>,
    kept: Kept,
    /// Where in the log it began to listen.
    begin: u64,
}

impl Heard {
    /// Listens to a log from [`WINDOW`] bytes before `end`, up to there; `u64::MAX`: from its present end, and on.
    #[must_use]
    pub fn new(log: &Path, end: u64, reader: Box<dyn Reader>) -> Self {
        let length = std::fs::metadata(log).map_or(0, |data| data.len());
        let begin = length.min(end).saturating_sub(WINDOW);
        let follow = Follow::part(log, begin, end);
        Self { log: log.to_owned(), follow, reader, kept: Kept::default(), begin }
    }

    /// Takes in what the log holds by now, up to its end of interest.
    ///
    /// # Errors
    /// The log exists and cannot be read.
    pub fn listen(&mut self) -> io::Result<()> {
        let Self { log, follow, reader, kept, .. } = self;
        // What somebody writes meanwhile does not keep this going for ever.
        for _ in 0..=2 * WINDOW / TURN {
            if follow.now(&mut |line| kept.take(read_line(reader.as_mut(), log, line), line))? == 0 {
                break;
            }
        }
        Ok(())
    }

    /// Hands over a last line that no line break ended, because nobody will.
    pub fn end(&mut self) {
        let Self { log, follow, reader, kept, .. } = self;
        follow.end(&mut |line| kept.take(read_line(reader.as_mut(), log, line), line));
    }

    /// Whether nothing of it was left out or let go: a part of it then needs no reading of its own.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.begin == 0 && !self.kept.let_go
    }

    /// What is kept, oldest first.
    pub fn said(&self) -> impl Iterator<Item = &Said> {
        self.kept.said.iter()
    }
}

/// The last that was said.
#[derive(Default)]
struct Kept {
    said: VecDeque<Said>,
    bytes: usize,
    /// Whether there was too much to keep.
    let_go: bool,
}

impl Kept {
    fn take(&mut self, activities: Vec<Activity>, line: Line<'_>) {
        let end = line.offset + line.len;
        for activity in activities {
            self.bytes += size(&activity);
            self.said.push_back(Said { end, activity });
        }
        while self.said.len() > KEPT_MAX || self.bytes > KEPT_BYTES_MAX {
            let Some(gone) = self.said.pop_front() else { break };
            self.bytes -= size(&gone.activity);
            self.let_go = true;
        }
    }
}

/// What a line of a log says.
#[must_use]
pub fn read_line(reader: &mut dyn Reader, log: &Path, line: Line<'_>) -> Vec<Activity> {
    if line.cut { reader.oversized(log, line.offset, line.len) } else { reader.line(line.bytes) }
}

fn size(activity: &Activity) -> usize {
    let texts = match activity {
        Activity::Identified(_) => 0,
        Activity::Text(text) => text.len(),
        Activity::ToolStarted { name, summary, .. } | Activity::SubAgentStarted { name, summary, .. } => {
            name.len() + summary.len()
        }
        Activity::ToolEnded { summary, .. } | Activity::SubAgentProgress { summary, .. } => summary.len(),
        Activity::SubAgentEnded { name, .. } => name.len(),
        Activity::Retrying { reason, .. } => reason.len(),
    };
    texts + size_of::<Said>()
}

/// The log of the `n`th earlier life of a job, counted from 1.
#[must_use]
pub fn earlier_log(log: &Path, n: u32) -> PathBuf {
    log.with_extension(format!("earlier-{n}.log"))
}

/// The times of the `n`th earlier life of a job, counted from 1.
#[must_use]
pub fn earlier_times(times: &Path, n: u32) -> PathBuf {
    times.with_extension(format!("earlier-{n}"))
}

/// The logs of all lives of a job with their times, oldest first; the newest may not exist yet.
#[must_use]
pub fn lives(log: &Path, times: &Path) -> Vec<(PathBuf, PathBuf)> {
    let earlier = (1..).map(|n| (earlier_log(log, n), earlier_times(times, n))).take_while(|(log, _)| log.exists());
    earlier.chain([(log.to_owned(), times.to_owned())]).collect()
}

/// The length of a log in bytes; 0 when there is none.
#[must_use]
pub fn length(log: &Path) -> u64 {
    File::open(log).and_then(|file| file.metadata()).map_or(0, |data| data.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::effects::backend::{Settings, backend};

    fn reader() -> Box<dyn Reader> {
        backend("command", Settings { argv: vec!["true".to_owned()], ..Settings::default() }, PathBuf::new())
            .unwrap()
            .reader()
    }

    fn texts(heard: &Heard) -> Vec<String> {
        heard.said().map(|said| format!("{:?}", said.activity)).collect()
    }

    #[test]
    fn of_a_large_log_only_the_tail_is_read_and_little_is_kept() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let file = File::create(&log).unwrap();
        // A hole: nothing of it is on the disk, and reading it would take its time.
        file.set_len(64 * 1024 * 1024 * 1024).unwrap();
        drop(file);
        let line = format!("{}\n", "x".repeat(200));
        let mut end = std::fs::OpenOptions::new().append(true).open(&log).unwrap();
        io::Write::write_all(&mut end, ("\n".to_owned() + &line.repeat(30_000)).as_bytes()).unwrap();
        io::Write::write_all(&mut end, b"the last one\n").unwrap();
        let mut heard = Heard::new(&log, u64::MAX, reader());
        heard.listen().unwrap();
        assert!(heard.kept.said.len() <= KEPT_MAX && heard.kept.bytes <= KEPT_BYTES_MAX);
        assert!(texts(&heard).last().unwrap().contains("the last one"));
    }

    #[test]
    fn nothing_behind_the_end_of_interest_is_heard() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        std::fs::write(&log, "one\ntwo\nthree\n").unwrap();
        let mut heard = Heard::new(&log, 8, reader());
        heard.listen().unwrap();
        assert_eq!(heard.said().map(|said| said.end).collect::<Vec<_>>(), [3, 7]);
    }

    #[test]
    fn a_line_is_heard_once_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path().join("log");
        let mut heard = Heard::new(&log, u64::MAX, reader());
        heard.listen().unwrap();
        assert_eq!(texts(&heard).len(), 0, "there is no log yet");
        std::fs::write(&log, "one\nhalf").unwrap();
        heard.listen().unwrap();
        assert_eq!(texts(&heard).len(), 1);
        std::fs::write(&log, "one\nhalf a line\nlast").unwrap();
        heard.listen().unwrap();
        assert!(texts(&heard)[1].contains("half a line"));
        heard.end();
        assert!(texts(&heard)[2].contains("last"));
        assert!(heard.is_whole());
    }
}
