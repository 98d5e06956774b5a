//! The backends that can be offered: those whose program is there come first.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::app::refusal::Refusal;
use crate::app::team::this_program;
use crate::config::settings::BACKENDS;
use crate::effects::backend::{Settings, backend};

/// The backend that only pretends.
const REHEARSAL: &str = "rehearsal";

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

    /// Whether it is there and does real work.
    pub fn can_be_proposed(&self) -> bool {
        self.place.is_some() && self.name != REHEARSAL
    }
}

/// All backends, those that were found first, and the rehearsal last: it only pretends.
///
/// # Errors
/// The system does not say where this program is.
pub(super) fn offers(env: &BTreeMap<String, String>) -> Result<Vec<Offer>, Refusal> {
    let this_program = this_program()?;
    let mut offers = Vec::new();
    for (name, meaning) in BACKENDS {
        let settings = Settings { base: env.clone(), ..Settings::default() };
        let adapter = backend(name, settings, this_program.clone()).map_err(Refusal::internal)?;
        offers.push(Offer { name, meaning, place: adapter.locate().ok() });
    }
    // Stable: the order of the list is kept among those that were found.
    offers.sort_by_key(|offer| (offer.name == REHEARSAL, offer.place.is_none()));
    Ok(offers)
}
