//! The desk: where a session's agent reports to the runner while it works, asks what it is to do, and leaves notes.
//!
//! The agent program starts `ralph-teams mcp`, which speaks its protocol and carries each call of a tool to a Unix socket
//! of the runner: one connection a call, one JSON request on a line, then signs of life and one answer, a line each. A
//! connection that is closed is a call that is cancelled. A call that is made again, because its connection broke, has the
//! same name, and is not carried out twice (`calls`).
//!
//! **Invariant:** the desk believes an agent no more than its report file is believed. What it accepts it writes into
//! that very file, and the check after the session reads it as if the agent had written it.
//!
//! **Invariant:** once a session is over, nothing is written for it any more ([`session::Session::record`]).

pub(super) mod arguments;
mod calls;
mod delegate;
pub mod client;
mod epic;
mod handle;
pub mod permits;
mod place;
pub mod plan;
mod record;
mod serve;
pub mod session;
mod story;
pub mod tools;
mod validation;
pub mod wire;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::net::UnixListener;

pub use place::{folders, write_secret};
pub use serve::serve;

use crate::domain::id::hex;
use session::{Errand, Session};

/// The variable that tells a server of tools where the desk is.
pub const DESK_VARIABLE: &str = "RALPH_DESK";

/// The variable that tells it the secret of its session.
pub const TOKEN_VARIABLE: &str = "RALPH_DESK_TOKEN";

/// The variable that tells it which tools to offer, by their names with commas between; the desk itself goes by the secret.
pub const TOOLS_VARIABLE: &str = "RALPH_DESK_TOOLS";

/// Why there is no desk, or no place at it. Sessions work without: they write their report files themselves.
#[derive(Debug, thiserror::Error)]
pub enum DeskFault {
    /// No folder is short enough for the path of a socket.
    #[error(
        "no path for the socket is short enough ({most} bytes at most): set XDG_RUNTIME_DIR to a folder with a short path"
    )]
    TooLong {
        /// The most that the system takes.
        most: usize,
    },
    /// The system refuses.
    #[error("cannot {action} {path}: {source}; check the folder's permissions")]
    Refused {
        /// What was tried.
        action: &'static str,
        /// Where.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl DeskFault {
    fn of(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::Refused { action, path, source }
    }
}

/// The desk of one life of a run.
pub struct Desk {
    socket: PathBuf,
    sessions: Mutex<BTreeMap<String, Arc<Session>>>,
}

/// A session that may call; it may not any more when this is dropped.
pub struct Registered<'a> {
    desk: &'a Desk,
    session: Arc<Session>,
    /// The secret by which the desk knows the session.
    pub token: String,
}

impl Desk {
    /// Opens a desk in the first of these folders whose path is short enough and whose file system takes a socket. What an
    /// earlier life left there is removed. To be called inside of a runtime.
    ///
    /// # Errors
    /// Every path is too long, or the system refuses all that are not.
    pub fn open(folders: &[PathBuf]) -> Result<(Self, UnixListener), DeskFault> {
        let (socket, listener) = place::bind_first(folders)?;
        Ok((Self { socket, sessions: Mutex::default() }, listener))
    }

    /// The path of the socket.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.socket
    }

    /// Lets a session call, under a secret of its own.
    ///
    /// # Errors
    /// The system gives no random bytes.
    pub fn register(&self, errand: Errand) -> Result<Registered<'_>, DeskFault> {
        let token = random_token()?;
        let session = Arc::new(Session::new(errand));
        self.locked().insert(token.clone(), Arc::clone(&session));
        Ok(Registered { desk: self, session, token })
    }

    /// The session with this secret.
    fn session(&self, token: &str) -> Option<Arc<Session>> {
        self.locked().get(token).cloned()
    }

    /// Takes the socket away. Who is connected stays so.
    pub fn close(&self) {
        place::remove(&self.socket);
    }

    fn locked(&self) -> MutexGuard<'_, BTreeMap<String, Arc<Session>>> {
        // Nothing in here can panic half way.
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Registered<'_> {
    fn drop(&mut self) {
        self.desk.locked().remove(&self.token);
        self.session.end();
    }
}

/// 32 bytes that nobody can guess, and that nobody draws twice, from the system.
fn random_token() -> Result<String, DeskFault> {
    let source = Path::new("/dev/urandom");
    let mut bytes = [0; 32];
    File::open(source).and_then(|mut file| file.read_exact(&mut bytes)).map_err(DeskFault::of("read", source))?;
    Ok(hex(&bytes))
}
