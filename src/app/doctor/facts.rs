//! What was seen, without a word on what it means.

use std::path::PathBuf;

use crate::effects::ask::Answer;
use crate::effects::backend::sign_in::SignIn;

/// Everything that was looked at.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Facts {
    /// The version of git; why there is none that is new enough.
    pub git: Option<Result<String, String>>,
    /// The repository of the current folder; why there is none.
    pub repository: Option<Result<RepositoryFacts, String>>,
    /// Folders that a run writes to.
    pub disks: Vec<DiskFacts>,
    /// Free disk, in MiB, below which nothing starts.
    pub min_free_mib: u32,
    /// Memory that is available, in MiB.
    pub memory_mib: Option<u64>,
    /// Epics side by side.
    pub parallel: u32,
    /// The agent programs.
    pub agents: Vec<AgentFacts>,
    /// The terminal.
    pub terminal: TerminalFacts,
    /// The configuration.
    pub config: ConfigFacts,
    /// The PRD.
    pub prd: PrdFacts,
    /// What earlier runs left; why it cannot be told.
    pub leftovers: Option<Result<LeftoverFacts, String>>,
    /// Whether this is root, outside of everything that looks like a container.
    pub bare_root: bool,
}

/// A repository.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RepositoryFacts {
    /// The checkout.
    pub checkout: PathBuf,
    /// The first thing that would make every run fail.
    pub objection: Option<String>,
    /// How many files have changes that are not committed; `None`: it cannot be told.
    pub n_dirty: Option<usize>,
}

/// Room in one place.
#[derive(Debug, Clone, PartialEq)]
pub struct DiskFacts {
    /// What goes there.
    pub what: &'static str,
    /// The folder.
    pub path: PathBuf,
    /// Free room in MiB; why it cannot be told.
    pub free_mib: Result<u64, String>,
}

/// One agent program.
#[derive(Debug, Clone, PartialEq)]
pub struct AgentFacts {
    /// The backend's name.
    pub name: String,
    /// The roles that it works in. Empty: none.
    pub roles: Vec<String>,
    /// The roles in which it stands in for another.
    pub stands_in_for: Vec<String>,
    /// Where its program is; why it is not found, and what to do.
    pub program: Result<PathBuf, String>,
    /// What it said of its version; `None`: it was not asked.
    pub version: Option<Answer>,
    /// Its sign-in.
    pub sign_in: SignIn,
}

/// The terminal.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TerminalFacts {
    /// Whether keys come from one.
    pub reads: bool,
    /// Whether output goes to one.
    pub writes: bool,
    /// `TERM`.
    pub term: Option<String>,
    /// Columns and rows.
    pub size: Option<(u16, u16)>,
    /// Whether colours may be used.
    pub colour: bool,
    /// Whether signs outside of ASCII may be used.
    pub unicode: bool,
    /// Whether `CI` is set.
    pub ci: bool,
}

/// The configuration.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ConfigFacts {
    /// Its file, as people know it; `None`: there is none.
    pub file: Option<String>,
    /// Its faults; empty: it can be used.
    pub faults: Vec<String>,
    /// Its warnings.
    pub warnings: Vec<String>,
    /// How many gates it names.
    pub n_gates: usize,
}

/// The PRD.
#[derive(Debug, Clone, PartialEq)]
pub enum PrdFacts {
    /// There is no such file.
    Absent {
        /// The file.
        file: String,
    },
    /// It cannot be read: the reason.
    Unreadable(String),
    /// It has faults: the file, the first of them, and how many.
    Faulty {
        /// The file.
        file: String,
        /// The first fault.
        first: String,
        /// How many there are.
        n_faults: usize,
    },
    /// It can be run: one sentence that sums it up.
    Valid(String),
}

impl Default for PrdFacts {
    fn default() -> Self {
        Self::Absent { file: crate::cli::DEFAULT_PRD.to_owned() }
    }
}

/// What earlier runs left.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct LeftoverFacts {
    /// The run that is at work, and its process.
    pub live: Option<(String, u32)>,
    /// The newest run, when it can be gone on with.
    pub unfinished: Option<String>,
    /// Worktrees that nobody needs, and the MiB that they take.
    pub worktrees: (usize, u64),
    /// Processes of runs that are not at work: id and command.
    pub processes: Vec<(u32, String)>,
    /// Saved work of sessions that were cut short.
    pub n_saved: usize,
}
