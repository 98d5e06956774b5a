//! The settings while the layers are laid over each other, from the weakest to the strongest.

use std::collections::BTreeMap;

use crate::domain::policy::FinalValidation;

use super::origin::Origin;
use super::reader::Log;
use super::settings::{DEFAULT_PARALLEL, Phase, Phases, Settings};

/// Settings to be, and what is still open about them.
#[derive(Debug)]
pub(super) struct Draft {
    /// What is settled so far.
    pub settings: Settings,
    /// `execution.parallel`; it counts only when `--parallel` asks for it.
    pub parallel: u32,
    /// What was said about parts of the workflow, by key of `execution`; the preset fills the gaps.
    pub phases: BTreeMap<&'static str, PhaseDraft>,
    /// Faults and origins.
    pub log: Log,
}

/// What was said about one part of the workflow.
#[derive(Debug, Default)]
pub(super) struct PhaseDraft {
    pub enabled: Option<bool>,
    pub max_fix_cycles: Option<u32>,
}

/// The parts of the workflow by their key in `execution`.
pub(super) fn named(phases: &mut Phases) -> [(&'static str, &mut Phase); 5] {
    [
        ("storyPlanning", &mut phases.story_planning),
        ("storyValidation", &mut phases.story_validation),
        ("epicPlanning", &mut phases.epic_planning),
        ("epicValidation", &mut phases.epic_validation),
        ("finalValidation", &mut phases.final_validation),
    ]
}

impl Draft {
    /// The built-in settings.
    pub fn new(file: &str) -> Self {
        let log = Log { file: file.to_owned(), ..Log::default() };
        Self { settings: Settings::default(), parallel: DEFAULT_PARALLEL, phases: BTreeMap::new(), log }
    }

    /// Fills the gaps that the layers left.
    pub fn complete(&mut self) {
        self.fill_phases();
        let final_phase = self.settings.phases.final_validation;
        let judge = FinalValidation { max_fix_cycles: final_phase.max_fix_cycles };
        self.settings.policy.final_validation = final_phase.enabled.then_some(judge);
        self.settings.policy.workflow = self.settings.phases.workflow();
    }

    fn fill_phases(&mut self) {
        let preset = self.settings.preset;
        let chosen = self.log.origins.of("workflow.preset") != Origin::Default;
        self.settings.phases = preset.phases();
        for (key, phase) in named(&mut self.settings.phases) {
            let said = self.phases.remove(key).unwrap_or_default();
            if let Some(enabled) = said.enabled {
                phase.enabled = enabled;
            } else if chosen {
                self.log.origins.set(format!("execution.{key}.enabled"), Origin::Preset(preset.name()));
            }
            phase.max_fix_cycles = said.max_fix_cycles.unwrap_or(phase.max_fix_cycles);
        }
    }
}
