//! One session as the desk knows it: its errand, what it has reported so far, and whether it is over.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use tokio_util::sync::CancellationToken;

use super::calls::Calls;
use super::tools::Tool;
use super::wire::Answer;
use crate::domain::id::{CommitId, EpicId, StoryId};
use crate::domain::report::StoryClaim;
use crate::domain::role::Role;
use crate::effects::session_files::SessionFiles;
use crate::scheduler::Job;
use crate::scheduler::command::ToldNote;

/// What a session is about.
#[derive(Debug, Clone)]
pub struct Errand {
    /// Its job.
    pub job: Job,
    /// In which role it calls.
    pub caller: Role,
    /// What it may call, and nothing else.
    pub tools: Vec<Tool>,
    /// Where it works.
    pub worktree: PathBuf,
    /// The files that it is given and writes.
    pub files: SessionFiles,
    /// Whether it works for a lead, who gets what it reports.
    pub is_delegated: bool,
    /// The branch that is checked out there; `None`: none is.
    pub branch: Option<String>,
    /// The commit that the branch began from.
    pub base: CommitId,
    /// The stories that it must report.
    pub stories: Vec<StoryId>,
    /// The epics that it judges.
    pub judged: Vec<EpicId>,
    /// What others noted.
    pub notes: Vec<ToldNote>,
}

/// What a session said so far.
#[derive(Debug, Default)]
pub struct Records {
    over: bool,
    /// The accepted claims, the newest of each story.
    pub claims: Vec<StoryClaim>,
    /// Notes that it left.
    pub n_notes: usize,
}

/// A session that may call.
pub struct Session {
    pub(super) errand: Errand,
    records: Mutex<Records>,
    over: CancellationToken,
    /// Its calls that change something.
    pub(super) calls: Calls,
    /// The gates of a worktree run once at a time.
    pub(super) gates: tokio::sync::Mutex<()>,
}

impl Session {
    pub(super) fn new(errand: Errand) -> Self {
        Self {
            errand,
            records: Mutex::default(),
            over: CancellationToken::new(),
            calls: Calls::default(),
            gates: tokio::sync::Mutex::new(()),
        }
    }

    /// Ends it: calls that are being worked on are cut short, and one that is just writing is waited for.
    pub(super) fn end(&self) {
        self.over.cancel();
        self.records.lock().unwrap_or_else(PoisonError::into_inner).over = true;
    }

    /// Waits for its end.
    pub(super) async fn ended(&self) {
        self.over.cancelled().await;
    }

    /// Writes something down for the session, alone with its records, unless it is over.
    pub fn record(&self, write: impl FnOnce(&mut Records) -> Answer) -> Answer {
        // A panic while writing leaves whole values behind.
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if records.over { Answer::refused(OVER) } else { write(&mut records) }
    }
}

/// What a call is told that comes too late.
pub(super) const OVER: &str = "this session is over; nothing more is taken from it";

impl Records {
    /// Takes over a claim: a later one of a story replaces the earlier one.
    pub fn take(&mut self, claim: StoryClaim) {
        self.claims.retain(|known| known.id != claim.id);
        self.claims.push(claim);
    }
}
