//! What a session consumed: tokens and money, and how they add up.

use serde::{Deserialize, Serialize};

/// Tokens and cost of one session, one epic or a whole run.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Tokens sent to the model, cached ones not counted.
    pub input_tokens: u64,
    /// Tokens read from or written to the provider's cache.
    pub cached_tokens: u64,
    /// Tokens that the model wrote.
    pub output_tokens: u64,
    /// Those of `output_tokens` that the model only thought with, as far as the agent program tells.
    pub reasoning_tokens: u64,
    /// Money in millionths of a US dollar, as the agent program states it or a table of prices says.
    pub cost_microdollars: u64,
    /// Sessions whose money nobody knows: `cost_microdollars` is then a lower bound, and 0 does not mean free.
    pub unpriced_sessions: u32,
    /// Sessions that told nothing of their tokens.
    pub uncounted_sessions: u32,
}

impl Usage {
    /// The sum, never wrapping around.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            input_tokens: self.input_tokens.saturating_add(other.input_tokens),
            cached_tokens: self.cached_tokens.saturating_add(other.cached_tokens),
            output_tokens: self.output_tokens.saturating_add(other.output_tokens),
            reasoning_tokens: self.reasoning_tokens.saturating_add(other.reasoning_tokens),
            cost_microdollars: self.cost_microdollars.saturating_add(other.cost_microdollars),
            unpriced_sessions: self.unpriced_sessions.saturating_add(other.unpriced_sessions),
            uncounted_sessions: self.uncounted_sessions.saturating_add(other.uncounted_sessions),
        }
    }

    /// All tokens together.
    #[must_use]
    pub fn tokens(self) -> u64 {
        self.input_tokens.saturating_add(self.cached_tokens).saturating_add(self.output_tokens)
    }
}
