//! What a provider's trouble is: by its HTTP status where a program states one, else by the phrases of one table.

use std::sync::LazyLock;

use jiff::Zoned;
use jiff::civil::Time;
use regex_lite::{Captures, Regex};

use crate::scheduler::event::{FailureKind, SessionFailure};

/// The table: kinds in the order in which they are looked for, each with phrases in lower case.
const TABLE: &str = include_str!("troubles.json");

/// How much of a message is looked at, in bytes: what matters stands in its first lines.
const LOOKED_AT: usize = 4096;

static PHRASES: LazyLock<Vec<(FailureKind, Vec<String>)>> = LazyLock::new(|| {
    let table: serde_json::Map<String, serde_json::Value> = serde_json::from_str(TABLE).unwrap_or_default();
    let row = |(kind, phrases): (String, serde_json::Value)| {
        Some((serde_json::from_value(kind.into()).ok()?, serde_json::from_value(phrases).ok()?))
    };
    table.into_iter().filter_map(row).collect()
});

/// The kind of trouble that an HTTP status stands for; `None`: none that is known.
pub(super) fn by_status(status: u16) -> Option<FailureKind> {
    match status {
        401 => Some(FailureKind::SignIn),
        402 | 403 => Some(FailureKind::Billing),
        404 => Some(FailureKind::Unusable),
        413 => Some(FailureKind::TooLong),
        429 => Some(FailureKind::RateLimited),
        408 | 409 | 425 | 500.. => Some(FailureKind::Overloaded),
        _ => None,
    }
}

/// The kind of trouble that a message tells of; `None`: none that is known. For messages of the program or the
/// provider, never for what a model wrote.
pub(super) fn by_text(message: &str) -> Option<FailureKind> {
    let message = head(message).to_lowercase();
    PHRASES.iter().find(|(_, phrases)| phrases.iter().any(|phrase| message.contains(phrase))).map(|(kind, _)| *kind)
}

/// What an answer means that asks to slow down: it passes in seconds, unless its message speaks of money or of days.
pub(super) fn slow_down(message: &str) -> FailureKind {
    let other = by_text(message).filter(|kind| matches!(kind, FailureKind::UsageLimit | FailureKind::Billing));
    other.unwrap_or(FailureKind::RateLimited)
}

/// A failure of this kind that carries the moment at which the provider wants to be asked again, if its message names one.
pub(super) fn failure(kind: FailureKind, detail: String, message: &str, now: Option<&Zoned>) -> SessionFailure {
    let waits = matches!(kind, FailureKind::RateLimited | FailureKind::UsageLimit | FailureKind::Overloaded);
    let rest_ms = now.filter(|_| waits).and_then(|now| rest_ms(message, now));
    SessionFailure { kind, detail, rest_ms }
}

fn head(message: &str) -> &str {
    let end = (0..=LOOKED_AT.min(message.len())).rev().find(|&end| message.is_char_boundary(end)).unwrap_or(0);
    &message[..end]
}

/// A pattern of this file; one that does not compile matches nothing, and the tests of this file say so.
fn pattern(text: &str) -> Option<Regex> {
    Regex::new(text).ok()
}

static EPOCH: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"\|(\d{10})\b"));
static SPAN: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:again|retry|retrying|resets?|reset)(?:[ -]after:?| in)\s+((?:\d+(?:\.\d+)?\s*(?:milliseconds?|ms|days?|hours?|hrs?|minutes?|mins?|seconds?|secs?|[dhms])?[ ,]*(?:and )?)+)",
    )
});
static PART: LazyLock<Option<Regex>> = LazyLock::new(|| pattern(r"(?i)(\d+(?:\.\d+)?)\s*(milliseconds?|ms|d|h|m|s)?"));
static MOMENT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:resets?|again|reset)(?: at| on)?\s+(?:([A-Z][a-z]{2})[a-z]* (\d{1,2})(?:,| at)* )?(\d{1,2})(?::(\d{2}))?\s*(am|pm)?\b",
    )
});

/// Milliseconds until the moment that a message names, in the zone of `now`.
fn rest_ms(message: &str, now: &Zoned) -> Option<u64> {
    let message = head(message);
    let found = |regex: &'static LazyLock<Option<Regex>>| regex.as_ref()?.captures(message);
    if let Some(epoch) = found(&EPOCH) {
        let at: i64 = epoch[1].parse().ok()?;
        return u64::try_from(at.saturating_sub(now.timestamp().as_second())).ok().map(|seconds| seconds * 1000);
    }
    if let Some(span) = found(&SPAN) {
        return span_ms(&span[1]);
    }
    let moment = moment(&found(&MOMENT)?, now)?;
    let ms = moment.timestamp().as_millisecond().saturating_sub(now.timestamp().as_millisecond());
    u64::try_from(ms).ok()
}

/// `2 hours 13 minutes`, `2h 13m`, `37`: a number without a unit counts seconds, as `Retry-After` does.
fn span_ms(text: &str) -> Option<u64> {
    let parts = PART.as_ref()?.captures_iter(text);
    let ms = parts.filter_map(|part| {
        let unit = match part.get(2).map(|unit| unit.as_str().to_lowercase()).as_deref() {
            Some("d") => 86_400_000.0,
            Some("h") => 3_600_000.0,
            Some("m") => 60_000.0,
            Some(unit) if unit.starts_with("mi") || unit == "ms" => 1.0,
            Some(_) | None => 1000.0,
        };
        Some(part[1].parse::<f64>().ok()? * unit)
    });
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "such a cast saturates")]
    let total = ms.sum::<f64>() as u64;
    (total > 0).then_some(total)
}

