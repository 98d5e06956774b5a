//! Git: the library reads, the program writes, and the user's checkout stays as it is.
//!
//! **Invariant:** nothing here but [`land`], which the user asks for by name, writes into the user's working tree, index
//! or branches. What is written: objects, refs below `refs/heads/ralph/` and `refs/ralph/`, worktree entries, and two lines of `info/exclude`.

pub mod error;
pub mod run;
pub mod read;
pub mod refs;
pub mod locks;
pub mod status;
pub mod stage;
pub mod snapshot;
mod put;
pub mod exclude;
pub mod merge;
pub mod land;
pub mod update;
pub mod commit;
pub mod look;
pub mod listing;
mod hooks;
pub mod backups;
mod stand;

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

pub use error::GitError;
pub use run::Program;

use run::Call;

/// The folder of run data in the user's checkout.
pub const RUNS_DIR: &str = ".ralph-teams";
/// The folder in a worktree through which runner and session talk.
pub const TALK_DIR: &str = ".ralph";

/// A handle on one repository, from one checkout of it. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Git {
    program: Program,
    checkout: Option<PathBuf>,
    git_dir: PathBuf,
    common_dir: PathBuf,
    lock: Arc<Mutex<()>>,
}

/// Where a call of git runs.
#[derive(Debug, Clone, Copy)]
pub(in crate::effects) enum Place<'a> {
    /// In the user's checkout; only for reading, with an index of our own, or to land.
    Checkout,
    /// In the repository without any working tree: refs and objects.
    Store,
    /// In a worktree that was verified.
    Linked(&'a Linked),
}

/// A worktree of which git itself confirmed that it is where we think, and of this repository.
#[derive(Debug, Clone)]
pub(in crate::effects) struct Linked {
    /// Its folder, in full.
    pub(in crate::effects) path: PathBuf,
    /// Its entry below `<common>/worktrees`.
    pub(in crate::effects) git_dir: PathBuf,
}

/// One mutex per repository of this process: of 16 parallel writers of worktree entries 14 failed without.
static LOCKS: Mutex<BTreeMap<PathBuf, Arc<Mutex<()>>>> = Mutex::new(BTreeMap::new());

impl Git {
    /// Finds the repository that `folder` belongs to.
    ///
    /// # Errors
    /// No repository, no git program, or a format that cannot be read.
    pub fn open(program: Program, folder: &Path) -> Result<Self, GitError> {
        let folder = folder.canonicalize().map_err(GitError::io("find", folder))?;
        let ask = |what: &str| -> Result<PathBuf, GitError> {
            let ended = program.call(&folder, true).args(["rev-parse", "--path-format=absolute", what]).end()?;
            match ended.code() {
                Some(0) => {
                    let path = ended.stdout().strip_suffix(b"\n").unwrap_or(ended.stdout());
                    Ok(PathBuf::from(OsString::from_vec(path.to_vec())))
                }
                Some(128) => Err(GitError::NotARepository { path: folder.clone(), detail: ended.stderr() }),
                Some(_) | None => Err(ended.failed()),
            }
        };
        let common_dir = ask("--git-common-dir")?;
        let git_dir = ask("--git-dir")?;
        let bare = ask("--is-bare-repository")?.as_os_str() == "true";
        let checkout = if bare { None } else { Some(ask("--show-toplevel")?) };
        let lock = {
            let mut locks = LOCKS.lock().unwrap_or_else(PoisonError::into_inner);
            Arc::clone(locks.entry(common_dir.clone()).or_default())
        };
        let git = Self { program, checkout, git_dir, common_dir, lock };
        git.check_readable()?;
        Ok(git)
    }

    /// The same repository, with one more variable in the environment of every git that is started.
    #[must_use]
    pub fn with_env(mut self, key: &str, value: &str) -> Self {
        self.program = self.program.with_env(key, value);
        self
    }

    /// The user's checkout: the top folder of the working tree that the handle was opened in.
    ///
    /// # Errors
    /// The repository is bare.
    pub fn checkout(&self) -> Result<&Path, GitError> {
        self.checkout.as_deref().ok_or_else(|| GitError::Bare { path: self.common_dir.clone() })
    }

    /// The folder that all worktrees share: refs, objects, configuration.
    #[must_use]
    pub fn common_dir(&self) -> &Path {
        &self.common_dir
    }

    /// Whether the repository has no checkout.
    #[must_use]
    pub fn is_bare(&self) -> bool {
        self.checkout.is_none()
    }

    /// Whether the user's checkout is itself a linked worktree.
    #[must_use]
    pub fn is_linked(&self) -> bool {
        self.git_dir != self.common_dir
    }

