//! What a prompt tells: the facts of one job, and the flat form of them that the templates see.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::domain::gate::{Gate, GateEnd, GateOutcome};
use crate::domain::id::{CommitId, StoryId};
use crate::domain::pattern::PathPattern;
use crate::domain::plan::{Epic, Story};
use crate::domain::policy::Workflow;
use crate::domain::role::Role;
use crate::scheduler::command::{Finding, Purpose, ToldNote};

/// Everything that a prompt is made from. Paths are relative to the session's worktree.
#[derive(Debug, Clone, Copy)]
pub struct PromptFacts<'a> {
    /// The instructions of the role, from `agents/<role>.md`.
    pub role_text: &'a str,
    /// What the session is for.
    pub purpose: &'a Purpose,
    /// The project's name and what the PRD says of it.
    pub project: (&'a str, &'a str),
    /// The epic; `None` for the whole run.
    pub epic: Option<&'a Epic>,
    /// The stories that are still to be done; others of the epic are not told.
    pub stories: &'a [StoryId],
    /// The epics that were merged, for the final validator.
    pub merged_epics: &'a [&'a Epic],
    /// What earlier checks found.
    pub findings: &'a [Finding],
    /// The user's commands that prove work.
    pub gates: &'a [Gate],
    /// Those of them that are red at `base` already, by their names.
    pub red_at_base: &'a [String],
    /// The command that set the worktree up.
    pub setup: Option<&'a str>,
    /// The branch that is checked out; `None` when none is.
    pub epic_branch: Option<&'a str>,
    /// Where finished epics land.
    pub loop_branch: &'a str,
    /// Its tip.
    pub loop_tip: &'a CommitId,
    /// Where the branch began; for the final validator, the base of the run.
    pub base: &'a CommitId,
    /// The file that holds the epic as JSON.
    pub epic_file: Option<&'a str>,
    /// The implementation plan, when there is one.
    pub plan_file: Option<&'a str>,
    /// Where the report must be written.
    pub report_file: &'a str,
    /// Which attempt this is, counted from 1.
    pub attempt: u32,
    /// Whether the session goes on in an earlier conversation.
    pub continued: bool,
    /// The commits on the branch, oldest first.
    pub committed: &'a [Committed],
    /// Which planners and validators work beside the leads.
    pub workflow: Workflow,
    /// The roles that a lead may delegate to.
    pub helpers: &'a [HelperFact<'a>],
    /// Whether the agent program knows those roles by itself.
    pub helpers_are_native: bool,
    /// What the agent calls our tools, by their own names; `None`: it has none.
    pub tools: Option<&'a BTreeMap<&'static str, String>>,
    /// What agents of this run noted.
    pub notes: &'a [ToldNote],
}

/// A commit of an earlier session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Committed {
    /// Its id, shortened or not.
    pub id: String,
    /// The first line of its message.
    pub subject: String,
}

/// A role that a lead may delegate to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct HelperFact<'a> {
    /// Its name.
    pub name: &'a str,
    /// What it is for.
    pub description: &'a str,
    /// Its instructions; told only when the program does not know the role by itself.
    pub instructions: &'a str,
    /// Whether the runner starts its sessions.
    pub by_tool: bool,
}

