//! A journal, and how much of it is told. What the sessions said goes between its events, by their times.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use super::failures::is_failure;
use super::transcripts::{Mark, Spoken, Transcripts, Until};
use crate::journal::{JournalError, More, Tail};
use crate::scheduler::command::Purpose;
use crate::scheduler::{Command, Event, Job, Role, RunView, Scheduler, Scope};
use crate::ui::tui::{Msg, Seek};

/// Sessions of one epic whose logs are read at most, counted from the newest: a transcript keeps only its last lines.
const SESSIONS_MAX: usize = 12;

/// A session's time, by positions on the time line.
struct Span {
    job: Job,
    began: usize,
    /// `None`: it is at work.
    ended: Option<usize>,
}

/// The journal of a run, told up to a position: so many of its events.
pub struct Replay {
    tail: Tail,
    events: Vec<(u64, Event)>,
    /// The state at the newest event.
    newest: Scheduler,
    /// Positions behind events that something failed with.
    failures: Vec<usize>,
    spans: Vec<Span>,
    transcripts: Transcripts,
    /// The epic that the person looks at: all of its sessions are told, of the others only those at work.
    looked_at: Option<Scope>,
    told: usize,
    /// The state at `told`.
    scheduler: Scheduler,
    view: Option<Arc<RunView>>,
    /// Sessions that work for a lead, and are shown as its sub-agents.
    sub_agents: BTreeMap<Job, Role>,
    /// Up to where each session was told.
    marks: BTreeMap<Job, Mark>,
}

impl Replay {
    /// Of this journal; nothing is read yet.
    #[must_use]
    pub fn new(tail: Tail, transcripts: Transcripts) -> Self {
        Self {
            tail,
            events: Vec::new(),
            newest: Scheduler::default(),
            failures: Vec::new(),
            spans: Vec::new(),
            transcripts,
            looked_at: None,
            told: 0,
            scheduler: Scheduler::default(),
            view: None,
            sub_agents: BTreeMap::new(),
            marks: BTreeMap::new(),
        }
    }

    /// Reads what the journal holds by now; the position of the first event that is new. Nothing is told.
    ///
    /// # Errors
    /// The journal cannot be read, or was damaged.
    pub fn read_on(&mut self) -> Result<usize, JournalError> {
        let More { events, anew } = self.tail.more()?;
        if anew {
            (self.newest, self.told) = (Scheduler::default(), 0);
            self.events.clear();
            self.failures.clear();
            self.spans.clear();
            self.sub_agents.clear();
        }
        let first_new = self.events.len();
        for (at, event) in events {
            self.take_in(at, event);
        }
        Ok(first_new)
    }

    fn take_in(&mut self, at: u64, event: Event) {
        let position = self.events.len() + 1;
        let output = self.newest.handle(at, &event);
        if output.notices.iter().any(is_failure) {
            self.failures.push(position);
        }
        if event.closes_job()
            && let Some(job) = event.job()
        {
            self.close(job, position);
        }
        for command in output.commands {
            if let Command::Session { job, ask } = command {
                // A runner that died said nothing of the end of its sessions.
                self.close(&job, position);
                if let Purpose::Delegated(_) = ask.purpose {
                    self.sub_agents.insert(job.clone(), ask.role);
                }
                self.spans.push(Span { job, began: position, ended: None });
            }
        }
        self.events.push((at, event));
    }

    fn close(&mut self, job: &Job, position: usize) {
        let open = self.spans.iter_mut().rev().find(|span| span.ended.is_none() && span.job == *job);
        if let Some(span) = open {
            span.ended = Some(position);
        }
    }

    /// The state at the newest event.
    #[must_use]
    pub fn newest(&self) -> &Scheduler {
        &self.newest
    }

    /// Running time of the newest event, in milliseconds.
    #[must_use]
    pub fn newest_at(&self) -> u64 {
        self.events.last().map_or(0, |(at, _)| *at)
    }

    /// Events that were told, and that there are.
    #[must_use]
    pub fn place(&self) -> (usize, usize) {
        (self.told, self.events.len())
    }

    /// Whether it stands at the newest event.
    #[must_use]
    pub fn is_at_newest(&self) -> bool {
        self.told == self.events.len()
    }

    /// Whether one of the events from this position on begins a new life of the run.
    #[must_use]
    pub fn is_resumed_since(&self, position: usize) -> bool {
        self.events.iter().skip(position).any(|(_, event)| matches!(event, Event::Resumed { .. }))
    }

    /// The person looks at this epic now.
    pub fn look_at(&mut self, scope: Scope) {
        self.looked_at = Some(scope);
    }

