//! Who works in which role: from the settings to programs, models and instructions.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::refusal::Refusal;
use super::repository::Repository;
use crate::config::settings::Settings;
use crate::domain::role::Role;
use crate::effects::backend::{self, AgentRole, AgentRoles, Backend, ROLES_DIRECTORY, Tier};
use crate::effects::context::{Seat, Team};

/// The roles that are hosted.
const HOSTED: [Role; 5] =
    [Role::TeamLead, Role::EpicPlanner, Role::EpicValidator, Role::Resolver, Role::FinalValidator];

/// Puts the team together.
///
/// # Errors
/// A role's file cannot be read, or this program does not know where it is.
pub fn assemble(repository: &Repository, settings: &Settings, env: &BTreeMap<String, String>) -> Result<Team, Refusal> {
    let roles = AgentRoles::load(&repository.checkout.join(ROLES_DIRECTORY)).map_err(Refusal::environment)?;
    let mut made: BTreeMap<String, Arc<dyn Backend>> = BTreeMap::new();
    let mut seats = BTreeMap::new();
    for role in HOSTED {
        let own = settings.roles.get(role.name()).cloned().unwrap_or_default();
        let first = own.backend.unwrap_or_else(|| settings.backend.clone());
        let tier = roles.get(role.name()).map_or(Tier::Medium, |role| role.tier);
        let mut of_role = vec![Seat {
            backend: once(&mut made, &first, settings, env)?,
            model: settings.model_of(role, tier, &first, false),
            effort: own.effort,
        }];
        let stand_ins = if own.fallback.is_empty() { &settings.fallback } else { &own.fallback };
        for name in stand_ins.iter().filter(|name| **name != first) {
            // An effort is a word of one program; a stand-in works with its own default.
            let (backend, model) = (once(&mut made, name, settings, env)?, settings.model_of(role, tier, name, true));
            of_role.push(Seat { backend, model, effort: None });
        }
        seats.insert(role, of_role);
    }
    let helper_models = helper_models(&roles, settings);
    Ok(Team { roles, seats, helper_models })
}

/// The models of the roles that a lead delegates to inside of its own program, by the role's name.
fn helper_models(roles: &AgentRoles, settings: &Settings) -> BTreeMap<String, String> {
    let lead = settings.roles.get(Role::TeamLead.name()).and_then(|own| own.backend.as_ref());
    let lead = lead.unwrap_or(&settings.backend);
    let model = |role: &AgentRole| {
        let role_of = Role::named(&role.name)?;
        // Words that are meant for another program would only confuse the lead's.
        let elsewhere =
            settings.roles.get(&role.name).and_then(|own| own.backend.as_ref()).is_some_and(|own| own != lead);
        Some((role.name.clone(), settings.model_of(role_of, role.tier, lead, elsewhere)?))
    };
    roles.iter().filter_map(model).collect()
}

/// Who sits in a role outside of a run, in which nobody stands in.
///
/// # Errors
/// This program does not know where it is.
pub fn seat(
    role: Role,
    roles: &AgentRoles,
    settings: &Settings,
    env: &BTreeMap<String, String>,
) -> Result<Seat, Refusal> {
    let own = settings.roles.get(role.name()).cloned().unwrap_or_default();
    let name = own.backend.unwrap_or_else(|| settings.backend.clone());
    let tier = roles.get(role.name()).map_or(Tier::Medium, |role| role.tier);
    let model = settings.model_of(role, tier, &name, false);
    Ok(Seat { backend: make(&name, settings, env)?, model, effort: own.effort })
}

/// The names of the programs of each role, the one that is used first.
#[must_use]
pub fn backends(team: &Team) -> BTreeMap<Role, Vec<String>> {
    let names = |seats: &Vec<Seat>| seats.iter().map(|seat| seat.backend.name().to_owned()).collect();
    team.seats.iter().map(|(role, seats)| (*role, names(seats))).collect()
}

/// The adapter of this name, made when nobody asked for it before.
fn once(
    made: &mut BTreeMap<String, Arc<dyn Backend>>,
    name: &str,
    settings: &Settings,
    env: &BTreeMap<String, String>,
) -> Result<Arc<dyn Backend>, Refusal> {
    if let Some(backend) = made.get(name) {
        return Ok(backend.clone());
    }
    Ok(made.entry(name.to_owned()).or_insert(make(name, settings, env)?).clone())
}

/// The adapter of this name.
///
/// # Errors
/// There is none, or this program does not know where it is.
pub fn make(name: &str, settings: &Settings, env: &BTreeMap<String, String>) -> Result<Arc<dyn Backend>, Refusal> {
    let chosen = start_of(name, settings, env);
    let backend = backend::backend(name, chosen, this_program()?).map_err(Refusal::input)?;
    Ok(Arc::from(backend))
}

/// What the configuration says of one backend.
#[must_use]
pub fn start_of(name: &str, settings: &Settings, env: &BTreeMap<String, String>) -> backend::Settings {
    let own = settings.backends.get(name).cloned().unwrap_or_default();
    backend::Settings { program: own.program, args: own.args, argv: own.argv, env: own.env, base: env.clone() }
}

/// This program's own executable.
///
/// # Errors
/// The system does not say.
pub fn this_program() -> Result<std::path::PathBuf, Refusal> {
    std::env::current_exe()
        .map_err(|error| Refusal::environment(format!("the system does not say where this program is: {error}")))
}
