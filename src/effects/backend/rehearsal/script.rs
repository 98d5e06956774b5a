//! The script of a rehearsal: what the agent does for each story besides its own small file.

use std::collections::BTreeMap;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// The variable that names the script's file. Without it every story is done at once and well.
pub const SCRIPT_VARIABLE: &str = "RALPH_REHEARSAL_SCRIPT";

/// The line that stands in the file of a story that is done badly on purpose; a gate like
/// `! grep -rqs 'Status: broken' rehearsal` is red as long as it stands there.
pub const BROKEN_MARK: &str = "Status: broken";

/// What the agent does, by story id.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Rest before each story, in milliseconds, where the story says nothing else.
    #[serde(default)]
    pub pause_ms: u64,
    /// The stories that something is said about.
    #[serde(default)]
    pub stories: BTreeMap<String, StoryScript>,
}

/// What the agent does for one story.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StoryScript {
    /// Files to write: path relative to the worktree, and content.
    pub files: BTreeMap<String, String>,
    /// Lines to append: path relative to the worktree, and the lines. Two epics that append to one file conflict.
    pub append: BTreeMap<String, Vec<String>>,
    /// Rest before the story, in milliseconds.
    pub pause_ms: Option<u64>,
    /// The first session leaves [`BROKEN_MARK`] in the story's file, the next one mends it.
    pub broken_first: bool,
    /// The report says that the story is not done, for this reason.
    pub gives_up: Option<String>,
}

impl Script {
    /// Reads the script; none is the empty script.
    ///
    /// # Errors
    /// One sentence: which file, and what is wrong with it.
    pub fn read(file: Option<&Path>) -> Result<Self, String> {
        let Some(file) = file else { return Ok(Self::default()) };
        let at = |fault: &dyn std::fmt::Display| format!("the rehearsal script {}: {fault}", file.display());
        let text = std::fs::read(file).map_err(|fault| at(&fault))?;
        serde_json::from_slice(&text).map_err(|fault| at(&fault))
    }

    /// What is said about a story.
    #[must_use]
    pub fn story(&self, id: &str) -> StoryScript {
        let story = self.stories.get(id).cloned().unwrap_or_default();
        StoryScript { pause_ms: story.pause_ms.or(Some(self.pause_ms)), ..story }
    }
}
