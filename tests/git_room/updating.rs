//! Merging the loop tip into a worktree, leaving conflicts, and telling when they are resolved.

use std::fs;
use std::path::Path;

use ralph_teams::domain::id::CommitId;
use ralph_teams::effects::git::snapshot::BackupName;
use ralph_teams::effects::git::update::{Unresolved, Update};

use crate::common::repo::{Repo, read_in, write_in};
use crate::worktrees::{Act, BRANCH, with_worktree};

const LOOP: &str = "ralph/loop/r1";

fn update(repo: &Repo, path: &Path, onto: &CommitId) -> Update {
    repo.handle().update(path, onto, "Merge the loop branch", &BackupName::of_branch(BRANCH)).unwrap()
}

fn unresolved(repo: &Repo, path: &Path, files: &[String]) -> Unresolved {
    repo.handle().unresolved(path, files).unwrap()
}

/// A worktree whose branch changed `README.md`, and a loop tip that changed it otherwise.
fn with_conflict() -> (Repo, std::path::PathBuf, CommitId) {
    let (repo, _worktrees, path) = with_worktree();
    write_in(&path, "README.md", "mine\n");
    repo.commit_in(&path, "mine");
    let onto = repo.branch_with(LOOP, "main", &[("README.md", "theirs\n"), ("new", "n")]);
    (repo, path, onto)
}

#[test]
fn a_clean_update_is_committed_and_may_be_repeated() {
    let (repo, _worktrees, path) = with_worktree();
    write_in(&path, "mine", "m");
    repo.commit_in(&path, "mine");
    let onto = repo.branch_with(LOOP, "main", &[("theirs", "t")]);
    let before = repo.handle().fingerprint().unwrap();
    let first = update(&repo, &path, &onto);
    assert_eq!(first, Update { tip: repo.id(BRANCH), conflicts: vec![] });
    assert!(repo.handle().is_ancestor(&onto, &first.tip).unwrap());
    assert_eq!(read_in(&path, "theirs"), "t");
    assert_eq!(update(&repo, &path, &onto), first);
    assert_eq!(before.changes(&repo.handle().fingerprint().unwrap()), Vec::<String>::new());
}

#[test]
fn a_conflict_stands_in_the_worktree_until_it_is_resolved() {
    let (repo, path, onto) = with_conflict();
    let tip = repo.id(BRANCH);
    let first = update(&repo, &path, &onto);
    assert_eq!(first, Update { tip, conflicts: vec!["README.md".into()] });
    assert!(read_in(&path, "README.md").contains("<<<<<<<"));
    assert_eq!(update(&repo, &path, &onto), first, "a merge in progress is taken as it is");
    let left = unresolved(&repo, &path, &first.conflicts);
    assert_eq!(left, Unresolved { unmerged: vec![], markers: vec!["README.md".into()] });

    write_in(&path, "README.md", "both\n");
    assert!(unresolved(&repo, &path, &first.conflicts).is_empty());
    assert_eq!(repo.handle().commit_leftovers(&path, "resolved").unwrap(), ["README.md", "new"]);
    let parents = repo.git(&["log", "-1", "--format=%P", BRANCH]);
    assert_eq!(parents, format!("{} {onto}", first.tip));
    assert!(unresolved(&repo, &path, &first.conflicts).is_empty());
    assert_eq!(update(&repo, &path, &onto).conflicts, Vec::<String>::new());
}

#[test]
fn markers_that_were_committed_are_still_found() {
    let (repo, path, onto) = with_conflict();
    let files = update(&repo, &path, &onto).conflicts;
    repo.commit_in(&path, "careless");
    assert_eq!(unresolved(&repo, &path, &files).markers, ["README.md"]);
    for left in ["a\n=======\nb\n", "a\n>>>>>>> x\n", "<<<<<<< HEAD\n"] {
        write_in(&path, "README.md", left);
        assert_eq!(unresolved(&repo, &path, &files).markers, ["README.md"], "{left:?}");
    }
}

#[test]
fn marker_lines_that_a_side_had_before_are_no_conflict() {
    let (repo, _worktrees, path) = with_worktree();
    write_in(&path, "README.md", "Title\n=======\nmine\n");
    repo.commit_in(&path, "mine");
    let onto = repo.branch_with(LOOP, "main", &[("README.md", "Titel\n=====\ntheirs\n")]);
    let files = update(&repo, &path, &onto).conflicts;
    write_in(&path, "README.md", "Title\n=======\nboth\n");
    assert!(unresolved(&repo, &path, &files).is_empty());
}

#[test]
fn a_resolved_merge_that_nobody_committed_is_concluded_by_the_next_update() {
    let (repo, path, onto) = with_conflict();
    update(&repo, &path, &onto);
    write_in(&path, "README.md", "both\n");
    let again = update(&repo, &path, &onto);
    assert_eq!(again.conflicts, Vec::<String>::new());
    assert_eq!(again.tip, repo.id(BRANCH));
    assert!(repo.handle().is_ancestor(&onto, &again.tip).unwrap());
}

