//! How sessions end, in words that a table can hold.

use ralph_teams::effects::backend::Conclusion;
use ralph_teams::scheduler::event::FailureKind;

/// How it ended, in one word.
pub fn class(conclusion: &Conclusion) -> &'static str {
    match conclusion.failure.as_ref().map(|failure| failure.kind) {
        None => "good",
        Some(FailureKind::Overloaded) => "overloaded",
        Some(FailureKind::RateLimited) => "rate-limited",
        Some(FailureKind::UsageLimit) => "usage-limit",
        Some(FailureKind::Offline) => "offline",
        Some(FailureKind::SignIn) => "sign-in",
        Some(FailureKind::Billing) => "billing",
        Some(FailureKind::TooLong) => "too-long",
        Some(FailureKind::Unusable) => "unusable",
        Some(FailureKind::Refused) => "refused",
        Some(FailureKind::Crashed) if conclusion.lost_conversation => "lost",
        Some(FailureKind::Crashed) => "crashed",
    }
}

/// Why it did not end as it should.
#[track_caller]
pub fn detail(conclusion: &Conclusion) -> &str {
    &conclusion.failure.as_ref().expect("a failure").detail
}

/// One line that says what came of it: the kind of the end, tokens in and out, money, what is not known, the last words.
pub fn told(name: &str, conclusion: &Conclusion) -> String {
    let usage = conclusion.usage;
    let said = conclusion.said.as_deref().unwrap_or("-").replace('\n', " / ");
    let said: String = said.chars().take(40).collect();
    format!(
        "{name}: {} {}+{} ${}{}{} {said}",
        class(conclusion),
        usage.input_tokens,
        usage.output_tokens,
        usage.cost_microdollars,
        if usage.unpriced_sessions > 0 { " unpriced" } else { "" },
        if usage.uncounted_sessions > 0 { " uncounted" } else { "" },
    )
}
