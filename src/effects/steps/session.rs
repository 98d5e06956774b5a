//! Hosting one session: brief it, start it, listen to it, end it, and say how it ended.
//!
//! **Invariant:** a session that was cancelled is never called finished, whatever its exit code or its last words say:
//! several agent programs print success when they are told to stop.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use super::brief;
use crate::domain::activity::Activity;
use crate::domain::id::SessionId;
use crate::domain::role::Role;
use crate::effects::backend::{Conclusion, Ended, LaunchAsk, Reader, environment};
use crate::effects::context::{Context, blocking, failure, shown};
use crate::effects::follow::{Follow, Line};
use crate::effects::fs::FsError;
use crate::effects::hands::{Cancel, Outbox, Wish};
use crate::effects::host::spec::{EndedBy, HostExit, HostSpec};
use crate::effects::hosted::{Hosted, adopt};
use crate::effects::paths::SessionFiles;
use crate::scheduler::command::SessionAsk;
use crate::scheduler::event::{Failure, FailureKind, SessionEnd, SessionFailure, Stop};
use crate::scheduler::{Event, Job};

/// How long a program may go on in silence after its last word, for clearing up after itself.
const LAST_WORD_PATIENCE: Duration = Duration::from_secs(30);

/// How much of a session's error output is looked at for the reason of a failure.
const STDERR_TAIL: u64 = 8 * 1024;

/// Answers `Session`.
pub async fn host(
    context: &Context,
    job: &Job,
    ask: &SessionAsk,
    cancel: Cancel,
    outbox: &Outbox,
) -> Result<Event, Failure> {
    if let Some(exit) = adopt(&context.run_dir.exit(job)) {
        tracing::info!("{job} ended by itself in an earlier life; its end is taken as it is");
        let mut ear = Ear::new(context, job, ask, outbox)?;
        ear.listen_to_the_end().await?;
        return Ok(ear.ended(&exit));
    }
    let mut ask = ask.clone();
    loop {
        let (exit, mut ear) = one_life(context, job, &ask, cancel.clone(), outbox).await?;
        let Some(exit) = exit else { return Ok(Event::Cut { job: job.clone() }) };
        let conclusion = ear.conclude(&exit);
        if conclusion.lost_conversation && ask.continues.take().is_some() && cancel.wanted().is_none() {
            tracing::info!("{job}: the conversation to go on with is gone; beginning a fresh one");
            continue;
        }
        keep_report(context, job);
        return Ok(ear.event(&exit, conclusion));
    }
}

/// Starts the program once and waits for its end. `None`: the end was wanted before it was started.
async fn one_life<'a>(
    context: &'a Context,
    job: &'a Job,
    ask: &SessionAsk,
    mut cancel: Cancel,
    outbox: &'a Outbox,
) -> Result<(Option<HostExit>, Ear<'a>), Failure> {
    let worktree = ready_worktree(context, job, ask).await?;
    context.job_dir(job)?;
    brief::write(context, job, ask, &worktree)?;
    set_old_logs_aside(context, job)?;
    let mut ear = Ear::new(context, job, ask, outbox)?;
    if cancel.wanted().is_some() {
        return Ok((None, ear));
    }
    let spec = spec(context, job, ask, &worktree)?;
    let started = Hosted::start(&context.host_program, &spec, &context.run_dir.host(job));
    let mut hosted = started.map_err(|error| failure(format!("{job} cannot be hosted: {error}")))?;
    let exit = loop {
        let last_word = LastWord::of(&ear);
        tokio::select! {
            biased;
            wish = cancel.changed() => obey(&mut hosted, wish),
            exit = hosted.wait() => break exit,
            heard = ear.listen() => heard?,
            () = last_word.wait() => {
                tracing::info!("{job} said its last word and does not exit; it is ended");
                ear.nudged = true;
                hosted.stop(Stop::Graceful);
            }
        }
    };
    ear.listen_to_the_end().await?;
    Ok((Some(exit), ear))
}

fn obey(hosted: &mut Hosted, wish: Wish) {
    match wish {
        Wish { stop: Some(how), .. } => hosted.stop(how),
        Wish { stop: None, pause: true } => hosted.pause(),
        Wish { stop: None, pause: false } => hosted.go_on(),
    }
}

