//! Prints the log of a conversation, one JSON line each.

use std::io::Write;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use agent_client_protocol::UntypedMessage;
use serde_json::Value;

use super::line::Line;

/// Where the lines go. Clones go to the same place.
#[derive(Clone)]
pub(super) struct Log(Arc<Mutex<State>>);

struct State {
    out: Box<dyn Write + Send>,
    /// Whether the prompt was sent. An earlier conversation is told from its beginning before that.
    prompted: bool,
}

impl Log {
    pub fn new(out: impl Write + Send + 'static) -> Self {
        Self(Arc::new(Mutex::new(State { out: Box::new(out), prompted: false })))
    }

    pub fn say(&self, line: &Line) {
        self.locked().print(line);
    }

    /// The prompt is on its way.
    pub fn prompted(&self) {
        let mut state = self.locked();
        state.prompted = true;
        state.print(&Line::Prompted);
    }

    /// What the agent says of its work. Of what an earlier turn said only the consumption is new.
    pub fn update(&self, message: UntypedMessage) {
        let (method, mut params) = message.into_parts();
        let update = params.get_mut("update").map(Value::take).unwrap_or_default();
        let mut state = self.locked();
        if method == "session/update" && (state.prompted || update["sessionUpdate"] == "usage_update") {
            state.print(&Line::Update { update });
        }
    }

    fn locked(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn print(&mut self, line: &Line) {
        let Ok(mut text) = serde_json::to_string(line) else { return };
        text.push('\n');
        // A log that cannot be written is noticed by whoever reads it; the agent's work is not to be thrown away for it.
        let _ = self.out.write_all(text.as_bytes()).and_then(|()| self.out.flush());
    }
}
