//! The worktrees of a run: made, found again, repaired after a kill at any point, and removed only when git proves
//! that nothing is lost.
//!
//! **Invariant:** only what lies below the folder of our worktrees is ever written or removed.

mod bring_back;
mod entry;
mod readopt;
mod remove;
mod abandon;
mod survey;
pub mod include;
mod put_back;

use std::fs;
use std::path::{Component, Path, PathBuf};

pub use abandon::Abandoned;
pub use entry::Repairs;
pub use remove::Removal;
pub use survey::{Content, Found};

use crate::domain::id::CommitId;
use crate::effects::git::refs::require_ours;
use crate::effects::git::snapshot::BackupName;
use crate::effects::git::stage::is_usable_index;
use crate::effects::git::{Git, GitError, Linked, Place};

/// All worktrees of this program for one repository.
#[derive(Debug, Clone)]
pub struct Worktrees {
    git: Git,
    root: PathBuf,
}

/// A worktree that is ready for work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The tip of its branch, or the commit that it is detached at.
    pub tip: CommitId,
    /// Whether its files were checked out by this very call. Whoever sets it up keeps a mark of their own: a kill may
    /// fall between this call and the end of the set-up.
    pub fresh: bool,
    /// Whether it names submodules. Their folders are empty, as in a fresh clone: filling them may need the network,
    /// so it is the set-up command's business.
    pub has_submodules: bool,
    /// The references under which is saved what was in the way: work on another line of history, files without an index.
    pub saved: Vec<String>,
}

