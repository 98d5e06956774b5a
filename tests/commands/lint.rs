//! `lint --fix` keeps its hands off a PRD that a run works with.

use crate::scene::Scene;

#[test]
fn a_plan_that_a_run_works_with_is_not_mended() {
    let scene = Scene::new(&["A"]);
    let mut running = scene.start_and_hang_in_a();
    scene.edit_prd(|prd| prd["epics"][0]["title"] = "Epic  A".into());
    let refused = scene.ralph(&["lint", "--fix"]);
    assert_eq!(refused.code, 3, "{}", refused.stderr);
    assert!(refused.stderr.contains("is at work and writes into prd.json"), "{}", refused.stderr);

    assert_eq!(scene.ralph(&["stop"]).code, 0);
    assert_eq!(running.code(), 130);
    let refused = scene.ralph(&["lint", "--fix"]);
    assert_eq!(refused.code, 2, "{}", refused.stderr);
    assert!(refused.stderr.contains("is unfinished"), "{}", refused.stderr);
    assert_eq!(scene.prd()["epics"][0]["title"], "Epic  A", "a mended title would contradict what is begun");
}
