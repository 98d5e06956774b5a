//! What a session consumed: tokens and money, how they add up, and what of them nobody knows.
//!
//! **Invariants:**
//! - What is not known is never taken for 0: a sum with unknown parts says how many they are, and is a lower bound.
//! - What a session consumed is never divided: it counts for one story as a whole, or for none.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::id::StoryId;
use super::role::Role;

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
    /// Sessions that told nothing, or not all, of their tokens.
    pub uncounted_sessions: u32,
}

impl Usage {
    /// That of one session which told nothing.
    pub const UNKNOWN: Self = Self {
        input_tokens: 0,
        cached_tokens: 0,
        output_tokens: 0,
        reasoning_tokens: 0,
        cost_microdollars: 0,
        unpriced_sessions: 1,
        uncounted_sessions: 1,
    };

    /// Whether it is known that nothing was consumed.
    #[must_use]
    pub fn is_nothing(self) -> bool {
        self == Self::default()
    }

    /// Whether the money is a number that says something: all of it, or a lower bound.
    #[must_use]
    pub fn knows_cost(self) -> bool {
        self.unpriced_sessions == 0 || self.cost_microdollars > 0
    }

    /// Whether the tokens are a number that says something: all of them, or a lower bound.
    #[must_use]
    pub fn knows_tokens(self) -> bool {
        self.uncounted_sessions == 0 || self.tokens() > 0
    }

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

/// What was consumed in all, and by whom.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consumption {
    /// By all together.
    pub total: Usage,
    /// By the sessions of each role; a role without sessions is not in it.
    pub by_role: BTreeMap<Role, Usage>,
}

impl Consumption {
    /// Adds what a session in this role consumed.
    pub fn add(&mut self, role: Role, usage: Usage) {
        self.total = self.total.plus(usage);
        let own = self.by_role.entry(role).or_default();
        *own = own.plus(usage);
    }

    /// Adds all of another one.
    pub fn add_all(&mut self, other: &Self) {
        other.by_role.iter().for_each(|(role, usage)| self.add(*role, *usage));
    }
}

/// What an epic consumed, by the story that it was for. The parts add up to all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ByStory {
    /// By the sessions that worked for this story alone; a story without such sessions is not in it.
    pub alone: BTreeMap<StoryId, Usage>,
    /// By the sessions that worked for several stories, or for none in particular; `None`: there were none.
    pub shared: Option<Usage>,
}

impl ByStory {
    /// Adds what a session consumed that worked for this story alone, or for no single one.
    pub fn add(&mut self, story: Option<&StoryId>, usage: Usage) {
        let part = match story {
            Some(story) => self.alone.entry(story.clone()).or_default(),
            None => self.shared.get_or_insert_default(),
        };
        *part = part.plus(usage);
    }

    /// All parts together.
    #[must_use]
    pub fn total(&self) -> Usage {
        self.alone.values().chain(&self.shared).copied().fold(Usage::default(), Usage::plus)
    }
}

/// Money in dollars and cents, rounded up so that nothing that costs looks free: `$0.42`.
#[must_use]
pub fn dollars(microdollars: u64) -> String {
    let cents = microdollars.div_ceil(10_000);
    format!("${}.{:02}", cents / 100, cents % 100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_keep_what_nobody_knows() {
        let known = Usage { input_tokens: 7, cost_microdollars: 5, ..Usage::default() };
        let sum = known.plus(Usage::UNKNOWN).plus(Usage::UNKNOWN);
        assert_eq!((sum.tokens(), sum.cost_microdollars), (7, 5));
        assert_eq!((sum.unpriced_sessions, sum.uncounted_sessions), (2, 2));
        assert!(sum.knows_cost() && sum.knows_tokens());
        assert!(!Usage::UNKNOWN.knows_cost() && !Usage::UNKNOWN.knows_tokens() && !Usage::UNKNOWN.is_nothing());
        assert!(Usage::default().knows_cost() && Usage::default().is_nothing());
    }

    #[test]
    fn each_session_counts_for_one_story_or_for_none_and_unknown_is_not_nothing() {
        let usage = |output_tokens| Usage { output_tokens, ..Usage::default() };
        let [one, two, three] = ["S-1", "S-2", "S-3"].map(|id| StoryId::new(id).expect("an id"));
        let mut epic = ByStory::default();
        assert_eq!((epic.shared, epic.total()), (None, Usage::default()));
        epic.add(Some(&one), usage(3));
        epic.add(Some(&one), Usage::UNKNOWN);
        epic.add(Some(&two), Usage::UNKNOWN);
        epic.add(None, usage(4));
        assert_eq!(epic.alone[&one], usage(3).plus(Usage::UNKNOWN));
        assert!(!epic.alone[&two].knows_tokens() && !epic.alone.contains_key(&three));
        assert_eq!((epic.shared, epic.total().output_tokens), (Some(usage(4)), 7));
    }

    #[test]
    fn the_total_is_the_sum_of_the_roles() {
        let usage = |output_tokens| Usage { output_tokens, ..Usage::default() };
        let mut epic = Consumption::default();
        epic.add(Role::TeamLead, usage(3));
        epic.add(Role::Resolver, usage(4));
        epic.add(Role::TeamLead, usage(5));
        let mut run = Consumption::default();
        run.add(Role::FinalValidator, usage(1));
        run.add_all(&epic);
        let roles: Vec<_> = run.by_role.iter().map(|(role, usage)| (role.name(), usage.output_tokens)).collect();
        assert_eq!(roles, [("team-lead", 8), ("resolver", 4), ("final-validator", 1)]);
        assert_eq!(run.total, run.by_role.values().copied().fold(Usage::default(), Usage::plus));
    }
}
