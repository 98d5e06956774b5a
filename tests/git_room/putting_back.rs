//! Putting a branch and its worktree back to a commit, with everything else saved first.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use ralph_teams::domain::id::CommitId;
use ralph_teams::effects::worktree::Worktrees;

use crate::common::repo::{Repo, read_in, write_in};
use crate::worktrees::{Act, BRANCH, with_worktree};

/// A worktree whose branch has a commit of work that was judged.
fn judged() -> (Repo, Worktrees, PathBuf, CommitId) {
    let (repo, worktrees, path) = with_worktree();
    repo.handle().exclude_our_folders().unwrap();
    write_in(&path, ".gitignore", "ignored/\n");
    write_in(&path, "work", "done\n");
    write_in(&path, "tool", "#!/bin/sh\n");
    symlink("work", path.join("link")).unwrap();
    let tip = repo.commit_in(&path, "work");
    (repo, worktrees, path, tip)
}

/// Branch, index and files are those of the commit, and nothing of the user's moved.
#[track_caller]
fn stands_at(repo: &Repo, path: &Path, tip: &CommitId) {
    assert_eq!(repo.id(BRANCH), *tip);
    assert_eq!(repo.git_in(path, &["symbolic-ref", "HEAD"]), format!("refs/heads/{BRANCH}"));
    assert_eq!(repo.git_in(path, &["status", "--porcelain"]), "");
    assert_eq!((read_in(path, "work"), read_in(path, "link")), ("done\n".to_owned(), "done\n".to_owned()));
    assert_eq!(fs::metadata(path.join("tool")).unwrap().permissions().mode() & 0o111, 0);
    assert!(fs::symlink_metadata(path.join("link")).unwrap().is_symlink());
}

#[test]
fn nothing_that_was_changed_is_nothing_to_save() {
    let (repo, worktrees, path, tip) = judged();
    write_in(&path, "ignored/cache", "warm");
    write_in(&path, ".ralph/report.json", "{}");
    assert_eq!(worktrees.put_back(BRANCH, &path, &tip).unwrap(), Vec::<String>::new());
    stands_at(&repo, &path, &tip);
    assert_eq!((read_in(&path, "ignored/cache"), read_in(&path, ".ralph/report.json")), ("warm".into(), "{}".into()));
    assert_eq!(repo.git(&["for-each-ref", "refs/ralph"]), "");
}

#[test]
fn every_kind_of_change_is_saved_and_undone() {
    let kinds: &[(&str, Act)] = &[
        ("M\twork", |_, path| write_in(path, "work", "sabotage\n")),
        ("A\tnew", |_, path| write_in(path, "new", "n")),
        ("A\ta folder/näme\tx", |_, path| write_in(path, "a folder/näme\tx", "n")),
        ("D\twork", |_, path| fs::remove_file(path.join("work")).unwrap()),
        ("R100\twork\tmoved", |repo, path| drop(repo.git_in(path, &["mv", "work", "moved"]))),
        ("M\ttool", |_, path| fs::set_permissions(path.join("tool"), fs::Permissions::from_mode(0o755)).unwrap()),
        ("M\tlink", |_, path| {
            fs::remove_file(path.join("link")).unwrap();
            symlink("tool", path.join("link")).unwrap();
        }),
        ("T\tlink", |_, path| {
            fs::remove_file(path.join("link")).unwrap();
            write_in(path, "link", "a file\n");
        }),
        ("M\twork", |repo, path| {
            write_in(path, "work", "staged\n");
            repo.git_in(path, &["add", "work"]);
            write_in(path, "work", "done\n");
            write_in(path, "work", "staged, and more\n");
        }),
    ];
    for (expected, act) in kinds {
        let (repo, worktrees, path, tip) = judged();
        let before = repo.handle().fingerprint().unwrap();
        act(&repo, &path);
        let saved = worktrees.put_back(BRANCH, &path, &tip).unwrap();
        assert_eq!(saved, ["refs/ralph/backup/r1/login/1"], "{expected}");
        stands_at(&repo, &path, &tip);
        let shown =
            repo.git(&["-c", "core.quotePath=false", "diff", "--name-status", "-M", "-z", tip.as_str(), &saved[0]]);
        assert_eq!(shown.trim_end_matches('\0').replace('\0', "\t"), *expected);
        assert_eq!(before.changes(&repo.handle().fingerprint().unwrap()), Vec::<String>::new());
        assert_eq!(worktrees.put_back(BRANCH, &path, &tip).unwrap(), Vec::<String>::new(), "again is fine");
    }
}

#[test]
fn commits_are_saved_and_the_branch_goes_back() {
    let (repo, worktrees, path, tip) = judged();
    write_in(&path, "work", "sabotage\n");
    let commit = repo.commit_in(&path, "sabotage");
    let saved = worktrees.put_back(BRANCH, &path, &tip).unwrap();
    stands_at(&repo, &path, &tip);
    assert_eq!((saved.len(), &repo.id(&saved[0])), (1, &commit));
    // With something uncommitted on top, one backup holds both.
    repo.git_in(&path, &["reset", "-q", "--hard", commit.as_str()]);
    write_in(&path, "new", "n");
    let saved = worktrees.put_back(BRANCH, &path, &tip).unwrap();
    stands_at(&repo, &path, &tip);
    assert_eq!(saved.len(), 1);
    assert_eq!((repo.show(&repo.id(&saved[0]), "new"), repo.id(&format!("{}^", saved[0]))), ("n".to_owned(), commit));
}

