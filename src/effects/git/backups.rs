//! The backups of work that was about to be at risk: which there are, what they hold, and how to get at one again.

use super::refs::OUR_REFS;
use super::{Git, GitError, Place};
use crate::domain::id::{CommitId, RunId};

/// Files of a backup that are named; of more only the number is known.
const FILES_NAMED: usize = 20;

/// One backup.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedWork {
    /// The full name of its ref.
    pub reference: String,
    /// The run that it is from, if its name says one.
    pub run: Option<RunId>,
    /// The slug of the track that it is from.
    pub track: String,
    /// The number of it, counted from 1 for each track.
    pub n: u32,
    /// The commit.
    pub commit: CommitId,
    /// When it was made, in seconds since 1970.
    pub made: i64,
    /// The first files that it holds and that the commit below it does not.
    pub files: Vec<String>,
    /// How many there are.
    pub n_files: usize,
}

/// What became of a restore.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restored {
    /// The branch stands at the commit.
    Made,
    /// There is a branch of that name already; nothing was changed.
    NameTaken,
    /// No branch can be called so.
    NameInvalid,
}

impl Git {
    /// All backups, oldest first.
    ///
    /// # Errors
    /// The repository cannot be read.
    pub fn backups(&self) -> Result<Vec<SavedWork>, GitError> {
        let repository = self.repository()?;
        let glob = format!("{OUR_REFS}backup/*");
        let references = repository.references_glob(&glob).map_err(self.reading("list the backups"))?;
        let mut found = Vec::new();
        for reference in references {
            let reference = reference.map_err(self.reading("read a backup"))?;
            let Ok(name) = reference.name().map(str::to_owned) else { continue };
            let Some((run, track, n)) = parts_of(&name) else { continue };
            let commit = reference.peel_to_commit().map_err(self.reading("read the commit of a backup"))?;
            let files = self.files_of(&repository, &commit)?;
            found.push(SavedWork {
                run,
                track,
                n,
                commit: CommitId::new(&commit.id().to_string())?,
                made: commit.time().seconds(),
                n_files: files.len(),
                files: files.into_iter().take(FILES_NAMED).collect(),
                reference: name,
            });
        }
        found.sort_by(|a, b| (a.made, &a.reference).cmp(&(b.made, &b.reference)));
        Ok(found)
    }

    /// The files in which a commit differs from its first parent.
    fn files_of(&self, repository: &git2::Repository, commit: &git2::Commit<'_>) -> Result<Vec<String>, GitError> {
        let read = || -> Result<Vec<String>, git2::Error> {
            let below = commit.parent(0).ok().map(|parent| parent.tree()).transpose()?;
            let diff = repository.diff_tree_to_tree(below.as_ref(), Some(&commit.tree()?), None)?;
            let path = |delta: git2::DiffDelta<'_>| {
                delta.new_file().path().or(delta.old_file().path()).map(crate::effects::paths::shown)
            };
            Ok(diff.deltas().filter_map(path).collect())
        };
        read().map_err(self.reading("compare a backup with the commit below it"))
    }

    /// Makes a new branch at a commit. No checkout is touched.
    ///
    /// # Errors
    /// git cannot write it.
    pub fn restore(&self, commit: &CommitId, branch: &str) -> Result<Restored, GitError> {
        if !git2::Branch::name_is_valid(branch).unwrap_or(false) {
            return Ok(Restored::NameInvalid);
        }
        if self.branch_tip(branch)?.is_some() {
            return Ok(Restored::NameTaken);
        }
        let nothing = "0".repeat(commit.as_str().len());
        let name = format!("refs/heads/{branch}");
        let create = ["update-ref", "-m", "ralph-teams: recover", &name, commit.as_str(), &nothing];
        self.call(Place::Store)?.args(create).run()?;
        Ok(Restored::Made)
    }
}

/// Run, track and number of a backup's name.
fn parts_of(reference: &str) -> Option<(Option<RunId>, String, u32)> {
    let (track, n) = reference.strip_prefix(OUR_REFS)?.strip_prefix("backup/")?.rsplit_once('/')?;
    let n = n.parse().ok()?;
    let named = track.split_once('/').and_then(|(run, track)| Some((RunId::new(run).ok()?, track)));
    Some(match named {
        Some((run, track)) => (Some(run), track.to_owned(), n),
        None => (None, track.to_owned(), n),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_of_a_backup_says_whose_it_is() {
        let run = RunId::new("r1").unwrap();
        assert_eq!(parts_of("refs/ralph/backup/r1/login/3"), Some((Some(run), "login".to_owned(), 3)));
        assert_eq!(parts_of("refs/ralph/backup/detached/1"), Some((None, "detached".to_owned(), 1)));
        for other in ["refs/heads/main", "refs/ralph/backup/r1/login", "refs/ralph/loop/3"] {
            assert_eq!(parts_of(other), None);
        }
    }
}
