//! Removing a worktree, after git has proven that nothing in it would be lost.

use std::fs;
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use super::Worktrees;
use crate::domain::id::CommitId;
use crate::effects::git::snapshot::{Backup, BackupName};
use crate::effects::git::status::Change;
use crate::effects::git::{GitError, Linked, Place, RUNS_DIR, TALK_DIR, is_below};

/// Where removed worktrees lie until their files are deleted, below the root.
const TRASH: &str = ".trash";

/// How often a folder is moved to the trash while somebody sweeps there.
const TRIES: u32 = 100;

/// What became of a worktree that was to be removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Removal {
    /// It is gone.
    Removed,
    /// It is still there, for this reason; whatever git could record of it is saved.
    Kept(String),
}

impl Worktrees {
    /// Removes the worktree at `path` if its commit is reachable from the ref `proof` and nothing in it but ignored
    /// files is uncommitted. Otherwise it is saved under `backup` and kept. Already gone counts as removed.
    ///
    /// # Errors
    /// The path is not below our root, it is no worktree of this repository, or git fails.
    pub fn remove(&self, path: &Path, proof: &str, backup: &BackupName) -> Result<Removal, GitError> {
        let path = self.managed(path)?;
        {
            let _alone = self.git.alone();
            self.repair_entries_alone()?;
        }
        if !path.exists() {
            return Ok(Removal::Removed);
        }
        let linked = self.git.linked(&path)?;
        if let Some(reason) = self.reason_to_keep(&linked, proof)? {
            let saved = match self.git.backup_linked(&linked, backup)? {
                Backup::NotNeeded => String::new(),
                Backup::Saved { reference, .. } => format!("; saved as {reference}"),
            };
            return Ok(Removal::Kept(format!("{reason}{saved}")));
        }
        self.discard(&linked)?;
        Ok(Removal::Removed)
    }

    pub(super) fn reason_to_keep(&self, linked: &Linked, proof: &str) -> Result<Option<String>, GitError> {
        let place = Place::Linked(linked);
        if let Ok(why) = fs::read_to_string(linked.git_dir.join("locked")) {
            return Ok(Some(format!("somebody locked it ({})", why.trim())));
        }
        let tip: CommitId = self.git.head_of(place)?;
        match self.git.resolve(proof)? {
            None => {
                return Ok(Some(format!("{proof} does not exist, so nothing proves that {} is merged", tip.short())));
            }
            Some(merged) if !self.git.is_ancestor(&tip, &merged)? => {
                return Ok(Some(format!("its commit {} is not part of {proof}", tip.short())));
            }
            Some(_) => {}
        }
        if self.git.merge_head(place)?.is_some() {
            return Ok(Some("a merge is in progress in it".to_owned()));
        }
        let is_talk = |change: &Change| is_below(&change.path, TALK_DIR) || is_below(&change.path, RUNS_DIR);
        let changes = self.git.changes(place, None)?;
        let mut work = changes.iter().filter(|change| !is_talk(change));
        Ok(work.next().map(|first| {
            let others = work.count();
            let more = if others == 0 { String::new() } else { format!(" and {others} more") };
            format!("it has uncommitted work: {}{more}", first.path.display())
        }))
    }

    /// One rename makes it vanish; what comes after may be cut short and is taken up by the next sweep.
    pub(super) fn discard(&self, linked: &Linked) -> Result<(), GitError> {
        {
            let _alone = self.git.alone();
            self.throw_away(&linked.path)?;
            self.repair_entries_alone()?;
        }
        self.sweep_trash();
        Ok(())
    }

    /// Moves a folder into the trash. Another thread may be sweeping there, and takes what it finds.
    fn throw_away(&self, path: &Path) -> Result<(), GitError> {
        let trash = self.root.join(TRASH);
        let mut tries = 0;
        loop {
            tries += 1;
            fs::create_dir_all(&trash).map_err(GitError::io("make the folder", &trash))?;
            // The folder takes the place of an empty one of a name that nobody else has.
            let place = tempfile::tempdir_in(&trash).map(tempfile::TempDir::keep);
            match place.and_then(|place| fs::rename(path, place)) {
                Err(fault) if fault.kind() == io::ErrorKind::NotFound && tries < TRIES && path.exists() => {}
                moved => return moved.map_err(GitError::io("move to the trash", path)),
            }
        }
    }

    /// Deletes what lies in the trash. What cannot be deleted now is taken up by the next sweep: nothing depends on it.
    pub(super) fn sweep_trash(&self) {
        let trash = self.root.join(TRASH);
        if let Err(fault) = fs::remove_dir_all(&trash)
            && fault.kind() == io::ErrorKind::PermissionDenied
        {
            open_up(&trash);
        }
        match fs::remove_dir_all(&trash) {
            Err(fault) if fault.kind() == io::ErrorKind::NotFound => {}
            // Another thread is filling or sweeping it.
            Err(fault) if fault.kind() == io::ErrorKind::DirectoryNotEmpty => {}
            Err(fault) => tracing::warn!("{} cannot be emptied: {fault}", trash.display()),
            Ok(()) => {}
        }
    }
}

/// Makes all folders in one removable: caches of some package managers are read-only.
fn open_up(folder: &Path) {
    let mut todo = vec![folder.to_owned()];
    while let Some(folder) = todo.pop() {
        // What it does not reach is told by the removal.
        let _ = fs::set_permissions(&folder, fs::Permissions::from_mode(0o700));
        let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
        todo.extend(
            entries.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir())).map(|entry| entry.path()),
        );
    }
}
