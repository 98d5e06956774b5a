//! `ralph-teams status`: the newest run as its journal tells it, also while it is alive.

use std::collections::BTreeMap;
use std::path::Path;

use super::history::{self, PastRun};
use super::refusal::Refusal;
use super::repository::Repository;
use super::table::{print, print_json};
use super::{inputs, summary as plan_summary};
use crate::cli::StatusArgs;
use crate::domain::budget::Spent;
use crate::domain::role::Role;
use crate::domain::usage::{ByStory, Usage};
use crate::effects::lock::{self, Holder};
use crate::exit::ExitCode;
use crate::scheduler::RunView;
use crate::scheduler::view::TrackView;
use crate::ui::json::usage;
use crate::ui::{phrases, summary};

/// `ralph-teams status`.
///
/// # Errors
/// No repository, or nothing that could be shown.
pub fn status(args: &StatusArgs) -> Result<ExitCode, Refusal> {
    let repository = Repository::here()?;
    let past = history::all_runs(&repository)?;
    let alive = lock::holder(repository.git.common_dir());
    let is_meant = |past: &&PastRun| match &args.prd {
        Some(prd) => past.prd.as_deref().is_some_and(|of_run| is_same(of_run, prd)),
        None => alive.as_ref().is_some_and(|holder| holder.run == past.run) || !history::is_task(&repository, past),
    };
    let meant = || past.iter().filter(is_meant);
    let at_work = meant().find(|past| alive.as_ref().is_some_and(|holder| holder.run == past.run));
    let Some(newest) = at_work.or_else(|| meant().next()) else { return without_run(args) };
    let alive = alive.filter(|holder| holder.run == newest.run);
    if args.json {
        return print_json(&json(&newest.view, alive.as_ref().map(|holder| holder.pid)));
    }
    let text = summary::status_text(&newest.view, alive.is_some());
    print(&format!("{text}\n{}\n", what_now(&repository, newest, alive.as_ref())))
}

/// Who is at work, or what to do now.
fn what_now(repository: &Repository, run: &PastRun, alive: Option<&Holder>) -> String {
    if let Some(holder) = alive {
        return format!("at work: process {} since {}", holder.pid, holder.started);
    }
    match summary::resume_command(&run.view).filter(|_| !run.is_over()) {
        None => format!("verdict: {}", repository.state.run(&run.run).report_md().display()),
        Some(_) if !run.reset.is_empty() => {
            "not at work, and cannot go on since an epic of it was set back; begin anew: ralph-teams run".to_owned()
        }
        Some(resume) => format!("not at work; go on with: {resume}"),
    }
}

/// Whether both are one file; a run may have written its PRD by another path.
fn is_same(one: &Path, other: &Path) -> bool {
    one == other || one.canonicalize().ok().is_some_and(|one| other.canonicalize().ok() == Some(one))
}

fn without_run(args: &StatusArgs) -> Result<ExitCode, Refusal> {
    if args.json {
        return print_json(&serde_json::json!({ "v": 1, "run": null }));
    }
    match &args.prd {
        Some(prd) => print(&format!("no run of it yet\n\n{}", plan_summary::text(&inputs::plan(prd)?))),
        None => print("no run yet\n"),
    }
}

fn json(view: &RunView, pid: Option<u32>) -> serde_json::Value {
    let moves = summary::moves(view, pid.is_some());
    let track = |track| track_json(track, moves);
    serde_json::json!({
        "v": 1,
        "run": view.run,
        "project": view.project,
        "phase": summary::phase_now(view, pid.is_some()),
        "pid": pid,
        "base": view.base,
        "loopBranch": view.run.loop_branch(),
        "loopTip": view.loop_tip,
        "seconds": view.at / 1000,
        "slots": view.slots,
        "slotsUsed": if moves { view.slots_used } else { 0 },
        "usage": usage(view.usage),
        "usageByRole": by_role(&view.usage_by_role),
        "budget": view.budget.map(budget),
        "epics": view.epics.iter().map(track).collect::<Vec<_>>(),
        "fixes": view.fixes.iter().map(track).collect::<Vec<_>>(),
    })
}

fn track_json(track: &TrackView, moves: bool) -> serde_json::Value {
    serde_json::json!({
        "id": track.scope.to_string(),
        "title": track.title,
        "wave": track.wave,
        "state": summary::state_now(track, moves),
        "reason": track.state.outcome().and_then(phrases::reason),
        "attempt": track.attempt,
        "fixCycle": track.fix_cycle,
        "storiesPassed": track.stories_passed,
        "stories": track.n_stories,
        "usage": usage(track.usage),
        "usageByRole": by_role(&track.usage_by_role),
        "usageByStory": by_story(&track.usage_by_story),
        "usageOfNoSingleStory": track.usage_by_story.shared.map(usage),
    })
}

fn by_role(roles: &BTreeMap<Role, Usage>) -> serde_json::Value {
    roles.iter().map(|(role, consumed)| (role.name().to_owned(), serde_json::json!(usage(*consumed)))).collect()
}

fn by_story(parts: &ByStory) -> serde_json::Value {
    let alone = parts.alone.iter();
    alone.map(|(story, consumed)| (story.to_string(), serde_json::json!(usage(*consumed)))).collect()
}

/// How far the budget of the run is used: money in millionths of a US dollar, or tokens.
fn budget(spent: Spent) -> serde_json::Value {
    let (limit, used, of) = match spent {
        Spent::Cost { used, limit } => ("cost", used, limit),
        Spent::Tokens { used, limit } => ("tokens", used, limit),
    };
    serde_json::json!({ "limit": limit, "used": used, "of": of, "percent": spent.percent() })
}
