//! Where a person who looks for what went wrong wants to stop.

use crate::domain::outcome::{Outcome, RunEnd};
use crate::scheduler::Notice;
use crate::scheduler::delegation::Ending;

/// Whether this tells of something that failed.
#[must_use]
pub fn is_failure(notice: &Notice) -> bool {
    match notice {
        Notice::SessionEnded { failure, .. } => failure.is_some(),
        Notice::StoryChecked { proof, .. } => !proof.passes,
        Notice::GateRan { outcome, .. } => !outcome.green(),
        Notice::EpicEnded { outcome, .. } => {
            !matches!(outcome, Outcome::Merged { .. } | Outcome::AlreadyCompleted | Outcome::LeftOut)
        }
        Notice::Validated { pass, .. } | Notice::EpicValidated { pass, .. } => !pass,
        Notice::Planned { missing, .. } => missing.is_some(),
        Notice::DelegateEnded { how, .. } => *how != Ending::Done && *how != Ending::Cut,
        Notice::TimedOut { .. }
        | Notice::Conflict { .. }
        | Notice::Retrying { .. }
        | Notice::Meddled { .. }
        | Notice::NotValidated { .. }
        | Notice::PutBack { .. }
        | Notice::Trouble { .. }
        | Notice::DiskLow { .. }
        | Notice::Budget { .. } => true,
        Notice::RunEnded { end } => *end != RunEnd::Judged { pass: true },
        Notice::RunBegan { .. }
        | Notice::RunResumed { .. }
        | Notice::Opened { .. }
        | Notice::Preparing { .. }
        | Notice::SessionStarted { .. }
        | Notice::Delegated { .. }
        | Notice::DelegateRefused { .. }
        | Notice::Noted { .. }
        | Notice::LeftoversCommitted { .. }
        | Notice::FixCycle { .. }
        | Notice::Queued { .. }
        | Notice::Merged { .. }
        | Notice::WorktreeKept { .. }
        | Notice::Parked { .. }
        | Notice::Paused { .. }
        | Notice::EpicHeld { .. }
        | Notice::EpicReleased { .. }
        | Notice::EpicResetting { .. }
        | Notice::EpicReset { .. }
        | Notice::DiskOk
        | Notice::Stopping { .. } => false,
    }
}
