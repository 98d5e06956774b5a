//! The hidden `ralph-teams rehearsal-agent`: this program plays the agent, without a model.

use super::refusal::Refusal;
use super::repository::{current_folder, environment};
use crate::effects::backend::rehearsal::rehearsal_agent;
use crate::exit::ExitCode;

/// Plays one session in the current folder, told by `RALPH_*` what it is.
///
/// # Errors
/// The current folder is gone.
pub fn play() -> Result<ExitCode, Refusal> {
    let code = rehearsal_agent(&environment(), &current_folder()?, &mut std::io::stdout());
    Ok(if code == 0 { ExitCode::Success } else { ExitCode::Failed })
}
