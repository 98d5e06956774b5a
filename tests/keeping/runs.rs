//! `ralph-teams runs`.

use crate::scene::Scene;

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap()
}

#[test]
fn a_run_is_listed_with_its_verdict_and_its_size_and_shown_with_its_sessions() {
    let scene = Scene::new(&["A", "B"]);
    assert_eq!(scene.out(&["runs"]), "no run yet\n");
    let run = scene.run();
    let list = scene.out(&["runs"]);
    let line = list.lines().find(|line| line.starts_with(run.as_str())).unwrap_or_else(|| panic!("{list}"));
    assert!(line.contains("  pass ") && line.contains("2 of 2 epics") && line.contains("  no "), "{line}");
    let listed = &json(&scene.out(&["runs", "--json"]))["runs"][0];
    assert!(listed["bytes"].as_u64().unwrap() > 1_000, "{listed}");
    assert_eq!((listed["over"].as_bool(), listed["landed"].as_bool()), (Some(true), Some(false)));
    let shown = scene.out(&["runs", "show"]);
    assert!(shown.contains("team-lead.1 (rehearsal)") && shown.contains("landed: no"), "{shown}");
    let shown = json(&scene.out(&["runs", "show", run.as_str(), "--json"]));
    assert_eq!(shown["sessions"][0]["backend"], "rehearsal");
    assert_eq!(scene.ralph(&["runs", "show", "no-such-run"]).code, Some(2));
}

#[test]
fn only_landed_runs_beyond_the_newest_are_pruned() {
    let scene = Scene::new(&["A", "B<A", "C<B"]);
    scene.ralph(&["run", "--rehearse", "--ui", "plain", "--only", "A"]);
    let first = scene.newest();
    scene.repo.git(&["merge", "-q", "--ff-only", &first.loop_branch()]);
    scene.repo.commit("the PRD as the run left it");
    scene.ralph(&["run", "--rehearse", "--ui", "plain", "--only", "B"]);
    let second = scene.newest();
    // The second run is not landed, so it stays although it is old by then.
    scene.ralph(&["run", "--rehearse", "--ui", "plain", "--base", "loop", "--dirty", "ignore", "--only", "C"]);
    let third = scene.newest();
    let dry = json(&scene.out(&["runs", "prune", "--keep", "1", "--dry-run", "--json"]));
    assert_eq!(dry["removed"], serde_json::json!([first.as_str()]));
    assert_eq!(dry["kept"][0]["run"], second.as_str());
    assert!(scene.state().run(&first).path().exists(), "a dry run removes nothing");
    let said = scene.out(&["runs", "prune", "--keep", "1"]);
    assert!(said.contains(&format!("removed: {first}")) && said.contains("is not in HEAD"), "{said}");
    assert!(!scene.state().run(&first).path().exists());
    assert!(scene.state().run(&second).journal().exists() && scene.state().run(&third).journal().exists());
    assert_eq!(std::fs::read_dir(scene.state().runs()).unwrap().count(), 2, "nothing else is left");
    assert_eq!(scene.out(&["runs", "prune"]).lines().count(), 1, "ten are always kept");
}

#[test]
fn a_run_that_can_be_resumed_or_cannot_be_read_is_never_pruned() {
    let scene = Scene::new(&["A"]);
    let run = scene.run();
    scene.repo.git(&["merge", "-q", "--ff-only", &run.loop_branch()]);
    let journal = scene.run_dir().journal();
    let whole = std::fs::read_to_string(&journal).unwrap();
    let newer = scene.state().runs().join("99999999-000000-zzzz");
    std::fs::create_dir_all(&newer).unwrap();
    let prune = || json(&scene.out(&["runs", "prune", "--keep", "1", "--dry-run", "--json"]));
    // Without its last events it was killed before it was judged.
    let lines: Vec<&str> = whole.lines().collect();
    std::fs::write(&journal, lines[..lines.len() - 1].join("\n") + "\n").unwrap();
    assert_eq!(prune()["kept"][0]["reason"], "it can be resumed");
    std::fs::write(&journal, "nonsense\n").unwrap();
    assert_eq!(prune()["kept"][0]["reason"], "its journal cannot be read");
    std::fs::write(&journal, &whole).unwrap();
    assert_eq!(prune()["removed"], serde_json::json!([run.as_str()]));
}

/// Nothing is configured here, so a resume that forgot the flag would look for the program that costs money.
#[test]
fn a_rehearsal_that_was_killed_is_resumed_as_a_rehearsal() {
    let scene = Scene::new(&["A"]);
    let mut run = scene.start(&["run", "--rehearse", "--ui", "plain"]);
    // Killed before its first event it would never have begun, and there would be nothing to resume.
    crate::scene::eventually("a session", || {
        let run_dir = scene.state().run(&scene.state().newest()?);
        ralph_teams::effects::session_record::SessionRecord::all(&run_dir).first().map(|_| ())
    });
    run.kill().unwrap();
    run.wait().unwrap();
    let resumed = scene.ralph(&["resume", "--ui", "plain"]);
    assert_eq!(resumed.code, Some(0), "{}{}", resumed.out, resumed.err);
}
