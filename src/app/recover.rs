//! `ralph-teams recover`: what was saved of uncommitted work, and bringing it back as a branch of its own.

use std::collections::BTreeMap;

use super::history;
use super::refusal::Refusal;
use super::repository::Repository;
use super::table::{print, print_json, table};
use crate::cli::RecoverArgs;
use crate::cli::recover::RecoverCommand;
use crate::effects::git::backups::{Restored, SavedWork};
use crate::exit::ExitCode;
use crate::ui::{safe, units};

/// Files that the list names.
const FILES_SHOWN: usize = 3;

/// `ralph-teams recover`.
///
/// # Errors
/// No repository, no such backup, or the branch cannot be made.
pub fn recover(args: &RecoverArgs) -> Result<ExitCode, Refusal> {
    let repository = Repository::here()?;
    let saved = repository.git.backups().map_err(Refusal::environment)?;
    match &args.what {
        None | Some(RecoverCommand::List) => list(&repository, &saved, args.json),
        Some(RecoverCommand::Restore { reference, branch }) => {
            restore(&repository, &saved, reference, branch.as_deref(), args.json)
        }
    }
}

fn list(repository: &Repository, saved: &[SavedWork], json: bool) -> Result<ExitCode, Refusal> {
    let names = epics_by_slug(repository)?;
    let epic = |one: &SavedWork| names.get(&one.track).cloned().unwrap_or_else(|| one.track.clone());
    if json {
        let value = |one: &SavedWork| {
            serde_json::json!({
                "ref": one.reference, "run": one.run, "epic": epic(one), "n": one.n, "commit": one.commit,
                "made": when(one.made), "files": one.files, "nFiles": one.n_files,
            })
        };
        return print_json(&serde_json::json!({ "v": 1, "saved": saved.iter().map(value).collect::<Vec<_>>() }));
    }
    if saved.is_empty() {
        return print("nothing was saved: no work was ever at risk\n");
    }
    let row = |one: &SavedWork| {
        let run = one.run.as_ref().map_or("-".to_owned(), ToString::to_string);
        vec![when(one.made), run, epic(one), holds(one), one.reference.clone()]
    };
    let rows: Vec<_> = saved.iter().map(row).collect();
    let list = table(&["when", "run", "epic", "holds", "ref"], &rows);
    print(&format!("{list}\nbring one back as a branch: ralph-teams recover restore <ref>\n"))
}

fn holds(one: &SavedWork) -> String {
    let names = one.files.iter().take(FILES_SHOWN).map(String::as_str).collect::<Vec<_>>().join(", ");
    let more = if one.n_files > FILES_SHOWN { ", ..." } else { "" };
    format!("{}: {names}{more}", units::count(one.n_files, "file", "files"))
}

/// The time of day, as the machine counts it.
fn when(seconds: i64) -> String {
    let Ok(time) = jiff::Timestamp::from_second(seconds) else { return "?".to_owned() };
    time.to_zoned(jiff::tz::TimeZone::system()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

fn epics_by_slug(repository: &Repository) -> Result<BTreeMap<String, String>, Refusal> {
    let past = history::all_runs(repository)?;
    let tracks = past.iter().flat_map(|past| past.view.epics.iter().chain(&past.view.fixes));
    Ok(tracks.map(|track| (track.scope.slug().to_string(), track.scope.to_string())).collect())
}

fn restore(
    repository: &Repository,
    saved: &[SavedWork],
    name: &str,
    branch: Option<&str>,
    json: bool,
) -> Result<ExitCode, Refusal> {
    let one = named(saved, name)?;
    let usual = format!("ralph/recovered/{}", one.reference.trim_start_matches("refs/ralph/backup/"));
    let branch = branch.unwrap_or(&usual);
    match repository.git.restore(&one.commit, branch).map_err(Refusal::environment)? {
        Restored::Made if json => {
            let value = serde_json::json!({ "v": 1, "branch": branch, "commit": one.commit, "ref": one.reference });
            print_json(&value)
        }
        Restored::Made => print(&format!(
            "{} is back as the branch {}; to see it: git show --stat {}\n",
            one.reference,
            safe::short(branch),
            safe::short(branch)
        )),
        Restored::NameTaken => {
            Err(Refusal::input(format!("there is a branch {branch} already; name another one with --branch")))
        }
        Restored::NameInvalid => Err(Refusal::input(format!("no branch can be called {branch:?}; name another one"))),
    }
}

/// The one backup whose ref is this, or ends so.
fn named<'a>(saved: &'a [SavedWork], name: &str) -> Result<&'a SavedWork, Refusal> {
    if let Some(exact) = saved.iter().find(|one| one.reference == name) {
        return Ok(exact);
    }
    let ends_so = |one: &&SavedWork| one.reference.strip_suffix(name).is_some_and(|rest| rest.ends_with('/'));
    let found: Vec<&SavedWork> = saved.iter().filter(ends_so).collect();
    match found.as_slice() {
        [one] => Ok(one),
        [] => Err(Refusal::input(format!("nothing is saved as {name}; `ralph-teams recover` lists what is"))),
        several => {
            let names: Vec<&str> = several.iter().map(|one| one.reference.as_str()).collect();
            Err(Refusal::input(format!("{name} may mean {}; name more of it", names.join(" or "))))
        }
    }
}