#[test]
fn a_file_removed_by_one_side_must_be_decided() {
    let (repo, _worktrees, path) = with_worktree();
    fs::remove_file(path.join("README.md")).unwrap();
    repo.commit_in(&path, "removed");
    let onto = repo.branch_with(LOOP, "main", &[("README.md", "changed\n")]);
    let files = update(&repo, &path, &onto).conflicts;
    assert_eq!(files, ["README.md"]);
    assert_eq!(unresolved(&repo, &path, &files).unmerged, ["README.md"]);
    repo.git_in(&path, &["rm", "-q", "README.md"]);
    assert!(unresolved(&repo, &path, &files).is_empty());
    repo.handle().commit_leftovers(&path, "decided").unwrap();
    assert!(repo.handle().is_ancestor(&onto, &repo.id(BRANCH)).unwrap());
}

#[test]
fn the_remains_of_a_killed_merge_are_saved_and_undone() {
    // What a kill leaves: files and perhaps the index are written, MERGE_HEAD is not.
    let kills: &[(&str, Act)] = &[
        ("files of the other side, index untouched", |_, path| write_in(path, "new", "n")),
        ("a lock and half of the files", |repo, path| {
            write_in(path, "README.md", "half\n");
            let entry = repo.git_in(path, &["rev-parse", "--absolute-git-dir"]);
            for lock in ["index.lock", "HEAD.lock", "ORIG_HEAD.lock"] {
                fs::write(format!("{entry}/{lock}"), "").unwrap();
            }
            fs::write(repo.dot_git(&format!("refs/heads/{BRANCH}.lock")), "").unwrap();
        }),
        ("everything but MERGE_HEAD", |repo, path| {
            repo.try_git_in(path, &["merge", LOOP]);
            let entry = repo.git_in(path, &["rev-parse", "--absolute-git-dir"]);
            fs::remove_file(format!("{entry}/MERGE_HEAD")).unwrap();
        }),
        ("a merge of another commit", |repo, path| {
            repo.branch_with("elsewhere", "main", &[("README.md", "else\n")]);
            repo.try_git_in(path, &["merge", "elsewhere"]);
        }),
    ];
    for (kill, act) in kills {
        let (repo, path, onto) = with_conflict();
        let tip = repo.id(BRANCH);
        act(&repo, &path);
        let result = update(&repo, &path, &onto);
        assert_eq!(result, Update { tip, conflicts: vec!["README.md".into()] }, "{kill}");
        assert_eq!(repo.git_in(&path, &["rev-parse", "MERGE_HEAD"]), onto.as_str(), "{kill}");
        assert!(!repo.git(&["for-each-ref", "refs/ralph/backup/r1/login/1"]).is_empty(), "{kill}");
    }
}

#[test]
fn a_merge_that_was_committed_before_its_note_was_removed_is_not_committed_twice() {
    let (repo, path, onto) = with_conflict();
    update(&repo, &path, &onto);
    write_in(&path, "README.md", "both\n");
    repo.handle().commit_leftovers(&path, "resolved").unwrap();
    let tip = repo.id(BRANCH);
    let entry = repo.git_in(&path, &["rev-parse", "--absolute-git-dir"]);
    fs::write(format!("{entry}/MERGE_HEAD"), format!("{onto}\n")).unwrap();
    assert_eq!(repo.handle().commit_leftovers(&path, "again").unwrap(), Vec::<String>::new());
    assert_eq!(repo.id(BRANCH), tip);
    assert!(repo.try_git_in(&path, &["rev-parse", "--verify", "-q", "MERGE_HEAD"]).stdout.is_empty());
}

#[test]
fn an_update_never_acts_on_the_users_checkout() {
    let (repo, path, onto) = with_conflict();
    let before = repo.handle().fingerprint().unwrap();
    let backup = BackupName::of_branch(BRANCH);
    fs::remove_file(path.join(".git")).unwrap();
    for folder in [&path, &repo.path(), &repo.path().join(".git"), &repo.beside("nothing")] {
        assert!(repo.handle().update(folder, &onto, "x", &backup).is_err(), "{folder:?}");
        assert!(repo.handle().commit_leftovers(folder, "x").is_err(), "{folder:?}");
        assert!(repo.handle().backup(folder, &backup).is_err(), "{folder:?}");
    }
    assert_eq!(before.changes(&repo.handle().fingerprint().unwrap()), Vec::<String>::new());
}

#[test]
fn what_a_killed_session_hid_by_an_ignore_file_is_saved_before_an_update_undoes_its_work() {
    let (repo, path, onto) = with_conflict();
    write_in(&path, ".gitignore", "hidden/\n");
    write_in(&path, "hidden/precious", "p");
    update(&repo, &path, &onto);
    let backups = repo.git(&["for-each-ref", "--format=%(refname)", "refs/ralph/backup"]);
    let holds = |name: &str| repo.git(&["ls-tree", "-r", "--name-only", name]).contains("hidden/precious");
    assert!(backups.lines().any(holds), "{backups}");
}
