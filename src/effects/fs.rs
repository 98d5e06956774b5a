//! Writing files so that they are whole or not there, with errors that name the file and what to do.

use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use rustix::fs::{Gid, Uid};

/// How the names of files begin that are being written and not yet in their place.
pub const TEMPORARY: &str = ".ralph-write-";

/// A file operation that the system refused.
#[derive(Debug, thiserror::Error)]
#[error("cannot {action} {}: {source}; {}", path.display(), advice(source))]
pub struct FsError {
    /// What was tried, as a verb: "write", "create the directory".
    pub action: &'static str,
    /// On what.
    pub path: PathBuf,
    /// The system's reason.
    #[source]
    pub source: io::Error,
}

impl FsError {
    /// Puts the action and the path to a system's error: `.map_err(FsError::of("read", path))`.
    pub fn of(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self { action, path, source }
    }

    /// Whether everything else that writes would fail as well: the disk is full, read-only or broken.
    #[must_use]
    pub fn is_environment(&self) -> bool {
        is_environment(&self.source)
    }
}

/// Whether everything else that writes would fail as well: the disk is full, read-only or broken.
#[must_use]
pub fn is_environment(fault: &io::Error) -> bool {
    matches!(
        fault.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::ReadOnlyFilesystem
    ) || fault.raw_os_error() == Some(rustix::io::Errno::IO.raw_os_error())
}

/// What a person can do about a system's error.
fn advice(fault: &io::Error) -> &'static str {
    // The kinds are the standard library's and may grow.
    match fault.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => "free some space, then try again",
        io::ErrorKind::FileTooLarge => "raise the limit on file sizes (ulimit -f), then try again",
        io::ErrorKind::PermissionDenied => "check who owns it and whether you may write there",
        io::ErrorKind::ReadOnlyFilesystem => "mount the file system writable, then try again",
        io::ErrorKind::NotFound => "check that its directory exists",
        io::ErrorKind::NotADirectory | io::ErrorKind::IsADirectory | io::ErrorKind::AlreadyExists => {
            "move what is in the way, then try again"
        }
        _ => "check the disk, then try again",
    }
}

/// Replaces the content of a file, or makes the file, in one step that survives a power loss: a reader sees all of the
/// old content or all of the new. A file that exists keeps its permissions and, as far as we may, its owner; a symlink
/// stays and its target is replaced.
///
/// # Errors
/// The step that the system refused; the old content is then untouched and no other file is left behind.
pub fn write_atomic(path: &Path, bytes: &[u8]) -> Result<(), FsError> {
    let target = follow_symlinks(path).map_err(FsError::of("follow the symlink", path))?;
    replace(&target, directory_of(&target), bytes).map_err(FsError::of("write", &target))
}

/// The same for a file in a folder of the user's: the new content is first written into our own folder `staging`, so
/// that a kill in between leaves nothing there. On another file system than the file's, that is no help: then both are
/// beside each other after all.
///
/// # Errors
/// As [`write_atomic`].
pub fn write_atomic_by_way_of(staging: &Path, path: &Path, bytes: &[u8]) -> Result<(), FsError> {
    let target = follow_symlinks(path).map_err(FsError::of("follow the symlink", path))?;
    let written = match replace(&target, staging, bytes) {
        Err(fault) if fault.kind() == io::ErrorKind::CrossesDevices => replace(&target, directory_of(&target), bytes),
        written => written,
    };
    written.map_err(FsError::of("write", &target))
}

/// `staging` must be on the same file system, because a rename is atomic only within one.
fn replace(target: &Path, staging: &Path, bytes: &[u8]) -> io::Result<()> {
    let existing = match fs::metadata(target) {
        Ok(existing) => Some(existing),
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => None,
        Err(fault) => return Err(fault),
    };
    // 0o666 is narrowed by the umask, as for any file that a program makes.
    let mut temp =
        tempfile::Builder::new().prefix(TEMPORARY).permissions(Permissions::from_mode(0o666)).tempfile_in(staging)?;
    temp.write_all(bytes)?;
    if let Some(existing) = existing {
        // Before the permissions, because a change of owner clears some of them. Only root may give files away;
        // anybody else goes on as the owner.
        let _ = rustix::fs::fchown(
            temp.as_file(),
            Some(Uid::from_raw(existing.uid())),
            Some(Gid::from_raw(existing.gid())),
        );
        temp.as_file().set_permissions(existing.permissions())?;
    }
    temp.as_file().sync_all()?;
    temp.persist(target).map_err(|failed| failed.error)?;
    sync_directory(directory_of(target))
}

