//! One session's log, read by the reader of its backend and put into lines.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::app::refusal::Refusal;
use crate::effects::backend::{self, Ended, Reader, Settings};
use crate::effects::follow::{Follow, Line};
use crate::effects::host::spec::HostExit;
use crate::effects::paths::RunDir;
use crate::effects::session_record::SessionRecord;
use crate::scheduler::Job;
use crate::ui::stream::{self, Stream};

/// Where lines go: to standard output, or at first into a ring that keeps the last ones.
pub struct Out<W> {
    to: W,
    /// The heading that stands above what was written last.
    heading: Option<String>,
    ring: Option<Ring>,
}

struct Ring {
    room: usize,
    lines: VecDeque<(String, String)>,
}

impl<W: Write> Out<W> {
    /// With `tail`, only the last lines of what comes before [`Self::catch_up`] are shown.
    pub fn new(to: W, tail: Option<u32>) -> Self {
        let room = tail.map(|n| usize::try_from(n).unwrap_or(usize::MAX));
        Self { to, heading: None, ring: room.map(|room| Ring { room, lines: VecDeque::new() }) }
    }

    /// For bytes that are not to be looked at.
    pub fn bytes(&mut self) -> &mut W {
        &mut self.to
    }

    fn line(&mut self, heading: &str, line: String) -> io::Result<()> {
        let Some(ring) = &mut self.ring else { return self.write(heading, &line) };
        if ring.lines.len() == ring.room {
            ring.lines.pop_front();
        }
        ring.lines.push_back((heading.to_owned(), line));
        Ok(())
    }

    /// Shows what the ring kept; what comes from now on is shown at once.
    pub fn catch_up(&mut self) -> io::Result<()> {
        let lines = self.ring.take().map(|ring| ring.lines).unwrap_or_default();
        lines.iter().try_for_each(|(heading, line)| self.write(heading, line))
    }

    fn write(&mut self, heading: &str, line: &str) -> io::Result<()> {
        if self.heading.as_deref() != Some(heading) {
            let gap = if self.heading.is_some() { "\n" } else { "" };
            writeln!(self.to, "{gap}{heading}")?;
            self.heading = Some(heading.to_owned());
        }
        writeln!(self.to, "{line}")
    }
}

/// One session that is listened to.
pub struct Listening {
    record: SessionRecord,
    heading: String,
    log: PathBuf,
    error_log: PathBuf,
    exit: PathBuf,
    follow: Follow,
    reader: Box<dyn Reader>,
    stream: Stream,
    /// Whether its end was told.
    closed: bool,
}

impl Listening {
    /// From the beginning of its log.
    pub fn new(record: &SessionRecord, run_dir: &RunDir) -> Result<Self, Refusal> {
        let log = run_dir.log(&record.job);
        Ok(Self {
            heading: stream::heading(&record.job, &record.backend, record.model.as_deref()),
            follow: Follow::new(&log),
            error_log: run_dir.error_log(&record.job),
            exit: run_dir.exit(&record.job),
            reader: reader(&record.backend)?,
            stream: Stream::default(),
            closed: false,
            record: record.clone(),
            log,
        })
    }

    /// Which session.
    pub fn job(&self) -> &Job {
        &self.record.job
    }

    /// Shows what is new, and its end if that has come.
    pub fn listen<W: Write>(&mut self, out: &mut Out<W>) -> io::Result<()> {
        // Asked first, so that all that was written before the end is read before it is told.
        let exit = HostExit::read(&self.exit).ok();
        if self.closed && exit.is_none() {
            self.begin_again()?;
        }
        while self.read(out, Part::New)? > 0 {}
        match exit {
            Some(exit) if !self.closed => self.tell_end(&exit, out),
            Some(_) | None => Ok(()),
        }
    }

    /// Says that nothing more is to be expected, if no end was seen.
    pub fn close<W: Write>(&mut self, out: &mut Out<W>, live: bool) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        self.closed = true;
        self.read(out, Part::Unended)?;
        let how = if live { "-- still at work" } else { "-- cut short: its runner is gone" };
        out.line(&self.heading, how.to_owned())
    }

    /// The job is done again, in a log of its own.
    fn begin_again(&mut self) -> io::Result<()> {
        self.closed = false;
        self.stream = Stream::default();
        self.reader = reader(&self.record.backend).map_err(|_| io::ErrorKind::InvalidData)?;
        Ok(())
    }

    fn tell_end<W: Write>(&mut self, exit: &HostExit, out: &mut Out<W>) -> io::Result<()> {
        self.closed = true;
        self.read(out, Part::Unended)?;
        let conclusion = self.reader.conclude(&Ended {
            code: exit.code,
            signal: exit.signal,
            failed_to_start: exit.failed_to_start.clone(),
            stderr_tail: crate::effects::steps::ear::error_tail(&self.error_log),
            at: None,
        });
        out.line(&self.heading, stream::end(conclusion.failure.as_ref(), conclusion.usage, exit.took_ms))
    }

    fn read<W: Write>(&mut self, out: &mut Out<W>, part: Part) -> io::Result<u64> {
        let Self { heading, log, follow, reader, stream, .. } = self;
        let mut told = Ok(());
        let mut on_line = |line: Line<'_>| {
            if told.is_ok() {
                told = show(line, log, reader.as_mut(), stream, |text| out.line(heading, text));
            }
        };
        let n_read = match part {
            Part::New => follow.now(&mut on_line)?,
            Part::Unended => {
                follow.end(&mut on_line);
                0
            }
        };
        told.map(|()| n_read)
    }
}

/// Which part of a log is read.
enum Part {
    /// The lines that have come since.
    New,
    /// The last line, which no line break ended.
    Unended,
}

fn show(
    line: Line<'_>,
    log: &Path,
    reader: &mut dyn Reader,
    stream: &mut Stream,
    mut tell: impl FnMut(String) -> io::Result<()>,
) -> io::Result<()> {
    let activities = if line.cut { reader.oversized(log, line.offset, line.len) } else { reader.line(line.bytes) };
    activities.iter().flat_map(|activity| stream.lines(activity)).try_for_each(&mut tell)
}

fn reader(name: &str) -> Result<Box<dyn Reader>, Refusal> {
    // A reader needs nothing of the settings, and nothing is started.
    let backend = backend::backend(name, Settings::default(), PathBuf::new());
    backend.map(|backend| backend.reader()).map_err(Refusal::environment)
}
