//! The journal's file: begun in one atomic step, appended to with a sync per record, and replayed after any crash.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use super::record::{Header, RecordFault, Replayed, Torn, decode, header_line, record_line};
use super::reserve::Reserve;
use crate::scheduler::Event;

/// Why a journal cannot be begun or read.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The disk refuses.
    #[error("cannot {action} the journal {}: {source}; check the disk and its permissions, then run `ralph-teams resume`", path.display())]
    Disk {
        /// What was tried: "create", "read", "mend".
        action: &'static str,
        /// The journal.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
    /// What it holds cannot be relied upon. Nothing was changed.
    #[error(
        "the journal {} cannot be replayed, {fault}; nothing was changed: restore the file from a backup, or begin a new run (branches and worktrees are kept)",
        path.display()
    )]
    Faulty {
        /// The journal.
        path: PathBuf,
        /// Where, and what.
        fault: RecordFault,
    },
}

/// The three things that a journal asks of its file; apart, so that a test can let the disk fail.
trait Storage: Send {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()>;
    fn sync(&self) -> io::Result<()>;
    fn truncate(&self, len: u64) -> io::Result<()>;
}

impl Storage for File {
    fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
        self.write_all_at(bytes, offset)
    }

    fn sync(&self) -> io::Result<()> {
        self.sync_data()
    }

    fn truncate(&self, len: u64) -> io::Result<()> {
        self.set_len(len)
    }
}

/// An open journal; the holder of the runner's lock is its only writer.
pub struct Journal {
    storage: Box<dyn Storage>,
    /// Length of the part that is whole and on the disk. Every write begins here, so that whatever a failed one left
    /// behind is overwritten.
    len: u64,
    /// The number of the next record.
    next_seq: u64,
    /// Room that is given back to the disk when it is full.
    reserve: Option<Reserve>,
    /// Set when the rest of a failed write could not be removed: one more record behind it would be read as damage.
    broken: bool,
}

impl std::fmt::Debug for Journal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { storage: _, reserve: _, len, next_seq, broken } = self;
        f.debug_struct("Journal").field("len", len).field("next_seq", next_seq).field("broken", broken).finish()
    }
}

impl Journal {
    /// Begins a journal. It appears with its header whole, or not at all.
    ///
    /// # Errors
    /// [`JournalError::Disk`], also when a file of this name is already there.
    pub fn create(path: &Path, header: &Header) -> Result<Self, JournalError> {
        let begin = || -> io::Result<Self> {
            let line = header_line(header)?;
            let directory = directory_of(path);
            let mut temp = tempfile::Builder::new().prefix(".journal-").tempfile_in(directory)?;
            temp.write_all(&line)?;
            temp.as_file().sync_all()?;
            let file = temp.persist_noclobber(path).map_err(|failed| failed.error)?;
            File::open(directory)?.sync_all()?;
            let reserve = Reserve::keep(directory);
            Ok(Self { storage: Box::new(file), len: line.len() as u64, next_seq: 1, reserve, broken: false })
        };
        begin().map_err(|source| JournalError::Disk { action: "create", path: path.to_owned(), source })
    }

    /// Opens a journal to go on with it. A torn tail is cut off, after its bytes were saved beside the journal.
    ///
    /// # Errors
    /// [`JournalError::Faulty`] when it was damaged or comes from another version; then nothing is changed.
    /// [`JournalError::Disk`] when it cannot be read, or its torn tail cannot be saved.
    pub fn open(path: &Path) -> Result<(Self, Replayed), JournalError> {
        let (mut replayed, bytes) = load(path)?;
        let mut mend = || -> io::Result<(Self, Option<Torn>)> {
            let file = OpenOptions::new().write(true).open(path)?;
            let next_seq = replayed.events.len() as u64 + 1;
            let len = bytes.len() as u64;
            let mut journal = Self { storage: Box::new(file), len, next_seq, reserve: None, broken: false };
            let torn = replayed.torn.take().map(|torn| journal.cut_off(path, &bytes, torn)).transpose()?;
            journal.reserve = Reserve::keep(directory_of(path));
            Ok((journal, torn))
        };
        let (journal, torn) =
            mend().map_err(|source| JournalError::Disk { action: "mend", path: path.to_owned(), source })?;
        replayed.torn = torn;
        Ok((journal, replayed))
    }

    fn cut_off(&mut self, path: &Path, bytes: &[u8], torn: Torn) -> io::Result<Torn> {
        let whole = usize::try_from(torn.offset).map_err(io::Error::other)?;
        let saved = save_aside(path, bytes.get(whole..).unwrap_or_default())?;
        self.storage.truncate(torn.offset)?;
        self.storage.sync()?;
        self.len = torn.offset;
        Ok(Torn { saved: Some(saved), ..torn })
    }

    /// Writes one event behind the last one. When this returns `Ok`, the event is on the disk and survives a power
    /// loss; `at` is in milliseconds of running time.
    ///
    /// # Errors
    /// The system's reason. The event is then not in the journal, and the journal can still be replayed: what the
    /// failed write left is removed, and if even that fails, no further event is taken.
    pub fn append(&mut self, at: u64, event: &Event) -> io::Result<()> {
        if self.broken {
            return Err(io::Error::other(
                "an earlier write to the journal failed and could not be undone; mend the disk, then run `ralph-teams resume`",
            ));
        }
        let line = record_line(self.next_seq, at, event)?;
        #[cfg(feature = "test-fakes")]
        super::failpoint::before_write();
        match self.storage.write_at(&line, self.len).and_then(|()| self.storage.sync()) {
            Ok(()) => {
                self.len += line.len() as u64;
                self.next_seq += 1;
                #[cfg(feature = "test-fakes")]
                super::failpoint::after_write();
                Ok(())
            }
            Err(fault) => {
                self.broken = self.storage.truncate(self.len).and_then(|()| self.storage.sync()).is_err();
                Err(fault)
            }
        }
    }
}

