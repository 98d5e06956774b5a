//! What a session is handed so that its agent can call our tools: a place at the desk, and two files that say the way there.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::brief;
use crate::domain::role::{DelegationMode, Role};
use crate::effects::backend::ToolServer;
use crate::effects::context::{Context, failure};
use crate::effects::desk::permits::tools_of;
use crate::effects::desk::session::Errand;
use crate::effects::desk::tools::Tool;
use crate::effects::desk::{DESK_VARIABLE, Desk, Registered, TOKEN_VARIABLE, TOOLS_VARIABLE, write_secret};
use crate::scheduler::Job;
use crate::scheduler::command::{Purpose, SessionAsk};
use crate::scheduler::event::Failure;

/// Tools that are ready for one session. They work no more when this is dropped.
pub struct Handed<'a> {
    // Held for its drop.
    _registered: Registered<'a>,
    config_file: PathBuf,
    desk_file: PathBuf,
    program: String,
    args: Vec<String>,
    args_by_file: Vec<String>,
    env: BTreeMap<String, String>,
    names: Vec<&'static str>,
}

/// The desk, when sessions in this role are handed tools: there is one, the role has any, and its program takes them.
fn desk_for<'a>(context: &'a Context, ask: &SessionAsk) -> Option<&'a Desk> {
    let takes = brief::seat(context, ask).is_ok_and(|seat| seat.backend.takes_tools());
    context.desk.as_ref().filter(|_| takes && !tools_of(ask.role).is_empty())
}

/// Whether a session is handed tools.
#[must_use]
pub fn are_handed(context: &Context, ask: &SessionAsk) -> bool {
    desk_for(context, ask).is_some()
}

/// The names by which the agent in this role calls our tools, by their own names; `None`: it has none, or nobody knows
/// what it calls them.
#[must_use]
pub fn names(context: &Context, ask: &SessionAsk) -> Option<BTreeMap<&'static str, String>> {
    desk_for(context, ask)?;
    let backend = &brief::seat(context, ask).ok()?.backend;
    Tool::ALL.into_iter().map(|tool| Some((tool.name(), backend.tool_name(tool.name())?))).collect()
}

/// Hands a session its tools; `None`: it gets none.
///
/// # Errors
/// The files cannot be written.
pub fn hand<'a>(
    context: &'a Context,
    job: &Job,
    ask: &SessionAsk,
    worktree: &Path,
) -> Result<Option<Handed<'a>>, Failure> {
    let Some(desk) = desk_for(context, ask) else { return Ok(None) };
    let registered = desk.register(errand(context, job, ask, worktree)).map_err(|fault| failure(fault.to_string()))?;
    let (desk_file, text) = (context.run_dir.desk_file(job), |path: &Path| path.to_string_lossy().into_owned());
    let mut env = context.marks(job);
    env.insert(DESK_VARIABLE.to_owned(), text(desk.socket()));
    env.insert(TOKEN_VARIABLE.to_owned(), registered.token.clone());
    let names: Vec<&'static str> = offered(context, ask).map(Tool::name).collect();
    env.insert(TOOLS_VARIABLE.to_owned(), names.join(","));
    let handed = Handed {
        _registered: registered,
        config_file: context.run_dir.tool_config(job),
        program: text(&context.host_program),
        args: vec!["mcp".to_owned()],
        args_by_file: vec!["mcp".to_owned(), "--desk".to_owned(), text(&desk_file)],
        desk_file,
        env,
        names,
    };
    context.job_dir(job)?;
    handed.write()?;
    Ok(Some(handed))
}

/// The tools that a session may call: those of its role, but for what is switched off, and for what could only be refused
/// because no story is asked of it.
fn offered(context: &Context, ask: &SessionAsk) -> impl Iterator<Item = Tool> {
    let (delegation, has_stories) = (context.team.delegation, !ask.stories.is_empty());
    tools_of(ask.role).iter().copied().filter(move |tool| match tool {
        Tool::Delegate => delegation != DelegationMode::Never,
        Tool::ReportStory | Tool::Blocked => has_stories,
        Tool::GetEpic | Tool::ReportPlan | Tool::ReportValidation | Tool::Note => true,
    })
}

/// What the desk has to know of a session.
fn errand(context: &Context, job: &Job, ask: &SessionAsk, worktree: &Path) -> Errand {
    Errand {
        job: job.clone(),
        caller: ask.role,
        tools: offered(context, ask).collect(),
        worktree: worktree.to_owned(),
        files: brief::files(job, ask, worktree),
        is_delegated: matches!(ask.purpose, Purpose::Delegated(_)),
        branch: (ask.role != Role::FinalValidator).then(|| context.branch(&job.scope)),
        base: ask.base.clone(),
        stories: ask.stories.clone(),
        judged: ask.merged.clone(),
        notes: ask.notes.clone(),
    }
}

impl Handed<'_> {
    fn write(&self) -> Result<(), Failure> {
        let patience = ToolServer::PATIENCE.as_millis();
        let server = json!({
            "type": "stdio", "command": self.program, "args": self.args, "env": self.env, "timeout": patience
        });
        let config = json!({ "mcpServers": { ToolServer::NAME: server } });
        write_secret(&self.desk_file, json!(self.env).to_string().as_bytes())?;
        Ok(write_secret(&self.config_file, format!("{config:#}\n").as_bytes())?)
    }

    /// The server as a backend is told of it.
    #[must_use]
    pub fn server(&self) -> ToolServer<'_> {
        ToolServer {
            config_file: &self.config_file,
            program: &self.program,
            args: &self.args,
            env: &self.env,
            args_by_file: &self.args_by_file,
            tools: &self.names,
        }
    }
}

impl Drop for Handed<'_> {
    fn drop(&mut self) {
        // The secret is worth nothing any more, so nothing is left of it.
        for file in [&self.config_file, &self.desk_file] {
            let _ = std::fs::remove_file(file);
        }
    }
}
