//! Worktree entries below `<common>/worktrees`, read and repaired by hand: while one of them is half written, git
//! itself refuses to work anywhere in the repository.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::{Worktrees, is_occupied_beside_git, names_in, remove_if_there};
use crate::domain::id::{CommitId, hex};
use crate::effects::fs::write_atomic;
use crate::effects::git::GitError;
use crate::effects::git::snapshot::BackupName;

/// Where the intents of additions lie, below the root.
const ADDING: &str = ".adding";
/// What git writes into `locked` while it makes an entry.
const INITIALIZING: &str = "initializing";

/// What was found and done by [`Worktrees::repair_entries`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repairs {
    /// What was repaired, in words.
    pub done: Vec<String>,
    /// Broken entries that are not provably ours, in words, with what to do.
    pub left: Vec<String>,
}

/// One entry as it lies on the disk, however broken.
struct Entry {
    dir: PathBuf,
    /// The folder of the worktree that it says it is for.
    worktree: Option<PathBuf>,
}

impl Worktrees {
    /// Repairs what a killed git left of our worktree entries, before any other call of git, and sweeps what is left
    /// of removed worktrees. Entries of the user are never touched; broken ones are named.
    ///
    /// # Errors
    /// Files cannot be read or written.
    pub fn repair_entries(&self) -> Result<Repairs, GitError> {
        let repairs = {
            let _alone = self.git.alone();
            self.repair_entries_alone()?
        };
        self.sweep_trash();
        Ok(repairs)
    }

    /// The same, for callers that hold the mutex.
    pub(super) fn repair_entries_alone(&self) -> Result<Repairs, GitError> {
        let mut repairs = Repairs::default();
        let entries = self.git.common_dir().join("worktrees");
        for id in names_in(&entries)? {
            let entry = Entry::read(entries.join(&id));
            match &entry.worktree {
                Some(worktree) if self.is_ours(worktree) => self.repair_ours(&entry, worktree, &mut repairs)?,
                Some(_) => report_broken(&entry, &mut repairs),
                None if self.was_announced(&id)? => {
                    remove_entry(&entry)?;
                    repairs.done.push(format!("removed the entry {}, which was never completed", entry.dir.display()));
                }
                None => report_broken(&entry, &mut repairs),
            }
        }
        for repair in &repairs.done {
            tracing::warn!("{repair}");
        }
        Ok(repairs)
    }

    pub(super) fn is_ours(&self, worktree: &Path) -> bool {
        worktree.starts_with(&self.root) && worktree != self.root
    }

    fn repair_ours(&self, entry: &Entry, worktree: &Path, repairs: &mut Repairs) -> Result<(), GitError> {
        let name = entry.dir.display();
        let pointer = worktree.join(".git");
        if !worktree.exists() {
            let head = entry.detached_at();
            remove_entry(entry)?;
            repairs.done.push(format!("removed the entry {name}: its folder is gone"));
            return self.keep_detached(head);
        }
        if !entry.has_text("HEAD") {
            // Nothing was ever checked out; what stands in the folder, if anything, is looked at when it is needed.
            remove_entry(entry)?;
            if !is_occupied_beside_git(worktree)? {
                remove_if_there(&pointer)?;
            }
            repairs.done.push(format!("removed the entry {name}, which was never completed"));
            return Ok(());
        }
        if !entry.has_text("commondir") {
            write_atomic(&entry.dir.join("commondir"), b"../..\n").map_err(GitError::unwritten)?;
            repairs.done.push(format!("wrote the missing commondir of {name}"));
        }
        if entry.text("locked").as_deref().map(OsStr::as_bytes) == Some(INITIALIZING.as_bytes()) {
            remove_if_there(&entry.dir.join("locked"))?;
            repairs.done.push(format!("unlocked {name}, whose making was cut short"));
        }
        if fs::symlink_metadata(&pointer).is_err() || fs::read(&pointer).is_ok_and(|text| text.is_empty()) {
            let mut text = b"gitdir: ".to_vec();
            text.extend_from_slice(entry.dir.as_os_str().as_bytes());
            text.push(b'\n');
            write_atomic(&pointer, &text).map_err(GitError::unwritten)?;
            repairs.done.push(format!("wrote the missing {}", pointer.display()));
        }
        Ok(())
    }

