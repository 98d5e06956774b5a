//! The published schemas are the ones of the types.
#![expect(clippy::disallowed_methods, reason = "a test may renew what is published")]

use std::path::Path;

use ralph_teams::{app, config, domain, effects, survey, ui};

/// Compares a file of `schemas/` with what the types say now; with `RALPH_UPDATE_SCHEMAS=1` it is written first.
#[track_caller]
fn check(name: &str, now: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas").join(name);
    if std::env::var_os("RALPH_UPDATE_SCHEMAS").is_some() {
        std::fs::write(&path, now).expect("the schema can be written");
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    let what_to_do = "run RALPH_UPDATE_SCHEMAS=1 cargo test --test schemas, and look at the difference";
    assert!(published == now, "schemas/{name} is old: {what_to_do}");
}

fn pretty(schema: &impl serde::Serialize) -> String {
    serde_json::to_string_pretty(schema).expect("a schema is JSON") + "\n"
}

#[test]
fn the_schema_of_the_prd_is_published() {
    check("prd.schema.json", &domain::prd::json_schema());
}

#[test]
fn the_schema_of_the_configuration_is_published() {
    check("config.schema.json", &pretty(&config::schema::schema()));
}

#[test]
fn the_schema_of_the_merged_configuration_is_published() {
    check("config-show.schema.json", &pretty(&app::config::shown::schema()));
}

#[test]
fn the_schema_of_the_verdict_is_published() {
    check("verdict.schema.json", &effects::verdict_json::verdict_schema().expect("a schema is JSON"));
}

#[test]
fn the_schema_of_a_line_of_json_is_published() {
    check("events.schema.json", &pretty(&ui::json::schema()));
}

#[test]
fn the_schema_of_the_facts_of_a_run_is_published() {
    check("facts.schema.json", &pretty(&effects::run_facts::schema()));
}

#[test]
fn the_schema_of_what_doctor_tells_is_published() {
    check("doctor.schema.json", &pretty(&app::doctor::report::schema()));
}

#[test]
fn the_schema_of_the_critic_is_published() {
    check("lint.schema.json", &pretty(&app::lint::json::schema()));
}

#[test]
fn the_schema_of_a_look_at_a_repository_is_published() {
    check("ready.schema.json", &pretty(&survey::readiness::schema()));
}

#[test]
fn no_other_schema_is_published() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
    let mut names: Vec<_> =
        std::fs::read_dir(folder).expect("a folder").flatten().map(|entry| entry.file_name()).collect();
    names.sort();
    assert_eq!(
        names,
        [
            "config-show.schema.json",
            "config.schema.json",
            "doctor.schema.json",
            "events.schema.json",
            "facts.schema.json",
            "lint.schema.json",
            "prd.schema.json",
            "ready.schema.json",
            "verdict.schema.json"
        ]
    );
}
