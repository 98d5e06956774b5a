//! `prompts`: what agents will be told, and a copy of it that says when there is something newer.

use serde_json::{Value, json};

use crate::scene::{Scene, epic};

fn scene() -> Scene {
    Scene::of(&[epic("A", &["A-1"], &[]), epic("B", &["B-1"], &["A"])])
}

#[test]
fn what_is_shown_is_what_the_session_of_a_run_is_told() {
    let mut script = json!({});
    let scene = Scene::scripted(&[epic("A", &["A-1"], &[])], &script, "gates: [{ name: unit, run: 'true' }]");
    let told = scene.mark("told");
    script["A/team-lead/1"] = json!([{ "save_prompt": told }, "honest"]);
    scene.script(&script);
    let shown = scene.run(&["prompts", "show", "team-lead"]).exited_with(0).stdout;
    scene.run(&["run", "--ui", "plain"]).exited_with(0);
    let told = std::fs::read_to_string(told).unwrap();
    let told = told.replace(&scene.run_id(), "<run>");
    assert_eq!(shown, told);
}

#[test]
fn each_purpose_has_its_own_text_and_json_says_what_it_is() {
    let scene = scene();
    let shown = scene.run(&["prompts", "show", "team-lead", "--epic", "B", "--purpose", "fix", "--json"]);
    let shown: Value = serde_json::from_str(&shown.exited_with(0).stdout).unwrap();
    assert_eq!((&shown["purpose"], &shown["epic"]), (&json!("fix"), &json!("B")));
    assert!(shown["text"].as_str().unwrap().contains("# Mend the epic B"), "{shown}");
    scene.run(&["prompts", "show", "resolver"]).exited_with(0).says("<each file that conflicts>");
    scene.run(&["prompts", "show", "final-validator"]).exited_with(0).says("Epic B");
    scene.run(&["prompts", "show", "builder"]).exited_with(0).says("You build one story");
    scene.run(&["prompts", "show", "builder", "--purpose", "fix"]).exited_with(2).says("none of its own");
    scene.run(&["prompts", "show", "team-lead", "--epic", "C"]).exited_with(2).says("there are A, B");
    scene.run(&["prompts", "show", "builder", "--epic", "A"]).exited_with(2).says("the same for every epic");
    scene.run(&["prompts", "show", "boss"]).exited_with(2).says("team-lead");
    assert_eq!(scene.run_ids(), [""; 0], "nothing was started");
}

#[test]
fn a_copy_takes_precedence_and_says_when_the_built_in_one_has_moved_on() {
    let scene = scene();
    scene.run(&["prompts", "eject", "team-lead"]).exited_with(0).says(".ralph-teams/agents/team-lead.md");
    scene.run(&["prompts", "eject", "team-lead"]).exited_with(2).says("is there already");
    let ejected = scene.run(&["prompts", "eject", "resolver", "--json"]).exited_with(0).stdout;
    let ejected: Value = serde_json::from_str(&ejected).unwrap();
    assert!(ejected["role"] == "resolver" && ejected["file"].as_str().unwrap().ends_with("/resolver.md"), "{ejected}");
    std::fs::remove_file(scene.state().join("agents/resolver.md")).unwrap();
    let copy = scene.state().join("agents/team-lead.md");
    let text = std::fs::read_to_string(&copy).unwrap();
    std::fs::write(&copy, text.replace("You lead the work", "Dance, and lead the work")).unwrap();
    scene.run(&["prompts", "show", "team-lead"]).exited_with(0).says("Dance, and");
    let fresh = scene.run(&["prompts"]).exited_with(0);
    assert!(fresh.stdout.contains("repository") && fresh.stderr.is_empty(), "{fresh:?}");
    let text = std::fs::read_to_string(&copy).unwrap();
    let line = text.lines().find(|line| line.starts_with("built-in: ")).unwrap();
    std::fs::write(&copy, text.replace(line, "built-in: 0123456789abcdef")).unwrap();
    scene.run(&["prompts", "list"]).exited_with(0).says("outdated").says("have changed since");
    let listed: Value = serde_json::from_str(&scene.run(&["prompts", "--json"]).stdout).unwrap();
    let roles = listed["roles"].as_array().unwrap();
    let origin = |role: &str| roles.iter().find(|entry| entry["role"] == role).unwrap()["origin"].clone();
    assert_eq!((origin("team-lead"), origin("builder")), (json!("outdated"), json!("built-in")));
    assert!(scene.run(&["doctor"]).stdout.contains("have changed since"));
    scene.run(&["run", "--ui", "plain"]).exited_with(0).says("have changed since");
}
