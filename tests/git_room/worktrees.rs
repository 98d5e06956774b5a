//! Making and finding worktrees.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use ralph_teams::effects::git::GitError;
use ralph_teams::effects::worktree::Worktrees;

use crate::common::repo::{Repo, read_in, write_in};

pub const BRANCH: &str = "ralph/epic/r1/login";

/// Something done to a repository and its worktree.
pub type Act = fn(&Repo, &Path);

pub fn worktrees_of(repo: &Repo) -> Worktrees {
    Worktrees::open(repo.handle(), &repo.worktrees()).unwrap()
}

pub fn path_in(worktrees: &Worktrees) -> PathBuf {
    worktrees.root().join("r1/login")
}

/// A repository with one worktree on [`BRANCH`].
pub fn with_worktree() -> (Repo, Worktrees, PathBuf) {
    let repo = Repo::new();
    let worktrees = worktrees_of(&repo);
    let path = path_in(&worktrees);
    worktrees.ensure(BRANCH, &repo.id("main"), &path).unwrap();
    (repo, worktrees, path)
}

/// Names of everything below `<common>/worktrees`.
pub fn entries(repo: &Repo) -> Vec<String> {
    let entries = fs::read_dir(repo.dot_git("worktrees")).map_or_else(|_| Vec::new(), |found| found.collect());
    let mut names: Vec<_> =
        entries.into_iter().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn a_worktree_is_made_once_and_found_again() {
    let repo = Repo::new();
    let worktrees = worktrees_of(&repo);
    let path = path_in(&worktrees);
    let (base, before) = (repo.id("main"), repo.handle().fingerprint().unwrap());
    let first = worktrees.ensure(BRANCH, &base, &path).unwrap();
    assert!(first.fresh && !first.has_submodules);
    assert_eq!((first.tip, read_in(&path, "README.md")), (base.clone(), "scratch\n".to_owned()));
    assert_eq!(repo.git_in(&path, &["branch", "--show-current"]), BRANCH);
    write_in(&path, "work", "w");
    let tip = repo.commit_in(&path, "work");
    write_in(&path, "uncommitted", "u");
    let second = worktrees.ensure(BRANCH, &base, &path).unwrap();
    assert!(!second.fresh);
    assert_eq!((second.tip, read_in(&path, "uncommitted")), (tip, "u".to_owned()));
    assert_eq!(before.changes(&repo.handle().fingerprint().unwrap()), Vec::<String>::new());
}

#[test]
fn a_branch_of_an_earlier_run_is_taken_up_where_it_stands() {
    let repo = Repo::new();
    let tip = repo.branch_with(BRANCH, "main", &[("kept", "k")]);
    let worktrees = worktrees_of(&repo);
    let prepared = worktrees.ensure(BRANCH, &repo.id("main"), &path_in(&worktrees)).unwrap();
    assert_eq!((prepared.tip, prepared.fresh), (tip, true));
    assert_eq!(read_in(&path_in(&worktrees), "kept"), "k");
}

#[test]
fn eight_worktrees_are_made_side_by_side() {
    let repo = Repo::new();
    let worktrees = worktrees_of(&repo);
    let (base, before) = (repo.id("main"), repo.handle().fingerprint().unwrap());
    std::thread::scope(|scope| {
        for n in 0..8 {
            // Handles of their own: the mutex belongs to the repository, not to the handle.
            let (worktrees, base) = (worktrees_of(&repo), &base);
            scope.spawn(move || {
                let path = worktrees.root().join(format!("r1/epic-{n}"));
                let prepared = worktrees.ensure(&format!("ralph/epic/r1/epic-{n}"), base, &path).unwrap();
                assert!(prepared.fresh);
            });
        }
    });
    assert_eq!(entries(&repo).len(), 8);
    for n in 0..8 {
        assert_eq!(read_in(worktrees.root(), &format!("r1/epic-{n}/README.md")), "scratch\n");
    }
    assert_eq!(before.changes(&repo.handle().fingerprint().unwrap()), Vec::<String>::new());
}

#[test]
fn files_of_somebody_else_are_refused_and_stay() {
    let repo = Repo::new();
    let worktrees = worktrees_of(&repo);
    let path = path_in(&worktrees);
    write_in(&path, "precious", "p");
    let fault = worktrees.ensure(BRANCH, &repo.id("main"), &path).unwrap_err();
    assert!(matches!(fault, GitError::Foreign { .. }), "{fault}");
    repo.git_in(&path, &["init", "-q"]);
    assert!(worktrees.ensure(BRANCH, &repo.id("main"), &path).is_err());
    assert_eq!(read_in(&path, "precious"), "p");
}

#[test]
fn a_branch_that_is_checked_out_elsewhere_is_explained() {
    let repo = Repo::new();
    repo.git(&["checkout", "-q", "-b", BRANCH]);
    let worktrees = worktrees_of(&repo);
    let fault = worktrees.ensure(BRANCH, &repo.id("main"), &path_in(&worktrees)).unwrap_err();
    assert!(matches!(&fault, GitError::CheckedOut { path, .. } if *path == repo.path()), "{fault}");
}

#[test]
fn work_that_was_committed_on_another_branch_is_taken_over() {
    for switch in [&["checkout", "-q", "-b", "own-idea"][..], &["checkout", "-q", "--detach"]] {
        let (repo, worktrees, path) = with_worktree();
        repo.git_in(&path, switch);
        write_in(&path, "work", "w");
        let work = repo.commit_in(&path, "work");
        write_in(&path, "uncommitted", "u");
        let prepared = worktrees.ensure(BRANCH, &repo.id("main"), &path).unwrap();
        assert_eq!((&prepared.tip, &repo.id(BRANCH)), (&work, &work));
        assert_eq!(repo.git_in(&path, &["symbolic-ref", "--short", "HEAD"]), BRANCH);
        assert_eq!(read_in(&path, "uncommitted"), "u");
    }
}

#[test]
fn a_worktree_on_another_line_of_history_goes_back_and_its_work_is_saved() {
    let (repo, worktrees, path) = with_worktree();
    write_in(&path, "work", "w");
    let work = repo.commit_in(&path, "work");
    repo.git_in(&path, &["checkout", "-q", "--detach", "main"]);
    write_in(&path, "other", "o");
    let other = repo.commit_in(&path, "other");
    write_in(&path, "uncommitted", "u");
    let prepared = worktrees.ensure(BRANCH, &repo.id("main"), &path).unwrap();
    assert_eq!((&prepared.tip, &repo.id(BRANCH)), (&work, &work));
    assert_eq!(read_in(&path, "work"), "w");
    let backup = repo.git(&["for-each-ref", "--format=%(objectname)", "refs/ralph/backup"]);
    assert_eq!(repo.git(&["show", &format!("{backup}:uncommitted")]), "u");
    repo.git(&["merge-base", "--is-ancestor", other.as_str(), &backup]);
}

#[test]
fn paths_outside_of_the_root_are_refused() {
    let repo = Repo::new();
    let worktrees = worktrees_of(&repo);
    fs::create_dir_all(repo.beside("elsewhere")).unwrap();
    symlink(repo.beside("elsewhere"), worktrees.root().join("link")).unwrap();
    symlink(repo.beside("elsewhere"), worktrees.root().join("last")).unwrap();
    let root = worktrees.root();
    let refused = [
        repo.beside("elsewhere/x"),
        root.join("../elsewhere/x"),
        root.join("link/x"),
        root.join("last"),
        root.join(".trash/x"),
        root.to_owned(),
        repo.path(),
        PathBuf::from("relative"),
    ];
    for path in refused {
        let fault = worktrees.ensure(BRANCH, &repo.id("main"), &path).unwrap_err();
        assert!(matches!(fault, GitError::OutsideRoot { .. }), "{path:?}: {fault}");
    }
    assert_eq!(fs::read_dir(repo.beside("elsewhere")).unwrap().count(), 0, "not even a folder is made outside");
    assert!(matches!(Worktrees::open(repo.handle(), &repo.beside("")), Err(GitError::OutsideRoot { .. })));
}

#[test]
fn a_detached_worktree_is_brought_to_its_commit_and_keeps_its_caches() {
    let repo = Repo::new();
    repo.write(".gitignore", "target/\n");
    let first = repo.commit("first");
    repo.write("later", "l");
    let second = repo.commit("second");
    let worktrees = worktrees_of(&repo);
    let path = worktrees.root().join("r1/integration");
    let before = repo.handle().fingerprint().unwrap();
    assert!(worktrees.ensure_detached(&path, &first).unwrap().fresh);
    write_in(&path, "target/cache", "warm");
    write_in(&path, "README.md", "meddled");
    write_in(&path, "junk/x", "j");
    repo.git_in(&path, &["init", "-q", "cloned"]);
    let prepared = worktrees.ensure_detached(&path, &second).unwrap();
    assert!(!prepared.fresh);
    assert_eq!(prepared.tip, second);
    assert_eq!(read_in(&path, "README.md"), "scratch\n");
    assert_eq!(read_in(&path, "target/cache"), "warm");
    assert!(path.join("later").exists() && !path.join("junk").exists() && !path.join("cloned").exists());
    assert_eq!(repo.git_in(&path, &["status", "--porcelain"]), "");
    assert_eq!(before.changes(&repo.handle().fingerprint().unwrap()), Vec::<String>::new());
}

#[test]
fn a_branch_that_was_checked_out_in_a_detached_worktree_does_not_move() {
    let repo = Repo::new();
    let first = repo.id("main");
    let second = repo.commit("second");
    let worktrees = worktrees_of(&repo);
    let path = worktrees.root().join("r1/integration");
    worktrees.ensure_detached(&path, &first).unwrap();
    repo.git_in(&path, &["checkout", "-q", "-b", "somebody"]);
    worktrees.ensure_detached(&path, &second).unwrap();
    assert_eq!(repo.id("somebody"), first);
    assert_eq!(repo.git_in(&path, &["branch", "--show-current"]), "");
}

#[test]
fn hooks_and_monitors_of_the_repository_are_never_run() {
    let repo = Repo::new();
    let mark = repo.beside("a hook ran");
    let hook = format!("#!/bin/sh\ntouch '{}'\n", mark.display());
    let plant = |path: &Path| {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, &hook).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    };
    let names = ["pre-commit", "commit-msg", "post-checkout", "post-commit", "post-merge", "reference-transaction"];
    for name in names.into_iter().chain(["pre-merge-commit", "prepare-commit-msg", "post-index-change"]) {
        plant(&repo.dot_git("hooks").join(name));
        plant(&repo.beside("more-hooks").join(name));
    }
    let onto = repo.branch_with("ralph/loop/r1", "main", &[("theirs", "t")]);
    plant(&repo.beside("monitor"));
    repo.git(&["config", "core.hooksPath", repo.beside("more-hooks").to_str().unwrap()]);
    repo.git(&["config", "core.fsmonitor", repo.beside("monitor").to_str().unwrap()]);
    repo.git(&["config", "diff.external", repo.beside("monitor").to_str().unwrap()]);
    repo.git(&["config", "gpg.program", repo.beside("monitor").to_str().unwrap()]);
    repo.git(&["config", "commit.gpgSign", "true"]);
    let _ = fs::remove_file(&mark);

    let git = repo.handle();
    let worktrees = worktrees_of(&repo);
    let path = path_in(&worktrees);
    worktrees.ensure(BRANCH, &repo.id("main"), &path).unwrap();
    write_in(&path, "a", "a");
    repo.write("b", "b");
    git.snapshot(None, "x").unwrap();
    git.fingerprint().unwrap();
    git.commit_leftovers(&path, "x").unwrap();
    git.update(&path, &onto, "x", &ralph_teams::effects::git::snapshot::BackupName::of_branch(BRANCH)).unwrap();
    let tip = git.branch_tip(BRANCH).unwrap().unwrap();
    git.candidate(&tip, &onto, "x").unwrap();
    git.publish("ralph/loop/r1", &tip, &onto).unwrap();
    worktrees.ensure_detached(&worktrees.root().join("r1/integration"), &tip).unwrap();
    assert!(!mark.exists());
}

