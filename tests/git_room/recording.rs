//! Status, fingerprint, snapshot, backup, leftovers and the exclude file.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use ralph_teams::domain::id::{RunId, Slug};
use ralph_teams::effects::git::GitError;
use ralph_teams::effects::git::snapshot::{Backup, BackupName};
use ralph_teams::effects::git::status::ChangeKind;

use crate::common::repo::{Repo, read_in, write_in};
use crate::worktrees::{BRANCH, with_worktree};

fn backup_name() -> BackupName {
    BackupName::new(&RunId::new("r1").unwrap(), &Slug::of("login"))
}

#[test]
fn dirty_files_are_listed_without_prd_and_run_data() {
    let repo = Repo::new();
    repo.write("README.md", "changed\n");
    repo.write("tasks/prd.json", "{}");
    repo.write("tasks/new\nfile", "");
    repo.write(".ralph-teams/x", "");
    let git = repo.handle();
    let list = |prd: Option<&Path>| {
        let dirty = git.dirty(prd).unwrap();
        dirty.into_iter().map(|change| (change.path.to_str().unwrap().to_owned(), change.kind)).collect::<Vec<_>>()
    };
    let expected =
        [("README.md".to_owned(), ChangeKind::Tracked), ("tasks/new\nfile".to_owned(), ChangeKind::Untracked)];
    assert_eq!(list(Some(Path::new("tasks/prd.json"))), expected);
    assert_eq!(list(Some(&repo.path().join("tasks/../tasks/prd.json"))), expected);
    assert_eq!(list(None).len(), 3);
}

#[test]
fn the_fingerprint_shows_every_kind_of_meddling_and_nothing_of_ours() {
    type Act = fn(&Repo);
    let meddle: &[(&str, Act)] = &[
        ("HEAD", |repo| drop(repo.git(&["checkout", "-q", "--detach"]))),
        ("refs/heads/main", |repo| drop(repo.commit("x"))),
        ("refs/tags/t: new", |repo| drop(repo.git(&["tag", "t"]))),
        ("refs/stash: new", |repo| {
            repo.write("README.md", "x");
            repo.git(&["stash"]);
        }),
        ("the index", |repo| {
            repo.write("README.md", "x");
            repo.git(&["add", "README.md"]);
        }),
        ("uncommitted files", |repo| repo.write("new", "")),
        ("the configuration (.git/config)", |repo| drop(repo.git(&["config", "a.b", "c"]))),
        (".gitignore", |repo| repo.write(".gitignore", "x")),
    ];
    for (expected, act) in meddle {
        let repo = Repo::new();
        let before = repo.handle().fingerprint().unwrap();
        act(&repo);
        let changes = before.changes(&repo.handle().fingerprint().unwrap());
        assert!(changes.iter().any(|change| change.starts_with(expected)), "{expected}: {changes:?}");
    }
    let repo = Repo::new();
    let before = repo.handle().fingerprint().unwrap();
    repo.git(&["update-ref", "refs/ralph/backup/a/b/1", "HEAD"]);
    repo.git(&["branch", "ralph/loop/x"]);
    repo.write(".ralph-teams/x", "");
    assert_eq!(before.changes(&repo.handle().fingerprint().unwrap()), Vec::<String>::new());
}

#[test]
fn a_change_of_an_already_changed_file_changes_the_fingerprint() {
    let repo = Repo::new();
    repo.write("README.md", "one");
    let before = repo.handle().fingerprint().unwrap();
    repo.write("README.md", "two");
    assert_eq!(before.changes(&repo.handle().fingerprint().unwrap()), ["uncommitted files: changed"]);
}

#[test]
fn a_snapshot_holds_the_uncommitted_work_and_leaves_the_checkout_as_it_is() {
    let repo = Repo::new();
    repo.write(".gitignore", "ignored\n");
    repo.write("prd.json", "{\"v\": 1}");
    repo.write("gone", "");
    let head = repo.commit("base");
    repo.write("README.md", "changed\n");
    repo.write("staged", "s\n");
    repo.write("prd.json", "{\"v\": 2}");
    repo.git(&["add", "staged", "prd.json"]);
    repo.write("untracked ü\n", "u\n");
    repo.write("ignored", "i\n");
    repo.write(".ralph-teams/journal", "j\n");
    fs::remove_file(repo.path().join("gone")).unwrap();
    let git = repo.handle();
    let (before, index) = (git.fingerprint().unwrap(), fs::read(repo.dot_git("index")).unwrap());

    let commit = git.snapshot(Some(Path::new("prd.json")), "uncommitted work").unwrap();

    let expected = ["README.md", "gone", "staged", "untracked ü\n"];
    assert_eq!(git.changed_files(&head, &commit).unwrap(), expected);
    assert_eq!(repo.show(&commit, "staged"), "s");
    assert_eq!(repo.id(&format!("{commit}^")), head);
    assert_eq!(before.changes(&git.fingerprint().unwrap()), Vec::<String>::new());
    assert_eq!(fs::read(repo.dot_git("index")).unwrap(), index, "not a byte of the index changed");
}

