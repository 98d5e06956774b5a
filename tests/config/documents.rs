//! Schema, documentation and reader never part.

use std::collections::BTreeSet;

use ralph_teams::config::settings::{Settings, SetupCommand};
use ralph_teams::domain::budget::{Allowance, Budget};
use ralph_teams::domain::gate::Gate;
use ralph_teams::domain::policy::{FinalValidation, Policy, Workflow};
use ralph_teams::domain::price::Price;
use ralph_teams::domain::role::DelegationMode;
use serde_json::Value;

use super::faults::faults_of;
use super::from_file;

pub fn documentation() -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/configuration.md");
    std::fs::read_to_string(path).expect("the documentation")
}

fn example() -> Settings {
    let documentation = documentation();
    let example = documentation.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next());
    from_file(example.expect("an example"))
}

#[test]
fn the_documented_example_warns_only_of_keys_without_effect() {
    let warnings = example().warnings;
    assert!(warnings.iter().all(|warning| warning.ends_with("has no effect yet")), "{warnings:?}");
    assert_eq!(warnings.len(), 1);
}

#[test]
fn every_key_of_the_documented_example_reaches_its_setting() {
    let settings = example();
    let gate =
        |name: &str, command: &str, timeout_ms| Gate { name: name.to_owned(), command: command.to_owned(), timeout_ms };
    let policy = Policy {
        loop_timeout_ms: Some(18_000_000),
        final_validation: Some(FinalValidation { max_fix_cycles: 2 }),
        gates: vec![gate("tests", "cargo test", 900_000), gate("lint", "cargo clippy -- -D warnings", 1_800_000)],
        budget: Budget {
            run: Allowance { max_cost_microdollars: Some(25_000_000), max_tokens: Some(20_000_000) },
            epic: Allowance { max_cost_microdollars: Some(6_000_000), max_tokens: Some(5_000_000) },
            warn_at_percent: 80,
        },
        workflow: Workflow { epic_planning: true, epic_validation: Some(1), ..Workflow::default() },
        ..Policy::default()
    };
    assert_eq!(settings.policy, policy);
    assert_eq!((settings.backend.as_str(), settings.model.as_deref()), ("claude", Some("sonnet")));
    assert_eq!((settings.tools, crate::from_file("execution: {tools: false}").tools), (true, false));
    assert_eq!(settings.delegation, DelegationMode::Auto);
    for (word, mode) in [("always", DelegationMode::Always), ("never", DelegationMode::Never)] {
        assert_eq!(crate::from_file(&format!("execution: {{delegation: {word}}}")).delegation, mode);
    }
    let models: Vec<_> = settings.roles.iter().map(|(role, wishes)| (role.as_str(), wishes.model.as_deref())).collect();
    let expected = ["builder", "epic-planner", "epic-validator", "final-validator", "resolver"];
    assert_eq!(models.iter().map(|(role, _)| *role).take(5).collect::<Vec<_>>(), expected);
    assert_eq!(models.iter().filter(|(_, model)| *model == Some("opus")).count(), 6);
    let judge = &settings.roles["final-validator"];
    assert_eq!((judge.backend.as_deref(), judge.effort.as_deref()), (Some("claude"), Some("high")));
    assert_eq!(settings.worktrees_dir.as_deref(), Some(std::path::Path::new("../worktrees")));
    assert_eq!(settings.setup, Some(SetupCommand { command: "npm ci".to_owned(), timeout_ms: 300_000 }));
    assert_eq!(settings.include, [".env.test"]);
    assert_eq!(settings.paths.allowed, ["src", "tests"]);
    assert_eq!(settings.paths.forbidden, ["src/generated"]);
    let claude = &settings.backends["claude"];
    assert_eq!(claude.program.as_deref(), Some("/opt/claude/bin/claude"));
    assert_eq!(claude.args, ["--verbose"]);
    assert_eq!(claude.env["HTTPS_PROXY"], "http://proxy:3128");
    assert_eq!(settings.backends["command"].argv, ["my-agent", "--headless"]);
    let price = Price { input: 1_500_000, cached: 150_000, output: 6_000_000 };
    assert_eq!(settings.prices.of("my-model-20260102"), Some(price));
    assert!(settings.prices.of("gpt-5").is_some(), "the table that is built in stays");
    assert!(settings.phases.epic_planning.enabled && !settings.phases.story_planning.enabled);
    assert_eq!(settings.hooks.epic_end.as_deref(), Some("./scripts/notify epic"));
    assert_eq!(settings.hooks.run_end.as_deref(), Some("./scripts/notify run"));
    assert_eq!(settings.origins.of("gates[1].command").to_string(), "ralph.config.yml:38:14");
}

pub fn schema() -> Value {
    serde_json::to_value(ralph_teams::config::schema::schema()).expect("JSON")
}

/// Every object of the schema: the lines of YAML that lead to it, and its keys.
pub fn objects(schema: &Value) -> Vec<(Vec<String>, BTreeSet<String>)> {
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
