//! `--ui json`: every line is an object that the documentation shows and the schema allows.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use ralph_teams::ui::json::Json;
use ralph_teams::ui::{Missed, Sink};

use crate::samples::{N_NOTICES, activities, name, notices, scope, view};

fn written(show: impl FnOnce(&mut Json<&mut Vec<u8>>) -> std::io::Result<()>) -> String {
    let mut bytes = Vec::new();
    show(&mut Json::new(&mut bytes)).expect("memory can be written");
    String::from_utf8(bytes).expect("JSON is UTF-8")
}

/// Every line that can be written, with the type that it must have.
fn lines() -> Vec<(&'static str, String)> {
    let view = view();
    let of_notices =
        notices().into_iter().map(|notice| (name(&notice), written(|json| json.notice(61_000, &notice, &view))));
    let of_activities = activities()
        .into_iter()
        .map(|activity| ("activity", written(|json| json.activity(61_000, &scope(1), &activity))));
    let missed = written(|json| json.missed(61_000, Missed { notices: 0, activities: 12 }));
    of_notices.chain(of_activities).chain([("missed", missed)]).collect()
}

#[test]
fn every_line_parses_and_names_version_time_and_type() {
    for (name, line) in lines() {
        assert_eq!(line.matches('\n').count(), 1, "{line}");
        let value: serde_json::Value = serde_json::from_str(&line).expect("it is JSON");
        assert_eq!(value["v"], 1, "{line}");
        assert_eq!(value["at"], 61_000, "{line}");
        assert_eq!(value["type"], name, "{line}");
    }
}

#[test]
fn field_names_are_camel_case_and_values_of_ours_kebab_case() {
    for (_, line) in lines() {
        let value: serde_json::Value = serde_json::from_str(&line).expect("it is JSON");
        for key in value.as_object().expect("an object").keys() {
            assert!(key.bytes().all(|b| b.is_ascii_alphabetic()), "{key} in {line}");
        }
    }
}

#[test]
fn strings_carry_no_control_codes() {
    let activity = ralph_teams::domain::activity::Activity::Text("a\u{1B}[2Jb\nc\u{9B}1md".to_owned());
    let line = written(|json| json.activity(0, &scope(1), &activity));
    let value: serde_json::Value = serde_json::from_str(&line).expect("it is JSON");
    assert_eq!(value["text"], "ab\ncd");
}

#[test]
fn every_type_is_documented_with_the_very_line_that_is_written() {
    let docs = std::fs::read_to_string(root().join("docs/json-events.md")).expect("the documentation is there");
    let mut examples = BTreeMap::new();
    for (name, line) in lines() {
        examples.entry(name).or_insert(line);
    }
    assert_eq!(examples.len(), N_NOTICES + 2);
    let missing: String = examples.values().filter(|line| !docs.contains(line.as_str())).map(String::as_str).collect();
    assert!(missing.is_empty(), "docs/json-events.md lacks these lines:\n{missing}");
    let documented: BTreeSet<&str> =
        docs.lines().filter_map(|line| line.strip_prefix("### `")?.strip_suffix('`')).collect();
    assert_eq!(documented, examples.into_keys().collect(), "types in the documentation, types in the program");
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}
