//! The implementation plan of one epic: its sections are there, each criterion has its test, and it is no program.

use super::Faults;
use super::sections::{Section, longest_block, sections};
use crate::domain::plan::Epic;

/// What a plan must speak of: the heading, and the words by which it is known.
const PARTS: [(&str, &[&str]); 5] = [
    ("Approach", &["approach"]),
    ("Files", &["file"]),
    ("Tests", &["test"]),
    ("Verification", &["verif"]),
    ("Risks", &["risk"]),
];

/// Lines of a fenced block that are still a name or a command and no program.
const BLOCK_MAX: usize = 12;

/// The criteria of the stories that are still to be done: a name for each, like `US-001.2`, and what it says.
#[must_use]
pub fn criteria_of(epic: &Epic) -> Vec<(String, &str)> {
    let of_story = |story| {
        let story: &crate::domain::plan::Story = story;
        let criteria = (1..).zip(&story.acceptance_criteria);
        criteria.map(move |(n, text): (usize, &String)| (format!("{}.{n}", story.id), text.as_str()))
    };
    epic.pending().flat_map(of_story).collect()
}

/// What is wrong with the plan of an epic.
#[must_use]
pub fn look_at_plan(epic: &Epic, bytes: &[u8]) -> Faults {
    let Ok(text) = std::str::from_utf8(bytes) else { return Faults::unreadable() };
    let found = sections(text);
    let mut must = Vec::new();
    for (name, words) in PARTS {
        if !found.iter().any(|section| section.is_about(words)) {
            must.push(format!("the section \"## {name}\" is missing"));
        } else if !says_something(&found, words) {
            must.push(format!("the section \"## {name}\" is empty"));
        }
    }
    for (name, criterion) in criteria_of(epic) {
        if !mentions(text, &name) {
            must.push(format!("no test is named for the criterion {name}: {criterion}"));
        }
    }
    let longest = longest_block(text);
    if longest > BLOCK_MAX {
        must.push(format!("a block of code has {longest} lines; at most {BLOCK_MAX}: say what is to be built, and let it be built later"));
    }
    Faults { must, should: Vec::new() }
}

fn says_something(found: &[Section<'_>], words: &[&str]) -> bool {
    let Some(place) = found.iter().position(|section| section.is_about(words)) else { return false };
    let level = found[place].level;
    let below = found[place + 1..].iter().take_while(|section| section.level > level);
    found[place].says_something() || below.into_iter().any(Section::says_something)
}

/// Whether the name stands in the text by itself, and not as the beginning of a longer one.
fn mentions(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(start, _)| {
        let before = text[..start].chars().next_back();
        let mut after = text[start + name.len()..].chars();
        let next = after.next();
        let is_longer = next == Some('.') && after.next().is_some_and(|c| c.is_ascii_digit());
        let is_word = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '-' | '_'));
        !is_word(before) && !is_word(next) && !is_longer
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::prd;

    const GOOD: &str = "# Plan\n## Approach\nx\n## Files\n- a.rs\n## Tests\n| S.1 | t1 |\n| S.2. | t2 |\n## Verification\n\
                        ```\ncargo test\n```\n## Risks\nnone\n";

    fn epic() -> Epic {
        let prd = r#"{"project":"p","epics":[{"id":"A","title":"a","userStories":[
            {"id":"S","title":"s","acceptanceCriteria":["one","two"]},
            {"id":"D","title":"d","acceptanceCriteria":["done"],"passes":true}]}]}"#;
        prd::check(prd.as_bytes()).expect("a PRD").plan.epics()[0].clone()
    }

    fn told(text: &str) -> String {
        look_at_plan(&epic(), text.as_bytes()).must.join("\n")
    }

    #[test]
    fn a_whole_plan_has_no_fault_and_what_is_done_needs_no_test() {
        assert_eq!(told(GOOD), "");
        assert_eq!(criteria_of(&epic()), [("S.1".to_owned(), "one"), ("S.2".to_owned(), "two")]);
    }

    #[test]
    fn a_criterion_without_a_test_is_named_with_its_words() {
        assert_eq!(told(&GOOD.replace("S.2.", "S.20")), "no test is named for the criterion S.2: two");
        assert_eq!(told(&GOOD.replace("S.2.", "XS.2")), "no test is named for the criterion S.2: two");
        assert_eq!(told(&GOOD.replace("S.2.", "S.2.1")), "no test is named for the criterion S.2: two");
    }

    #[test]
    fn sections_that_are_missing_or_empty_and_long_code_are_named() {
        assert_eq!(told(&GOOD.replace("## Risks\nnone\n", "")), "the section \"## Risks\" is missing");
        assert_eq!(told(&GOOD.replace("## Approach\nx", "## Approach\n")), "the section \"## Approach\" is empty");
        assert!(told(&GOOD.replace("cargo test", &"x\n".repeat(13))).contains("at most 12"));
        assert_eq!(look_at_plan(&epic(), b"\xff").must.len(), 1);
    }
}
