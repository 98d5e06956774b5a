//! Whoever reads what a command says may leave early, and nothing is left half done by that.

use std::io::pipe;
use std::process::Stdio;

use crate::scene::Scene;

/// The exit code of a command whose reader has left before its first word.
fn unheard(scene: &Scene, args: &[&str]) -> Option<i32> {
    let (out, aside) = (pipe().unwrap().1, pipe().unwrap().1);
    let mut command = scene.command(args);
    command.stdout(Stdio::from(out)).stderr(Stdio::from(aside)).status().unwrap().code()
}

#[test]
fn what_is_only_shown_may_be_left_unread() {
    let scene = Scene::new(&["A", "B"]);
    scene.pass(&["run", "--ui", "plain"]);
    for args in [&["validate"][..], &["summary"], &["status"], &["runs"], &["stop"], &["land"], &["prompts"]] {
        assert_eq!(unheard(&scene, args), Some(0), "{args:?}");
    }
    assert_eq!(unheard(&scene, &["validate", "none.json"]), Some(2));
}

#[test]
fn what_is_done_is_done_to_its_end() {
    let scene = Scene::new(&["A", "B"]);
    scene.pass(&["run", "--ui", "plain"]);
    assert_eq!(unheard(&scene, &["reset", "A", "B"]), Some(0));
    assert_eq!((scene.status("A").as_str(), scene.status("B").as_str()), ("pending", "pending"));
    assert_eq!(scene.refs("refs/heads/ralph/epic"), [""; 0], "the last epic was taken back too");
}
