//! Our side of the conversation with an agent: hello, a conversation, one prompt, and the end.
//!
//! **Invariant:** whatever happens, the last line of the log says how it ended, and the agent's program is gone when this
//! returns, unless it left something behind; that is the host's to clear away.

use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use agent_client_protocol::schema::ProtocolVersion;
use agent_client_protocol::v1::ConnectionTo;
use agent_client_protocol::v1::schema::{
    CancelNotification, Implementation, InitializeRequest, PermissionOptionKind, RequestPermissionOutcome,
    RequestPermissionRequest, RequestPermissionResponse, SelectedPermissionOutcome,
};
use agent_client_protocol::{
    Agent, ByteStreams, Client, Error, UntypedMessage, on_receive_notification, on_receive_request,
};
use serde_json::{Value, json};
use tokio::process::{Child, Command};
use tokio_util::compat::{TokioAsyncReadCompatExt as _, TokioAsyncWriteCompatExt as _};
use tokio_util::sync::CancellationToken;

use super::line::{Line, Stage};
use super::log::Log;
use super::permit::{self, Setting};

/// How long an agent may take to give up its turn when it is asked to. With [`EXIT_PATIENCE`] less than the first rung of a
/// stop, so that the agent is never killed in the middle of a good end.
const CANCEL_PATIENCE: Duration = Duration::from_secs(4);

/// How long its program may take to end when there is nothing more to say. Some never end by themselves.
const EXIT_PATIENCE: Duration = Duration::from_millis(2_500);

/// What is to be talked about.
#[derive(Debug, Clone)]
pub struct Talk {
    /// The agent's program and its arguments.
    pub command: Vec<String>,
    /// The conversation to go on with.
    pub continues: Option<String>,
    /// The model, in the agent's own words.
    pub model: Option<String>,
    /// How hard it should think, in the agent's own words.
    pub effort: Option<String>,
    /// The servers of tools that it is offered, as the protocol describes them: a list.
    pub servers: Value,
    /// Where it works.
    pub folder: PathBuf,
    /// What it is to do.
    pub prompt: String,
}

/// How a conversation ended; the details stand in the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The agent says that it is done.
    Done,
    /// Its turn ended otherwise, or with an error.
    Failed,
    /// It refused, or ran into a limit of the user's.
    Refused,
    /// What was asked for cannot be chosen there.
    NotOffered,
    /// There is no agent that could be talked to.
    NoAgent,
    /// The runner asked for the end.
    Stopped,
}

/// A step that failed.
type Failed = (Stage, Option<i64>, String);

/// Talks to an agent until its turn is over, or until `stop`; prints the log to `out`.
pub async fn talk(what: &Talk, stop: CancellationToken, out: impl Write + Send + 'static) -> End {
    let log = Log::new(out);
    let (mut child, result) = match start(what) {
        Ok(mut child) => {
            let result = converse(what, &stop, &log, &mut child).await;
            (Some(child), result)
        }
        Err(failed) => (None, Err(failed)),
    };
    let end = match result {
        Ok((reason, answer)) => {
            log.say(&Line::Ended { stop_reason: reason.clone(), answer });
            match reason.as_str() {
                _ if stop.is_cancelled() => End::Stopped,
                "end_turn" => End::Done,
                "refusal" | "max_turn_requests" => End::Refused,
                _ => End::Failed,
            }
        }
        Err((during, code, message)) => {
            log.say(&Line::Failed { during, code, message });
            end_of(during)
        }
    };
    if let Some(child) = &mut child {
        see_off(child).await;
    }
    end
}

fn end_of(during: Stage) -> End {
    match during {
        Stage::Start | Stage::Version | Stage::Initialize | Stage::Closed => End::NoAgent,
        Stage::New | Stage::Load | Stage::Prompt => End::Failed,
        Stage::Choose => End::NotOffered,
        Stage::Stopped => End::Stopped,
    }
}

