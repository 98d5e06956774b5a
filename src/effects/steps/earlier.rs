//! What earlier lives of a session left in its logs: the conversation to go on with, and what they consumed. A runner that
//! is killed writes none of it into the journal.

use std::path::Path;

use super::brief;
use super::ear::Ear;
use crate::domain::activity::Activity;
use crate::domain::id::SessionId;
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

/// Adds what all lives before this one consumed; none of it was told in any event.
pub(super) async fn count(context: &Context, job: &Job, ask: &SessionAsk, ear: &mut Ear<'_>) -> Result<(), Failure> {
    let log = context.run_dir.log(job);
    for earlier in (1..).map(|n| earlier_log(&log, n)).take_while(|path| path.exists()) {
        // What lies in the directory of the job tells of its newest life only.
        let reader = brief::reader_in(context, ask, &earlier.with_extension(""))?;
        let (_, conclusion) = read(reader, &earlier).await?;
        ear.count_earlier(&conclusion);
    }
    Ok(())
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
