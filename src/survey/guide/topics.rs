//! What an agent needs to be told, and whether a text names it: by a heading, or by a command.

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Serialize;

use crate::survey::classify::{Class, class_of};
use crate::survey::purpose::Purpose;

/// Something that an agent needs to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Topic {
    /// What is where.
    Layout,
    /// How a fresh checkout is made ready.
    Setup,
    /// How it is built.
    Build,
    /// How it is tested.
    Test,
    /// How the code is formatted and linted.
    Style,
}

impl Topic {
    /// All of them, in the order of a page.
    pub const ALL: [Self; 5] = [Self::Layout, Self::Setup, Self::Build, Self::Test, Self::Style];

    /// The purposes of the commands that belong to it.
    #[must_use]
    pub fn purposes(self) -> &'static [Purpose] {
        match self {
            Self::Layout => &[],
            Self::Setup => &[Purpose::Setup],
            Self::Build => &[Purpose::Build],
            Self::Test => &[Purpose::Test],
            Self::Style => &[Purpose::Format, Purpose::Lint],
        }
    }

    /// For people.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Layout => "what is where",
            Self::Setup => "how to set up",
            Self::Build => "how to build",
            Self::Test => "how to test",
            Self::Style => "how to format and lint",
        }
    }

    /// Pieces of words in a heading about it.
    fn heads(self) -> &'static [&'static str] {
        match self {
            Self::Layout => {
                &["layout", "structure", "architecture", "director", "folder", "organi", "where things", "map"]
            }
            Self::Setup => &["setup", "set up", "set-up", "install", "getting started"],
            Self::Build => &["build", "compil", "type check"],
            Self::Test => &["test"],
            Self::Style => &["format", "lint", "style"],
        }
    }
}

/// The topics that a text names. A layout is also named by three of the folders that are there.
pub(super) fn named(text: &str, folders: &[String]) -> BTreeSet<Topic> {
    let mut named = BTreeSet::new();
    let headings = text.lines().filter(|line| line.starts_with('#')).map(str::to_lowercase).collect::<Vec<_>>();
    for topic in Topic::ALL {
        if headings.iter().any(|heading| topic.heads().iter().any(|head| heading.contains(head))) {
            named.insert(topic);
        }
    }
    for code in codes(text) {
        if let Some(Class::Is(purpose)) = class_of(&code) {
            named.extend(Topic::ALL.into_iter().filter(|topic| topic.purposes().contains(&purpose)));
        }
    }
    let mentioned = folders.iter().filter(|folder| text.contains(&format!("{folder}/"))).count();
    if mentioned >= 3 {
        named.insert(Topic::Layout);
    }
    named
}

/// The pieces of code in a text: lines of fenced blocks, and what stands between backticks.
fn codes(text: &str) -> Vec<String> {
    let mut codes = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") || line.trim_start().starts_with("~~~") {
            fenced = !fenced;
        } else if fenced {
            codes.push(line.trim().trim_start_matches("$ ").split(" #").next().unwrap_or_default().to_owned());
        } else {
            codes.extend(line.split('`').skip(1).step_by(2).map(str::to_owned));
        }
    }
    codes
}
