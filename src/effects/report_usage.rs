//! What was consumed, as a table of `report.md`.

use std::fmt::Write as _;

use super::markdown::plain;
use crate::domain::usage::{ByStory, Usage, dollars};
use crate::domain::verdict::Verdict;

/// The section about tokens and money.
pub(super) fn usage(verdict: &Verdict) -> String {
    let mut text = "## Usage\n\n| of | tokens in | cached | out | cost |\n|---|---|---|---|---|\n".to_owned();
    usage_row(&mut text, "the run", verdict.usage);
    for (role, usage) in &verdict.usage_by_role {
        usage_row(&mut text, role.name(), *usage);
    }
    for epic in verdict.epics.iter().filter(|epic| !epic.usage_by_role.is_empty()) {
        let id = plain(epic.id.as_str());
        usage_row(&mut text, &format!("epic {id}"), epic.usage);
        let ByStory { alone, shared } = &epic.usage_by_story;
        for (story, usage) in alone {
            usage_row(&mut text, &format!("{id}: story {}", plain(story.as_str())), *usage);
        }
        // Beside no story it would say what the line of the epic says.
        if let Some(usage) = shared.filter(|_| !alone.is_empty()) {
            usage_row(&mut text, &format!("{id}: of no single story"), usage);
        }
    }
    if verdict.epics.iter().any(|epic| !epic.usage_by_story.alone.is_empty()) {
        text += "\nA story has what the sessions consumed that worked for it alone.\n";
    }
    text + "\nCosts are in US dollars, as the agent programs state them or a table of prices says.\n"
}

fn usage_row(text: &mut String, of: &str, usage: Usage) {
    let at_least = |n: u32| if n == 0 { "" } else { "at least " };
    let tokens = |n: u64| match usage.knows_tokens() {
        true => format!("{}{n}", at_least(usage.uncounted_sessions)),
        false => "not known".to_owned(),
    };
    let cost = match (usage.knows_cost(), usage.unpriced_sessions) {
        (false, _) => "not known".to_owned(),
        (true, 0) => dollars(usage.cost_microdollars),
        (true, n) => {
            let sessions = if n == 1 { "session" } else { "sessions" };
            format!("at least {}, not known of {n} {sessions}", dollars(usage.cost_microdollars))
        }
    };
    let (sent, cached, written) =
        (tokens(usage.input_tokens), tokens(usage.cached_tokens), tokens(usage.output_tokens));
    // Writing to a String cannot fail.
    let _ = writeln!(text, "| {of} | {sent} | {cached} | {written} | {cost} |");
}