fn start(what: &Talk) -> Result<Child, Failed> {
    let (program, arguments) =
        what.command.split_first().ok_or((Stage::Start, None, "no program is named".to_owned()))?;
    let mut command = Command::new(program);
    command.args(arguments).current_dir(&what.folder).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command.spawn().map_err(|error| (Stage::Start, None, format!("{program} cannot be started: {error}")))
}

/// Its end of the pipe is closed by now; one that does not take that as the end is killed.
async fn see_off(child: &mut Child) {
    if tokio::time::timeout(EXIT_PATIENCE, child.wait()).await.is_err() {
        // It fails only when the program has ended in this very moment.
        let _ = child.kill().await;
    }
}

async fn converse(
    what: &Talk,
    stop: &CancellationToken,
    log: &Log,
    child: &mut Child,
) -> Result<(String, Value), Failed> {
    let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err((Stage::Start, None, "its standard streams are not ours".to_owned()));
    };
    let transport = ByteStreams::new(stdin.compat_write(), stdout.compat());
    let (updates, permissions, stopping) = (log.clone(), log.clone(), stop.clone());
    let talked = Client
        .v1()
        .name("ralph-teams")
        .on_receive_notification(
            async move |message: UntypedMessage, _connection| {
                updates.update(message);
                Ok(())
            },
            on_receive_notification!(),
        )
        .on_receive_request(
            async move |request: RequestPermissionRequest, responder, _connection| {
                let outcome = permit(&request, stopping.is_cancelled(), &permissions);
                responder.respond(RequestPermissionResponse::new(outcome))
            },
            on_receive_request!(),
        )
        .connect_with(transport, async |connection: ConnectionTo<Agent>| {
            let result = turn(what, stop, log, &connection).await;
            // An agent that is gone fails whatever is asked of it.
            Ok(result.map_err(|(during, code, message)| {
                let gone = connection.is_incoming_closed() && during != Stage::Version;
                (if gone { Stage::Closed } else { during }, code, message)
            }))
        })
        .await;
    talked.unwrap_or_else(|error| Err((Stage::Closed, None, told(&error))))
}

/// Everything from the first word to the end of the turn.
async fn turn(
    what: &Talk,
    stop: &CancellationToken,
    log: &Log,
    connection: &ConnectionTo<Agent>,
) -> Result<(String, Value), Failed> {
    let stopped = || (Stage::Stopped, None, "the runner asked for the end before the prompt was sent".to_owned());
    let session = tokio::select! {
        biased;
        () = stop.cancelled() => return Err(stopped()),
        opened = open(what, log, connection) => opened?,
    };
    log.prompted();
    let prompt = json!({ "sessionId": session, "prompt": [{ "type": "text", "text": what.prompt }] });
    let mut answer = std::pin::pin!(request(connection, Stage::Prompt, "session/prompt", prompt));
    let answer = tokio::select! {
        answer = &mut answer => answer?,
        () = stop.cancelled() => {
            let told = connection.send_notification(CancelNotification::new(session));
            told.map_err(|error| failed(Stage::Closed, &error))?;
            match tokio::time::timeout(CANCEL_PATIENCE, answer).await {
                Ok(answer) => answer?,
                Err(_) => return Err((Stage::Stopped, None, "it did not give up its turn when it was asked to".to_owned())),
            }
        }
    };
    Ok((answer["stopReason"].as_str().unwrap_or_default().to_owned(), answer))
}

