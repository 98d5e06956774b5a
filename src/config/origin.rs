//! Where a value comes from: the answer to "who set this?".

use std::collections::BTreeMap;
use std::fmt;

/// The layer, and the place in it, that a value was taken from.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Origin {
    /// Built in.
    #[default]
    Default,
    /// The workflow preset of this name.
    Preset(&'static str),
    /// The configuration file.
    File {
        /// The file's name, as it was given.
        name: String,
        /// Counted from 1.
        line: u64,
        /// Counted from 1, in characters.
        column: u64,
    },
    /// The environment variable of this name.
    Environment(&'static str),
    /// The flag of this name, with its dashes.
    Flag(&'static str),
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Preset(name) => write!(f, "preset {name}"),
            Self::File { name, line, column } => write!(f, "{name}:{line}:{column}"),
            Self::Environment(name) => write!(f, "environment {name}"),
            Self::Flag(name) => f.write_str(name),
        }
    }
}

/// The origin of each value, by the path of its key (`timeouts.epicTimeout`, `gates[0].run`).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origins(BTreeMap<String, Origin>);

impl Origins {
    /// Where the value at this path comes from.
    #[must_use]
    pub fn of(&self, path: &str) -> Origin {
        self.0.get(path).cloned().unwrap_or_default()
    }

    /// All values that are not built in, by path.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Origin)> {
        self.0.iter().map(|(path, origin)| (path.as_str(), origin))
    }

    /// Notes that a layer has set the value; layers are read from the weakest to the strongest.
    pub(super) fn set(&mut self, path: impl Into<String>, origin: Origin) {
        self.0.insert(path.into(), origin);
    }
}
