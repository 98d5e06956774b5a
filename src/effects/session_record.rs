//! `jobs/<job>/session.json`: with which program a session was started, so that its log can be read later.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::fs::{FsError, write_atomic};
use super::paths::RunDir;
use crate::domain::id::SessionId;
use crate::domain::role::Role;
use crate::domain::usage::Usage;
use crate::scheduler::Job;

/// What a session was started with. Written before its program starts, anew each time that the job is done again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SessionRecord {
    /// The session.
    pub job: Job,
    /// Running time of its start, in milliseconds.
    pub at: u64,
    /// In which role.
    pub role: Role,
    /// The backend: who can read its log.
    pub backend: String,
    /// Its model; `None`: the program's default.
    pub model: Option<String>,
    /// The path of its program. Its version is in its own output, where it says one.
    pub program: String,
    /// The version of ralph-teams that started it.
    pub runner: String,
    /// The conversation that it was to go on with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub continues: Option<SessionId>,
    /// What that conversation had consumed.
    #[serde(default)]
    pub consumed: Usage,
}

impl SessionRecord {
    /// Writes it into the directory of its job.
    ///
    /// # Errors
    /// The disk refuses.
    pub fn write(&self, run_dir: &RunDir) -> Result<(), FsError> {
        let path = run_dir.session(&self.job);
        let text = serde_json::to_vec(self).map_err(|fault| FsError::of("write", &path)(fault.into()))?;
        write_atomic(&path, &text)
    }

    /// The record of one session, if that was ever started.
    #[must_use]
    pub fn of(run_dir: &RunDir, job: &Job) -> Option<Self> {
        read(&run_dir.session(job))
    }

    /// The records of all sessions of a run, in the order in which they started. What cannot be read is left out: it
    /// may be a directory of another job.
    #[must_use]
    pub fn all(run_dir: &RunDir) -> Vec<Self> {
        let Ok(jobs) = std::fs::read_dir(run_dir.jobs()) else { return Vec::new() };
        let mut found: Vec<Self> = jobs.flatten().filter_map(|job| read(&job.path().join(FILE_NAME))).collect();
        found.sort_by(|a, b| (a.at, &a.job).cmp(&(b.at, &b.job)));
        found
    }
}

/// The file's name in the directory of the job.
pub(super) const FILE_NAME: &str = "session.json";

fn read(path: &Path) -> Option<SessionRecord> {
    serde_json::from_slice(&std::fs::read(path).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{EpicId, RunId};
    use crate::effects::paths::StateDir;
    use crate::scheduler::{Scope, Task};

    #[test]
    fn records_are_found_in_the_order_of_their_starts_and_other_jobs_are_left_out() {
        let folder = tempfile::tempdir().unwrap();
        let run_dir = StateDir::of(folder.path()).begin(&RunId::new("r").unwrap()).unwrap();
        let record = |epic: &str, at| SessionRecord {
            job: Job { scope: Scope::Epic(EpicId::new(epic).unwrap()), task: Task::Session(Role::TeamLead), n: 1 },
            at,
            role: Role::TeamLead,
            backend: "claude".to_owned(),
            model: None,
            program: "/bin/claude".to_owned(),
            runner: "1".to_owned(),
            continues: SessionId::new("talk").ok(),
            consumed: Usage { output_tokens: at, ..Usage::default() },
        };
        let (late, early) = (record("a", 20), record("b", 10));
        for record in [&late, &early] {
            std::fs::create_dir_all(run_dir.job(&record.job)).unwrap();
            record.write(&run_dir).unwrap();
        }
        std::fs::create_dir_all(run_dir.jobs().join("a.prepare.1")).unwrap();
        assert_eq!(SessionRecord::all(&run_dir), [early, late]);
    }
}