    /// Checks that git knows who commits.
    ///
    /// # Errors
    /// [`GitError::NoIdentity`] with what to do.
    pub fn check_identity(&self) -> Result<(), GitError> {
        for variable in ["GIT_AUTHOR_IDENT", "GIT_COMMITTER_IDENT"] {
            let ended = self.call(Place::Store)?.args(["var", variable]).end()?;
            if ended.code() != Some(0) {
                let detail = ended.stderr().lines().last().unwrap_or_default().to_owned();
                return Err(GitError::NoIdentity { detail });
            }
        }
        Ok(())
    }

    /// Who commits here, as the variables that git reads before any configuration: for programs that keep the user's own
    /// configuration from git.
    ///
    /// # Errors
    /// [`GitError::NoIdentity`] with what to do.
    pub fn identity_variables(&self) -> Result<BTreeMap<String, String>, GitError> {
        let mut variables = BTreeMap::new();
        for who in ["AUTHOR", "COMMITTER"] {
            let variable = format!("GIT_{who}_IDENT");
            let ended = self.call(Place::Store)?.args(["var", &variable]).end()?;
            let ident = String::from_utf8_lossy(ended.stdout()).into_owned();
            // `Name <mail> seconds zone`.
            let Some((name, mail)) = ident.split_once(" <").filter(|_| ended.code() == Some(0)) else {
                let detail = ended.stderr().lines().last().unwrap_or_default().to_owned();
                return Err(GitError::NoIdentity { detail });
            };
            let mail = mail.split_once('>').map_or(mail, |(mail, _)| mail);
            variables.insert(format!("GIT_{who}_NAME"), name.to_owned());
            variables.insert(format!("GIT_{who}_EMAIL"), mail.to_owned());
        }
        Ok(variables)
    }

    /// Alone in this process with the repository's configuration and worktree entries until dropped.
    pub(in crate::effects) fn alone(&self) -> MutexGuard<'_, ()> {
        // The mutex guards no data, so a panic of another holder leaves nothing half done in memory.
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(in crate::effects) fn call(&self, place: Place<'_>) -> Result<Call, GitError> {
        let (call, linked) = match place {
            Place::Checkout => (self.program.call(self.checkout()?, false), None),
            Place::Store => (self.program.call(&self.common_dir, false).env("GIT_DIR", &self.common_dir), None),
            Place::Linked(linked) => (self.program.call(&linked.path, false), Some(linked)),
        };
        Ok(call.without_hooks(&self.configured_hooks(linked)))
    }

    /// Makes sure that `path` is a linked worktree of this repository, so that no write ever lands in the main one:
    /// an agent may have deleted the `.git` file, and git would otherwise look further up.
    pub(in crate::effects) fn linked(&self, path: &Path) -> Result<Linked, GitError> {
        let refuse = |reason: String| GitError::NotAWorktree { path: path.to_owned(), reason };
        let real = path.canonicalize().map_err(|fault| refuse(fault.to_string()))?;
        if self.checkout.as_deref() == Some(&real) {
            return Err(refuse("it is the user's own checkout".to_owned()));
        }
        if let Some(linked) = self.plainly_linked(&real) {
            return Ok(linked);
        }
        let ask = ["rev-parse", "--path-format=absolute", "--show-toplevel", "--git-common-dir", "--git-dir"];
        let ended = self.program.call(&real, false).args(ask).end()?;
        if ended.code() != Some(0) {
            return Err(refuse(ended.stderr()));
        }
        // Compared as a whole, so that line breaks in paths cannot confuse anything.
        let mut expected = Vec::new();
        for part in [&real, &self.common_dir] {
            expected.extend_from_slice(part.as_os_str().as_bytes());
            expected.push(b'\n');
        }
        let git_dir = ended.stdout().strip_prefix(expected.as_slice()).and_then(|rest| rest.strip_suffix(b"\n"));
        let git_dir = git_dir.map(|bytes| PathBuf::from(OsString::from_vec(bytes.to_vec())));
        match git_dir {
            Some(git_dir) if git_dir.starts_with(self.common_dir.join("worktrees")) => {
                Ok(Linked { path: real, git_dir })
            }
            Some(_) | None => Err(refuse("git says that it belongs to another repository or folder".to_owned())),
        }
    }
}

/// A path as git prints it.
pub(in crate::effects) fn path_of(bytes: &[u8]) -> PathBuf {
    PathBuf::from(OsString::from_vec(bytes.to_vec()))
}

/// The parts of a NUL-separated list.
pub(in crate::effects) fn nul_separated(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    bytes.split(|byte| *byte == 0).filter(|part| !part.is_empty())
}

/// Whether a path relative to the top folder lies in the folder `top`.
pub(in crate::effects) fn is_below(path: &Path, top: &str) -> bool {
    matches!(path.components().next(), Some(Component::Normal(first)) if first == top)
}
