//! Delegating: a lead asks for a session in another role and waits for it. How that ends stands in `delegate_end`.
//!
//! **Invariants:**
//! - One session at a time works for a lead, in the lead's worktree and in its slot. While it does, the lead waits: its
//!   silence counts for nothing, and only the limit of its life ends it.
//! - The track moves on only after both have answered. The end of a lead whose delegate is still at work cancels the
//!   delegate and counts once that has answered, so that nobody is in a worktree that is looked at.
//! - A lead that still waits is told exactly once what became of its call.
//! - Who was cut short or turned away is charged to nobody; all other sessions count, and the count is bounded.

use super::command::{Command, Purpose, SessionAsk};
use super::delegation::{DELEGATES, Delegation, Refusal, Told};
use super::event::{Event, Sign, Stop};
use super::job::{Job, Role, Task};
use super::notice::{Limit, Notice};
use super::run::Run;
use super::track::{Phase, Track, Work};
use crate::domain::id::StoryId;
use crate::domain::usage::Usage;

/// A session that works for a lead.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Delegated {
    pub job: Job,
    /// What it was asked for, and by whom.
    pub delegation: Delegation,
    /// The agent program.
    pub backend: String,
    /// When it was asked for.
    pub since: u64,
    /// Its last sign of life.
    pub last_active: u64,
    /// What that sign was.
    pub last_sign: Sign,
    /// The limit for which it is being stopped.
    pub over: Option<Limit>,
    /// Whether it is ended for another reason.
    pub cancelled: bool,
    /// Whether the lead does not wait for it any longer.
    pub dropped: bool,
    /// Whether it stands in for one that its provider turned away.
    pub stands_in: bool,
    /// The closing answer of the lead, which counts once this session has answered too.
    pub then: Option<Box<Event>>,
}

impl Delegated {
    pub fn is_ending(&self) -> bool {
        self.cancelled || self.over.is_some()
    }
}

/// A limit of the sessions of a track that has passed, or will.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Due {
    OfTheSession(Limit),
    OfItsDelegate(Limit),
}

impl Run {
    /// The position of the track whose delegate this session is.
    pub(super) fn delegate_at(&self, job: &Job) -> Option<usize> {
        let position = *self.positions.get(&job.scope)?;
        self.tracks[position].delegate.as_ref().is_some_and(|delegate| delegate.job == *job).then_some(position)
    }

    /// A lead asks for a session in another role.
    pub(super) fn delegate_asked(&mut self, asked: Delegation) {
        match self.may_delegate(&asked) {
            Ok((position, backend)) => self.start_delegate(position, asked, backend, false),
            Err(reason) => {
                let (scope, role, story) = (asked.by.scope.clone(), asked.role, asked.story.clone());
                self.tell(Notice::DelegateRefused { scope, role, story, reason: reason.clone() });
                self.tell_lead(&asked, Told::Refused(reason));
            }
        }
    }

    /// Where a delegation is carried out, and on which agent program.
    pub(super) fn may_delegate(&self, asked: &Delegation) -> Result<(usize, String), Refusal> {
        let position = self.waiting_for(&asked.by).ok_or(Refusal::NotALead)?;
        let track = &self.tracks[position];
        let Phase::Working(work) = &track.phase else { return Err(Refusal::Ending) };
        if work.purpose.role() != Role::TeamLead {
            return Err(Refusal::NotALead);
        }
        if self.is_ending() || track.is_let_be() || work.over.is_some() || track.has_left() {
            return Err(Refusal::Ending);
        }
        if let Some(delegate) = &track.delegate {
            return Err(Refusal::Busy(delegate.delegation.role));
        }
        fits(asked, &track.asked())?;
        let of = self.most_delegations(asked.role);
        if track.n_delegations(asked) >= of {
            return Err(Refusal::UsedUp { role: asked.role, of });
        }
        if self.is_spent() || self.epic_spent(position, "").is_some() {
            return Err(Refusal::Budget);
        }
        let parked = || Refusal::Parked { role: asked.role, rest_ms: self.rest_of(asked.role) };
        self.free_backend(asked.role).map(|backend| (position, backend)).ok_or_else(parked)
    }

