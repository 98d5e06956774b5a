//! The guard of the user's checkout, while git is slow.

use std::path::Path;
use std::process::Command;
use std::time::Duration;

use ralph_teams::domain::id::EpicId;
use ralph_teams::domain::role::Role;
use ralph_teams::effects::git::{Git, Program};
use ralph_teams::effects::guard::{Guard, PATIENCE};
use ralph_teams::scheduler::{Event, Job, Scope, Task};

use crate::common::repo::Repo;

fn session(epic: &str) -> Job {
    Job { scope: Scope::Epic(EpicId::new(epic).unwrap()), task: Task::Session(Role::TeamLead), n: 1 }
}

/// A git that waits for as long as this file exists.
fn waiting_git(repo: &Repo, while_there: &Path) -> Program {
    let program = repo.beside("waiting-git");
    let script = format!("#!/bin/sh\nwhile [ -e '{}' ]; do sleep 0.02; done\nexec git \"$@\"\n", while_there.display());
    // Written by a child: a file that this process wrote may still be open in a fork of another test ("text busy").
    let mut shell = Command::new("sh");
    shell.args(["-c", "printf %s \"$1\" > \"$0\" && chmod +x \"$0\""]).arg(&program).arg(script);
    assert!(shell.status().unwrap().success());
    repo.environment().into_iter().fold(Program::new(program), |program, (key, value)| program.with_env(key, value))
}

#[tokio::test]
async fn a_session_that_could_not_wait_for_its_look_is_gone_all_the_same() {
    let repo = Repo::new();
    let slow = repo.beside("slow");
    let git = Git::open(waiting_git(&repo, &slow), &repo.path()).unwrap();
    let guard = Guard::new(git, repo.path().join("prd.json"));
    let (one, cut, later) = (session("one"), session("cut"), session("later"));
    guard.enter(&one).await;
    guard.enter(&cut).await;
    std::fs::write(&slow, "").unwrap();
    let cut_short = async {
        tokio::task::yield_now().await;
        let told = guard.leave(&cut, Duration::from_millis(100)).await;
        std::fs::remove_file(&slow).unwrap();
        told
    };
    assert_eq!(tokio::join!(guard.leave(&one, PATIENCE), cut_short), (None, None));
    repo.git(&["tag", "mine"]);
    guard.enter(&later).await;
    assert_eq!(guard.leave(&later, PATIENCE).await, None, "nobody was at work when the user did that");
    guard.enter(&one).await;
    repo.git(&["tag", "meddled"]);
    let told = guard.leave(&one, PATIENCE).await;
    let Some(Event::Meddled { beside, changes, .. }) = told else { panic!("{told:?}") };
    assert_eq!((beside, changes.len()), (Vec::new(), 1), "{changes:?}");
}