/// The worktree of the session, found, made or repaired.
async fn ready_worktree(context: &Context, job: &Job, ask: &SessionAsk) -> Result<std::path::PathBuf, Failure> {
    let path = context.worktree(&job.scope);
    let (worktrees, folder) = (context.worktrees.clone(), path.clone());
    let (branch, base, tip) = (context.branch(&job.scope), ask.base.clone(), ask.loop_tip.clone());
    let validates = ask.role == Role::FinalValidator;
    blocking(move || match validates {
        true => worktrees.ensure_detached(&folder, &tip),
        false => worktrees.ensure(&branch, &base, &folder),
    })
    .await?;
    Ok(path)
}

fn spec(context: &Context, job: &Job, ask: &SessionAsk, worktree: &Path) -> Result<HostSpec, Failure> {
    let seat = brief::seat(context, ask.role)?;
    let (job_dir, prompt) = (context.run_dir.job(job), SessionFiles::of(worktree).prompt());
    let launch = seat
        .backend
        .launch(&LaunchAsk {
            role: ask.role,
            model: seat.model.as_deref(),
            effort: seat.effort.as_deref(),
            continues: ask.continues.as_ref(),
            helpers: &brief::helpers(context, ask.role),
            worktree,
            prompt_file: &prompt,
            job_dir: &job_dir,
            is_root: context.is_root,
        })
        .map_err(failure)?;
    let own = brief::variables(context, job, ask, worktree);
    let env = environment(&context.env, seat.backend.as_ref(), &launch.env, &own);
    let env = env.into_iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect();
    let mut spec = HostSpec::new(launch.argv, env, worktree, &context.run_dir.log(job), &context.run_dir.exit(job));
    spec.stdin = Some(prompt);
    spec.stderr = context.run_dir.error_log(job);
    Ok(spec)
}

/// A job that is done again begins with empty logs; what an earlier life wrote is kept beside them.
fn set_old_logs_aside(context: &Context, job: &Job) -> Result<(), Failure> {
    for log in [context.run_dir.log(job), context.run_dir.error_log(job)] {
        if std::fs::metadata(&log).is_ok_and(|data| data.len() > 0) {
            let aside = (1..).map(|n| log.with_extension(format!("earlier-{n}.log"))).find(|path| !path.exists());
            if let Some(aside) = aside {
                std::fs::rename(&log, aside).map_err(FsError::of("set aside", &log))?;
            }
        }
    }
    Ok(())
}

/// Keeps the report where the next session cannot overwrite it. Without one there is nothing to keep.
fn keep_report(context: &Context, job: &Job) {
    let from = SessionFiles::of(&context.worktree(&job.scope)).report();
    if let Err(error) = std::fs::copy(&from, context.run_dir.report(job))
        && error.kind() != std::io::ErrorKind::NotFound
    {
        tracing::warn!("{} cannot be kept: {error}", shown(&from));
    }
}

/// Some programs say their last word and never exit: that word and some silence are the end then.
struct LastWord {
    /// How much silence is still to be waited for; `None`: it was not said yet, or was acted on.
    left: Option<Duration>,
}

impl LastWord {
    fn of(ear: &Ear<'_>) -> Self {
        let said = ear.reader.finished() && !ear.nudged;
        Self { left: said.then(|| LAST_WORD_PATIENCE.saturating_sub(ear.follow.quiet_since().elapsed())) }
    }

    async fn wait(&self) {
        match self.left {
            Some(left) => tokio::time::sleep(left).await,
            None => std::future::pending().await,
        }
    }
}

/// Listens to one session.
struct Ear<'a> {
    context: &'a Context,
    job: &'a Job,
    outbox: &'a Outbox,
    follow: Follow,
    reader: Box<dyn Reader>,
    mouth: Mouth<'a>,
    /// Running time at which `Active` was last said.
    said_active: u64,
    /// Whether we ended a program that had said its last word and did not exit.
    nudged: bool,
}

impl<'a> Ear<'a> {
    fn new(context: &'a Context, job: &'a Job, ask: &SessionAsk, outbox: &'a Outbox) -> Result<Self, Failure> {
        let seat = brief::seat(context, ask.role)?;
        Ok(Self {
            context,
            job,
            outbox,
            follow: Follow::new(&context.run_dir.log(job)),
            reader: seat.backend.reader(),
            mouth: Mouth { job, outbox, session: ask.continues.clone() },
            said_active: context.clock.running_ms(),
            nudged: false,
        })
    }