/// Where a write to this path ends up; the file itself need not exist.
fn follow_symlinks(path: &Path) -> io::Result<PathBuf> {
    // As many as Linux follows.
    const MAX_LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MAX_LINKS {
        match fs::read_link(&path) {
            Ok(target) => path = directory_of(&path).join(target),
            // Not a symlink, or nothing there.
            Err(fault) if matches!(fault.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::NotFound) => {
                return Ok(path);
            }
            Err(fault) => return Err(fault),
        }
    }
    Err(io::Error::other("too many symlinks, they may point at each other"))
}

/// The last bytes of a file, at most `max` of them.
///
/// # Errors
/// It is not there, or cannot be read.
pub fn read_tail(path: &Path, max: u64) -> Result<Vec<u8>, FsError> {
    let read = || {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(file.metadata()?.len().saturating_sub(max)))?;
        let mut bytes = Vec::new();
        // A file that is being written to may have grown meanwhile.
        file.take(max).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(FsError::of("read", path))
}

/// Puts one line at the end of a file, which is made if need be. Line breaks in the text become spaces, so that one
/// call is always one line.
///
/// # Errors
/// The step that the system refused.
pub fn append_line(path: &Path, line: &str) -> Result<(), FsError> {
    let line = line.replace(['\n', '\r'], " ") + "\n";
    let append = || OpenOptions::new().create(true).append(true).open(path)?.write_all(line.as_bytes());
    append().map_err(FsError::of("append to", path))
}

/// Opens a file to which is only ever appended, made when missing.
///
/// # Errors
/// It cannot be opened.
pub fn open_append(path: &Path) -> Result<File, FsError> {
    OpenOptions::new().create(true).append(true).open(path).map_err(FsError::of("open", path))
}

/// Removes a directory if nothing is in it any more; else it stays.
pub fn remove_empty_directory(path: &Path) {
    // The only failure of interest, that it is not empty, is the answer "no".
    let _ = fs::remove_dir(path);
}

/// Makes a directory and all that are missing above it, so that they survive a power loss.
///
/// # Errors
/// The step that the system refused.
pub fn create_directory(path: &Path) -> Result<(), FsError> {
    let missing: Vec<&Path> = path.ancestors().take_while(|ancestor| !ancestor.is_dir()).collect();
    fs::create_dir_all(path).map_err(FsError::of("create the directory", path))?;
    for made in missing.into_iter().filter(|made| !made.as_os_str().is_empty()) {
        let above = directory_of(made);
        sync_directory(above).map_err(FsError::of("sync the directory", above))?;
    }
    Ok(())
}

/// Points a symlink at `target` in one step: a reader sees the old target or the new one.
///
/// # Errors
/// The step that the system refused, also when something that is not a symlink is in the way.
pub fn point_symlink(link: &Path, target: &Path) -> Result<(), FsError> {
    if fs::symlink_metadata(link).is_ok_and(|existing| !existing.is_symlink()) {
        return Err(FsError::of("replace by a symlink", link)(io::ErrorKind::AlreadyExists.into()));
    }
    let point = || -> io::Result<()> {
        let directory = directory_of(link);
        let temp = tempfile::Builder::new()
            .prefix(".ralph-link-")
            .make_in(directory, |path| std::os::unix::fs::symlink(target, path))?;
        temp.persist(link).map_err(|failed| failed.error)?;
        sync_directory(directory)
    };
    point().map_err(FsError::of("point the symlink", link))
}

/// Bytes that an ordinary user can still write on the file system that holds this path.
///
/// # Errors
/// The system's reason.
pub fn free_space(path: &Path) -> Result<u64, FsError> {
    let stat =
        rustix::fs::statvfs(path).map_err(|errno| FsError::of("ask for the free space at", path)(errno.into()))?;
    Ok(stat.f_bavail.saturating_mul(stat.f_frsize))
}

