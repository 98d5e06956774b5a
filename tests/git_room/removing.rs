//! Worktrees are removed only when git proves that nothing is lost.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use ralph_teams::effects::git::snapshot::BackupName;
use ralph_teams::effects::worktree::{Removal, Worktrees};

use crate::common::repo::write_in;
use crate::worktrees::{Act, BRANCH, entries, with_worktree};

fn remove(worktrees: &Worktrees, path: &Path, proof: &str) -> Removal {
    worktrees.remove(path, proof, &BackupName::of_branch(BRANCH)).unwrap()
}

fn reason(removal: Removal) -> String {
    match removal {
        Removal::Kept(reason) => reason,
        Removal::Removed => panic!("it was removed"),
    }
}

#[test]
fn a_merged_and_clean_worktree_is_removed_with_its_ignored_files() {
    let (repo, worktrees, path) = with_worktree();
    repo.handle().exclude_our_folders().unwrap();
    write_in(&path, ".ralph/report.json", "{}");
    let before = repo.handle().fingerprint().unwrap();
    assert_eq!(remove(&worktrees, &path, "refs/heads/main"), Removal::Removed);
    assert!(!path.exists() && entries(&repo).is_empty());
    assert_eq!(repo.git(&["for-each-ref", "refs/ralph"]), "");
    assert!(!worktrees.root().join(".trash").exists());
    assert_eq!(remove(&worktrees, &path, "refs/heads/main"), Removal::Removed, "again is fine");
    assert_eq!(before.changes(&repo.handle().fingerprint().unwrap()), Vec::<String>::new());
    assert_eq!(repo.id(BRANCH), repo.id("main"), "the branch stays");
}

#[test]
fn a_worktree_with_something_to_lose_is_kept_and_saved() {
    let cases: &[(&str, bool, Act)] = &[
        ("is not part of refs/heads/main", false, |repo, path| {
            write_in(path, "a", "a");
            repo.commit_in(path, "a");
        }),
        ("uncommitted work: new and 1 more", true, |_, path| {
            write_in(path, "new", "");
            write_in(path, "new2", "");
        }),
        ("uncommitted work: README.md", true, |_, path| fs::remove_file(path.join("README.md")).unwrap()),
        ("uncommitted work: inner/", false, |repo, path| drop(repo.git_in(path, &["init", "-q", "inner"]))),
        ("locked it (mine)", false, |repo, path| {
            repo.git(&["worktree", "lock", "--reason", "mine", path.to_str().unwrap()]);
        }),
    ];
    for (expected, is_saved, act) in cases {
        let (repo, worktrees, path) = with_worktree();
        act(&repo, &path);
        let reason = reason(remove(&worktrees, &path, "refs/heads/main"));
        assert!(reason.contains(expected), "{expected}: {reason}");
        assert_eq!(reason.contains("saved as refs/ralph/backup/r1/login/1"), *is_saved, "{reason}");
        assert_eq!(!repo.git(&["for-each-ref", "refs/ralph/backup"]).is_empty(), *is_saved, "{expected}");
        assert!(path.join(".git").exists());
    }
}

#[test]
fn a_proof_that_does_not_exist_proves_nothing() {
    let (_repo, worktrees, path) = with_worktree();
    assert!(reason(remove(&worktrees, &path, "refs/heads/nothing")).contains("does not exist"));
}

#[test]
fn a_folder_that_is_no_worktree_is_never_removed() {
    let (repo, worktrees, path) = with_worktree();
    let other = worktrees.root().join("r1/other");
    write_in(&other, "precious", "p");
    assert!(worktrees.remove(&other, "refs/heads/main", &BackupName::of_branch(BRANCH)).is_err());
    assert!(worktrees.remove(&repo.path(), "refs/heads/main", &BackupName::of_branch(BRANCH)).is_err());
    assert!(other.join("precious").exists() && path.exists() && repo.path().join("README.md").exists());
}

#[test]
fn a_removal_that_was_cut_short_is_finished_by_the_next_repair() {
    let (repo, worktrees, path) = with_worktree();
    let trash = worktrees.root().join(".trash/x");
    fs::create_dir_all(&trash).unwrap();
    fs::rename(&path, trash.join("worktree")).unwrap();
    worktrees.repair_entries().unwrap();
    assert!(!trash.exists() && entries(&repo).is_empty());
}

#[test]
fn a_removal_never_fails_because_somebody_sweeps_the_trash() {
    use std::sync::atomic::{AtomicBool, Ordering};
    let (repo, worktrees, _) = with_worktree();
    let (is_over, base) = (AtomicBool::new(false), repo.id("main"));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                worktrees.repair_entries().unwrap();
            }
        });
        let removed: Vec<_> = (0..30)
            .map(|n| {
                let path = worktrees.root().join(format!("r1/epic-{n}"));
                let branch = format!("ralph/epic/r1/epic-{n}");
                worktrees.ensure(&branch, &base, &path)?;
                worktrees.remove(&path, "refs/heads/main", &BackupName::of_branch(&branch))
            })
            .collect();
        is_over.store(true, Ordering::Relaxed);
        for removed in removed {
            assert_eq!(removed.unwrap(), Removal::Removed);
        }
    });
    assert_eq!(entries(&repo), ["login"]);
}

#[test]
fn read_only_folders_in_a_worktree_keep_nothing_from_going() {
    let (repo, worktrees, path) = with_worktree();
    fs::write(repo.dot_git("info/exclude"), "cache/\n").unwrap();
    write_in(&path, "cache/module/inner/file", "f");
    for folder in ["cache/module/inner", "cache/module"] {
        fs::set_permissions(path.join(folder), fs::Permissions::from_mode(0o555)).unwrap();
    }
    assert_eq!(remove(&worktrees, &path, "refs/heads/main"), Removal::Removed);
    assert!(!path.exists() && !worktrees.root().join(".trash").exists());
}
