//! Why a session did not end as it should, and what is done about each kind of failure.

use serde::{Deserialize, Serialize};

/// Why a session did not end as it should.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SessionFailure {
    /// What kind of failure.
    pub kind: FailureKind,
    /// Short and concrete: exit code, signal, the provider's message.
    pub detail: String,
    /// Milliseconds until the provider takes sessions again, when it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rest_ms: Option<u64>,
}

/// Kinds of session failures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The program crashed, was killed by somebody else, or ended with an error of its own.
    Crashed,
    /// The provider is overloaded or answered with an error of its own.
    #[serde(alias = "provider")]
    Overloaded,
    /// Too many requests or tokens in a short time.
    RateLimited,
    /// What the account may use for some hours or days is used up; it comes back by itself.
    UsageLimit,
    /// The provider cannot be reached.
    Offline,
    /// Nobody is signed in, or the key is not valid.
    SignIn,
    /// The account has no money, or may not use the model.
    Billing,
    /// The conversation is longer than the model can read.
    TooLong,
    /// The model refused, or ran into a limit of turns or money that the user set.
    Refused,
    /// The program cannot work at all: not found, wrong options, no such model.
    Unusable,
}

/// All kinds.
pub const FAILURE_KINDS: [FailureKind; 10] = [
    FailureKind::Crashed,
    FailureKind::Overloaded,
    FailureKind::RateLimited,
    FailureKind::UsageLimit,
    FailureKind::Offline,
    FailureKind::SignIn,
    FailureKind::Billing,
    FailureKind::TooLong,
    FailureKind::Refused,
    FailureKind::Unusable,
];

/// What is done about a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The attempt is charged; another one begins in a fresh conversation.
    Charge,
    /// Nobody is charged: the session rests and goes on in its conversation.
    Rest,
    /// The epic ends as it is: the same question would get the same answer, and cost as much again.
    GiveUp,
    /// Every other session would fail too: the run stops resumably, and a person is told what to mend.
    Stop,
}

impl FailureKind {
    /// What is done about it.
    #[must_use]
    pub fn answer(self) -> Answer {
        match self {
            Self::Crashed | Self::TooLong => Answer::Charge,
            Self::Overloaded | Self::RateLimited | Self::UsageLimit | Self::Offline => Answer::Rest,
            Self::Refused => Answer::GiveUp,
            Self::SignIn | Self::Billing | Self::Unusable => Answer::Stop,
        }
    }
}

impl SessionFailure {
    /// A failure of which nobody said when it will be over.
    #[must_use]
    pub fn new(kind: FailureKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into(), rest_ms: None }
    }
}