#[test]
fn a_worktree_is_as_sparse_as_the_users_checkout() {
    let repo = Repo::new();
    repo.write("in/a", "a");
    repo.write("out/b", "b");
    repo.commit("folders");
    repo.git(&["sparse-checkout", "set", "in"]);
    let worktrees = worktrees_of(&repo);
    let path = path_in(&worktrees);
    let before = repo.handle().fingerprint().unwrap();
    worktrees.ensure(BRANCH, &repo.id("main"), &path).unwrap();
    assert!(path.join("in/a").exists() && !path.join("out").exists());
    write_in(&path, "out/new", "n");
    let files = repo.handle().commit_leftovers(&path, "outside of the cone").unwrap();
    assert_eq!(files, ["out/new"]);
    assert_eq!(repo.show(&repo.id(BRANCH), "out/b"), "b", "what is not checked out is not removed");
    assert_eq!(before.changes(&repo.handle().fingerprint().unwrap()), Vec::<String>::new());
}

#[test]
fn submodules_are_named_and_stay_empty() {
    let repo = Repo::new();
    let library = Repo::new();
    let source = library.path();
    let add = ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", source.to_str().unwrap(), "lib"];
    repo.git(&add);
    repo.commit("with a submodule");
    let worktrees = worktrees_of(&repo);
    let path = path_in(&worktrees);
    assert!(worktrees.ensure(BRANCH, &repo.id("main"), &path).unwrap().has_submodules);
    assert!(path.join("lib").is_dir());
    assert_eq!(repo.handle().commit_leftovers(&path, "x").unwrap(), Vec::<String>::new());
}
