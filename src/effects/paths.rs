//! Every path that the program writes: the state directory, a run's directory, the worktrees, and what lies in one.

use std::ffi::OsStr;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};

use super::fs::{self, FsError};
use crate::domain::id::{EpicId, RunId, Slug, hex};
use crate::scheduler::{Job, Scope};

/// `.ralph-teams/` in the main worktree: what all runs share.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateDir(PathBuf);

impl StateDir {
    /// The name of the directory, for exclude files.
    pub const NAME: &str = ".ralph-teams";

    /// The state directory of the repository with this main worktree.
    #[must_use]
    pub fn of(main_worktree: &Path) -> Self {
        Self(main_worktree.join(Self::NAME))
    }

    /// The directory itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The narrative log: one line an event.
    #[must_use]
    pub fn progress(&self) -> PathBuf {
        self.0.join("progress.txt")
    }

    /// The implementation plan of an epic.
    #[must_use]
    pub fn plan(&self, epic: &EpicId) -> PathBuf {
        self.0.join(format!("plans/plan-{}.md", Slug::of(epic.as_str())))
    }

    /// The plan's name as ralph-teams 1.0.x wrote it, with the id as it is. `None` when the id is not a plain file
    /// name (it holds a `/`, or is longer than a name may be).
    #[must_use]
    pub fn plan_by_id(&self, epic: &EpicId) -> Option<PathBuf> {
        let name = format!("plan-{epic}.md");
        (!name.contains('/') && name.len() <= 255).then(|| self.0.join("plans").join(name))
    }

    /// The directory of the program's own diagnostic logs.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.0.join("logs")
    }

    /// The symlink to the newest run's directory.
    #[must_use]
    pub fn current(&self) -> PathBuf {
        self.0.join("current")
    }

    /// The directory that holds one directory per run.
    #[must_use]
    pub fn runs(&self) -> PathBuf {
        self.0.join("runs")
    }

    /// The directory of one run.
    #[must_use]
    pub fn run(&self, run: &RunId) -> RunDir {
        RunDir(self.runs().join(run.as_str()))
    }

    /// The run that [`Self::current`] points at.
    #[must_use]
    pub fn newest(&self) -> Option<RunId> {
        let target = std::fs::read_link(self.current()).ok()?;
        RunId::new(target.file_name()?.to_str()?).ok()
    }

    /// Makes the directories of a new run.
    ///
    /// # Errors
    /// The step that the system refused.
    pub fn begin(&self, run: &RunId) -> Result<RunDir, FsError> {
        let run_dir = self.run(run);
        for directory in [self.0.join("plans"), self.logs(), run_dir.0.join("logs"), run_dir.0.join("jobs")] {
            fs::create_directory(&directory)?;
        }
        Ok(run_dir)
    }

    /// Points [`Self::current`] at this run; said after its journal exists, so that it never leads to an empty run.
    ///
    /// # Errors
    /// The step that the system refused.
    pub fn point_current(&self, run: &RunId) -> Result<(), FsError> {
        fs::point_symlink(&self.current(), &Path::new("runs").join(run.as_str()))
    }
}

/// `.ralph-teams/runs/<run>/`: what one run writes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunDir(PathBuf);

impl RunDir {
    /// The directory itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The truth.
    #[must_use]
    pub fn journal(&self) -> PathBuf {
        self.0.join("journal.jsonl")
    }

    /// The raw standard output of a job's agent.
    #[must_use]
    pub fn log(&self, job: &Job) -> PathBuf {
        self.0.join(format!("logs/{}.log", job.file_stem()))
    }

    /// The raw standard error of a job's agent.
    #[must_use]
    pub fn error_log(&self, job: &Job) -> PathBuf {
        self.0.join(format!("logs/{}.err.log", job.file_stem()))
    }

    /// What a job was given and what it left.
    #[must_use]
    pub fn job(&self, job: &Job) -> PathBuf {
        self.0.join("jobs").join(job.file_stem())
    }

    /// What a session was told.
    #[must_use]
    pub fn prompt(&self, job: &Job) -> PathBuf {
        self.job(job).join("prompt.md")
    }

    /// The copy of a session's report.
    #[must_use]
    pub fn report(&self, job: &Job) -> PathBuf {
        self.job(job).join("report.json")
    }

    /// How a session's process ended; written by its host.
    #[must_use]
    pub fn exit(&self, job: &Job) -> PathBuf {
        self.job(job).join("exit.json")
    }

    /// What a host is told to start.
    #[must_use]
    pub fn host(&self, job: &Job) -> PathBuf {
        self.job(job).join("host.json")
    }