#[test]
fn a_branch_that_was_rewound_or_deleted_comes_back() {
    let acts: &[(&str, Act)] = &[
        ("rewound", |repo, path| drop(repo.git_in(path, &["reset", "-q", "--hard", "main"]))),
        ("deleted", |repo, path| {
            repo.git_in(path, &["checkout", "-q", "--detach"]);
            repo.git_in(path, &["branch", "-q", "-D", BRANCH]);
        }),
        ("folder deleted", |_, path| fs::remove_dir_all(path).unwrap()),
    ];
    for (what, act) in acts {
        let (repo, worktrees, path, tip) = judged();
        act(&repo, &path);
        assert_eq!(worktrees.put_back(BRANCH, &path, &tip).unwrap(), Vec::<String>::new(), "{what}");
        stands_at(&repo, &path, &tip);
    }
}

#[test]
fn what_was_done_on_another_line_of_history_is_named_too() {
    let (repo, worktrees, path, tip) = judged();
    repo.git_in(&path, &["checkout", "-q", "--detach", "main"]);
    write_in(&path, "elsewhere", "e");
    let saved = worktrees.put_back(BRANCH, &path, &tip).unwrap();
    stands_at(&repo, &path, &tip);
    let backup = repo.id(&saved[0]);
    assert_eq!((repo.show(&backup, "elsewhere"), repo.id(&format!("{backup}^"))), ("e".to_owned(), repo.id("main")));
}

#[test]
fn an_operation_that_was_not_concluded_is_over() {
    let clash: &[&[&str]] = &[
        &["merge", "-q", "side"],
        &["cherry-pick", "side"],
        &["revert", "--no-commit", "HEAD"],
        &["rebase", "-q", "side"],
    ];
    for command in clash {
        let (repo, worktrees, path, tip) = judged();
        repo.branch_with("side", "main", &[("work", "theirs\n")]);
        repo.try_git_in(&path, command);
        worktrees.put_back(BRANCH, &path, &tip).unwrap();
        stands_at(&repo, &path, &tip);
        let entry = PathBuf::from(repo.git_in(&path, &["rev-parse", "--absolute-git-dir"]));
        for state in ["MERGE_HEAD", "CHERRY_PICK_HEAD", "REVERT_HEAD", "rebase-merge", "rebase-apply"] {
            assert!(!entry.join(state).exists(), "{command:?} left {state}");
        }
    }
}

#[test]
fn files_that_only_a_new_rule_hid_are_saved_before_they_go() {
    for (file, rules) in [(".gitignore", "hidden/\nignored/\n"), ("deep/.gitignore", "hidden/\n")] {
        let (repo, worktrees, path, tip) = judged();
        let folder = path.join(file).parent().unwrap().to_owned();
        write_in(&path, file, rules);
        write_in(&folder, "hidden/precious", "p");
        write_in(&path, "ignored/cache", "warm");
        let saved = worktrees.put_back(BRANCH, &path, &tip).unwrap();
        stands_at(&repo, &path, &tip);
        assert!(!folder.join("hidden").exists(), "{file}");
        let holds = |name: &String| repo.git(&["ls-tree", "-r", "--name-only", name]).contains("hidden/precious");
        assert!(saved.iter().any(holds), "{file}: {saved:?}");
        assert_eq!(read_in(&path, "ignored/cache"), "warm");
    }
}

#[test]
fn a_repository_inside_of_the_worktree_stays() {
    let (repo, worktrees, path, tip) = judged();
    write_in(&path, "inner/file", "f");
    repo.git_in(&path.join("inner"), &["init", "-q"]);
    write_in(&path, "new", "n");
    let saved = worktrees.put_back(BRANCH, &path, &tip).unwrap();
    assert_eq!((saved.len(), read_in(&path, "inner/file")), (1, "f".to_owned()));
    assert!(path.join("inner/.git").exists() && !path.join("new").exists());
    assert_eq!(repo.id(BRANCH), tip);
}

#[test]
fn what_stands_as_it_was_noted_is_left_alone_and_anything_else_goes_back() {
    let (repo, worktrees, path, tip) = judged();
    write_in(&path, "of the set-up", "s");
    worktrees.note_stand(&path).unwrap();
    assert_eq!(worktrees.take_back(BRANCH, &path, &tip).unwrap(), None);
    assert_eq!(read_in(&path, "of the set-up"), "s");
    write_in(&path, "more", "m");
    // The session is cut short and begun again.
    worktrees.note_stand(&path).unwrap();
    let saved = worktrees.take_back(BRANCH, &path, &tip).unwrap().expect("it does not stand as it did");
    stands_at(&repo, &path, &tip);
    for (name, text) in [("more", "m"), ("of the set-up", "s")] {
        assert_eq!(repo.show(&repo.id(&saved[0]), name), text);
    }
    worktrees.note_stand(&path).unwrap();
    assert_eq!(worktrees.take_back(BRANCH, &path, &tip).unwrap(), None, "it was noted anew");
}
