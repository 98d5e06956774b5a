//! Questions to the person at the terminal.

use std::io::IsTerminal as _;

use inquire::{Confirm, InquireError};

use super::draft::Draft;
use crate::app::asking::Asking;
use crate::app::refusal::Refusal;

/// Whether a person is at a terminal and can be asked.
#[must_use]
pub fn has_person() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks for a yes or a no before something is done. `draft`: what stays when the person leaves instead.
///
/// # Errors
/// The person left, or the terminal is gone.
pub fn agrees(question: &str, default: bool, draft: Option<&Draft>) -> Result<bool, Refusal> {
    let left = || draft.map_or_else(|| Refusal::interrupted("nothing was changed"), Draft::left);
    let _asking = Asking::begin(left()).map_err(Refusal::environment)?;
    Confirm::new(question).with_default(default).prompt().map_err(|error| match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => left(),
        InquireError::NotTTY
        | InquireError::InvalidConfiguration(_)
        | InquireError::IO(_)
        | InquireError::Custom(_) => Refusal::environment(format!("the terminal cannot be asked: {error}")),
    })
}

/// Asks whether one thing more is wanted after what was asked for is done: whoever leaves instead says no. `so_far`: what is
/// said to somebody whose program is ended by a signal meanwhile.
#[must_use]
pub fn wants(question: &str, default: bool, so_far: &str) -> bool {
    let Ok(_asking) = Asking::begin(Refusal::interrupted(so_far)) else { return false };
    Confirm::new(question).with_default(default).prompt().unwrap_or(false)
}
