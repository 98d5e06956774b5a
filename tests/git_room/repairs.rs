//! Every state in which a kill can leave a worktree is repaired by the same call that makes one.

use std::fs;
use std::path::Path;

use ralph_teams::effects::worktree::Worktrees;

use crate::common::repo::{Repo, read_in, write_in};
use crate::worktrees::{Act, BRANCH, entries, path_in, with_worktree, worktrees_of};

fn entry(repo: &Repo, name: &str) -> std::path::PathBuf {
    repo.dot_git("worktrees/login").join(name)
}

/// Where a worktree lies while it is taken back.
fn aside(path: &Path) -> std::path::PathBuf {
    path.with_file_name("login.readopting")
}

/// Damages a worktree, repairs it, and checks that it works and that nothing of the user's changed.
fn check(damage: &str, act: impl FnOnce(&Repo, &Path)) -> (Repo, Worktrees, std::path::PathBuf) {
    let (repo, worktrees, path) = with_worktree();
    let base = repo.id("main");
    let before = repo.handle().fingerprint().unwrap();
    act(&repo, &path);
    for round in 0..2 {
        worktrees.ensure(BRANCH, &base, &path).unwrap_or_else(|fault| panic!("{damage}, round {round}: {fault}"));
    }
    assert_eq!(repo.git_in(&path, &["rev-parse", "--show-toplevel"]), path.to_str().unwrap(), "{damage}");
    assert_eq!(repo.git_in(&path, &["branch", "--show-current"]), BRANCH, "{damage}");
    assert_eq!(read_in(&path, "README.md"), "scratch\n", "{damage}");
    assert_eq!(entries(&repo).len(), 1, "{damage}");
    repo.git(&["branch", "--list"]);
    write_in(&path, "proof", "works");
    repo.handle().commit_leftovers(&path, "works").unwrap();
    assert_eq!(before.changes(&repo.handle().fingerprint().unwrap()), Vec::<String>::new(), "{damage}");
    (repo, worktrees, path)
}

#[test]
fn a_kill_at_any_point_of_the_making_is_repaired() {
    let intent = |repo: &Repo, existing: &str| {
        // What the making notes before it begins, taken from a real one.
        let name = {
            use sha2::{Digest as _, Sha256};
            let digest = Sha256::digest(repo.dot_git("").components().as_path().as_os_str().as_encoded_bytes());
            ralph_teams::domain::id::hex(&digest)[..8].to_owned()
        };
        write_in(&repo.worktrees(), &format!(".adding/{name}.login"), existing);
    };
    let strip = |repo: &Repo, path: &Path, kept: &[&str]| {
        fs::remove_dir_all(path).unwrap();
        fs::create_dir(path).unwrap();
        for file in fs::read_dir(entry(repo, "")).unwrap() {
            let file = file.unwrap();
            if kept.iter().all(|name| file.file_name() != *name) {
                let _ = fs::remove_file(file.path()).or_else(|_| fs::remove_dir_all(file.path()));
            }
        }
        fs::write(entry(repo, "locked"), "initializing").unwrap();
    };
    let pointer = |repo: &Repo, path: &Path| {
        fs::write(path.join(".git"), format!("gitdir: {}\n", repo.dot_git("worktrees/login").display())).unwrap();
    };
    check("entry with nothing but the lock", |repo, path| {
        strip(repo, path, &[]);
        intent(repo, "");
    });
    check("empty gitdir", |repo, path| {
        strip(repo, path, &[]);
        fs::write(entry(repo, "gitdir"), "").unwrap();
        intent(repo, "other");
    });
    check("gitdir written, no folder yet", |repo, path| {
        strip(repo, path, &["gitdir"]);
        fs::remove_dir(path).unwrap();
    });
    check("pointer written, empty HEAD", |repo, path| {
        strip(repo, path, &["gitdir"]);
        pointer(repo, path);
        fs::write(entry(repo, "HEAD"), "").unwrap();
    });
    check("HEAD written, empty commondir", |repo, path| {
        strip(repo, path, &["gitdir", "HEAD"]);
        pointer(repo, path);
        fs::write(entry(repo, "commondir"), "").unwrap();
    });
    check("HEAD written, no commondir", |repo, path| {
        strip(repo, path, &["gitdir", "HEAD"]);
        pointer(repo, path);
    });
    check("complete but locked, nothing checked out", |repo, path| {
        strip(repo, path, &["gitdir", "HEAD", "commondir"]);
        pointer(repo, path);
    });
    check("files half checked out, index locked", |repo, path| {
        strip(repo, path, &["gitdir", "HEAD", "commondir"]);
        pointer(repo, path);
        write_in(path, "README.md", "scr");
        fs::write(entry(repo, "index.lock"), "half").unwrap();
    });
}

