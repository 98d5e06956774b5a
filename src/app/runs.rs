//! `ralph-teams runs`: what is kept of runs, how much room it takes, and which of it nobody needs any more.

use super::history::{self, PastRun};
use super::refusal::Refusal;
use super::repository::Repository;
use super::table::{print, print_json, table};
use crate::cli::RunsArgs;
use crate::cli::runs::RunsCommand;
use crate::domain::id::{CommitId, RunId};
use crate::domain::outcome::RunEnd;
use crate::domain::usage::Usage;
use crate::effects::disk::size_on_disk;
use crate::effects::lock;
use crate::effects::session_record::SessionRecord;
use crate::exit::ExitCode;
use crate::ui::json::usage;
use crate::ui::{phrases, summary, units};

/// `ralph-teams runs`.
///
/// # Errors
/// No repository, no such run, or something cannot be removed.
pub fn runs(args: &RunsArgs) -> Result<ExitCode, Refusal> {
    let shelf = Shelf::look(Repository::here()?)?;
    match &args.what {
        None | Some(RunsCommand::List) => shelf.list(args.json),
        Some(RunsCommand::Show { run }) => shelf.show(run.as_deref(), args.json),
        Some(RunsCommand::Prune { dry_run, keep }) => shelf.prune(*keep, *dry_run, args.json),
    }
}

/// All runs of a repository.
struct Shelf {
    repository: Repository,
    /// Newest first.
    runs: Vec<Kept>,
}

/// What is kept of one run.
struct Kept {
    run: RunId,
    /// `None`: its journal cannot be read.
    past: Option<PastRun>,
    live: bool,
    /// Why its work is not all in `HEAD`; `None`: it is, or there is none.
    not_landed: Option<String>,
    bytes: u64,
}

impl Shelf {
    fn look(repository: Repository) -> Result<Self, Refusal> {
        let head = repository.git.resolve("HEAD").map_err(Refusal::environment)?;
        let live = lock::holder(repository.git.common_dir()).map(|holder| holder.run);
        let mut past = history::all_runs(&repository)?;
        let mut ids = history::run_ids(&repository);
        ids.sort();
        let mut runs = Vec::new();
        for run in ids.into_iter().rev() {
            let position = past.iter().position(|one| one.run == run);
            let past = position.map(|position| past.swap_remove(position));
            let not_landed = match &past {
                Some(past) => not_landed(&repository, past, head.as_ref())?,
                None => None,
            };
            let bytes = size_on_disk(repository.state.run(&run).path());
            runs.push(Kept { live: live.as_ref() == Some(&run), run, past, not_landed, bytes });
        }
        Ok(Self { repository, runs })
    }

    fn list(&self, json: bool) -> Result<ExitCode, Refusal> {
        if json {
            let runs: Vec<_> = self.runs.iter().map(Kept::json).collect();
            return print_json(&serde_json::json!({ "v": 1, "runs": runs }));
        }
        if self.runs.is_empty() {
            return print("no run yet\n");
        }
        let row = |run: &Kept| {
            let landed = if run.not_landed.is_none() { "yes" } else { "no" };
            let size = units::size(run.bytes);
            vec![run.run.to_string(), run.state().to_owned(), run.merged(), landed.to_owned(), run.cost(), size]
        };
        let rows: Vec<_> = self.runs.iter().map(row).collect();
        let total = units::size(self.runs.iter().map(|run| run.bytes).sum());
        let runs = units::count(self.runs.len(), "run", "runs");
        print(&format!("{}\n{runs}, {total}\n", table(&["run", "state", "merged", "landed", "cost", "size"], &rows)))
    }

    fn show(&self, name: Option<&str>, json: bool) -> Result<ExitCode, Refusal> {
        let id = history::named(&self.repository, name)?;
        let Some(run) = self.runs.iter().find(|run| run.run == id) else {
            return Err(Refusal::environment(format!("run {id} has vanished meanwhile")));
        };
        let run_dir = self.repository.state.run(&id);
        let sessions = SessionRecord::all(&run_dir);
        if json {
            let mut value = run.json();
            value["directory"] = run_dir.path().display().to_string().into();
            value["sessions"] = sessions.iter().map(|record| serde_json::json!(record)).collect();
            return print_json(&value);
        }
        let mut text = match &run.past {
            Some(past) => summary::status_text(&past.view, run.live),
            None => format!("run {id}: its journal cannot be read\n"),
        };
        let resumable = run.past.as_ref().filter(|past| past.can_go_on() && !run.live);
        let resume = resumable.and_then(|past| summary::resume_command(&past.view));
        let go_on = resume.map(|resume| format!("; go on with: {resume}"));
        text.push_str(&format!("\nstate: {}{}\n", run.state(), go_on.unwrap_or_default()));
        text.push_str(&format!(
            "landed: {}\n",
            run.not_landed.as_deref().map_or("yes".to_owned(), |why| format!("no, {why}"))
        ));
        text.push_str(&format!("kept in {}: {}\n", run_dir.path().display(), units::size(run.bytes)));
        for record in &sessions {
            let job = &record.job;
            let took = units::clock(record.at);
            text.push_str(&format!(
                "  {took}  {} {} ({})\n",
                phrases::who(&job.scope),
                job.file_stem(),
                record.backend
            ));
        }
        print(&text)
    }