#[test]
fn a_snapshot_of_a_clean_checkout_is_its_head() {
    let repo = Repo::new();
    repo.write("prd.json", "{}");
    let commit = repo.handle().snapshot(Some(&repo.path().join("prd.json")), "x").unwrap();
    assert_eq!(commit, repo.id("HEAD"));
}

#[test]
fn a_snapshot_in_the_middle_of_a_merge_is_refused() {
    let repo = Repo::new();
    repo.branch_with("other", "main", &[("README.md", "other\n")]);
    repo.write("README.md", "mine\n");
    repo.commit("mine");
    repo.try_git_in(&repo.path(), &["merge", "other"]);
    assert!(matches!(repo.handle().snapshot(None, "x"), Err(GitError::Unmerged { .. })));
}

#[test]
fn a_backup_saves_untracked_files_and_is_made_once_per_state() {
    let (repo, worktrees, path) = with_worktree();
    let git = repo.handle();
    assert_eq!(git.backup(&path, &backup_name()).unwrap(), Backup::NotNeeded);
    write_in(&path, "new", "n\n");
    write_in(&path, ".ralph/report.json", "{}");
    let index = fs::read(git.common_dir().join("worktrees/login/index")).unwrap();
    let Backup::Saved { reference, commit, left_out } = git.backup(&path, &backup_name()).unwrap() else { panic!() };
    assert_eq!(reference, "refs/ralph/backup/r1/login/1");
    assert_eq!(git.changed_files(&repo.id(BRANCH), &commit).unwrap(), ["new"]);
    assert_eq!((repo.id(&reference), left_out), (commit, vec![]));
    assert_eq!(fs::read(git.common_dir().join("worktrees/login/index")).unwrap(), index);
    let Backup::Saved { reference, .. } = git.backup(&path, &backup_name()).unwrap() else { panic!() };
    assert!(reference.ends_with("/1"), "the same state is not saved twice");
    write_in(&path, "new", "changed\n");
    let Backup::Saved { reference, .. } = git.backup(&path, &backup_name()).unwrap() else { panic!() };
    assert!(reference.ends_with("/2"));
    assert!(worktrees.root().exists());
}

#[test]
fn a_backup_keeps_a_commit_that_no_branch_holds() {
    let (repo, _worktrees, path) = with_worktree();
    repo.git_in(&path, &["checkout", "-q", "--detach"]);
    write_in(&path, "a", "a");
    let lonely = repo.commit_in(&path, "lonely");
    let Backup::Saved { commit, .. } = repo.handle().backup(&path, &backup_name()).unwrap() else { panic!() };
    assert_eq!(commit, lonely);
    assert_eq!(repo.handle().backup(&path, &backup_name()).unwrap(), Backup::NotNeeded);
}

#[test]
fn a_backup_names_repositories_that_it_cannot_hold() {
    let (repo, _worktrees, path) = with_worktree();
    repo.git_in(&path, &["init", "-q", "inner"]);
    write_in(&path, "beside", "b");
    let Backup::Saved { left_out, .. } = repo.handle().backup(&path, &backup_name()).unwrap() else { panic!() };
    assert_eq!(left_out, ["inner/"]);
}

#[test]
fn leftovers_of_every_kind_are_committed() {
    let (repo, _worktrees, path) = with_worktree();
    let git = repo.handle();
    git.exclude_our_folders().unwrap();
    assert_eq!(git.commit_leftovers(&path, "leftovers").unwrap(), Vec::<String>::new());
    fs::remove_file(path.join("README.md")).unwrap();
    for name in ["a b", "ü", "line\nbreak", "-dash", ":(top)magic", "*"] {
        write_in(&path, name, "x");
    }
    write_in(&path, "run.sh", "x");
    fs::set_permissions(path.join("run.sh"), fs::Permissions::from_mode(0o755)).unwrap();
    symlink("nowhere", path.join("link")).unwrap();
    write_in(&path, ".ralph/report.json", "{}");
    repo.git_in(&path, &["add", "--force", ".ralph/report.json", "ü"]);
    repo.git_in(&path, &["init", "-q", "inner"]);
    let before = repo.id(BRANCH);

    let mut files = git.commit_leftovers(&path, "leftovers\n\nRalph-Leftovers: yes").unwrap();

    files.sort();
    let expected = ["*", "-dash", ":(top)magic", "README.md", "a b", "line\nbreak", "link", "run.sh", "ü"];
    assert_eq!(files, expected);
    let tip = repo.id(BRANCH);
    assert_eq!(git.changed_files(&before, &tip).unwrap(), expected);
    assert_eq!(repo.git(&["ls-tree", tip.as_str(), "run.sh"]).split(' ').next(), Some("100755"));
    assert!(path.join(".ralph/report.json").exists());
    assert_eq!(git.commit_leftovers(&path, "again").unwrap(), Vec::<String>::new());
}

