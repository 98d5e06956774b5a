//! One session outside of a run: nobody is there to talk with, nothing is committed, and one file comes of it.
//!
//! **Invariant:** the program and all that it started are gone when [`hold`] returns, and it never changes what is the user's: it
//! works in a worktree of its own that is thrown away.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use tokio::sync::mpsc::UnboundedReceiver;

use super::backend::{Beginning, Conclusion, Ended, LaunchAsk, Reader, environment};
use super::context::{Seat, failure};
use super::follow::{Follow, Line};
use super::fs::{FsError, create_directory, write_atomic};
use super::git::snapshot::BackupName;
use super::git::{Git, GitError};
use super::heard::read_line;
use super::host::spec::{EndedBy, HostExit, HostSpec, JOB_VARIABLE, RUN_VARIABLE};
use super::hosted::Hosted;
use super::session_files::SessionFiles;
use super::steps::ear::{LAST_WORD_PATIENCE, error_tail};
use super::worktree::{Removal, Worktrees};
use crate::domain::activity::Activity;
use crate::domain::id::{CommitId, RunId, SessionId, Slug};
use crate::domain::role::Role;
use crate::domain::usage::Usage;
use crate::scheduler::event::{Failure, FailureKind, SessionFailure, Stop};

/// A worktree for sessions before a run: a copy of what is committed, in which anything may be written and nothing counts.
pub struct ThrowAway {
    worktrees: Worktrees,
    path: PathBuf,
    head: CommitId,
    name: BackupName,
}

impl ThrowAway {
    /// Makes it.
    ///
    /// # Errors
    /// git refuses, or the disk.
    pub fn make(git: &Git, root: &Path, path: &Path, draft: &RunId, head: &CommitId) -> Result<Self, GitError> {
        let worktrees = Worktrees::open(git.clone(), root)?;
        worktrees.ensure_detached(path, head)?;
        let name = BackupName::new(draft, &Slug::of("draft"));
        Ok(Self { worktrees, path: path.to_owned(), head: head.clone(), name })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for ThrowAway {
    fn drop(&mut self) {
        let emptied = self.worktrees.ensure_detached(&self.path, &self.head);
        let removed = emptied.and_then(|_| self.worktrees.remove(&self.path, self.head.as_str(), &self.name));
        match removed {
            Ok(Removal::Removed) => self.path.parent().map(super::fs::remove_empty_directory).unwrap_or_default(),
            Ok(Removal::Kept(why)) => tracing::warn!("{} is kept: {why}", self.path.display()),
            Err(error) => tracing::warn!("{} is kept: {error}", self.path.display()),
        }
    }
}

/// What a session is started with.
pub struct Sitting<'a> {
    /// The name of the whole, for the mark of its processes.
    pub draft: &'a RunId,
    /// The name of this session in it, unique.
    pub name: &'a str,
    /// The program.
    pub seat: &'a Seat,
    /// In which role.
    pub role: Role,
    /// What it is told.
    pub prompt: &'a str,
    /// The conversation to go on with.
    pub continues: Option<&'a SessionId>,
    /// Where it works.
    pub worktree: &'a Path,
    /// The directory for its logs.
    pub job_dir: &'a Path,
    /// The repository.
    pub git: &'a Git,
    /// The runner's own environment.
    pub env: &'a BTreeMap<String, String>,
    /// Variables on top.
    pub own: BTreeMap<String, String>,
    /// This program's own executable.
    pub host_program: &'a Path,
    /// Longest silence, in milliseconds.
    pub idle_timeout_ms: Option<u64>,
    /// Longest life, in milliseconds.
    pub life_timeout_ms: Option<u64>,
}

/// How it ended.
#[derive(Debug)]
pub struct SittingEnd {
    /// Whether a person stopped it.
    pub interrupted: bool,
    /// What went wrong, if anything did.
    pub failure: Option<SessionFailure>,
    /// The conversation, when it can be continued.
    pub session: Option<SessionId>,
    /// The conversation that should have been continued is gone.
    pub lost_conversation: bool,
    /// What it consumed.
    pub usage: Usage,
}

/// Holds one session to its end. Each message of `stops` is a wish of the person's to end it.
///
/// # Errors
/// It cannot be started, or its log cannot be read.
pub async fn hold(
    sitting: &Sitting<'_>,
    stops: &mut UnboundedReceiver<()>,
    mut tell: impl FnMut(&Activity),
) -> Result<SittingEnd, Failure> {
    let spec = prepare(sitting)?;
    let started = Hosted::start(sitting.host_program, &spec, &sitting.job_dir.join("host.json"));
    let mut hosted = started.map_err(|error| failure(format!("the session cannot be hosted: {error}")))?;
    let mut reader = sitting.seat.backend.reader();
    let beginning = Beginning { continues: sitting.continues, consumed: Usage::default(), job_dir: sitting.job_dir };
    reader.begin(&beginning);
    let mut follow = Follow::new(&spec.stdout);
    let mut ended = Endings::default();
    let log = &spec.stdout;
    let life = lived(sitting.life_timeout_ms);
    tokio::pin!(life);
    let exit = loop {
        let rest = ended.rest(reader.as_ref(), &follow, sitting.idle_timeout_ms);
        let mut on_line = |line: Line<'_>| read_line(reader.as_mut(), log, line).iter().for_each(&mut tell);
        tokio::select! {
            biased;
            Some(()) = stops.recv() => ended.stop(&mut hosted),
            exit = hosted.wait() => break exit,
            () = &mut life, if ended.is_open() => {
                ended.by_us = Some(Why::TooLong);
                hosted.stop(Stop::Graceful);
            }
            heard = follow.more(&mut on_line) => {
                heard.map_err(FsError::of("read", log))?;
            }
            () = rest.over() => {
                ended.by_us = Some(rest.why);
                hosted.stop(Stop::Graceful);
            }
        }
    };
    let heard = follow.finish(&mut |line| read_line(reader.as_mut(), log, line).iter().for_each(&mut tell)).await;
    heard.map_err(FsError::of("read", log))?;
    Ok(ended.conclude(reader.as_mut(), &exit, &spec))
}

/// Waits for as long as a session may live.
async fn lived(life_timeout_ms: Option<u64>) {
    match life_timeout_ms {
        Some(most) => tokio::time::sleep(Duration::from_millis(most)).await,
        None => std::future::pending().await,
    }
}

/// Writes what the session reads, and says how it is started.
fn prepare(sitting: &Sitting<'_>) -> Result<HostSpec, Failure> {
    let files = SessionFiles::of(sitting.worktree);
    create_directory(files.path())?;
    create_directory(sitting.job_dir)?;
    write_atomic(&files.prompt(), sitting.prompt.as_bytes())?;
    let prompt = sitting.job_dir.join("prompt.md");
    write_atomic(&prompt, sitting.prompt.as_bytes())?;
    let Seat { backend, model, effort } = sitting.seat;
    let ask = LaunchAsk {
        role: sitting.role,
        model: model.as_deref(),
        effort: effort.as_deref(),
        continues: sitting.continues,
        helpers: &[],
        worktree: sitting.worktree,
        common_dir: sitting.git.common_dir(),
        prompt_file: &prompt,
        job_dir: sitting.job_dir,
        is_root: rustix::process::geteuid().is_root(),
        tools: None,
    };
    let launch = backend.launch(&ask).map_err(failure)?;
    let mut own = sitting.own.clone();
    own.insert(RUN_VARIABLE.to_owned(), sitting.draft.to_string());
    own.insert(JOB_VARIABLE.to_owned(), sitting.name.to_owned());
    own.insert("RALPH_ROLE".to_owned(), sitting.role.name().to_owned());
    if let Some(above) = sitting.worktree.parent() {
        own.insert("GIT_CEILING_DIRECTORIES".to_owned(), above.to_string_lossy().into_owned());
    }
    let env = environment(sitting.env, backend.as_ref(), &launch.env, &own);
    let env = env.into_iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect();
    let (log, exit) = (sitting.job_dir.join("session.log"), sitting.job_dir.join("exit.json"));
    let mut spec = HostSpec::new(launch.argv, env, sitting.worktree, &log, &exit);
    spec.stdin = Some(prompt);
    spec.stderr = sitting.job_dir.join("session.err.log");
    Ok(spec)
}

/// Why a session was ended by us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    /// It had said its last word, or went round in circles.
    LastWord,
    /// It was silent for too long.
    Silent,
    /// It lived for too long.
    TooLong,
}

