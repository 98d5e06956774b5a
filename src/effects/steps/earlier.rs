//! What earlier lives of a session left in its logs: the conversation to go on with, and what they consumed. A runner that
//! is killed writes none of it into the journal.

use std::path::Path;

use super::brief;
use super::ear::Ear;
use crate::domain::activity::Activity;
use crate::domain::id::SessionId;
use crate::domain::usage::Usage;
use crate::effects::backend::{Conclusion, Ended, Reader};
use crate::effects::context::Context;
use crate::effects::follow::{Follow, Line};
use crate::effects::fs::FsError;
use crate::effects::heard::{earlier_log, earlier_times, read_line};
use crate::scheduler::Job;
use crate::scheduler::command::SessionAsk;
use crate::scheduler::event::Failure;

/// The conversation that the log of the life before names.
pub(super) async fn conversation(context: &Context, job: &Job, ask: &SessionAsk) -> Result<Option<SessionId>, Failure> {
    let log = context.run_dir.log(job);
    if !log.exists() {
        return Ok(None);
    }
    Ok(read(brief::reader(context, job, ask)?, &log).await?.0)
}

/// Adds what all lives before this one consumed; none of it was told in any event. `asked`: the session as the scheduler
/// asked for it.
pub(super) async fn count(context: &Context, job: &Job, asked: &SessionAsk, ear: &mut Ear<'_>) -> Result<(), Failure> {
    told(context, job, asked).await?.iter().for_each(|conclusion| ear.count_earlier(conclusion));
    Ok(())
}

/// The session with what its conversation has consumed by now: what the scheduler knows of it, and what earlier lives
/// added. Some programs state the sum of a conversation, and would count all of that again.
pub(super) async fn going_on(
    context: &Context,
    job: &Job,
    asked: &SessionAsk,
    ask: &SessionAsk,
) -> Result<SessionAsk, Failure> {
    let told = told(context, job, asked).await?;
    Ok(SessionAsk { consumed: so_far(asked, &told, ask.continues.as_ref()), ..ask.clone() })
}

/// What each life before this one says of itself, oldest first, without what its conversation had consumed before.
async fn told(context: &Context, job: &Job, asked: &SessionAsk) -> Result<Vec<Conclusion>, Failure> {
    let log = context.run_dir.log(job);
    let mut told = Vec::new();
    for earlier in (1..).map(|n| earlier_log(&log, n)).take_while(|path| path.exists()) {
        // What lies in the directory of the job tells of its newest life only.
        let job_dir = earlier.with_extension("");
        let (named, _) = read(brief::reader_in(context, asked, &job_dir)?, &earlier).await?;
        let continues = named.or_else(|| asked.continues.clone());
        let life = SessionAsk { consumed: so_far(asked, &told, continues.as_ref()), continues, ..asked.clone() };
        told.push(read(brief::reader_in(context, &life, &job_dir)?, &earlier).await?.1);
    }
    Ok(told)
}

fn so_far(asked: &SessionAsk, told: &[Conclusion], conversation: Option<&SessionId>) -> Usage {
    let Some(conversation) = conversation else { return Usage::default() };
    let known = if asked.continues.as_ref() == Some(conversation) { asked.consumed } else { Usage::default() };
    let own = told.iter().filter(|conclusion| conclusion.session.as_ref() == Some(conversation));
    own.map(|conclusion| conclusion.usage).fold(known, Usage::plus)
}

async fn read(mut reader: Box<dyn Reader>, log: &Path) -> Result<(Option<SessionId>, Conclusion), Failure> {
    let mut conversation = None;
    let mut look = |line: Line<'_>| {
        for activity in read_line(reader.as_mut(), log, line) {
            if let Activity::Identified(session) = activity {
                conversation = Some(session);
            }
        }
    };
    Follow::new(log).finish(&mut look).await.map_err(FsError::of("read", log))?;
    Ok((conversation, reader.conclude(&Ended::default())))
}

/// A job that is done again begins with empty logs; what an earlier life wrote is kept beside them, with its times. Also an
/// empty log is: it shows that a program was at work.
pub(super) fn set_logs_aside(context: &Context, job: &Job) -> Result<(), Failure> {
    let run_dir = &context.run_dir;
    for log in [run_dir.log(job), run_dir.error_log(job)] {
        let free = (1..).find(|n| !earlier_log(&log, *n).exists());
        let Some(n) = free.filter(|_| log.exists()) else { continue };
        if log == run_dir.log(job) {
            // Without its times a log is only told more coarsely.
            let _ = std::fs::rename(run_dir.times(job), earlier_times(&run_dir.times(job), n));
        }
        std::fs::rename(&log, earlier_log(&log, n)).map_err(FsError::of("set aside", &log))?;
    }
    Ok(())
}
