//! What must hold for any plan at all: the critic says the same twice, and every finding is about something that is there.

use proptest::prelude::*;
use proptest::sample::select;
use ralph_teams::domain::plan::Plan;
use ralph_teams::domain::prd::{check, locate};
use ralph_teams::lint::{Field, History, Rule, Schedule, look, makespan, schedule};
use serde_json::{Value, json};

use crate::generated::prd_value;

/// Valid PRDs with text that the rules react to: names of each other, paths, vague words, quotes that never close.
fn speaking_prd() -> impl Strategy<Value = Value> {
    let words = vec![
        "after",
        "E0",
        "E1",
        "epic",
        "src/a.rs",
        "src/api/",
        "fast",
        "etc.",
        "\"",
        "`",
        "'",
        "TBD",
        "once",
        "exists",
        "builds on",
        "漢字",
        "\u{301}",
        "...",
        "User",
        "accounts",
        ". ",
        "; ",
        "implemented",
        "is complete",
        "use",
        "422",
        "**/*",
        "./",
        "README.md",
    ];
    let patterns = vec!["src/**", "src/a.rs", "**/*.rs", "src/api/", "*", "README.md"];
    let touches = prop::collection::vec(select(patterns), 0..3);
    let text = prop::collection::vec(select(words), 1..8).prop_map(|words| format!("x {}", words.join(" ")));
    (prd_value(), prop::collection::vec(text, 12), touches).prop_map(|(mut prd, mut texts, touches)| {
        prd["epics"][0]["touches"] = json!(touches);
        for epic in prd["epics"].as_array_mut().expect("a list") {
            for field in ["title", "description"] {
                if let Some(text) = texts.pop() {
                    epic[field] = text.into();
                }
            }
            for story in epic["userStories"].as_array_mut().expect("a list") {
                if let Some(text) = texts.pop() {
                    story["acceptanceCriteria"] = json!([text]);
                }
            }
        }
        prd
    })
}

fn plan_of(prd: &Value) -> Plan {
    check(prd.to_string().as_bytes()).expect("a valid PRD").plan
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_finding_is_about_something_that_is_there(prd in prop_oneof![prd_value(), speaking_prd()]) {
        let plan = plan_of(&prd);
        let found = look(&plan);
        prop_assert_eq!(&found, &look(&plan), "the same plan has the same findings");
        let text = prd.to_string();
        let paths: Vec<String> = found.iter().map(|finding| finding.at.to_string()).collect();
        prop_assert_eq!(locate(text.as_bytes(), &paths).len(), found.len());
        for finding in &found {
            let epic = &plan.epics()[finding.at.epic];
            if let Some(Field::Touches(entry)) = finding.at.field {
                prop_assert!(entry < epic.touches.len());
            }
            prop_assert!(epic.is_open(), "{:?} is about work to be done", finding);
            if let Some(story) = finding.at.story {
                prop_assert!(!epic.user_stories[story].passes, "{:?} is about work to be done", finding);
                if let Some(Field::AcceptanceCriteria(Some(entry))) = finding.at.field {
                    prop_assert!(entry < epic.user_stories[story].acceptance_criteria.len());
                }
            }
            prop_assert!(Rule::ALL.contains(&finding.rule));
            prop_assert!(!finding.what.is_empty() && !finding.instead.is_empty());
        }
    }

    #[test]
    fn a_schedule_keeps_the_rules_of_the_runner(prd in prd_value(), slots in 1_usize..4) {
        let plan = plan_of(&prd);
        let Schedule { bars, useful_slots, width, effort, critical_path, estimate } = schedule(&plan, &History::default());
        let open = plan.epics().iter().filter(|epic| epic.is_open()).count();
        prop_assert_eq!(bars.len(), open, "each epic once");
        prop_assert_eq!(estimate, None, "nothing is invented");
        prop_assert!(useful_slots <= width && width <= open);
        prop_assert_eq!(bars.iter().map(|bar| bar.end - bar.start).sum::<usize>(), effort);
        prop_assert_eq!(makespan(&plan, 1), effort);
        prop_assert!(makespan(&plan, slots) >= critical_path.weight);
        for bar in &bars {
            prop_assert!(bar.slot < useful_slots);
            for other in &bars {
                let apart = bar.end <= other.start || other.end <= bar.start;
                prop_assert!(bar == other || bar.slot != other.slot || apart, "one epic at a time in a slot");
                prop_assert!(!plan.dependencies(bar.epic).contains(&other.epic) || other.end <= bar.start);
            }
        }
    }
}
