//! The backends that can be offered: those whose program is there come first.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::app::refusal::Refusal;
use crate::app::team::this_program;
use crate::config::settings::BACKENDS;
use crate::effects::backend::{Settings, backend};

/// A backend, and where its program is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Offer {
    /// The name for the configuration.
    pub name: &'static str,
    /// What it is.
    pub meaning: &'static str,
    /// Where its program is; `None`: not found, or not known before its command line is.
    pub place: Option<PathBuf>,
}

impl Offer {
    /// Whether it is nothing but a command line of the user's.
    pub fn takes_argv(&self) -> bool {
        matches!(self.name, "acp" | "command")
    }
}

/// All backends, those that were found first. The rehearsal only pretends, so it is never proposed before a real one.
///
/// # Errors
/// The system does not say where this program is.
pub(super) fn offers(env: &BTreeMap<String, String>) -> Result<Vec<Offer>, Refusal> {
    let this_program = this_program()?;
    let mut offers = Vec::new();
    for (name, meaning) in BACKENDS.iter().filter(|(name, _)| *name != "rehearsal") {
        let settings = Settings { base: env.clone(), ..Settings::default() };
        let adapter = backend(name, settings, this_program.clone()).map_err(Refusal::internal)?;
        offers.push(Offer { name, meaning, place: adapter.locate().ok() });
    }
    // Stable: the order of the list is kept among those that were found.
    offers.sort_by_key(|offer| offer.place.is_none());
    Ok(offers)
}
