//! The strongest layer: what the flags of one call say.

use serde::{Deserialize, Serialize};

use crate::domain::id::EpicId;
use crate::domain::policy::Schedule;

use super::draft::Draft;
use super::origin::Origin;

/// What the flags of one call say about the settings. The default says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides {
    /// `--parallel`. `None`: one epic at a time.
    pub parallel: Option<Parallel>,
    /// `--backend`, or `rehearsal` for `--rehearse`; checked like the one in the file.
    pub backend: Option<BackendFlag>,
    /// `--model`.
    pub model: Option<String>,
    /// `--schedule`.
    pub schedule: Option<Schedule>,
    /// `--max-epics`.
    pub max_epics: Option<u32>,
    /// `--only`. Empty: all.
    pub only: Vec<EpicId>,
    /// `--max-cost`, in millionths of a US dollar.
    pub max_cost: Option<Bound>,
    /// `--max-tokens`.
    pub max_tokens: Option<Bound>,
}

/// A limit as a flag gives it: unlike in the file, it can be lifted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Bound {
    /// No limit, whatever the file says.
    Lifted,
    /// This one.
    At(u64),
}

impl Bound {
    fn limit(self) -> Option<u64> {
        match self {
            Self::Lifted => None,
            Self::At(limit) => Some(limit),
        }
    }
}

/// What `--parallel` asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Parallel {
    /// As many as are configured.
    Configured,
    /// This many; checked to be in range by the command line.
    Slots(u32),
}

/// The flag that chooses a backend.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BackendFlag {
    /// `--backend NAME`.
    Named(String),
    /// `--rehearse`.
    Rehearse,
}

/// Lays the flags over all other layers.
pub(super) fn apply(overrides: &Overrides, draft: &mut Draft) {
    let Overrides { parallel, backend, model, schedule, max_epics, only, max_cost, max_tokens } = overrides;
    let settings = &mut draft.settings;
    let origins = &mut draft.log.origins;
    let mut note = |path: &str, flag| origins.set(path, Origin::Flag(flag));
    settings.policy.slots = match parallel {
        None => 1,
        Some(Parallel::Configured) => draft.parallel,
        Some(Parallel::Slots(n)) => {
            note("execution.parallel", "--parallel");
            *n
        }
    };
    match backend {
        None => {}
        Some(BackendFlag::Named(name)) => {
            settings.backend.clone_from(name);
            note("execution.backend", "--backend");
        }
        Some(BackendFlag::Rehearse) => {
            "rehearsal".clone_into(&mut settings.backend);
            note("execution.backend", "--rehearse");
            // A rehearsal must never start a real agent, nor look for one, whatever single roles want.
            settings.fallback.clear();
            for role in settings.roles.values_mut() {
                role.backend = None;
                role.fallback.clear();
            }
        }
    }
    if let Some(model) = model {
        settings.model = Some(model.clone());
        note("execution.model", "--model");
    }
    if let Some(schedule) = schedule {
        settings.policy.schedule = *schedule;
        note("schedule", "--schedule");
    }
    if max_epics.is_some() {
        settings.policy.max_epics = *max_epics;
        note("maxEpics", "--max-epics");
    }
    if !only.is_empty() {
        settings.policy.only.clone_from(only);
        note("only", "--only");
    }
    if let Some(bound) = max_cost {
        settings.policy.budget.run.max_cost_microdollars = bound.limit();
        note("budget.maxCostUsd", "--max-cost");
    }
    if let Some(bound) = max_tokens {
        settings.policy.budget.run.max_tokens = bound.limit();
        note("budget.maxTokens", "--max-tokens");
    }
}
