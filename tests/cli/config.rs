//! `config`: what is shown, what is set, and what is never written.

use crate::place::Place;

const FILE: &str = "# ours\nexecution:\n  backend: rehearsal   # cheap\n  parallel: 2\n";

#[test]
fn every_value_is_shown_with_the_layer_that_set_it() {
    let place = Place::new();
    place.repo.write("ralph.config.yml", FILE);
    let args = ["config", "show", "--origin", "--", "--model", "opus", "--schedule", "waves"];
    let shown = place.ralph_with(&[("RALPH_IDLE_TIMEOUT", "7"), ("RALPH_PRESET", "full")], &args);
    assert_eq!(shown.code, 0, "{shown:?}");
    for line in [
        "  backend: rehearsal  # ralph.config.yml:3:12",
        "  parallel: 2  # ralph.config.yml:4:13",
        "  model: opus  # --model",
        "  idleTimeout: 7  # environment RALPH_IDLE_TIMEOUT",
        "    enabled: true  # preset full",
        "  maxAttempts: 3  # default",
        "# --schedule waves",
    ] {
        assert!(shown.stdout.lines().any(|shown| shown == line), "{line}\n{}", shown.stdout);
    }
    assert!(!place.ralph(&["config", "show"]).stdout.contains('#'));
}

#[test]
fn programs_get_the_values_with_their_origins_and_the_faults() {
    let place = Place::new();
    place.repo.write("ralph.config.yml", FILE);
    let json = place.ralph(&["config", "show", "--json"]).json();
    let values = json["values"].as_array().unwrap();
    let backend = values.iter().find(|value| value["path"] == "execution.backend").unwrap();
    let file = serde_json::json!({ "layer": "file", "name": "ralph.config.yml", "line": 3, "column": 12 });
    assert_eq!((&backend["value"], &backend["origin"]), (&"rehearsal".into(), &file));
    place.repo.write("ralph.config.yml", "execution: {paralel: 2}\n");
    let faulty = place.ralph(&["config", "show", "--json"]);
    assert_eq!((faulty.code, faulty.json()["faults"][0]["path"].as_str()), (2, Some("execution.paralel")));
    let faulty = place.ralph(&["config", "show"]);
    assert!(faulty.code == 2 && faulty.stderr.contains("Did you mean `parallel`?"), "{faulty:?}");
}

#[test]
fn a_key_is_set_its_change_is_shown_and_nothing_else_is_touched() {
    let place = Place::new();
    place.repo.write("ralph.config.yml", FILE);
    let set = place.ralph(&["config", "set", "execution.parallel", "3", "--dry-run"]);
    assert_eq!((set.code, place.config().as_deref()), (0, Some(FILE)));
    let set = place.ralph(&["config", "set", "execution.parallel", "3"]);
    let changed: Vec<&str> = set.stdout.lines().skip(3).filter(|line| line.starts_with(['-', '+'])).collect();
    assert_eq!((set.code, changed.as_slice()), (0, &["-  parallel: 2", "+  parallel: 3"][..]), "{set:?}");
    assert_eq!(place.config(), Some(FILE.replace("parallel: 2", "parallel: 3")));
    let again = place.ralph(&["config", "set", "execution.parallel", "3"]);
    assert!(again.code == 0 && again.stdout.contains("is so already"), "{again:?}");
    let names: Vec<_> = std::fs::read_dir(place.repo.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(names.iter().all(|name| !name.to_string_lossy().contains("ralph-write")), "{names:?}");
}

#[test]
fn what_cannot_be_is_refused_with_what_was_meant_and_the_file_stays() {
    let place = Place::new();
    place.repo.write("ralph.config.yml", FILE);
    for (key, value, meant) in [
        ("execution.bakend", "codex", "Did you mean `backend`?"),
        ("execution.backend", "codx", "Did you mean `codex`?"),
        ("execution.backend", "acp", "backends.acp.argv"),
        ("execution.parallel", "-1", "from 1 to 64"),
        ("execution", "x", "expected keys with values"),
    ] {
        let refused = place.ralph(&["config", "set", key, value]);
        assert!(refused.code == 2 && refused.stderr.contains(meant), "{key}: {refused:?}");
        assert_eq!(place.config().as_deref(), Some(FILE));
    }
}

#[test]
fn a_missing_file_is_made_with_the_place_of_its_schema_and_git_does_not_see_that_one() {
    let place = Place::new();
    let set = place.ralph(&["config", "set", "execution.parallel", "3"]);
    assert_eq!(set.code, 0, "{set:?}");
    let text = place.config().unwrap();
    assert_eq!(text, "# yaml-language-server: $schema=.ralph-teams/config.schema.json\nexecution:\n  parallel: 3\n");
    let schema = std::fs::read_to_string(place.repo.path().join(".ralph-teams/config.schema.json")).unwrap();
    assert!(schema == place.ralph(&["config", "schema"]).stdout && schema.starts_with('{'));
    assert_eq!(place.repo.git(&["status", "--porcelain"]), "?? ralph.config.yml");
}

#[test]
fn a_named_file_need_not_be_in_a_repository() {
    let place = Place::new();
    let folder = place.repo.beside("elsewhere");
    std::fs::create_dir(&folder).unwrap();
    std::fs::write(folder.join("c.yml"), FILE).unwrap();
    let set = place.ralph_in(&folder, &[], &["config", "set", "execution.model", "m", "--config", "c.yml"]);
    assert_eq!(set.code, 0, "{set:?}");
    assert!(std::fs::read_to_string(folder.join("c.yml")).unwrap().ends_with("  model: m\n"));
    assert_eq!(place.ralph_in(&folder, &[], &["config", "show"]).code, 3);
    assert_eq!(place.ralph_in(&folder, &[], &["config", "set", "a", "b", "--config", "none.yml"]).code, 2);
}
