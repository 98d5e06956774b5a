//! The loop: the only place where scheduler, journal, effects and sinks meet.
//!
//! **Invariant:** in this order and no other: take one input, write it to the journal, handle it, tell the sinks, start
//! the commands. So the state that lives here is at every moment the fold of what is on the disk.

use std::io;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::clock::{self, Clock};
use crate::domain::activity::Activity;
use crate::domain::outcome::RunEnd;
use crate::scheduler::event::Stop;
use crate::scheduler::{Command, Event, Notice, Scheduler, Scope};
use crate::signals::{self, Signal, Signals};
use crate::ui::Sinks;
use crate::ui::tui::Ask;

/// Where events are written before anything else happens to them.
pub trait Ledger {
    /// Writes one event and returns when it is safe on the disk.
    ///
    /// # Errors
    /// It is not safe; the event must not be handled.
    fn append(&mut self, at: u64, event: &Event) -> io::Result<()>;

    /// Makes some room on a full disk, if any was kept for that; whether it was.
    fn release_reserve(&mut self) -> bool {
        false
    }
}

/// The hands.
pub trait Effects {
    /// Starts a command and returns at once. Its answers come through [`Inputs`].
    fn start(&mut self, command: Command);

    /// Lets the processes of all sessions stand still, because this process is about to.
    fn suspend(&mut self);

    /// Lets them go on.
    fn go_on(&mut self);
}

/// Everything that can come in, beside signals and time.
pub struct Inputs {
    /// Answers of the hands. Unbounded, because there are never more than a few per job.
    pub replies: mpsc::UnboundedReceiver<Event>,
    /// What agents are doing; bounded, and dropped when nobody keeps up.
    pub activities: mpsc::Receiver<(Scope, Activity)>,
    /// What the person asks for on the screen. Unbounded, because nobody types faster than this is read.
    pub asks: mpsc::UnboundedReceiver<Ask>,
    /// What people should hear of what goes on beside the run. It is no part of its state, so it is not journalled.
    pub asides: mpsc::UnboundedReceiver<Notice>,
}

