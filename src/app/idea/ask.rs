//! Questions to the person at the terminal.

use std::io::IsTerminal as _;

use inquire::{Confirm, InquireError};

use super::draft::Draft;
use crate::app::refusal::Refusal;

/// Whether a person is at a terminal and can be asked.
#[must_use]
pub fn has_person() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

/// Asks for a yes or a no. `draft`: what stays when the person leaves instead.
///
/// # Errors
/// The person left, or the terminal is gone.
pub fn agrees(question: &str, default: bool, draft: Option<&Draft>) -> Result<bool, Refusal> {
    Confirm::new(question).with_default(default).prompt().map_err(|error| match error {
        InquireError::OperationCanceled | InquireError::OperationInterrupted => match draft {
            Some(draft) => draft.left(),
            None => Refusal::interrupted("nothing was changed"),
        },
        InquireError::NotTTY
        | InquireError::InvalidConfiguration(_)
        | InquireError::IO(_)
        | InquireError::Custom(_) => Refusal::environment(format!("the terminal cannot be asked: {error}")),
    })
}
