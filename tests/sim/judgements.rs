//! What the validators of epics said, held against what is merged; and what they are told, and what planners are for.

use std::collections::{BTreeMap, BTreeSet};

use ralph_teams::domain::id::CommitId;
use ralph_teams::scheduler::command::{Finding, Purpose, SessionAsk};
use ralph_teams::scheduler::{Command, Job, Notice, Scope, Task};

use crate::hold;
use crate::invariants::Violation;
use crate::world::World;

/// Judgements so far.
#[derive(Debug, Clone, Default)]
pub struct Judgements {
    /// The commit of each epic that passed.
    passed: BTreeMap<Scope, CommitId>,
    /// Epics of which people were told that nobody judged them.
    unjudged: BTreeSet<Scope>,
    /// Epics that took in the loop branch: merging may change them after their judgement.
    updated: BTreeSet<Scope>,
}

impl Judgements {
    /// Takes note of the answer to a `CheckValidation`.
    pub fn note(&mut self, world: &World, asked: Option<&Command>, job: &Job, pass: bool) {
        let Some(Command::CheckValidation { judged: Some(judged), .. }) = asked else { return };
        let tip = world.tracks.get(&job.scope).and_then(|track| track.tip.as_ref());
        assert_eq!(tip, Some(judged), "{job}: the branch is put back");
        self.passed.remove(&job.scope);
        if pass {
            self.passed.insert(job.scope.clone(), judged.clone());
        }
    }

    /// Takes note of what people are told.
    pub fn note_notice(&mut self, notice: &Notice) {
        if let Notice::NotValidated { epic, .. } = notice {
            self.unjudged.insert(Scope::Epic(epic.clone()));
        }
    }

    /// Takes note that a track took in the loop branch.
    pub fn note_update(&mut self, scope: &Scope) {
        self.updated.insert(scope.clone());
    }

    /// An epic begins again.
    pub fn forget(&mut self, scope: &Scope) {
        self.passed.remove(scope);
        self.unjudged.remove(scope);
        self.updated.remove(scope);
    }

    /// Where epics are judged, none is merged that did not pass, unless people know that nobody judged it.
    pub fn check_candidate(&self, world: &World, scope: &Scope, tip: &CommitId) -> Result<(), Violation> {
        let judges = world.setup.begun.policy.workflow.epic_validation.is_some() && scope.epic().is_some();
        if !judges || self.unjudged.contains(scope) {
            return Ok(());
        }
        let passed = self.passed.get(scope);
        hold!(passed.is_some(), "19 what is merged was judged", "{scope} was not");
        let same = passed == Some(tip) || self.updated.contains(scope);
        hold!(same, "19 the judged commit is merged", "{scope} passed as {passed:?} and is merged as {tip}");
        Ok(())
    }

    /// Who plans and judges is asked for only where the workflow wants it, and a validator is told nothing of the builders.
    pub fn check_ask(&self, world: &World, job: &Job, ask: &SessionAsk) -> Result<(), Violation> {
        let workflow = world.setup.begun.policy.workflow;
        hold!(job.task == Task::Session(ask.role), "5 a job names its role", "{job}: {:?}", ask.role);
        match ask.purpose {
            Purpose::Plan => {
                let planned = job.scope.epic().is_some_and(|epic| world.plans.contains(epic));
                hold!(workflow.epic_planning && !planned, "19 plans are made where there is none", "{job}");
            }
            Purpose::Judge => {
                hold!(workflow.epic_validation.is_some(), "19 epics are judged where that is wanted", "{job}");
                let others = ask.findings.iter().any(|finding| !matches!(finding, Finding::Session(_)));
                hold!(!others && ask.notes.is_empty(), "19 who judges does so by itself", "{job}: {ask:?}");
            }
            Purpose::Implement | Purpose::Fix | Purpose::Resolve { .. } | Purpose::Validate | Purpose::Delegated(_) => {
            }
        }
        Ok(())
    }
}