impl Journal {
    /// Gives the reserve back to the disk, so that a run on a full one can still write how it stops. Whether there was
    /// one.
    pub fn release_reserve(&mut self) -> bool {
        self.reserve.take().is_some()
    }
}

/// Reads the journal of a run that may be live, and changes nothing. A torn tail is reported: it may be a record that
/// is just being written.
///
/// # Errors
/// As [`Journal::open`].
pub fn read(path: &Path) -> Result<Replayed, JournalError> {
    load(path).map(|(replayed, _)| replayed)
}

fn load(path: &Path) -> Result<(Replayed, Vec<u8>), JournalError> {
    let bytes =
        std::fs::read(path).map_err(|source| JournalError::Disk { action: "read", path: path.to_owned(), source })?;
    match decode(&bytes) {
        Ok(replayed) => Ok((replayed, bytes)),
        Err(fault) => Err(JournalError::Faulty { path: path.to_owned(), fault }),
    }
}

/// Keeps the bytes in the first `journal.torn-<n>` that is free.
fn save_aside(journal: &Path, bytes: &[u8]) -> io::Result<PathBuf> {
    let directory = directory_of(journal);
    let mut n = 1_u32;
    loop {
        let path = directory.join(format!("journal.torn-{n}"));
        match File::create_new(&path) {
            Ok(mut file) => {
                file.write_all(bytes)?;
                file.sync_all()?;
                File::open(directory)?.sync_all()?;
                return Ok(path);
            }
            Err(fault) if fault.kind() == io::ErrorKind::AlreadyExists => n += 1,
            Err(fault) => return Err(fault),
        }
    }
}

/// The directory that a path lies in; the current one for a bare file name.
fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use super::*;

    /// A disk on which a chosen step fails.
    #[derive(Default)]
    struct Disk {
        bytes: Vec<u8>,
        room: usize,
        sync_fails: bool,
        truncate_fails: bool,
    }

    impl Storage for Arc<Mutex<Disk>> {
        fn write_at(&self, bytes: &[u8], offset: u64) -> io::Result<()> {
            let mut disk = self.lock().expect("no panic");
            let room = disk.room;
            disk.bytes.resize(usize::try_from(offset).expect("small"), 0);
            let fits = bytes.len().min(room - disk.bytes.len());
            disk.bytes.extend_from_slice(&bytes[..fits]);
            if fits < bytes.len() { Err(io::ErrorKind::StorageFull.into()) } else { Ok(()) }
        }

        fn sync(&self) -> io::Result<()> {
            if self.lock().expect("no panic").sync_fails { Err(io::Error::other("sync")) } else { Ok(()) }
        }

        fn truncate(&self, len: u64) -> io::Result<()> {
            let mut disk = self.lock().expect("no panic");
            if disk.truncate_fails {
                return Err(io::Error::other("truncate"));
            }
            disk.bytes.truncate(usize::try_from(len).expect("small"));
            Ok(())
        }
    }

    fn on(disk: Disk) -> (Journal, Arc<Mutex<Disk>>) {
        let header = Header::new("r".to_owned().try_into().expect("a run id"), "1", "now");
        let line = header_line(&header).expect("a line");
        let disk = Arc::new(Mutex::new(Disk { bytes: line.clone(), ..disk }));
        (
            Journal {
                storage: Box::new(disk.clone()),
                len: line.len() as u64,
                next_seq: 1,
                reserve: None,
                broken: false,
            },
            disk,
        )
    }

    fn replayed(disk: &Mutex<Disk>) -> Replayed {
        decode(&disk.lock().expect("no panic").bytes).expect("a journal")
    }

    #[test]
    fn a_full_disk_loses_the_event_and_nothing_else() {
        let (mut journal, disk) = on(Disk { room: 200, ..Disk::default() });
        let taken = (0..10).take_while(|_| journal.append(0, &Event::Tick).is_ok()).count();
        assert!((1..10).contains(&taken));
        assert_eq!(replayed(&disk).events.len(), taken);
        assert_eq!(replayed(&disk).torn, None);
        disk.lock().expect("no panic").room = 10_000;
        journal.append(0, &Event::Tick).expect("room again");
        assert_eq!(replayed(&disk).events.len(), taken + 1);
    }

    #[test]
    fn a_sync_that_fails_is_a_write_that_fails_and_ends_the_journal_when_it_cannot_be_undone() {
        let (mut journal, disk) = on(Disk { room: 10_000, sync_fails: true, ..Disk::default() });
        assert!(journal.append(0, &Event::Tick).is_err());
        assert_eq!(replayed(&disk).events, []);
        disk.lock().expect("no panic").sync_fails = false;
        let refused = journal.append(0, &Event::Tick).expect_err("broken");
        assert!(refused.to_string().contains("resume"), "{refused}");
    }

    #[test]
    fn a_journal_whose_torn_tail_cannot_be_removed_takes_no_more_and_can_be_replayed() {
        let (mut journal, disk) = on(Disk { room: 90, truncate_fails: true, ..Disk::default() });
        assert!(journal.append(0, &Event::Tick).is_err());
        disk.lock().expect("no panic").room = 10_000;
        assert!(journal.append(0, &Event::Tick).is_err());
        assert!(replayed(&disk).torn.is_some());
    }
}