#[test]
fn a_file_that_became_a_folder_is_committed() {
    let (repo, _worktrees, path) = with_worktree();
    fs::remove_file(path.join("README.md")).unwrap();
    write_in(&path, "README.md/inner", "x");
    repo.handle().commit_leftovers(&path, "folder").unwrap();
    assert_eq!(repo.show(&repo.id(BRANCH), "README.md/inner"), "x");
}

#[test]
fn filters_are_honoured() {
    let (repo, _worktrees, path) = with_worktree();
    repo.git(&["config", "filter.upper.clean", "tr a-z A-Z"]);
    write_in(&path, ".gitattributes", "*.up filter=upper\n");
    write_in(&path, "a.up", "abc");
    repo.handle().commit_leftovers(&path, "filtered").unwrap();
    assert_eq!(repo.show(&repo.id(BRANCH), "a.up"), "ABC");
}

#[test]
fn leftovers_on_no_branch_and_without_identity_are_refused() {
    let (repo, _worktrees, path) = with_worktree();
    write_in(&path, "a", "a");
    repo.git(&["config", "user.useConfigOnly", "true"]);
    repo.git(&["config", "--unset", "user.email"]);
    let fault = repo.handle().commit_leftovers(&path, "x").unwrap_err();
    assert!(matches!(fault, GitError::NoIdentity { .. }), "{fault}");
    repo.git_in(&path, &["checkout", "-q", "--detach"]);
    let fault = repo.handle().commit_leftovers(&path, "x").unwrap_err();
    assert!(fault.to_string().contains("detached"), "{fault}");
}

#[test]
fn our_folders_are_excluded_once_and_the_rest_stays() {
    let repo = Repo::new();
    fs::write(repo.dot_git("info/exclude"), "# mine\r\n*.log").unwrap();
    let git = repo.handle();
    for _ in 0..2 {
        git.exclude_our_folders().unwrap();
        assert_eq!(read_in(&repo.dot_git("info"), "exclude"), "# mine\r\n*.log\n.ralph-teams/\n.ralph/\n");
    }
    repo.write(".ralph/x", "");
    repo.write(".ralph-teams/x", "");
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
    fs::remove_dir_all(repo.dot_git("info")).unwrap();
    git.exclude_our_folders().unwrap();
    assert_eq!(repo.git(&["status", "--porcelain"]), "");
}

#[test]
fn an_exclude_file_that_is_a_link_stays_a_link() {
    let repo = Repo::new();
    fs::write(repo.beside("shared"), "x\n").unwrap();
    fs::remove_file(repo.dot_git("info/exclude")).unwrap();
    symlink(repo.beside("shared"), repo.dot_git("info/exclude")).unwrap();
    repo.handle().exclude_our_folders().unwrap();
    assert!(repo.dot_git("info/exclude").is_symlink());
    assert_eq!(read_in(&repo.beside(""), "shared"), "x\n.ralph-teams/\n.ralph/\n");
}

#[test]
fn looking_never_refreshes_the_users_index() {
    let repo = Repo::new();
    // The same content at another time: git would like to note that in the index.
    let file = fs::File::options().write(true).open(repo.path().join("README.md")).unwrap();
    file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
    let index = fs::read(repo.dot_git("index")).unwrap();
    let git = repo.handle();
    git.fingerprint().unwrap();
    assert_eq!(git.dirty(None).unwrap(), []);
    git.snapshot(None, "x").unwrap();
    assert_eq!(fs::read(repo.dot_git("index")).unwrap(), index);
}

#[test]
fn a_change_of_equal_size_in_the_instant_of_the_last_commit_is_in_the_snapshot() {
    let repo = Repo::new();
    // Else the change would show by a time that nobody can set.
    repo.git(&["config", "core.trustctime", "false"]);
    // Not now: git may compare whole seconds, and this one is not over yet.
    let instant = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
    let set_time = |path: &Path| fs::File::options().write(true).open(path).unwrap().set_modified(instant).unwrap();
    let readme = repo.path().join("README.md");
    set_time(&readme);
    repo.git(&["update-index", "--refresh"]);
    repo.write("README.md", "changed\n");
    set_time(&readme);
    set_time(&repo.dot_git("index"));
    let commit = repo.handle().snapshot(None, "x").unwrap();
    assert_eq!(repo.show(&commit, "README.md"), "changed");
}
