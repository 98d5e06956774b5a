//! Listening to one session: its output becomes signs of life, activities and the name of its conversation, and its end
//! becomes one event.
//!
//! **Invariant:** a session that was cancelled is never called finished, whatever its exit code or its last words say:
//! several agent programs print success when they are told to stop.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::brief;
use super::repeats::{Repeats, Stage};
use crate::domain::activity::Activity;
use crate::domain::id::SessionId;
use crate::domain::usage::Usage;
use crate::effects::backend::{Conclusion, Ended, Reader};
use crate::effects::context::Context;
use crate::effects::follow::Follow;
use crate::effects::fs::{FsError, read_tail};
use crate::effects::hands::Outbox;
use crate::effects::heard::read_line;
use crate::effects::host::spec::{EndedBy, HostExit};
use crate::effects::times::TimesWriter;
use crate::scheduler::command::{Purpose, SessionAsk};
use crate::scheduler::event::{Failure, FailureKind, SessionEnd, SessionFailure, Sign};
use crate::scheduler::{Event, Job};

/// How long a program may go on in silence after its last word, for clearing up after itself.
pub const LAST_WORD_PATIENCE: Duration = Duration::from_secs(30);

/// How much of a session's error output is looked at for the reason of a failure.
const STDERR_TAIL: u64 = 8 * 1024;

/// What is told of a session that the runner itself ended.
const STOPPED: &str = "it was stopped by the runner";

/// Some programs say their last word and never exit: that word and some silence are the end then. One that goes round
/// in circles is never silent, and has nothing to wait for.
pub(super) struct LastWord {
    /// How much silence is still to be waited for; `None`: it was not said yet, or was acted on.
    left: Option<Duration>,
}

impl LastWord {
    pub(super) fn of(ear: &Ear<'_>) -> Self {
        if ear.nudged {
            return Self { left: None };
        }
        if ear.reader.runs_away() {
            return Self { left: Some(Duration::ZERO) };
        }
        let said = ear.reader.finished();
        Self { left: said.then(|| LAST_WORD_PATIENCE.saturating_sub(ear.follow.quiet_since().elapsed())) }
    }

    pub(super) async fn wait(&self) {
        match self.left {
            Some(left) => tokio::time::sleep(left).await,
            None => std::future::pending().await,
        }
    }
}

/// Says what a session does, each thing as soon as it is heard: a flood of lines is never gathered in memory.
pub(super) struct Mouth<'a> {
    job: &'a Job,
    outbox: &'a Outbox,
    session: Option<SessionId>,
    repeats: Repeats,
    /// Whether a tool was called or answered since the last sign of life.
    tool: bool,
    /// Who works for a lead is shown as its sub-agent: by this id and name.
    sub_agent: Option<(String, &'static str)>,
}

/// As what a session is shown that works for a lead.
fn sub_agent(job: &Job, ask: &SessionAsk) -> Option<(String, &'static str)> {
    matches!(ask.purpose, Purpose::Delegated(_)).then(|| (job.file_stem(), ask.role.name()))
}

impl Mouth<'_> {
    pub(super) fn pass_on(&mut self, activities: Vec<Activity>) {
        for activity in activities {
            self.repeats.hear(&activity);
            self.tool |= matches!(activity, Activity::ToolStarted { .. } | Activity::ToolEnded { .. });
            if let Activity::Identified(session) = &activity
                && self.session.as_ref() != Some(session)
            {
                self.session = Some(session.clone());
                let event = Event::SessionIdentified { job: self.job.clone(), session: session.clone() };
                // Gone only when the loop has ended.
                let _ = self.outbox.replies.send(event);
            }
            let shown = match &self.sub_agent {
                Some((id, name)) => activity.of_sub_agent(id, name),
                None => vec![activity],
            };
            for activity in shown {
                // Full: whoever looks does not keep up, and the log holds everything anyway.
                let _ = self.outbox.activities.try_send((self.job.scope.clone(), activity));
            }
        }
    }
}

/// Listens to one session.
pub(super) struct Ear<'a> {
    context: &'a Context,
    job: &'a Job,
    log: PathBuf,
    follow: Follow,
    times: TimesWriter,
    reader: Box<dyn Reader>,
    mouth: Mouth<'a>,
    /// The model that was asked for.
    model: Option<String>,
    /// What was consumed before this life of the program.
    earlier: Usage,
    /// Running time at which `Active` was last said.
    said_active: u64,
    /// Whether we ended a program that had said its last word and did not exit.
    pub(super) nudged: bool,
}

impl<'a> Ear<'a> {
    pub(super) fn new(
        context: &'a Context,
        job: &'a Job,
        ask: &SessionAsk,
        outbox: &'a Outbox,
    ) -> Result<Self, Failure> {
        Ok(Self {
            context,
            job,
            log: context.run_dir.log(job),
            follow: Follow::new(&context.run_dir.log(job)),
            times: TimesWriter::going_on(&context.run_dir.times(job)),
            reader: brief::reader(context, job, ask)?,
            model: brief::seat(context, ask)?.model.clone(),
            earlier: Usage::default(),
            // The name of a conversation that is gone on with is said again: it may have come from a log.
            mouth: Mouth {
                job,
                outbox,
                session: None,
                repeats: Repeats::new(context.stagnation_turns),
                tool: false,
                sub_agent: sub_agent(job, ask),
            },
            said_active: context.clock.running_ms(),
            nudged: false,
        })
    }

