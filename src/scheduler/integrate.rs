//! The merge queue: one candidate at a time is built, proven by the gates and published; a track that does not fit
//! any more is brought up to date and comes again.
//!
//! **Invariant:** the loop branch only ever moves to a commit whose gates were run, and only one merge is in flight.

use super::command::{Command, Finding, Purpose};
use super::job::{Job, Scope, Task};
use super::judge::headline;
use super::notice::{Notice, StopReason};
use super::run::{Run, Stage};
use super::track::{Merging, Phase};
use crate::domain::gate::GateOutcome;
use crate::domain::id::CommitId;
use crate::domain::outcome::Outcome;

impl Run {
    /// A track is proven on its own branch.
    pub(super) fn queue_up(&mut self, position: usize) {
        let track = &mut self.tracks[position];
        track.proven = true;
        track.findings.clear();
        let scope = track.scope.clone();
        let ahead = self.queue.len() + usize::from(self.merging().is_some());
        self.enter(position, Phase::Queued);
        self.queue.push(position);
        self.tell(Notice::Queued { scope, ahead });
    }

    fn merging(&self) -> Option<usize> {
        self.tracks.iter().position(|track| matches!(track.phase, Phase::Merging(_)))
    }

    /// Whether a step of a merge has not answered yet, although its track may have been set back meanwhile.
    fn is_merge_in_flight(&self) -> bool {
        self.in_flight.iter().any(|job| matches!(job.task, Task::Candidate | Task::Prove | Task::Publish))
    }

    /// Takes the first of the queue, if no merge is in flight.
    pub(super) fn start_merge(&mut self) {
        let idle = self.stopping.is_none() && matches!(self.stage, Stage::Working | Stage::Validating);
        if !idle || self.queue.is_empty() || self.merging().is_some() || self.is_merge_in_flight() {
            return;
        }
        let position = self.queue.remove(0);
        let onto = self.loop_tip.clone();
        let scope = self.tracks[position].scope.clone();
        let job = self.name_job(&scope, Task::Candidate);
        self.enter(position, Phase::Merging(Merging::Building { job, onto }));
        self.ask_for_merge_step(position);
    }

    /// Says (again) what the merge step in the track's phase is.
    pub(super) fn ask_for_merge_step(&mut self, position: usize) {
        let track = &self.tracks[position];
        let (Phase::Merging(merging), Some(tip)) = (&track.phase, &track.tip) else { return };
        let command = match merging.clone() {
            Merging::Building { job, onto } => {
                let passing = |id: &&crate::domain::id::StoryId| track.passes(id);
                let stories = track.stories.iter().filter(passing).cloned().collect();
                Command::Candidate { job, tip: tip.clone(), onto, stories }
            }
            Merging::Proving { job, candidate, .. } => Command::Prove { job, commit: candidate },
            Merging::Publishing { job, onto, candidate, .. } => Command::Publish { job, commit: candidate, old: onto },
        };
        self.ask(command);
    }

    /// A merge commit exists: it is proven if there are gates, else published at once. A branch
    /// that brings nothing new is merged already.
    pub(super) fn candidate_built(&mut self, job: &Job, commit: &CommitId) {
        let Some(position) = self.waiting_for(job) else { return };
        let Phase::Merging(Merging::Building { onto, .. }) = self.tracks[position].phase.clone() else { return };
        let candidate = commit.clone();
        if candidate == onto {
            // Everything on the branch is on the loop branch already.
            let gates = self.loop_gates.clone();
            return self.merged(position, candidate, gates);
        }
        if self.policy.gates.is_empty() {
            return self.publish(position, onto, candidate, Vec::new());
        }
        let job = self.name_job(&job.scope, Task::Prove);
        self.enter(position, Phase::Merging(Merging::Proving { job, onto, candidate }));
        self.ask_for_merge_step(position);
    }

    fn publish(&mut self, position: usize, onto: CommitId, candidate: CommitId, gates: Vec<GateOutcome>) {
        let scope = self.tracks[position].scope.clone();
        let job = self.name_job(&scope, Task::Publish);
        self.enter(position, Phase::Merging(Merging::Publishing { job, onto, candidate, gates }));
        self.ask_for_merge_step(position);
    }

    /// The two sides cannot be merged by git: the track must take in the loop branch first.
    pub(super) fn conflicted(&mut self, job: &Job, files: &[String]) {
        let Some(position) = self.waiting_for(job) else { return };
        let (round, of) = (self.tracks[position].merge_round + 1, self.policy.max_merge_rounds);
        if round <= of {
            self.tell(Notice::Conflict { scope: job.scope.clone(), files: files.to_vec(), round, of });
        }
        let reason = format!("it conflicts with the loop branch in {}", files.join(", "));
        self.outdated(position, Vec::new(), &reason);
    }

