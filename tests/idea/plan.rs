//! `plan`: an implementation plan for each epic, in a talk or by an agent alone.

use serde_json::{Value, json};

use crate::scene::{Scene, epic};
use crate::texts::{at_terminal, draft, has_no_process_left, plan};

fn scene(script: &Value) -> Scene {
    Scene::scripted(&[epic("A", &["A-1"], &[]), epic("B", &["B-1"], &["A"])], script, "")
}

fn script() -> Value {
    json!({ "A/plan/*": [{ "result": plan("A") }], "B/plan/*": [{ "result": plan("B") }] })
}

fn kept(scene: &Scene, epic: &str) -> Option<String> {
    std::fs::read_to_string(scene.state().join(format!("plans/plan-{epic}.md"))).ok()
}

fn planned(scene: &Scene) -> [Value; 2] {
    ["A", "B"].map(|epic| scene.epic(epic)["planned"].clone())
}

#[test]
fn an_agent_alone_plans_every_epic_and_its_lead_reads_the_plan() {
    let mut script = script();
    let scene = scene(&script);
    let told = scene.mark("told");
    script["A/plan/1"] = json!([{ "save_prompt": told }, { "result": plan("A") }]);
    script.as_object_mut().unwrap().shift_remove("A/plan/*");
    script["A/team-lead/*"] = json!([{ "shell": "grep -q 'Print it' .ralph/plan.md" }, "honest"]);
    scene.script(&script);
    let before = std::fs::read_to_string(scene.repo.path().join("prd.json")).unwrap();
    scene.run(&["plan", "--auto"]).exited_with(0).says("plans/plan-A.md").says("plans/plan-B.md");
    assert_eq!((kept(&scene, "A"), kept(&scene, "B")), (Some(plan("A")), Some(plan("B"))));
    assert_eq!(planned(&scene), [true, true]);
    let after = std::fs::read_to_string(scene.repo.path().join("prd.json")).unwrap();
    assert_eq!(after, before.replace("\"planned\": false", "\"planned\": true"), "and nothing else changed");
    assert!(std::fs::read_to_string(told).unwrap().contains("`A-1.1`: its file exists"));
    has_no_process_left(&scene);
    assert_eq!(scene.worktrees(), [""; 0]);
    scene.run(&["plan", "--auto"]).exited_with(0).says("nothing is left to plan");
    draft(&scene);
    scene.repo.commit("Plan");
    scene.run(&["run", "--ui", "plain"]).exited_with(0);
}

#[test]
fn a_plan_with_holes_goes_back_and_is_given_up_after_three_corrections() {
    let holes = plan("A").replace("`A-1.1`", "it");
    let mut script = script();
    script["A/plan/1"] = json!([{ "result": holes }]);
    script["A/plan/2"] = json!([{ "shell": "grep -q 'no test is named for the criterion A-1.1' .ralph/prompt.md" }, { "result": plan("A") }]);
    script.as_object_mut().unwrap().shift_remove("A/plan/*");
    script["B/plan/*"] = json!([{ "result": holes }]);
    let scene = scene(&script);
    scene.run(&["plan", "--auto"]).exited_with(1).says("after 3 corrections").says("plan-B.md");
    assert_eq!(planned(&scene), [json!(true), json!(false)], "what was good stays");
    assert_eq!(kept(&scene, "B"), None);
}

#[test]
fn a_plan_of_what_an_epic_was_before_is_not_taken_for_its_plan() {
    let mut script = script();
    let scene = scene(&script);
    let prd = scene.repo.path().join("prd.json");
    let edit = format!("sed -i 's/\"acceptanceCriteria\": \\[/&\"it is blue\",/' '{}'", prd.display());
    script["A/plan/*"] = json!([{ "shell": edit }, { "result": plan("A") }]);
    scene.script(&script);
    let told = scene.run(&["plan", "--auto"]).exited_with(3).says("A was changed in").says("the draft stays: ");
    assert!(std::fs::read_to_string(&prd).unwrap().contains("it is blue"), "{}", told.stderr);
    assert_eq!((planned(&scene), kept(&scene, "A")), ([json!(false), json!(false)], None));
}

#[test]
fn a_person_talks_about_each_epic_and_agrees_or_not() {
    let ask = |epic: &str| json!([{ "ask": format!("How is {epic} built?") }, { "result": plan(epic) }]);
    let scene = scene(&json!({ "A/plan/*": ask("A"), "B/plan/*": ask("B") }));
    let mut pty = at_terminal(&scene, &["plan"]);
    let at = pty.wait_for("How is A built?", 0);
    pty.press(b"well\r");
    let at = pty.wait_for("as the plan of A?", at);
    pty.press(b"y\r");
    let at = pty.wait_for("How is B built?", at);
    pty.press(b"badly\r");
    pty.wait_for("as the plan of B?", at);
    pty.press(b"n\r");
    assert_eq!(pty.exit_code(), Some(0), "{}", pty.printed(0));
    assert_eq!(planned(&scene), [json!(true), json!(false)]);
    assert_eq!((kept(&scene, "A"), kept(&scene, "B")), (Some(plan("A")), None));
}

#[test]
fn what_cannot_be_planned_is_said_and_no_agent_is_started() {
    let scene = scene(&script());
    scene.run(&["plan"]).exited_with(2).says("plan --auto");
    scene.run(&["plan", "C", "--auto"]).exited_with(2).says("there are: A, B");
    assert!(!scene.state().join("drafts").exists());
    let told = scene.run(&["plan", "B", "B", "--auto"]).exited_with(0);
    assert_eq!(told.stdout.matches("B is planned").count(), 1, "{}", told.stdout);
    assert_eq!(planned(&scene), [json!(false), json!(true)]);
    scene.run(&["plan", "B", "--auto"]).exited_with(0).says("is planned already").says("nothing is left");
}

#[test]
fn beside_a_run_nothing_is_planned() {
    let mut script = script();
    let scene = scene(&script);
    let begun = scene.mark("begun");
    script["A/team-lead/*"] = json!([{ "touch": begun }, { "sleep_ms": 600_000 }]);
    scene.script(&script);
    let mut running = scene.start(&["run", "--ui", "plain"]);
    running.until_exists(&begun);
    scene.run(&["plan", "--auto"]).exited_with(3).says("is at work");
}