/// The facts as the templates see them. Every name is always there, also when it holds nothing: a template that asks for
/// any other name is wrong.
#[derive(Debug, Serialize)]
pub(super) struct Context<'a> {
    role_text: &'a str,
    project: &'a str,
    project_description: &'a str,
    /// Whether the session judges work and does none.
    judges: bool,
    /// Whether the session plans work and does none.
    plans: bool,
    /// Whether the session changes files.
    builds: bool,
    /// What a validator's report says of its kind.
    phase: &'static str,
    /// What the lead says that delegates; nothing to one that judges.
    brief: Option<&'a str>,
    own_plan_file: String,
    continued: bool,
    epic: Option<EpicContext<'a>>,
    stories: Vec<StoryContext<'a>>,
    merged_epics: Vec<EpicContext<'a>>,
    findings: Vec<FindingContext<'a>>,
    files: &'a [String],
    gates: Vec<GateContext<'a>>,
    setup: Option<&'a str>,
    epic_branch: Option<&'a str>,
    loop_branch: &'a str,
    loop_tip: &'a str,
    base: &'a str,
    epic_file: Option<&'a str>,
    plan_file: Option<&'a str>,
    report_file: &'a str,
    attempt: u32,
    committed: &'a [Committed],
    workflow: Workflow,
    helpers: Vec<HelperFact<'a>>,
    helpers_by_tool: Vec<HelperFact<'a>>,
    helpers_are_native: bool,
    tools: Option<&'a BTreeMap<&'static str, String>>,
    notes: Vec<NoteContext<'a>>,
}

#[derive(Debug, Serialize)]
struct GateContext<'a> {
    name: &'a str,
    command: &'a str,
    /// Whether it was red before this work began.
    was_red: bool,
}

#[derive(Debug, Serialize)]
struct NoteContext<'a> {
    by: String,
    kind: &'static str,
    text: &'a str,
}

#[derive(Debug, Serialize)]
pub(super) struct EpicContext<'a> {
    id: &'a str,
    title: &'a str,
    description: &'a str,
    /// Which files it is expected to change; no rule.
    touches: Vec<&'a str>,
    stories: Vec<StoryContext<'a>>,
}

#[derive(Debug, Serialize)]
struct StoryContext<'a> {
    id: &'a str,
    title: &'a str,
    description: &'a str,
    criteria: &'a [String],
}

#[derive(Debug, Serialize)]
struct FindingContext<'a> {
    what: String,
    log: Option<&'a str>,
}

impl<'a> PromptFacts<'a> {
    /// What a lead says is a reason to believe its builders: who judges is not told.
    fn brief(&self) -> Option<&'a str> {
        match self.purpose {
            Purpose::Delegated(what) if !judges(what.role) && !what.brief.is_empty() => Some(&what.brief),
            Purpose::Delegated(_)
            | Purpose::Implement
            | Purpose::Fix
            | Purpose::Resolve { .. }
            | Purpose::Validate
            | Purpose::Plan
            | Purpose::Judge => None,
        }
    }

    pub(super) fn context(&self) -> Context<'a> {
        let asked = |story: &&Story| self.stories.contains(&story.id);
        let stories = self.epic.iter().flat_map(|epic| &epic.user_stories).filter(asked).map(story).collect();
        Context {
            role_text: self.role_text.trim(),
            project: self.project.0,
            project_description: self.project.1,
            judges: judges(self.purpose.role()),
            builds: builds(self.purpose.role()),
            phase: phase(self.purpose.role()),
            brief: self.brief(),
            own_plan_file: self.report_file.replace("report.json", "plan.md"),
            plans: plans(self.purpose.role()),
            continued: self.continued,
            epic: self.epic.map(epic),
            stories,
            merged_epics: self.merged_epics.iter().map(|merged| epic(merged)).collect(),
            findings: self.findings.iter().map(finding).collect(),
            files: match self.purpose {
                Purpose::Resolve { files } => files,
                Purpose::Implement
                | Purpose::Fix
                | Purpose::Validate
                | Purpose::Plan
                | Purpose::Judge
                | Purpose::Delegated(_) => &[],
            },
            gates: self.gates.iter().map(|gate| self.gate(gate)).collect(),
            setup: self.setup,
            epic_branch: self.epic_branch,
            loop_branch: self.loop_branch,
            loop_tip: self.loop_tip.as_str(),
            base: self.base.as_str(),
            epic_file: self.epic_file,
            plan_file: self.plan_file,
            report_file: self.report_file,
            attempt: self.attempt,
            committed: self.committed,
            workflow: self.workflow,
            helpers: self.helpers.iter().filter(|helper| !helper.by_tool).copied().collect(),
            helpers_by_tool: self.helpers.iter().filter(|helper| helper.by_tool).copied().collect(),
            helpers_are_native: self.helpers_are_native,
            tools: self.tools,
            notes: self.notes.iter().map(note).collect(),
        }
    }

    fn gate(&self, gate: &'a Gate) -> GateContext<'a> {
        GateContext { name: &gate.name, command: &gate.command, was_red: self.red_at_base.contains(&gate.name) }
    }
}

