//! `ralph-teams worktrees`: what lies where, how much room it takes, and tidying up without losing anything.

use std::collections::BTreeMap;

use super::history::{self, PastRun};
use super::inputs;
use super::refusal::Refusal;
use super::repository::{Repository, environment, worktree_places};
use super::table::{print, print_json, table};
use crate::cli::WorktreesArgs;
use crate::cli::worktrees::WorktreesCommand;
use crate::config::{Overrides, Settings};
use crate::domain::id::RunId;
use crate::effects::disk::size_on_disk;
use crate::effects::git::snapshot::BackupName;
use crate::effects::lock;
use crate::effects::worktree::{Found, Removal, Worktrees};
use crate::exit::ExitCode;
use crate::ui::units;

/// `ralph-teams worktrees`.
///
/// # Errors
/// No repository, a faulty configuration, or git fails.
pub fn worktrees(args: &WorktreesArgs) -> Result<ExitCode, Refusal> {
    let repository = Repository::here()?;
    let settings = inputs::settings(&repository.checkout, None, &environment(), &Overrides::default())?;
    let Some(yard) = Yard::look(repository, &settings)? else {
        return if args.json {
            print_json(&serde_json::json!({ "v": 1, "worktrees": [] }))
        } else {
            print("no worktrees\n")
        };
    };
    match &args.what {
        None | Some(WorktreesCommand::List) => yard.list(args.json),
        Some(WorktreesCommand::Prune { dry_run }) => yard.prune(*dry_run, args.json),
    }
}

/// The worktrees that `worktrees prune` would remove: how many, and the bytes that they take.
///
/// # Errors
/// As [`worktrees`].
pub fn prunable(repository: Repository, settings: &Settings) -> Result<(usize, u64), Refusal> {
    let Some(yard) = Yard::look(repository, settings)? else { return Ok((0, 0)) };
    let (mut n_found, mut bytes) = (0, 0);
    for found in &yard.found {
        if yard.remove(found, true)?.is_none() {
            n_found += 1;
            bytes += size_on_disk(&found.path);
        }
    }
    Ok((n_found, bytes))
}

/// All worktrees of a repository's runs.
struct Yard {
    repository: Repository,
    worktrees: Worktrees,
    found: Vec<Found>,
    past: Vec<PastRun>,
    live: Option<RunId>,
}

impl Yard {
    /// `None`: no run has ever made one, and nothing is made by looking.
    fn look(repository: Repository, settings: &Settings) -> Result<Option<Self>, Refusal> {
        let env = environment();
        let any_run = RunId::new("any").map_err(Refusal::internal)?;
        let places = worktree_places(&repository, settings.worktrees_dir.as_deref(), &env, &any_run)?;
        let root = places.path().parent().unwrap_or(places.path());
        if !root.is_dir() {
            return Ok(None);
        }
        let worktrees = Worktrees::open(repository.git.clone(), root).map_err(Refusal::environment)?;
        let found = worktrees.survey().map_err(Refusal::environment)?;
        let past = history::all_runs(&repository)?;
        let live = lock::holder(repository.git.common_dir()).map(|holder| holder.run);
        Ok(Some(Self { repository, worktrees, found, past, live }))
    }

    fn list(&self, json: bool) -> Result<ExitCode, Refusal> {
        let known = self.known_epics();
        let mut rows = Vec::new();
        let mut values = Vec::new();
        let mut total = 0;
        for found in &self.found {
            let bytes = size_on_disk(&found.path);
            total += bytes;
            let merged = self.is_merged(found)?;
            let epic = known.get(&(found.run.clone(), found.name.clone()));
            let (n_changes, fault) = match &found.content {
                Ok(content) => (Some(content.n_changes), None),
                Err(fault) => (None, Some(fault)),
            };
            values.push(serde_json::json!({
                "path": found.path.display().to_string(), "run": found.run, "name": found.name, "epic": epic,
                "branch": found.branch, "changes": n_changes, "merged": merged, "fault": fault, "bytes": bytes,
                "live": self.live.as_ref() == Some(&found.run),
            }));
            let uncommitted = match n_changes {
                Some(0) => "no".to_owned(),
                Some(n) => units::count(n, "file", "files"),
                None => "?".to_owned(),
            };
            rows.push(vec![
                found.run.to_string(),
                epic.cloned().unwrap_or_else(|| found.name.clone()),
                found.branch.clone().unwrap_or_else(|| "(none)".to_owned()),
                uncommitted,
                merged.map_or("?", |merged| if merged { "yes" } else { "no" }).to_owned(),
                units::size(bytes),
                found.path.display().to_string(),
            ]);
        }
        if json {
            return print_json(&serde_json::json!({ "v": 1, "worktrees": values }));
        }
        if rows.is_empty() {
            return print("no worktrees\n");
        }
        let titles = ["run", "epic", "branch", "uncommitted", "merged", "size", "path"];
        let count = units::count(rows.len(), "worktree", "worktrees");
        print(&format!("{}\n{count}, {}\n", table(&titles, &rows), units::size(total)))
    }

