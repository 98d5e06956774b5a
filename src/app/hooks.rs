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
            let name = "run-end".to_owned();
            self.start("hooks.runEnd", command, (name.clone(), name), Scope::Run, more);
        }
        let mut tasks = std::mem::take(&mut *self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        tokio::select! {
            biased;
            () = leave => {}
            () = async { while tasks.join_next().await.is_some() {} } => {}
        }
    }

    /// Starts the command for the end of an epic, at `since` in running time.
    fn epic_ended(&self, epic: &EpicId, outcome: &Outcome, since: u64) {
        let (Some(command), Some(outcome)) = (&self.0.commands.epic_end, outcome_of_epic(outcome)) else { return };
        let more = vec![("RALPH_EPIC_ID", epic.to_string()), ("RALPH_OUTCOME", outcome.to_owned())];
        let names = (epic_end(epic), turn_of(epic, since));
        self.start("hooks.epicEnd", command, names, Scope::Epic(epic.clone()), more);
    }

    /// What ended in a life that did not get to tell it.
    fn make_up_for(&self, view: &RunView) {
        for track in &view.epics {
            if let (Some(epic), Some(outcome)) = (track.scope.epic(), track.state.outcome())
                && !self.0.place.has_run(&turn_of(epic, track.since))
            {
                self.epic_ended(epic, outcome, track.since);
            }
        }
    }

    /// `names`: of its log, and of its turn.
    fn start(
        &self,
        key: &'static str,
        command: &str,
        names: (String, String),
        scope: Scope,
        more: Vec<(&str, String)>,
    ) {
        let (name, turn) = names;
        let hook = Hook {
            key,
            command: command.to_owned(),
            name,
            turn,
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
    fn notice(&mut self, at_ms: u64, notice: &Notice, view: &RunView) -> io::Result<()> {
        if let Notice::EpicEnded { epic, outcome, .. } = notice {
            let ended = view.epics.iter().find(|track| track.scope.epic() == Some(epic));
            self.epic_ended(epic, outcome, ended.map_or(at_ms, |track| track.since));
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

/// One end of an epic: an epic that is set back ends once more, at another time.
fn turn_of(epic: &EpicId, since: u64) -> String {
    format!("{}.{since}", epic_end(epic))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::CommitId;
    use crate::domain::usage::{ByStory, Usage};
    use crate::effects::fs::create_directory;
    use crate::effects::host::spec::{EndedBy, HostExit};
    use crate::effects::paths::StateDir;
    use crate::scheduler::view::{RunPhase, TrackState, TrackView};

    fn hooks(folder: &std::path::Path) -> Hooks {
        let run = RunId::new("r1").unwrap();
        let run_dir = StateDir::of(folder).begin(&run).unwrap();
        let place = Place {
            cwd: folder.to_owned(),
            folder: run_dir.hooks(),
            host_program: "/nonexistent".into(),
            timeout_ms: 1,
        };
        Hooks(Arc::new(Shared {
            commands: settings::Hooks { epic_end: Some("true".to_owned()), ..settings::Hooks::default() },
            place,
            run,
            run_dir,
            env: BTreeMap::new(),
            troubles: tokio::sync::mpsc::unbounded_channel().0,
            tasks: Mutex::default(),
            at_once: AtomicBool::new(false),
        }))
    }

    /// A run whose only epic ended at this time.
    fn ended_at(since: u64) -> RunView {
        let commit = CommitId::new(&"a".repeat(40)).unwrap();
        let epic = TrackView {
            scope: Scope::Epic(EpicId::new("login").unwrap()),
            title: String::new(),
            wave: 1,
            state: TrackState::Done(Outcome::Failed { reason: "it is red".to_owned() }),
            since,
            last_active: None,
            stories_passed: 0,
            n_stories: 1,
            attempt: 1,
            fix_cycle: 0,
            usage: Usage::default(),
            usage_by_role: BTreeMap::new(),
            usage_by_story: ByStory::default(),
        };
        RunView {
            run: RunId::new("r1").unwrap(),
            project: String::new(),
            at: since,
            slots: 1,
            slots_used: 0,
            phase: RunPhase::Working,
            base: commit.clone(),
            loop_tip: commit,
            epics: vec![epic],
            fixes: Vec::new(),
            queue: Vec::new(),
            usage: Usage::default(),
            usage_by_role: BTreeMap::new(),
            budget: None,
        }
    }

    /// How many commands a life starts that goes on with the run as it stands.
    fn made_up_for(folder: &std::path::Path, view: &RunView) -> usize {
        let mut hooks = hooks(folder);
        let resumed = Notice::RunResumed { run: view.run.clone(), n_jobs: 0 };
        hooks.notice(view.at, &resumed, view).unwrap();
        hooks.0.tasks.lock().unwrap().len()
    }

    #[tokio::test]
    async fn an_epic_that_was_set_back_has_ended_anew_and_that_is_told_too() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = hooks(folder.path());
        let (epic, view) = (EpicId::new("login").unwrap(), ended_at(10));
        let outcome = view.epics[0].state.outcome().cloned().unwrap();
        first.notice(11, &Notice::EpicEnded { epic: epic.clone(), outcome, branch: None }, &view).unwrap();
        assert_eq!(first.0.tasks.lock().unwrap().len(), 1);
        assert_eq!(made_up_for(folder.path(), &view), 1, "it did not come to its end");
        create_directory(&first.0.place.folder).unwrap();
        let exit = HostExit { failed_to_start: None, ..HostExit::never_started(String::new()) };
        assert_eq!(exit.ended_by, EndedBy::Itself);
        exit.write(&first.0.place.exit_file(&turn_of(&epic, 10))).unwrap();
        assert_eq!(made_up_for(folder.path(), &view), 0, "it was told");
        assert_eq!(made_up_for(folder.path(), &ended_at(90)), 1, "this is another end");
    }
}
