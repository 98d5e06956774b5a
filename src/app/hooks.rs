//! The user's commands at turning points: a sink that hears that an epic has ended, and the last wait of a run.
//!
//! **Invariant:** nobody waits for a command but the exit of the program, and that one within the commands' limit; what
//! they do changes neither an outcome nor the exit code.

use std::collections::BTreeMap;
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc::UnboundedSender;
use tokio::task::JoinSet;

use super::launch::Site;
use super::refusal::Refusal;
use super::team::this_program;
use crate::config::settings;
use crate::domain::activity::Activity;
use crate::domain::id::{EpicId, RunId, Slug};
use crate::domain::outcome::{Outcome, RunEnd};
use crate::driver::DriveError;
use crate::effects::hook::{Hook, Place};
use crate::effects::host::spec::RUN_VARIABLE;
use crate::effects::paths::RunDir;
use crate::scheduler::event::Stop;
use crate::scheduler::{Notice, RunView, Scope};
use crate::ui::Sink;

/// The hooks of one life of a run. Clones are the same.
#[derive(Clone)]
pub struct Hooks(Arc<Shared>);

struct Shared {
    commands: settings::Hooks,
    place: Place,
    run: RunId,
    run_dir: RunDir,
    /// The environment of this process.
    env: BTreeMap<String, String>,
    /// Where failures are told.
    troubles: UnboundedSender<Notice>,
    /// What runs.
    tasks: Mutex<JoinSet<()>>,
    /// Whether a person wants the program to end at once.
    at_once: AtomicBool,
}

impl Hooks {
    /// What is configured. Failures go to `troubles`.
    ///
    /// # Errors
    /// It is not known where this program is.
    pub fn of(site: &Site, troubles: UnboundedSender<Notice>) -> Result<Self, Refusal> {
        let run_dir = site.repository.state.run(&site.run);
        let place = Place {
            cwd: site.repository.checkout.clone(),
            folder: run_dir.hooks(),
            host_program: this_program()?,
            timeout_ms: site.settings.hooks.timeout_ms,
        };
        Ok(Self(Arc::new(Shared {
            commands: site.settings.hooks.clone(),
            place,
            run: site.run.clone(),
            run_dir,
            env: site.env.clone(),
            troubles,
            tasks: Mutex::default(),
            at_once: AtomicBool::new(false),
        })))
    }

    /// Starts the command for the end of the run, and waits for it and for those of epics that are still at work: each of
    /// them for no longer than its limit, and none of them once `leave` is there.
    pub async fn finish(&self, ended: &Result<RunEnd, DriveError>, leave: impl Future<Output = ()>) {
        if self.0.at_once.load(Ordering::Relaxed) {
            return;
        }
        if let Some(command) = &self.0.commands.run_end {
            let verdict = self.0.run_dir.verdict();
            let mut more = vec![("RALPH_OUTCOME", outcome_of_run(ended).to_owned())];
            if verdict.exists() {
                more.push(("RALPH_VERDICT", verdict.to_string_lossy().into_owned()));
            }
            self.start("hooks.runEnd", command, "run-end".to_owned(), Scope::Run, more);
        }
        let mut tasks = std::mem::take(&mut *self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        tokio::select! {
            biased;
            () = leave => {}
            () = async { while tasks.join_next().await.is_some() {} } => {}
        }
    }

    /// Starts the command for the end of an epic.
    fn epic_ended(&self, epic: &EpicId, outcome: &Outcome) {
        let (Some(command), Some(outcome)) = (&self.0.commands.epic_end, outcome_of_epic(outcome)) else { return };
        let more = vec![("RALPH_EPIC_ID", epic.to_string()), ("RALPH_OUTCOME", outcome.to_owned())];
        self.start("hooks.epicEnd", command, epic_end(epic), Scope::Epic(epic.clone()), more);
    }

    /// What ended in a life that did not get to tell it.
    fn make_up_for(&self, view: &RunView) {
        for track in &view.epics {
            if let (Some(epic), Some(outcome)) = (track.scope.epic(), track.state.outcome())
                && !self.0.place.has_run(&epic_end(epic))
            {
                self.epic_ended(epic, outcome);
            }
        }
    }

    fn start(&self, key: &'static str, command: &str, name: String, scope: Scope, more: Vec<(&str, String)>) {
        let hook = Hook {
            key,
            command: command.to_owned(),
            name,
            env: self.environment(more).into_iter().map(|(name, value)| (name.into(), value.into())).collect(),
        };
        let shared = Arc::clone(&self.0);
        let task = async move {
            if let Err(fault) = shared.place.run(&hook).await {
                tracing::warn!("{fault}");
                // Nobody listens any more only when the program is leaving at once.
                let _ = shared.troubles.send(Notice::Trouble { scope, what: fault.to_string() });
            }
        };
        self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner).spawn(task);
    }

    fn environment(&self, more: Vec<(&str, String)>) -> BTreeMap<String, String> {
        let mut env = self.0.env.clone();
        // A run may itself be started by a hook or a session of another one.
        env.retain(|name, _| !name.starts_with("RALPH_"));
        env.insert(RUN_VARIABLE.to_owned(), self.0.run.to_string());
        env.insert("RALPH_RUN_DIR".to_owned(), self.0.run_dir.path().to_string_lossy().into_owned());
        env.insert("RALPH_LOOP_BRANCH".to_owned(), self.0.run.loop_branch());
        env.extend(more.into_iter().map(|(name, value)| (name.to_owned(), value)));
        env
    }
}

impl Sink for Hooks {
    fn notice(&mut self, _at_ms: u64, notice: &Notice, view: &RunView) -> io::Result<()> {
        if let Notice::EpicEnded { epic, outcome, .. } = notice {
            self.epic_ended(epic, outcome);
        } else if let Notice::RunResumed { .. } = notice {
            self.make_up_for(view);
        } else if let Notice::Stopping { how: Stop::Now, .. } = notice {
            self.0.at_once.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    fn activity(&mut self, _at_ms: u64, _scope: &Scope, _activity: &Activity) -> io::Result<()> {
        Ok(())
    }

    fn refresh(&mut self, _view: &RunView) -> io::Result<()> {
        Ok(())
    }

    fn close(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn epic_end(epic: &EpicId) -> String {
    format!("epic-end-{}", Slug::of(epic.as_str()))
}

/// `None`: this run did nothing for it, so nothing has ended.
fn outcome_of_epic(outcome: &Outcome) -> Option<&'static str> {
    match outcome {
        Outcome::AlreadyCompleted | Outcome::LeftOut => None,
        Outcome::Merged { .. } => Some("merged"),
        Outcome::Partial { .. } => Some("partial"),
        Outcome::Failed { .. } => Some("failed"),
        Outcome::MergeFailed { .. } => Some("merge-failed"),
        Outcome::Blocked { .. } => Some("blocked"),
        Outcome::Interrupted => Some("interrupted"),
    }
}

fn outcome_of_run(ended: &Result<RunEnd, DriveError>) -> &'static str {
    match ended {
        Ok(RunEnd::Judged { pass: true }) => "pass",
        Ok(RunEnd::Judged { pass: false }) => "fail",
        Ok(RunEnd::Limit { .. }) | Err(DriveError::Full(_)) => "limit",
        Ok(RunEnd::Interrupted) => "interrupted",
        Ok(RunEnd::Environment { .. }) | Err(DriveError::Journal(_) | DriveError::HandsGone) => "environment",
    }
}
