//! Hosting one session: brief it, start it, listen to it, end it, and say how it ended.
//!
//! **Invariant:** a session that was cancelled is never called finished, whatever its exit code or its last words say:
//! several agent programs print success when they are told to stop.

use std::ffi::OsString;
use std::path::Path;

use super::check::read_report;
use super::ear::{Ear, LastWord};
use super::first_start::Alone;
use super::gates::{Ran, set_up};
use super::stagnation::Stagnation;
use super::tools::{self, Handed};
use super::{brief, earlier, helpers};
use crate::domain::role::Role;
use crate::effects::backend::{LaunchAsk, environment};
use crate::effects::context::{Context, blocking, failure};
use crate::effects::fs::write_atomic;
use crate::effects::git::snapshot::{Backup, BackupName};
use crate::effects::guard::{PATIENCE, PATIENCE_OF_A_STOP};
use crate::effects::hands::{Cancel, Outbox, Wish};
use crate::effects::host::spec::{HostExit, HostSpec};
use crate::effects::hosted::{Hosted, adopt};
use crate::effects::paths::shown;
use crate::effects::session_record::SessionRecord;
use crate::effects::vital::Vital;
use crate::scheduler::command::{Purpose, SessionAsk};
use crate::scheduler::event::{Failure, Stop};
use crate::scheduler::{Event, Job};

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
        let named = earlier::conversation(context, job, ask).await?.or_else(|| ask.continues.clone());
        let own = SessionAsk { continues: named, ..ask.clone() };
        let mut ear = Ear::new(context, job, &earlier::going_on(context, job, ask, &own).await?, outbox)?;
        ear.listen_to_the_end().await?;
        keep_report(context, job, ask).await;
        earlier::count(context, job, ask, &mut ear).await?;
        let event = ear.ended(&exit);
        save_work(context, job, ask.role, &event, &cancel).await;
        return Ok(event);
    }
    context.guard.enter(job).await;
    let ended = lives(context, job, ask, cancel.clone(), outbox).await;
    let patience = if cancel.wanted().is_some() { PATIENCE_OF_A_STOP } else { PATIENCE };
    if let Some(meddled) = context.guard.leave(job, patience).await {
        // Before the answer, which is the last word on the job. Gone only when the loop has ended.
        let _ = outbox.replies.send(meddled);
    }
    ended
}

/// Starts the program, and once more when the conversation that it should go on with is gone.
async fn lives(
    context: &Context,
    job: &Job,
    asked: &SessionAsk,
    cancel: Cancel,
    outbox: &Outbox,
) -> Result<Event, Failure> {
    let mut ask = asked.clone();
    if ask.continues.is_none() {
        ask.continues = earlier::conversation(context, job, &ask).await?;
    }
    loop {
        let (exit, mut ear) = one_life(context, job, asked, &ask, cancel.clone(), outbox).await?;
        let Some(exit) = exit else {
            earlier::count(context, job, asked, &mut ear).await?;
            return Ok(ear.never_started());
        };
        let conclusion = ear.conclude(&exit);
        if conclusion.lost_conversation && ask.continues.take().is_some() && cancel.wanted().is_none() {
            tracing::info!("{job}: the conversation to go on with is gone; beginning a fresh one");
            continue;
        }
        keep_report(context, job, &ask).await;
        earlier::count(context, job, asked, &mut ear).await?;
        let event = ear.event(&exit, conclusion);
        save_work(context, job, ask.role, &event, &cancel).await;
        return Ok(event);
    }
}

