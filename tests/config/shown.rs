//! What `config show` prints is the whole configuration, and nothing but it.

use std::collections::BTreeSet;

use ralph_teams::config::settings::Settings;
use ralph_teams::config::show::{HIDDEN, origin, shown};
use ralph_teams::config::{Origins, Overrides, Parallel, emit};

use super::documents::{documentation, schema};
use super::settle_with;

fn settled(file: &str) -> Settings {
    let overrides = Overrides { parallel: Some(Parallel::Configured), ..Overrides::default() };
    let mut settings = settle_with(file, &[], &overrides).unwrap_or_else(|faults| panic!("{file}\n{faults}"));
    settings.warnings.clear();
    settings
}

fn text(settings: &Settings) -> String {
    emit::yaml(&shown(settings), &|_| None)
}

fn example() -> String {
    let documentation = documentation();
    let example = documentation.split("```yaml\n").nth(1).and_then(|rest| rest.split("```").next());
    example.expect("an example").to_owned()
}

#[test]
fn what_is_shown_leads_to_the_same_settings_when_it_is_a_file() {
    let odd = "gates: [{run: 'echo \"a: b\" # c'}]\nworktrees: {setup: \"a\\nb\", include: ['*.env', \"x, y\"]}\n\
               timeouts: {idleTimeout: 0.25, epicTimeout: 0}\nexecution: {model: 'true', fallback: [codex, gemini]}\n\
               backends: {command: {argv: [a, '']}, claude: {env: {A: '$B', C: ' '}}}\nprices: {gpt-4.1: {input: 1, output: 0.5}}\n";
    for file in ["", &example(), odd, "workflow: {preset: off}"] {
        let before = settled(file);
        let mut after = settled(&text(&before));
        after.origins = before.origins.clone();
        assert_eq!(after, before, "{file}");
    }
}

#[test]
fn every_key_of_the_schema_is_shown() {
    let shown = text(&settled(&example()));
    let keys: BTreeSet<&str> =
        shown.lines().filter_map(|line| Some(line.trim_start_matches([' ', '-']).split_once(':')?.0)).collect();
    // Other words for keys that are shown (`agents` is shown as `roles`), and one that means nothing any more.
    let other = ["agents", "command", "cost", "tokens", "baseline"];
    let of_agents = |path: &[String]| path.first().is_some_and(|first| first == "agents:");
    for (path, known) in super::documents::objects(&schema()).into_iter().filter(|(path, _)| !of_agents(path)) {
        for key in known.iter().filter(|key| !other.contains(&key.as_str())) {
            assert!(keys.contains(key.as_str()), "{path:?} {key} is not shown");
        }
    }
}

#[test]
fn a_value_that_stands_under_another_key_has_its_origin_there() {
    let file = "agents: {merger: m}\nbudget: {cost: 2}\ngates: [{command: x}]\nworktrees: {setup: npm ci}\n";
    let settings = settled(file);
    let table = [
        ("roles.resolver.model", "ralph.config.yml:1:18"),
        ("budget.maxCostUsd", "ralph.config.yml:2:16"),
        ("gates[0].run", "ralph.config.yml:3:19"),
        ("worktrees.setup.run", "ralph.config.yml:4:20"),
        ("execution.backend", "default"),
    ];
    for (path, place) in table {
        assert_eq!(origin(&settings, path).to_string(), place, "{path}");
    }
    assert_eq!(origin(&Settings { origins: Origins::default(), ..settings }, "gates[0].run").to_string(), "default");
}

#[test]
fn a_secret_is_not_shown_and_a_reference_to_one_is() {
    let file = "backends: {claude: {env: {ANTHROPIC_API_KEY: sk-1, MY_TOKEN: $TOKEN, LEVEL: debug}}}";
    let text = text(&settled(file));
    assert!(!text.contains("sk-1") && text.contains(HIDDEN), "{text}");
    assert!(text.contains("MY_TOKEN: $TOKEN") && text.contains("LEVEL: debug"), "{text}");
}
