//! What the fake agent was given: its environment, its epic, its prompt.

use std::io::{IsTerminal as _, Read as _};
use std::path::PathBuf;

use serde::Deserialize;

/// Whatever went wrong, as a sentence.
pub type Fault = Box<dyn std::error::Error>;

/// One session.
#[derive(Debug)]
pub struct Session {
    /// `RALPH_PURPOSE` of a session before a run, else `RALPH_ROLE`, or `team-lead`.
    pub role: String,
    /// `RALPH_EPIC_ID`; `None` for the whole run.
    pub epic_id: Option<String>,
    /// `RALPH_ATTEMPT`, or `1`.
    pub attempt: String,
    /// `RALPH_REPORT`, or `.ralph/report.json`.
    pub report: PathBuf,
    /// The ids of the pending stories of the epic in `RALPH_EPIC_FILE`.
    pub pending: Vec<String>,
    /// The prompt.
    pub prompt: String,
    /// What a person answered last.
    pub answer: String,
}

/// The part of `.ralph/epic.json` that matters here.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Epic {
    #[serde(default)]
    user_stories: Vec<Story>,
}

#[derive(Debug, Deserialize)]
struct Story {
    id: String,
    #[serde(default)]
    passes: bool,
}

fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

impl Session {
    /// Reads what was given, the prompt to its end.
    pub fn from_environment() -> Result<Self, Fault> {
        let epic_file = variable("RALPH_EPIC_FILE").unwrap_or_else(|| ".ralph/epic.json".to_owned());
        let pending = match std::fs::read(&epic_file) {
            Ok(bytes) => {
                let epic: Epic = serde_json::from_slice(&bytes).map_err(|error| format!("{epic_file}: {error}"))?;
                epic.user_stories.into_iter().filter(|story| !story.passes).map(|story| story.id).collect()
            }
            Err(_) => Vec::new(),
        };
        let mut prompt = Vec::new();
        if !std::io::stdin().is_terminal() {
            std::io::stdin().read_to_end(&mut prompt)?;
        } else if let Some(file) = variable("RALPH_PROMPT_FILE") {
            prompt = std::fs::read(file)?;
        }
        Ok(Self {
            role: variable("RALPH_PURPOSE")
                .or_else(|| variable("RALPH_ROLE"))
                .unwrap_or_else(|| "team-lead".to_owned()),
            epic_id: variable("RALPH_EPIC_ID"),
            attempt: variable("RALPH_ATTEMPT").unwrap_or_else(|| "1".to_owned()),
            report: variable("RALPH_REPORT").unwrap_or_else(|| ".ralph/report.json".to_owned()).into(),
            pending,
            prompt: String::from_utf8_lossy(&prompt).into_owned(),
            answer: String::new(),
        })
    }

    /// The file that stands for the work on a story.
    pub fn story_file(story: &str) -> String {
        format!("{}.txt", story.replace('/', "-"))
    }
}
