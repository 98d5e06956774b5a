//! One thing that the critic has to say: by which rule, how bad, where in the plan, and what to do now.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth a look; a good plan may have it.
    Hint,
    /// Likely to cost time or to leave something unproven.
    Warning,
}

impl Severity {
    /// As people and programs read it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hint => "hint",
            Self::Warning => "warning",
        }
    }
}

/// The rules, each with the name by which people know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// What `validate` warns of.
    Contradiction,
    /// Text that still waits to be written.
    Placeholder,
    /// A criterion with a word that everybody reads in their own way.
    VagueCriterion,
    /// A criterion that names nothing that could be seen, counted or tried.
    NothingToObserve,
    /// A criterion about how it is built, not about what it does.
    Implementation,
    /// A story without criteria.
    NoCriteria,
    /// A criterion that stands twice in its story.
    RepeatedCriterion,
    /// An epic whose criteria know neither errors nor edges.
    OnlyHappyPath,
    /// An epic with too many stories for one session.
    BigEpic,
    /// A story with too many criteria.
    BigStory,
    /// Epics that may run side by side and name or touch the same files.
    SharedFiles,
    /// A text that speaks of another epic without depending on it.
    MissingDependency,
    /// Two epics or stories with the same title.
    RepeatedTitle,
    /// A story that fits another epic better.
    StrayStory,
    /// One epic that all others wait for, between waves of many.
    NarrowWave,
    /// One epic that is most of the work of its wave, and that everything waits for.
    HeavyEpic,
    /// A title with stray white space.
    UntidyTitle,
    /// A dependency that is spelt with stray white space, or named twice.
    UntidyDependency,
    /// Stories that do not say whether they pass.
    MissingPasses,
}

impl Rule {
    /// All rules, in the order in which they are documented.
    pub const ALL: [Self; 19] = [
        Self::Contradiction,
        Self::Placeholder,
        Self::VagueCriterion,
        Self::NothingToObserve,
        Self::Implementation,
        Self::NoCriteria,
        Self::RepeatedCriterion,
        Self::OnlyHappyPath,
        Self::BigEpic,
        Self::BigStory,
        Self::SharedFiles,
        Self::MissingDependency,
        Self::RepeatedTitle,
        Self::StrayStory,
        Self::NarrowWave,
        Self::HeavyEpic,
        Self::UntidyTitle,
        Self::UntidyDependency,
        Self::MissingPasses,
    ];

    /// The name, as people and programs read it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Contradiction => "contradiction",
            Self::Placeholder => "placeholder",
            Self::VagueCriterion => "vague-criterion",
            Self::NothingToObserve => "nothing-to-observe",
            Self::Implementation => "implementation",
            Self::NoCriteria => "no-criteria",
            Self::RepeatedCriterion => "repeated-criterion",
            Self::OnlyHappyPath => "only-happy-path",
            Self::BigEpic => "big-epic",
            Self::BigStory => "big-story",
            Self::SharedFiles => "shared-files",
            Self::MissingDependency => "missing-dependency",
            Self::RepeatedTitle => "repeated-title",
            Self::StrayStory => "stray-story",
            Self::NarrowWave => "narrow-wave",
            Self::HeavyEpic => "heavy-epic",
            Self::UntidyTitle => "untidy-title",
            Self::UntidyDependency => "untidy-dependency",
            Self::MissingPasses => "missing-passes",
        }
    }
}

/// A field of an epic or a story.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// `title`.
    Title,
    /// `description`.
    Description,
    /// `dependsOn`.
    DependsOn,
    /// An entry of `touches`, counted from 0.
    Touches(usize),
    /// `acceptanceCriteria`, or one of them, counted from 0.
    AcceptanceCriteria(Option<usize>),
    /// `userStories`.
    UserStories,
}

impl Field {
    /// The name in the PRD.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Description => "description",
            Self::DependsOn => "dependsOn",
            Self::Touches(_) => "touches",
            Self::AcceptanceCriteria(_) => "acceptanceCriteria",
            Self::UserStories => "userStories",
        }
    }
}

/// A place in a plan. Positions count from 0; in a valid PRD they are those of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The epic.
    pub epic: usize,
    /// The story of it; `None`: the epic itself.
    pub story: Option<usize>,
    /// The field; `None`: the epic or the story as a whole.
    pub field: Option<Field>,
}

impl Spot {
    /// An epic, or a field of it.
    #[must_use]
    pub fn epic(epic: usize, field: impl Into<Option<Field>>) -> Self {
        Self { epic, story: None, field: field.into() }
    }

    /// A story, or a field of it.
    #[must_use]
    pub fn story(epic: usize, story: usize, field: impl Into<Option<Field>>) -> Self {
        Self { epic, story: Some(story), field: field.into() }
    }
}

/// The path as `validate` writes it: `epics[2].userStories[0].acceptanceCriteria[1]`.
impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "epics[{}]", self.epic)?;
        if let Some(story) = self.story {
            write!(f, ".userStories[{story}]")?;
        }
        if let Some(field) = self.field {
            write!(f, ".{}", field.name())?;
        }
        if let Some(Field::AcceptanceCriteria(Some(entry)) | Field::Touches(entry)) = self.field {
            write!(f, "[{entry}]")?;
        }
        Ok(())
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// By which rule.
    pub rule: Rule,
    /// How bad it is.
    pub severity: Severity,
    /// Where.
    pub at: Spot,
    /// What was found.
    pub what: String,
    /// What to do now.
    pub instead: String,
}

impl Finding {
    /// A warning.
    pub(super) fn warning(rule: Rule, at: Spot, what: impl Into<String>, instead: impl Into<String>) -> Self {
        Self { rule, severity: Severity::Warning, at, what: what.into(), instead: instead.into() }
    }

    /// A hint.
    pub(super) fn hint(rule: Rule, at: Spot, what: impl Into<String>, instead: impl Into<String>) -> Self {
        Self { severity: Severity::Hint, ..Self::warning(rule, at, what, instead) }
    }
}
