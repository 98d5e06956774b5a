//! A git that is at work when its tree is killed leaves no lock: another git, the user's perhaps, would refuse to write.

use std::path::PathBuf;
use std::process::Command;

use ralph_teams::effects::host::spec::{EndedBy, HostExit};
use ralph_teams::effects::hosted::Hosted;
use ralph_teams::scheduler::event::Stop;
use serde_json::json;

use crate::scene::{Scene, kill, until, within};

/// Deletes a branch as far as the locks, then waits for a word that never comes.
const HALF_WAY: &str = "{ printf 'start\\ndelete refs/heads/gone\\nprepare\\n'; sleep 600; } | git update-ref --stdin";

/// A program with a git that holds the lock of all packed references, and that of a branch.
async fn half_way(scene: &Scene) -> Hosted {
    let settings = ["-c", "user.name=Test", "-c", "user.email=test@example.invalid"];
    let calls: [&[&str]; 4] = [
        &["init", "--quiet"],
        &["commit", "--quiet", "--allow-empty", "--message", "Begin"],
        &["branch", "gone"],
        &["pack-refs", "--all"],
    ];
    for call in calls {
        let git = Command::new("git").args(settings).args(call).current_dir(scene.folder.path()).status().unwrap();
        assert!(git.success(), "{call:?}");
    }
    let mut spec = scene.spec("job", json!([]));
    spec.argv = ["sh", "-c", HALF_WAY].map(str::to_owned).to_vec();
    let hosted = scene.start(&spec);
    until("git's locks", || locks(scene).len() >= 2).await;
    hosted
}

fn locks(scene: &Scene) -> Vec<PathBuf> {
    let folders = [".git", ".git/refs/heads"].map(|name| std::fs::read_dir(scene.path(name)).unwrap());
    let files = folders.into_iter().flatten().map(|entry| entry.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|end| end == "lock")).collect()
}

#[tokio::test]
async fn a_tree_that_is_killed_at_once_leaves_no_lock() {
    let scene = Scene::new();
    let mut hosted = half_way(&scene).await;
    hosted.stop(Stop::Now);
    assert_eq!(within(hosted.wait()).await.n_survivors, 0);
    assert_eq!(locks(&scene), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_tree_whose_runner_is_gone_leaves_no_lock() {
    let scene = Scene::new();
    drop(half_way(&scene).await);
    until("the host's word", || scene.path("job.exit.json").exists()).await;
    assert_eq!(HostExit::read(&scene.path("job.exit.json")).unwrap().ended_by, EndedBy::RunnerGone);
    assert_eq!(locks(&scene), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_tree_that_is_swept_leaves_no_lock() {
    let scene = Scene::new();
    let mut hosted = half_way(&scene).await;
    kill(hosted.host_pid().unwrap());
    assert_eq!(within(hosted.wait()).await.ended_by, EndedBy::HostLost);
    assert_eq!(locks(&scene), Vec::<PathBuf>::new());
}