    fn prune(&self, keep: u32, dry_run: bool, json: bool) -> Result<ExitCode, Refusal> {
        let keep = usize::try_from(keep).unwrap_or(usize::MAX);
        let (mut removed, mut kept) = (Vec::new(), Vec::new());
        for (n, run) in self.runs.iter().enumerate() {
            match run.reason_to_keep() {
                _ if n < keep => {}
                Some(reason) => kept.push((run, reason)),
                None => {
                    if !dry_run {
                        self.repository.state.remove_run(&run.run).map_err(Refusal::environment)?;
                    }
                    removed.push(run);
                }
            }
        }
        let freed = removed.iter().map(|run| run.bytes).sum();
        if json {
            let kept: Vec<_> =
                kept.iter().map(|(run, reason)| serde_json::json!({ "run": run.run, "reason": reason })).collect();
            let removed: Vec<_> = removed.iter().map(|run| run.run.as_str()).collect();
            let value =
                serde_json::json!({ "v": 1, "dryRun": dry_run, "removed": removed, "kept": kept, "bytes": freed });
            return print_json(&value);
        }
        let verb = if dry_run { "would be removed" } else { "removed" };
        let mut text: String =
            removed.iter().map(|run| format!("{verb}: {}, {}\n", run.run, units::size(run.bytes))).collect();
        text.extend(kept.iter().map(|(run, reason)| format!("kept: {}, {reason}\n", run.run)));
        let count = units::count(removed.len(), "run", "runs");
        print(&format!("{text}{count} {verb}, {}; the newest {keep} are always kept\n", units::size(freed)))
    }
}

/// What of a run's work is not in `HEAD`: its loop branch, or the kept branch of an epic that a next run would go on from.
fn not_landed(repository: &Repository, past: &PastRun, head: Option<&CommitId>) -> Result<Option<String>, Refusal> {
    let git = &repository.git;
    let tracks = past.view.epics.iter().chain(&past.view.fixes);
    let branches = tracks.map(|track| past.run.epic_branch(&track.scope.slug()));
    for branch in std::iter::once(past.run.loop_branch()).chain(branches) {
        let Some(tip) = git.branch_tip(&branch).map_err(Refusal::environment)? else { continue };
        let landed = head.map(|head| git.is_ancestor(&tip, head)).transpose().map_err(Refusal::environment)?;
        if landed != Some(true) {
            return Ok(Some(format!("{branch} is not in HEAD")));
        }
    }
    Ok(None)
}

impl Kept {
    fn reason_to_keep(&self) -> Option<String> {
        match &self.past {
            _ if self.live => Some("it is at work".to_owned()),
            None => Some("its journal cannot be read".to_owned()),
            Some(past) if !past.is_over() => Some("it can be resumed".to_owned()),
            Some(_) => self.not_landed.clone(),
        }
    }

    fn state(&self) -> &'static str {
        match &self.past {
            _ if self.live => "at work",
            None => "unreadable",
            Some(past) => match &past.end {
                Some(RunEnd::Judged { pass: true }) => "pass",
                Some(RunEnd::Judged { pass: false }) => "fail",
                Some(RunEnd::Limit { .. }) => "stopped by a limit",
                Some(RunEnd::Interrupted) => "interrupted",
                Some(RunEnd::Environment { .. }) => "stopped by its environment",
                None => "killed",
            },
        }
    }

    fn merged(&self) -> String {
        self.past.as_ref().map_or("?".to_owned(), |past| phrases::merged_of(&past.view))
    }

    /// What it cost: `-` when that was nothing, `?` when nobody knows.
    fn cost(&self) -> String {
        let usage = self.past.as_ref().map_or(Usage::UNKNOWN, |past| past.view.usage);
        phrases::cost_cell(usage).unwrap_or_else(|| "-".to_owned())
    }

    fn json(&self) -> serde_json::Value {
        let past = self.past.as_ref();
        serde_json::json!({
            "run": self.run,
            "state": self.state(),
            "live": self.live,
            "over": past.is_some_and(PastRun::is_over),
            "landed": self.not_landed.is_none(),
            "merged": past.map(|past| phrases::n_merged(&past.view)),
            "epics": past.map(|past| past.view.epics.len()),
            "loopBranch": self.run.loop_branch(),
            "loopTip": past.and_then(|past| past.loop_tip.clone()),
            "usage": past.map(|past| usage(past.view.usage)),
            "bytes": self.bytes,
        })
    }
}
