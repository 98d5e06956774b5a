//! The listening side: connections, their bounds, and that a caller who dies, floods or hangs harms nobody.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::unix::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tokio::sync::mpsc::UnboundedSender;
use tokio::time::{Interval, MissedTickBehavior, interval, sleep, timeout};

use super::Desk;
use super::handle::handle;
use super::session::{OVER, Session};
use super::wire::{Answer, LONGEST_REQUEST, Line, Request, read_line};
use crate::effects::context::Context;
use crate::scheduler::Event;
use crate::scheduler::event::Sign;

/// Calls that are worked on at the same time; more wait before they are accepted.
///
/// A lead that waits for a session is a call too, and that session makes calls: there must be far more room than leads.
const MOST_CALLS: usize = 512;

/// How long a caller may take for its request, and for reading a line of ours.
const PATIENCE: Duration = Duration::from_secs(10);

/// How often a caller who waits hears that its call is worked on: well below the shortest limit of an agent program.
const SIGN_OF_LIFE: Duration = Duration::from_secs(10);

/// The shortest time between two signs, however short the limit of silence is.
const SHORTEST: Duration = Duration::from_millis(100);

/// The rest after the system could not accept a connection, for want of descriptors perhaps.
const REST: Duration = Duration::from_millis(100);

/// Answers calls until the runtime ends. `context.desk` is the desk whose listener this is.
pub async fn serve(listener: UnixListener, context: Arc<Context>, replies: UnboundedSender<Event>) {
    let room = Arc::new(Semaphore::new(MOST_CALLS));
    loop {
        let Ok(place) = Arc::clone(&room).acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let (context, replies) = (Arc::clone(&context), replies.clone());
                tokio::spawn(async move {
                    if let Some(desk) = &context.desk
                        && let Err(fault) = call(stream, desk, &context, &replies).await
                    {
                        tracing::debug!("a caller at the desk is gone: {fault}");
                    }
                    drop(place);
                });
            }
            Err(fault) => {
                tracing::warn!("the desk cannot accept a connection: {fault}");
                sleep(REST).await;
            }
        }
    }
}

/// One connection, from its request to its answer.
async fn call(stream: UnixStream, desk: &Desk, context: &Context, replies: &UnboundedSender<Event>) -> io::Result<()> {
    let (reader, mut writer) = stream.into_split();
    let mut reader = BufReader::new(reader);
    let line = match timeout(PATIENCE, read_line(&mut reader, LONGEST_REQUEST)).await? {
        Ok(Some(line)) => line,
        Ok(None) => return Ok(()),
        Err(fault) if fault.kind() == io::ErrorKind::FileTooLarge => {
            let text = format!("the call is longer than {LONGEST_REQUEST} bytes: shorten it");
            return say(&mut writer, &Line::Answer(Answer::refused(text))).await;
        }
        Err(fault) => return Err(fault),
    };
    let answer = match serde_json::from_slice::<Request>(&line) {
        Err(fault) => Answer::refused(format!("this is no call: {fault}")),
        Ok(request) => match desk.session(&request.token) {
            None => Answer::refused("the runner knows no session with this secret, or it is over"),
            Some(session) => {
                let work = handle(context, &session, request, replies);
                let mut signs = Signs::new(context.idle_timeout_ms, &session, replies);
                match attended(work, &mut signs, &mut reader, &mut writer).await? {
                    Some(answer) => answer,
                    None => return Ok(()),
                }
            }
        },
    };
    say(&mut writer, &Line::Answer(answer)).await
}

/// The signs of life of a call: for its caller, and for the scheduler, to whom an agent that waits for us must not seem silent.
struct Signs<'a> {
    ticks: Interval,
    session: &'a Session,
    replies: &'a UnboundedSender<Event>,
    /// After so many ticks the session is said to be active: once in an eighth of the limit of silence.
    every: u32,
    n_ticks: u32,
}

impl<'a> Signs<'a> {
    fn new(idle_timeout_ms: Option<u64>, session: &'a Session, replies: &'a UnboundedSender<Event>) -> Self {
        let eighth = idle_timeout_ms.map(|limit| Duration::from_millis(limit / 8));
        let pause = eighth.map_or(SIGN_OF_LIFE, |eighth| eighth.clamp(SHORTEST, SIGN_OF_LIFE));
        let every = eighth.map_or(u32::MAX, |eighth| {
            u32::try_from(eighth.as_millis() / pause.as_millis()).unwrap_or(u32::MAX).max(1)
        });
        let mut ticks = interval(pause);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        // The first tick comes at once.
        ticks.reset();
        Self { ticks, session, replies, every, n_ticks: 0 }
    }

    /// Waits until a sign is due, and gives the scheduler's.
    async fn due(&mut self) {
        self.ticks.tick().await;
        self.n_ticks += 1;
        if self.n_ticks.is_multiple_of(self.every) {
            // Gone only when the loop has ended.
            let _ = self.replies.send(Event::Active { job: self.session.errand.job.clone(), sign: Sign::Tool });
        }
    }
}

/// Works on a call while somebody waits for it. `None`: the caller closed the connection, which cancels the call.
async fn attended(
    work: impl Future<Output = Answer>,
    signs: &mut Signs<'_>,
    reader: &mut BufReader<OwnedReadHalf>,
    writer: &mut OwnedWriteHalf,
) -> io::Result<Option<Answer>> {
    let session = signs.session;
    let mut surplus = [0; 1];
    tokio::pin!(work);
    loop {
        tokio::select! {
            biased;
            () = session.ended() => return Ok(Some(Answer::refused(OVER))),
            answer = &mut work => return Ok(Some(answer)),
            // A caller says nothing after its request: this is its end, or a fault that is treated like one.
            _ = reader.read(&mut surplus) => return Ok(None),
            () = signs.due() => say(writer, &Line::Working("the runner is at work on it".to_owned())).await?,
        }
    }
}

/// Says one line. Who does not read is not waited for.
async fn say(writer: &mut OwnedWriteHalf, line: &Line) -> io::Result<()> {
    timeout(PATIENCE, writer.write_all(&line.bytes())).await?
}
