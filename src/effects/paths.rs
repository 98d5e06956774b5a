//! Every path that the program writes in the repository: the state directory, a run's directory, and what lies in a
//! worktree. Where the worktrees are says [`super::worktree_paths`].

use std::path::{Path, PathBuf};

use super::fs::{self, FsError};
pub use super::worktree_paths::{Worktrees, WorktreesFault};
use crate::domain::id::{EpicId, RunId, Slug};
use crate::scheduler::Job;

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

    /// What an interview left: the wish, the brief, the plan, and the logs of its sessions.
    #[must_use]
    pub fn draft(&self, draft: &RunId) -> PathBuf {
        self.0.join("drafts").join(draft.as_str())
    }

    /// Where the PRDs of single tasks lie, each in a folder of its own.
    #[must_use]
    pub fn tasks(&self) -> PathBuf {
        self.0.join("tasks")
    }

    /// The PRD of a single task.
    #[must_use]
    pub fn task(&self, id: &str) -> PathBuf {
        self.tasks().join(id).join("prd.json")
    }

    /// Takes back the PRD of a task that was never begun.
    pub fn remove_task(&self, id: &str) {
        // One that stays is in nobody's way.
        let _ = std::fs::remove_dir_all(self.tasks().join(id));
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

    /// Removes everything of a run. One rename makes it vanish; what is left when that is cut short is no run any more, and
    /// the next call sweeps it.
    ///
    /// # Errors
    /// The step that the system refused.
    pub fn remove_run(&self, run: &RunId) -> Result<(), FsError> {
        let trash = self.runs().join(".removed");
        fs::create_directory(&trash)?;
        let (from, to) = (self.runs().join(run.as_str()), trash.join(run.as_str()));
        std::fs::rename(&from, &to).map_err(FsError::of("move away", &from))?;
        std::fs::remove_dir_all(&trash).map_err(FsError::of("remove", &trash))
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

    /// The flags that `run` was started with.
    #[must_use]
    pub fn flags(&self) -> PathBuf {
        self.0.join("flags.json")
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
        self.jobs().join(job.file_stem())
    }

    /// The directory that holds one directory per job.
    #[must_use]
    pub fn jobs(&self) -> PathBuf {
        self.0.join("jobs")
    }

    /// What a session was started with.
    #[must_use]
    pub fn session(&self, job: &Job) -> PathBuf {
        self.job(job).join(super::session_record::FILE_NAME)
    }

    /// How far a session's log had grown when.
    #[must_use]
    pub fn times(&self, job: &Job) -> PathBuf {
        self.job(job).join(super::times::FILE_NAME)
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

    /// The folder of the socket at which sessions call our tools, when its path is short enough.
    #[must_use]
    pub fn desk(&self) -> PathBuf {
        self.0.join("desk")
    }

    /// How a session's program is told of the server of our tools. Holds a secret.
    #[must_use]
    pub fn tool_config(&self, job: &Job) -> PathBuf {
        self.job(job).join("mcp.json")
    }

    /// What that server is told of the desk, where it cannot be told by its environment. Holds a secret.
    #[must_use]
    pub fn desk_file(&self, job: &Job) -> PathBuf {
        self.job(job).join("desk.json")
    }

    /// The whole output of one gate of a job.
    #[must_use]
    pub fn gate_log(&self, job: &Job, gate: &str) -> PathBuf {
        self.job(job).join(format!("gate-{}.log", Slug::of(gate)))
    }

    /// A path of this run as it is written into events and the verdict: relative to the run's directory.
    #[must_use]
    pub fn relative(&self, path: &Path) -> String {
        relative_to(&self.0, path)
    }

    /// The epics for which this run no longer speaks, because they were set back after it began with them.
    #[must_use]
    pub fn reset(&self) -> PathBuf {
        self.0.join("reset.json")
    }

    /// With what the newest life of the run works.
    #[must_use]
    pub fn facts(&self) -> PathBuf {
        self.0.join("facts.json")
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

/// A path for people and for the journal; bytes that are no UTF-8 are replaced.
#[must_use]
pub fn shown(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// A path below `base` as seen from there, for events and the verdict; any other as it is.
#[must_use]
pub fn relative_to(base: &Path, path: &Path) -> String {
    shown(path.strip_prefix(base).unwrap_or(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scheduler::{Role, Scope, Task};

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
}
