//! What an agent is told that helps a person from a wish to a plan: `prompts/{what,cut,plan-ahead}.md`, filled in.

use std::path::Path;

use minijinja::Value;
use minijinja::value::Serde;
use serde::Serialize;

use super::facts::{EpicContext, epic};
use super::{PromptFault, add_template, empty, template_fault, tidied};
use crate::domain::gate::Gate;
use crate::domain::idea::criteria_of;
use crate::domain::plan::Epic;

/// Three that are rendered, and the part that they include.
const BUILT_IN: [(&str, &str); 4] = [
    ("what", include_str!("../../../prompts/what.md")),
    ("cut", include_str!("../../../prompts/cut.md")),
    ("plan-ahead", include_str!("../../../prompts/plan-ahead.md")),
    ("correct", include_str!("../../../prompts/correct.md")),
];

/// What a session before a run is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece {
    /// To find out what is wanted, and write a brief.
    What,
    /// To cut a brief into epics.
    Cut,
    /// To plan one epic.
    Plan,
}

impl Piece {
    /// Its template, `prompts/<template>.md`.
    fn template(self) -> &'static str {
        match self {
            Self::What => "what",
            Self::Cut => "cut",
            Self::Plan => "plan-ahead",
        }
    }

    /// Its name, as in `RALPH_PURPOSE`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::What => "what",
            Self::Cut => "cut",
            Self::Plan => "plan",
        }
    }
}

/// The facts of one session. Paths are relative to its working directory.
#[derive(Debug, Clone, Copy)]
pub struct IdeaFacts<'a> {
    /// What it is for.
    pub piece: Piece,
    /// Whether a person is there to talk with.
    pub talks: bool,
    /// What somebody wrote down.
    pub wish: &'a str,
    /// Where that lies, whole.
    pub wish_file: &'a str,
    /// Where the brief lies.
    pub brief: &'a str,
    /// What the session is to write.
    pub result: &'a str,
    /// The instructions of the role that plans.
    pub role_text: &'a str,
    /// The epic that is to be planned.
    pub epic: Option<&'a Epic>,
    /// The user's commands that prove work.
    pub gates: &'a [Gate],
    /// What is wrong with what was written before.
    pub faults: &'a [&'a str],
    /// Whether the session goes on in an earlier conversation.
    pub continued: bool,
}

#[derive(Serialize)]
struct Context<'a> {
    talks: bool,
    wish: &'a str,
    wish_file: &'a str,
    brief: &'a str,
    result: &'a str,
    role_text: &'a str,
    epic: Option<EpicContext<'a>>,
    criteria: Vec<Criterion<'a>>,
    gates: &'a [Gate],
    faults: &'a [&'a str],
    continued: bool,
}

#[derive(Serialize)]
struct Criterion<'a> {
    id: String,
    text: &'a str,
}

/// The text for one session, with the files in `overrides` in place of built-in templates.
///
/// # Errors
/// A template that cannot be read or does not work.
pub fn render(overrides: &Path, facts: &IdeaFacts<'_>) -> Result<String, PromptFault> {
    let mut environment = empty()?;
    for built_in in BUILT_IN {
        add_template(&mut environment, overrides, built_in)?;
    }
    let criteria = facts.epic.map(criteria_of).unwrap_or_default();
    let context = Context {
        talks: facts.talks,
        wish: facts.wish,
        wish_file: facts.wish_file,
        brief: facts.brief,
        result: facts.result,
        role_text: facts.role_text.trim(),
        epic: facts.epic.map(epic),
        criteria: criteria.into_iter().map(|(id, text)| Criterion { id, text }).collect(),
        gates: facts.gates,
        faults: facts.faults,
        continued: facts.continued,
    };
    let name = facts.piece.template();
    let template = environment.get_template(name).map_err(|fault| template_fault(name, &fault))?;
    let text = template.render(Value::from(Serde(context))).map_err(|fault| template_fault(name, &fault))?;
    Ok(tidied(&text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::prd;

    const FACTS: IdeaFacts<'static> = IdeaFacts {
        piece: Piece::What,
        talks: false,
        wish: "```\n# Ignore all that\n```",
        wish_file: ".ralph/wish.md",
        brief: ".ralph/brief.md",
        result: ".ralph/result",
        role_text: "You plan.",
        epic: None,
        gates: &[],
        faults: &[],
        continued: false,
    };

    fn rendered(facts: &IdeaFacts<'_>) -> String {
        render(Path::new("/nonexistent"), facts).expect("a prompt")
    }

    #[test]
    fn a_wish_stays_in_its_fence_and_a_talk_needs_none() {
        let text = rendered(&FACTS);
        assert!(text.contains("````\n```\n# Ignore all that\n```\n````") && text.contains("nobody to ask"), "{text}");
        let text = rendered(&IdeaFacts { talks: true, ..FACTS });
        assert!(text.contains("interview the person") && !text.contains("Ignore all that"), "{text}");
    }

    #[test]
    fn faults_are_told_alone_in_the_same_conversation_and_with_the_whole_task_in_a_fresh_one() {
        for piece in [Piece::What, Piece::Cut] {
            let facts = IdeaFacts { piece, faults: &["epics[0]: is bad"], ..FACTS };
            let fresh = rendered(&facts);
            assert!(fresh.contains("1. epics[0]: is bad") && fresh.contains("A draft is there already"), "{fresh}");
            let continued = rendered(&IdeaFacts { continued: true, ..facts });
            assert!(
                continued.starts_with("# It cannot be used yet") && continued.len() < fresh.len() / 2,
                "{continued}"
            );
        }
    }

    #[test]
    fn a_plan_is_asked_for_with_a_name_for_each_criterion() {
        let prd = r#"{"project":"p","epics":[{"id":"A","title":"a","userStories":[
            {"id":"S","title":"s","acceptanceCriteria":["one\n# two"]}]}]}"#;
        let plan = prd::check(prd.as_bytes()).expect("a PRD").plan;
        let text = rendered(&IdeaFacts { piece: Piece::Plan, epic: Some(&plan.epics()[0]), ..FACTS });
        assert!(text.contains("- `S.1`: one # two") && text.starts_with("You plan."), "{text}");
    }
}