    /// Waits for more output and takes it in. May be dropped while it waits.
    pub(super) async fn listen(&mut self) -> Result<(), Failure> {
        let Self { follow, reader, mouth, log, .. } = self;
        let heard = follow.more(&mut |line| mouth.pass_on(read_line(reader.as_mut(), log, line))).await;
        heard.map_err(FsError::of("read", log))?;
        self.times.grew(self.context.clock.running_ms(), self.follow.n_bytes());
        let sign = if std::mem::take(&mut self.mouth.tool) { Sign::Tool } else { Sign::Output };
        self.say_active(sign);
        Ok(())
    }

    pub(super) async fn listen_to_the_end(&mut self) -> Result<(), Failure> {
        let Self { follow, reader, mouth, log, .. } = self;
        let heard = follow.finish(&mut |line| mouth.pass_on(read_line(reader.as_mut(), log, line))).await;
        heard.map_err(FsError::of("read", log))?;
        self.times.ended(self.context.clock.running_ms(), self.follow.n_bytes());
        Ok(())
    }

    /// A sign of life for the journal, at most once per eighth of the idle limit.
    pub(super) fn say_active(&mut self, sign: Sign) {
        let Some(limit) = self.context.idle_timeout_ms else { return };
        let now = self.context.clock.running_ms();
        if now.saturating_sub(self.said_active) >= limit / 8 {
            self.said_active = now;
            let _ = self.mouth.outbox.replies.send(Event::Active { job: self.job.clone(), sign });
        }
    }

    /// How far the session repeats itself.
    pub(super) fn repetition(&self) -> Stage {
        self.mouth.repeats.stage()
    }

    /// Says that the session repeats itself and nothing comes of it.
    pub(super) fn say_stagnant(&self) {
        let event = Event::Stagnant { job: self.job.clone(), turns: self.context.stagnation_turns };
        let _ = self.mouth.outbox.replies.send(event);
    }

    /// Begins to count repetitions anew.
    pub(super) fn count_anew(&mut self) {
        self.mouth.repeats.forget();
    }

    pub(super) fn conclude(&mut self, exit: &HostExit) -> Conclusion {
        // One that we ended after its last word ended as it should, however it took the signal.
        let (code, signal) = if self.ended_by_nudge(exit) { (Some(0), None) } else { (exit.code, exit.signal) };
        self.reader.conclude(&Ended {
            code,
            signal,
            failed_to_start: exit.failed_to_start.clone(),
            at: Some(self.context.clock.now()),
            stderr_tail: error_tail(&self.context.run_dir.error_log(self.job)),
        })
    }

    fn ended_by_nudge(&self, exit: &HostExit) -> bool {
        self.nudged && exit.ended_by == EndedBy::Stopped
    }

    pub(super) fn ended(&mut self, exit: &HostExit) -> Event {
        let conclusion = self.conclude(exit);
        self.event(exit, conclusion)
    }

    /// Fills in the money where only tokens were told and the price of the model is known: of the one that worked, or, when
    /// the output names none, of the one that was asked for.
    fn priced(&self, usage: Usage, model: Option<&str>) -> Usage {
        self.context.prices.fill(usage, model.or(self.model.as_deref()))
    }

    /// Counts what an earlier life of this very job consumed, of which nothing was said in any event.
    pub(super) fn count_earlier(&mut self, conclusion: &Conclusion) {
        self.earlier = self.earlier.plus(self.priced(conclusion.usage, conclusion.model.as_deref()));
    }

    /// The answer when the end was wanted before this life of the program began.
    pub(super) fn never_started(&self) -> Event {
        if self.earlier.is_nothing() {
            return Event::Cut { job: self.job.clone() };
        }
        let end = SessionEnd { failure: None, cut: true, usage: self.earlier, said: None };
        Event::SessionEnded { job: self.job.clone(), end }
    }

    pub(super) fn event(&self, exit: &HostExit, conclusion: Conclusion) -> Event {
        let cut = matches!(exit.ended_by, EndedBy::Stopped | EndedBy::Killed) && !self.ended_by_nudge(exit);
        let lost = exit.ended_by == EndedBy::HostLost;
        let detail = "the process that watched over the session was killed (perhaps for want of memory)".to_owned();
        let failure = match conclusion.failure {
            _ if lost => Some(SessionFailure::new(FailureKind::Crashed, detail)),
            // What a program says of its end when it is stopped is beside the point, and hard to read.
            Some(_) if cut => Some(SessionFailure::new(FailureKind::Crashed, STOPPED)),
            failure => failure,
        };
        let usage = self.priced(conclusion.usage, conclusion.model.as_deref()).plus(self.earlier);
        let end = SessionEnd { failure, cut, usage, said: conclusion.said };
        Event::SessionEnded { job: self.job.clone(), end }
    }
}

/// The end of a session's error output as text; empty when there is none.
#[must_use]
pub fn error_tail(path: &Path) -> String {
    String::from_utf8_lossy(&read_tail(path, STDERR_TAIL).unwrap_or_default()).into_owned()
}
