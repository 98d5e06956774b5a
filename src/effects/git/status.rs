//! What is not committed, and a fingerprint of the user's checkout that shows any meddling.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::refs::{OUR_BRANCHES, OUR_REFS};
use super::{Git, GitError, Place, RUNS_DIR, is_below, path_of};
use crate::domain::id::hex;
use crate::effects::fs::TEMPORARY;

/// One file that is not as committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Relative to the top folder of the checkout.
    pub path: PathBuf,
    /// In which way.
    pub kind: ChangeKind,
}

/// In which way a file is not as committed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChangeKind {
    /// git knows it, and it is changed, added, removed or of another mode.
    Tracked,
    /// git does not know it and does not ignore it.
    Untracked,
    /// It has a conflict that nobody resolved.
    Unmerged,
    /// An untracked folder that is a repository of its own; git can record nothing of what is in it.
    Repository,
}

/// Everything of the user's that the runner must leave as it is. Two of them compare with [`Fingerprint::changes`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fingerprint {
    head: String,
    refs: BTreeMap<String, String>,
    parts: BTreeMap<&'static str, String>,
}

impl Git {
    /// What is not committed in the user's checkout, without the PRD (a path in full, or relative to the top folder)
    /// and without our run data.
    ///
    /// # Errors
    /// The repository is bare or git fails.
    pub fn dirty(&self, prd: Option<&Path>) -> Result<Vec<Change>, GitError> {
        let prd = prd.map(|prd| self.relative_to_checkout(prd)).transpose()?;
        let mut changes = self.changes(Place::Checkout, None)?;
        changes.retain(|change| {
            !is_below(&change.path, RUNS_DIR) && Some(&change.path) != prd.as_ref() && !is_temporary(&change.path)
        });
        Ok(changes)
    }

    /// A path as git names it in the user's checkout; a path outside stays as it is.
    pub(super) fn relative_to_checkout(&self, path: &Path) -> Result<PathBuf, GitError> {
        let checkout = self.checkout()?;
        let full = checkout.join(path);
        // The file itself may be a link, which git records as such; only its folder is resolved.
        let real = match (full.parent().map(Path::canonicalize), full.file_name()) {
            (Some(Ok(folder)), Some(name)) => folder.join(name),
            (Some(Ok(_) | Err(_)) | None, _) => full,
        };
        Ok(real.strip_prefix(checkout).map_or_else(|_| path.to_owned(), Path::to_owned))
    }

    /// What is not committed in a checkout, file by file.
    pub(in crate::effects) fn changes(&self, place: Place<'_>, index: Option<&Path>) -> Result<Vec<Change>, GitError> {
        let ask =
            ["status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--ignore-submodules=none"];
        let list = self.call(place)?.index(index).args(ask).run()?;
        Ok(parse_status(&list))
    }

    /// The fingerprint of the user's checkout as it is now: `HEAD`, what the index holds, all refs that are not the
    /// runner's, hooks, the configuration, the ignore file, and what is not committed.
    ///
    /// # Errors
    /// The repository is bare, git fails, or a file cannot be read.
    pub fn fingerprint(&self) -> Result<Fingerprint, GitError> {
        self.fingerprint_beside(None)
    }

    /// The same without the PRD, which the runner writes itself.
    ///
    /// # Errors
    /// As [`Self::fingerprint`].
    pub fn fingerprint_beside(&self, prd: Option<&Path>) -> Result<Fingerprint, GitError> {
        let checkout = self.checkout()?;
        let head = self.call(Place::Checkout)?.args(["rev-parse", "--symbolic-full-name", "HEAD"]).end()?;
        let commit = self.call(Place::Checkout)?.args(["rev-parse", "--verify", "--quiet", "HEAD"]).end()?;
        let lossy = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim().to_owned();
        let head = format!("{} {}", lossy(head.stdout()), lossy(commit.stdout()));

        let index = self.call(Place::Checkout)?.args(["ls-files", "--stage", "-t", "-z"]).run()?;
        let mut status = Sha256::new();
        for change in self.dirty(prd)? {
            status.update(change.path.as_os_str().as_bytes());
            status.update([0]);
            status.update(content(&checkout.join(&change.path))?);
            status.update([0]);
        }
        let mut parts = BTreeMap::from([
            ("the index", hex(&Sha256::digest(&index))),
            ("uncommitted files", hex(&status.finalize())),
            ("hooks (.git/hooks)", hooks(&self.common_dir.join("hooks"))?),
        ]);
        let files = [
            ("the configuration (.git/config)", self.common_dir.join("config")),
            ("the configuration (.git/config.worktree)", self.git_dir.join("config.worktree")),
            (".gitignore", checkout.join(".gitignore")),
        ];
        for (name, path) in files {
            parts.insert(name, hex(&Sha256::digest(content(&path)?)));
        }
        Ok(Fingerprint { head, refs: self.foreign_refs()?, parts })
    }