/// Why the loop cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum DriveError {
    /// The journal cannot be written. What is in it is whole, and the run can be resumed from it.
    #[error("the journal cannot be written ({0}); free the disk or mend it, then resume the run")]
    Journal(#[source] io::Error),
    /// The disk is full, the reserve is used up, and the journal cannot be written. It can be resumed like the one above.
    #[error("the disk is full and the journal cannot be written ({0}); make room, then resume the run")]
    Full(#[source] io::Error),
    /// All hands are gone; a programming error.
    #[error("nothing answers any more")]
    HandsGone,
}

/// After a stop was asked for, this long before it becomes a kill: the ladder of signals (10 s) and a margin. Together
/// with the last words less than the 11 s that are promised.
const GRACE: Duration = Duration::from_millis(10_300);
/// After a kill was asked for, this long before the loop ends without the last answers. Hosts kill their trees by
/// themselves once the runner is gone.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// How often screens get a fresh picture while nothing happens.
const REFRESH: Duration = Duration::from_secs(1);

/// This moment, on the clock that the timers of the loop use.
fn this_moment() -> Instant {
    Instant::from_std(clock::now())
}

/// Whether there is no more room.
fn is_full(fault: &io::Error) -> bool {
    matches!(fault.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// What the loop works with.
pub struct Driver<'a, L: Ledger, E: Effects> {
    /// The state.
    pub scheduler: &'a mut Scheduler,
    /// Where events are written.
    pub ledger: &'a mut L,
    /// The hands.
    pub effects: &'a mut E,
    /// The screens and logs.
    pub sinks: &'a mut Sinks,
    /// Running time since the run began.
    pub clock: &'a Clock,
}

enum Input {
    Signal(Signal),
    Reply(Event),
    Due,
    Urgent,
    Refresh,
    Activity(Scope, Activity),
    Aside(Notice),
    Ask(Ask),
}

/// How far a stop has come, in wall time: when to become more urgent.
enum Urgency {
    None,
    Asked(Instant),
    Killing(Instant),
}

impl<L: Ledger, E: Effects> Driver<'_, L, E> {
    /// Runs until the run is over. `first` is `Begun`, or `Resumed` after the journal was folded. What comes in after that
    /// is left where it is.
    ///
    /// # Errors
    /// [`DriveError`]; what the journal holds is whole in any case.
    pub async fn drive(
        &mut self,
        first: Event,
        inputs: &mut Inputs,
        signals: &mut Signals,
    ) -> Result<RunEnd, DriveError> {
        let mut urgency = Urgency::None;
        let mut away = false;
        self.take(&first)?;
        loop {
            if let Some(end) = self.scheduler.ended() {
                return Ok(end.clone());
            }
            match self.next(inputs, signals, &urgency).await? {
                Input::Reply(event) => self.take(&event)?,
                Input::Due => self.take(&Event::Tick)?,
                Input::Activity(scope, activity) => self.sinks.activity(self.clock.running_ms(), &scope, &activity),
                Input::Aside(notice) => self.aside(&notice),
                Input::Refresh => self.refresh(),
                // Another program has the terminal. Its keys go to its own process group, but not in the moment before it is
                // there, nor while the person is asked for enter behind it: what they send then is not for the run either.
                Input::Signal(Signal::Interrupt | Signal::Suspend) if away => {}
                Input::Signal(signal) => self.signalled(signal, &mut urgency)?,
                Input::Ask(Ask::Away(is_away)) => {
                    if !is_away {
                        signals.forget_keys().await;
                    }
                    away = is_away;
                }
                Input::Ask(ask) => self.asked(&ask, &mut urgency)?,
                Input::Urgent => match urgency {
                    Urgency::Killing(_) => return Ok(RunEnd::Interrupted),
                    Urgency::Asked(_) | Urgency::None => self.kill(&mut urgency)?,
                },
            }
        }
    }

    /// The next input. Asks and signals first, and asks before signals: who has the terminal is told before its keys can
    /// send any. Answers before deadlines, so that a session which spoke while this process was asleep is heard before its
    /// silence is counted.
    async fn next(&self, inputs: &mut Inputs, signals: &mut Signals, urgency: &Urgency) -> Result<Input, DriveError> {
        let due =
            self.scheduler.next_deadline().map(|at| Duration::from_millis(at.saturating_sub(self.clock.running_ms())));
        let urgent = match urgency {
            Urgency::None => None,
            Urgency::Asked(at) => Some(*at + GRACE),
            Urgency::Killing(at) => Some(*at + LAST_WORDS),
        };
        let input = tokio::select! {
            biased;
            Some(ask) = inputs.asks.recv() => Input::Ask(ask),
            signal = signals.next() => Input::Signal(signal),
            reply = inputs.replies.recv() => Input::Reply(reply.ok_or(DriveError::HandsGone)?),
            () = tokio::time::sleep_until(urgent.unwrap_or_else(this_moment)), if urgent.is_some() => Input::Urgent,
            () = tokio::time::sleep(due.unwrap_or_default()), if due.is_some() => Input::Due,
            Some(notice) = inputs.asides.recv() => Input::Aside(notice),
            Some((scope, activity)) = inputs.activities.recv() => Input::Activity(scope, activity),
            () = tokio::time::sleep(REFRESH) => Input::Refresh,
        };
        Ok(input)
    }

    /// One event: journal, state, screens, hands. On a full disk the reserve takes this event and the few that come while
    /// the run stops.
    fn take(&mut self, event: &Event) -> Result<(), DriveError> {
        let at = self.clock.running_ms();
        let fault = match self.ledger.append(at, event) {
            Ok(()) => {
                self.handle(at, event);
                return Ok(());
            }
            Err(fault) if is_full(&fault) => fault,
            Err(fault) => return Err(DriveError::Journal(fault)),
        };
        if !self.ledger.release_reserve() {
            return Err(DriveError::Full(fault));
        }
        for event in [event, &Event::DiskFull] {
            self.ledger.append(at, event).map_err(DriveError::Full)?;
            self.handle(at, event);
        }
        Ok(())
    }

    fn handle(&mut self, at: u64, event: &Event) {
        let output = self.scheduler.handle(at, event);
        if !output.notices.is_empty()
            && let Some(view) = self.scheduler.view()
        {
            for notice in &output.notices {
                self.sinks.notice(at, notice, &view);
            }
            self.sinks.refresh(&view);
        }
        for command in output.commands {
            self.effects.start(command);
        }
    }

    fn aside(&mut self, notice: &Notice) {
        if let Some(view) = self.scheduler.view() {
            self.sinks.notice(self.clock.running_ms(), notice, &view);
        }
    }

    fn refresh(&mut self) {
        if let Some(view) = self.scheduler.view() {
            self.sinks.refresh(&view);
        }
    }

    fn signalled(&mut self, signal: Signal, urgency: &mut Urgency) -> Result<(), DriveError> {
        match (signal, &urgency) {
            (Signal::Interrupt | Signal::Terminate, Urgency::None) => {
                *urgency = Urgency::Asked(this_moment());
                self.take(&Event::StopAsked { how: Stop::Graceful })
            }
            (Signal::Interrupt | Signal::Terminate, Urgency::Asked(_)) => self.kill(urgency),
            (Signal::Interrupt | Signal::Terminate, Urgency::Killing(_)) => Ok(()),
            // The terminal is gone: its sink will notice by itself, and the run goes on without it.
            (Signal::HangUp, _) => Ok(()),
            (Signal::Suspend, _) => {
                self.suspend();
                Ok(())
            }
        }
    }

    /// What the person asks for on the screen: the same as the signal, or an event of its own.
    fn asked(&mut self, ask: &Ask, urgency: &mut Urgency) -> Result<(), DriveError> {
        match ask {
            Ask::Interrupt => self.signalled(Signal::Interrupt, urgency),
            Ask::Stop if matches!(urgency, Urgency::None) => self.signalled(Signal::Interrupt, urgency),
            Ask::StopNow if !matches!(urgency, Urgency::Killing(_)) => self.kill(urgency),
            Ask::Suspend => {
                self.suspend();
                Ok(())
            }
            Ask::Pause(paused) => self.take(&Event::PauseAsked { paused: *paused }),
            Ask::RetryNow(epic) => self.take(&Event::RetryAsked { epic: epic.clone() }),
            Ask::StopEpic(epic) => self.take(&Event::StopEpicAsked { epic: epic.clone() }),
            Ask::Reset(epic) => self.take(&Event::ResetAsked { epic: epic.clone() }),
            // The screen does these by itself, or they were asked for before.
            Ask::Stop
            | Ask::StopNow
            | Ask::Away(_)
            | Ask::Leave
            | Ask::Open(_)
            | Ask::Copy(_)
            | Ask::Seek(_)
            | Ask::Look(_) => Ok(()),
        }
    }

    /// Ctrl-Z: sessions and clock stand still with us, so that no limit passes meanwhile.
    fn suspend(&mut self) {
        self.effects.suspend();
        self.clock.pause();
        self.sinks.step_back();
        signals::stop_this_process();
        self.sinks.come_back();
        self.clock.go_on();
        self.effects.go_on();
    }

    fn kill(&mut self, urgency: &mut Urgency) -> Result<(), DriveError> {
        *urgency = Urgency::Killing(this_moment());
        self.take(&Event::StopAsked { how: Stop::Now })
    }
}
