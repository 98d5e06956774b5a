//! What the runner's lock promises, with real processes: one holder, named to the second, free once it is dead.
#![expect(clippy::disallowed_methods, reason = "tests make files and start processes of their own")]

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use ralph_teams::domain::id::RunId;
use ralph_teams::effects::lock::{FILE_NAME, Holder, LockFault, RunnerLock, holder};

/// Set for a child: the directory in which it must take the lock.
const DIRECTORY: &str = "RALPH_TEST_LOCK";
const SAID: &str = "the lock is taken";

fn me() -> Holder {
    Holder::this_process(RunId::new("20261120-101500-k3f9").expect("a run id"), "2026-11-20T10:15:00+01:00")
}

#[test]
fn takes_the_lock_when_it_is_the_child_of_another_test() {
    let Some(directory) = std::env::var_os(DIRECTORY) else { return };
    let _lock = RunnerLock::acquire(Path::new(&directory), &me()).expect("free");
    println!("{SAID}");
    // The parent ends this process by closing the pipe, or by killing it.
    let _ = std::io::stdin().read_line(&mut String::new());
}

/// A process that holds the lock; killed when dropped.
struct Other(Child);

impl Other {
    fn holding(directory: &Path) -> Self {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .args(["--exact", "takes_the_lock_when_it_is_the_child_of_another_test", "--nocapture"])
            .env(DIRECTORY, directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let mut lines = BufReader::new(child.stdout.take().expect("a pipe")).lines();
        assert!(lines.any(|line| line.expect("text").contains(SAID)), "the child did not take the lock");
        Self(child)
    }

    fn kill(&mut self) {
        self.0.kill().expect("killed");
        self.0.wait().expect("reaped");
    }
}

impl Drop for Other {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn the_second_runner_is_told_who_the_first_is() {
    let directory = tempfile::tempdir().expect("a directory");
    let other = Other::holding(directory.path());
    let fault = RunnerLock::acquire(directory.path(), &me()).expect_err("held");
    let message = fault.to_string();
    let LockFault::Held(found) = fault else { panic!("{message}") };
    assert_eq!((found.pid, found.run), (other.0.id(), me().run));
    assert!(message.contains("`ralph-teams stop`"), "{message}");
    assert_eq!(holder(directory.path()).map(|holder| holder.pid), Some(other.0.id()));
}

#[test]
fn the_lock_is_free_after_its_holder_was_killed() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut other = Other::holding(directory.path());
    other.kill();
    assert!(directory.path().join(FILE_NAME).exists());
    assert_eq!(holder(directory.path()), None);
    let _lock = RunnerLock::acquire(directory.path(), &me()).expect("free");
    assert_eq!(holder(directory.path()), Some(me()));
}

#[test]
fn a_lock_whose_file_was_unlinked_is_still_held() {
    let directory = tempfile::tempdir().expect("a directory");
    let _other = Other::holding(directory.path());
    std::fs::remove_file(directory.path().join(FILE_NAME)).expect("unlinked");
    assert!(RunnerLock::acquire(directory.path(), &me()).is_err());
}

#[test]
fn a_holder_that_has_not_signed_yet_is_not_taken_for_the_dead_one_before_it() {
    let directory = tempfile::tempdir().expect("a directory");
    let mut dead = Command::new("true").spawn().expect("started");
    dead.wait().expect("reaped");
    let left = serde_json::to_vec(&Holder { pid: dead.id(), ..me() }).expect("json");
    std::fs::write(directory.path().join(FILE_NAME), left).expect("written");
    let unsigned = std::fs::File::open(directory.path()).expect("a directory");
    unsigned.lock().expect("locked");
    let fault = RunnerLock::acquire(directory.path(), &me()).expect_err("held");
    assert!(matches!(fault, LockFault::HeldByUnknown(_)), "{fault}");
}

#[test]
fn the_lock_is_free_once_it_was_dropped_and_names_nobody() {
    let directory = tempfile::tempdir().expect("a directory");
    for _ in 0..2 {
        let lock = RunnerLock::acquire(directory.path(), &me()).expect("free");
        assert!(matches!(RunnerLock::acquire(directory.path(), &me()), Err(LockFault::Held(found)) if found == me()));
        drop(lock);
        assert_eq!(holder(directory.path()), None);
    }
}

#[test]
fn a_lock_that_cannot_be_made_says_where() {
    let fault = RunnerLock::acquire(Path::new("/nowhere/at/all"), &me()).expect_err("no directory");
    assert!(fault.to_string().contains("/nowhere/at/all"), "{fault}");
}