    /// Waits for more output and takes it in. May be dropped while it waits.
    async fn listen(&mut self) -> Result<(), Failure> {
        let log = self.context.run_dir.log(self.job);
        let Self { follow, reader, mouth, .. } = self;
        let heard = follow.more(&mut |line| mouth.pass_on(read_line(reader.as_mut(), &log, line))).await;
        heard.map_err(FsError::of("read", &log))?;
        self.say_active();
        Ok(())
    }

    async fn listen_to_the_end(&mut self) -> Result<(), Failure> {
        let log = self.context.run_dir.log(self.job);
        let Self { follow, reader, mouth, .. } = self;
        let heard = follow.finish(&mut |line| mouth.pass_on(read_line(reader.as_mut(), &log, line))).await;
        heard.map_err(FsError::of("read", &log))?;
        Ok(())
    }

    /// A sign of life for the journal, at most once per eighth of the idle limit.
    fn say_active(&mut self) {
        let Some(limit) = self.context.idle_timeout_ms else { return };
        let now = self.context.clock.running_ms();
        if now.saturating_sub(self.said_active) >= limit / 8 {
            self.said_active = now;
            let _ = self.outbox.replies.send(Event::Active { job: self.job.clone() });
        }
    }

    fn conclude(&mut self, exit: &HostExit) -> Conclusion {
        // One that we ended after its last word ended as it should, however it took the signal.
        let (code, signal) = if self.ended_by_nudge(exit) { (Some(0), None) } else { (exit.code, exit.signal) };
        self.reader.conclude(&Ended {
            code,
            signal,
            failed_to_start: exit.failed_to_start.clone(),
            stderr_tail: tail(&self.context.run_dir.error_log(self.job)),
        })
    }

    fn ended_by_nudge(&self, exit: &HostExit) -> bool {
        self.nudged && exit.ended_by == EndedBy::Stopped
    }

    fn ended(&mut self, exit: &HostExit) -> Event {
        let conclusion = self.conclude(exit);
        self.event(exit, conclusion)
    }

    fn event(&self, exit: &HostExit, conclusion: Conclusion) -> Event {
        let cut = matches!(exit.ended_by, EndedBy::Stopped | EndedBy::Killed) && !self.ended_by_nudge(exit);
        let lost = exit.ended_by == EndedBy::HostLost;
        let detail = "the process that watched over the session was killed (perhaps for want of memory)".to_owned();
        let failure =
            if lost { Some(SessionFailure { kind: FailureKind::Crashed, detail }) } else { conclusion.failure };
        let end = SessionEnd { failure, cut, usage: conclusion.usage, said: conclusion.said };
        Event::SessionEnded { job: self.job.clone(), end }
    }
}

/// Says what a session does, line by line: what a session prints in a second is too much to be gathered first.
struct Mouth<'a> {
    job: &'a Job,
    outbox: &'a Outbox,
    session: Option<SessionId>,
}

impl Mouth<'_> {
    fn pass_on(&mut self, activities: Vec<Activity>) {
        for activity in activities {
            if let Activity::Identified(session) = &activity
                && self.session.as_ref() != Some(session)
            {
                self.session = Some(session.clone());
                let event = Event::SessionIdentified { job: self.job.clone(), session: session.clone() };
                // Gone only when the loop has ended.
                let _ = self.outbox.replies.send(event);
            }
            // Full: whoever looks does not keep up, and the log holds everything anyway.
            let _ = self.outbox.activities.try_send((self.job.scope.clone(), activity));
        }
    }
}

fn read_line(reader: &mut dyn Reader, log: &Path, line: Line<'_>) -> Vec<Activity> {
    if line.cut { reader.oversized(log, line.offset, line.len) } else { reader.line(line.bytes) }
}

/// The end of a file as text; empty when there is none.
fn tail(path: &Path) -> String {
    use std::io::{Read as _, Seek as _, SeekFrom};
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = std::fs::File::open(path)?;
        let len = file.metadata()?.len();
        file.seek(SeekFrom::Start(len.saturating_sub(STDERR_TAIL)))?;
        let mut bytes = Vec::new();
        file.take(STDERR_TAIL).read_to_end(&mut bytes)?;
        Ok(bytes)
    };
    String::from_utf8_lossy(&read().unwrap_or_default()).into_owned()
}