/// `3pm`, `15:00`, `Nov 25, 10am`: the next such moment.
fn moment(found: &Captures<'_>, now: &Zoned) -> Option<Zoned> {
    let number = |n: usize| found.get(n).and_then(|digits| digits.as_str().parse::<i8>().ok());
    let (minute, half) = (number(4), found.get(5).map(|half| half.as_str().to_lowercase()));
    if minute.is_none() && half.is_none() {
        return None;
    }
    let hour = match (number(3)?, half.as_deref()) {
        (12, Some("am")) => 0,
        (hour @ 1..=11, Some("pm")) => hour + 12,
        (hour, _) => hour,
    };
    let time = Time::new(hour, minute.unwrap_or(0), 0, 0).ok()?;
    let day = match (found.get(1), number(2)) {
        (Some(month), Some(day)) => now.date().with().month(month_of(month.as_str())?).day(day).build().ok()?,
        (None, _) | (_, None) => now.date(),
    };
    let at = day.to_datetime(time).to_zoned(now.time_zone().clone()).ok()?;
    if at > *now {
        return Some(at);
    }
    // Yesterday's three o'clock is tomorrow's; a date that is over is next year's.
    let later = if found.get(1).is_some() { jiff::Span::new().years(1) } else { jiff::Span::new().days(1) };
    at.checked_add(later).ok()
}

fn month_of(name: &str) -> Option<i8> {
    let months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    let position = months.iter().position(|month| name.to_lowercase().starts_with(month))?;
    i8::try_from(position + 1).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Zoned {
        "2026-11-20T13:30:00+01:00[Europe/Berlin]"
            .parse()
            .or_else(|_| "2026-11-20T13:30:00+01:00[+01:00]".parse())
            .expect("a moment")
    }

    #[test]
    fn every_row_of_the_table_is_a_kind_with_phrases_in_lower_case() {
        assert_eq!(
            PHRASES.len(),
            serde_json::from_str::<serde_json::Value>(TABLE).expect("JSON").as_object().expect("rows").len()
        );
        for (kind, phrases) in PHRASES.iter() {
            assert!(!phrases.is_empty(), "{kind:?}");
            assert!(phrases.iter().all(|phrase| *phrase == phrase.to_lowercase()), "{kind:?}");
        }
    }

    #[test]
    fn what_providers_say_is_told_apart() {
        let cases = [
            ("Credit balance is too low", FailureKind::Billing),
            ("Claude AI usage limit reached|1763740800", FailureKind::UsageLimit),
            (
                "API Error: Request rejected (429) · This request would exceed your account's rate limit.",
                FailureKind::RateLimited,
            ),
            ("exceeded retry limit, last status: 429 Too Many Requests", FailureKind::RateLimited),
            ("API Error: 529 Overloaded. This is a server-side issue", FailureKind::Overloaded),
            ("unexpected status 503 Service Unavailable: The server is overloaded", FailureKind::Overloaded),
            ("API Error: Unable to connect to API (ECONNRESET)", FailureKind::Offline),
            ("Not logged in · Please run /login", FailureKind::SignIn),
            ("prompt is too long: 210000 tokens > 200000 maximum", FailureKind::TooLong),
            ("There's an issue with the selected model (x)", FailureKind::Unusable),
        ];
        for (message, kind) in cases {
            assert_eq!(by_text(message), Some(kind), "{message}");
        }
        assert_eq!(by_text("Segmentation fault"), None);
    }

    #[test]
    fn the_moment_of_a_reset_is_read_in_each_form() {
        let minutes = |message: &str| rest_ms(message, &now()).map(|ms| ms / 60_000);
        let at = now().timestamp().as_second() + 5400;
        assert_eq!(minutes(&format!("usage limit reached|{at}")), Some(90));
        assert_eq!(minutes("You've hit your limit · resets 3pm (Europe/Berlin)"), Some(90));
        assert_eq!(minutes("limit will reset at 1:15 PM"), Some(24 * 60 - 15), "tomorrow");
        assert_eq!(minutes("resets 12am"), Some(10 * 60 + 30));
        assert_eq!(minutes("weekly limit; resets Nov 25, 10am"), Some(5 * 24 * 60 - 210));
        assert_eq!(minutes("try again in 2 hours 13 minutes."), Some(133));
        assert_eq!(minutes("Please try again in 3 days 2 hours 5 minutes"), Some(3 * 1440 + 125));
        assert_eq!(minutes("retry in 2h 13m"), Some(133));
        assert_eq!(rest_ms("Please try again in 1.5s.", &now()), Some(1500));
        assert_eq!(rest_ms("Please try again in 250ms", &now()), Some(250));
        assert_eq!(rest_ms("retry-after: 37", &now()), Some(37_000));
        for nothing in ["", "Overloaded", "try again later", "resets soon", "reset 5 files", "again 3 times"] {
            assert_eq!(rest_ms(nothing, &now()), None, "{nothing}");
        }
    }

    #[test]
    fn only_a_trouble_that_passes_by_itself_carries_a_rest() {
        let of = |kind| failure(kind, String::new(), "try again in 5 minutes", Some(&now())).rest_ms;
        assert_eq!(of(FailureKind::UsageLimit), Some(300_000));
        assert_eq!(of(FailureKind::Billing), None);
        assert_eq!(failure(FailureKind::UsageLimit, String::new(), "try again in 5 minutes", None).rest_ms, None);
    }
}
