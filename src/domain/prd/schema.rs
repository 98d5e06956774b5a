//! The types of prd.json as a person writes it: for new files, and for the JSON Schema that editors check against.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::super::outcome::Status;

/// The epics of a project, each with its user stories, for ralph-teams to build. Further fields are allowed and kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(title = "prd.json of ralph-teams")]
pub struct Prd {
    /// The project's name.
    #[schemars(regex(pattern = r"\S"))]
    pub project: String,
    /// A name of ralph-teams 1.0.x; a run names its own branches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch_name: Option<String>,
    /// What the whole is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The pieces of work that may run side by side.
    #[schemars(length(min = 1))]
    pub epics: Vec<PrdEpic>,
}

/// A piece of work that one team builds on a branch of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "Epic")]
pub struct PrdEpic {
    /// A short name like EPIC-001, unique in the file.
    #[schemars(regex(pattern = r"\S"))]
    pub id: String,
    /// One line for people.
    #[schemars(regex(pattern = r"\S"))]
    pub title: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How earlier runs left it; written by ralph-teams. Missing: pending.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// Whether an implementation plan was written for it; written by ralph-teams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub planned: Option<bool>,
    /// The ids of the epics that must be merged before this one may start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("uniqueItems" = true))]
    pub depends_on: Option<Vec<String>>,
    /// Patterns of the files that it is expected to change, relative to the root, like `src/auth/**` or `migrations/*.sql`. The critic
    /// (`ralph-teams lint`) finds by them which epics will meet in the same files; nothing is scheduled by them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(inner(regex(pattern = r"\S")))]
    pub touches: Option<Vec<String>>,
    /// What is to be built.
    #[schemars(length(min = 1))]
    pub user_stories: Vec<PrdStory>,
}

/// The smallest thing that passes or does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
#[schemars(rename = "UserStory")]
pub struct PrdStory {
    /// A short name like US-001, unique in the file.
    #[schemars(regex(pattern = r"\S"))]
    pub id: String,
    /// One line for people.
    #[schemars(regex(pattern = r"\S"))]
    pub title: String,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Statements that must hold when it is done.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acceptance_criteria: Option<Vec<String>>,
    /// Lower comes first within its epic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<i64>,
    /// Whether it is proven; written by ralph-teams. Missing: not proven.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passes: Option<bool>,
    /// Why it is not proven; written by ralph-teams.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failure_reason: Option<String>,
}

/// The JSON Schema of prd.json, as `schemas/prd.schema.json` holds it.
#[must_use]
pub fn json_schema() -> String {
    let schema = schemars::schema_for!(Prd);
    format!("{:#}\n", schema.as_value())
}
