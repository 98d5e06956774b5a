//! How sessions end, in words that a table can hold.

#![allow(dead_code, reason = "each test binary uses another part of it, so an expectation cannot hold in all of them")]

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