/// Whether a role judges work and does none.
pub fn judges(role: Role) -> bool {
    match role {
        Role::StoryValidator | Role::EpicValidator | Role::FinalValidator => true,
        Role::TeamLead | Role::EpicPlanner | Role::StoryPlanner | Role::Builder | Role::Resolver => false,
    }
}

fn plans(role: Role) -> bool {
    match role {
        Role::EpicPlanner | Role::StoryPlanner => true,
        Role::TeamLead
        | Role::Builder
        | Role::StoryValidator
        | Role::EpicValidator
        | Role::Resolver
        | Role::FinalValidator => false,
    }
}

fn builds(role: Role) -> bool {
    match role {
        Role::TeamLead | Role::Builder | Role::Resolver => true,
        Role::EpicPlanner | Role::StoryPlanner | Role::StoryValidator | Role::EpicValidator | Role::FinalValidator => {
            false
        }
    }
}

/// What the report of a validator says of its kind.
pub fn phase(role: Role) -> &'static str {
    match role {
        Role::StoryValidator => "story-validation",
        Role::EpicValidator => "epic-validation",
        Role::FinalValidator
        | Role::TeamLead
        | Role::EpicPlanner
        | Role::StoryPlanner
        | Role::Builder
        | Role::Resolver => "final-validation",
    }
}

pub(super) fn epic(epic: &Epic) -> EpicContext<'_> {
    EpicContext {
        id: epic.id.as_str(),
        title: &epic.title,
        description: &epic.description,
        touches: epic.touches.iter().map(PathPattern::as_str).collect(),
        stories: epic.user_stories.iter().map(story).collect(),
    }
}

fn note(told: &ToldNote) -> NoteContext<'_> {
    NoteContext { by: told.by.to_string(), kind: told.note.kind.name(), text: &told.note.text }
}

fn story(story: &Story) -> StoryContext<'_> {
    StoryContext {
        id: story.id.as_str(),
        title: &story.title,
        description: &story.description,
        criteria: &story.acceptance_criteria,
    }
}

/// A finding as one sentence, with the log that belongs to it. What was written by an agent or a program is a log.
fn finding(finding: &Finding) -> FindingContext<'_> {
    let (what, log) = match finding {
        Finding::GateRed(gate) => (format!("The command {}.", red(gate)), Some(&gate.tail)),
        Finding::GateRedMerged(gate) => (
            format!("Once your work is merged with the finished work of others, the command {}.", red(gate)),
            Some(&gate.tail),
        ),
        Finding::Story { id, reason } => (format!("The story {id} is not done:"), Some(reason)),
        Finding::Report(fault) => ("Your report cannot be accepted:".to_owned(), Some(fault)),
        Finding::Violation(rule) => ("A rule is broken:".to_owned(), Some(rule)),
        Finding::Session(end) => ("The session before you ended badly:".to_owned(), Some(end)),
        Finding::Validation(fault) => ("A validator found:".to_owned(), Some(fault)),
    };
    FindingContext { what, log: log.map(String::as_str).filter(|log| !log.trim().is_empty()) }
}

fn red(gate: &GateOutcome) -> String {
    let end = match gate.end {
        GateEnd::Exited(code) => format!("ended with exit code {code}"),
        GateEnd::Killed(signal) => format!("was killed by signal {signal}"),
        GateEnd::TimedOut => "took longer than its limit".to_owned(),
    };
    format!("\"{}\" (`{}`) {end}", gate.name, gate.command)
}
