//! What a session is given before it starts: the epic, the plan and the prompt in `.ralph/`, and its environment.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use super::helpers;
use crate::domain::id::StoryId;
use crate::domain::plan::{Epic, Story};
use crate::domain::role::Role;
use crate::domain::usage::Usage;
use crate::effects::backend::{AgentRole, Beginning, Reader};
use crate::effects::context::{Context, Seat, failure};
use crate::effects::desk::permits::reads_plan;
use crate::effects::desk::plan;
use crate::effects::fs::write_atomic;
use crate::effects::git::GitError;
use crate::effects::paths::relative_to;
use crate::effects::prompt::{Committed, HelperFact, PromptFacts, judges, render};
use crate::effects::session_files::{self, SessionFiles};
use crate::scheduler::Job;
use crate::scheduler::command::{Purpose, SessionAsk};
use crate::scheduler::event::Failure;

/// Commits of earlier sessions that a prompt lists at most.
const COMMITS_MAX: usize = 50;

/// Files in the worktree, as the session sees them.
pub(super) const EPIC_FILE: &str = ".ralph/epic.json";
pub(super) const PLAN_FILE: &str = ".ralph/plan.md";
pub(super) const REPORT_FILE: &str = ".ralph/report.json";

/// The epic as a session reads it: as in the PRD, but with the stories that are still to be done and no others.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EpicFile<'a> {
    id: &'a str,
    title: &'a str,
    description: &'a str,
    user_stories: Vec<&'a Story>,
}

/// The files of a session: who works for a lead has a folder of its own beside the lead's.
#[must_use]
pub fn files(job: &Job, ask: &SessionAsk, worktree: &Path) -> SessionFiles {
    match ask.purpose {
        Purpose::Delegated(_) => SessionFiles::of_delegate(worktree, job),
        Purpose::Implement
        | Purpose::Fix
        | Purpose::Resolve { .. }
        | Purpose::Validate
        | Purpose::Plan
        | Purpose::Judge => SessionFiles::of(worktree),
    }
}

/// Writes everything that a session reads. An old report is removed: each session must write its own.
pub fn write(context: &Context, job: &Job, ask: &SessionAsk, worktree: &Path) -> Result<(), Failure> {
    let files = files(job, ask, worktree);
    files.make()?;
    session_files::remove(&files.report())?;
    let epic = job.scope.epic().and_then(|id| context.plan.epic(id));
    if let Some(epic) = epic {
        session_files::write(&files.epic(), epic_json(epic, &ask.stories)?.as_bytes())?;
    }
    let has_plan = match ask.purpose {
        // Its lead has it.
        Purpose::Delegated(_) => reads_plan(ask.role) && SessionFiles::of(worktree).plan().is_file(),
        Purpose::Implement
        | Purpose::Fix
        | Purpose::Resolve { .. }
        | Purpose::Validate
        | Purpose::Plan
        | Purpose::Judge => copy_plan(context, ask.role, epic, &files)?,
    };
    let facts = Given { epic, has_plan, files: &files, worktree };
    let prompt = prompt(context, job, ask, &facts)?;
    session_files::write(&files.prompt(), prompt.as_bytes())?;
    write_atomic(&context.run_dir.prompt(job), prompt.as_bytes())?;
    Ok(())
}

fn epic_json(epic: &Epic, pending: &[StoryId]) -> Result<String, Failure> {
    let file = EpicFile {
        id: epic.id.as_str(),
        title: &epic.title,
        description: &epic.description,
        user_stories: epic.user_stories.iter().filter(|story| pending.contains(&story.id)).collect(),
    };
    serde_json::to_string_pretty(&file).map_err(|fault| failure(format!("the epic cannot be written: {fault}")))
}

/// Brings the implementation plan along, if a person or a planner wrote one, and if the role may read it: who judges
/// finds none.
fn copy_plan(context: &Context, role: Role, epic: Option<&Epic>, files: &SessionFiles) -> Result<bool, Failure> {
    if !reads_plan(role) {
        session_files::remove(&files.plan())?;
        return Ok(false);
    }
    let Some(epic) = epic else { return Ok(false) };
    let Some(plan) = plan::find(&context.state, &epic.id) else { return Ok(false) };
    session_files::write(&files.plan(), &plan)?;
    Ok(true)
}

/// What a session is given beside its prompt.
struct Given<'a> {
    epic: Option<&'a Epic>,
    has_plan: bool,
    files: &'a SessionFiles,
    worktree: &'a Path,
}

