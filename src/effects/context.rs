//! Everything that the hands know of a run: what to work on, where, and with which programs.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

use super::backend::{AgentRoles, Backend};
use super::delegations::Delegations;
use super::desk::Desk;
use super::git::{Git, GitError};
use super::guard::Guard;
use super::host::spec::{Environment, JOB_VARIABLE, RUN_VARIABLE};
use super::paths::{self, RunDir, StateDir};
use super::prompt::Templates;
use super::steps::first_start::FirstStarts;
use super::worktree::Worktrees;
use crate::clock::Clock;
use crate::domain::gate::Gate;
use crate::domain::id::RunId;
use crate::domain::plan::Plan;
use crate::domain::policy::Workflow;
use crate::domain::price::Prices;
use crate::domain::role::{DelegationMode, Role};
use crate::scheduler::event::Failure;
use crate::scheduler::{Job, Scope};

/// What one life of a run works with.
pub struct Context {
    /// The run.
    pub run: RunId,
    /// What is to be done.
    pub plan: Plan,
    /// The user's commands that prove work.
    pub gates: Vec<Gate>,
    /// Which planners and validators work beside the leads.
    pub workflow: Workflow,
    /// Longest silence of a session, in milliseconds.
    pub idle_timeout_ms: Option<u64>,
    /// Tool calls in which a session may do the same while nothing changes; 0: any number.
    pub stagnation_turns: u32,
    /// The repository.
    pub git: Git,
    /// The user's `prd.json`.
    pub prd: PathBuf,
    /// `.ralph-teams/`.
    pub state: StateDir,
    /// The run's directory in it.
    pub run_dir: RunDir,
    /// Where worktrees are.
    pub places: paths::Worktrees,
    /// The worktrees themselves.
    pub worktrees: Worktrees,
    /// What makes a fresh worktree ready for work.
    pub setup: Option<Setup>,
    /// Files that git ignores and that each worktree gets a copy of.
    pub include: Vec<String>,
    /// Where sessions may change files.
    pub rules: PathRules,
    /// Who works.
    pub team: Team,
    /// Prices of models, for programs that tell tokens and no money.
    pub prices: Prices,
    /// The prompts.
    pub templates: Templates,
    /// The runner's own environment.
    pub env: BTreeMap<String, String>,
    /// This program's own executable.
    pub host_program: PathBuf,
    /// Whether the runner runs as root.
    pub is_root: bool,
    /// The time.
    pub clock: Clock,
    /// Where sessions call our tools; `None`: they have none.
    pub desk: Option<Desk>,
    /// The leads that wait for other sessions.
    pub delegations: Delegations,
    /// Watches over what is the user's.
    pub guard: Guard,
    /// The integration worktree belongs to one job at a time.
    pub integration: tokio::sync::Mutex<()>,
    /// Whose first start has to be waited for.
    pub first_starts: FirstStarts,
}

/// The command that makes a fresh worktree ready for work.
#[derive(Debug, Clone)]
pub struct Setup {
    /// Given to `sh -c` as it is written.
    pub command: String,
    /// Longest time that it may take, in milliseconds.
    pub timeout_ms: u64,
}

/// Where sessions may change files; globs relative to the root, as git reads them.
#[derive(Debug, Clone, Default)]
pub struct PathRules {
    /// Only here. Empty: everywhere.
    pub allowed: Vec<String>,
    /// Never here.
    pub forbidden: Vec<String>,
}

/// Who works in which role.
#[derive(Clone)]
pub struct Team {
    /// The roles and their instructions.
    pub roles: AgentRoles,
    /// The programs, with model and effort, of each role that is hosted: the one that is used, and those that stand in
    /// while its provider is away.
    pub seats: BTreeMap<Role, Vec<Seat>>,
    /// How leads work with helpers.
    pub delegation: DelegationMode,
    /// The models of the roles that a lead delegates to, by the role's name.
    pub helper_models: BTreeMap<String, String>,
}

/// One role's program.
#[derive(Clone)]
pub struct Seat {
    /// The agent program.
    pub backend: Arc<dyn Backend>,
    /// Its model; `None`: the program's default.
    pub model: Option<String>,
    /// How hard it should think; `None`: the program's default.
    pub effort: Option<String>,
}

impl Context {
    /// The worktree of a scope; the run's own is the final validator's.
    #[must_use]
    pub fn worktree(&self, scope: &Scope) -> PathBuf {
        match scope {
            Scope::Run => self.places.validation(),
            Scope::Epic(_) | Scope::Fix(_) => self.places.track(scope),
        }
    }

    /// The branch of a track.
    #[must_use]
    pub fn branch(&self, scope: &Scope) -> String {
        self.run.epic_branch(&scope.slug())
    }

    /// What every process of a job carries in its environment, so that a sweep finds it, and what keeps git from
    /// looking above the worktree.
    #[must_use]
    pub fn marks(&self, job: &Job) -> BTreeMap<String, String> {
        let ceiling = self.places.path().to_string_lossy().into_owned();
        BTreeMap::from([
            (RUN_VARIABLE.to_owned(), self.run.to_string()),
            (JOB_VARIABLE.to_owned(), job.file_stem()),
            ("GIT_CEILING_DIRECTORIES".to_owned(), ceiling),
        ])
    }

    /// The environment of the user's own commands: the runner's own, without what would lead git astray.
    #[must_use]
    pub fn command_environment(&self, job: &Job) -> Environment {
        let astray = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_OBJECT_DIRECTORY"];
        let own = self.env.iter().filter(|(name, _)| !astray.contains(&name.as_str()));
        let own = own.map(|(name, value)| (name.clone(), value.clone()));
        own.chain(self.marks(job)).map(|(name, value)| (OsString::from(name), OsString::from(value))).collect()
    }

    /// The job's own directory, made when missing.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn job_dir(&self, job: &Job) -> Result<PathBuf, Failure> {
        let path = self.run_dir.job(job);
        super::fs::create_directory(&path)?;
        Ok(path)
    }
}

impl From<GitError> for Failure {
    fn from(error: GitError) -> Self {
        Self { what: error.to_string(), environment: error.is_environment() }
    }
}

impl From<super::fs::FsError> for Failure {
    fn from(error: super::fs::FsError) -> Self {
        Self { what: error.to_string(), environment: error.is_environment() }
    }
}

/// A failure that concerns one job only.
#[must_use]
pub fn failure(what: impl Into<String>) -> Failure {
    Failure { what: what.into(), environment: false }
}

/// Runs something that blocks (git, files) beside the loop.
///
/// # Errors
/// What `work` answers; a panic in it is a failure of the job.
pub async fn blocking<T: Send + 'static, E: Into<Failure> + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, Failure> {
    match tokio::task::spawn_blocking(work).await {
        Ok(done) => done.map_err(Into::into),
        Err(panic) => Err(failure(format!("an internal error: {panic}; please report it"))),
    }
}
