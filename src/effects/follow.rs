//! Follows a log file that a hosted program writes: lines as bytes, in bounded memory whatever comes.
//!
//! The file belongs to the program: it may hold 300 MB without a line break, bytes that are no text, or be truncated
//! under our feet. Nothing here waits for an end of file, since a grandchild could hold the file open for ever: the
//! end is the program's exit, after which [`Follow::finish`] reads what is left.

use std::fs::{File, Metadata};
use std::io;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::clock;

/// Bytes of a line that are kept; the rest of a longer one is only counted.
pub const LINE_CAP: usize = 256 * 1024;

/// Bytes that one system call reads.
const CHUNK: usize = 64 * 1024;

/// Chunks that are read before other tasks get their turn.
const CHUNKS_A_TURN: u32 = 16;

/// How often a file is looked at: at first, and once it has been silent for a while.
const POLL_SOON: Duration = Duration::from_millis(100);
const POLL_SILENT: Duration = Duration::from_millis(250);

/// One line of the file, without its line break. It may hold any bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line<'a> {
    /// Its bytes, or the first [`LINE_CAP`] of them.
    pub bytes: &'a [u8],
    /// Where it begins in the file, so that a cut line can be read from there.
    pub offset: u64,
    /// Its full length in bytes.
    pub len: u64,
    /// Whether `bytes` is not all of it.
    pub cut: bool,
}

/// A file that is being followed from its beginning.
#[derive(Debug)]
pub struct Follow {
    path: PathBuf,
    file: Option<File>,
    chunk: Vec<u8>,
    /// Where in the file the next read begins.
    position: u64,
    /// Where the part ends that is of interest.
    end: u64,
    /// Whether the next line break ends a line of which only the rest would be seen.
    in_the_middle: bool,
    /// The beginning of the line that has not ended yet, and its length so far.
    line: Vec<u8>,
    line_len: u64,
    line_offset: u64,
    n_bytes: u64,
    quiet_since: Instant,
    /// Whether the last turn stopped before the end of the file.
    more_waits: bool,
    pause: Duration,
}

