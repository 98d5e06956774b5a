//! The loop of the runner, with a world instead of hands: choose an event, write it down, decide, act; and the strikes
//! that disturb it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use fastrand::Rng;
use ralph_teams::domain::budget::Budget;
use ralph_teams::domain::outcome::RunEnd;
use ralph_teams::domain::policy::Policy;
use ralph_teams::scheduler::event::Stop;
use ralph_teams::scheduler::view::RunPhase;
use ralph_teams::scheduler::{Command, Event, Job, RunView, Scheduler, Task};
use serde::{Deserialize, Serialize};

use crate::generate::Setup;
use crate::hold;
use crate::invariants::Violation;
use crate::sight::{Final, check_end, check_view, check_wave};
use crate::steering::next_ask;
use crate::watch::Watch;
use crate::world::World;
use crate::{edits, garbage, spending};

/// More events than any run needs.
const MAX_EVENTS: usize = 20_000;
/// Lives after which a broken environment is taken for good.
const MAX_LIVES: u32 = 8;
/// Longest time from the first Ctrl-C to the end.
const STOP_MS: u64 = 11_000;

/// A disturbance at one event, counted over all lives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Strike {
    /// At which event.
    pub step: usize,
    /// What happens.
    pub kind: StrikeKind,
}

/// Kinds of disturbances.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StrikeKind {
    /// The runner dies before the event is in the journal.
    CrashBefore,
    /// The runner dies after the event is in the journal and some of its commands are handed over.
    CrashAfter {
        /// Decides how many commands and what comes of them.
        salt: u64,
    },
    /// A person presses Ctrl-C.
    Stop(Stop),
}

/// A run that broke an invariant.
#[derive(Debug)]
pub struct Failure {
    /// What was broken.
    pub violation: Violation,
    /// At which event.
    pub step: usize,
    /// The journal up to there.
    pub journal: Vec<(u64, Event)>,
}

/// A run that came to its end.
#[derive(Debug)]
pub struct Ended {
    /// How.
    pub found: Final,
    /// Events over all lives.
    pub n_steps: usize,
    /// The whole journal.
    pub journal: Vec<(u64, Event)>,
}

struct Driver {
    world: World,
    scheduler: Scheduler,
    watch: Watch,
    /// What the next life may consume.
    budget: Budget,
    now: u64,
    n_steps: usize,
    strikes: Vec<Strike>,
}

/// Plays a run to its end.
pub fn play(setup: &Arc<Setup>, strikes: &[Strike]) -> Result<Ended, Box<Failure>> {
    let mut driver = Driver {
        world: World::new(setup),
        scheduler: Scheduler::default(),
        watch: Watch::default(),
        budget: setup.begun.policy.budget,
        now: 0,
        n_steps: 0,
        strikes: strikes.to_vec(),
    };
    match driver.play() {
        Ok(found) => Ok(Ended { found, n_steps: driver.n_steps, journal: driver.world.journal }),
        Err(violation) => Err(Box::new(Failure { violation, step: driver.n_steps, journal: driver.world.journal })),
    }
}

/// The state that a journal stands for.
pub fn fold(journal: &[(u64, Event)]) -> Scheduler {
    let mut scheduler = Scheduler::default();
    for (at, event) in journal {
        scheduler.handle(*at, event);
    }
    scheduler
}

/// Whether a run ended because no more epics might be started.
fn is_at_its_number(end: &RunEnd) -> bool {
    matches!(end, RunEnd::Limit { reason } if reason.contains("were not started"))
}

impl Driver {
    fn play(&mut self) -> Result<Final, Violation> {
        garbage::probe_unbegun(&self.world)?;
        self.take(Event::Begun(Box::new(self.world.setup.begun.clone())))?;
        loop {
            hold!(self.n_steps < MAX_EVENTS, "8 a run ends", "it does not within {MAX_EVENTS} events");
            if let Some(end) = self.scheduler.ended().cloned() {
                let found = check_end(&self.world, &self.watch, &self.scheduler, &end)?;
                self.check_stop(&end)?;
                garbage::probe(&self.scheduler, self.now, &Event::Tick)?;
                hold!(fold(&self.world.journal) == self.scheduler, "1 state is the fold of the journal", "at the end");
                let is_spent = spending::check_end(&self.world, &self.watch, &self.scheduler, &end)?;
                let resumable = match end {
                    RunEnd::Interrupted => true,
                    RunEnd::Environment { .. } => self.world.life < MAX_LIVES,
                    RunEnd::Limit { .. } => is_spent || (is_at_its_number(&end) && self.watch.more_epics == 0),
                    RunEnd::Judged { .. } => false,
                };
                if !resumable {
                    return Ok(found);
                }
                if is_spent {
                    spending::raise(&mut self.budget);
                }
                self.resume(0, !is_spent)?;
            } else {
                let event = self.choose()?;
                self.take(event)?;
            }
        }
    }