/// Starts the program once and waits for its end. `None`: the end was wanted before it was started.
async fn one_life<'a>(
    context: &'a Context,
    job: &'a Job,
    asked: &SessionAsk,
    ask: &SessionAsk,
    mut cancel: Cancel,
    outbox: &'a Outbox,
) -> Result<(Option<HostExit>, Ear<'a>), Failure> {
    let worktree = context.worktree(&job.scope);
    let ready = ready_worktree(context, job, ask, &worktree, cancel.clone()).await?;
    if matches!((&ready, ask.role), (Ran::Done(()), Role::EpicPlanner)) {
        let (worktrees, folder) = (context.worktrees.clone(), worktree.clone());
        blocking(move || worktrees.note_stand(&folder)).await?;
    }
    context.job_dir(job)?;
    brief::write(context, job, ask, &worktree)?;
    earlier::set_logs_aside(context, job)?;
    let ask = &earlier::going_on(context, job, asked, ask).await?;
    let mut ear = Ear::new(context, job, ask, outbox)?;
    let (mut stopped, seat) = (cancel.clone(), brief::seat(context, ask)?);
    let mut alone = tokio::select! {
        _ = stopped.asked() => None,
        alone = context.first_starts.wait(seat.backend.as_ref()) => alone,
    };
    if matches!(ready, Ran::Cut) || cancel.wanted().is_some() {
        return Ok((None, ear));
    }
    let handed = tools::hand(context, job, ask, &worktree)?;
    let spec = spec(context, job, ask, &worktree, handed.as_ref())?;
    record(context, job, ask, &spec)?;
    let started = Hosted::start(&context.host_program, &spec, &context.run_dir.host(job));
    let mut hosted = started.map_err(|error| failure(format!("{job} cannot be hosted: {error}")))?;
    let vital = Vital::new(&context.git, &worktree, hosted.host_pid(), context.idle_timeout_ms);
    let mut stagnation = Stagnation::default();
    let exit = loop {
        let last_word = LastWord::of(&ear);
        tokio::select! {
            biased;
            wish = cancel.changed() => obey(&mut hosted, wish),
            exit = hosted.wait() => break exit,
            heard = ear.listen() => {
                heard?;
                alone = None;
                stagnation.look(context, &worktree, &mut ear).await;
            }
            () = Alone::over(alone.as_ref()) => alone = None,
            sign = vital.look() => if let Some(sign) = sign {
                ear.say_active(sign);
            },
            () = last_word.wait() => {
                tracing::info!("{job} said its last word and does not exit, or goes round in circles; it is ended");
                ear.nudged = true;
                hosted.stop(Stop::Graceful);
            }
        }
    };
    // From now on nobody writes its report any more.
    drop(handed);
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

/// The worktree of the session, found, made or repaired, and set up unless it is already: the final validator's is made
/// here, and a lead's may have to be made again.
async fn ready_worktree(
    context: &Context,
    job: &Job,
    ask: &SessionAsk,
    worktree: &Path,
    cancel: Cancel,
) -> Result<Ran<()>, Failure> {
    if let Purpose::Delegated(_) = ask.purpose {
        // Its lead is at work there: nothing may be repaired under its hands.
        return Ok(Ran::Done(()));
    }
    let (git, worktrees, folder) = (context.git.clone(), context.worktrees.clone(), worktree.to_owned());
    let (branch, base, tip) = (context.branch(&job.scope), ask.base.clone(), ask.loop_tip.clone());
    let (patterns, validates) = (context.include.clone(), ask.role == Role::FinalValidator);
    blocking(move || {
        match validates {
            true => worktrees.ensure_detached(&folder, &tip).map(drop)?,
            false => worktrees.ensure(&branch, &base, &folder).map(drop)?,
        }
        git.include(&folder, &patterns).map(drop)
    })
    .await?;
    set_up(context, job, worktree, cancel).await
}

fn spec(
    context: &Context,
    job: &Job,
    ask: &SessionAsk,
    worktree: &Path,
    handed: Option<&Handed<'_>>,
) -> Result<HostSpec, Failure> {
    let seat = brief::seat(context, ask)?;
    let (job_dir, prompt) = (context.run_dir.job(job), brief::files(job, ask, worktree).prompt());
    let launch = seat
        .backend
        .launch(&LaunchAsk {
            role: ask.role,
            model: seat.model.as_deref(),
            effort: seat.effort.as_deref(),
            continues: ask.continues.as_ref(),
            helpers: &helpers::native(context, ask),
            worktree,
            common_dir: context.git.common_dir(),
            prompt_file: &prompt,
            job_dir: &job_dir,
            is_root: context.is_root,
            tools: handed.map(Handed::server),
        })
        .map_err(failure)?;
    let mut own = brief::variables(context, job, ask, worktree);
    if seat.backend.hides_git_config() {
        own.extend(context.git.identity_variables().map_err(|fault| failure(fault.to_string()))?);
    }
    let env = environment(&context.env, seat.backend.as_ref(), &launch.env, &own);
    let env = env.into_iter().map(|(name, value)| (OsString::from(name), OsString::from(value))).collect();
    let mut spec = HostSpec::new(launch.argv, env, worktree, &context.run_dir.log(job), &context.run_dir.exit(job));
    spec.stdin = Some(prompt);
    spec.stderr = context.run_dir.error_log(job);
    Ok(spec)
}

/// Notes who can read the log.
fn record(context: &Context, job: &Job, ask: &SessionAsk, spec: &HostSpec) -> Result<(), Failure> {
    let seat = brief::seat(context, ask)?;
    let record = SessionRecord {
        job: job.clone(),
        at: context.clock.running_ms(),
        role: ask.role,
        backend: seat.backend.name().to_owned(),
        model: seat.model.clone(),
        program: spec.argv.first().cloned().unwrap_or_default(),
        runner: env!("CARGO_PKG_VERSION").to_owned(),
        continues: ask.continues.clone(),
        consumed: brief::consumed(ask),
    };
    Ok(record.write(&context.run_dir)?)
}

/// Saves what a session that was cut short or failed left uncommitted: whatever comes next works in the same worktree.
/// What ended as it should is committed by the check, a validator leaves nothing of worth, and a run that is being killed
/// has no time; its worktree stays as it is.
async fn save_work(context: &Context, job: &Job, role: Role, event: &Event, cancel: &Cancel) {
    let at_risk = matches!(event, Event::SessionEnded { end, .. } if end.cut || end.failure.is_some());
    if !at_risk || !writes(role) || cancel.wanted() == Some(Stop::Now) {
        return;
    }
    let (git, path) = (context.git.clone(), context.worktree(&job.scope));
    let name = BackupName::new(&context.run, &job.scope.slug());
    match blocking(move || git.backup(&path, &name)).await {
        Ok(Backup::NotNeeded) => {}
        Ok(Backup::Saved { reference, .. }) => {
            tracing::info!("{job}: what it left uncommitted is saved as {reference}")
        }
        Err(failure) => tracing::warn!("{job}: what it left uncommitted cannot be saved: {}", failure.what),
    }
}

/// Whether a session in this role leaves work in its worktree.
fn writes(role: Role) -> bool {
    match role {
        Role::TeamLead | Role::Builder | Role::Resolver => true,
        Role::EpicPlanner | Role::StoryPlanner | Role::StoryValidator | Role::EpicValidator | Role::FinalValidator => {
            false
        }
    }
}

/// Keeps the report where the next session cannot overwrite it. What is no ordinary file is none, and is not opened: a pipe
/// would never end, and a link may lead to something of the user's.
async fn keep_report(context: &Context, job: &Job, ask: &SessionAsk) {
    let from = brief::files(job, ask, &context.worktree(&job.scope)).report();
    let (kept, to) = (shown(&from), context.run_dir.report(job));
    let keep = blocking(move || match read_report(&from) {
        Ok(Some(bytes)) => write_atomic(&to, &bytes).map_err(Failure::from),
        Ok(None) => Ok(()),
        Err(fault) => Err(failure(fault)),
    });
    if let Err(failure) = keep.await {
        tracing::warn!("{kept} cannot be kept: {}", failure.what);
    }
}