    /// How many sessions in this role may work on one story of a lead.
    fn most_delegations(&self, role: Role) -> u32 {
        match role {
            Role::StoryValidator => {
                let mended = self.policy.workflow.story_validation.unwrap_or(self.policy.max_fix_cycles);
                mended.saturating_add(1)
            }
            Role::EpicValidator => self.policy.max_fix_cycles.saturating_add(1),
            Role::TeamLead
            | Role::EpicPlanner
            | Role::StoryPlanner
            | Role::Builder
            | Role::Resolver
            | Role::FinalValidator => self.policy.max_attempts,
        }
    }

    /// Milliseconds until a program of this role is used again.
    pub(super) fn rest_of(&self, role: Role) -> u64 {
        self.backend_is_back(role).saturating_sub(self.at)
    }

    pub(super) fn start_delegate(&mut self, position: usize, delegation: Delegation, backend: String, stands_in: bool) {
        let (scope, role) = (self.tracks[position].scope.clone(), delegation.role);
        let job = self.name_job(&scope, Task::Session(role));
        let track = &self.tracks[position];
        let (attempt, of) = (track.n_delegations(&delegation) + 1, self.most_delegations(role));
        let story = delegation.story.clone();
        let ask = SessionAsk {
            role,
            backend: backend.clone(),
            purpose: Purpose::Delegated(Box::new(delegation.clone())),
            attempt,
            cycle: 0,
            findings: Vec::new(),
            red_at_base: track.red_below.iter().cloned().collect(),
            stories: story.clone().map_or_else(|| track.asked(), |story| vec![story]),
            // Who builds or judges does so by itself.
            notes: if role == Role::StoryPlanner { self.notes_to_tell() } else { Vec::new() },
            merged: Vec::new(),
            base: track.base.clone().unwrap_or_else(|| self.loop_tip.clone()),
            loop_tip: self.loop_tip.clone(),
            continues: None,
            consumed: Usage::default(),
        };
        let at = self.at;
        self.tracks[position].delegate = Some(Delegated {
            job: job.clone(),
            delegation,
            backend: backend.clone(),
            since: at,
            last_active: at,
            last_sign: Sign::Output,
            over: None,
            cancelled: false,
            dropped: false,
            stands_in,
            then: None,
        });
        self.tell(Notice::Delegated { session: job.clone(), role, story, backend, attempt, of });
        self.ask(Command::Session { job, ask: Box::new(ask) });
    }

    pub(super) fn tell_lead(&mut self, delegation: &Delegation, told: Told) {
        let (job, call) = (delegation.by.clone(), delegation.call);
        self.out.commands.push(Command::TellLead { job, call, told });
    }

    /// A lead does not wait any longer.
    pub(super) fn delegate_dropped(&mut self, job: &Job, call: u32) {
        let Some(&position) = self.positions.get(&job.scope) else { return };
        let Some(delegate) = &mut self.tracks[position].delegate else { return };
        if delegate.delegation.by == *job && delegate.delegation.call == call {
            delegate.dropped = true;
            self.end_delegate(position);
        }
    }

    /// Ends the delegate of a track, if it has one, because nobody will wait for it. Its answer comes as ever.
    pub(super) fn end_delegate(&mut self, position: usize) {
        let Some(delegate) = &mut self.tracks[position].delegate else { return };
        // A stop of the run has cancelled it already, perhaps more urgently.
        let is_asked_to_end = delegate.is_ending() || self.stopping.is_some();
        delegate.cancelled = true;
        if !is_asked_to_end {
            let job = delegate.job.clone();
            self.out.commands.push(Command::Cancel { job, how: Stop::Graceful });
        }
    }

    /// A sign of life of a delegate, which is one of its lead too. `false`: the session is no delegate.
    pub(super) fn delegate_active(&mut self, job: &Job, sign: Sign) -> bool {
        let Some(position) = self.delegate_at(job) else { return false };
        let (track, at) = (&mut self.tracks[position], self.at);
        if let Some(delegate) = &mut track.delegate {
            (delegate.last_active, delegate.last_sign) = (at, sign);
        }
        track.lead_is_alive(at, sign);
        true
    }

