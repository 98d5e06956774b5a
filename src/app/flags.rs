//! The flags with which a run was started, as far as later lives need them: a rehearsal that is resumed stays a rehearsal.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::refusal::Refusal;
use crate::cli::RunArgs;
use crate::config::{BackendFlag, Bound, Overrides};
use crate::effects::fs::write_atomic;
use crate::effects::paths::RunDir;

/// What `run` was told about programs and files.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Flags {
    /// `--backend`.
    pub backend: Option<String>,
    /// `--rehearse`.
    pub rehearse: bool,
    /// `--model`.
    pub model: Option<String>,
    /// `--config`, in full.
    pub config: Option<PathBuf>,
    /// `--max-cost`.
    pub max_cost: Option<Bound>,
    /// `--max-tokens`.
    pub max_tokens: Option<Bound>,
}

impl Flags {
    /// Of a run that is being started.
    ///
    /// # Errors
    /// The current folder is gone.
    pub fn of(args: &RunArgs) -> Result<Self, Refusal> {
        let config = args.config.as_deref().map(super::run::absolute).transpose()?;
        Ok(Self {
            backend: args.backend.clone(),
            rehearse: args.rehearse,
            model: args.model.clone(),
            config,
            max_cost: args.max_cost,
            max_tokens: args.max_tokens,
        })
    }

    /// Keeps them with the run.
    ///
    /// # Errors
    /// They cannot be written.
    pub fn keep(&self, run_dir: &RunDir) -> Result<(), Refusal> {
        let text = serde_json::to_vec_pretty(self).map_err(Refusal::internal)?;
        write_atomic(&run_dir.flags(), &text).map_err(Refusal::environment)
    }

    /// Those of an earlier life; none were kept by a run that has no such file.
    ///
    /// # Errors
    /// They are there and cannot be read: going on without them could start a program that costs money.
    pub fn read(run_dir: &RunDir) -> Result<Self, Refusal> {
        let path = run_dir.flags();
        let broken = |fault: &dyn std::fmt::Display| {
            Refusal::environment(format!("{}: {fault}; mend or remove it", path.display()))
        };
        match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(|fault| broken(&fault)),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(broken(&error)),
        }
    }

    /// Takes over limits that a new life was given, for the lives after it.
    pub fn take_limits(&mut self, overrides: &Overrides) {
        (self.max_cost, self.max_tokens) = (overrides.max_cost, overrides.max_tokens);
    }

    /// Fills in what the flags of a new life do not say.
    pub fn fill(&self, overrides: &mut Overrides) {
        if overrides.backend.is_none() {
            let named = self.backend.clone().map(BackendFlag::Named);
            overrides.backend = if self.rehearse { Some(BackendFlag::Rehearse) } else { named };
        }
        overrides.model = overrides.model.take().or_else(|| self.model.clone());
        overrides.max_cost = overrides.max_cost.or(self.max_cost);
        overrides.max_tokens = overrides.max_tokens.or(self.max_tokens);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_that_was_given_holds_for_later_lives_until_another_is_given() {
        let mut flags = Flags { max_cost: Some(Bound::At(5)), max_tokens: Some(Bound::At(6)), ..Flags::default() };
        let mut overrides = Overrides { max_cost: Some(Bound::Lifted), ..Overrides::default() };
        flags.fill(&mut overrides);
        assert_eq!((overrides.max_cost, overrides.max_tokens), (Some(Bound::Lifted), Some(Bound::At(6))));
        flags.take_limits(&overrides);
        let mut third = Overrides::default();
        flags.fill(&mut third);
        assert_eq!((third.max_cost, third.max_tokens), (Some(Bound::Lifted), Some(Bound::At(6))));
    }

    #[test]
    fn a_rehearsal_stays_a_rehearsal_unless_another_program_is_named() {
        let flags = Flags { rehearse: true, model: Some("m".to_owned()), ..Flags::default() };
        let mut overrides = Overrides::default();
        flags.fill(&mut overrides);
        assert_eq!((overrides.backend, overrides.model.as_deref()), (Some(BackendFlag::Rehearse), Some("m")));
        let named = Some(BackendFlag::Named("claude".to_owned()));
        let mut overrides = Overrides { backend: named.clone(), ..Overrides::default() };
        flags.fill(&mut overrides);
        assert_eq!(overrides.backend, named);
    }
}
