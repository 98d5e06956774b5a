//! Planning an epic: where the workflow asks for it and no plan is there, a planner works before the lead.
//!
//! **Invariants:**
//! - A plan proves nothing and blocks nothing: with or without one, the lead begins next.
//! - A planner only plans: whatever else it changed is taken back before the lead begins.

use super::command::Purpose;
use super::job::{Job, Scope};
use super::notice::Notice;
use super::run::Run;
use super::track::Phase;
use crate::domain::id::EpicId;

impl Run {
    /// The worktree of an epic with stories to do is ready: its planner begins, or its lead. `planned`: there is a plan.
    pub(super) fn plan_or_build(&mut self, position: usize, planned: bool) {
        let is_epic = matches!(self.tracks[position].scope, Scope::Epic(_));
        let plans = self.policy.workflow.epic_planning && is_epic && !planned;
        self.start_session(position, if plans { Purpose::Plan } else { Purpose::Implement });
    }

    /// What a planner left was looked at, however its session ended.
    pub(super) fn plan_checked(&mut self, job: &Job, plan: &Result<(), String>, undone: &[String]) {
        let Some(position) = self.waiting_for(job) else { return };
        let Phase::Checking(checking) = self.tracks[position].phase.clone() else { return };
        self.tell_put_back(position, undone);
        match plan {
            Ok(()) => {
                let (backend, asked_at) = self.tracks[position].ran_on.clone();
                self.served(&backend, asked_at);
                self.tracks[position].planned = true;
                self.prd.dirty = true;
                self.begin_to_build(position, None);
            }
            Err(fault) => {
                let failure = checking.failure.as_ref();
                if let Some(reason) = self.aside_came_to_nothing(position, Purpose::Plan, fault, failure) {
                    self.begin_to_build(position, Some(reason));
                }
            }
        }
    }

    /// The lead begins, with a plan or for this reason without.
    pub(super) fn begin_to_build(&mut self, position: usize, missing: Option<String>) {
        if let Some(epic) = self.tracks[position].scope.epic().cloned() {
            self.tell(Notice::Planned { epic, missing });
        }
        self.start_session(position, Purpose::Implement);
    }

    /// The epics that were planned in this run, for `prd.json`.
    pub(super) fn planned_epics(&self) -> Vec<EpicId> {
        let planned = self.tracks.iter().filter(|track| track.planned);
        planned.filter_map(|track| track.scope.epic().cloned()).collect()
    }
}
