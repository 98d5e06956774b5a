//! What each command does to the world, and what it answers.

use ralph_teams::domain::id::CommitId;
use ralph_teams::domain::outcome::StoryProof;
use ralph_teams::domain::report::{Check, ValidationReport};
use ralph_teams::scheduler::command::{CheckAsk, Purpose, SessionAsk};
use ralph_teams::scheduler::event::{Checkup, FailureKind, ReportFound, SessionEnd, SessionFailure};
use ralph_teams::scheduler::{Command, Event, Job, Scope};

use crate::fates::SessionFate;
use crate::world::{Report, World};

impl World {
    /// Carries a command out.
    pub fn perform(&mut self, command: &Command, fate: Option<SessionFate>) -> Event {
        let job = command.job().clone();
        match command {
            Command::Open { start, .. } => {
                if self.loop_branch.is_empty() {
                    self.loop_branch.push(start.clone());
                }
                let gates = self.run_gates(start);
                Event::Opened { job, gates }
            }
            Command::Prepare { start, .. } => {
                let track = self.tracks.entry(job.scope.clone()).or_default();
                track.worktree = true;
                let tip = track.tip.get_or_insert_with(|| start.clone()).clone();
                let planned = job.scope.epic().is_some_and(|epic| self.plans.contains(epic));
                Event::Prepared { job, tip, planned }
            }
            Command::Session { ask, .. } => self.end_session(job, ask, fate.unwrap_or(SessionFate::Crashes)),
            Command::Check { ask, .. } => Event::Checked { checkup: Box::new(self.check(&job.scope, ask)), job },
            Command::Candidate { tip, onto, .. } => self.build_candidate(job, tip, onto),
            Command::Prove { commit, .. } => {
                let gates = self.run_gates(commit);
                Event::Proved { job, gates }
            }
            Command::Publish { commit, old, .. } => {
                if self.loop_tip() == Some(old) && self.fates.is_overtaken(&job.scope) {
                    let content = self.graph.content(old).clone();
                    let theirs = self.graph.commit(&[old], content);
                    self.loop_branch.push(theirs);
                    self.overtaken = true;
                }
                if self.loop_tip() == Some(old) && old != commit {
                    self.loop_branch.push(commit.clone());
                }
                if self.loop_tip() == Some(commit) {
                    Event::Published { job }
                } else {
                    Event::LoopMoved { tip: self.loop_tip().cloned(), job }
                }
            }
            Command::Update { onto, .. } => self.update(job, onto),
            Command::Retire { .. } => {
                let kept =
                    (self.fates.number(("kept", &job.scope)).is_multiple_of(6)).then(|| "it is dirty".to_owned());
                let track = self.tracks.entry(job.scope.clone()).or_default();
                track.worktree = kept.is_some();
                Event::Retired { job, kept }
            }
            Command::Abandon { .. } if self.keeps_branch(&job.scope) => {
                Event::Abandoned { job, saved: Vec::new(), kept: Some("it is locked".to_owned()) }
            }
            Command::Abandon { .. } => {
                let had = self.tracks.remove(&job.scope).and_then(|track| track.tip);
                let saved = had.iter().map(|tip| format!("refs/ralph/backup/{tip}")).collect();
                Event::Abandoned { job, saved, kept: None }
            }
            Command::CheckPlan { stood, .. } => {
                let undone = stood.as_ref().map(|stood| self.put_back(&job.scope, stood)).unwrap_or_default();
                let left = self.tracks.get(&job.scope).is_some_and(|track| track.plan);
                self.plans.extend(job.scope.epic().filter(|_| left).cloned());
                let plan = if left { Ok(()) } else { Err("there is no plan".to_owned()) };
                Event::PlanChecked { job, plan, undone }
            }
            Command::CheckValidation { session, judged, .. } => {
                let report = self.validations.get(session).cloned();
                let report = report.unwrap_or_else(|| Err("there is no report".to_owned()));
                let undone = judged.as_ref().map(|judged| self.put_back(&job.scope, judged)).unwrap_or_default();
                Event::ValidationChecked { job, report, undone }
            }
            Command::WritePrd { states, planned, .. } => {
                self.planned.extend(planned.iter().cloned());
                self.prd.extend(states.iter().map(|state| (state.epic.clone(), state.clone())));
                Event::Written { job }
            }
            Command::WriteVerdict { verdict, .. } => {
                self.verdict = Some(verdict.as_ref().clone());
                Event::Written { job }
            }
            Command::Cancel { .. } | Command::TellLead { .. } => unreachable!("a cancellation is not a task"),
        }
    }

    fn end_session(&mut self, job: Job, ask: &SessionAsk, fate: SessionFate) -> Event {
        match &ask.purpose {
            Purpose::Validate => self.validate(&job, fate),
            Purpose::Plan => self.plan_epic(&job, fate),
            Purpose::Judge => self.judge_epic(&job, fate),
            Purpose::Implement | Purpose::Fix | Purpose::Resolve { .. } => self.work(&job, ask, fate),
            // Whatever it does, its lead looks at it, and the check looks at that.
            Purpose::Delegated(_) => {}
        }
        let is_turned_away = matches!(fate, SessionFate::ProviderFails | SessionFate::ProviderFailsLater);
        if is_turned_away && !matches!(ask.purpose, Purpose::Delegated(_)) {
            *self.turned_away.entry(job.scope.clone()).or_default() += 1;
        }
        let end = SessionEnd { failure: failure_of(fate), cut: false, usage: self.usage(&job), said: None };
        let event = Event::SessionEnded { job: job.clone(), end };
        self.exits.insert(job, event.clone());
        event
    }

