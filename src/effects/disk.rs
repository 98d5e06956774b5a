//! Room on the disk: how much a folder takes.

use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

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
