//! Changes of what is the user's, noticed while sessions ran: told at once, and an open risk of the verdict.

use super::job::{Job, Role, Scope, Task};
use super::notice::Notice;
use super::run::Run;

/// Different changes that the verdict names at most.
const MOST: usize = 20;

impl Run {
    /// Something changed while these sessions ran. The user may have done it: nobody is charged.
    pub(super) fn meddled(&mut self, at: u64, job: &Job, beside: &[Job], changes: &[String]) {
        self.at = self.at.max(at);
        let ran: Vec<(Scope, Role)> = std::iter::once(job).chain(beside).filter_map(session_of).collect();
        let names: Vec<String> = ran.iter().map(|(scope, role)| format!("{scope} ({})", role.name())).collect();
        for change in changes {
            let risk = format!("changed in your repository while {} ran: {change}", names.join(", "));
            if self.meddlings.len() < MOST && !self.meddlings.contains(&risk) {
                self.meddlings.push(risk);
            }
        }
        self.tell(Notice::Meddled { scope: job.scope.clone(), ran, changes: changes.to_vec() });
    }
}

fn session_of(job: &Job) -> Option<(Scope, Role)> {
    match job.task {
        Task::Session(role) => Some((job.scope.clone(), role)),
        Task::Open
        | Task::Prepare
        | Task::Check
        | Task::CheckPlan
        | Task::Candidate
        | Task::Prove
        | Task::Publish
        | Task::Update
        | Task::Retire
        | Task::Abandon
        | Task::CheckValidation
        | Task::Prd
        | Task::Verdict => None,
    }
}
