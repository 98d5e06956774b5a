//! A conversation of an agent: the program that knows it, its name, and what it consumed so far.

use crate::domain::id::SessionId;
use crate::domain::usage::Usage;

/// A conversation that can be gone on with.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Conversation {
    /// The agent program that knows it.
    pub backend: String,
    pub session: SessionId,
    /// What its sessions said that they consumed: some programs count a conversation from its beginning again and again.
    pub consumed: Usage,
}

impl Conversation {
    /// The conversation of this name: the one that is known, or a fresh one.
    pub fn named(backend: &str, session: &SessionId, known: Option<Self>) -> Self {
        let same = known.filter(|known| known.session == *session && known.backend == backend);
        let fresh = || Self { backend: backend.to_owned(), session: session.clone(), consumed: Usage::default() };
        same.unwrap_or_else(fresh)
    }

    /// A session on this program consumed this; one on another program was not in this conversation.
    pub fn consume(&mut self, backend: &str, usage: Usage) {
        if self.backend == backend {
            self.consumed = self.consumed.plus(usage);
        }
    }
}