    /// The whole output of one gate of a job.
    #[must_use]
    pub fn gate_log(&self, job: &Job, gate: &str) -> PathBuf {
        self.job(job).join(format!("gate-{}.log", Slug::of(gate)))
    }

    /// A path of this run as it is written into events and the verdict: relative to the run's directory.
    #[must_use]
    pub fn relative(&self, path: &Path) -> String {
        path.strip_prefix(&self.0).unwrap_or(path).to_string_lossy().into_owned()
    }

    /// The verdict for programs.
    #[must_use]
    pub fn verdict(&self) -> PathBuf {
        self.0.join("verdict.json")
    }

    /// The verdict for people.
    #[must_use]
    pub fn report_md(&self) -> PathBuf {
        self.0.join("report.md")
    }

    /// What the run changed, base to tip.
    #[must_use]
    pub fn final_diff(&self) -> PathBuf {
        self.0.join("final.diff")
    }
}

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

/// What lies in `.ralph/` of a worktree: all that its session is given, and its report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionFiles(PathBuf);

impl SessionFiles {
    /// The name of the directory, for exclude files.
    pub const NAME: &str = ".ralph";

    /// The files of the session in this worktree.
    #[must_use]
    pub fn of(worktree: &Path) -> Self {
        Self(worktree.join(Self::NAME))
    }

    /// The directory itself.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// The epic with its pending stories.
    #[must_use]
    pub fn epic(&self) -> PathBuf {
        self.0.join("epic.json")
    }

    /// The implementation plan.
    #[must_use]
    pub fn plan(&self) -> PathBuf {
        self.0.join("plan.md")
    }

    /// What the session is told.
    #[must_use]
    pub fn prompt(&self) -> PathBuf {
        self.0.join("prompt.md")
    }

    /// Where the session must report.
    #[must_use]
    pub fn report(&self) -> PathBuf {
        self.0.join("report.json")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheduler::{Role, Task};

    fn run() -> RunId {
        RunId::new("20261120-101500-k3f9").expect("a run id")
    }

    fn epic(id: &str) -> EpicId {
        EpicId::new(id).expect("an id")
    }

    fn relative(path: PathBuf) -> String {
        path.to_string_lossy().into_owned()
    }

    #[test]
    fn every_file_has_its_place() {
        let state = StateDir::of(Path::new("/repo"));
        let run_dir = state.run(&run());
        let job = Job { scope: Scope::Epic(epic("login")), task: Task::Session(Role::TeamLead), n: 2 };
        let at = "/repo/.ralph-teams/runs/20261120-101500-k3f9";
        assert_eq!(relative(run_dir.journal()), format!("{at}/journal.jsonl"));
        assert_eq!(relative(run_dir.log(&job)), format!("{at}/logs/login.team-lead.2.log"));
        assert_eq!(relative(run_dir.error_log(&job)), format!("{at}/logs/login.team-lead.2.err.log"));
        assert_eq!(relative(run_dir.exit(&job)), format!("{at}/jobs/login.team-lead.2/exit.json"));
        assert_eq!(relative(run_dir.gate_log(&job, "unit")), format!("{at}/jobs/login.team-lead.2/gate-unit.log"));
        assert_eq!(run_dir.relative(&run_dir.host(&job)), "jobs/login.team-lead.2/host.json");
    }

    #[test]
    fn an_id_never_leads_out_of_the_plans() {
        let state = StateDir::of(Path::new("/repo"));
        assert_eq!(state.plan_by_id(&epic("../../etc")), None);
        assert_eq!(state.plan(&epic("../../etc")).parent(), Some(Path::new("/repo/.ralph-teams/plans")));
        assert_eq!(
            state.plan_by_id(&epic("EPIC-001")).map(relative).as_deref(),
            Some("/repo/.ralph-teams/plans/plan-EPIC-001.md")
        );
    }

    #[test]
    fn the_newest_run_is_the_one_that_current_points_at() {
        let repository = tempfile::tempdir().expect("a directory");
        let state = StateDir::of(repository.path());
        assert_eq!(state.newest(), None);
        let run_dir = state.begin(&run()).expect("directories");
        state.point_current(&run()).expect("a symlink");
        assert_eq!(state.newest(), Some(run()));
        assert_eq!(
            state.current().canonicalize().expect("it leads somewhere"),
            run_dir.path().canonicalize().expect("a directory")
        );
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
        let chosen = place(Some(home.join("state").as_os_str())).expect("a place");
        let text = relative(chosen.track(&Scope::Epic(epic("login"))));
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
