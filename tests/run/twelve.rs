//! A whole run of twelve epics with diamonds of dependencies, four at a time, and what git says of it afterwards.

use serde_json::{Value, json};

use crate::fingerprint::Fingerprint;
use crate::scene::{Scene, epic};
use crate::schema;

/// Two diamonds, joined, with a third below them.
const GRAPH: [(&str, &[&str]); 12] = [
    ("E-01", &[]),
    ("E-02", &["E-01"]),
    ("E-03", &["E-01"]),
    ("E-04", &["E-02", "E-03"]),
    ("E-05", &[]),
    ("E-06", &["E-05"]),
    ("E-07", &["E-05"]),
    ("E-08", &["E-06", "E-07"]),
    ("E-09", &["E-04", "E-08"]),
    ("E-10", &["E-09"]),
    ("E-11", &["E-09"]),
    ("E-12", &["E-10", "E-11"]),
];

fn scene() -> Scene {
    let epics: Vec<Value> =
        GRAPH.iter().map(|(id, depends_on)| epic(id, &[&format!("{id}-a"), &format!("{id}-b")], depends_on)).collect();
    let scene = Scene::scripted(&epics, &json!({}), "gates:\n  - { name: readme, run: test -s README.md }");
    scene.repo.write(".gitignore", "target/\n");
    scene.repo.write("untracked-by-git/notes.txt", "mine\n");
    scene.repo.git(&["add", "--all"]);
    scene.repo.git(&["commit", "--quiet", "-m", "More"]);
    scene.repo.git(&["branch", "feature/mine"]);
    scene.repo.git(&["tag", "v1"]);
    scene
}

/// `prd.json` without what a runner may write.
fn without_results(prd: &Value) -> Value {
    let mut prd = prd.clone();
    for epic in prd["epics"].as_array_mut().unwrap() {
        epic["status"] = Value::Null;
        for story in epic["userStories"].as_array_mut().unwrap() {
            story["passes"] = Value::Null;
        }
    }
    prd
}

#[test]
fn twelve_epics_are_merged_once_each_and_nothing_of_the_users_is_touched() {
    let scene = scene();
    let (before, prd_before) = (Fingerprint::of(&scene.repo), scene.prd());
    let base = scene.repo.id("HEAD").to_string();

    scene.run(&["run", "--parallel", "4"]).exited_with(0);

    assert_eq!(before, Fingerprint::of(&scene.repo), "the user's things changed");
    assert_eq!(without_results(&prd_before), without_results(&scene.prd()));
    scene.has_no_process_left();
    every_epic_is_merged_once_after_what_it_depends_on(&scene, &base);
    every_story_is_completed(&scene);
    the_verdict_is_true(&scene, &base);
    the_final_diff_leads_from_the_base_to_the_tip(&scene, &base);
    scene.repo.git(&["fsck", "--strict", "--no-dangling"]);
    let kept: Vec<String> = scene.worktrees().into_iter().filter(|path| path.contains("/e-")).collect();
    assert!(kept.is_empty(), "worktrees of merged epics are left: {kept:?}");
}

fn every_epic_is_merged_once_after_what_it_depends_on(scene: &Scene, base: &str) {
    let merged = scene.merged_since(base);
    let mut sorted = merged.clone();
    sorted.sort();
    let expected: Vec<&str> = GRAPH.iter().map(|(id, _)| *id).collect();
    assert_eq!(sorted, expected, "each epic once");
    let place = |id: &str| merged.iter().position(|merged| merged == id).unwrap();
    for (id, depends_on) in GRAPH {
        for dependency in depends_on {
            assert!(place(dependency) < place(id), "{id} was merged before {dependency}");
        }
    }
}

fn every_story_is_completed(scene: &Scene) {
    for epic in scene.prd()["epics"].as_array().unwrap() {
        assert_eq!(epic["status"], "completed", "{}", epic["id"]);
        assert!(epic["userStories"].as_array().unwrap().iter().all(|story| story["passes"] == true));
    }
}

fn the_verdict_is_true(scene: &Scene, base: &str) {
    let verdict = scene.verdict();
    assert_eq!(schema::departures("verdict.schema.json", &verdict), Vec::<String>::new());
    let tip = scene.repo.id(&scene.loop_branch()).to_string();
    assert_eq!(verdict["verdict"], "pass");
    assert_eq!(verdict["base"], base);
    assert_eq!(verdict["tip"], tip);
    assert_eq!(verdict["tree"], scene.repo.git(&["rev-parse", &format!("{tip}^{{tree}}")]));
    for epic in verdict["epics"].as_array().unwrap() {
        assert_eq!(epic["status"], "merged", "{}", epic["id"]);
        for commit in ["branch_tip", "merge_commit"] {
            let commit = epic[commit].as_str().unwrap();
            scene.repo.git(&["merge-base", "--is-ancestor", commit, &tip]);
        }
        for story in epic["stories"].as_array().unwrap() {
            let commit = story["commit"].as_str().unwrap();
            scene.repo.git(&["merge-base", "--is-ancestor", commit, &tip]);
        }
    }
}

fn the_final_diff_leads_from_the_base_to_the_tip(scene: &Scene, base: &str) {
    let fresh = scene.repo.beside("fresh");
    let fresh_path = fresh.to_str().unwrap();
    scene.repo.git(&["clone", "--quiet", "--no-checkout", ".", fresh_path]);
    scene.repo.git_in(&fresh, &["checkout", "--quiet", "--detach", base]);
    let diff = scene.run_dir().join("final.diff");
    scene.repo.git_in(&fresh, &["apply", "--index", "--whitespace=nowarn", diff.to_str().unwrap()]);
    assert_eq!(scene.repo.git_in(&fresh, &["write-tree"]), scene.verdict()["tree"].as_str().unwrap());
}

#[test]
fn the_result_does_not_depend_on_the_number_of_slots() {
    let trees: Vec<String> = ["1", "4"]
        .iter()
        .map(|slots| {
            let epics = [epic("A", &["a"], &[]), epic("B", &["b"], &[]), epic("C", &["c"], &["A", "B"])];
            let scene = Scene::of(&epics);
            scene.repo.git(&["rm", "--quiet", "ralph.config.yml"]);
            scene.repo.commit("The configuration names folders of this test");
            let config = scene.repo.beside("elsewhere.yml");
            let argv = json!([env!("CARGO_BIN_EXE_fake-agent")]);
            std::fs::write(
                &config,
                format!("execution: {{ epicPlanning: false, epicValidation: false, backend: command }}\nbackends: {{ command: {{ argv: {argv} }} }}\n"),
            )
            .unwrap();
            let config = config.to_str().unwrap();
            scene.run(&["run", "--parallel", slots, "--config", config]).exited_with(0);
            scene.verdict()["tree"].as_str().unwrap().to_owned()
        })
        .collect();
    assert_eq!(trees[0], trees[1]);
}
