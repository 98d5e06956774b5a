//! What each role may do and read at the desk: exactly the tools of its work, and nothing that would colour its judgement.

use super::tools::Tool;
use crate::domain::role::Role;

/// The tools that a session in this role can have, and no others; which of them it has, its errand says. A resolver's answer is
/// the state of its worktree, so it has none.
#[must_use]
pub fn tools_of(role: Role) -> &'static [Tool] {
    match role {
        Role::TeamLead => &[Tool::GetEpic, Tool::ReportStory, Tool::Note, Tool::Blocked, Tool::Delegate],
        Role::EpicPlanner | Role::StoryPlanner => &[Tool::GetEpic, Tool::ReportPlan],
        Role::Builder => &[Tool::GetEpic, Tool::Note, Tool::Blocked],
        Role::StoryValidator | Role::EpicValidator | Role::FinalValidator => &[Tool::GetEpic, Tool::ReportValidation],
        Role::Resolver => &[],
    }
}

/// Whether it may read what other agents wrote of their work. Who builds or judges does so by itself.
#[must_use]
pub fn reads_notes(role: Role) -> bool {
    match role {
        Role::TeamLead | Role::EpicPlanner | Role::StoryPlanner | Role::Resolver => true,
        Role::Builder | Role::StoryValidator | Role::EpicValidator | Role::FinalValidator => false,
    }
}

/// Whether it may read the implementation plan: not who judges the work.
#[must_use]
pub fn reads_plan(role: Role) -> bool {
    match role {
        Role::TeamLead | Role::EpicPlanner | Role::StoryPlanner | Role::Builder | Role::Resolver => true,
        Role::StoryValidator | Role::EpicValidator | Role::FinalValidator => false,
    }
}
