//! `ralph-teams prompts`: what agents will be told, before anything is started, and the way to change it.

use std::path::Path;

use serde_json::json;

use super::refusal::Refusal;
use super::repository::{Repository, environment};
use super::{inputs, table, team};
use crate::cli::PromptsArgs;
use crate::cli::prompts::{PromptsCommand, PromptsShowArgs, PurposeName};
use crate::config::{BackendFlag, Overrides};
use crate::domain::plan::{Epic, Plan};
use crate::domain::role::Role;
use crate::domain::shell;
use crate::effects::backend::ejected::{self, EjectFault};
use crate::effects::backend::{AgentRoles, ROLES_DIRECTORY};
use crate::effects::desk;
use crate::effects::desk::permits::reads_plan;
use crate::effects::prompt::{PROMPTS_DIRECTORY, Templates};
use crate::effects::steps::preview::Preview;
use crate::exit::ExitCode;
use crate::scheduler::command::Purpose;

/// `ralph-teams prompts`.
///
/// # Errors
/// There is no such role, epic or file, or it cannot be read or written.
pub fn prompts(args: &PromptsArgs) -> Result<ExitCode, Refusal> {
    let repository = Repository::here()?;
    let folder = repository.checkout.join(ROLES_DIRECTORY);
    match args.what.as_ref().unwrap_or(&PromptsCommand::List) {
        PromptsCommand::List => list(&folder, args.json)?,
        PromptsCommand::Show(what) => show(&repository, what, args.json)?,
        PromptsCommand::Eject { role } => eject(&repository, &folder, named(role)?, args.json)?,
    }
    Ok(ExitCode::Success)
}

fn named(name: &str) -> Result<Role, Refusal> {
    Role::named(name).ok_or_else(|| {
        let known: Vec<&str> = Role::ALL.iter().map(|role| role.name()).collect();
        Refusal::input(format!("there is no role {name:?}; there are: {}", known.join(", ")))
    })
}

fn list(folder: &Path, as_json: bool) -> Result<(), Refusal> {
    let roles = AgentRoles::load(folder).map_err(Refusal::environment)?;
    let mut rows = Vec::new();
    let mut objects = Vec::new();
    for role in Role::ALL {
        let Some(known) = roles.get(role.name()) else { continue };
        let origin = ejected::origin(folder, role).map_err(Refusal::environment)?;
        let (tier, description) = (known.tier.name(), &known.description);
        objects.push(json!({ "role": role.name(), "tier": tier, "origin": origin, "description": description }));
        rows.push([role.name(), tier, origin.name(), description].map(str::to_owned).to_vec());
    }
    if as_json {
        table::print_json(&json!({ "v": 1, "roles": objects }))?;
    } else {
        table::print(&table::table(&["role", "tier", "origin", "what for"], &rows))?;
    }
    warn_of_outdated(folder)
}

/// Says which of the repository's own instructions were made from built-in ones that have changed since.
///
/// # Errors
/// One of them cannot be read.
pub fn warn_of_outdated(folder: &Path) -> Result<(), Refusal> {
    for warning in ejected::warnings(folder).map_err(Refusal::environment)? {
        note!("warning: {warning}");
    }
    Ok(())
}

fn eject(repository: &Repository, folder: &Path, role: Role, as_json: bool) -> Result<(), Refusal> {
    repository.git.exclude_our_folders().map_err(Refusal::environment)?;
    let path = ejected::eject(folder, role).map_err(|fault| match fault {
        EjectFault::Exists(_) => Refusal::input(fault.to_string()),
        EjectFault::Disk(_) => Refusal::environment(fault),
    })?;
    if as_json {
        return table::print_json(&json!({ "v": 1, "role": role.name(), "file": path })).map(drop);
    }
    let folder = shell::word(&repository.shown(folder));
    say!("{} is yours to edit now; it is used in place of the built-in one", repository.shown(&path));
    say!("git does not track it unless you add it: git add --force {folder}");
    Ok(())
}

fn show(repository: &Repository, what: &PromptsShowArgs, as_json: bool) -> Result<(), Refusal> {
    let role = named(&what.role)?;
    let shown = if what.built_in {
        Shown { purpose: None, epic: None, text: ejected::built_in(role).to_owned() }
    } else {
        match purpose(role, what.purpose)? {
            Some(purpose) => session(repository, what, role, purpose)?,
            None if what.epic.is_some() => {
                let name = role.name();
                return Err(Refusal::input(format!(
                    "--epic: {name} has no session of its own, so its instructions are the same for every epic; leave it out"
                )));
            }
            None => instructions(repository, role)?,
        }
    };
    if as_json {
        let Shown { purpose, epic, text } = shown;
        let object = json!({ "v": 1, "role": role.name(), "purpose": purpose, "epic": epic, "text": text });
        table::print_json(&object).map(drop)
    } else {
        table::print(&shown.text).map(drop)
    }
}

