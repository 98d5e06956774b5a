//! `status`: the run that is meant, and what can be done with it.

use crate::scene::Scene;

#[test]
fn a_named_prd_means_its_own_runs() {
    let scene = Scene::new(&["A"]);
    let first = scene.pass(&["run", "--ui", "plain"]);
    std::fs::copy(scene.repo.path().join("prd.json"), scene.repo.path().join("other.json")).unwrap();
    let none = scene.ralph(&["status", "other.json"]);
    assert!(
        none.code == 0 && none.stdout.starts_with("no run of it yet\n") && none.stdout.contains("wave 1"),
        "{none:?}"
    );
    scene.repo.git(&["add", "."]);
    scene.repo.git(&["commit", "--quiet", "-m", "another plan"]);
    let second = scene.pass(&["run", "other.json", "--ui", "plain", "--base", "loop"]);
    for (args, run) in
        [(&["status"][..], &second), (&["status", "other.json"], &second), (&["status", "./prd.json"], &first)]
    {
        let told = scene.ralph(args).stdout;
        assert!(told.starts_with(&format!("run {run} ")), "{args:?}: {told}");
    }
    assert_eq!(scene.ralph(&["status", "none.json"]).code, 2);
}

#[test]
fn a_run_that_was_set_back_is_not_offered_to_go_on() {
    let scene = Scene::new(&["A"]);
    let run = scene.leave_unfinished();
    assert!(scene.ralph(&["status"]).stdout.contains(&format!("ralph-teams resume {run}")));
    assert_eq!(scene.ralph(&["reset", "A"]).code, 0);
    let told = scene.ralph(&["status"]).stdout;
    assert!(told.ends_with("begin anew: ralph-teams run\n") && !told.contains(&format!("resume {run}")), "{told}");
}
