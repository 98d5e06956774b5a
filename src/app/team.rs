//! Who works in which role: from the settings to programs, models and instructions.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::refusal::Refusal;
use super::repository::Repository;
use crate::config::settings::Settings;
use crate::domain::role::Role;
use crate::effects::backend::{self, AgentRoles, Backend, ROLES_DIRECTORY};
use crate::effects::context::{Seat, Team};

/// The roles that are hosted.
const HOSTED: [Role; 3] = [Role::TeamLead, Role::Resolver, Role::FinalValidator];

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
        let name = own.backend.unwrap_or_else(|| settings.backend.clone());
        let backend = match made.get(&name) {
            Some(backend) => backend.clone(),
            None => made.entry(name.clone()).or_insert(make(&name, settings, env)?).clone(),
        };
        let model = own.model.or_else(|| settings.model.clone());
        seats.insert(role, Seat { backend, model, effort: own.effort });
    }
    let models = settings.roles.iter().filter_map(|(role, own)| Some((role.clone(), own.model.clone()?)));
    Ok(Team { roles, seats, helper_models: models.collect() })
}

fn make(name: &str, settings: &Settings, env: &BTreeMap<String, String>) -> Result<Arc<dyn Backend>, Refusal> {
    let own = settings.backends.get(name).cloned().unwrap_or_default();
    let chosen =
        backend::Settings { program: own.program, args: own.args, argv: own.argv, env: own.env, base: env.clone() };
    let backend = backend::backend(name, chosen, this_program()?).map_err(Refusal::input)?;
    Ok(Arc::from(backend))
}

/// This program's own executable.
///
/// # Errors
/// The system does not say.
pub fn this_program() -> Result<std::path::PathBuf, Refusal> {
    std::env::current_exe()
        .map_err(|error| Refusal::environment(format!("the system does not say where this program is: {error}")))
}
