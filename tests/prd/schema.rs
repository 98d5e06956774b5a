//! The published JSON Schema is the one of the types, and accepts what the check accepts.

use proptest::prelude::*;
use proptest::sample::Index;
use ralph_teams::domain::prd::{check, json_schema};
use serde_json::Value;

use super::any_input::pointers;
use super::generated::{any_value, prd_value};

#[test]
fn the_schema_accepts_the_example_and_refuses_what_is_wrong() {
    let schema: Value = serde_json::from_str(&json_schema()).expect("JSON");
    let example: Value = serde_json::from_str(include_str!("../../prd.json.example")).expect("JSON");
    assert!(accepts(&schema, &schema, &example));
    for (place, wrong) in [
        ("/project", Value::from("  ")),
        ("/epics", Value::from(Vec::<Value>::new())),
        ("/epics/0/status", Value::from("done")),
        ("/epics/1/dependsOn", serde_json::json!(["EPIC-001", "EPIC-001"])),
        ("/epics/1/touches", serde_json::json!([" "])),
        ("/epics/1/touches", Value::from("src/**")),
        ("/epics/0/userStories/0/passes", Value::from("true")),
        ("/epics/0/userStories/0/priority", Value::from(1.5)),
    ] {
        let mut damaged = example.clone();
        *damaged.pointer_mut(place).expect("the place is there") = wrong;
        assert!(!accepts(&schema, &schema, &damaged), "{place}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn what_the_check_accepts_the_schema_accepts(mut prd in prd_value(), at in any::<Index>(), with in any_value()) {
        let schema: Value = serde_json::from_str(&json_schema()).expect("JSON");
        prop_assert!(accepts(&schema, &schema, &prd), "{:#}", prd);
        let places = pointers(&prd, String::new());
        *prd.pointer_mut(&places[at.index(places.len())]).expect("the place is there") = with;
        if check(prd.to_string().as_bytes()).is_ok() {
            prop_assert!(accepts(&schema, &schema, &prd), "{:#}", prd);
        }
    }
}

/// A reader of the few words of JSON Schema that ours uses; it refuses to guess at any other.
fn accepts(root: &Value, schema: &Value, value: &Value) -> bool {
    let words = schema.as_object().expect("a schema is an object");
    words.iter().all(|(word, argument)| accepts_word(root, word, argument, schema, value))
}

fn accepts_word(root: &Value, word: &str, argument: &Value, schema: &Value, value: &Value) -> bool {
    let items = value.as_array();
    match word {
        "$schema" | "title" | "description" | "$defs" | "default" => true,
        // A remark for people: JSON has no sizes of numbers.
        "format" => argument == "int64",
        "$ref" => {
            let place = argument.as_str().and_then(|place| place.strip_prefix('#')).expect("a place in this schema");
            accepts(root, root.pointer(place).expect("the place is there"), value)
        }
        "type" if argument.is_array() => {
            argument.as_array().expect("a list").iter().any(|kind| is_of_type(kind, value))
        }
        "type" => is_of_type(argument, value),
        "const" => argument == value,
        "enum" => argument.as_array().expect("a list").contains(value),
        "anyOf" | "oneOf" => argument.as_array().expect("a list").iter().any(|schema| accepts(root, schema, value)),
        "required" => value.as_object().is_none_or(|fields| {
            argument.as_array().expect("a list").iter().all(|name| fields.contains_key(name.as_str().expect("a name")))
        }),
        "properties" => value.as_object().is_none_or(|fields| {
            let known = argument.as_object().expect("an object");
            known.iter().all(|(name, schema)| fields.get(name).is_none_or(|value| accepts(root, schema, value)))
        }),
        "items" => items.is_none_or(|items| items.iter().all(|item| accepts(root, argument, item))),
        "minItems" => items.is_none_or(|items| items.len() as u64 >= argument.as_u64().expect("a number")),
        "uniqueItems" => items.is_none_or(|items| (1..items.len()).all(|n| !items[..n].contains(&items[n]))),
        "pattern" => {
            assert_eq!(argument, "\\S", "the only pattern that this reader knows");
            value.as_str().is_none_or(|text| text.contains(|c: char| !c.is_whitespace()))
        }
        other => panic!("{other} is a word that this reader does not know: {schema:#}"),
    }
}

fn is_of_type(kind: &Value, value: &Value) -> bool {
    match kind.as_str().expect("a type") {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        "integer" => value.as_f64().is_some_and(|number| number.fract() == 0.0),
        other => panic!("{other} is a type that this reader does not know"),
    }
}
