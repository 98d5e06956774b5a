//! Whether a JSON value is what a published JSON Schema says, as far as our schemas go.

use serde_json::Value;

/// The ways in which a value departs from a schema of the folder `schemas`.
pub fn departures(schema: &str, value: &Value) -> Vec<String> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(schema);
    let root: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut departures = Vec::new();
    look(&root, &root, value, "", &mut departures);
    departures
}

fn look(root: &Value, schema: &Value, value: &Value, at: &str, departures: &mut Vec<String>) {
    if let Some(reference) = schema["$ref"].as_str() {
        let target = root.pointer(reference.trim_start_matches('#')).expect("a definition");
        return look(root, target, value, at, departures);
    }
    for key in ["anyOf", "oneOf"] {
        let Some(choices) = schema[key].as_array() else { continue };
        let fits = |choice: &Value| {
            let mut own = Vec::new();
            look(root, choice, value, at, &mut own);
            own.is_empty()
        };
        if !choices.iter().any(fits) {
            departures.push(format!("{at}: {value} is none of the choices"));
        }
    }
    if !has_type(&schema["type"], value) {
        departures.push(format!("{at}: {value} is no {}", schema["type"]));
    }
    let is_other = |allowed: &Vec<Value>| !allowed.contains(value);
    if schema["enum"].as_array().is_some_and(is_other) || schema.get("const").is_some_and(|only| only != value) {
        departures.push(format!("{at}: {value} is not allowed"));
    }
    for required in schema["required"].as_array().into_iter().flatten() {
        if value.get(required.as_str().unwrap()).is_none() {
            departures.push(format!("{at}: {required} is missing"));
        }
    }
    for (name, part) in value.as_object().into_iter().flatten() {
        match schema["properties"].get(name) {
            Some(part_schema) => look(root, part_schema, part, &format!("{at}/{name}"), departures),
            None if schema["properties"].is_object() => departures.push(format!("{at}/{name}: nobody published it")),
            None => {}
        }
    }
    for (n, item) in value.as_array().into_iter().flatten().enumerate() {
        look(root, &schema["items"], item, &format!("{at}/{n}"), departures);
    }
}

fn has_type(wanted: &Value, value: &Value) -> bool {
    let is = |name: &Value| match name.as_str() {
        Some("object") => value.is_object(),
        Some("array") => value.is_array(),
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("null") => value.is_null(),
        Some("integer") => value.is_i64() || value.is_u64(),
        Some("number") => value.is_number(),
        _ => true,
    };
    wanted.as_array().map_or_else(|| is(wanted), |names| names.iter().any(is))
}
