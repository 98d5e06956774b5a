//! Epics that are planned before they are built and judged before they are merged, by sessions of their own.

use serde_json::{Value, json};

use crate::scene::{Scene, epic};

const ON: &str = "workflow: { preset: balanced }";

/// One epic, or several, with the phases on and a script.
fn scene(epics: &[Value], script: &Value, config: &str) -> Scene {
    let scene = Scene::scripted(epics, script, "");
    let text = std::fs::read_to_string(scene.repo.path().join("ralph.config.yml")).unwrap();
    let text = text.replace("epicPlanning: false, epicValidation: false", "storyPlanning: false");
    scene.repo.write("ralph.config.yml", &format!("{text}{config}\n"));
    scene.repo.commit("Switch the phases on");
    scene
}

fn one(script: &Value) -> Scene {
    scene(&[epic("E", &["s"], &[])], script, ON)
}

/// The sessions of the newest run by their role and number, in the order of their names.
fn sessions(scene: &Scene) -> Vec<String> {
    let mut found: Vec<String> = std::fs::read_dir(scene.run_dir().join("jobs"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| scene.run_dir().join("jobs").join(name).join("prompt.md").exists())
        .filter_map(|name| name.split_once('.').map(|(_, task)| task.to_owned()))
        .collect();
    found.sort();
    found
}

#[track_caller]
fn merged(scene: &Scene) {
    assert_eq!(scene.status("E"), "completed");
    assert_eq!(scene.repo.git(&["show", &format!("{}:s.txt", scene.loop_branch())]), "s is done");
    scene.has_no_process_left();
}

#[test]
fn each_preset_starts_its_own_sessions() {
    for (preset, expected) in [
        ("balanced", vec!["epic-planner.1", "epic-validator.1", "team-lead.1"]),
        ("full", vec!["epic-planner.1", "epic-validator.1", "team-lead.1"]),
        ("minimal", vec!["team-lead.1"]),
    ] {
        let config = format!("workflow: {{ preset: {preset} }}");
        let scene = Scene::scripted(&[epic("E", &["s"], &[])], &json!({}), "");
        let text = std::fs::read_to_string(scene.repo.path().join("ralph.config.yml")).unwrap();
        let text = text.replace("epicPlanning: false, epicValidation: false, ", "");
        scene.repo.write("ralph.config.yml", &format!("{text}{config}\n"));
        scene.repo.commit("Choose a preset");
        scene.run(&["run"]).exited_with(0);
        assert_eq!(sessions(&scene), expected, "{preset}");
        let prompt = std::fs::read_to_string(job(&scene, "team-lead.1").join("prompt.md")).unwrap();
        assert_eq!(prompt.contains("judged by the story-validator"), preset == "full");
        assert_eq!(prompt.contains("planned by the story-planner"), preset == "full");
        merged(&scene);
    }
}

fn job(scene: &Scene, task: &str) -> std::path::PathBuf {
    let jobs = std::fs::read_dir(scene.run_dir().join("jobs")).unwrap();
    let mut jobs = jobs.map(|entry| entry.unwrap().path());
    jobs.find(|path| path.to_string_lossy().ends_with(task)).unwrap_or_else(|| panic!("no job {task}"))
}

#[test]
fn a_plan_is_kept_told_to_the_lead_and_noted_in_the_prd_and_nobody_is_asked_for_another() {
    let scene = one(&json!({
        "E/team-lead/1": [{ "report": { "failing": { "s": "no printer" } } }],
    }));
    scene.run(&["run"]).exited_with(1);
    let plan = std::fs::read_to_string(scene.state().join("plans/plan-E.md")).unwrap();
    assert!(plan.contains("# Plan"), "{plan}");
    assert_eq!(scene.epic("E")["planned"], json!(true));
    let prompt = std::fs::read_to_string(job(&scene, "team-lead.1").join("prompt.md")).unwrap();
    assert!(prompt.contains("read `.ralph/plan.md` first"), "{prompt}");
    scene.script(&json!({}));
    scene.repo.commit("Note the outcome");
    scene.run(&["run"]).exited_with(0);
    assert_eq!(sessions(&scene), ["epic-validator.1", "team-lead.1"]);
    merged(&scene);
}

#[test]
fn a_plan_that_a_person_wrote_is_used_as_it_is() {
    let scene = one(&json!({}));
    scene.repo.write(".ralph-teams/plans/plan-E.md", "# By hand\n");
    scene.run(&["run"]).exited_with(0);
    assert_eq!(sessions(&scene), ["epic-validator.1", "team-lead.1"]);
    assert_eq!(scene.epic("E")["planned"], json!(false), "the runner planned nothing");
    merged(&scene);
}

#[test]
fn a_planner_that_leaves_nothing_or_breaks_costs_the_epic_nothing() {
    for steps in [
        json!([{ "print": "no idea" }]),
        json!([{ "exit": 3 }]),
        json!([{ "write": { "path": ".ralph/plan.md", "text": " " } }]),
    ] {
        let scene = one(&json!({ "E/epic-planner/*": steps }));
        scene.run(&["run"]).exited_with(0).says("goes on without a plan");
        assert_eq!(
            sessions(&scene),
            ["epic-planner.1", "epic-planner.2", "epic-validator.1", "team-lead.1"],
            "{steps}"
        );
        assert_eq!((&scene.judged("E")["attempts"], &scene.epic("E")["planned"]), (&json!(1), &json!(false)));
        merged(&scene);
    }
}

#[test]
fn what_a_planner_changed_besides_its_plan_is_undone_and_saved() {
    let scene = one(&json!({ "E/epic-planner/1": [
        "honest",
        { "write": { "path": "committed.txt", "text": "c" } },
        { "commit": "Begin at once" },
        { "write": { "path": "extra.txt", "text": "x" } },
    ] }));
    scene.run(&["run"]).exited_with(0).says("put back to the commit that it stood on");
    merged(&scene);
    assert_eq!(scene.epic("E")["planned"], json!(true), "the plan counts");
    let files = scene.repo.git(&["ls-tree", "--name-only", &scene.loop_branch()]);
    assert!(!files.contains("extra.txt") && !files.contains("committed.txt"), "{files}");
    let saved = scene.repo.git(&["for-each-ref", "--format=%(refname)", "refs/ralph/backup"]);
    let saved = saved.lines().next().unwrap();
    assert_eq!(scene.repo.git(&["show", &format!("{saved}:extra.txt")]), "x");
    assert_eq!(scene.repo.git(&["show", &format!("{saved}^:committed.txt")]), "c");
}

#[test]
fn what_the_set_up_left_uncommitted_is_there_for_the_lead_whatever_the_planner_did() {
    let setup = "worktrees: { setup: 'echo . >> ready.txt' }";
    for (writes, n_set_ups) in [(false, "."), (true, ".")] {
        let extra = json!({ "write": { "path": "extra.txt", "text": "x" } });
        let steps = if writes { json!(["honest", extra]) } else { json!(["honest"]) };
        let looks = json!([{ "shell": format!("test \"$(cat ready.txt)\" = '{n_set_ups}'") }, "honest"]);
        let script = json!({ "E/epic-planner/1": steps, "E/team-lead/1": looks });
        let scene = scene(&[epic("E", &["s"], &[])], &script, &format!("{ON}\n{setup}"));
        let outcome = scene.run(&["run"]).exited_with(0);
        assert_eq!(outcome.stdout.contains("put back to the commit"), writes, "{}", outcome.stdout);
        merged(&scene);
    }
}

#[test]
fn findings_of_the_validator_are_mended_and_it_judges_again() {
    let findings = json!([{ "validate": { "verdict": "fail", "findings": ["the menu is empty"] } }]);
    let scene = one(&json!({ "E/epic-validator/*": [
        { "once": { "mark": "MARK", "steps": findings.as_array().unwrap().iter().cloned().chain([json!({ "exit": 0 })]).collect::<Vec<_>>() } },
        { "validate": { "verdict": "pass" } },
    ] }));
    let script = std::fs::read_to_string(scene.repo.beside("script.json")).unwrap();
    let mark = scene.mark("judged");
    std::fs::write(scene.repo.beside("script.json"), script.replace("MARK", mark.to_str().unwrap())).unwrap();
    scene.run(&["run"]).exited_with(0).says("the menu is empty");
    assert_eq!(
        sessions(&scene),
        ["epic-planner.1", "epic-validator.1", "epic-validator.2", "team-lead.1", "team-lead.2"]
    );
    let prompt = std::fs::read_to_string(job(&scene, "team-lead.2").join("prompt.md")).unwrap();
    assert!(prompt.contains("the menu is empty"), "{prompt}");
    assert_eq!(scene.judged("E")["fix_cycles"], json!(1));
    merged(&scene);
}

#[test]
fn an_epic_that_its_validator_never_passes_is_kept_and_not_merged() {
    let fails = json!([{ "validate": { "verdict": "fail", "findings": ["the menu is empty"] } }]);
    let scene =
        scene(&[epic("E", &["s"], &[])], &json!({ "E/epic-validator/*": fails }), "workflow: { preset: balanced }");
    scene.run(&["run"]).exited_with(1).says("the menu is empty");
    assert_eq!(scene.status("E"), "partial");
    assert_eq!(scene.repo.id(&scene.loop_branch()), scene.repo.id("HEAD"));
    let kept = scene.repo.git(&["for-each-ref", "--format=%(refname:short)", "refs/heads/ralph/epic"]);
    assert_eq!(scene.repo.git(&["show", &format!("{kept}:s.txt")]), "s is done");
    scene.script(&json!({}));
    scene.repo.commit("Note the outcome");
    scene.run(&["run"]).exited_with(0);
    assert_eq!(sessions(&scene), ["epic-validator.1"], "nothing but the judgement was left");
    merged(&scene);
}

#[test]
fn an_epic_that_nobody_can_judge_is_merged_with_an_open_risk() {
    let scene = one(&json!({ "E/epic-validator/*": [{ "print": "hm" }] }));
    scene.run(&["run"]).exited_with(0);
    let risks = scene.verdict()["open_risks"].to_string();
    assert!(risks.contains("E was judged by nobody: the validator left no report"), "{risks}");
    merged(&scene);
}

#[test]
fn a_validator_that_changes_things_is_undone_and_its_changes_are_saved() {
    let scene = one(&json!({ "E/epic-validator/*": [
        { "write": { "path": "s.txt", "text": "sabotage" } },
        { "commit": "Sabotage" },
        { "write": { "path": "s.txt", "text": "more of it" } },
        { "write": { "path": "new.txt", "text": "new" } },
        { "validate": { "verdict": "pass" } },
    ] }));
    scene.run(&["run"]).exited_with(0).says("put back to the commit that it stood on");
    merged(&scene);
    let missing = scene.repo.git(&["ls-tree", "--name-only", &scene.loop_branch()]);
    assert!(!missing.contains("new.txt"), "{missing}");
    let saved = scene.repo.git(&["for-each-ref", "--format=%(refname)", "refs/ralph/backup"]);
    let saved = saved.lines().next().unwrap();
    assert_eq!(scene.repo.git(&["show", &format!("{saved}:s.txt")]), "more of it");
    assert_eq!(scene.repo.git(&["show", &format!("{saved}:new.txt")]), "new");
    assert_eq!(scene.repo.git(&["show", &format!("{saved}^:s.txt")]), "sabotage");
}

#[test]
fn a_run_that_is_stopped_while_an_epic_is_planned_or_judged_goes_on_there() {
    for role in ["epic-planner", "epic-validator"] {
        let scene = one(&json!({}));
        let (mark, here) = (scene.mark("begun"), scene.mark("go"));
        let key = format!("E/{role}/*");
        scene.script(&json!({ key: [{ "touch": mark }, { "wait_for": here }, "honest"] }));
        let mut run = scene.start(&["run"]);
        run.until_exists(&mark);
        run.signal(rustix::process::Signal::INT);
        run.outcome().exited_with(130);
        scene.has_no_process_left();
        std::fs::write(&here, "").unwrap();
        scene.run(&["resume"]).exited_with(0);
        assert!(sessions(&scene).contains(&format!("{role}.2")), "{:?}", sessions(&scene));
        assert!(!sessions(&scene).contains(&"team-lead.2".to_owned()));
        merged(&scene);
    }
}

#[test]
fn a_rehearsal_plays_every_phase() {
    let scene = scene(&[epic("E", &["s"], &[]), epic("F", &["t"], &["E"])], &json!({}), "workflow: { preset: full }");
    scene.run(&["run", "--rehearse"]).exited_with(0).says("its validator passes it");
    assert_eq!(
        sessions(&scene),
        [
            "epic-planner.1",
            "epic-planner.1",
            "epic-validator.1",
            "epic-validator.1",
            "final-validator.1",
            "team-lead.1",
            "team-lead.1"
        ]
    );
}
