//! Schema, documentation and reader never part.

use std::collections::BTreeSet;

use serde_json::Value;

use super::faults::faults_of;
use super::from_file;

fn documentation() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/configuration.md");
    std::fs::read_to_string(path).expect("the documentation")
}

#[test]
fn the_documented_example_is_accepted_and_warns_only_of_keys_without_effect() {
    let documentation = documentation();
    let example = documentation.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next());
    let settings = from_file(example.expect("an example"));
    assert_eq!(settings.policy.gates.len(), 2);
    assert_eq!(settings.setup.map(|setup| setup.timeout_ms), Some(300_000));
    assert!(settings.warnings.iter().all(|warning| warning.ends_with("has no effect yet")), "{:?}", settings.warnings);
    assert_eq!(settings.warnings.len(), 12);
}

fn schema() -> Value {
    serde_json::to_value(ralph_teams::config::schema::schema()).expect("JSON")
}

#[test]
fn the_published_schema_is_the_one_of_the_types() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/config.schema.json");
    let generated = format!("{}\n", serde_json::to_string_pretty(&schema()).expect("JSON"));
    if std::env::var_os("RALPH_UPDATE_SCHEMAS").is_some() {
        std::fs::write(path, &generated).expect("the schema is written");
    }
    let published = std::fs::read_to_string(path).unwrap_or_default();
    assert!(published == generated, "{path} is out of date: run `RALPH_UPDATE_SCHEMAS=1 cargo test --test config`");
}

/// Every object of the schema: the lines of YAML that lead to it, and its keys.
fn objects(schema: &Value) -> Vec<(Vec<String>, BTreeSet<String>)> {
    fn walk(root: &Value, node: &Value, path: &[String], found: &mut Vec<(Vec<String>, BTreeSet<String>)>) {
        if let Some(name) = node["$ref"].as_str().and_then(|name| name.strip_prefix("#/$defs/")) {
            walk(root, &root["$defs"][name], path, found);
        }
        for either in node["anyOf"].as_array().into_iter().flatten() {
            walk(root, either, path, found);
        }
        if node["items"].is_object() {
            walk(root, &node["items"], &[path, &["-".to_owned()]].concat(), found);
        }
        if let Some(properties) = node["properties"].as_object() {
            found.push((path.to_vec(), properties.keys().cloned().collect()));
            for (key, value) in properties {
                walk(root, value, &[path, &[format!("{key}:")]].concat(), found);
            }
        }
    }
    let mut found = Vec::new();
    walk(schema, schema, &[], &mut found);
    found
}

#[test]
fn schema_and_reader_know_the_same_keys() {
    let objects = objects(&schema());
    assert!(objects.len() > 20, "{objects:?}");
    for (path, keys) in objects {
        // An impossible key at that place makes the reader list all that it takes there.
        let mut file =
            path.iter().enumerate().fold(String::new(), |text, (n, step)| text + &" ".repeat(n) + step + "\n");
        file += &(" ".repeat(path.len()) + "qqqqqqqq: 1\n");
        let faults = faults_of(&file);
        let allowed = faults.iter().find_map(|fault| fault.split_once("qqqqqqqq: there is no such key. Allowed: "));
        let (_, allowed) = allowed.unwrap_or_else(|| panic!("{file}\n{faults:?}"));
        assert_eq!(allowed.split(", ").count(), keys.len(), "{path:?}: {allowed}");
        assert_eq!(allowed.split(", ").map(str::to_owned).collect::<BTreeSet<_>>(), keys, "{path:?}");
    }
}

#[test]
fn every_key_of_the_schema_and_every_variable_is_documented() {
    let documentation = documentation();
    let keys = objects(&schema()).into_iter().flat_map(|(_, keys)| keys);
    let variables = ralph_teams::config::environment::VARIABLES.iter().map(|(name, _)| (*name).to_owned());
    for word in keys.chain(variables) {
        let mentioned = documentation.split(|c: char| !c.is_alphanumeric() && c != '-' && c != '_').any(|w| w == word);
        assert!(mentioned, "docs/configuration.md does not mention `{word}`");
    }
}
