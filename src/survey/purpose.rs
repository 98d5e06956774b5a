//! What a command is good for.

use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

/// What a command is good for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// It makes a fresh checkout ready for work.
    Setup,
    /// It checks how the code is formatted.
    Format,
    /// It looks for faults without running the code.
    Lint,
    /// It builds the code or checks its types.
    Build,
    /// It runs the tests.
    Test,
}

impl Purpose {
    /// Those that can be gates, from the quickest to the slowest.
    pub const GATES: [Self; 4] = [Self::Format, Self::Lint, Self::Build, Self::Test];

    /// The name of a gate for it.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Setup => "setup",
            Self::Format => "format",
            Self::Lint => "lint",
            Self::Build => "build",
            Self::Test => "test",
        }
    }

    /// What is proven when the command succeeds.
    #[must_use]
    pub fn proves(self) -> &'static str {
        match self {
            Self::Setup => "a fresh checkout is ready for work",
            Self::Format => "the code is formatted as agreed",
            Self::Lint => "the linter finds nothing",
            Self::Build => "it builds, or its types fit",
            Self::Test => "the tests pass",
        }
    }
}

impl fmt::Display for Purpose {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