    /// The gates ran on the candidate: it is published, or goes back to be mended.
    pub(super) fn proved(&mut self, job: &Job, gates: &[GateOutcome]) {
        let Some(position) = self.waiting_for(job) else { return };
        let Phase::Merging(Merging::Proving { onto, candidate, .. }) = self.tracks[position].phase.clone() else {
            return;
        };
        for outcome in gates {
            self.tell(Notice::GateRan { scope: job.scope.clone(), on_candidate: true, outcome: outcome.clone() });
        }
        let red = self.red_on_loop();
        let findings = gates.iter().filter(|gate| !gate.green() && !red.contains(&gate.name));
        let mut findings: Vec<Finding> = findings.cloned().map(Finding::GateRedMerged).collect();
        findings.extend(self.gates_not_run(gates));
        if findings.is_empty() {
            self.publish(position, onto, candidate, gates.to_vec());
        } else {
            let reason = headline(&findings);
            self.outdated(position, findings, &reason);
        }
    }

    /// The candidate is the tip of the loop branch: the track is merged.
    pub(super) fn published(&mut self, job: &Job) {
        let Some(position) = self.waiting_for(job) else { return };
        let Phase::Merging(Merging::Publishing { candidate, gates, .. }) = self.tracks[position].phase.clone() else {
            return;
        };
        self.merged(position, candidate, gates);
    }

    fn merged(&mut self, position: usize, commit: CommitId, gates: Vec<GateOutcome>) {
        let scope = self.tracks[position].scope.clone();
        self.loop_tip = commit.clone();
        self.loop_gates = gates;
        if matches!(scope, Scope::Fix(_)) {
            // The end of an epic is told by `finish`.
            self.tell(Notice::Merged { scope: scope.clone(), commit: commit.clone() });
        }
        self.finish(position, Outcome::Merged { commit });
        let job = self.name_job(&scope, Task::Retire);
        self.tracks[position].retiring = Some(job.clone());
        self.ask(Command::Retire { job });
    }

    /// The worktree of a track is gone, or was kept for a reason that is told.
    pub(super) fn retired(&mut self, job: &Job, kept: Option<&str>) {
        let Some(&position) = self.positions.get(&job.scope) else { return };
        if self.tracks[position].retiring.take_if(|retiring| retiring == job).is_some()
            && let Some(reason) = kept
        {
            self.tell(Notice::WorktreeKept { scope: job.scope.clone(), reason: reason.to_owned() });
        }
    }

    /// Somebody else moved the loop branch: nothing may be built on it before a person looked.
    pub(super) fn loop_moved(&mut self, tip: Option<&CommitId>) {
        let branch = self.id.loop_branch();
        let ours = self.loop_tip.short();
        let what = match tip {
            Some(tip) => format!(
                "{branch} was moved to {} by somebody else, this run left it at {ours}; \
                 put it back with `git branch -f {branch} {ours}`, then resume",
                tip.short()
            ),
            None => format!("{branch} was deleted; make it again with `git branch {branch} {ours}`, then resume"),
        };
        self.begin_stop(super::event::Stop::Graceful, StopReason::Environment(what));
    }

    /// The loop branch went on in a way that this track must take in, if rounds remain.
    fn outdated(&mut self, position: usize, findings: Vec<Finding>, reason: &str) {
        let track = &mut self.tracks[position];
        track.findings = findings;
        if track.merge_round >= self.policy.max_merge_rounds {
            return self.finish(position, Outcome::MergeFailed { reason: reason.to_owned() });
        }
        track.merge_round += 1;
        self.enter(position, Phase::Outdated);
    }

    /// A slot is free for a track that must take in the loop branch.
    pub(super) fn bring_up_to_date(&mut self, position: usize) {
        let scope = self.tracks[position].scope.clone();
        let job = self.name_job(&scope, Task::Update);
        let onto = self.loop_tip.clone();
        self.tracks[position].red_below = self.red_on_loop();
        self.enter(position, Phase::Updating { job: job.clone(), onto: onto.clone() });
        self.ask(Command::Update { job, onto });
    }

    /// The loop branch was merged into the worktree, with or without conflicts to resolve.
    pub(super) fn updated(&mut self, job: &Job, tip: &CommitId, conflicts: &[String]) {
        let Some(position) = self.waiting_for(job) else { return };
        let track = &mut self.tracks[position];
        track.tip = Some(tip.clone());
        if !conflicts.is_empty() {
            self.start_session(position, Purpose::Resolve { files: conflicts.to_vec() });
        } else if track.findings.is_empty() {
            self.check(position, None, None);
        } else {
            self.start_session(position, Purpose::Fix);
        }
    }

    /// What a session did to bring a proven track up to date does not pass the check: another session mends it,
    /// while rounds remain.
    pub(super) fn merge_round(&mut self, position: usize, findings: Vec<Finding>, purpose: Purpose) {
        let of = self.policy.max_merge_rounds;
        let reason = headline(&findings);
        let track = &mut self.tracks[position];
        track.findings.clone_from(&findings);
        if track.merge_round >= of {
            return self.finish(position, Outcome::MergeFailed { reason });
        }
        track.merge_round += 1;
        let (scope, cycle): (Scope, u32) = (track.scope.clone(), track.merge_round);
        // Conflicts that still stand are for the resolver; anything else is ordinary work again.
        let stands = findings.iter().any(|finding| matches!(finding, Finding::Violation(_)));
        self.tell(Notice::FixCycle { scope, cycle, of, findings });
        self.start_session(position, if stands { purpose } else { Purpose::Fix });
    }
}