    fn check_stop(&self, end: &RunEnd) -> Result<(), Violation> {
        if let Some(stopped_at) = self.watch.stopped_at {
            let took = self.now - stopped_at;
            hold!(took <= STOP_MS, "6 a stop ends within its bound", "it took {took} ms");
        } else {
            hold!(*end != RunEnd::Interrupted, "6 only a person interrupts", "nobody asked for a stop");
        }
        Ok(())
    }

    fn choose(&mut self) -> Result<Event, Violation> {
        let here = |strike: &Strike| strike.step == self.n_steps;
        if let Some(StrikeKind::Stop(how)) = self.strikes.iter().find(|strike| here(strike)).map(|strike| strike.kind) {
            return Ok(Event::StopAsked { how });
        }
        let stopping = self.watch.stopped_at.is_some();
        let view = self.scheduler.view().expect("a run that has begun");
        if let Some(ask) = next_ask(&self.world, &self.watch, &view, self.n_steps) {
            return Ok(ask);
        }
        let due = self.world.next_due();
        // The disk fills up and is tidied up at random, always before the run gives up.
        let number = self.world.fates.number(("disk", self.n_steps));
        if self.world.disk_low && (due.is_none() || number.is_multiple_of(8)) {
            return Ok(Event::DiskOk);
        }
        if !self.world.disk_low && due.is_some() && number.is_multiple_of(64) {
            return Ok(Event::DiskLow { free_mib: 1 });
        }
        if let Some(paused) = self.pauses(&view, due.is_none()) {
            return Ok(Event::PauseAsked { paused });
        }
        match (due, self.scheduler.next_deadline()) {
            (_, Some(deadline)) if due.is_none_or(|due| deadline <= due) => {
                self.now = self.now.max(deadline);
                Ok(Event::Tick)
            }
            (Some(due), _) => {
                self.now = self.now.max(due);
                Ok(self.world.next_event().expect("an event that is due"))
            }
            (None, _) => Err(Violation {
                invariant: "13 nothing waits for ever",
                what: format!("nothing is in flight, no deadline is set, and the run goes on (stopping: {stopping})"),
            }),
        }
    }

    /// Whether a person pauses the run now, or lets it go on: at any moment, and in any case before nothing else happens.
    fn pauses(&self, view: &RunView, nothing_is_due: bool) -> Option<bool> {
        let number = self.world.fates.number(("pause", self.n_steps));
        let (is_over, paused) = (matches!(view.phase, RunPhase::Stopping | RunPhase::Ended(_)), self.watch.paused);
        let changes = if paused { nothing_is_due || number.is_multiple_of(8) } else { number.is_multiple_of(96) };
        (changes && !is_over).then_some(!paused)
    }

    /// One turn of the loop.
    fn take(&mut self, event: Event) -> Result<(), Violation> {
        let strike = self.strikes.iter().find(|strike| strike.step == self.n_steps).map(|strike| strike.kind);
        self.n_steps += 1;
        if strike == Some(StrikeKind::CrashBefore) && !matches!(event, Event::Begun(_)) {
            return self.resume(self.n_steps as u64, true);
        }
        if let Event::LoopMoved { job, tip } = &event {
            hold!(
                self.world.overtaken,
                "9 published from where it stands",
                "{job} found {tip:?}, nobody else was there"
            );
        }
        self.world.write(self.now, &event);
        self.watch.note_event(&self.world, self.now, &event);
        let commands = self.handle(&event)?;
        if event == Event::Tick {
            let deadline = self.scheduler.next_deadline();
            let later = deadline.is_none_or(|deadline| deadline > self.now);
            hold!(later, "6 no busy loop", "after a tick at {} the next deadline is {deadline:?}", self.now);
        }
        if let Some(StrikeKind::CrashAfter { salt }) = strike {
            let n_handed_over = salt as usize % (commands.len() + 1);
            commands.iter().take(n_handed_over).for_each(|command| self.world.start(self.now, command));
            return self.resume(salt, true);
        }
        commands.iter().for_each(|command| self.world.start(self.now, command));
        let n_in_flight = self.world.n_in_flight();
        hold!(n_in_flight == self.watch.in_flight.len(), "5 answers", "the world and the watch disagree");
        self.disturb_with_garbage()
    }

