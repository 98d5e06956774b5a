//! Sessions beside an epic's lead: who plans the epic before, and who judges it after. What they come to is counted
//! apart from the lead's attempts.
//!
//! **Invariant:** neither of them can fail an epic by failing itself: after [`MOST_TRIES`] sessions that came to nothing the
//! epic goes on without, and people are told.

use super::command::{Finding, Purpose, SessionAsk};
use super::conversation::Conversation;
use super::event::SessionFailure;
use super::failure::Answer;
use super::job::Role;
use super::notice::Notice;
use super::run::Run;
use super::track::{Phase, Track, Work};
use crate::domain::id::{CommitId, SessionId};
use crate::domain::report::CriterionJudgement;
use crate::domain::usage::Usage;

/// Sessions of one kind that may come to nothing by their own fault.
pub(super) const MOST_TRIES: u32 = 2;

/// The sessions of a planner or a validator, over one plan or one judgement.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Aside {
    /// The number of the session that runs or comes next, counted from 1.
    pub attempt: u32,
    /// Sessions that came to nothing by their own fault.
    pub charged: u32,
    /// How the session before ended, when it came to nothing.
    pub fault: Option<String>,
    /// The conversation of the last session.
    pub conversation: Option<Conversation>,
}

impl Default for Aside {
    fn default() -> Self {
        Self { attempt: 1, charged: 0, fault: None, conversation: None }
    }
}

/// What the judging of an epic has come to.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Judging {
    /// The sessions of the judgement that is under way.
    pub aside: Aside,
    /// Rounds of fixes that judgements led to.
    pub fixes: u32,
    /// Whether nothing is to be judged any more: it passed, or nobody could judge it.
    pub over: bool,
    /// Why nobody judged it.
    pub missing: Option<String>,
    /// What was said of its criteria when it passed.
    pub criteria: Vec<CriterionJudgement>,
}

impl Track {
    /// The conversation that a session in this role can go on with.
    pub(super) fn conversation_of(&self, role: Role, backend: &str) -> Option<&Conversation> {
        if let Some(aside) = self.aside(role) {
            return aside.conversation.as_ref().filter(|known| known.backend == backend);
        }
        let (led_by, conversation) = self.conversation.as_ref()?;
        (*led_by == role && conversation.backend == backend).then_some(conversation)
    }

    /// The session that runs, in this role, named its conversation.
    pub(super) fn talks_in(&mut self, role: Role, session: &SessionId) {
        let Phase::Working(Work { backend: Some(backend), .. }) = &self.phase else { return };
        let backend = backend.clone();
        if let Some(aside) = self.aside_mut(role) {
            let known = aside.conversation.take();
            aside.conversation = Some(Conversation::named(&backend, session, known));
            return;
        }
        let known = self.conversation.take().map(|(_, known)| known);
        self.conversation = Some((role, Conversation::named(&backend, session, known)));
    }

    /// The session that ended, in this role, consumed this.
    pub(super) fn consume(&mut self, role: Role, backend: &str, usage: Usage) {
        self.count(role, None, usage);
        let conversation = match self.aside_mut(role) {
            Some(aside) => aside.conversation.as_mut(),
            None => self.conversation.as_mut().map(|(_, conversation)| conversation),
        };
        if let Some(conversation) = conversation {
            conversation.consume(backend, usage);
        }
    }

    /// The sessions in this role, when they are none of the lead's.
    pub(super) fn aside(&self, role: Role) -> Option<&Aside> {
        match role {
            Role::EpicPlanner => Some(&self.planning),
            Role::EpicValidator => Some(&self.judging.aside),
            Role::TeamLead
            | Role::StoryPlanner
            | Role::Builder
            | Role::StoryValidator
            | Role::Resolver
            | Role::FinalValidator => None,
        }
    }

    /// [`Self::aside`], to change it.
    pub(super) fn aside_mut(&mut self, role: Role) -> Option<&mut Aside> {
        match role {
            Role::EpicPlanner => Some(&mut self.planning),
            Role::EpicValidator => Some(&mut self.judging.aside),
            Role::TeamLead
            | Role::StoryPlanner
            | Role::Builder
            | Role::StoryValidator
            | Role::Resolver
            | Role::FinalValidator => None,
        }
    }

