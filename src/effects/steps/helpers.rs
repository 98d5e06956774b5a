//! The helpers of a lead: which roles they have, and whether they are sub-agents of the lead's own program or sessions that
//! the runner starts for it.

use super::{brief, tools};
use crate::domain::policy::Workflow;
use crate::domain::role::{DelegationMode, Role};
use crate::effects::backend::{AgentRole, AgentRoles, Backend, Helper};
use crate::effects::context::{Context, Team};
use crate::scheduler::command::SessionAsk;

/// The roles that a session may delegate to: a lead, to those that the workflow asks for.
pub fn wanted(roles: &AgentRoles, workflow: Workflow, role: Role) -> impl Iterator<Item = (Role, &AgentRole)> {
    let wanted = [
        (Role::StoryPlanner, workflow.story_planning),
        (Role::Builder, true),
        (Role::StoryValidator, workflow.story_validation.is_some()),
    ];
    let wanted = wanted.into_iter().filter(move |(_, is_wanted)| *is_wanted && role == Role::TeamLead);
    wanted.filter_map(|(helper, _)| Some((helper, roles.get(helper.name())?)))
}

/// The same for a session of a run.
pub fn roles(context: &Context, role: Role) -> impl Iterator<Item = (Role, &AgentRole)> {
    wanted(&context.team.roles, context.workflow, role)
}

/// Whether the runner starts the sessions of this helper for the lead.
#[must_use]
pub fn is_by_tool(context: &Context, ask: &SessionAsk, helper: Role) -> bool {
    let Ok(lead) = brief::seat(context, ask) else { return false };
    let (are_handed, are_named) = (tools::are_handed(context, ask), tools::names(context, ask).is_some());
    goes_by_tool(&context.team, lead.backend.as_ref(), helper, are_handed, are_named)
}

/// The same for a lead on this program, whose sessions are handed our tools or not, under names that are known or not.
#[must_use]
pub fn goes_by_tool(team: &Team, lead: &dyn Backend, helper: Role, are_handed: bool, are_named: bool) -> bool {
    let own = team.seats.get(&helper).and_then(|seats| seats.first());
    let is_same = own.is_none_or(|own| own.backend.name() == lead.name());
    match team.delegation {
        DelegationMode::Never => false,
        DelegationMode::Always => are_handed,
        DelegationMode::Auto if is_same && lead.takes_helpers() => false,
        // A program of which nobody knows what it calls our tools may not know them at all.
        DelegationMode::Auto if is_same => are_named,
        DelegationMode::Auto => are_handed,
    }
}

/// The helpers that the program of a session starts by itself, as it takes them.
pub fn native<'a>(context: &'a Context, ask: &SessionAsk) -> Vec<Helper<'a>> {
    let model = |role: &AgentRole| context.team.helper_models.get(&role.name).map(String::as_str);
    let own = roles(context, ask.role).filter(|(helper, _)| !is_by_tool(context, ask, *helper));
    own.map(|(_, role)| Helper { role, model: model(role) }).collect()
}
