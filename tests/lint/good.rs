//! Plans that are good have nothing to hear, and one that is not reads like this.

use ralph_teams::domain::prd;
use ralph_teams::lint::{Finding, look};

fn found(text: &str) -> Vec<Finding> {
    look(&prd::check(text.as_bytes()).unwrap_or_else(|faults| panic!("{faults:?}")).plan)
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