/// A text, and what it is about.
struct Shown {
    purpose: Option<&'static str>,
    epic: Option<String>,
    text: String,
}

/// What a session in this role is for; `None`: the role has no session of its own, its instructions are handed to the lead.
fn purpose(role: Role, wanted: Option<PurposeName>) -> Result<Option<PurposeName>, Refusal> {
    let possible: &[PurposeName] = match role {
        Role::TeamLead => &[PurposeName::Implement, PurposeName::Fix],
        Role::Resolver => &[PurposeName::Resolve],
        Role::FinalValidator => &[PurposeName::Validate],
        Role::EpicPlanner => &[PurposeName::Plan],
        Role::EpicValidator => &[PurposeName::Judge],
        Role::StoryPlanner | Role::Builder | Role::StoryValidator => &[],
    };
    match wanted {
        Some(wanted) if !possible.contains(&wanted) => {
            let names: Vec<&str> = possible.iter().map(|purpose| name(*purpose)).collect();
            let names = if names.is_empty() { "none of its own".to_owned() } else { names.join(", ") };
            Err(Refusal::input(format!("--purpose {}: sessions of {} are for: {names}", name(wanted), role.name())))
        }
        Some(wanted) => Ok(Some(wanted)),
        None => Ok(possible.first().copied()),
    }
}

fn name(purpose: PurposeName) -> &'static str {
    match purpose {
        PurposeName::Implement => "implement",
        PurposeName::Fix => "fix",
        PurposeName::Resolve => "resolve",
        PurposeName::Validate => "validate",
        PurposeName::Plan => "plan",
        PurposeName::Judge => "judge",
    }
}

fn instructions(repository: &Repository, role: Role) -> Result<Shown, Refusal> {
    let roles = AgentRoles::load(&repository.checkout.join(ROLES_DIRECTORY)).map_err(Refusal::environment)?;
    let text = roles.get(role.name()).map(|role| format!("{}\n", role.instructions)).unwrap_or_default();
    Ok(Shown { purpose: None, epic: None, text })
}

fn session(
    repository: &Repository,
    what: &PromptsShowArgs,
    role: Role,
    purpose: PurposeName,
) -> Result<Shown, Refusal> {
    let plan = inputs::plan(&what.prd)?;
    let overrides = Overrides { backend: what.backend.clone().map(BackendFlag::Named), ..Overrides::default() };
    let env = environment();
    let settings = inputs::settings(&repository.checkout, None, &env, &overrides)?;
    let team = team::assemble(repository, &settings, &env)?;
    let Some(seat) = team.seats.get(&role).and_then(|seats| seats.first()) else {
        return Err(Refusal::internal(format!("nobody sits in the role {}", role.name())));
    };
    let Some(head) = repository.git.resolve("HEAD").map_err(Refusal::environment)? else {
        return Err(Refusal::environment("this repository has no commit yet; make a first one"));
    };
    let epic = epic(&plan, what, role)?;
    let has_plan = |epic: &Epic| reads_plan(role) && desk::plan::find(&repository.state, &epic.id).is_some();
    let templates = Templates::load(&repository.checkout.join(PROMPTS_DIRECTORY)).map_err(Refusal::environment)?;
    let preview = Preview {
        role,
        purpose: &match purpose {
            PurposeName::Implement => Purpose::Implement,
            PurposeName::Fix => Purpose::Fix,
            PurposeName::Resolve => Purpose::Resolve { files: vec!["<each file that conflicts>".to_owned()] },
            PurposeName::Validate => Purpose::Validate,
            PurposeName::Plan => Purpose::Plan,
            PurposeName::Judge => Purpose::Judge,
        },
        plan: &plan,
        epic,
        has_plan: epic.is_some_and(has_plan),
        gates: &settings.policy.gates,
        setup: settings.setup.as_ref().map(|setup| setup.command.as_str()),
        workflow: settings.phases.workflow(),
        head: &head,
        team: &team,
        backend: seat.backend.as_ref(),
        has_tools: settings.tools,
        templates: &templates,
    };
    let text = preview.text().map_err(Refusal::environment)?;
    Ok(Shown { purpose: Some(name(purpose)), epic: epic.map(|epic| epic.id.to_string()), text })
}

/// The epic that is meant: the named one, or the first that is open. The final validator looks at all of them.
fn epic<'a>(plan: &'a Plan, what: &PromptsShowArgs, role: Role) -> Result<Option<&'a Epic>, Refusal> {
    if role == Role::FinalValidator {
        return Ok(None);
    }
    let Some(id) = &what.epic else {
        return Ok(plan.epics().iter().find(|epic| epic.is_open()).or_else(|| plan.epics().first()));
    };
    plan.epic(id).map(Some).ok_or_else(|| {
        let known: Vec<&str> = plan.epics().iter().map(|epic| epic.id.as_str()).collect();
        Refusal::input(format!("--epic {id}: there is no such epic; there are {}", known.join(", ")))
    })
}
