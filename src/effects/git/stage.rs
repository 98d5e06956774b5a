//! Putting a working tree into an index and an index into a commit; the index may be a temporary one.

use std::fs;
use std::io::Read as _;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::status::{Change, ChangeKind};
use super::{Git, GitError, Place};
use crate::domain::id::CommitId;

/// A copy of a checkout's index, gone when dropped.
pub(super) struct TemporaryIndex {
    // Held for its drop.
    _folder: TempDir,
    path: PathBuf,
}

impl TemporaryIndex {
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Git {
    /// Copies the index of a checkout, so that its flags (sparse checkout) and its knowledge of unchanged files stay.
    pub(super) fn temporary_index(&self, place: Place<'_>) -> Result<TemporaryIndex, GitError> {
        let original = self.git_dir_of(place).join("index");
        let folder = TempDir::with_prefix("ralph-index-");
        let folder = folder.map_err(GitError::io("make a temporary folder in", &std::env::temp_dir()))?;
        let path = folder.path().join("index");
        let index = TemporaryIndex { _folder: folder, path };
        if is_usable_index(&original) {
            fs::copy(&original, index.path()).map_err(GitError::io("copy the index", &original))?;
        } else {
            self.call(place)?.index(Some(index.path())).args(["read-tree", "HEAD"]).run()?;
        }
        Ok(index)
    }

    pub(super) fn git_dir_of<'a>(&'a self, place: Place<'a>) -> &'a Path {
        match place {
            Place::Checkout => &self.git_dir,
            Place::Store => &self.common_dir,
            Place::Linked(linked) => &linked.git_dir,
        }
    }

    /// Puts the changes into the index, as they are in the working tree, through the repository's filters. `kept_out`
    /// (files or folders) stay in the index as they are in `HEAD`. Conflicts among the changes become resolved.
    pub(super) fn stage(
        &self,
        place: Place<'_>,
        index: Option<&Path>,
        changes: &[Change],
        kept_out: &[&Path],
    ) -> Result<(), GitError> {
        let mut paths = Vec::new();
        for change in changes.iter().filter(|change| is_recorded(change, kept_out)) {
            paths.extend_from_slice(change.path.as_os_str().as_bytes());
            paths.push(0);
        }
        if !paths.is_empty() {
            // Exact paths, unlike `add`: nothing is matched, nothing is refused for being ignored or outside a sparse cone.
            let update = ["update-index", "-z", "--add", "--remove", "--replace", "--stdin"];
            self.call(place)?.index(index).args(update).input(paths).run()?;
        }
        let staged = changes.iter().any(|change| is_in(&change.path, kept_out));
        if staged {
            let reset = ["--literal-pathspecs", "reset", "--quiet", "HEAD", "--"];
            self.call(place)?.index(index).args(reset).args(kept_out).run()?;
        }
        Ok(())
    }

    /// Makes a commit of an index; no branch moves.
    pub(super) fn commit_index(
        &self,
        place: Place<'_>,
        index: &Path,
        parents: &[&CommitId],
        message: &str,
    ) -> Result<CommitId, GitError> {
        let tree = self.call(place)?.index(Some(index)).arg("write-tree").text()?;
        self.commit_tree(place, &tree, parents, message)
    }

    /// Makes a commit of a tree; no branch moves.
    pub(super) fn commit_tree(
        &self,
        place: Place<'_>,
        tree: &str,
        parents: &[&CommitId],
        message: &str,
    ) -> Result<CommitId, GitError> {
        let parents = parents.iter().flat_map(|parent| ["-p", parent.as_str()]);
        let call = self.call(place)?.args(["commit-tree", tree]).args(parents);
        // Git wants the message to end with a line break; trailers are then found by every reader.
        let commit = call.input(format!("{}\n", message.trim_end())).text()?;
        Ok(CommitId::new(&commit)?)
    }
}

/// The shortest index: a header of 12 bytes and a checksum of 20.
const INDEX_MIN: u64 = 32;

/// Whether git can have written this index; a power cut leaves empty ones, or some that hold nothing but zeros.
pub(in crate::effects) fn is_usable_index(index: &Path) -> bool {
    let mut signature = [0; 4];
    let read = fs::File::open(index).and_then(|mut file| {
        file.read_exact(&mut signature)?;
        file.metadata()
    });
    read.is_ok_and(|data| data.len() >= INDEX_MIN && signature == *b"DIRC")
}

/// Whether a path is one of `tops` or below one.
pub(super) fn is_in(path: &Path, tops: &[&Path]) -> bool {
    tops.iter().any(|top| path.starts_with(top))
}

/// Whether a change goes into a commit of ours.
pub(super) fn is_recorded(change: &Change, kept_out: &[&Path]) -> bool {
    match change.kind {
        ChangeKind::Tracked | ChangeKind::Untracked | ChangeKind::Unmerged => !is_in(&change.path, kept_out),
        ChangeKind::Repository => false,
    }
}
