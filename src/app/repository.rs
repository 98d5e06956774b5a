//! The repository that a command works in, and where its runs are.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::refusal::Refusal;
use crate::domain::id::RunId;
use crate::effects::git::{Git, Program};
use crate::effects::paths::{self, StateDir};

/// The repository, the user's checkout of it, and `.ralph-teams/`.
pub struct Repository {
    /// The repository.
    pub git: Git,
    /// The top folder of the user's checkout.
    pub checkout: PathBuf,
    /// `.ralph-teams/`.
    pub state: StateDir,
}

impl Repository {
    /// The repository of `folder`.
    ///
    /// # Errors
    /// No repository, a bare one, or no git.
    pub fn of(folder: &Path) -> Result<Self, Refusal> {
        let git = Git::open(Program::new("git"), folder).map_err(Refusal::environment)?;
        let checkout = git.checkout().map_err(Refusal::environment)?.to_owned();
        let state = StateDir::of(&checkout);
        Ok(Self { git, checkout, state })
    }

    /// The repository of the current folder.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn here() -> Result<Self, Refusal> {
        Self::of(&current_folder()?)
    }

    /// A path in the checkout as a person would type it where they are: short in the top folder, elsewhere in full.
    #[must_use]
    pub fn shown(&self, path: &Path) -> String {
        let is_on_top = current_folder().and_then(|here| here.canonicalize().map_err(Refusal::environment)).ok()
            == self.checkout.canonicalize().ok();
        let short = path.strip_prefix(&self.checkout).ok().filter(|_| is_on_top);
        short.unwrap_or(path).display().to_string()
    }

    /// Whether a PRD is the one of a single task.
    #[must_use]
    pub fn is_of_task(&self, prd: &Path) -> bool {
        self.checkout.join(prd).starts_with(self.state.tasks())
    }
}

/// The current folder.
///
/// # Errors
/// It was removed.
pub fn current_folder() -> Result<PathBuf, Refusal> {
    std::env::current_dir().map_err(|error| Refusal::environment(format!("the current folder is gone: {error}")))
}

/// The environment of this process, as far as it is text.
#[must_use]
pub fn environment() -> BTreeMap<String, String> {
    std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect()
}

/// Where the worktrees of a run go.
///
/// # Errors
/// No home folder, or a place inside of the repository.
pub fn worktree_places(
    repository: &Repository,
    chosen: Option<&Path>,
    env: &BTreeMap<String, String>,
    run: &RunId,
) -> Result<paths::Worktrees, Refusal> {
    let var = |name: &str| env.get(name).map(std::ffi::OsStr::new);
    let places = match chosen {
        Some(dir) => paths::Worktrees::below(&repository.checkout.join(dir), &repository.checkout, run),
        None => paths::Worktrees::default_place(var("XDG_STATE_HOME"), var("HOME"), &repository.checkout, run),
    };
    places.map_err(Refusal::environment)
}