/// Hello, and a conversation in which the agent may do everything. The name of the conversation.
async fn open(what: &Talk, log: &Log, connection: &ConnectionTo<Agent>) -> Result<String, Failed> {
    let hello = InitializeRequest::new(ProtocolVersion::V1)
        .client_info(Implementation::new("ralph-teams", env!("CARGO_PKG_VERSION")));
    let agent = connection.send_request(hello).block_task().await.map_err(|error| no_hello(&error))?;
    if agent.protocol_version != ProtocolVersion::V1 {
        return Err((Stage::Version, None, no_common_version(&agent.protocol_version.to_string())));
    }
    if let Some(info) = &agent.agent_info {
        log.say(&Line::Agent { name: info.name.clone(), version: info.version.clone() });
    }
    let place = json!({ "cwd": what.folder, "mcpServers": what.servers });
    let (session, answer) = match &what.continues {
        None => {
            let answer = request(connection, Stage::New, "session/new", place).await?;
            let session = answer["sessionId"].as_str().unwrap_or_default().to_owned();
            (session, answer)
        }
        Some(_) if !agent.agent_capabilities.load_session => {
            return Err((Stage::Load, None, "this agent cannot go on with an earlier conversation".to_owned()));
        }
        Some(session) => {
            let mut place = place;
            place["sessionId"] = json!(session);
            (session.clone(), request(connection, Stage::Load, "session/load", place).await?)
        }
    };
    log.say(&Line::Session { id: session.clone(), continued: what.continues.is_some() });
    settle(what, log, connection, &session, &answer).await?;
    Ok(session)
}

async fn settle(
    what: &Talk,
    log: &Log,
    connection: &ConnectionTo<Agent>,
    session: &str,
    answer: &Value,
) -> Result<(), Failed> {
    let wishes = [("model", &what.model), ("thought_level", &what.effort)];
    for (category, wish) in wishes.into_iter().filter_map(|(category, wish)| Some((category, wish.as_ref()?))) {
        let setting = permit::choose(session, answer, category, wish).map_err(|why| (Stage::Choose, None, why))?;
        if let Some(Setting { method, params, what }) = setting {
            request(connection, Stage::Choose, method, params).await?;
            log.say(&Line::Note { text: what });
        }
    }
    for Setting { method, params, what } in permit::full_access(session, answer) {
        // Not to be had, perhaps as root: then it asks before each step, and each question is answered with yes.
        let text = match request(connection, Stage::Choose, method, params).await {
            Ok(_) => what,
            Err((_, _, why)) => format!("no {what}: {why}"),
        };
        log.say(&Line::Note { text });
    }
    Ok(())
}

/// Asks without the crate's own types for the answers, which leave out what agents tell of their consumption.
async fn request(connection: &ConnectionTo<Agent>, stage: Stage, method: &str, params: Value) -> Result<Value, Failed> {
    let message = UntypedMessage::new(method, params).map_err(|error| failed(stage, &error))?;
    connection.send_request(message).block_task().await.map_err(|error| failed(stage, &error))
}

fn failed(stage: Stage, error: &Error) -> Failed {
    (stage, Some(i64::from(i32::from(error.code))), told(error))
}

/// What an error says, with what stands behind it.
fn told(error: &Error) -> String {
    match &error.data {
        Some(Value::String(data)) => format!("{}: {data}", error.message),
        Some(data) => format!("{}: {data}", error.message),
        None => error.message.clone(),
    }
}

fn no_hello(error: &Error) -> Failed {
    let told = told(error);
    if told.contains("protocol version") {
        return (Stage::Version, None, no_common_version(&told));
    }
    failed(Stage::Initialize, error)
}

fn no_common_version(answer: &str) -> String {
    format!(
        "ralph-teams speaks version 1 of the Agent Client Protocol, and this agent does not ({answer}): \
         use a version of it that does"
    )
}

/// The narrowest permission that is offered: the wider ones are written into files that would stand in the worktree.
fn permit(request: &RequestPermissionRequest, stopping: bool, log: &Log) -> RequestPermissionOutcome {
    let kinds = [PermissionOptionKind::AllowOnce, PermissionOptionKind::AllowAlways];
    let offered = |kind: &PermissionOptionKind| request.options.iter().find(|option| option.kind == *kind);
    let chosen = kinds.iter().find_map(offered).filter(|_| !stopping);
    let what = request.tool_call.fields.title.clone().unwrap_or_default();
    let answer = chosen.map_or("cancelled", |option| option.name.as_str()).to_owned();
    log.say(&Line::Permission { what, answer });
    match chosen {
        Some(option) => RequestPermissionOutcome::Selected(SelectedPermissionOutcome::new(option.option_id.clone())),
        None => RequestPermissionOutcome::Cancelled,
    }
}
