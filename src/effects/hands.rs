//! The hands: every command of the scheduler becomes a task, and every task one closing answer.
//!
//! **Invariant:** a command gets exactly one closing answer that names its job, also when its task panics.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, watch};

use super::context::Context;
use super::fs::free_space;
use super::steps::{check, delegated, files, integrate, open, plan, prepare, session, validation};
use crate::domain::activity::Activity;
use crate::scheduler::command::Purpose;
use crate::scheduler::event::{Failure, Stop};
use crate::scheduler::{Command, Event, Job, Scope};

/// Carries out commands in tasks of the current runtime.
pub struct Hands {
    context: Arc<Context>,
    outbox: Outbox,
    running: Arc<Mutex<BTreeMap<Job, watch::Sender<Wish>>>>,
}

/// Where tasks send what they have to say.
#[derive(Clone)]
pub struct Outbox {
    /// Answers; never dropped.
    pub replies: mpsc::UnboundedSender<Event>,
    /// What agents are doing; dropped when nobody keeps up.
    pub activities: mpsc::Sender<(Scope, Activity)>,
}

/// What is wanted of a task.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wish {
    /// Its end.
    pub stop: Option<Stop>,
    /// That its processes stand still.
    pub pause: bool,
}

/// Tells a task what is wanted of it.
#[derive(Clone)]
pub struct Cancel(watch::Receiver<Wish>);

impl Cancel {
    /// A pair for a task: the sender says what is wanted.
    #[must_use]
    pub fn pair() -> (watch::Sender<Wish>, Self) {
        let (sender, receiver) = watch::channel(Wish::default());
        (sender, Self(receiver))
    }

    /// Whether, and how, the end is wanted now.
    #[must_use]
    pub fn wanted(&self) -> Option<Stop> {
        self.0.borrow().stop
    }

    /// Waits until something else is wanted than before.
    pub async fn changed(&mut self) -> Wish {
        if self.0.changed().await.is_err() {
            // Nobody can ask any more.
            std::future::pending::<()>().await;
        }
        *self.0.borrow_and_update()
    }

    /// Waits until the end is wanted, or wanted more urgently than before.
    pub async fn asked(&mut self) -> Stop {
        loop {
            if let Some(how) = self.changed().await.stop {
                return how;
            }
        }
    }
}

impl Hands {
    /// Hands for one life of a run.
    #[must_use]
    pub fn new(context: Arc<Context>, outbox: Outbox) -> Self {
        Self { context, outbox, running: Arc::default() }
    }

    /// Starts a command and returns at once.
    pub fn start(&self, command: Command) {
        if let Command::Cancel { job, how } = command {
            return self.cancel(&job, how);
        }
        if let Command::TellLead { job, call, told } = command {
            return self.context.delegations.tell(&job, call, told);
        }
        let job = command.job().clone();
        let (sender, cancel) = Cancel::pair();
        self.locked().insert(job.clone(), sender);
        let (context, outbox, running) = (self.context.clone(), self.outbox.clone(), self.running.clone());
        let folder = context.run_dir.path().to_owned();
        tokio::spawn(async move {
            let task = tokio::spawn(perform(context, command, cancel, outbox.clone()));
            let answer = task.await.unwrap_or_else(|panic| {
                tracing::error!("{job} panicked: {panic}");
                let what = format!("an internal error in \"{job}\": {panic}; please report it with .ralph-teams/logs/");
                Event::Failed { job: job.clone(), failure: Failure { what, environment: false } }
            });
            running.lock().unwrap_or_else(PoisonError::into_inner).remove(&job);
            for event in seen_on_a_full_disk(answer, &folder) {
                // The receiver is gone only when the loop has ended; nobody waits for the answer then.
                let _ = outbox.replies.send(event);
            }
        });
    }

    /// A job that is not running has answered already, so there is nothing to cancel.
    fn cancel(&self, job: &Job, how: Stop) {
        if let Some(sender) = self.locked().get(job) {
            sender.send_modify(|wish| wish.stop = Some(how));
        }
    }

    /// Lets the processes of all sessions stand still.
    pub fn suspend(&self) {
        self.locked().values().for_each(|sender| sender.send_modify(|wish| wish.pause = true));
    }

    /// Lets them go on.
    pub fn go_on(&self) {
        self.locked().values().for_each(|sender| sender.send_modify(|wish| wish.pause = false));
    }

    fn locked(&self) -> std::sync::MutexGuard<'_, BTreeMap<Job, watch::Sender<Wish>>> {
        // A map of senders cannot be left half changed by a panic.
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Below this many bytes of free disk a failure is put down to the disk, whatever it says of itself.
const NO_ROOM: u64 = 1024 * 1024;

/// A failure on a full disk is nobody's fault: the run stops so that it can be resumed, and the job was cut short.
fn seen_on_a_full_disk(answer: Event, folder: &Path) -> Vec<Event> {
    match answer {
        Event::Failed { job, .. } if free_space(folder).is_ok_and(|free| free < NO_ROOM) => {
            vec![Event::DiskFull, Event::Cut { job }]
        }
        answer => vec![answer],
    }
}

async fn perform(context: Arc<Context>, command: Command, cancel: Cancel, outbox: Outbox) -> Event {
    let job = command.job().clone();
    tracing::debug!("{job} starts");
    let answer = match command {
        Command::Open { job, start } => open::open(&context, &job, &start, cancel).await,
        Command::Prepare { job, start } => prepare::prepare(&context, &job, &start, cancel).await,
        Command::Session { job, ask } => match &ask.purpose {
            Purpose::Delegated(what) => delegated::host(&context, &job, &ask, what, cancel, &outbox).await,
            Purpose::Implement
            | Purpose::Fix
            | Purpose::Resolve { .. }
            | Purpose::Validate
            | Purpose::Plan
            | Purpose::Judge => session::host(&context, &job, &ask, cancel, &outbox).await,
        },
        Command::Check { job, ask } => check::check(&context, &job, &ask, cancel).await,
        Command::Candidate { job, tip, onto, stories } => {
            integrate::candidate(&context, &job, &tip, &onto, &stories).await
        }
        Command::Prove { job, commit } => integrate::prove(&context, &job, &commit, cancel).await,
        Command::Publish { job, commit, old } => integrate::publish(&context, &job, &commit, &old).await,
        Command::Update { job, onto } => integrate::update(&context, &job, &onto).await,
        Command::Retire { job } => integrate::retire(&context, &job).await,
        Command::Abandon { job } => integrate::abandon(&context, &job).await,
        Command::CheckPlan { job, stood } => plan::look(&context, &job, stood.as_ref()).await,
        Command::CheckValidation { job, session, judged } => {
            validation::read(&context, &job, &session, judged.as_ref()).await
        }
        Command::WritePrd { job, states, planned } => files::write_prd(&context, &job, &states, &planned).await,
        Command::WriteVerdict { job, verdict } => files::write_judgement(&context, &job, &verdict).await,
        // Handled before a task is made.
        Command::Cancel { job, .. } | Command::TellLead { job, .. } => Ok(Event::Cut { job }),
    };
    answer.unwrap_or_else(|failure| {
        tracing::warn!("{job}: {}", failure.what);
        Event::Failed { job, failure }
    })
}
