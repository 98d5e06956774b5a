//! Prices of models, for agent programs that tell tokens and no money.

use std::collections::BTreeMap;

use super::usage::Usage;

/// What a model costs, in millionths of a US dollar for a million tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Price {
    /// Tokens sent to the model.
    pub input: u64,
    /// Tokens read from the provider's cache.
    pub cached: u64,
    /// Tokens that the model wrote, thinking included.
    pub output: u64,
}

/// The prices that are known, by the model's name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Prices(pub BTreeMap<String, Price>);

impl Price {
    /// What these tokens cost, rounded up.
    #[must_use]
    pub fn microdollars(self, usage: Usage) -> u64 {
        let parts =
            [(usage.input_tokens, self.input), (usage.cached_tokens, self.cached), (usage.output_tokens, self.output)];
        let sum: u128 = parts.into_iter().map(|(tokens, price)| u128::from(tokens) * u128::from(price)).sum();
        u64::try_from(sum.div_ceil(1_000_000)).unwrap_or(u64::MAX)
    }
}

impl Prices {
    /// The price of a model: under its very name, or under that name without the date of a version behind it. Names that
    /// only begin alike are other models with other prices.
    #[must_use]
    pub fn of(&self, model: &str) -> Option<Price> {
        self.0.get(model).or_else(|| self.0.get(without_date(model)?)).copied()
    }

    /// What a session consumed, with its money filled in where tokens and price are known and money is not.
    #[must_use]
    pub fn fill(&self, usage: Usage, model: Option<&str>) -> Usage {
        let is_open = usage.unpriced_sessions > 0 && usage.uncounted_sessions == 0 && usage.cost_microdollars == 0;
        match model.and_then(|model| self.of(model)).filter(|_| is_open) {
            Some(price) => Usage { cost_microdollars: price.microdollars(usage), unpriced_sessions: 0, ..usage },
            None => usage,
        }
    }
}

/// The name in front of `-20250929` or `-2025-09-29`.
fn without_date(model: &str) -> Option<&str> {
    let is_date = |text: &str| {
        let digits: String = text.split('-').collect();
        let parts: Vec<usize> = text.split('-').map(str::len).collect();
        digits.len() == 8
            && digits.bytes().all(|byte| byte.is_ascii_digit())
            && digits.starts_with("20")
            && matches!(parts[..], [8] | [4, 2, 2])
    };
    let at = |length: usize| {
        let cut = model.len().checked_sub(length).filter(|cut| model.is_char_boundary(*cut))?;
        let (name, date) = model.split_at(cut);
        name.strip_suffix('-').filter(|name| !name.is_empty() && is_date(date))
    };
    at("20250929".len()).or_else(|| at("2025-09-29".len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prices() -> Prices {
        let price = Price { input: 1_250_000, cached: 125_000, output: 10_000_000 };
        Prices([("gpt-5".to_owned(), price)].into())
    }

    #[test]
    fn a_model_is_known_by_its_name_or_by_that_name_with_a_date_and_by_no_other() {
        for (model, is_known) in [
            ("gpt-5", true),
            ("gpt-5-20250807", true),
            ("gpt-5-2025-08-07", true),
            ("gpt-5-mini", false),
            ("gpt-5.1", false),
            ("gpt-5-20259", false),
            ("gpt-5-2025-0807", false),
            ("gpt-520250807", false),
            ("openai/gpt-5", false),
            ("GPT-5", false),
            ("-20250807", false),
            ("gpt-5-\u{e9}0250807", false),
            ("", false),
        ] {
            assert_eq!(prices().of(model).is_some(), is_known, "{model:?}");
        }
    }

    #[test]
    fn tokens_are_priced_by_their_kind_and_rounded_up() {
        let usage = Usage {
            input_tokens: 1_000_000,
            cached_tokens: 2_000_000,
            output_tokens: 100_000,
            reasoning_tokens: 90_000,
            unpriced_sessions: 1,
            ..Usage::default()
        };
        let filled = prices().fill(usage, Some("gpt-5"));
        assert_eq!((filled.cost_microdollars, filled.unpriced_sessions), (1_250_000 + 250_000 + 1_000_000, 0));
        let one = Usage { cached_tokens: 1, unpriced_sessions: 1, ..Usage::default() };
        assert_eq!(prices().fill(one, Some("gpt-5")).cost_microdollars, 1);
    }

    #[test]
    fn nothing_is_filled_in_where_money_is_known_or_tokens_or_price_are_not() {
        let open = Usage { output_tokens: 5, unpriced_sessions: 1, ..Usage::default() };
        let stated = Usage { cost_microdollars: 7, unpriced_sessions: 0, ..open };
        let partly = Usage { cost_microdollars: 7, ..open };
        let uncounted = Usage { uncounted_sessions: 1, ..open };
        for (usage, model) in [
            (stated, Some("gpt-5")),
            (partly, Some("gpt-5")),
            (uncounted, Some("gpt-5")),
            (open, Some("gpt-6")),
            (open, None),
        ] {
            assert_eq!(prices().fill(usage, model), usage, "{model:?}");
        }
        let huge = Usage { output_tokens: u64::MAX, ..open };
        assert_eq!(prices().fill(huge, Some("gpt-5")).cost_microdollars, u64::MAX);
    }
}
