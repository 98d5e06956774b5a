//! The text that a session is given: `prompts/*.md` filled with the facts of its job. Pure once the templates are read.
//!
//! Ids, titles, logs and the words of other agents are data: each passes through a filter that keeps it on its line, in
//! its quote or in its fence, so that it cannot add a heading or an instruction of its own.

mod facts;
mod filters;
pub mod idea;

use std::error::Error as _;
use std::path::Path;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior, Value};

pub use facts::{Committed, HelperFact, PromptFacts, judges, phase};

use crate::scheduler::command::Purpose;

/// The built-in templates: seven that are rendered, and the parts that they include.
const BUILT_IN: [(&str, &str); 17] = [
    ("epic", include_str!("../../prompts/epic.md")),
    ("fix", include_str!("../../prompts/fix.md")),
    ("resolve", include_str!("../../prompts/resolve.md")),
    ("validate", include_str!("../../prompts/validate.md")),
    ("delegated", include_str!("../../prompts/delegated.md")),
    ("plan", include_str!("../../prompts/plan.md")),
    ("judge", include_str!("../../prompts/judge.md")),
    ("continued", include_str!("../../prompts/continued.md")),
    ("stories", include_str!("../../prompts/stories.md")),
    ("findings", include_str!("../../prompts/findings.md")),
    ("notes", include_str!("../../prompts/notes.md")),
    ("place", include_str!("../../prompts/place.md")),
    ("gates", include_str!("../../prompts/gates.md")),
    ("helpers", include_str!("../../prompts/helpers.md")),
    ("report", include_str!("../../prompts/report.md")),
    ("workflow", include_str!("../../prompts/workflow.md")),
    ("verdict", include_str!("../../prompts/verdict.md")),
];

/// Where a repository keeps its own versions, relative to its main worktree. They are never read in a session's worktree.
pub const PROMPTS_DIRECTORY: &str = ".ralph-teams/prompts";

/// Why there is no prompt.
#[derive(Debug, thiserror::Error)]
pub enum PromptFault {
    /// A file cannot be read.
    #[error("{file} cannot be read ({source}): mend or remove it")]
    Unreadable {
        /// The file.
        file: String,
        /// Why.
        source: std::io::Error,
    },
    /// A template cannot be parsed, or asks for something that does not exist.
    #[error("the prompt template {template} does not work: {detail}; mend it, or remove it to use the built-in one")]
    Template {
        /// Its name.
        template: String,
        /// What, and in which line.
        detail: String,
    },
}

/// All templates, parsed.
#[derive(Debug)]
pub struct Templates(Environment<'static>);

impl Templates {
    /// The templates, with the files in `overrides` (usually [`PROMPTS_DIRECTORY`]) in place of built-in ones.
    ///
    /// # Errors
    /// The first file that cannot be read or parsed.
    pub fn load(overrides: &Path) -> Result<Self, PromptFault> {
        let mut environment = empty()?;
        for built_in in BUILT_IN {
            add_template(&mut environment, overrides, built_in)?;
        }
        Ok(Self(environment))
    }
}

/// One template, or the file in `overrides` that takes its place.
fn add_template(
    environment: &mut Environment<'static>,
    overrides: &Path,
    (name, built_in): (&'static str, &str),
) -> Result<(), PromptFault> {
    let path = overrides.join(format!("{name}.md"));
    let text = match std::fs::read_to_string(&path) {
        Ok(text) => text,
        Err(fault) if fault.kind() == std::io::ErrorKind::NotFound => built_in.to_owned(),
        Err(source) => return Err(PromptFault::Unreadable { file: path.display().to_string(), source }),
    };
    environment.add_template_owned(name, text).map_err(|fault| template_fault(name, &fault))
}

fn empty() -> Result<Environment<'static>, PromptFault> {
    let mut environment = Environment::new();
    // A misspelt name must not become an empty place in a prompt.
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build();
    environment.set_syntax(syntax.map_err(|fault| template_fault("(all)", &fault))?);
    filters::add(&mut environment);
    Ok(environment)
}

/// The text for one session.
///
/// # Errors
/// The template that does not work, with the line.
pub fn render(templates: &Templates, facts: &PromptFacts<'_>) -> Result<String, PromptFault> {
    let name = match facts.purpose {
        Purpose::Implement => "epic",
        Purpose::Fix => "fix",
        Purpose::Resolve { .. } => "resolve",
        Purpose::Validate => "validate",
        Purpose::Delegated(_) => "delegated",
        Purpose::Plan => "plan",
        Purpose::Judge => "judge",
    };
    let template = templates.0.get_template(name).map_err(|fault| template_fault(name, &fault))?;
    let text = template.render(Value::from(Serde(facts.context()))).map_err(|fault| template_fault(name, &fault))?;
    Ok(tidied(&text))
}

/// Several empty lines become one: parts that are left out leave holes. Fenced text stays as it is.
fn tidied(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut fence: Option<String> = None;
    let mut empty_before = true;
    for line in text.lines() {
        let ticks: String = line.chars().take_while(|c| *c == '`').collect();
        match &fence {
            Some(open) if line == open => fence = None,
            None if ticks.len() >= 3 => fence = Some(ticks),
            Some(_) | None => {}
        }
        let is_empty = line.trim().is_empty();
        if !(is_empty && empty_before && fence.is_none()) {
            tidy.push_str(line);
            tidy.push('\n');
        }
        empty_before = is_empty;
    }
    tidy.truncate(tidy.trim_end().len());
    tidy.push('\n');
    tidy
}

fn template_fault(name: &str, fault: &minijinja::Error) -> PromptFault {
    // A fault in an included part is wrapped by one for each template around it; the innermost says what is wrong.
    let mut innermost = fault;
    while let Some(inner) = innermost.source().and_then(|source| source.downcast_ref()) {
        innermost = inner;
    }
    let template = innermost.name().unwrap_or(name).to_owned();
    let detail = match innermost.line() {
        Some(line) => format!("line {line}: {innermost}"),
        None => innermost.to_string(),
    };
    PromptFault::Template { template, detail }
}