/// How a new worktree is attached to the history.
enum Attach<'a> {
    Branch(&'a str),
    Detached(&'a CommitId),
}

impl Worktrees {
    /// The worktrees below `root`, which is made when missing.
    ///
    /// # Errors
    /// The folder cannot be made.
    pub fn open(git: Git, root: &Path) -> Result<Self, GitError> {
        fs::create_dir_all(root).map_err(GitError::io("make the folder", root))?;
        let root = root.canonicalize().map_err(GitError::io("find", root))?;
        if let Ok(checkout) = git.checkout()
            && checkout.starts_with(&root)
        {
            // Then the user's checkout itself would count as ours.
            return Err(GitError::OutsideRoot { path: root, root: checkout.to_owned() });
        }
        Ok(Self { git, root })
    }

    /// The folder of the worktrees.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Makes sure that there is a worktree at `path` on `branch`, which begins at `start` when it does not exist yet.
    /// Found, repaired, brought back from another branch, completed or made: the same call does it all, and may be repeated
    /// after any kill. No session may be alive in the worktree.
    ///
    /// # Errors
    /// Files of somebody else are in the way, the branch is checked out elsewhere, or git fails.
    pub fn ensure(&self, branch: &str, start: &CommitId, path: &Path) -> Result<Prepared, GitError> {
        require_ours(branch)?;
        let path = self.managed(path)?;
        let mut saved = Vec::new();
        {
            let _alone = self.git.alone();
            self.repair_entries_alone()?;
            self.git.unlock_branch(branch)?;
            self.finish_readopting(&path)?;
            self.git.create_branch(branch, start)?;
            if self.is_listed(&path)? {
                saved.extend(self.bring_back(&path, branch)?);
            } else {
                self.check_free(branch)?;
                self.add(&path, &Attach::Branch(branch))?;
            }
        }
        let linked = self.git.linked(&path)?;
        self.git.unlock(&linked)?;
        let (fresh, rescued) = self.finish_checkout(&linked, &BackupName::of_branch(branch))?;
        saved.extend(rescued);
        self.prepared(&linked, fresh, saved)
    }

    /// Makes sure that there is a worktree at `path` that holds exactly `commit`, on no branch: other changes are
    /// dropped, untracked files removed. Ignored files stay, so that build caches stay warm.
    ///
    /// # Errors
    /// Files of somebody else are in the way, or git fails.
    pub fn ensure_detached(&self, path: &Path, commit: &CommitId) -> Result<Prepared, GitError> {
        let path = self.managed(path)?;
        {
            let _alone = self.git.alone();
            self.repair_entries_alone()?;
            self.finish_readopting(&path)?;
            if !self.is_listed(&path)? {
                self.add(&path, &Attach::Detached(commit))?;
            }
        }
        let linked = self.git.linked(&path)?;
        self.git.unlock(&linked)?;
        let fresh = !is_usable_index(&linked.git_dir.join("index"));
        if fresh {
            remove_if_there(&linked.git_dir.join("index"))?;
        }
        let place = Place::Linked(&linked);
        if self.git.branch_of(place)?.is_some() {
            // Somebody switched to a branch here; `reset` would move that branch.
            self.git.call(place)?.args(["update-ref", "--no-deref", "HEAD", commit.as_str()]).run()?;
        }
        self.git.call(place)?.args(["reset", "--quiet", "--hard", commit.as_str()]).run()?;
        // Twice `f`: also repositories that somebody cloned into it.
        self.git.call(place)?.args(["clean", "--quiet", "-ffd", "--exclude", "/.ralph/"]).run()?;
        self.prepared(&linked, fresh, Vec::new())
    }

    fn prepared(&self, linked: &Linked, fresh: bool, saved: Vec<String>) -> Result<Prepared, GitError> {
        let tip = self.git.head_of(Place::Linked(linked))?;
        Ok(Prepared { tip, fresh, has_submodules: linked.path.join(".gitmodules").is_file(), saved })
    }

    /// The path in full, proven to be strictly below our root before anything is made; then its parent folders exist.
    fn managed(&self, path: &Path) -> Result<PathBuf, GitError> {
        let outside = || GitError::OutsideRoot { path: path.to_owned(), root: self.root.clone() };
        let is_plain = path.components().all(|part| match part {
            Component::Normal(_) | Component::RootDir => true,
            Component::ParentDir | Component::CurDir | Component::Prefix(_) => false,
        });
        // Links are resolved as far as the path exists; what does not exist holds none.
        let existing = path.ancestors().skip(1).find_map(|folder| Some((folder, folder.canonicalize().ok()?)));
        let (Some((folder, real)), true) = (existing, is_plain && path.is_absolute()) else { return Err(outside()) };
        let real = real.join(path.strip_prefix(folder).unwrap_or(path));
        let is_link = fs::symlink_metadata(&real).is_ok_and(|data| data.is_symlink());
        // Names with a dot are our own, such as the trash.
        let is_below = real.strip_prefix(&self.root).is_ok_and(|rest| {
            rest.components().next().is_some_and(|top| !top.as_os_str().as_encoded_bytes().starts_with(b"."))
        });
        if is_link || !is_below {
            return Err(outside());
        }
        let parent = real.parent().unwrap_or(&self.root);
        fs::create_dir_all(parent).map_err(GitError::io("make the folder", parent))?;
        Ok(real)
    }

    fn is_listed(&self, path: &Path) -> Result<bool, GitError> {
        Ok(self.git.checkouts()?.iter().any(|checkout| checkout.path == path))
    }

    fn check_free(&self, branch: &str) -> Result<(), GitError> {
        match self.git.checked_out_at(branch)? {
            Some(path) => Err(GitError::CheckedOut { branch: branch.to_owned(), path }),
            None => Ok(()),
        }
    }

    /// Makes the entry, without files: those come later, outside of the mutex. Under the mutex.
    fn add(&self, path: &Path, attach: &Attach<'_>) -> Result<(), GitError> {
        if is_occupied(path)? {
            return self.readopt(path, attach);
        }
        self.add_entry(path, attach)
    }

    fn add_entry(&self, path: &Path, attach: &Attach<'_>) -> Result<(), GitError> {
        let intent = self.announce(path)?;
        let call = self.git.call(Place::Store)?.args(["worktree", "add", "--quiet", "--no-checkout"]);
        match attach {
            Attach::Branch(branch) => call.arg(path).arg(branch).run()?,
            Attach::Detached(commit) => call.arg("--detach").arg(path).arg(commit.as_str()).run()?,
        };
        remove_if_there(&intent)
    }

    /// Checks the files out if that never came to its end: git writes the index last. Answers whether it did, and under
    /// which reference the files are saved that were there.
    fn finish_checkout(&self, linked: &Linked, backup: &BackupName) -> Result<(bool, Option<String>), GitError> {
        let index = linked.git_dir.join("index");
        if is_usable_index(&index) {
            return Ok((false, None));
        }
        remove_if_there(&index)?;
        let mut saved = None;
        if is_occupied_beside_git(&linked.path)? {
            // Either a check-out that was cut short, or work whose index was lost. The same to us: it is saved.
            saved = self.git.backup_linked(linked, backup)?.reference();
        }
        self.git.call(Place::Linked(linked))?.args(["reset", "--quiet", "--hard", "HEAD"]).run()?;
        Ok((true, saved))
    }
}

/// Whether there is anything at the path other than an empty folder.
fn is_occupied(path: &Path) -> Result<bool, GitError> {
    Ok(!names_in(path)?.is_empty())
}

fn is_occupied_beside_git(path: &Path) -> Result<bool, GitError> {
    Ok(names_in(path)?.iter().any(|name| name != ".git"))
}

/// The names in a folder; none when it does not exist.
fn names_in(path: &Path) -> Result<Vec<std::ffi::OsString>, GitError> {
    match fs::read_dir(path) {
        Ok(entries) => {
            let names = entries.map(|entry| entry.map(|entry| entry.file_name()));
            names.collect::<Result<_, _>>().map_err(GitError::io("list", path))
        }
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => Ok(Vec::new()),
        Err(fault) if fault.kind() == std::io::ErrorKind::NotADirectory => {
            Err(GitError::Foreign { path: path.to_owned() })
        }
        Err(fault) => Err(GitError::io("list", path)(fault)),
    }
}

fn remove_if_there(path: &Path) -> Result<(), GitError> {
    match fs::remove_file(path) {
        Ok(()) => Ok(()),
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => Ok(()),
        Err(fault) => Err(GitError::io("remove", path)(fault)),
    }
}