    /// What a planner leaves: a plan, or nothing.
    fn plan_epic(&mut self, job: &Job, fate: SessionFate) {
        let plans = match fate {
            SessionFate::Works | SessionFate::SomeFail | SessionFate::LeavesFiles | SessionFate::CrashesAfterWork => {
                true
            }
            SessionFate::NoReport
            | SessionFate::FaultyReport
            | SessionFate::NoCommit
            | SessionFate::Crashes
            | SessionFate::ProviderFails
            | SessionFate::ProviderFailsLater
            | SessionFate::Refuses
            | SessionFate::Unusable
            | SessionFate::Silent
            | SessionFate::Endless
            | SessionFate::Repeats => false,
        };
        self.tracks.entry(job.scope.clone()).or_default().plan |= plans;
    }

    /// What the validator of an epic leaves: its word, and sometimes a commit that it should not have made.
    fn judge_epic(&mut self, job: &Job, fate: SessionFate) {
        self.validate(job, fate);
        let tip = self.tracks.get(&job.scope).and_then(|track| track.tip.clone());
        if let (SessionFate::LeavesFiles | SessionFate::NoReport, Some(tip)) = (fate, tip) {
            let commit = self.graph.commit(&[&tip], self.graph.content(&tip).clone());
            self.tracks.entry(job.scope.clone()).or_default().tip = Some(commit);
        }
    }

    fn put_back(&mut self, scope: &Scope, judged: &CommitId) -> Vec<String> {
        let track = self.tracks.entry(scope.clone()).or_default();
        let found = track.tip.replace(judged.clone());
        found.filter(|found| found != judged).iter().map(|tip| format!("refs/ralph/backup/{tip}")).collect()
    }

    fn validate(&mut self, job: &Job, fate: SessionFate) {
        let report = |pass: bool| {
            let findings = if pass { Vec::new() } else { vec!["the button does nothing".to_owned()] };
            let tests = if pass { Check::Pass } else { Check::Fail };
            Ok(ValidationReport { pass, tests, browser_check: Check::Na, findings })
        };
        let found = match fate {
            SessionFate::Works | SessionFate::LeavesFiles | SessionFate::CrashesAfterWork => report(true),
            SessionFate::SomeFail => report(false),
            SessionFate::FaultyReport => Err("it is not JSON".to_owned()),
            SessionFate::NoReport
            | SessionFate::NoCommit
            | SessionFate::Crashes
            | SessionFate::ProviderFails
            | SessionFate::ProviderFailsLater
            | SessionFate::Refuses
            | SessionFate::Unusable
            | SessionFate::Silent
            | SessionFate::Endless
            | SessionFate::Repeats => return,
        };
        self.validations.insert(job.clone(), found);
    }

    fn work(&mut self, job: &Job, ask: &SessionAsk, fate: SessionFate) {
        let (commits, report) = match fate {
            SessionFate::Works
            | SessionFate::LeavesFiles
            | SessionFate::SomeFail
            | SessionFate::CrashesAfterWork
            | SessionFate::ProviderFailsLater => (true, Some(Report::Readable)),
            SessionFate::NoReport => (true, None),
            SessionFate::FaultyReport => (true, Some(Report::Faulty)),
            SessionFate::NoCommit => (false, Some(Report::Readable)),
            SessionFate::Crashes
            | SessionFate::ProviderFails
            | SessionFate::Refuses
            | SessionFate::Unusable
            | SessionFate::Silent
            | SessionFate::Endless
            | SessionFate::Repeats => (false, None),
        };
        let Some(tip) = self.tracks.get(&job.scope).and_then(|track| track.tip.clone()) else { return };
        let new_tip = commits.then(|| self.add_work(job, ask, fate, &tip));
        let track = self.tracks.entry(job.scope.clone()).or_default();
        track.report = report;
        track.unproven.clear();
        if let Some(new_tip) = new_tip {
            track.tip = Some(new_tip);
            track.resolved += u32::from(track.standing.take().is_some());
            track.leftovers = fate == SessionFate::LeavesFiles;
        } else if report.is_some() {
            track.unproven = ask.stories.clone();
        }
    }

    fn add_work(&mut self, job: &Job, ask: &SessionAsk, fate: SessionFate, tip: &CommitId) -> CommitId {
        let standing = self.tracks.get(&job.scope).and_then(|track| track.standing.clone());
        let mut content = self.graph.content(tip).clone();
        let part = content.parts.entry(job.scope.clone()).or_default();
        let level = part.level;
        part.level += 1;
        part.mends += u32::from(part.merged);
        part.merged |= standing.is_some();
        let in_part = matches!(fate, SessionFate::SomeFail | SessionFate::ProviderFailsLater);
        let fails = |story| in_part && self.fates.story_fails(story, level);
        content.done.extend(ask.stories.iter().filter(|story| !fails(story)).cloned());
        match standing {
            Some(onto) => {
                let content = content.with(self.graph.content(&onto));
                self.graph.commit(&[tip, &onto], content)
            }
            None => self.graph.commit(&[tip], content),
        }
    }

