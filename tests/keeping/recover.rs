//! `ralph-teams recover`, and the backups that it lists.

use ralph_teams::effects::git::snapshot::BackupName;
use ralph_teams::effects::worktree::Worktrees;

use crate::common::repo::write_in;
use crate::scene::Scene;

/// Work that was saved twice.
fn saved() -> Scene {
    let scene = Scene::new(&["A"]);
    let git = scene.repo.handle();
    let worktrees = Worktrees::open(git.clone(), &scene.repo.worktrees()).unwrap();
    let path = worktrees.root().join("r1/login");
    worktrees.ensure("ralph/epic/r1/login", &scene.repo.id("main"), &path).unwrap();
    for content in ["one", "two"] {
        write_in(&path, "work \u{1b}[31m", content);
        git.backup(&path, &BackupName::of_branch("ralph/epic/r1/login")).unwrap();
    }
    scene
}

#[test]
fn nothing_saved_says_so() {
    assert!(Scene::new(&["A"]).out(&["recover"]).starts_with("nothing was saved"));
}

#[test]
fn saved_work_is_listed_with_whose_it_is_and_what_it_holds() {
    let scene = saved();
    let list = scene.out(&["recover"]);
    assert!(list.contains("refs/ralph/backup/r1/login/1") && list.contains("1 file: work"), "{list}");
    assert!(!list.contains('\u{1b}'), "{list:?}");
    let json: serde_json::Value = serde_json::from_str(&scene.out(&["recover", "--json"])).unwrap();
    assert_eq!((&json["saved"][1]["run"], &json["saved"][1]["n"]), (&"r1".into(), &2.into()));
}

#[test]
fn saved_work_comes_back_as_a_new_branch_and_nothing_else_changes() {
    let scene = saved();
    let before = scene.repo.handle().fingerprint().unwrap();
    let said = scene.out(&["recover", "restore", "login/1"]);
    assert!(said.contains("ralph/recovered/r1/login/1"), "{said}");
    assert_eq!(scene.repo.show(&scene.repo.id("ralph/recovered/r1/login/1"), "work \u{1b}[31m"), "one");
    assert_eq!(before.changes(&scene.repo.handle().fingerprint().unwrap()), Vec::<String>::new());
    scene.out(&["recover", "restore", "refs/ralph/backup/r1/login/2", "--branch", "rescued"]);
    assert_eq!(scene.repo.show(&scene.repo.id("rescued"), "work \u{1b}[31m"), "two");
}

#[test]
fn what_cannot_be_restored_is_explained() {
    let scene = saved();
    let refused = |args: &[&str], why: &str| {
        let said = scene.ralph(&[&["recover", "restore"], args].concat());
        assert_eq!(said.code, Some(2), "{args:?}");
        assert!(said.err.contains(why), "{args:?}: {}", said.err);
    };
    refused(&["login/9"], "nothing is saved as login/9");
    refused(&["login/1", "--branch", "main"], "there is a branch main already");
    refused(&["login/1", "--branch", "x..y"], "no branch can be called");
}

#[test]
fn a_session_that_was_cut_with_work_in_its_hands_leaves_a_backup() {
    let scene = Scene::new(&["A"]);
    scene.configure("timeouts: { idleTimeout: 1 }\n", r#"{ "pause_ms": 600000 }"#);
    let mut run = scene.start(&["run", "--rehearse", "--ui", "plain"]);
    let worktree = crate::scene::eventually("a session", || {
        let record =
            ralph_teams::effects::session_record::SessionRecord::all(&scene.state().run(&scene.state().newest()?));
        let slug = record.first()?.job.scope.slug();
        Some(scene.worktrees().join(scene.newest().as_str()).join(slug.as_str()))
    });
    write_in(&worktree, "in-hand", "precious");
    let reference = crate::scene::eventually("a backup", || {
        let saved = scene.repo.handle().backups().unwrap();
        saved.first().map(|one| one.reference.clone())
    });
    run.kill().unwrap();
    run.wait().unwrap();
    assert!(reference.starts_with(&format!("refs/ralph/backup/{}/", scene.newest())), "{reference}");
    assert_eq!(scene.repo.show(&scene.repo.id(&reference), "in-hand"), "precious");
}
