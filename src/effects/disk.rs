//! Room on the disk: how much a folder takes, and a watch that says when too little is left for new work.

use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::mpsc;

use super::fs::free_space;
use crate::scheduler::Event;

/// Bytes of a mebibyte.
pub const MIB: u64 = 1024 * 1024;

/// How often the disk is looked at, and how often while it has too little room.
const EVERY: Duration = Duration::from_secs(10);
const EVERY_WHEN_LOW: Duration = Duration::from_secs(2);

/// Watches for ever, and says each change once: [`Event::DiskLow`] when one of the folders has less than `min_free_mib`,
/// [`Event::DiskOk`] when all have somewhat more than that again. A folder that cannot be asked is not counted.
pub async fn watch(folders: Vec<PathBuf>, min_free_mib: u64, replies: mpsc::UnboundedSender<Event>) {
    let mut low = false;
    loop {
        let asked = folders.clone();
        // A network disk may take its time.
        let free = tokio::task::spawn_blocking(move || asked.iter().filter_map(|path| free_mib(path)).min()).await;
        if let Ok(Some(free_mib)) = free
            && let Some(event) = change(low, free_mib, min_free_mib)
        {
            low = event != Event::DiskOk;
            if replies.send(event).is_err() {
                return;
            }
        }
        tokio::time::sleep(if low { EVERY_WHEN_LOW } else { EVERY }).await;
    }
}

fn free_mib(folder: &Path) -> Option<u64> {
    let existing = folder.ancestors().find(|folder| folder.exists())?;
    Some(free_space(existing).ok()? / MIB)
}

/// Some more than the limit must be free before it counts as room again, so that a disk at the limit does not say so
/// again and again.
fn change(low: bool, free_mib: u64, min_free_mib: u64) -> Option<Event> {
    match low {
        false if free_mib < min_free_mib => Some(Event::DiskLow { free_mib }),
        true if free_mib >= min_free_mib.saturating_add(min_free_mib / 8) => Some(Event::DiskOk),
        false | true => None,
    }
}

/// The bytes that a folder and everything in it occupy on the disk. Links are not followed, a file with several names
/// counts for each; what cannot be read, or vanishes meanwhile, counts as nothing.
#[must_use]
pub fn size_on_disk(path: &Path) -> u64 {
    let mut bytes = 0;
    let mut todo = vec![path.to_owned()];
    while let Some(path) = todo.pop() {
        let Ok(data) = std::fs::symlink_metadata(&path) else { continue };
        bytes += data.blocks() * 512;
        if data.is_dir()
            && let Ok(entries) = std::fs::read_dir(&path)
        {
            todo.extend(entries.flatten().map(|entry| entry.path()));
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_change_is_said_once_and_room_is_a_little_more_than_the_limit() {
        assert_eq!(change(false, 80, 80), None);
        assert_eq!(change(false, 79, 80), Some(Event::DiskLow { free_mib: 79 }));
        assert_eq!(change(true, 10, 80), None);
        assert_eq!(change(true, 89, 80), None);
        assert_eq!(change(true, 90, 80), Some(Event::DiskOk));
        assert_eq!(change(false, 0, 0), None, "0 switches it off");
    }

    #[test]
    fn a_folder_is_as_large_as_what_is_in_it_and_links_lead_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        let empty = size_on_disk(folder.path());
        std::fs::create_dir_all(folder.path().join("a/b")).unwrap();
        std::fs::write(folder.path().join("a/b/file"), vec![b'x'; 100_000]).unwrap();
        std::os::unix::fs::symlink("/", folder.path().join("root")).unwrap();
        let full = size_on_disk(folder.path());
        assert!((empty + 50_000..empty + 1_000_000).contains(&full), "{empty} {full}");
        assert_eq!(size_on_disk(&folder.path().join("missing")), 0);
    }
}