    /// Epics by run and slug.
    fn known_epics(&self) -> BTreeMap<(RunId, String), String> {
        let tracks = self.past.iter().flat_map(|past| {
            let tracks = past.view.epics.iter().chain(&past.view.fixes);
            tracks.map(|track| ((past.run.clone(), track.scope.slug().to_string()), track.scope.to_string()))
        });
        tracks.collect()
    }

    /// Whether its commit is in the loop branch of its run, or in `HEAD`; `None`: it cannot be told.
    fn is_merged(&self, found: &Found) -> Result<Option<bool>, Refusal> {
        let Ok(content) = &found.content else { return Ok(None) };
        let git = &self.repository.git;
        for name in [format!("refs/heads/{}", found.run.loop_branch()), "HEAD".to_owned()] {
            let tip = git.resolve(&name).map_err(Refusal::environment)?;
            if let Some(tip) = tip
                && git.is_ancestor(&content.tip, &tip).map_err(Refusal::environment)?
            {
                return Ok(Some(true));
            }
        }
        Ok(Some(false))
    }

    fn prune(&self, dry_run: bool, json: bool) -> Result<ExitCode, Refusal> {
        let (mut removed, mut kept, mut freed) = (Vec::new(), Vec::new(), 0);
        for found in &self.found {
            let bytes = size_on_disk(&found.path);
            match self.remove(found, dry_run)? {
                None => {
                    freed += bytes;
                    removed.push(found.path.display().to_string());
                    self.worktrees.remove_empty_folder(&found.run);
                }
                Some(reason) => kept.push((found.path.display().to_string(), reason)),
            }
        }
        if json {
            let kept: Vec<_> =
                kept.iter().map(|(path, reason)| serde_json::json!({ "path": path, "reason": reason })).collect();
            let value =
                serde_json::json!({ "v": 1, "dryRun": dry_run, "removed": removed, "kept": kept, "bytes": freed });
            return print_json(&value);
        }
        let verb = if dry_run { "would be removed" } else { "removed" };
        let mut text: String = removed.iter().map(|path| format!("{verb}: {path}\n")).collect();
        text.extend(kept.iter().map(|(path, reason)| format!("kept: {path}, {}\n", crate::ui::safe::short(reason))));
        let count = units::count(removed.len(), "worktree", "worktrees");
        print(&format!("{text}{count} {verb}, {}\n", units::size(freed)))
    }

    /// Removes a worktree; why it is kept otherwise.
    fn remove(&self, found: &Found, dry_run: bool) -> Result<Option<String>, Refusal> {
        if let Some(reason) = self.needed_by_run(&found.run) {
            return Ok(Some(reason));
        }
        if let Err(fault) = &found.content {
            return Ok(Some(fault.clone()));
        }
        // The branch stays, so what is on it stays too; a worktree on no branch must be in the loop branch or landed.
        let loop_branch = format!("refs/heads/{}", found.run.loop_branch());
        let proof = match &found.branch {
            Some(branch) => format!("refs/heads/{branch}"),
            None if self.repository.git.resolve(&loop_branch).map_err(Refusal::environment)?.is_some() => loop_branch,
            None => "HEAD".to_owned(),
        };
        if dry_run {
            return self.worktrees.would_keep(&found.path, &proof).map_err(Refusal::environment);
        }
        let backup = BackupName::of_branch(&format!("ralph/epic/{}/{}", found.run, found.name));
        match self.worktrees.remove(&found.path, &proof, &backup).map_err(Refusal::environment)? {
            Removal::Removed => Ok(None),
            Removal::Kept(reason) => Ok(Some(reason)),
        }
    }

    /// Why a run still needs its worktrees: what a session left there may not have been checked yet.
    fn needed_by_run(&self, run: &RunId) -> Option<String> {
        if self.live.as_ref() == Some(run) {
            return Some("its run is at work".to_owned());
        }
        match self.past.iter().find(|past| past.run == *run) {
            Some(past) if past.is_over() => None,
            Some(_) => Some("its run can be resumed".to_owned()),
            None if self.repository.state.run(run).path().exists() => {
                Some("the journal of its run cannot be read".to_owned())
            }
            None => None,
        }
    }
}
