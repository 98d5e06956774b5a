//! A brief: what is wanted and how anybody can see that it is there, before a word is said on how it is built.

use super::Faults;
use super::sections::{Section, sections};

/// The sections that a brief must have: what they are called, and the words by which one is known.
const PARTS: [(&str, &[&str]); 4] = [
    ("Problem", &["problem"]),
    ("In scope", &["in scope"]),
    ("Out of scope", &["out of scope"]),
    ("Acceptance criteria", &["acceptance"]),
];

/// The kinds of criteria; each must have an entry.
const KINDS: [(&str, &[&str]); 3] = [
    ("Happy path", &["happy"]),
    ("Another path", &["another", "other path", "alternative"]),
    ("Errors and edges", &["error", "edge"]),
];

/// What is wrong with a brief.
#[must_use]
pub fn look_at_brief(bytes: &[u8]) -> Faults {
    let Ok(text) = std::str::from_utf8(bytes) else { return Faults::unreadable() };
    let found = sections(text);
    let mut must = Vec::new();
    for (name, words) in PARTS {
        match found.iter().position(|section| section.is_about(words)) {
            None => must.push(format!("the section \"## {name}\" is missing")),
            Some(place) if is_empty(&found, place) => must.push(format!("the section \"## {name}\" is empty")),
            Some(_) => {}
        }
    }
    for (name, words) in KINDS {
        let entries: usize = found.iter().filter(|section| section.is_about(words)).map(Section::entries).sum();
        if entries == 0 {
            must.push(format!("below the acceptance criteria, \"### {name}\" needs at least one entry of a list"));
        }
    }
    Faults { must, should: Vec::new() }
}

/// Whether nothing stands below a heading, sections below it counted.
fn is_empty(found: &[Section<'_>], place: usize) -> bool {
    let level = found[place].level;
    let below = found[place + 1..].iter().take_while(|section| section.level > level);
    !found[place].says_something() && !below.into_iter().any(Section::says_something)
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "# Brief\n\n## Problem\nx\n## In scope\n- a\n## Out of scope\n- b\n## Acceptance criteria\n\
                        ### Happy path\n- c\n### Another path\n- d\n### Errors and edges\n1. e\n";

    #[test]
    fn a_whole_brief_has_no_fault() {
        assert_eq!(look_at_brief(GOOD.as_bytes()), Faults::default());
    }

    #[test]
    fn every_part_that_is_missing_or_empty_is_named() {
        let told = |text: &str| look_at_brief(text.as_bytes()).must.join("\n");
        assert_eq!(look_at_brief(b"").must.len(), 7);
        assert!(told(&GOOD.replace("## Out of scope\n- b\n", "")).contains("\"## Out of scope\" is missing"));
        assert!(told(&GOOD.replace("## Problem\nx", "## Problem\n\n")).contains("\"## Problem\" is empty"));
        assert!(told(&GOOD.replace("1. e", "nothing comes to mind")).contains("\"### Errors and edges\" needs"));
        assert_eq!(look_at_brief(b"\xff").must, ["it is not UTF-8 text"]);
    }
}
