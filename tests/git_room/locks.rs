//! The lock that all references share, and the user's branches with them: removed when a killed git left it, never before.

use std::fs::{self, File};
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

use ralph_teams::effects::git::locks::SharedLock;
use ralph_teams::effects::worktree::Worktrees;

use crate::common::repo::Repo;

const LOCK: &str = "packed-refs.lock";

/// Makes the lock look older than any git holds it.
fn age(repo: &Repo) {
    let lock = File::options().write(true).open(repo.dot_git(LOCK)).unwrap();
    lock.set_modified(SystemTime::now() - Duration::from_secs(60)).unwrap();
}

#[test]
fn the_lock_of_a_git_that_is_dead_is_removed_and_branches_can_be_deleted_again() {
    let repo = Repo::new();
    repo.git(&["branch", "users"]);
    repo.git(&["pack-refs", "--all"]);
    fs::write(repo.dot_git(LOCK), "").unwrap();
    assert!(!repo.try_git_in(&repo.path(), &["branch", "-D", "users"]).status.success(), "else there is no harm in it");
    age(&repo);
    assert_eq!(repo.handle().unlock_packed_refs().unwrap(), SharedLock::Removed(repo.dot_git(LOCK)));
    repo.git(&["branch", "-D", "users"]);
    assert_eq!(repo.handle().unlock_packed_refs().unwrap(), SharedLock::Free);
}

#[cfg(target_os = "linux")]
#[test]
fn the_lock_of_a_git_that_lives_is_kept_and_its_process_is_named() {
    let repo = Repo::new();
    repo.git(&["branch", "users"]);
    repo.git(&["pack-refs", "--all"]);
    let mut git = Command::new("git");
    git.args(["update-ref", "--stdin"]).current_dir(repo.path()).stdin(Stdio::piped()).stdout(Stdio::null());
    let mut git = git.spawn().unwrap();
    git.stdin.as_mut().unwrap().write_all(b"start\ndelete refs/heads/users\nprepare\n").unwrap();
    while !repo.dot_git(LOCK).exists() {
        std::thread::sleep(Duration::from_millis(5));
    }
    // This waits until the lock is old enough; so is the git that holds it then.
    let kept = repo.handle().unlock_packed_refs().unwrap();
    let names_it = |why: &str| why.contains(&git.id().to_string());
    assert!(matches!(&kept, SharedLock::Kept(_, why) if names_it(why)), "{kept:?}");
    assert!(repo.dot_git(LOCK).exists());
    git.stdin.as_mut().unwrap().write_all(b"commit\n").unwrap();
    assert!(git.wait().unwrap().success());
    assert_eq!(repo.git(&["branch", "--list", "users"]), "");
}

#[test]
fn a_lock_that_is_held_for_a_moment_is_waited_for() {
    let repo = Repo::new();
    fs::write(repo.dot_git(LOCK), "").unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(200));
            fs::remove_file(repo.dot_git(LOCK)).unwrap();
        });
        assert_eq!(repo.handle().unlock_packed_refs().unwrap(), SharedLock::Free);
    });
}

#[test]
fn a_branch_of_the_runner_is_made_in_spite_of_the_lock_of_a_dead_git() {
    let repo = Repo::new();
    let main = repo.id("main");
    fs::create_dir_all(repo.dot_git("refs/heads/ralph")).unwrap();
    fs::write(repo.dot_git("refs/heads/ralph/x.lock"), "").unwrap();
    assert_eq!(repo.handle().create_branch("ralph/x", &main).unwrap(), main);
    assert!(!repo.dot_git("refs/heads/ralph/x.lock").exists());
}

#[test]
fn a_branch_of_the_runner_is_given_up_in_spite_of_the_lock_of_a_dead_git() {
    let repo = Repo::new();
    repo.git(&["branch", "ralph/x"]);
    repo.git(&["pack-refs", "--all"]);
    fs::write(repo.dot_git(LOCK), "").unwrap();
    age(&repo);
    let worktrees = Worktrees::open(repo.handle(), &repo.worktrees()).unwrap();
    worktrees.abandon("ralph/x", &repo.worktrees().join("x")).unwrap();
    assert_eq!(repo.git(&["branch", "--list", "ralph/*"]), "");
    assert!(!repo.dot_git(LOCK).exists());
}