    fn check(&mut self, scope: &Scope, ask: &CheckAsk) -> Checkup {
        let track = self.tracks.entry(scope.clone()).or_default().clone();
        let mut tip = track.tip.clone().unwrap_or_else(|| ask.base.clone());
        let mut leftovers = Vec::new();
        if track.leftovers {
            leftovers.push("left.txt".to_owned());
            tip = self.graph.commit(&[&tip], self.graph.content(&tip).clone());
            let own = self.tracks.entry(scope.clone()).or_default();
            own.tip = Some(tip.clone());
            own.leftovers = false;
        }
        let done = &self.graph.content(&tip).done;
        let report = match track.report {
            _ if ask.stories.is_empty() => ReportFound::NotAsked,
            None => ReportFound::Missing,
            Some(Report::Faulty) => ReportFound::Faulty("line 1, column 1: not JSON".to_owned()),
            Some(Report::Readable) => ReportFound::Read(
                ask.stories
                    .iter()
                    .filter(|id| done.contains(*id) || track.unproven.contains(id) || self.fates.is_told(id))
                    .map(|id| {
                        let proven = done.contains(id);
                        let passes = proven || track.unproven.contains(id);
                        StoryProof {
                            id: id.clone(),
                            passes,
                            reason: (!passes).then(|| "it was too hard".to_owned()),
                            commit: proven.then(|| tip.clone()),
                            evidence: Vec::new(),
                        }
                    })
                    .collect(),
            ),
        };
        let violations: Vec<String> = track.standing.iter().map(|_| "conflict markers in a.txt".to_owned()).collect();
        let sound = violations.is_empty() && matches!(report, ReportFound::Read(_) | ReportFound::NotAsked);
        let gates = if sound { self.run_gates(&tip) } else { Vec::new() };
        Checkup { n_commits: self.graph.count_since(&tip, &ask.base), tip, leftovers, report, violations, gates }
    }

    fn conflicts_now(&self, scope: &Scope) -> bool {
        self.tracks.get(scope).map_or(0, |track| track.resolved) < self.fates.conflicts(scope)
    }

    fn build_candidate(&mut self, job: Job, tip: &CommitId, onto: &CommitId) -> Event {
        if self.graph.is_in(tip, onto) {
            return Event::CandidateBuilt { job, commit: onto.clone() };
        }
        if self.conflicts_now(&job.scope) {
            return Event::Conflicted { job, files: vec!["a.txt".to_owned()] };
        }
        let mut content = self.graph.content(tip).clone();
        if let Some(part) = content.parts.get_mut(&job.scope) {
            part.merged = true;
        }
        let content = content.with(self.graph.content(onto));
        let commit = self.graph.commit(&[onto, tip], content);
        Event::CandidateBuilt { job, commit }
    }

    fn update(&mut self, job: Job, onto: &CommitId) -> Event {
        let conflicts = self.conflicts_now(&job.scope);
        let track = self.tracks.entry(job.scope.clone()).or_default();
        let tip = track.tip.clone().unwrap_or_else(|| onto.clone());
        if self.graph.is_in(onto, &tip) && track.standing.is_none() && !conflicts && self.part(&job.scope).merged {
            return Event::Updated { job, tip, conflicts: Vec::new() };
        }
        let track = self.tracks.entry(job.scope.clone()).or_default();
        if conflicts {
            track.standing = Some(onto.clone());
            return Event::Updated { job, tip, conflicts: vec!["a.txt".to_owned()] };
        }
        let mut content = self.graph.content(&tip).clone();
        if let Some(part) = content.parts.get_mut(&job.scope) {
            part.merged = true;
        }
        let content = content.with(self.graph.content(onto));
        let tip = self.graph.commit(&[&tip, onto], content);
        self.tracks.entry(job.scope.clone()).or_default().tip = Some(tip.clone());
        Event::Updated { job, tip, conflicts: Vec::new() }
    }
}

fn failure_of(fate: SessionFate) -> Option<SessionFailure> {
    let kind = match fate {
        SessionFate::Works
        | SessionFate::LeavesFiles
        | SessionFate::SomeFail
        | SessionFate::NoReport
        | SessionFate::FaultyReport
        | SessionFate::NoCommit => return None,
        SessionFate::Crashes
        | SessionFate::CrashesAfterWork
        | SessionFate::Silent
        | SessionFate::Endless
        | SessionFate::Repeats => FailureKind::Crashed,
        SessionFate::ProviderFails | SessionFate::ProviderFailsLater => FailureKind::Overloaded,
        SessionFate::Refuses => FailureKind::Refused,
        SessionFate::Unusable => FailureKind::Unusable,
    };
    Some(SessionFailure::new(kind, format!("{fate:?}")))
}