/// Makes the names in a directory survive a power loss.
fn sync_directory(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// The directory that a path lies in; the current one for a bare file name.
fn directory_of(path: &Path) -> &Path {
    path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(directory: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(directory)
            .expect("a directory")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn a_write_by_way_of_another_folder_replaces_the_file_even_across_file_systems() {
        let (ours, users) = (tempfile::tempdir().expect("a directory"), tempfile::tempdir().expect("a directory"));
        let path = users.path().join("prd.json");
        for (staging, text) in [(ours.path(), "one"), (Path::new("/dev/shm"), "two")] {
            if staging.is_dir() {
                write_atomic_by_way_of(staging, &path, text.as_bytes()).expect("written");
                assert_eq!(fs::read_to_string(&path).expect("a text"), text);
            }
        }
        assert_eq!(names(users.path()), ["prd.json"]);
        assert_eq!(names(ours.path()), Vec::<String>::new());
    }

    #[test]
    fn a_file_is_replaced_and_keeps_its_permissions() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("prd.json");
        write_atomic(&path, b"old").expect("written");
        fs::set_permissions(&path, Permissions::from_mode(0o640)).expect("permissions");
        write_atomic(&path, b"new").expect("written");
        assert_eq!(fs::read(&path).expect("read"), b"new");
        assert_eq!(fs::metadata(&path).expect("metadata").mode() & 0o777, 0o640);
        assert_eq!(names(directory.path()), ["prd.json"]);
    }

    #[test]
    fn a_new_file_has_the_permissions_that_any_program_gives() {
        let directory = tempfile::tempdir().expect("a directory");
        let (ours, theirs) = (directory.path().join("ours"), directory.path().join("theirs"));
        write_atomic(&ours, b"x").expect("written");
        fs::write(&theirs, b"x").expect("written");
        let mode = |path| fs::metadata(path).expect("metadata").mode();
        assert_eq!(mode(&ours), mode(&theirs));
    }

    #[test]
    fn a_symlink_stays_and_its_target_is_written_even_when_it_does_not_exist_yet() {
        let directory = tempfile::tempdir().expect("a directory");
        let link = directory.path().join("prd.json");
        fs::create_dir(directory.path().join("elsewhere")).expect("a directory");
        std::os::unix::fs::symlink("elsewhere/real.json", &link).expect("a link");
        for content in ["first", "second"] {
            write_atomic(&link, content.as_bytes()).expect("written");
            assert!(fs::symlink_metadata(&link).expect("metadata").is_symlink());
            assert_eq!(fs::read_to_string(directory.path().join("elsewhere/real.json")).expect("read"), content);
        }
        assert_eq!(names(&directory.path().join("elsewhere")), ["real.json"]);
    }

    #[test]
    fn symlinks_that_point_at_each_other_are_an_error() {
        let directory = tempfile::tempdir().expect("a directory");
        let (a, b) = (directory.path().join("a"), directory.path().join("b"));
        std::os::unix::fs::symlink(&b, &a).expect("a link");
        std::os::unix::fs::symlink(&a, &b).expect("a link");
        assert!(write_atomic(&a, b"x").is_err());
    }

    #[test]
    fn a_write_that_fails_names_the_file_and_what_to_do_and_leaves_nothing() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("taken");
        fs::create_dir(&path).expect("a directory");
        let message = write_atomic(&path, b"x").expect_err("a directory is there").to_string();
        assert!(message.contains("taken") && message.contains("in the way"), "{message}");
        assert_eq!(names(directory.path()), ["taken"]);
        let message = write_atomic(&directory.path().join("no/file"), b"x").expect_err("no directory").to_string();
        assert!(message.contains("check that its directory exists"), "{message}");
    }

    #[test]
    fn an_appended_text_is_always_one_line() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("progress.txt");
        append_line(&path, "one").expect("appended");
        append_line(&path, "two\r\nand a half").expect("appended");
        assert_eq!(fs::read_to_string(&path).expect("read"), "one\ntwo  and a half\n");
    }

    #[test]
    fn a_symlink_moves_on_but_never_replaces_a_file() {
        let directory = tempfile::tempdir().expect("a directory");
        let link = directory.path().join("current");
        for target in ["runs/a", "runs/b"] {
            point_symlink(&link, Path::new(target)).expect("pointed");
            assert_eq!(fs::read_link(&link).expect("a link"), Path::new(target));
        }
        let file = directory.path().join("file");
        fs::write(&file, "mine").expect("written");
        assert!(point_symlink(&file, Path::new("x")).is_err());
        assert_eq!(fs::read_to_string(&file).expect("read"), "mine");
        assert_eq!(names(directory.path()), ["current", "file"]);
    }

    #[test]
    fn free_space_is_that_of_the_file_system_and_of_nothing_an_error() {
        let directory = tempfile::tempdir().expect("a directory");
        assert!(free_space(directory.path()).expect("free space") > 0);
        assert!(free_space(&directory.path().join("none")).is_err());
    }
}