    fn handle(&mut self, event: &Event) -> Result<Vec<Command>, Violation> {
        let scheduler = &mut self.scheduler;
        let now = self.now;
        let output = catch_unwind(AssertUnwindSafe(|| scheduler.handle(now, event)));
        let output = output.map_err(|_| Violation { invariant: "2 never panics", what: format!("{event:?}") })?;
        let view = self.scheduler.view();
        let Some(view) = view else {
            return Err(Violation { invariant: "13 a run has a view", what: format!("after {event:?}") });
        };
        let stopping = matches!(view.phase, RunPhase::Stopping | RunPhase::Ended(_));
        // Work that was begun goes on, even if an edit put an epic into a wave before it.
        let edited = self.world.plan != self.world.setup.begun.plan;
        let goes_on = |job: &Job| edited && job.scope.epic().is_some_and(|epic| self.watch.begun.contains_key(epic));
        let prepares = output.commands.iter().map(Command::job).filter(|job| job.task == Task::Prepare);
        let starts: Vec<&Job> = prepares.filter(|job| !goes_on(job)).collect();
        self.watch.note_judgements(&output.notices);
        self.watch.check_commands(&self.world, self.now, stopping, &output.commands)?;
        self.watch.note_notices(self.now, &output.notices);
        self.watch.check_plan(&self.world, self.scheduler.plan())?;
        check_view(&self.world, &self.watch, &view)?;
        self.watch.spending.check_view(&view)?;
        starts.into_iter().try_for_each(|job| check_wave(&self.world, &self.watch, &view, job))?;
        if !stopping {
            self.watch.steered.check_view(&self.watch.in_flight, &view)?;
        }
        Ok(output.commands)
    }

    fn disturb_with_garbage(&mut self) -> Result<(), Violation> {
        let mut rng = Rng::with_seed(self.world.fates.number(("garbage", self.n_steps)));
        if rng.u32(..4) > 0 {
            return Ok(());
        }
        let before_due = self.scheduler.next_deadline().map_or(self.now + 1, |deadline| deadline.saturating_sub(1));
        if before_due >= self.now {
            garbage::probe(&self.scheduler, before_due, &Event::Tick)?;
        }
        if let Some(event) = garbage::garbage(&mut rng, &self.world, &self.watch) {
            garbage::probe(&self.scheduler, self.now + 1, &event)?;
            // Such an event is written down like any other.
            self.world.journal.push((self.now, event.clone()));
            self.scheduler.handle(self.now, &event);
        }
        Ok(())
    }

    /// A new process takes over. `edits`: meanwhile somebody may have edited the plan.
    fn resume(&mut self, salt: u64, edits: bool) -> Result<(), Violation> {
        let fates = self.world.fates;
        self.watch.more_epics += usize::from(self.scheduler.ended().is_some_and(is_at_its_number));
        self.world.crash(|job| fates.number((salt, job)).is_multiple_of(3));
        self.world.life += 1;
        self.now = self.world.journal.last().map_or(0, |(at, _)| *at);
        let folded = fold(&self.world.journal);
        hold!(folded == self.scheduler, "1 state is the fold of the journal", "after a crash");
        self.scheduler = folded;
        if edits {
            edits::edit(&mut self.world, &self.watch, &mut self.scheduler, self.now)?;
        }
        let mut policy = Policy { budget: self.budget, ..self.world.setup.begun.policy.clone() };
        if salt % 3 == 1 {
            policy.slots = fates.between(("slots", salt), 1, 5) as u32;
        }
        self.take(Event::Resumed { policy: Box::new(policy) })
    }
}
