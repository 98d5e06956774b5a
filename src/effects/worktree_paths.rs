//! Where the worktrees of a run are: outside of the repository, so that editors, watchers and tools never meet them.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use crate::domain::id::{RunId, hex};
use crate::scheduler::Scope;

/// The worktrees of one run, all in one directory outside of the repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Worktrees(PathBuf);

/// Why worktrees cannot be made where they should be.
#[derive(Debug, thiserror::Error)]
pub enum WorktreesFault {
    /// There is no home directory.
    #[error(
        "neither XDG_STATE_HOME nor HOME is an absolute path: set one of them, or `worktrees.dir` in ralph.config.yml"
    )]
    NoHome,
    /// The place is inside the repository, where editors, watchers and look-ups of tools would meet it.
    #[error("the worktrees would lie in {}, inside the repository {}: set `worktrees.dir` to a directory outside of it", dir.display(), repository.display())]
    InsideRepository {
        /// Where they would lie.
        dir: PathBuf,
        /// The repository.
        repository: PathBuf,
    },
    /// The place cannot be looked at.
    #[error("cannot tell where {} is: {source}; set `worktrees.dir` to an absolute path without `..`", path.display())]
    Unclear {
        /// The place.
        path: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

impl Worktrees {
    /// The default place: `$XDG_STATE_HOME/ralph-teams/<repo>-<hash8>/<run>`, else below `$HOME/.local/state`.
    /// Relative values are ignored, as the XDG specification asks.
    ///
    /// # Errors
    /// The [`WorktreesFault`] that says what to set.
    pub fn default_place(
        xdg_state_home: Option<&OsStr>,
        home: Option<&OsStr>,
        main_worktree: &Path,
        run: &RunId,
    ) -> Result<Self, WorktreesFault> {
        let absolute = |value: Option<&OsStr>| value.map(PathBuf::from).filter(|path| path.is_absolute());
        let state_home = absolute(xdg_state_home)
            .or_else(|| absolute(home).map(|home| home.join(".local/state")))
            .ok_or(WorktreesFault::NoHome)?;
        Self::below(&state_home.join("ralph-teams"), main_worktree, run)
    }

    /// A place that the user chose (`worktrees.dir`): `<dir>/<repo>-<hash8>/<run>`, so that repositories can share it.
    ///
    /// # Errors
    /// The [`WorktreesFault`] that says what to set.
    pub fn below(dir: &Path, main_worktree: &Path, run: &RunId) -> Result<Self, WorktreesFault> {
        let repository = resolved(main_worktree)?;
        let dir = resolved(dir)?;
        if dir.starts_with(&repository) {
            return Err(WorktreesFault::InsideRepository { dir, repository });
        }
        let hash = hex(&Sha256::digest(repository.as_os_str().as_bytes()));
        let name = readable(repository.file_name().unwrap_or_default());
        Ok(Self(dir.join(format!("{name}-{}", &hash[..8])).join(run.as_str())))
    }

    /// The directory that holds them.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The worktree of a track. No slug begins with `_`, so it is never one of the two below.
    #[must_use]
    pub fn track(&self, scope: &Scope) -> PathBuf {
        self.0.join(scope.slug().as_str())
    }

    /// The worktree in which candidates are proven.
    #[must_use]
    pub fn integration(&self) -> PathBuf {
        self.0.join("_integration")
    }

    /// The worktree in which the final validator works.
    #[must_use]
    pub fn validation(&self) -> PathBuf {
        self.0.join("_final")
    }
}

/// The path with every symlink of its existing part followed.
fn resolved(path: &Path) -> Result<PathBuf, WorktreesFault> {
    let unclear = |source| WorktreesFault::Unclear { path: path.to_owned(), source };
    let absolute = std::path::absolute(path).map_err(unclear)?;
    for ancestor in absolute.ancestors() {
        match (ancestor.canonicalize(), absolute.strip_prefix(ancestor)) {
            (Ok(real), Ok(rest)) if rest.components().all(|part| matches!(part, std::path::Component::Normal(_))) => {
                // Joining an empty rest would add a slash.
                return Ok(if rest.as_os_str().is_empty() { real } else { real.join(rest) });
            }
            (Err(fault), _) if fault.kind() == io::ErrorKind::NotFound => {}
            (Err(fault), _) => return Err(unclear(fault)),
            (Ok(_), _) => break,
        }
    }
    Err(unclear(io::ErrorKind::InvalidInput.into()))
}

/// The part of a directory's name that people read; the hash behind it makes it unique.
fn readable(name: &OsStr) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' };
    let name: String = name.to_string_lossy().chars().map(plain).take(40).collect();
    if name.is_empty() { "root".to_owned() } else { name }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::EpicId;

    fn run() -> RunId {
        RunId::new("20261120-101500-k3f9").expect("a run id")
    }

    #[test]
    fn worktrees_lie_in_the_state_home_one_directory_per_repository_and_run() {
        let home = tempfile::tempdir().expect("a directory");
        let home = home.path().canonicalize().expect("a path");
        let repository = home.join("code/My Repo");
        let place = |xdg: Option<&OsStr>| Worktrees::default_place(xdg, Some(home.as_os_str()), &repository, &run());
        let fallback = place(None).expect("a place");
        assert!(fallback.path().starts_with(home.join(".local/state/ralph-teams")), "{fallback:?}");
        assert_eq!(place(Some(OsStr::new("relative"))).expect("a place"), fallback);
        let login = Scope::Epic(EpicId::new("login").expect("an id"));
        let chosen = place(Some(home.join("state").as_os_str())).expect("a place");
        let text = chosen.track(&login).to_string_lossy().into_owned();
        assert!(
            text.contains("/state/ralph-teams/My-Repo-") && text.ends_with("/20261120-101500-k3f9/login"),
            "{text}"
        );
        assert!(matches!(Worktrees::default_place(None, None, &repository, &run()), Err(WorktreesFault::NoHome)));
    }

    #[test]
    fn two_repositories_of_one_name_have_different_places() {
        let dir = Path::new("/nowhere-1/state");
        let a = Worktrees::below(dir, Path::new("/nowhere-1/a/app"), &run()).expect("a place");
        let b = Worktrees::below(dir, Path::new("/nowhere-1/b/app"), &run()).expect("a place");
        assert_ne!(a, b);
    }

    #[test]
    fn worktrees_never_lie_inside_the_repository_not_even_by_a_symlink() {
        let base = tempfile::tempdir().expect("a directory");
        let repository = base.path().join("repo");
        std::fs::create_dir(&repository).expect("a directory");
        let link = base.path().join("link");
        std::os::unix::fs::symlink(&repository, &link).expect("a link");
        for dir in [repository.join("trees"), link.join("not/there/yet"), repository.clone()] {
            let fault = Worktrees::below(&dir, &repository, &run()).expect_err("inside");
            assert!(matches!(fault, WorktreesFault::InsideRepository { .. }), "{fault}");
        }
    }
}
