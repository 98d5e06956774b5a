//! Small plans for the tables of the rules, written in one line each.

use ralph_teams::domain::plan::Plan;
use ralph_teams::domain::prd;
use ralph_teams::lint::{Finding, look};
use serde_json::{Map, Value, json};

/// An epic that no rule has anything to say of, with these fields changed.
pub fn epic(id: &str, depends_on: &[&str], fields: Value) -> Value {
    let mut epic = json!({
        "id": id, "title": format!("Chapter {id}"), "description": "", "status": "pending", "dependsOn": depends_on,
        "userStories": [story(&format!("{id}-S1"), &["A wrong key is refused"])],
    });
    merge(&mut epic, fields);
    epic
}

/// A story with these criteria.
pub fn story(id: &str, criteria: &[&str]) -> Value {
    json!({ "id": id, "title": format!("Part {id}"), "acceptanceCriteria": criteria, "passes": false })
}

/// So many stories of an epic.
pub fn stories(id: &str, n: usize) -> Value {
    (0..n).map(|n| story(&format!("{id}-S{n}"), &["A wrong key is refused"])).collect()
}

fn merge(value: &mut Value, fields: Value) {
    let Value::Object(fields) = fields else { panic!("an object") };
    let value: &mut Map<String, Value> = value.as_object_mut().expect("an object");
    value.extend(fields);
}

/// The plan of these epics.
pub fn plan(epics: &[Value]) -> Plan {
    let text = json!({ "project": "p", "epics": epics }).to_string();
    prd::check(text.as_bytes()).unwrap_or_else(|faults| panic!("{faults:?}")).plan
}

/// What is said of these epics: the rule, `!` for a warning and `?` for a hint, and the path.
pub fn said(epics: &[Value]) -> Vec<String> {
    look(&plan(epics)).iter().map(short).collect()
}

fn short(finding: &Finding) -> String {
    let mark = if finding.severity.name() == "warning" { '!' } else { '?' };
    format!("{}{mark} {}", finding.rule.name(), finding.at)
}

/// What is said of an epic with one story that has this criterion: the rule and its mark.
pub fn said_of(criterion: &str) -> String {
    let said = said(&[epic("A", &[], json!({ "userStories": [story("S", &[criterion])] }))]);
    assert!(said.len() <= 1, "{criterion}: {said:?}");
    said.first().map_or_else(String::new, |said| said.split(' ').next().expect("a rule").to_owned())
}
