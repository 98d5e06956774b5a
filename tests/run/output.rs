//! What the program says: JSON lines, plain lines, `progress.txt` and `status`.

use serde_json::{Value, json};

use crate::scene::{Scene, epic, prd, pretty};

fn scene() -> Scene {
    let script = json!({ "A/team-lead/1": [{ "print": "\u{1b}[31mred\u{1b}[0m\u{7}" }, { "write": { "path": "x", "text": "x" } }, "honest", { "exit": 1 }] });
    Scene::scripted(
        &[epic("A", &["a"], &[]), epic("B", &["b"], &["A"])],
        &script,
        "gates:\n  - { name: ok, run: 'true' }",
    )
}

#[test]
fn every_line_of_the_json_output_is_one_object_with_version_and_type() {
    let scene = scene();
    let outcome = scene.run(&["run", "--ui", "json"]).exited_with(0);
    let lines: Vec<Value> = outcome.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().all(|line| line["v"] == 1 && line["type"].is_string()), "{}", outcome.stdout);
    assert_eq!(lines.first().unwrap()["type"], "run-began");
    assert_eq!(lines.last().unwrap()["type"], "run-ended");
    let merged = |line: &&Value| line["type"] == "epic-ended" && line["outcome"] == "merged";
    assert_eq!(lines.iter().filter(merged).count(), 2, "{}", outcome.stdout);
    let times: Vec<u64> = lines.iter().map(|line| line["at"].as_u64().unwrap()).collect();
    assert!(times.is_sorted(), "{times:?}");
}

#[test]
fn notes_and_refusals_are_never_on_standard_output() {
    let scene =
        Scene::scripted(&[epic("A", &["a"], &[])], &json!({ "*/*/*": [{ "exit": 0 }] }), "policy: { maxAttempts: 1 }");
    scene.run(&["run", "--ui", "json"]).exited_with(1);
    scene.script(&json!({}));
    let second = scene.run(&["run", "--ui", "json"]).exited_with(0);
    let of_json = |line: &str| serde_json::from_str::<Value>(line).is_ok_and(|line| line["v"] == 1);
    assert!(second.stdout.lines().all(of_json), "{}", second.stdout);
    scene.repo.write("README.md", "changed\n");
    let refused = scene.run(&["run", "--ui", "json"]).exited_with(3);
    assert_eq!(refused.stdout, "");
}

/// What a line of `progress.txt` says, without the time and the name in front of it.
fn words(line: &str) -> &str {
    line.rsplit_once("  ").map_or(line, |(_, words)| words)
}

#[test]
fn plain_output_has_no_control_codes_and_progress_txt_has_the_same_words() {
    let scene = scene();
    let outcome = scene.run(&["run"]).exited_with(0);
    let is_control = |character: char| character.is_control() && character != '\n';
    assert!(!outcome.stdout.contains(is_control), "{:?}", outcome.stdout);
    let progress = std::fs::read_to_string(scene.state().join("progress.txt")).unwrap();
    assert!(!progress.contains(is_control), "{progress:?}");
    // The marks of waves are for `ralph-teams logs --tail` and are no notices.
    let told = progress.lines().map(words).filter(|words| !words.starts_with("wave "));
    let missing: Vec<&str> = told.filter(|words| !outcome.stdout.contains(words)).collect();
    assert!(missing.is_empty(), "not on standard output: {missing:?}\n{}", outcome.stdout);
    assert!(progress.lines().count() > 10, "{progress}");
}

#[test]
fn status_tells_of_a_run_while_it_is_alive_and_afterwards() {
    let scene = Scene::of(&[epic("A", &["a"], &[]), epic("B", &["b"], &["A"])]);
    scene.script(
        &json!({ "B/team-lead/1": [{ "touch": scene.mark("begun") }, { "wait_for": scene.mark("go on") }, "honest"] }),
    );
    let status = || -> Value { serde_json::from_str(&scene.run(&["status", "--json"]).exited_with(0).stdout).unwrap() };
    assert_eq!(status()["run"], Value::Null);
    let mut running = scene.start(&["run"]);
    running.until_exists(&scene.mark("begun"));
    let during = status();
    assert_eq!(during["pid"], running.pid());
    assert_eq!(during["run"], scene.run_id());
    let states = |status: &Value| -> Vec<String> {
        status["epics"].as_array().unwrap().iter().map(|epic| epic["state"].as_str().unwrap().to_owned()).collect()
    };
    assert_ne!(states(&during)[0], states(&during)[1]);
    std::fs::write(scene.mark("go on"), "").unwrap();
    running.outcome().exited_with(0);
    let after = status();
    assert_eq!(after["pid"], Value::Null);
    assert_eq!(states(&after)[0], states(&after)[1]);
    assert_eq!(after["loopTip"], scene.repo.id(&scene.loop_branch()).as_str());
    scene.run(&["status"]).exited_with(0).says("report.md");
}

#[test]
fn a_reader_of_the_output_that_goes_away_does_not_stop_the_run() {
    let scene = scene();
    let mut command = scene.command(&["run"]);
    command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::null());
    let mut child = command.spawn().unwrap();
    drop(child.stdout.take());
    assert_eq!(child.wait().unwrap().code(), Some(0));
    assert_eq!(scene.verdict()["verdict"], "pass");
}

#[test]
fn the_prd_keeps_its_layout_and_its_unknown_fields() {
    let scene = Scene::of(&[epic("E", &["s"], &[])]);
    let mut document = prd(&[epic("E", &["s"], &[])]);
    document["x-mine"] = json!({ "b": 1, "a": [2] });
    document["epics"][0]["userStories"][0]["notes"] = json!("keep me");
    let text = format!("\u{feff}{}", pretty(&document));
    scene.repo.write("prd.json", &text);
    scene.run(&["run"]).exited_with(0);
    let now = std::fs::read_to_string(scene.repo.path().join("prd.json")).unwrap();
    let expected = text
        .replace("\"status\": \"pending\"", "\"status\": \"completed\"")
        .replace("\"passes\": false", "\"passes\": true");
    assert_eq!(now, expected);
}