#[test]
fn a_worktree_that_was_damaged_later_is_repaired() {
    check("folder deleted", |_, path| fs::remove_dir_all(path).unwrap());
    check("empty commondir that stops git everywhere", |repo, _| fs::write(entry(repo, "commondir"), "").unwrap());
    check("locks of a killed git", |repo, _| {
        fs::write(entry(repo, "index.lock"), "").unwrap();
        fs::write(entry(repo, "HEAD.lock"), "").unwrap();
        fs::write(repo.dot_git(&format!("refs/heads/{BRANCH}.lock")), "").unwrap();
    });
    check("pointer deleted", |_, path| fs::remove_file(path.join(".git")).unwrap());
    check("pointer emptied by a power cut", |_, path| fs::write(path.join(".git"), "").unwrap());
    check("index emptied by a power cut", |repo, _| fs::write(entry(repo, "index"), "").unwrap());
    check("entry deleted", |repo, _| fs::remove_dir_all(repo.dot_git("worktrees")).unwrap());
    check("entry without HEAD", |repo, _| fs::write(entry(repo, "HEAD"), "").unwrap());
}

#[test]
fn work_survives_the_loss_of_the_entry_at_every_step_of_the_repair() {
    let lose = |repo: &Repo, path: &Path| {
        write_in(path, "work", "uncommitted");
        fs::remove_dir_all(repo.dot_git("worktrees")).unwrap();
    };
    let steps: &[(&str, Act)] = &[
        ("before", |_, _| {}),
        ("moved aside", |_, path| fs::rename(path, aside(path)).unwrap()),
        ("entry made", |repo, path| {
            fs::rename(path, aside(path)).unwrap();
            repo.git(&["worktree", "add", "-q", "--no-checkout", path.to_str().unwrap(), BRANCH]);
        }),
        ("pointer moved", |repo, path| {
            fs::rename(path, aside(path)).unwrap();
            repo.git(&["worktree", "add", "-q", "--no-checkout", path.to_str().unwrap(), BRANCH]);
            fs::rename(path.join(".git"), aside(path).join(".git")).unwrap();
        }),
    ];
    for (step, act) in steps {
        let (repo, _, path) = check(step, |repo, path| {
            lose(repo, path);
            act(repo, path);
        });
        let saved = path.join("work").exists()
            || repo.git(&["ls-tree", "--name-only", "refs/ralph/backup/r1/login/1"]).lines().any(|name| name == "work");
        assert!(saved, "{step}");
    }
}

#[test]
fn entries_of_the_user_are_never_removed_only_named() {
    let repo = Repo::new();
    repo.git(&["worktree", "add", "-q", "../theirs", "-b", "theirs"]);
    repo.git(&["worktree", "add", "-q", "../gone", "-b", "gone"]);
    repo.git(&["worktree", "add", "-q", "../login", "-b", "login"]);
    fs::remove_dir_all(repo.beside("gone")).unwrap();
    fs::write(repo.dot_git("worktrees/login/gitdir"), "").unwrap();
    let worktrees = worktrees_of(&repo);
    assert_eq!(worktrees.repair_entries().unwrap().done, Vec::<String>::new());
    worktrees.ensure(BRANCH, &repo.id("main"), &path_in(&worktrees)).unwrap();
    assert_eq!(entries(&repo), ["gone", "login", "login1", "theirs"]);
    fs::write(repo.dot_git("worktrees/theirs/commondir"), "").unwrap();
    let repairs = worktrees.repair_entries().unwrap();
    assert!(repairs.left[0].contains("theirs"), "{repairs:?}");
    assert_eq!(fs::read(repo.dot_git("worktrees/theirs/commondir")).unwrap(), b"");
}

#[test]
fn a_lost_detached_worktree_leaves_its_commit_reachable() {
    let repo = Repo::new();
    let worktrees = worktrees_of(&repo);
    let path = worktrees.root().join("r1/validator");
    worktrees.ensure_detached(&path, &repo.id("main")).unwrap();
    write_in(&path, "a", "a");
    let lonely = repo.commit_in(&path, "lonely");
    fs::remove_dir_all(&path).unwrap();
    worktrees.repair_entries().unwrap();
    assert_eq!(
        repo.git(&["for-each-ref", "--format=%(refname)", "--contains", lonely.as_str()]),
        "refs/ralph/backup/detached/1"
    );
}