fn prompt(context: &Context, job: &Job, ask: &SessionAsk, given: &Given<'_>) -> Result<String, Failure> {
    let epic = given.epic;
    let in_worktree = |path: &Path| relative_to(given.worktree, path);
    let (epic_file, report_file) = (in_worktree(&given.files.epic()), in_worktree(&given.files.report()));
    let role = role_of(context, ask.role)?;
    let merged: Vec<&Epic> = ask.merged.iter().filter_map(|id| context.plan.epic(id)).collect();
    let helpers: Vec<HelperFact<'_>> = helpers::roles(context, ask.role)
        .map(|(helper, role)| HelperFact {
            name: &role.name,
            description: &role.description,
            instructions: &role.instructions,
            by_tool: helpers::is_by_tool(context, ask, helper),
        })
        .collect();
    let branch = context.branch(&job.scope);
    let (loop_branch, on_branch) = (context.run.loop_branch(), ask.role != Role::FinalValidator);
    let committed = if on_branch { committed(context, &branch, ask).unwrap_or_default() } else { Vec::new() };
    let tool_names = super::tools::names(context, ask);
    let facts = PromptFacts {
        role_text: &role.instructions,
        purpose: &ask.purpose,
        project: (context.plan.project(), context.plan.description()),
        epic,
        stories: &ask.stories,
        merged_epics: &merged,
        findings: &ask.findings,
        gates: &context.gates,
        red_at_base: &ask.red_at_base,
        setup: context.setup.as_ref().map(|setup| setup.command.as_str()),
        epic_branch: on_branch.then_some(branch.as_str()),
        loop_branch: &loop_branch,
        loop_tip: &ask.loop_tip,
        base: &ask.base,
        epic_file: epic.map(|_| epic_file.as_str()),
        plan_file: given.has_plan.then_some(PLAN_FILE),
        report_file: &report_file,
        attempt: ask.attempt,
        continued: ask.continues.is_some(),
        committed: &committed,
        workflow: context.workflow,
        helpers: &helpers,
        helpers_are_native: seat(context, ask)?.backend.takes_helpers(),
        tools: tool_names.as_ref(),
        notes: &ask.notes,
    };
    render(&context.templates, &facts).map_err(|fault| failure(fault.to_string()))
}

fn committed(context: &Context, branch: &str, ask: &SessionAsk) -> Result<Vec<Committed>, GitError> {
    let mut commits = context.git.subjects_since(&ask.base, branch, COMMITS_MAX)?;
    if let Purpose::Delegated(what) = &ask.purpose
        && judges(what.role)
        && commits.iter().any(|(id, _)| what.brief.contains(id.as_str()))
    {
        // Of what the lead says, who judges is told these names alone.
        commits.retain(|(id, _)| what.brief.contains(id.as_str()));
    }
    Ok(commits.into_iter().map(|(id, subject)| Committed { id: id.short().to_owned(), subject }).collect())
}

/// Who sits in the role of a session, on the program that it was asked for. A run that was begun before programs had names
/// in its journal takes the first.
pub fn seat<'a>(context: &'a Context, ask: &SessionAsk) -> Result<&'a Seat, Failure> {
    let seats = context.team.seats.get(&ask.role).map(Vec::as_slice).unwrap_or_default();
    let named = seats.iter().find(|seat| seat.backend.name() == ask.backend);
    let found = named.or_else(|| seats.first().filter(|_| ask.backend.is_empty()));
    found.ok_or_else(|| {
        failure(format!("{:?} is not configured for the role {}; put it back and resume", ask.backend, ask.role.name()))
    })
}

/// A reader for a session that was asked for so.
pub fn reader(context: &Context, job: &Job, ask: &SessionAsk) -> Result<Box<dyn Reader>, Failure> {
    reader_in(context, ask, &context.run_dir.job(job))
}

/// The same for what lies in this directory.
pub fn reader_in(context: &Context, ask: &SessionAsk, job_dir: &Path) -> Result<Box<dyn Reader>, Failure> {
    let mut reader = seat(context, ask)?.backend.reader();
    reader.begin(&Beginning { continues: ask.continues.as_ref(), consumed: consumed(ask), job_dir });
    Ok(reader)
}

/// What the conversation of a session had consumed before it. One that turned out to be gone was replaced by a fresh one,
/// which has consumed nothing.
pub fn consumed(ask: &SessionAsk) -> Usage {
    if ask.continues.is_some() { ask.consumed } else { Usage::default() }
}

fn role_of(context: &Context, role: Role) -> Result<&AgentRole, Failure> {
    let found = context.team.roles.get(role.name());
    found.ok_or_else(|| failure(format!("there are no instructions for the role {}", role.name())))
}

/// The variables that the runner adds to a session's environment (`RALPH_*`).
pub fn variables(context: &Context, job: &Job, ask: &SessionAsk, worktree: &Path) -> BTreeMap<String, String> {
    let text = |path: std::path::PathBuf| path.to_string_lossy().into_owned();
    let files = files(job, ask, worktree);
    let mut variables = context.marks(job);
    let mut add = |name: &str, value: String| variables.insert(name.to_owned(), value);
    add("RALPH_ROLE", ask.role.name().to_owned());
    add("RALPH_ATTEMPT", ask.attempt.to_string());
    add("RALPH_REPORT", text(files.report()));
    add("RALPH_LOOP_BRANCH", context.run.loop_branch());
    add("RALPH_BASE", ask.base.to_string());
    if let Some(epic) = job.scope.epic() {
        add("RALPH_EPIC_ID", epic.to_string());
        add("RALPH_EPIC_FILE", text(files.epic()));
    }
    if ask.role != Role::FinalValidator {
        add("RALPH_EPIC_BRANCH", context.branch(&job.scope));
    }
    variables
}
