//! Which events answer which jobs: the job that an event names, whether it can be an answer to such a job, and whether
//! it is the last one.

use super::event::Event;
use super::job::{Job, Task};

impl Event {
    /// The job that this answers, when it is an answer.
    #[must_use]
    pub fn job(&self) -> Option<&Job> {
        match self {
            Self::Begun(_)
            | Self::Resumed { .. }
            | Self::Tick
            | Self::StopAsked { .. }
            | Self::PauseAsked { .. }
            | Self::RetryAsked { .. }
            | Self::StopEpicAsked { .. }
            | Self::ResetAsked { .. }
            | Self::PlanChanged { .. }
            | Self::DiskLow { .. }
            | Self::DiskOk
            | Self::DiskFull => None,
            Self::Opened { job, .. }
            | Self::Prepared { job, .. }
            | Self::SessionIdentified { job, .. }
            | Self::Active { job, .. }
            | Self::Stagnant { job, .. }
            | Self::Noted { job, .. }
            | Self::DelegateAsked { job, .. }
            | Self::DelegateDropped { job, .. }
            | Self::Meddled { job, .. }
            | Self::SessionEnded { job, .. }
            | Self::Checked { job, .. }
            | Self::CandidateBuilt { job, .. }
            | Self::Conflicted { job, .. }
            | Self::Proved { job, .. }
            | Self::Published { job }
            | Self::LoopMoved { job, .. }
            | Self::Updated { job, .. }
            | Self::Retired { job, .. }
            | Self::Abandoned { job, .. }
            | Self::PlanChecked { job, .. }
            | Self::ValidationChecked { job, .. }
            | Self::Written { job }
            | Self::Failed { job, .. }
            | Self::Cut { job } => Some(job),
        }
    }

    /// Whether this can be an answer to a job of this kind.
    #[must_use]
    pub fn fits(&self, task: Task) -> bool {
        match self {
            Self::Begun(_)
            | Self::Resumed { .. }
            | Self::Tick
            | Self::StopAsked { .. }
            | Self::PauseAsked { .. }
            | Self::RetryAsked { .. }
            | Self::StopEpicAsked { .. }
            | Self::ResetAsked { .. }
            | Self::PlanChanged { .. }
            | Self::DiskLow { .. }
            | Self::DiskOk
            | Self::DiskFull => false,
            Self::Opened { .. } => task == Task::Open,
            Self::Prepared { .. } => task == Task::Prepare,
            Self::SessionIdentified { .. }
            | Self::Active { .. }
            | Self::Stagnant { .. }
            | Self::Noted { .. }
            | Self::DelegateAsked { .. }
            | Self::DelegateDropped { .. }
            | Self::Meddled { .. }
            | Self::SessionEnded { .. } => {
                matches!(task, Task::Session(_))
            }
            Self::Checked { .. } => task == Task::Check,
            Self::CandidateBuilt { .. } | Self::Conflicted { .. } => task == Task::Candidate,
            Self::Proved { .. } => task == Task::Prove,
            Self::Published { .. } | Self::LoopMoved { .. } => task == Task::Publish,
            Self::Updated { .. } => task == Task::Update,
            Self::Retired { .. } => task == Task::Retire,
            Self::Abandoned { .. } => task == Task::Abandon,
            Self::PlanChecked { .. } => task == Task::CheckPlan,
            Self::ValidationChecked { .. } => task == Task::CheckValidation,
            Self::Written { .. } => matches!(task, Task::Prd | Task::Verdict),
            Self::Failed { .. } | Self::Cut { .. } => true,
        }
    }

    /// Whether this is the last word on its job.
    #[must_use]
    pub fn closes_job(&self) -> bool {
        match self {
            Self::Begun(_)
            | Self::Resumed { .. }
            | Self::PlanChanged { .. }
            | Self::Noted { .. }
            | Self::DelegateAsked { .. }
            | Self::DelegateDropped { .. }
            | Self::Meddled { .. }
            | Self::Tick
            | Self::StopAsked { .. }
            | Self::PauseAsked { .. }
            | Self::RetryAsked { .. }
            | Self::StopEpicAsked { .. }
            | Self::ResetAsked { .. }
            | Self::DiskLow { .. }
            | Self::DiskOk
            | Self::DiskFull
            | Self::SessionIdentified { .. }
            | Self::Active { .. }
            | Self::Stagnant { .. } => false,
            Self::Opened { .. }
            | Self::Prepared { .. }
            | Self::SessionEnded { .. }
            | Self::Checked { .. }
            | Self::CandidateBuilt { .. }
            | Self::Conflicted { .. }
            | Self::Proved { .. }
            | Self::Published { .. }
            | Self::LoopMoved { .. }
            | Self::Updated { .. }
            | Self::Retired { .. }
            | Self::Abandoned { .. }
            | Self::PlanChecked { .. }
            | Self::ValidationChecked { .. }
            | Self::Written { .. }
            | Self::Failed { .. }
            | Self::Cut { .. } => true,
        }
    }
}