    /// A delegate does the same again and again. `false`: the session is no delegate.
    pub(super) fn delegate_stagnant(&mut self, job: &Job, turns: u32) -> bool {
        let found = self.delegate_at(job);
        if let Some(position) = found {
            self.delegate_over(position, Limit::Repeats(turns));
        }
        found.is_some()
    }

    /// Whether nobody is blamed for repeating itself: a delegate that is being ended, and a lead that waits for one.
    pub(super) fn is_delegating(&self, session: &Job) -> bool {
        let delegate = self.positions.get(&session.scope).and_then(|&n| self.tracks[n].delegate.as_ref());
        delegate.is_some_and(|delegate| delegate.job != *session || delegate.is_ending())
    }

    /// Ends a delegate because of a limit; its lead goes on and is told.
    fn delegate_over(&mut self, position: usize, limit: Limit) {
        let Some(delegate) = &mut self.tracks[position].delegate else { return };
        if !delegate.is_ending() {
            delegate.over = Some(limit);
            let (job, role, last) = (delegate.job.clone(), delegate.delegation.role, delegate.last_sign);
            self.cancel_for(job, role, limit, last);
        }
    }

    /// When a session of a track, or its delegate, must be over.
    pub(super) fn sessions_deadline(&self, track: &Track, work: &Work) -> Option<u64> {
        self.sessions_due(track, work).map(|(deadline, _)| deadline)
    }

    fn sessions_due(&self, track: &Track, work: &Work) -> Option<(u64, Due)> {
        if work.over.is_some() || track.parked.is_some() {
            return None;
        }
        let Some(delegate) = &track.delegate else {
            let (deadline, limit) = self.session_deadline(work.since, work.last_active)?;
            return Some((deadline, Due::OfTheSession(limit)));
        };
        if delegate.then.is_some() {
            return None;
        }
        let life = self.life_deadline(work.since).map(|(deadline, limit)| (deadline, Due::OfTheSession(limit)));
        let silence = self.silence_deadline(delegate.last_active).filter(|_| !delegate.is_ending());
        let silence = silence.map(|(deadline, limit)| (deadline, Due::OfItsDelegate(limit)));
        life.into_iter().chain(silence).min_by_key(|(deadline, _)| *deadline)
    }

    /// Ends what is over its limit in a track that works.
    pub(super) fn end_overdue(&mut self, position: usize) {
        loop {
            let track = &self.tracks[position];
            let Phase::Working(work) = &track.phase else { return };
            match self.sessions_due(track, work).filter(|(deadline, _)| *deadline <= self.at) {
                Some((_, Due::OfTheSession(limit))) => self.session_timed_out(position, limit),
                Some((_, Due::OfItsDelegate(limit))) => self.delegate_over(position, limit),
                None => return,
            }
        }
    }
}

impl Track {
    /// Whether its lead has ended, and only its delegate has not.
    pub fn has_left(&self) -> bool {
        self.delegate.as_ref().is_some_and(|delegate| delegate.then.is_some())
    }

    pub fn n_delegations(&self, asked: &Delegation) -> u32 {
        self.delegations.get(&(asked.role, asked.story.clone())).copied().unwrap_or_default()
    }

    pub fn count_delegation(&mut self, asked: &Delegation) {
        *self.delegations.entry((asked.role, asked.story.clone())).or_default() += 1;
    }

    pub fn lead_is_alive(&mut self, at: u64, sign: Sign) {
        if let Phase::Working(work) = &mut self.phase {
            (work.last_active, work.last_sign) = (at, sign);
        }
    }
}

/// Whether the role can be delegated to, for this story.
fn fits(asked: &Delegation, stories: &[StoryId]) -> Result<(), Refusal> {
    let role = asked.role;
    if !DELEGATES.contains(&role) {
        return Err(Refusal::Role(role));
    }
    match (&asked.story, role) {
        (None, Role::StoryPlanner | Role::StoryValidator) => Err(Refusal::StoryMissing(role)),
        (Some(_), Role::EpicValidator) => Err(Refusal::NoStoryMeant(role)),
        (Some(story), _) if !stories.contains(story) => Err(Refusal::NotAsked(story.clone())),
        (None | Some(_), _) => Ok(()),
    }
}
