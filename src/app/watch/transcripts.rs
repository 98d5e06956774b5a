//! What the sessions of a run said, from their logs: they are not in the journal.
//!
//! Only the tails of the logs that are needed are read, and none is kept longer than it is needed.

use std::collections::BTreeMap;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use crate::domain::activity::Activity;
use crate::effects::backend::{self, Reader, Settings};
use crate::effects::heard::{Heard, WINDOW, length, lives};
use crate::effects::paths::RunDir;
use crate::effects::session_record::SessionRecord;
use crate::effects::times::Times;
use crate::scheduler::Job;

/// Up to where a session is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Until {
    /// What it says now; the times do not matter.
    Now,
    /// All that it said so far; a line may be in the middle of being written.
    SoFar,
    /// All that it ever said.
    End,
    /// Exactly what was said up to this running time in milliseconds.
    Moment(u64),
}

/// A place in all that a job said: which of its lives, and how many bytes of its log.
pub type Mark = (usize, u64);

/// One thing that was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// Where the line ends that says it.
    pub mark: Mark,
    /// When, in running milliseconds, where that is known.
    pub at: Option<u64>,
    /// What.
    pub activity: Activity,
}

/// The logs of one run.
pub struct Transcripts {
    run_dir: RunDir,
    open: BTreeMap<PathBuf, Open>,
    /// Counts the times that everything was told; what was not needed since the last time is let go.
    turn: u64,
}

/// A log that was read, and may be read on.
struct Open {
    heard: Heard,
    /// Another file under this name is another log.
    inode: u64,
    /// Up to where it was read.
    end: u64,
    turn: u64,
}

impl Transcripts {
    /// Of this run; nothing is read yet.
    #[must_use]
    pub fn new(run_dir: RunDir) -> Self {
        Self { run_dir, open: BTreeMap::new(), turn: 0 }
    }

    /// Everything is about to be told again.
    pub fn next_turn(&mut self) {
        let last = self.turn;
        self.open.retain(|_, log| log.turn >= last);
        self.turn += 1;
    }

    /// Nothing of this session is needed any more.
    pub fn let_go(&mut self, job: &Job) {
        for (log, _) in lives(&self.run_dir.log(job), &self.run_dir.times(job)) {
            self.open.remove(&log);
        }
    }

    /// What a session said behind `after`, oldest first. A log that cannot be read says nothing.
    pub fn said(&mut self, job: &Job, until: Until, after: Option<Mark>) -> Vec<Spoken> {
        let logs = lives(&self.run_dir.log(job), &self.run_dir.times(job));
        let mut said = Vec::new();
        for (life, (log, times)) in logs.iter().enumerate() {
            if after.is_some_and(|after| life < after.0) {
                continue;
            }
            let times = if until == Until::Now { Times::default() } else { Times::read(times) };
            let until = if life + 1 < logs.len() && until == Until::SoFar { Until::End } else { until };
            self.of_one_life(job, life, log, &times, until, &mut said);
        }
        said.retain(|one| after.is_none_or(|after| one.mark > after));
        said
    }

    fn of_one_life(&mut self, job: &Job, life: usize, log: &Path, times: &Times, until: Until, said: &mut Vec<Spoken>) {
        let end = match until {
            Until::Now | Until::SoFar | Until::End => u64::MAX,
            // Without an index nothing is known of when it was said.
            Until::Moment(_) if times.is_empty() => return,
            Until::Moment(ms) => times.bytes_at(ms),
        };
        let Some(heard) = self.heard(job, log, end, until == Until::End) else { return };
        let up_to = heard.said().filter(|one| one.end <= end);
        said.extend(up_to.map(|one| Spoken {
            mark: (life, one.end),
            at: times.said_at(one.end),
            activity: one.activity.clone(),
        }));
    }

    /// The log as it reads up to `end`, with what was appended to it meanwhile.
    fn heard(&mut self, job: &Job, log: &Path, end: u64, is_over: bool) -> Option<&Heard> {
        let inode = std::fs::metadata(log).ok()?.ino();
        let fits = |open: &Open| open.inode == inode && (open.end == end || (open.end > end && open.heard.is_whole()));
        if !self.open.get(log).is_some_and(fits) {
            let open = self.open_log(job, log, end)?;
            self.open.insert(log.to_owned(), Open { inode, ..open });
        }
        let open = self.open.get_mut(log)?;
        open.turn = self.turn;
        open.heard.listen().ok()?;
        if is_over {
            open.heard.end();
        }
        Some(&open.heard)
    }

    /// A log that is small enough is read as a whole: a replay then needs no other part of it.
    fn open_log(&self, job: &Job, log: &Path, end: u64) -> Option<Open> {
        if end != u64::MAX && length(log) <= WINDOW {
            let mut heard = Heard::new(log, u64::MAX, self.reader(job)?);
            heard.listen().ok()?;
            if heard.is_whole() {
                return Some(Open { heard, inode: 0, end: u64::MAX, turn: 0 });
            }
        }
        Some(Open { heard: Heard::new(log, end, self.reader(job)?), inode: 0, end, turn: 0 })
    }

    /// Who can read the log; nobody when the session was never started, or by a program that this one does not know.
    fn reader(&self, job: &Job) -> Option<Box<dyn Reader>> {
        let record = SessionRecord::of(&self.run_dir, job)?;
        let backend = backend::backend(&record.backend, Settings::default(), PathBuf::new()).ok()?;
        Some(backend.reader())
    }
}

#[cfg(test)]
mod tests;
