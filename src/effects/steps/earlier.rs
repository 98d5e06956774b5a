//! What earlier lives of a session left in its logs: the conversation to go on with, and what they consumed. A runner that
//! is killed writes none of it into the journal.

use std::path::{Path, PathBuf};

use super::brief;
use super::ear::{Ear, read_line};
use crate::domain::activity::Activity;
use crate::domain::id::SessionId;
use crate::effects::backend::{Conclusion, Ended};
use crate::effects::context::Context;
use crate::effects::follow::{Follow, Line};
use crate::effects::fs::FsError;
use crate::scheduler::command::SessionAsk;
use crate::scheduler::event::Failure;
use crate::scheduler::{Job, Role};

/// The conversation that the log of the life before names.
pub(super) async fn conversation(context: &Context, job: &Job, ask: &SessionAsk) -> Result<Option<SessionId>, Failure> {
    let log = context.run_dir.log(job);
    if !log.exists() {
        return Ok(None);
    }
    Ok(read(context, ask.role, &log).await?.0)
}

/// Adds what all lives before this one consumed; none of it was told in any event.
pub(super) async fn count(context: &Context, ask: &SessionAsk, ear: &mut Ear<'_>) -> Result<(), Failure> {
    let log = ear.log().to_owned();
    for earlier in (1..).map(|n| aside(&log, n)).take_while(|path| path.exists()) {
        let (_, conclusion) = read(context, ask.role, &earlier).await?;
        ear.count_earlier(&conclusion);
    }
    Ok(())
}

async fn read(context: &Context, role: Role, log: &Path) -> Result<(Option<SessionId>, Conclusion), Failure> {
    let mut reader = brief::seat(context, role)?.backend.reader();
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

/// A job that is done again begins with empty logs; what an earlier life wrote is kept beside them. Also an empty log is:
/// it shows that a program was at work.
pub(super) fn set_logs_aside(context: &Context, job: &Job) -> Result<(), Failure> {
    for log in [context.run_dir.log(job), context.run_dir.error_log(job)] {
        let free = (1..).map(|n| aside(&log, n)).find(|path| !path.exists());
        if let Some(aside) = free.filter(|_| log.exists()) {
            std::fs::rename(&log, aside).map_err(FsError::of("set aside", &log))?;
        }
    }
    Ok(())
}

fn aside(log: &Path, n: u32) -> PathBuf {
    log.with_extension(format!("earlier-{n}.log"))
}
