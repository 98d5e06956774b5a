//! The workflow presets: one word for which parts of the workflow are on.

use super::settings::Phases;

/// A preset of the workflow.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Preset {
    /// Epics are planned and validated, and the whole is judged; stories are not.
    #[default]
    Balanced,
    /// Everything is on.
    Full,
    /// Everything is off, the final validation too.
    Minimal,
}

/// Every accepted word; the last four are the names of early versions.
pub(super) const WORDS: &[(&str, Preset)] = &[
    ("balanced", Preset::Balanced),
    ("full", Preset::Full),
    ("minimal", Preset::Minimal),
    ("default", Preset::Balanced),
    ("epic-focused", Preset::Balanced),
    ("thorough", Preset::Full),
    ("off", Preset::Minimal),
];

impl Preset {
    /// Its present name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Balanced => "balanced",
            Self::Full => "full",
            Self::Minimal => "minimal",
        }
    }

    /// Which parts of the workflow it switches on.
    #[must_use]
    pub fn phases(self) -> Phases {
        let (stories, epics) = match self {
            Self::Balanced => (false, true),
            Self::Full => (true, true),
            Self::Minimal => (false, false),
        };
        let mut phases = Phases::default();
        phases.story_planning.enabled = stories;
        phases.story_validation.enabled = stories;
        phases.epic_planning.enabled = epics;
        phases.epic_validation.enabled = epics;
        phases.final_validation.enabled = epics;
        phases
    }
}