/// What was done so far to end a session.
#[derive(Default)]
struct Endings {
    interrupted: bool,
    by_us: Option<Why>,
}

/// What is waited for besides.
struct Rest {
    left: Option<Duration>,
    why: Why,
}

impl Rest {
    async fn over(&self) {
        match self.left {
            Some(left) => tokio::time::sleep(left).await,
            None => std::future::pending().await,
        }
    }
}

impl Endings {
    /// The first wish asks the session to end, the second one ends it.
    fn stop(&mut self, hosted: &mut Hosted) {
        let how = if self.interrupted { Stop::Now } else { Stop::Graceful };
        self.interrupted = true;
        hosted.stop(how);
    }

    fn rest(&self, reader: &dyn Reader, follow: &Follow, idle_timeout_ms: Option<u64>) -> Rest {
        let quiet = follow.quiet_since().elapsed();
        let (limit, why) = if reader.runs_away() {
            (Some(Duration::ZERO), Why::LastWord)
        } else if reader.finished() {
            (Some(LAST_WORD_PATIENCE), Why::LastWord)
        } else {
            (idle_timeout_ms.map(Duration::from_millis), Why::Silent)
        };
        let is_open = self.is_open();
        Rest { left: limit.filter(|_| is_open).map(|limit| limit.saturating_sub(quiet)), why }
    }

    /// Whether nobody has asked it to end yet.
    fn is_open(&self) -> bool {
        !self.interrupted && self.by_us.is_none()
    }

    fn conclude(&self, reader: &mut dyn Reader, exit: &HostExit, spec: &HostSpec) -> SittingEnd {
        let after_last_word = self.by_us == Some(Why::LastWord) && exit.ended_by == EndedBy::Stopped;
        let (code, signal) = if after_last_word { (Some(0), None) } else { (exit.code, exit.signal) };
        let ended = Ended {
            code,
            signal,
            failed_to_start: exit.failed_to_start.clone(),
            stderr_tail: error_tail(&spec.stderr),
            at: None,
        };
        let Conclusion { failure, usage, session, lost_conversation, .. } = reader.conclude(&ended);
        let failed = |what| Some(SessionFailure::new(FailureKind::Crashed, what));
        let failure = match self.by_us {
            Some(Why::Silent) => failed("it was silent for longer than timeouts.idleTimeout"),
            Some(Why::TooLong) => failed("it took longer than timeouts.epicTimeout"),
            Some(Why::LastWord) | None => failure,
        };
        SittingEnd { interrupted: self.interrupted, failure, session, lost_conversation, usage }
    }
}
