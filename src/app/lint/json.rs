//! `lint --json`: one object, whose schema is published.

use schemars::JsonSchema;
use serde::Serialize;

use super::report::Located;
use crate::domain::id::RunId;
use crate::domain::plan::Plan;
use crate::domain::prd::Fault;
use crate::lint::{Estimate, Rule, Schedule, Severity};

/// What the critic says of a PRD.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "ralph-teams lint --json")]
pub struct LintOutput {
    /// The version of the format: 1.
    v: u32,
    /// The PRD, as it was named.
    file: String,
    /// Whether it can be run. If not, there are faults and nothing else.
    valid: bool,
    /// What keeps it from being run, as `validate` says it.
    faults: Vec<FaultOutput>,
    /// What the critic says, in the order of the file.
    findings: Vec<FindingOutput>,
    /// What `--fix` has mended, by its place in the file before that.
    fixed: Vec<FindingOutput>,
    /// How many findings are warnings.
    warnings: usize,
    /// How many are hints.
    hints: usize,
    /// How the plan would go; null when it has faults.
    outlook: Option<Outlook>,
}

/// A fault.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Fault")]
struct FaultOutput {
    /// The value that it is about, like `epics[2].dependsOn[0]`; empty: the file as a whole.
    path: String,
    /// Counted from 1.
    line: usize,
    /// In characters, counted from 1.
    column: usize,
    /// What is wrong.
    what: String,
    /// What to do about it.
    instead: String,
}

/// A finding.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
struct FindingOutput {
    /// By which rule.
    rule: Rule,
    /// How bad it is.
    severity: Severity,
    /// The PRD, as it was named.
    file: String,
    /// Counted from 1.
    line: usize,
    /// In characters, counted from 1.
    column: usize,
    /// The value that it is about, like `epics[2].title`.
    path: String,
    /// The id of the epic.
    epic: Option<String>,
    /// The id of the story.
    story: Option<String>,
    /// The field.
    field: Option<String>,
    /// What was found.
    what: String,
    /// What to do now.
    instead: String,
    /// Whether `--fix` mends it.
    fixable: bool,
}

/// How the plan would go. Times without a unit are stories that are still to be done.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Outlook {
    /// All that is to be done.
    stories: usize,
    /// The ids of the epics that no number of slots can shorten, in their order.
    critical_path: Vec<String>,
    /// How long these take.
    critical_stories: usize,
    /// The most epics that can ever run at the same time.
    width: usize,
    /// With more slots nothing gets faster.
    useful_slots: usize,
    /// Each epic with that many slots, in the order of the starts.
    epics: Vec<BarOutput>,
    /// Null: nothing is known from earlier runs.
    estimate: Option<EstimateOutput>,
}

/// When an epic runs.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(rename = "Bar")]
struct BarOutput {
    /// Its id.
    epic: String,
    /// Its slot, counted from 1.
    slot: usize,
    /// When it starts.
    start: usize,
    /// When it is merged.
    end: usize,
}

/// How long it takes if it goes as before, without the final validation.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Estimate")]
struct EstimateOutput {
    /// The median of seconds for a story.
    story_seconds: u64,
    /// With as many slots as are of use.
    wall_seconds: u64,
    /// One epic at a time.
    alone_seconds: u64,
    /// The runs that it rests on.
    runs: Vec<String>,
    /// The epics that they merged.
    merged_epics: usize,
    /// The stories of these.
    merged_stories: usize,
}

impl LintOutput {
    /// Everything that is known; without an outlook the PRD has faults.
    pub fn new(
        file: &str,
        faults: &[Fault],
        found: &[Located],
        fixed: &[Located],
        outlook: Option<&(&Plan, Schedule)>,
    ) -> Self {
        let n_of = |severity| found.iter().filter(|located| located.severity == severity).count();
        Self {
            v: 1,
            file: file.to_owned(),
            valid: outlook.is_some(),
            faults: faults.iter().map(fault_output).collect(),
            findings: found.iter().map(|located| finding_output(file, located)).collect(),
            fixed: fixed.iter().map(|located| finding_output(file, located)).collect(),
            warnings: n_of(Severity::Warning),
            hints: n_of(Severity::Hint),
            outlook: outlook.map(|(plan, schedule)| outlook_of(plan, schedule)),
        }
    }
}

fn fault_output(fault: &Fault) -> FaultOutput {
    let Fault { path, line, column, what, instead } = fault.clone();
    FaultOutput { path, line, column, what, instead }
}

fn finding_output(file: &str, located: &Located) -> FindingOutput {
    let Located { rule, severity, fault, epic, story, field, fixable } = located.clone();
    let Fault { path, line, column, what, instead } = fault;
    let file = file.to_owned();
    FindingOutput { rule, severity, file, line, column, path, epic, story, field, what, instead, fixable }
}

fn outlook_of(plan: &Plan, schedule: &Schedule) -> Outlook {
    let id = |epic: usize| plan.epics()[epic].id.to_string();
    let bars = schedule.bars.iter();
    Outlook {
        stories: schedule.effort,
        critical_path: schedule.critical_path.epics.iter().map(|&epic| id(epic)).collect(),
        critical_stories: schedule.critical_path.weight,
        width: schedule.width,
        useful_slots: schedule.useful_slots,
        epics: bars
            .map(|bar| BarOutput { epic: id(bar.epic), slot: bar.slot + 1, start: bar.start, end: bar.end })
            .collect(),
        estimate: schedule.estimate.as_ref().map(estimate_output),
    }
}

fn estimate_output(estimate: &Estimate) -> EstimateOutput {
    EstimateOutput {
        story_seconds: estimate.story_ms / 1000,
        wall_seconds: estimate.wall_ms / 1000,
        alone_seconds: estimate.alone_ms / 1000,
        runs: estimate.basis.runs.iter().map(RunId::to_string).collect(),
        merged_epics: estimate.basis.n_epics,
        merged_stories: estimate.basis.n_stories,
    }
}

/// The JSON Schema of the object, as published in `schemas/lint.schema.json`.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(LintOutput)
}
