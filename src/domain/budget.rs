//! What a run, and each of its epics, may consume.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::usage::{Usage, dollars};

/// From this share of a budget on people are warned, unless they configured another.
pub const DEFAULT_WARN_AT_PERCENT: u32 = 80;

/// The budget of a run. The default bounds nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Budget {
    /// For the whole run.
    pub run: Allowance,
    /// For each epic on its own.
    pub epic: Allowance,
    /// The share of `run`, in percent, from which on people are warned.
    pub warn_at_percent: u32,
}

impl Default for Budget {
    fn default() -> Self {
        Self { run: Allowance::default(), epic: Allowance::default(), warn_at_percent: DEFAULT_WARN_AT_PERCENT }
    }
}

/// How much may be consumed; `None` is no limit. A session is started only below the limit and never stopped because of
/// it, so that the last ones may go beyond.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Allowance {
    /// Money in millionths of a US dollar.
    pub max_cost_microdollars: Option<u64>,
    /// Tokens: in, cached and out together.
    pub max_tokens: Option<u64>,
}

impl Allowance {
    /// How far it is used: of the limits that there are, the one that is nearest to its end.
    #[must_use]
    pub fn spent(self, usage: Usage) -> Option<Spent> {
        let cost = self.max_cost_microdollars.map(|limit| Spent::Cost { used: usage.cost_microdollars, limit });
        let tokens = self.max_tokens.map(|limit| Spent::Tokens { used: usage.tokens(), limit });
        cost.into_iter().chain(tokens).max_by_key(|spent| spent.percent())
    }

    /// What is used up, when something is.
    #[must_use]
    pub fn used_up(self, usage: Usage) -> Option<Spent> {
        self.spent(usage).filter(|spent| spent.is_used_up())
    }
}

/// How far one limit is used. Of what nobody knows nothing is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spent {
    /// Of the money, in millionths of a US dollar.
    Cost {
        /// Consumed so far.
        used: u64,
        /// The limit.
        limit: u64,
    },
    /// Of the tokens.
    Tokens {
        /// Consumed so far.
        used: u64,
        /// The limit.
        limit: u64,
    },
}

impl Spent {
    /// The share that is used, in whole percent, rounded down.
    #[must_use]
    pub fn percent(self) -> u64 {
        let (Self::Cost { used, limit } | Self::Tokens { used, limit }) = self;
        let percent = (u128::from(used) * 100).checked_div(u128::from(limit)).unwrap_or(u128::from(u64::MAX));
        u64::try_from(percent).unwrap_or(u64::MAX)
    }

    /// Whether nothing is left.
    #[must_use]
    pub fn is_used_up(self) -> bool {
        let (Self::Cost { used, limit } | Self::Tokens { used, limit }) = self;
        used >= limit
    }

    /// The flag that raises the limit of a run.
    #[must_use]
    pub fn flag(self) -> &'static str {
        match self {
            Self::Cost { .. } => "--max-cost",
            Self::Tokens { .. } => "--max-tokens",
        }
    }
}

impl fmt::Display for Spent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cost { used, limit } => write!(f, "{} of {}", dollars(*used), dollars(*limit)),
            Self::Tokens { used, limit } => write!(f, "{used} of {limit} tokens"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn usage(cost_microdollars: u64, output_tokens: u64) -> Usage {
        Usage { cost_microdollars, output_tokens, ..Usage::default() }
    }

    fn allowance(max_cost_microdollars: Option<u64>, max_tokens: Option<u64>) -> Allowance {
        Allowance { max_cost_microdollars, max_tokens }
    }

    #[test]
    fn a_limit_is_used_up_exactly_when_nothing_is_left_of_it() {
        for (limit, used, is_used_up) in [(100, 99, false), (100, 100, true), (100, 101, true), (1, 0, false)] {
            assert_eq!(allowance(Some(limit), None).used_up(usage(used, 0)).is_some(), is_used_up, "{used} of {limit}");
            assert_eq!(allowance(None, Some(limit)).used_up(usage(0, used)).is_some(), is_used_up, "{used} of {limit}");
        }
        assert_eq!(allowance(None, None).used_up(usage(u64::MAX, u64::MAX)), None);
    }

    #[test]
    fn of_two_limits_the_one_that_is_nearer_to_its_end_counts() {
        let both = allowance(Some(2_000_000), Some(1_000));
        assert_eq!(both.spent(usage(1_000_000, 800)), Some(Spent::Tokens { used: 800, limit: 1_000 }));
        assert_eq!(both.spent(usage(1_900_000, 800)), Some(Spent::Cost { used: 1_900_000, limit: 2_000_000 }));
    }

    #[test]
    fn shares_are_rounded_down_and_never_overflow() {
        assert_eq!(Spent::Tokens { used: 799, limit: 1_000 }.percent(), 79);
        assert_eq!(Spent::Tokens { used: u64::MAX, limit: 1 }.percent(), u64::MAX);
        assert_eq!(Spent::Tokens { used: 0, limit: 0 }.percent(), u64::MAX);
    }

    #[test]
    fn the_words_say_what_is_used_of_what() {
        assert_eq!(Spent::Cost { used: 5_031_000, limit: 5_000_000 }.to_string(), "$5.04 of $5.00");
        assert_eq!(Spent::Tokens { used: 1_200, limit: 1_000 }.to_string(), "1200 of 1000 tokens");
    }
}
