//! Plans that are good have nothing to hear, and one that is not reads like this.

use ralph_teams::domain::prd;
use ralph_teams::lint::{Finding, Rule, look};

fn found(text: &str) -> Vec<Finding> {
    look(&prd::check(text.as_bytes()).unwrap_or_else(|faults| panic!("{faults:?}")).plan)
}

#[test]
fn every_rule_is_documented() {
    let documented = include_str!("../../docs/lint.md");
    for rule in Rule::ALL {
        assert!(documented.contains(&format!("\n| `{}` |", rule.name())), "{}", rule.name());
        assert_eq!(serde_json::to_value(rule).expect("a name"), rule.name());
    }
}

#[test]
fn good_plans_have_no_findings() {
    for (name, text) in [
        ("good.json", include_str!("good.json")),
        ("the example", include_str!("../../prd.json.example")),
        ("the demo", include_str!("../../src/app/demo/prd.json")),
    ] {
        let found = found(text);
        assert!(found.is_empty(), "{name}: {found:#?}");
    }
}