    /// A detached worktree whose folder is gone may have held commits that no branch holds.
    fn keep_detached(&self, head: Option<CommitId>) -> Result<(), GitError> {
        let Some(head) = head else { return Ok(()) };
        if self.git.commit_exists(&head)? && !self.git.is_reachable(&head)? {
            self.git.keep(&BackupName::of_branch("ralph/detached"), head, Vec::new())?;
        }
        Ok(())
    }

    /// Notes which entries exist before one is added: an entry that says nothing of itself, was not there before,
    /// and has the name that git gives to the one announced, is ours. The file to remove once it is added.
    pub(super) fn announce(&self, path: &Path) -> Result<PathBuf, GitError> {
        let folder = self.root.join(ADDING);
        fs::create_dir_all(&folder).map_err(GitError::io("make the folder", &folder))?;
        let existing = names_in(&self.git.common_dir().join("worktrees"))?;
        let mut name = OsString::from(self.repository_hash());
        name.push(".");
        name.push(path.file_name().unwrap_or_default());
        let intent = folder.join(name);
        write_atomic(&intent, &existing.join(OsStr::new("\n")).into_encoded_bytes()).map_err(GitError::unwritten)?;
        Ok(intent)
    }

    fn was_announced(&self, id: &OsStr) -> Result<bool, GitError> {
        let prefix = format!("{}.", self.repository_hash());
        for intent in names_in(&self.root.join(ADDING))? {
            let base = intent.as_bytes().strip_prefix(prefix.as_bytes());
            // git appends a number when the name is taken.
            let number = base.and_then(|base| id.as_bytes().strip_prefix(base));
            if number.is_some_and(|number| number.iter().all(u8::is_ascii_digit)) {
                let path = self.root.join(ADDING).join(&intent);
                let existing = fs::read(&path).map_err(GitError::io("read", &path))?;
                return Ok(!existing.split(|byte| *byte == b'\n').any(|name| name == id.as_bytes()));
            }
        }
        Ok(false)
    }

    /// Several repositories may share one root.
    fn repository_hash(&self) -> String {
        let digest = Sha256::digest(self.git.common_dir().as_os_str().as_bytes());
        hex(&digest).chars().take(8).collect()
    }
}

impl Entry {
    fn read(dir: PathBuf) -> Self {
        let mut entry = Self { dir, worktree: None };
        // A relative path is that of somebody else; ours are always in full.
        let pointer = entry.text("gitdir").map(PathBuf::from);
        entry.worktree = pointer.and_then(|pointer| pointer.parent().map(Path::to_owned));
        entry
    }

    /// The text of one of its files; `None` when it is missing or empty.
    fn text(&self, name: &str) -> Option<OsString> {
        let bytes = fs::read(self.dir.join(name)).ok()?;
        let text = bytes.trim_ascii_end();
        (!text.is_empty()).then(|| OsString::from_vec(text.to_vec()))
    }

    fn has_text(&self, name: &str) -> bool {
        self.text(name).is_some()
    }

    fn detached_at(&self) -> Option<CommitId> {
        CommitId::new(self.text("HEAD")?.to_str()?).ok()
    }
}

/// Entries of the user that stop git everywhere in the repository; others are not our business.
fn report_broken(entry: &Entry, repairs: &mut Repairs) {
    let commondir = entry.dir.join("commondir");
    if fs::read(&commondir).is_ok_and(|text| text.trim_ascii().is_empty()) {
        let name = entry.dir.display();
        let advice =
            format!("{name} is half written and stops git; remove that folder if no `git worktree add` is running");
        repairs.left.push(advice);
    }
}

fn remove_entry(entry: &Entry) -> Result<(), GitError> {
    fs::remove_dir_all(&entry.dir).map_err(GitError::io("remove the entry", &entry.dir))?;
    // As git does: no empty folder is left behind. Fails when others are in it, as it should.
    if let Some(entries) = entry.dir.parent() {
        let _ = fs::remove_dir(entries);
    }
    Ok(())
}
