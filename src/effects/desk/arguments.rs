//! What the tools are called with: types that are read strictly, and whose schemas agents see.
//!
//! A key that is not known is a fault: a misspelt one must not be lost in silence.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GetEpic {}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportStory {
    /// The story's id.
    pub story: String,
    /// Whether it is done, committed and proven.
    pub passes: bool,
    /// The full id (40 hex digits) of the last commit that belongs to it, when it passes.
    #[serde(default)]
    #[schemars(with = "String")]
    pub commit: Option<String>,
    /// What proves it, one entry each: a command and its result.
    #[serde(default)]
    pub evidence: Vec<String>,
    /// Short and concrete: why it does not pass.
    #[serde(default)]
    #[schemars(with = "String")]
    pub reason: Option<String>,
    /// Whether the runner is to run the user's gates in your worktree first, which may take long. A red one refuses the
    /// report, with the end of its output.
    #[serde(default)]
    pub run_gates: bool,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportPlan {
    /// The whole plan, as Markdown.
    pub text: String,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReportValidation {
    /// `pass` only if every criterion holds, as far as you could see it hold.
    pub verdict: VerdictWord,
    /// One entry for each criterion of each story.
    #[serde(default)]
    pub criteria: Vec<Criterion>,
    /// How the tests ended that you ran; `na`: there are none.
    #[serde(default)]
    pub tests: CheckWord,
    /// How a look in the browser went; `na`: there is nothing to look at, or no means.
    #[serde(default)]
    pub browser_check: CheckWord,
    /// What is wrong, one sentence each that a builder can act on without asking: where, what you saw, what you expected.
    #[serde(default)]
    pub findings: Vec<String>,
}

#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// The story's id.
    pub story: String,
    /// The number of the criterion, counted from 1 as `get_epic` tells it.
    pub criterion: u32,
    /// `proven`: you saw it hold; `contradicted`: you saw it fail; `missing`: nothing was done for it; `unverified`: you
    /// had no means to look.
    pub verdict: CriterionWord,
    /// What you saw: a command and its result, a place in the code.
    #[serde(default)]
    pub evidence: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum VerdictWord {
    Pass,
    Fail,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CriterionWord {
    Proven,
    Contradicted,
    Missing,
    Unverified,
}

/// Two types for one thing: the schema of a tool must be of the plain kind that every program understands.
impl From<CriterionWord> for crate::domain::report::CriterionWord {
    fn from(word: CriterionWord) -> Self {
        match word {
            CriterionWord::Proven => Self::Proven,
            CriterionWord::Contradicted => Self::Contradicted,
            CriterionWord::Missing => Self::Missing,
            CriterionWord::Unverified => Self::Unverified,
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum CheckWord {
    Pass,
    Fail,
    #[default]
    Na,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Note {
    /// What it is about.
    pub kind: NoteWord,
    /// What others should know, in a sentence or two.
    pub text: String,
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum NoteWord {
    Decision,
    Discovery,
    Convention,
}

#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Delegate {
    /// The role that does the work.
    pub role: DelegateWord,
    /// The id of the story that it is about. Only the epic-validator needs none; a builder may go without.
    #[serde(default)]
    #[schemars(with = "String")]
    pub story: Option<String>,
    /// What a builder or planner must know beside the story, its criteria and the commands, which it is given: the files
    /// that matter, what is decided, what is to be mended. A validator is never told it.
    #[serde(default)]
    pub brief: String,
}

#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DelegateWord {
    StoryPlanner,
    Builder,
    StoryValidator,
    EpicValidator,
}

#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Blocked {
    /// The story that is blocked; all that are not reported yet when it is left out.
    #[serde(default)]
    #[schemars(with = "String")]
    pub story: Option<String>,
    /// What stands in the way, in a few words: a credential, a decision, a service.
    pub on: String,
    /// What a person would have to do, and what you tried.
    pub detail: String,
}

/// Reads arguments.
///
/// # Errors
/// What is wrong with them, in words for the agent.
pub fn read<T: DeserializeOwned>(arguments: Map<String, Value>) -> Result<T, String> {
    serde_json::from_value(Value::Object(arguments))
        .map_err(|fault| format!("the arguments are wrong: {fault}; correct them and call again"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: Value) -> Map<String, Value> {
        value.as_object().cloned().expect("an object")
    }

    #[test]
    fn what_may_be_left_out_may_be_left_out_or_null() {
        let story: ReportStory =
            read(object(json!({ "story": "a", "passes": true, "commit": null }))).expect("arguments");
        assert_eq!((story.commit, story.evidence.len(), story.run_gates), (None, 0, false));
    }

    #[test]
    fn a_misspelt_key_and_a_wrong_type_are_named() {
        for (arguments, what) in [
            (json!({ "story": "a", "passes": true, "comit": "x" }), "comit"),
            (json!({ "story": "a", "passes": "yes" }), "boolean"),
            (json!({ "passes": true }), "`story`"),
        ] {
            let fault = read::<ReportStory>(object(arguments)).expect_err("a fault");
            assert!(fault.contains(what) && fault.contains("call again"), "{fault}");
        }
    }
}
