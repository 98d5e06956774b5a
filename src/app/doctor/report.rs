//! The lines of the report: their types, for people and for programs.

use schemars::{JsonSchema, Schema, schema_for};
use serde::Serialize;

use crate::ui::{safe, units};

/// What `ralph-teams doctor --json` prints: one object.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct Report {
    /// The version of this form.
    pub v: u32,
    /// Whether there is no fail.
    pub ok: bool,
    /// What was looked at, in the order in which it matters.
    pub lines: Vec<Line>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Line {
    /// What it is about.
    pub area: Area,
    /// How it stands.
    pub level: Level,
    /// What was seen.
    pub text: String,
    /// What to do; null when there is nothing to do.
    pub advice: Option<String>,
}

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// As it should be.
    Pass,
    /// Neither good nor bad.
    Info,
    /// A run can start, but something may go wrong.
    Warn,
    /// A run cannot start, or cannot work.
    Fail,
    /// It cannot be told.
    Unknown,
}

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Area {
    /// The git program.
    Git,
    /// The repository of the current folder.
    Repository,
    /// Room on disks.
    Disk,
    /// Memory for the sessions.
    Memory,
    /// An agent program.
    Agent,
    /// Whether an agent program is signed in.
    SignIn,
    /// The configuration.
    Config,
    /// The PRD.
    Prd,
    /// What earlier runs left.
    Leftovers,
    /// The terminal.
    Terminal,
    /// The user that sessions run as.
    User,
}

impl Line {
    /// A line without advice.
    pub fn new(area: Area, level: Level, text: impl Into<String>) -> Self {
        Self { area, level, text: text.into(), advice: None }
    }

    /// The same with what to do.
    #[must_use]
    pub fn advise(self, advice: impl Into<String>) -> Self {
        Self { advice: Some(advice.into()), ..self }
    }
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Fail => "FAIL",
            Self::Unknown => "unknown",
        }
    }
}

impl Area {
    fn name(self) -> &'static str {
        match self {
            Self::Git => "git",
            Self::Repository => "repository",
            Self::Disk => "disk",
            Self::Memory => "memory",
            Self::Agent => "agent",
            Self::SignIn => "sign-in",
            Self::Config => "config",
            Self::Prd => "prd",
            Self::Leftovers => "leftovers",
            Self::Terminal => "terminal",
            Self::User => "user",
        }
    }
}

impl Report {
    /// The report with these lines.
    #[must_use]
    pub fn of(lines: Vec<Line>) -> Self {
        Self { v: 1, ok: lines.iter().all(|line| line.level != Level::Fail), lines }
    }

    /// For programs.
    ///
    /// # Errors
    /// Never in practice: it holds nothing but texts and numbers.
    pub fn json(&self) -> serde_json::Result<String> {
        serde_json::to_string(self)
    }

    /// For people: a line for each, what to do below it, and one line that counts.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        for Line { area, level, text: seen, advice } in &self.lines {
            text.push_str(&format!("{:<8} {:<11} {}\n", level.name(), area.name(), safe::short(seen)));
            if let Some(advice) = advice {
                text.push_str(&format!("{:<20} -> {}\n", "", safe::short(advice)));
            }
        }
        let n = |level: Level| self.lines.iter().filter(|line| line.level == level).count();
        let fails = units::count(n(Level::Fail), "fail", "fails");
        let warnings = units::count(n(Level::Warn), "warning", "warnings");
        text + &format!("\n{fails}, {warnings}, {} unknown\n", n(Level::Unknown))
    }
}

/// The JSON Schema of the report.
#[must_use]
pub fn schema() -> Schema {
    schema_for!(Report)
}