    /// All refs that are not the runner's, with what they point at.
    fn foreign_refs(&self) -> Result<BTreeMap<String, String>, GitError> {
        let format = "--format=%(refname) %(objectname) %(symref)";
        let list = self.call(Place::Store)?.args(["for-each-ref", format]).run()?;
        let list = String::from_utf8_lossy(&list).into_owned();
        let pairs = list.lines().filter_map(|line| line.split_once(' '));
        let foreign = pairs.filter(|(name, _)| {
            let branch = name.strip_prefix("refs/heads/").unwrap_or_default();
            !name.starts_with(OUR_REFS) && !branch.starts_with(OUR_BRANCHES)
        });
        Ok(foreign.map(|(name, target)| (name.to_owned(), target.trim().to_owned())).collect())
    }
}

impl Fingerprint {
    /// What differs, in words; empty when nothing does.
    #[must_use]
    pub fn changes(&self, later: &Self) -> Vec<String> {
        let mut changes = Vec::new();
        if self.head != later.head {
            changes.push(format!("HEAD: {} -> {}", self.head, later.head));
        }
        for (name, target) in &self.refs {
            match later.refs.get(name) {
                Some(now) if now == target => {}
                Some(now) => changes.push(format!("{name}: {target} -> {now}")),
                None => changes.push(format!("{name}: removed")),
            }
        }
        changes
            .extend(later.refs.keys().filter(|name| !self.refs.contains_key(*name)).map(|name| format!("{name}: new")));
        let parts = self.parts.iter().filter(|(name, hash)| later.parts.get(*name) != Some(hash));
        changes.extend(parts.map(|(name, _)| format!("{name}: changed")));
        changes
    }
}

/// The hooks in a folder; those that git ships as samples are none.
fn hooks(folder: &Path) -> Result<String, GitError> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_none_or(|extension| extension != "sample"));
    paths.sort();
    let mut digest = Sha256::new();
    for path in paths {
        digest.update(path.as_os_str().as_bytes());
        digest.update(content(&path)?);
    }
    Ok(hex(&digest.finalize()))
}

/// Of larger files size and times stand for the content.
const READ_AT_MOST: u64 = 4 * 1024 * 1024;

/// The bytes of a file, the target of a link, nothing for what is absent or a folder.
fn content(path: &Path) -> Result<Vec<u8>, GitError> {
    match fs::symlink_metadata(path) {
        Ok(data) if data.is_symlink() => {
            let target = fs::read_link(path).map_err(GitError::io("read the link", path))?;
            Ok(target.into_os_string().into_encoded_bytes())
        }
        Ok(data) if data.is_file() && data.len() > READ_AT_MOST => {
            Ok(format!("{} {} {}", data.len(), data.mtime(), data.mtime_nsec()).into_bytes())
        }
        Ok(data) if data.is_file() => fs::read(path).map_err(GitError::io("read", path)),
        // A file that vanished between the listing and now, or a folder, pipe or socket.
        Ok(_) | Err(_) => Ok(Vec::new()),
    }
}

/// Whether it is a file that this program is just writing (the PRD), or was when it was killed.
fn is_temporary(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.as_bytes().starts_with(TEMPORARY.as_bytes()))
}

fn parse_status(list: &[u8]) -> Vec<Change> {
    let parse = |entry: &[u8]| {
        let (code, path) = (entry.get(..2)?, entry.get(3..)?);
        let kind = match code {
            b"??" if path.ends_with(b"/") => ChangeKind::Repository,
            b"??" => ChangeKind::Untracked,
            b"DD" | b"AA" | [b'U', _] | [_, b'U'] => ChangeKind::Unmerged,
            _ => ChangeKind::Tracked,
        };
        Some(Change { path: path_of(path), kind })
    };
    super::nul_separated(list).filter_map(parse).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_of_git_status_is_told_apart() {
        let check = |entry: &[u8], kind| assert_eq!(parse_status(entry)[0].kind, kind, "{entry:?}");
        check(b" M a\0", ChangeKind::Tracked);
        check(b"A  a\0", ChangeKind::Tracked);
        check(b" T a\0", ChangeKind::Tracked);
        check(b"?? a b\nc\0", ChangeKind::Untracked);
        check(b"?? clone/\0", ChangeKind::Repository);
        for code in ["DD", "AU", "UD", "UA", "DU", "AA", "UU"] {
            check(format!("{code} a\0").as_bytes(), ChangeKind::Unmerged);
        }
        assert_eq!(parse_status(b"?? a b\nc\0")[0].path, PathBuf::from("a b\nc"));
    }
}
