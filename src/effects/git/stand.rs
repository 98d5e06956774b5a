//! Where a checkout stands, read from its files: no process, and asked many times for each epic.

use std::fs;
use std::path::{Path, PathBuf};

use super::{Git, GitError, Linked, Place, path_of};
use crate::domain::id::CommitId;

impl Git {
    /// The commit that a checkout stands on.
    pub(in crate::effects) fn head_of(&self, place: Place<'_>) -> Result<CommitId, GitError> {
        let repository = self.repository_at(self.git_dir_of(place))?;
        let head = repository.head().and_then(|head| head.peel_to_commit());
        Ok(CommitId::new(&head.map_err(self.reading("find the commit of HEAD"))?.id().to_string())?)
    }

    /// The branch that a checkout is on, in short; `None` when detached.
    pub(in crate::effects) fn branch_of(&self, place: Place<'_>) -> Result<Option<String>, GitError> {
        let repository = self.repository_at(self.git_dir_of(place))?;
        let head = repository.find_reference("HEAD").map_err(self.reading("read HEAD"))?;
        let target = head.symbolic_target_bytes().map(|name| String::from_utf8_lossy(name).into_owned());
        Ok(target.map(|name| name.strip_prefix("refs/heads/").map(str::to_owned).unwrap_or(name)))
    }

    /// The commit that is being merged in a checkout, if a merge is in progress.
    pub(in crate::effects) fn merge_head(&self, place: Place<'_>) -> Result<Option<CommitId>, GitError> {
        let path = self.git_dir_of(place).join("MERGE_HEAD");
        match fs::read_to_string(&path) {
            // A power cut leaves an empty file, which is no merge to git either.
            Ok(text) => Ok(text.lines().next().and_then(|line| CommitId::new(line.trim()).ok())),
            Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(fault) => Err(GitError::io("read", &path)(fault)),
        }
    }

    /// The linked worktree at `real` (in full, without links), if its files leave no doubt. `None` is no refusal: git
    /// is asked then.
    ///
    /// No doubt means: the folder's own `.git` file names an entry of this repository, so git looks no further up;
    /// and the entry has no configuration of its own, which alone could point git at another folder.
    pub(super) fn plainly_linked(&self, real: &Path) -> Option<Linked> {
        let pointer = real.join(".git");
        if !fs::symlink_metadata(&pointer).ok()?.is_file() {
            return None;
        }
        let text = fs::read(&pointer).ok()?;
        let git_dir = path_of(text.strip_prefix(b"gitdir: ")?.strip_suffix(b"\n")?);
        let is_ours = git_dir.parent() == Some(&self.common_dir.join("worktrees")) && names_a_file(&git_dir);
        let common_dir = fs::read(git_dir.join("commondir")).ok()?;
        let is_whole = common_dir == b"../..\n" && fs::metadata(git_dir.join("HEAD")).is_ok_and(|head| head.len() > 0);
        let is_plain = fs::symlink_metadata(&git_dir).is_ok_and(|data| data.is_dir());
        let has_settings = fs::symlink_metadata(git_dir.join("config.worktree")).is_ok();
        (is_ours && is_whole && is_plain && !has_settings).then(|| Linked { path: real.to_owned(), git_dir })
    }
}

/// Whether the last part of a path is a name, and not `..`.
fn names_a_file(path: &Path) -> bool {
    path.file_name().is_some() && *path == path.components().collect::<PathBuf>()
}