    /// Where a move leads to.
    #[must_use]
    pub fn target(&self, from: usize, seek: Seek) -> usize {
        let last = self.events.len();
        match seek {
            Seek::By(by) => from.saturating_add_signed(by).clamp(1.min(last), last),
            Seek::NextFailure => self.failures.iter().copied().find(|at| *at > from).unwrap_or(from),
            Seek::PreviousFailure => self.failures.iter().rev().copied().find(|at| *at < from).unwrap_or(from),
            Seek::First => 1.min(last),
            Seek::Newest => last,
        }
    }

    /// Forgets what was told; what comes next is told from the beginning.
    pub fn rewind(&mut self) {
        self.transcripts.next_turn();
        (self.scheduler, self.told, self.view) = (Scheduler::default(), 0, None);
        self.marks.clear();
    }

    /// Tells what comes next, up to a position.
    pub fn tell_to(&mut self, position: usize, tell: &mut impl FnMut(Msg)) {
        let to = position.min(self.events.len());
        let mut queues = self.what_is_said(to);
        for position in self.told..to {
            let (at, event) = self.events[position].clone();
            let over = event.job().filter(|_| event.closes_job());
            for (job, queue) in &mut queues {
                let is_over = over == Some(job);
                while let Some(spoken) = queue.pop_front_if(|one| is_over || one.at.is_some_and(|said| said <= at)) {
                    self.speak(job, at, spoken, tell);
                }
            }
            if let Some(job) = over {
                self.transcripts.let_go(job);
            }
            let output = self.scheduler.handle(at, &event);
            if output.notices.is_empty() {
                continue;
            }
            let Some(view) = share(&mut self.view, self.scheduler.view()) else { continue };
            for notice in output.notices {
                tell(Msg::Notice(at, Box::new(notice), Arc::clone(&view)));
            }
        }
        self.told = to;
        let now = self.told.checked_sub(1).map_or(0, |last| self.events[last].0);
        for (job, queue) in queues {
            queue.into_iter().for_each(|spoken| self.speak(&job, now, spoken, tell));
        }
        if let Some(view) = share(&mut self.view, self.scheduler.view()) {
            tell(Msg::View(view));
        }
        tell(Msg::Now(now));
    }

    /// What the sessions that are wanted said and was not told yet, as it stands at a position.
    fn what_is_said(&mut self, to: usize) -> BTreeMap<Job, VecDeque<Spoken>> {
        let is_newest = to == self.events.len();
        let moment = to.checked_sub(1).map_or(0, |last| self.events[last].0);
        let mut wanted: BTreeMap<&Job, Until> = BTreeMap::new();
        let mut n_looked_at = 0;
        for span in self.spans.iter().rev().filter(|span| span.began <= to) {
            let is_over = span.ended.is_some_and(|ended| ended <= to);
            let is_looked_at = self.looked_at.as_ref() == Some(&span.job.scope);
            let was_told = span.ended.is_some_and(|ended| ended <= self.told);
            n_looked_at += usize::from(is_looked_at);
            if was_told || (is_over && !(is_looked_at && n_looked_at <= SESSIONS_MAX)) {
                continue;
            }
            let until = match (is_over, is_newest) {
                (true, _) => Until::End,
                (false, true) => Until::SoFar,
                (false, false) => Until::Moment(moment),
            };
            // The newest life of a job comes first, and says how far it is wanted.
            wanted.entry(&span.job).or_insert(until);
        }
        let mut said = BTreeMap::new();
        for (job, until) in wanted {
            let spoken = self.transcripts.said(job, until, self.marks.get(job).copied());
            said.insert(job.clone(), spoken.into());
        }
        said
    }

    fn speak(&mut self, job: &Job, now: u64, spoken: Spoken, tell: &mut impl FnMut(Msg)) {
        if let Some(mark) = self.marks.get_mut(job) {
            *mark = spoken.mark;
        } else {
            self.marks.insert(job.clone(), spoken.mark);
        }
        let activities = match self.sub_agents.get(job) {
            Some(role) => spoken.activity.of_sub_agent(&job.file_stem(), role.name()),
            None => vec![spoken.activity],
        };
        for activity in activities {
            tell(Msg::Activity(spoken.at.unwrap_or(now), job.scope.clone(), activity));
        }
    }

    /// Tells what the sessions at work say now. Only where it stands at the newest event.
    pub fn listen(&mut self, now: u64, tell: &mut impl FnMut(Msg)) {
        let open = self.spans.iter().filter(|span| span.ended.is_none());
        for job in open.map(|span| span.job.clone()).collect::<Vec<_>>() {
            let said = self.transcripts.said(&job, Until::Now, self.marks.get(&job).copied());
            said.into_iter().for_each(|spoken| self.speak(&job, now, spoken, tell));
        }
    }
}

/// The picture, shared by all messages about it.
fn share(shared: &mut Option<Arc<RunView>>, view: Option<RunView>) -> Option<Arc<RunView>> {
    let view = view?;
    if shared.as_deref() != Some(&view) {
        *shared = Some(Arc::new(view));
    }
    shared.clone()
}
