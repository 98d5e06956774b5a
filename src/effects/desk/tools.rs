//! The tools that sessions have at the desk: their names, what they are for, and what they are called with.

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value};

use super::arguments;
use super::calls::AfterACut;
use crate::effects::text::one_line;

/// One tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    /// What is to be done, and with which means.
    GetEpic,
    /// How one story stands.
    ReportStory,
    /// The implementation plan of the epic.
    ReportPlan,
    /// What a validator found.
    ReportValidation,
    /// Something that others should know.
    Note,
    /// Something stands in the way.
    Blocked,
    /// Another session is to do something.
    Delegate,
}

impl Tool {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::GetEpic,
        Self::ReportStory,
        Self::ReportPlan,
        Self::ReportValidation,
        Self::Note,
        Self::Blocked,
        Self::Delegate,
    ];

    /// Its name, the same for every agent program; programs put the server's name before it in ways of their own.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GetEpic => "get_epic",
            Self::ReportStory => "report_story",
            Self::ReportPlan => "report_plan",
            Self::ReportValidation => "report_validation",
            Self::Note => "note",
            Self::Blocked => "blocked",
            Self::Delegate => "delegate",
        }
    }

    /// The tool of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|tool| tool.name() == name)
    }

    /// What an agent is told of it.
    #[must_use]
    pub fn description(self) -> &'static str {
        match self {
            Self::GetEpic => {
                "Tells what this session is about: the epic (or the epics to judge) with its stories and their numbered \
                 criteria, the user's gates, and where to find more."
            }
            Self::ReportStory => {
                "Reports one story to the runner, as soon as it is done or given up. The runner checks the claim at once \
                 and answers whether it is accepted; if not, mend what it says and report the story again. The last \
                 accepted report of a story counts."
            }
            Self::ReportPlan => {
                "Hands in the implementation plan of the epic, whole, as Markdown. A later one replaces it."
            }
            Self::ReportValidation => {
                "Hands in the verdict, with a word on every criterion. The runner answers whether it is complete. A later \
                 one replaces it."
            }
            Self::Note => {
                "Leaves a note for the sessions that come after this one: a decision, a discovery or a convention, in a \
                 sentence or two that somebody who knows nothing of this session understands."
            }
            Self::Blocked => {
                "Reports that something outside of your reach stands in the way of a story, or of all that are not \
                 reported yet. They count as not done, with this reason. Nobody answers; go on with what is left."
            }
            Self::Delegate => {
                "Starts a session in another role, on the program that is configured for it, in your worktree; waits for its \
                 end, which may take long; and answers with what it left: commits, or a verdict on each criterion. It \
                 sees nothing of your conversation. One works at a time, and how often is bounded; change nothing in \
                 the worktree meanwhile."
            }
        }
    }

    /// Whether it changes nothing.
    #[must_use]
    pub fn only_reads(self) -> bool {
        match self {
            Self::GetEpic => true,
            Self::ReportStory
            | Self::ReportPlan
            | Self::ReportValidation
            | Self::Note
            | Self::Blocked
            | Self::Delegate => false,
        }
    }

    /// What becomes of a call of it that is made again after it was cut short.
    #[must_use]
    pub(super) fn after_a_cut(self) -> AfterACut {
        match self {
            Self::GetEpic
            | Self::ReportStory
            | Self::ReportPlan
            | Self::ReportValidation
            | Self::Note
            | Self::Blocked => AfterACut::CarriedOut,
            Self::Delegate => AfterACut::Refused,
        }
    }

    /// The JSON Schema of what it is called with.
    #[must_use]
    pub fn schema(self) -> Map<String, Value> {
        match self {
            Self::GetEpic => schema::<arguments::GetEpic>(),
            Self::ReportStory => schema::<arguments::ReportStory>(),
            Self::ReportPlan => schema::<arguments::ReportPlan>(),
            Self::ReportValidation => schema::<arguments::ReportValidation>(),
            Self::Note => schema::<arguments::Note>(),
            Self::Blocked => schema::<arguments::Blocked>(),
            Self::Delegate => schema::<arguments::Delegate>(),
        }
    }
}

/// Without references and formats, which not every program follows, and without what only editors read.
fn schema<T: JsonSchema>() -> Map<String, Value> {
    let mut settings = SchemaSettings::draft2020_12();
    settings.inline_subschemas = true;
    settings.meta_schema = None;
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.remove("title");
    schema.remove("description");
    let mut schema = Value::from(schema);
    plain(&mut schema);
    schema.as_object().cloned().unwrap_or_default()
}

fn plain(schema: &mut Value) {
    match schema {
        Value::Object(entries) => {
            // What is left out is left out: a default of null would contradict the type beside it.
            entries.retain(|key, _| !matches!(key.as_str(), "default" | "format"));
            for (key, value) in entries {
                match value {
                    Value::String(text) if key == "description" => *text = one_line(text),
                    value => plain(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(plain),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_tool_is_found_by_its_name() {
        for tool in Tool::ALL {
            assert_eq!(Tool::named(tool.name()), Some(tool));
        }
        assert_eq!(Tool::named("push"), None);
    }

    #[test]
    fn a_schema_is_whole_in_itself_and_plain_enough_for_every_program() {
        for tool in Tool::ALL {
            let schema = Value::Object(tool.schema());
            assert_eq!(
                (&schema["type"], &schema["additionalProperties"]),
                (&"object".into(), &false.into()),
                "{schema}"
            );
            for word in ["$ref", "$defs", "$schema", "oneOf", "anyOf", "null", "default", "format"] {
                assert!(!schema.to_string().contains(&format!("\"{word}\"")), "{word}: {schema:#}");
            }
        }
    }
}
