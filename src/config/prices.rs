//! Prices of models: the table that is built in, and `prices` of the configuration, which changes and extends it.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::reader::{Section, amount, found, whole};
use super::yaml::Value;
use crate::domain::price::{Price, Prices};

/// The table that is built in.
const TABLE: &str = include_str!("prices.json");

/// The most that a million tokens may cost, in dollars.
const MAX_PRICE: f64 = 100_000.0;

#[derive(Deserialize)]
struct Table {
    models: BTreeMap<String, Published>,
}

#[derive(Deserialize)]
struct Published {
    input: f64,
    cached: f64,
    output: f64,
}

/// The prices that are built in.
#[must_use]
pub fn built_in() -> Prices {
    // That the table can be read is tested; without it prices would only be unknown.
    let models = serde_json::from_str::<Table>(TABLE).map(|table| table.models).unwrap_or_default();
    let price = |published: Published| Price {
        input: microdollars(published.input),
        cached: microdollars(published.cached),
        output: microdollars(published.output),
    };
    Prices(models.into_iter().map(|(model, published)| (model, price(published))).collect())
}

/// Reads `prices`: for each model `{input, cached, output}` in dollars for a million tokens.
pub(super) fn read(root: &mut Section<'_>, prices: &mut Prices) {
    root.named("prices", |model, section| {
        let [mut input, mut cached, mut output] = [None, None, None];
        section.read("input", per_million, &mut input);
        section.read("cached", per_million, &mut cached);
        section.read("output", per_million, &mut output);
        for key in ["input", "output"] {
            if section.node(key).is_none() {
                let path = section.path_of(key);
                section.log.fault(section.at, &path, "this price is missing; write US dollars for a million tokens");
            }
        }
        if let (Some(input), Some(output)) = (input, output) {
            // Who names no price for the cache pays the full one.
            prices.0.insert(model.to_owned(), Price { input, cached: cached.unwrap_or(input), output });
        }
    });
}

fn per_million(value: &Value) -> Result<u64, String> {
    match amount(value) {
        Ok(dollars) if dollars <= MAX_PRICE => Ok(microdollars(dollars)),
        _ => Err(format!("expected US dollars for a million tokens, from 0 to {MAX_PRICE}, found {}", found(value))),
    }
}

/// The most that can be a limit, in dollars.
const MAX_COST: f64 = 1_000_000_000.0;

/// A limit of money in millionths of a dollar; `None` when there would be nothing to spend, or too much.
#[must_use]
pub fn limit_of(dollars: f64) -> Option<u64> {
    let in_range = (0.0..=MAX_COST).contains(&dollars).then(|| microdollars(dollars));
    in_range.filter(|limit| *limit > 0)
}

/// Reads a limit in dollars.
pub(super) fn max_cost(value: &Value) -> Result<u64, String> {
    amount(value).ok().and_then(limit_of).ok_or_else(|| {
        let wanted = format!("expected US dollars, more than 0 and at most {MAX_COST}");
        format!("{wanted}, found {}; for no limit leave the key out", found(value))
    })
}

/// Reads a limit of tokens.
pub(super) fn max_tokens(value: &Value) -> Result<u64, String> {
    whole(1..=u32::MAX)(value).map(u64::from)
}

/// Dollars in millionths.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "amounts are at least 0 and bounded")]
fn microdollars(dollars: f64) -> u64 {
    (dollars * 1_000_000.0).round() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_that_is_built_in_can_be_read() {
        let prices = built_in();
        assert_eq!(prices.of("gpt-5-codex"), Some(Price { input: 1_250_000, cached: 125_000, output: 10_000_000 }));
        assert_eq!(prices.of("gemini-2.5-flash"), Some(Price { input: 300_000, cached: 75_000, output: 2_500_000 }));
        assert_eq!(serde_json::from_str::<Table>(TABLE).expect("a table").models.len(), prices.0.len());
    }
}
