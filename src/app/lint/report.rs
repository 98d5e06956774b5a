//! Findings with their lines, and how people read them.

use crate::app::validate::{count, count_as};
use crate::domain::plan::Plan;
use crate::domain::prd::{Checked, Fault, UntidyKind, locate, tidy};
use crate::lint::{Finding, Rule, Severity, look};
use crate::ui::safe;

/// A finding with its place in the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located {
    /// By which rule.
    pub rule: Rule,
    /// How bad it is.
    pub severity: Severity,
    /// Where and what.
    pub fault: Fault,
    /// The id of the epic that it is about.
    pub epic: Option<String>,
    /// The id of the story.
    pub story: Option<String>,
    /// The field, as the PRD names it.
    pub field: Option<String>,
    /// Whether `--fix` mends it.
    pub fixable: bool,
}

/// All that there is to say about the bytes of a valid PRD, in the order of the file.
pub fn all(bytes: &[u8], checked: &Checked) -> Vec<Located> {
    let plan = &checked.plan;
    let warning = |fault: &Fault| Located::new(Rule::Contradiction, Severity::Warning, fault.clone(), Some(plan));
    let mut found: Vec<Located> = checked.warnings.iter().map(warning).collect();
    found.extend(untidy(bytes, plan));
    let findings = look(plan);
    let paths: Vec<String> = findings.iter().map(|finding| finding.at.to_string()).collect();
    let places = locate(bytes, &paths);
    for ((finding, path), (line, column)) in findings.into_iter().zip(paths).zip(places) {
        let Finding { rule, severity, what, instead, .. } = finding;
        found.push(Located::new(rule, severity, Fault { path, line, column, what, instead }, Some(plan)));
    }
    found.sort_by_key(|located| (located.fault.line, located.fault.column));
    found
}

/// What `--fix` would mend. Of stories without `passes` only the first is named: there is no need to read of each.
fn untidy(bytes: &[u8], plan: &Plan) -> Vec<Located> {
    let untidy =
        std::str::from_utf8(bytes).ok().and_then(|text| tidy(text).ok()).map_or_else(Vec::new, |tidied| tidied.untidy);
    let n_silent = untidy.iter().filter(|one| one.kind == UntidyKind::Passes).count();
    let mut first_silent = true;
    let mut found = Vec::new();
    for mut one in untidy {
        if one.kind == UntidyKind::Passes {
            if !std::mem::take(&mut first_silent) {
                continue;
            }
            if n_silent > 1 {
                one.fault.what += &format!(", as {n_silent} stories of the file");
            }
        }
        one.fault.instead += ", or let `ralph-teams lint --fix` do it";
        found.push(Located { fixable: true, ..Located::new(rule_of(one.kind), Severity::Hint, one.fault, Some(plan)) });
    }
    found
}

/// The rule about something that can be mended.
pub fn rule_of(kind: UntidyKind) -> Rule {
    match kind {
        UntidyKind::Title => Rule::UntidyTitle,
        UntidyKind::Dependency => Rule::UntidyDependency,
        UntidyKind::Passes => Rule::MissingPasses,
    }
}

impl Located {
    /// A fault as a finding; epic, story and field are read from its path.
    pub fn new(rule: Rule, severity: Severity, fault: Fault, plan: Option<&Plan>) -> Self {
        let steps: Vec<&str> = fault.path.split('.').collect();
        let entry = |step: Option<&&str>, list: &str| -> Option<usize> {
            step?.strip_prefix(list)?.strip_prefix('[')?.strip_suffix(']')?.parse().ok()
        };
        let epic_at = entry(steps.first(), "epics");
        let story_at = epic_at.and(entry(steps.get(1), "userStories"));
        let n_steps = usize::from(epic_at.is_some()) + usize::from(story_at.is_some());
        let field = steps.get(n_steps).and_then(|step| step.split('[').next()).filter(|field| !field.is_empty());
        let field = field.map(str::to_owned);
        let epic = plan.zip(epic_at).and_then(|(plan, n)| plan.epics().get(n));
        let story = epic.zip(story_at).and_then(|(epic, n)| epic.user_stories.get(n));
        let (epic, story) = (epic.map(|epic| epic.id.to_string()), story.map(|story| story.id.to_string()));
        Self { rule, severity, fault, epic, story, field, fixable: false }
    }

    /// One line, as editors and terminals understand it.
    fn line(&self, file: &str) -> String {
        let Fault { line, column, what, instead, .. } = &self.fault;
        let id = self.story.as_ref().or(self.epic.as_ref()).filter(|id| !what.contains(id.as_str()));
        let about = id.map(|id| format!("{id}: ")).unwrap_or_default();
        let (severity, rule) = (self.severity.name(), self.rule.name());
        format!("{file}:{line}:{column}: {severity}[{rule}] {about}{what}; {instead}")
    }
}

/// The findings, each on a line of its own, then one sentence that sums them up.
pub fn text(file: &str, plan: &Plan, found: &[Located]) -> String {
    let lines = found.iter().map(|located| safe::line(&located.line(file), usize::MAX));
    let n_of = |severity| found.iter().filter(|located| located.severity == severity).count();
    let n_stories = plan.epics().iter().map(|epic| epic.user_stories.len()).sum();
    let size = format!("{}, {}", count(plan.epics().len(), "epic"), count_as(n_stories, "story", "stories"));
    let sum = match (n_of(Severity::Warning), n_of(Severity::Hint)) {
        (0, 0) => "nothing to say".to_owned(),
        (warnings, hints) => format!("{}, {}", count(warnings, "warning"), count(hints, "hint")),
    };
    let n_fixable = found.iter().filter(|located| located.fixable).count();
    let fixable = if n_fixable == 0 { String::new() } else { format!(" ({n_fixable} can be mended with --fix)") };
    let last = format!("{}: {size}: {sum}{fixable}", safe::short(file));
    lines.chain([last]).collect::<Vec<_>>().join("\n") + "\n"
}
