//! What a session would be told, rendered without a run: the same templates and facts, with a word in angle brackets for each
//! thing that only a run can know.

use std::collections::BTreeMap;

use super::brief::{EPIC_FILE, PLAN_FILE, REPORT_FILE};
use super::helpers;
use crate::domain::gate::Gate;
use crate::domain::id::{CommitId, StoryId};
use crate::domain::plan::{Epic, Plan, Story};
use crate::domain::policy::Workflow;
use crate::domain::role::Role;
use crate::effects::backend::{AgentRole, Backend};
use crate::effects::context::Team;
use crate::effects::desk::permits::tools_of;
use crate::effects::desk::tools::Tool;
use crate::effects::prompt::{HelperFact, PromptFacts, PromptFault, Templates, render};
use crate::scheduler::Scope;
use crate::scheduler::command::{Finding, Purpose};

/// The run that does not exist yet.
const RUN: &str = "<run>";

/// What a preview is made from.
pub struct Preview<'a> {
    /// Who would be told.
    pub role: Role,
    /// What for.
    pub purpose: &'a Purpose,
    /// What is to be done.
    pub plan: &'a Plan,
    /// The epic; `None` for the whole run.
    pub epic: Option<&'a Epic>,
    /// Whether an implementation plan lies ready for it.
    pub has_plan: bool,
    /// The user's commands that prove work.
    pub gates: &'a [Gate],
    /// The command that sets a worktree up.
    pub setup: Option<&'a str>,
    /// Which planners and validators work beside the leads.
    pub workflow: Workflow,
    /// Where the run would begin.
    pub head: &'a CommitId,
    /// Who works in which role.
    pub team: &'a Team,
    /// The agent program of the role.
    pub backend: &'a dyn Backend,
    /// Whether sessions are handed our tools at all.
    pub has_tools: bool,
    /// The templates.
    pub templates: &'a Templates,
}

impl Preview<'_> {
    /// The text.
    ///
    /// # Errors
    /// The template that does not work, with the line.
    pub fn text(&self) -> Result<String, PromptFault> {
        let role_text = self.team.roles.get(self.role.name()).map_or("", |role| role.instructions.as_str());
        let judges = self.role == Role::FinalValidator;
        // Who judges an epic judges all of it.
        let is_asked = |story: &&Story| *self.purpose == Purpose::Judge || !story.passes;
        let stories: Vec<StoryId> = self
            .epic
            .iter()
            .flat_map(|epic| epic.user_stories.iter().filter(is_asked))
            .map(|story| story.id.clone())
            .collect();
        let merged: Vec<&Epic> = if judges { self.plan.epics().iter().collect() } else { Vec::new() };
        let branch = self.epic.map(|epic| format!("ralph/epic/{RUN}/{}", Scope::Epic(epic.id.clone()).slug()));
        let branch = branch.unwrap_or_else(|| format!("ralph/epic/{RUN}/fix-1"));
        let tools = self.tools();
        render(
            self.templates,
            &PromptFacts {
                role_text,
                purpose: self.purpose,
                project: (self.plan.project(), self.plan.description()),
                epic: self.epic,
                stories: &stories,
                merged_epics: &merged,
                findings: &self.findings(),
                gates: self.gates,
                red_at_base: &[],
                workflow: self.workflow,
                setup: self.setup,
                epic_branch: (!judges).then_some(branch.as_str()),
                loop_branch: &format!("ralph/loop/{RUN}"),
                loop_tip: self.head,
                base: self.head,
                epic_file: self.epic.map(|_| EPIC_FILE),
                plan_file: self.has_plan.then_some(PLAN_FILE),
                report_file: REPORT_FILE,
                attempt: 1,
                continued: false,
                committed: &[],
                helpers: &self.helpers(),
                helpers_are_native: self.backend.takes_helpers(),
                tools: tools.as_ref(),
                notes: &[],
            },
        )
    }

    /// Who mends is always told what; here it stands for whatever a check will find.
    fn findings(&self) -> Vec<Finding> {
        match self.purpose {
            Purpose::Fix => vec![Finding::Validation("<what the runner's check found>".to_owned())],
            Purpose::Implement
            | Purpose::Resolve { .. }
            | Purpose::Validate
            | Purpose::Plan
            | Purpose::Judge
            | Purpose::Delegated(_) => Vec::new(),
        }
    }

    fn helpers(&self) -> Vec<HelperFact<'_>> {
        let (are_handed, are_named) = (self.are_handed(), self.tools().is_some());
        let roles = helpers::wanted(&self.team.roles, self.workflow, self.role);
        let fact = |(helper, role)| {
            let AgentRole { name, description, instructions, .. }: &AgentRole = role;
            let by_tool = helpers::goes_by_tool(self.team, self.backend, helper, are_handed, are_named);
            HelperFact { name, description, instructions, by_tool }
        };
        roles.map(fact).collect()
    }

    fn are_handed(&self) -> bool {
        self.has_tools && self.backend.takes_tools() && !tools_of(self.role).is_empty()
    }

    fn tools(&self) -> Option<BTreeMap<&'static str, String>> {
        let named = |tool: Tool| Some((tool.name(), self.backend.tool_name(tool.name())?));
        self.are_handed().then(|| Tool::ALL.into_iter().map(named).collect())?
    }
}
