//! A cut: a PRD that was made from a brief a moment ago. It must be valid, and must be what a fresh plan is: dependencies
//! written down for every epic, nothing begun, and no story that nobody could judge.

use serde_json::Value;

use super::Faults;
use crate::domain::outcome::Status;
use crate::domain::prd;

/// More stories in one epic than this are more than one session does well.
const STORIES_MAX: usize = 8;

/// What is wrong with a cut. `file` is its name in messages.
#[must_use]
pub fn look_at_cut(file: &str, bytes: &[u8]) -> Faults {
    let checked = match prd::check(bytes) {
        Ok(checked) => checked,
        Err(faults) => {
            let must = faults.iter().map(|fault| fault.in_file(file)).collect();
            return Faults { must, should: Vec::new() };
        }
    };
    let mut must: Vec<String> = checked.warnings.iter().map(|warning| warning.in_file(file)).collect();
    let mut should = Vec::new();
    let written: Value = serde_json::from_slice(bytes).unwrap_or_default();
    for (n, epic) in checked.plan.epics().iter().enumerate() {
        if !written["epics"][n]["dependsOn"].is_array() {
            must.push(format!("{}: write dependsOn, also when it is empty: []", epic.id));
        }
        if epic.status != Status::Pending || epic.planned || epic.user_stories.iter().any(|story| story.passes) {
            must.push(format!(
                "{}: nothing of it is done yet: write status pending, planned and passes false",
                epic.id
            ));
        }
        for story in epic.user_stories.iter().filter(|story| story.acceptance_criteria.is_empty()) {
            must.push(format!("{}: it has no acceptance criterion, so nobody can judge it", story.id));
        }
        let n_stories = epic.user_stories.len();
        if n_stories > STORIES_MAX {
            should.push(format!("{}: {n_stories} stories are too many for one epic; cut it at about five", epic.id));
        }
    }
    Faults { must, should }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn cut() -> Value {
        let story = |id: &str| json!({ "id": id, "title": "s", "acceptanceCriteria": ["it is seen"], "passes": false });
        json!({ "project": "p", "epics": [
            { "id": "A", "title": "a", "dependsOn": [], "userStories": [story("A-1")] },
            { "id": "B", "title": "b", "dependsOn": ["A"], "userStories": [story("B-1")] },
        ]})
    }

    fn look(change: impl FnOnce(&mut Value)) -> Faults {
        let mut value = cut();
        change(&mut value);
        look_at_cut("prd.json", value.to_string().as_bytes())
    }

    #[test]
    fn a_fresh_cut_has_no_fault() {
        assert_eq!(look(|_| ()), Faults::default());
    }

    #[test]
    fn what_validate_says_is_said_with_its_place() {
        let faults = look(|prd| prd["epics"][1]["dependsOn"] = json!(["C"]));
        assert!(faults.must.len() == 1 && faults.must[0].starts_with("prd.json:1:"), "{faults:?}");
    }

    #[test]
    fn what_a_fresh_plan_must_not_have_is_said() {
        let says =
            |faults: Faults, text: &str| assert!(faults.must.iter().any(|fault| fault.contains(text)), "{faults:?}");
        says(
            look(|prd| drop(prd["epics"][0].as_object_mut().map(|epic| epic.remove("dependsOn")))),
            "A: write dependsOn",
        );
        says(look(|prd| prd["epics"][0]["planned"] = json!(true)), "nothing of it is done yet");
        says(look(|prd| prd["epics"][0]["userStories"][0]["passes"] = json!(true)), "nothing of it is done yet");
        says(look(|prd| prd["epics"][0]["userStories"][0]["acceptanceCriteria"] = json!([])), "A-1: it has no");
    }

    #[test]
    fn an_epic_that_is_too_large_can_be_used_all_the_same() {
        let many: Vec<Value> =
            (0..9).map(|n| json!({ "id": format!("S{n}"), "title": "s", "acceptanceCriteria": ["c"] })).collect();
        let faults = look(|prd| prd["epics"][0]["userStories"] = json!(many));
        assert_eq!((faults.must.len(), faults.should.len()), (0, 1));
    }
}