impl Follow {
    /// Follows a file from its beginning; it need not exist yet.
    #[must_use]
    pub fn new(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            file: None,
            chunk: vec![0; CHUNK],
            position: 0,
            end: u64::MAX,
            in_the_middle: false,
            line: Vec::new(),
            line_len: 0,
            line_offset: 0,
            n_bytes: 0,
            quiet_since: clock::now(),
            more_waits: false,
            pause: POLL_SOON,
        }
    }

    /// Follows a part of a file, up to byte `end`: from the first line that begins behind byte `begin`, or at it when
    /// it is 0. A file that is replaced by another is read from its beginning.
    #[must_use]
    pub fn part(path: &Path, begin: u64, end: u64) -> Self {
        let in_the_middle = begin > 0;
        Self { position: begin, line_offset: begin, end, in_the_middle, ..Self::new(path) }
    }

    /// Since when the file has not grown. Any byte is a sign of life, also one in the middle of a line.
    #[must_use]
    pub fn quiet_since(&self) -> Instant {
        self.quiet_since
    }

    /// Bytes seen so far.
    #[must_use]
    pub fn n_bytes(&self) -> u64 {
        self.n_bytes
    }

    /// Waits until the file has grown, hands every line that ended to `on_line`, and returns the bytes read (never 0).
    ///
    /// May be dropped at any time and called again without losing a line, so it fits in a `select!` with the
    /// program's exit.
    ///
    /// # Errors
    /// When the file exists but cannot be read.
    pub async fn more(&mut self, on_line: &mut impl FnMut(Line<'_>)) -> io::Result<u64> {
        if self.more_waits {
            // A flood must not keep the other tasks of this thread waiting.
            tokio::task::yield_now().await;
        }
        loop {
            let read = self.read_turn(u64::MAX, on_line)?;
            if read > 0 {
                self.pause = POLL_SOON;
                return Ok(read);
            }
            tokio::time::sleep(self.pause).await;
            self.pause = (self.pause + Duration::from_millis(50)).min(POLL_SILENT);
        }
    }

    /// Reads what is there now, without waiting, and returns the bytes read; at most about a megabyte a call. 0: there is
    /// nothing new.
    ///
    /// # Errors
    /// When the file exists but cannot be read.
    pub fn now(&mut self, on_line: &mut impl FnMut(Line<'_>)) -> io::Result<u64> {
        self.read_turn(u64::MAX, on_line)
    }

    /// Hands over the last line although no line break ended it, because nobody will.
    pub fn end(&mut self, on_line: &mut impl FnMut(Line<'_>)) {
        self.end_line(on_line);
    }

    /// Reads what is left after the program's exit, and hands over the last line even when no line break ended it.
    ///
    /// Nothing is waited for: a host ends after the whole tree, and what was written to a file is there at once. Ends
    /// although somebody may still write: what comes later than this call is not read.
    ///
    /// # Errors
    /// When the file exists but cannot be read.
    pub async fn finish(&mut self, on_line: &mut impl FnMut(Line<'_>)) -> io::Result<()> {
        // Never less than what was not read yet, and finite even if somebody writes for ever.
        let mut left = std::fs::metadata(&self.path).map_or(0, |metadata| metadata.len());
        while left > 0 {
            match self.read_turn(left, on_line)? {
                0 => break,
                read => left = left.saturating_sub(read),
            }
            tokio::task::yield_now().await;
        }
        self.end_line(on_line);
        Ok(())
    }

    /// Reads some chunks, at most about `limit` bytes. 0: there is nothing new.
    fn read_turn(&mut self, limit: u64, on_line: &mut impl FnMut(Line<'_>)) -> io::Result<u64> {
        let mut total = 0;
        for _ in 0..CHUNKS_A_TURN {
            let Some(read) = self.read_chunk(on_line)? else {
                self.more_waits = false;
                return Ok(total);
            };
            total += read;
            if total >= limit {
                break;
            }
        }
        self.more_waits = true;
        Ok(total)
    }

    /// Reads one chunk. `None`: there is nothing new.
    fn read_chunk(&mut self, on_line: &mut impl FnMut(Line<'_>)) -> io::Result<Option<u64>> {
        if self.file.is_none() {
            self.file = open(&self.path)?;
            if let Some(file) = &mut self.file {
                file.seek(SeekFrom::Start(self.position))?;
            }
        }
        let Some(file) = &mut self.file else { return Ok(None) };
        let room = usize::try_from(self.end.saturating_sub(self.position)).unwrap_or(CHUNK).min(CHUNK);
        if room == 0 {
            return Ok(None);
        }
        let read = match file.read(&mut self.chunk[..room]) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(Some(0)),
            result => result?,
        };
        if read == 0 {
            return Ok(self.begin_again_if_replaced(on_line)?.then_some(0));
        }
        let chunk = std::mem::take(&mut self.chunk);
        self.take_in(chunk.get(..read).unwrap_or_default(), on_line);
        self.chunk = chunk;
        self.quiet_since = clock::now();
        Ok(Some(read as u64))
    }

    fn take_in(&mut self, bytes: &[u8], on_line: &mut impl FnMut(Line<'_>)) {
        let mut pieces = bytes.split(|byte| *byte == b'\n').peekable();
        while let Some(piece) = pieces.next() {
            let room = LINE_CAP.saturating_sub(self.line.len()).min(piece.len());
            self.line.extend_from_slice(piece.get(..room).unwrap_or(piece));
            self.line_len += piece.len() as u64;
            self.position += piece.len() as u64;
            // Behind the last piece there was no line break.
            if pieces.peek().is_some() {
                self.position += 1;
                self.hand_over(on_line);
            }
        }
        self.n_bytes += bytes.len() as u64;
    }

    fn hand_over(&mut self, on_line: &mut impl FnMut(Line<'_>)) {
        let cut = self.line_len > self.line.len() as u64;
        if !std::mem::take(&mut self.in_the_middle) {
            on_line(Line { bytes: &self.line, offset: self.line_offset, len: self.line_len, cut });
        }
        self.line.clear();
        self.line_len = 0;
        self.line_offset = self.position;
    }

    fn end_line(&mut self, on_line: &mut impl FnMut(Line<'_>)) {
        if self.line_len > 0 {
            self.hand_over(on_line);
        }
    }

    /// At the end of the file: when it was truncated, or when another file has its name now, that begins at 0.
    fn begin_again_if_replaced(&mut self, on_line: &mut impl FnMut(Line<'_>)) -> io::Result<bool> {
        let Some(file) = &mut self.file else { return Ok(false) };
        let followed = file.metadata()?;
        let replaced = match std::fs::metadata(&self.path) {
            Ok(named) => identity(&named) != identity(&followed),
            // Deleted: what was open stays readable until a new file has the name.
            Err(_) => false,
        };
        if !replaced && followed.len() >= self.position {
            return Ok(false);
        }
        if replaced {
            self.file = None;
        } else {
            file.seek(SeekFrom::Start(0))?;
        }
        self.end_line(on_line);
        self.position = 0;
        self.line_offset = 0;
        self.in_the_middle = false;
        Ok(true)
    }
}

fn identity(metadata: &Metadata) -> (u64, u64) {
    (metadata.dev(), metadata.ino())
}

fn open(path: &Path) -> io::Result<Option<File>> {
    match File::open(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests;
