//! `run` after a run that was left unfinished: never silently over again.

use crate::scene::Scene;

#[test]
fn an_unfinished_run_is_named_and_both_ways_are_offered() {
    let scene = Scene::new(&["A"]);
    let run = scene.leave_unfinished();
    let ended = scene.ralph(&["run", "--ui", "plain"]);
    assert_eq!(ended.code, 2);
    assert!(ended.stderr.contains(&format!("  ralph-teams resume {run} ")), "{}", ended.stderr);
    assert!(ended.stderr.contains("  ralph-teams run --new "), "{}", ended.stderr);
    assert_eq!(scene.newest(), run, "nothing was begun");

    let ended = scene.ralph(&["run", "--new", "--ui", "plain"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_ne!(scene.newest(), run);
    assert!(ended.stderr.contains("A goes on from ralph/epic/"), "{}", ended.stderr);
    let tip = scene.resolve(&format!("ralph/loop/{}", scene.newest())).unwrap();
    assert!(
        scene.repo.git(&["ls-tree", "--name-only", &tip]).contains("a.txt"),
        "the commit of the first run is in it"
    );
    // The newest run is over, so the older one is in nobody's way.
    assert_eq!(scene.ralph(&["run", "--ui", "plain"]).code, 0);
}

#[test]
fn a_run_that_did_nothing_worth_keeping_is_in_nobodys_way() {
    let scene = Scene::new(&["A"]);
    let begun = scene.beside("begun");
    scene.says(serde_json::json!({ "*/*/*": [ { "touch": begun }, { "sleep_ms": 600_000 } ] }));
    let mut running = scene.start(&["run", "--ui", "plain"]);
    crate::scene::wait_for(begun.as_ref());
    assert_eq!(scene.ralph(&["stop", "--now"]).code, 0);
    assert_eq!(running.code(), 130);
    scene.says(serde_json::json!({}));
    scene.pass(&["run", "--ui", "plain"]);
}

#[test]
fn a_run_that_ended_at_its_number_of_epics_is_followed_by_the_next() {
    let scene = Scene::new(&["A", "B"]);
    assert_eq!(scene.ralph(&["run", "--max-epics", "1", "--ui", "plain"]).code, 4);
    let ended = scene.ralph(&["run", "--max-epics", "1", "--ui", "plain"]);
    assert_eq!(ended.code, 0, "{}", ended.stderr);
    assert_eq!((scene.status("A").as_str(), scene.status("B").as_str()), ("completed", "completed"));
}
