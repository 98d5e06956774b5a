//! `ralph-teams logs`: the sessions of a run as people read them, also while they are at work.

mod listening;
mod blocks;
mod raw;

use std::io::{self, Write as _};
use std::time::Duration;

use listening::Listening;
use raw::RawLog;

use super::history;
use super::refusal::Refusal;
use super::repository::Repository;
use crate::cli::LogsArgs;
use crate::domain::id::RunId;
use crate::effects::lock;
use crate::effects::paths::RunDir;
use crate::effects::session_record::SessionRecord;
use crate::exit::ExitCode;
use crate::journal;
use crate::scheduler::{Job, Scheduler};
use crate::ui::{phrases, summary};

/// How often logs are looked at while they are followed.
const POLL: Duration = Duration::from_millis(250);

/// `ralph-teams logs`.
///
/// # Errors
/// No such run, no such session, or a log cannot be read.
pub fn logs(args: &LogsArgs) -> Result<ExitCode, Refusal> {
    let repository = Repository::here()?;
    let run = history::named(&repository, args.run.as_deref())?;
    let desk = Desk { run_dir: repository.state.run(&run), repository, run };
    let shown = match args.tail {
        // All runs share one `progress.txt`; whoever names a run, an epic or a session wants to hear nobody else.
        Some(n) if args.epic.is_none() && args.job.is_none() && args.run.is_none() => {
            blocks::show(&desk, n, args.follow)
        }
        tail => show_sessions(&desk, args, tail),
    };
    match shown {
        Ok(()) => Ok(ExitCode::Success),
        // Whoever read has seen enough.
        Err(Stopped::Told(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(ExitCode::Success),
        Err(Stopped::Told(error)) => Err(Refusal::environment(format!("the logs cannot be shown: {error}"))),
        Err(Stopped::Refused(refusal)) => Err(refusal),
    }
}

/// Why showing ended early.
enum Stopped {
    Told(io::Error),
    Refused(Refusal),
}

impl From<io::Error> for Stopped {
    fn from(error: io::Error) -> Self {
        Self::Told(error)
    }
}

/// The run that is looked at.
struct Desk {
    repository: Repository,
    run: RunId,
    run_dir: RunDir,
}

impl Desk {
    /// Whether its runner is alive.
    fn is_live(&self) -> bool {
        lock::holder(self.repository.git.common_dir()).is_some_and(|holder| holder.run == self.run)
    }

    /// Says on standard error how a run stands that has no runner.
    fn tell_end(&self) {
        let mut scheduler = Scheduler::default();
        if let Ok(replayed) = journal::read(&self.run_dir.journal()) {
            for (at, event) in &replayed.events {
                scheduler.handle(*at, event);
            }
        }
        let resume = scheduler.view().and_then(|view| summary::resume_command(&view));
        let next = resume.map(|resume| format!("; go on with: {resume}")).unwrap_or_default();
        match scheduler.ended() {
            Some(end) => note!("run {} is over: {}{next}", self.run, phrases::verdict(end).1),
            None => note!(
                "the runner of {} is gone without a last word; go on with: ralph-teams resume {}",
                self.run,
                self.run
            ),
        }
    }

    /// Shows again and again until the runner is gone, or only once.
    fn each_turn(&self, follow: bool, mut turn: impl FnMut(bool) -> Result<(), Stopped>) -> Result<(), Stopped> {
        loop {
            // Asked before the logs are looked at: what was written before it went is then still seen.
            let live = self.is_live();
            turn(live)?;
            io::stdout().flush()?;
            if !follow {
                return Ok(());
            }
            if !live {
                self.tell_end();
                return Ok(());
            }
            std::thread::sleep(POLL);
        }
    }
}

fn show_sessions(desk: &Desk, args: &LogsArgs, tail: Option<u32>) -> Result<(), Stopped> {
    let stdout = io::stdout();
    let mut out = listening::Out::new(stdout.lock(), tail);
    let mut sessions: Vec<Listening> = Vec::new();
    let mut raw_logs: Vec<RawLog> = Vec::new();
    desk.each_turn(args.follow, |live| {
        let records = chosen(desk, args)?;
        if args.raw {
            for record in records {
                if !raw_logs.iter().any(|log| log.job == record.job) {
                    raw_logs.push(RawLog::new(record.job.clone(), &desk.run_dir));
                }
            }
            return Ok(raw_logs.iter_mut().try_for_each(|log| log.copy(out.bytes()))?);
        }
        for record in records {
            if !sessions.iter().any(|session| session.job() == &record.job) {
                sessions.push(Listening::new(&record, &desk.run_dir).map_err(Stopped::Refused)?);
            }
        }
        for session in &mut sessions {
            session.listen(&mut out)?;
            if !live || !args.follow {
                session.close(&mut out, live)?;
            }
        }
        out.catch_up()?;
        Ok(())
    })
}

/// The sessions that were asked for.
fn chosen(desk: &Desk, args: &LogsArgs) -> Result<Vec<SessionRecord>, Stopped> {
    let all = SessionRecord::all(&desk.run_dir);
    let is_chosen = |record: &&SessionRecord| {
        args.epic.as_ref().is_none_or(|epic| record.job.scope.epic() == Some(epic))
            && args.job.as_deref().is_none_or(|name| is_named(&record.job, name))
    };
    let chosen: Vec<SessionRecord> = all.iter().filter(is_chosen).cloned().collect();
    if chosen.is_empty() && !args.follow {
        let names: Vec<String> = all.iter().map(|record| record.job.to_string()).collect();
        let known =
            if names.is_empty() { "there is none yet".to_owned() } else { format!("there are: {}", names.join(", ")) };
        return Err(Stopped::Refused(Refusal::input(format!("run {} has no such session; {known}", desk.run))));
    }
    Ok(chosen)
}

/// Whether a person means this job: by its heading, by the name of its log file, or by the end of that.
fn is_named(job: &Job, name: &str) -> bool {
    let task = format!("{}.{}", job.task.name(), job.n);
    [job.to_string(), job.file_stem(), task.replace('.', " "), task].iter().any(|known| known == name)
}