    /// Rounds of fixes so far, whoever found what they mend.
    pub(super) fn fix_rounds(&self) -> u32 {
        self.fix_cycle + self.judging.fixes
    }

    /// The provider turned a session for this purpose away: the next one is another attempt, and is told.
    pub(super) fn comes_again(&mut self, purpose: &Purpose, reason: &str) {
        match self.aside_mut(purpose.role()) {
            Some(aside) => {
                aside.attempt += 1;
                aside.fault = Some(reason.to_owned());
            }
            None => {
                self.attempt += 1;
                self.remember(reason);
            }
        }
    }
}

impl Run {
    /// A session counts as failed, whatever it was for.
    pub(super) fn charge(&mut self, position: usize, purpose: Purpose, reason: &str) {
        match purpose {
            Purpose::Plan => {
                if let Some(reason) = self.charge_aside(position, purpose, reason.to_owned()) {
                    self.begin_to_build(position, Some(reason));
                }
            }
            Purpose::Judge => {
                if let Some(reason) = self.charge_aside(position, purpose, reason.to_owned()) {
                    self.go_on_unjudged(position, &reason);
                }
            }
            // Who works for a lead is charged where it is counted, never the track.
            Purpose::Delegated(_) => {}
            Purpose::Implement | Purpose::Fix | Purpose::Resolve { .. } | Purpose::Validate => {
                self.charge_work(position, purpose, reason);
            }
        }
    }

    /// A session beside the lead left nothing to use. Answers why the epic goes on without, or `None` when another
    /// session is asked for.
    pub(super) fn aside_came_to_nothing(
        &mut self,
        position: usize,
        purpose: Purpose,
        fault: &str,
        failure: Option<&SessionFailure>,
    ) -> Option<String> {
        let reason = failure.map_or(fault, |failure| &failure.detail).to_owned();
        match failure.map(|failure| failure.kind.answer()) {
            Some(Answer::Rest) => {
                self.turned_away(position, purpose, &reason, failure.and_then(|failure| failure.rest_ms));
                None
            }
            // The same question would get the same answer.
            Some(Answer::GiveUp) => Some(reason),
            Some(Answer::Charge | Answer::Stop) | None => self.charge_aside(position, purpose, reason),
        }
    }

    /// Such a session counts as failed. Answers as [`Self::aside_came_to_nothing`].
    pub(super) fn charge_aside(&mut self, position: usize, purpose: Purpose, reason: String) -> Option<String> {
        let of = MOST_TRIES.min(self.policy.max_attempts);
        let track = &mut self.tracks[position];
        let scope = track.scope.clone();
        let Some(aside) = track.aside_mut(purpose.role()) else { return Some(reason) };
        aside.charged += 1;
        if aside.charged >= of {
            return Some(reason);
        }
        aside.attempt += 1;
        aside.conversation = None;
        aside.fault = Some(reason.clone());
        let attempt = aside.charged + 1;
        self.tell(Notice::Retrying { scope, attempt, of, reason, delay_ms: 0 });
        self.start_session(position, purpose);
        None
    }
}

/// What the session of this work is told, but for the notes of others.
pub(super) fn session_ask(track: &Track, work: &Work, backend: String, loop_tip: &CommitId) -> SessionAsk {
    let role = work.purpose.role();
    let known = track.conversation_of(role, &backend);
    let aside = track.aside(role);
    SessionAsk {
        role,
        backend,
        purpose: work.purpose.clone(),
        attempt: aside.map_or(track.attempt, |aside| aside.attempt),
        cycle: if track.proven { track.merge_round } else { track.fix_rounds() },
        findings: match aside {
            Some(aside) => aside.fault.iter().cloned().map(Finding::Session).collect(),
            None => track.findings.clone(),
        },
        stories: if work.purpose == Purpose::Judge { track.stories.clone() } else { track.asked() },
        notes: Vec::new(),
        merged: Vec::new(),
        base: track.base.clone().unwrap_or_else(|| loop_tip.clone()),
        red_at_base: track.red_below.iter().cloned().collect(),
        loop_tip: loop_tip.clone(),
        continues: known.map(|known| known.session.clone()),
        consumed: known.map(|known| known.consumed).unwrap_or_default(),
    }
}
