//! Opening a repository, and what the handle promises about every call.

use std::fs;
use std::process::Command;

use ralph_teams::effects::git::{Git, GitError, Program};

use crate::common::repo::Repo;

#[test]
fn every_hook_of_the_configuration_is_switched_off_by_its_name_whatever_that_is() {
    let repo = Repo::new();
    let seen = repo.beside("seen");
    let spy = repo.beside("git");
    std::fs::write(&spy, format!("#!/bin/sh\nprintf '%s\\n' \"$@\" >> '{}'\nexec git \"$@\"\n", seen.display()))
        .unwrap();
    std::fs::set_permissions(&spy, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    for name in ["plain", "a.b=c d"] {
        repo.git(&["config", &format!("hook.{name}.command"), "false"]);
        repo.git(&["config", &format!("hook.{name}.event"), "post-merge"]);
    }
    let program =
        repo.environment().into_iter().fold(Program::new(spy), |program, (key, value)| program.with_env(key, value));
    Git::open(program, &repo.path()).unwrap().dirty(None).unwrap();
    let seen = std::fs::read_to_string(seen).unwrap();
    for name in ["plain", "a.b=c d"] {
        assert!(seen.contains(&format!("--config-env=hook.{name}.enabled=")), "{seen}");
    }
}

#[test]
fn a_folder_below_the_checkout_finds_the_repository() {
    let repo = Repo::new();
    repo.write("src/deep/a.txt", "a");
    let git = Git::open(repo.program(), &repo.path().join("src/deep")).unwrap();
    assert_eq!(git.checkout().unwrap(), repo.path());
    assert_eq!(git.common_dir(), repo.path().join(".git"));
    assert!(!git.is_bare() && !git.is_linked());
}

#[test]
fn a_folder_without_a_repository_is_explained() {
    let repo = Repo::new();
    fs::create_dir_all(repo.beside("plain")).unwrap();
    let fault = Git::open(repo.program(), &repo.beside("plain")).unwrap_err();
    assert!(matches!(fault, GitError::NotARepository { .. }), "{fault}");
    assert!(fault.to_string().contains("git init"), "{fault}");
}

#[test]
fn a_bare_repository_opens_but_has_no_checkout() {
    let repo = Repo::new();
    repo.git(&["clone", "--quiet", "--bare", ".", "../bare.git"]);
    let git = Git::open(repo.program(), &repo.beside("bare.git")).unwrap();
    assert!(git.is_bare());
    assert!(matches!(git.checkout(), Err(GitError::Bare { .. })));
}

#[test]
fn a_linked_worktree_of_the_user_shares_the_common_folder() {
    let repo = Repo::new();
    repo.git(&["worktree", "add", "-q", "../linked", "-b", "feature"]);
    let git = Git::open(repo.program(), &repo.beside("linked")).unwrap();
    assert!(git.is_linked());
    assert_eq!(git.checkout().unwrap(), repo.beside("linked"));
    assert_eq!(git.common_dir(), repo.path().join(".git"));
}

#[test]
fn a_storage_format_that_the_library_cannot_read_is_refused_at_the_door() {
    for option in ["--object-format=sha256", "--ref-format=reftable"] {
        let probe = Repo::new();
        let output = probe.try_git_in(&probe.beside(""), &["init", "-q", option, "probe"]);
        if !output.status.success() {
            continue; // This git is too old to make such a repository.
        }
        let fault = Git::open(probe.program(), &probe.beside("probe")).unwrap_err();
        assert!(matches!(fault, GitError::UnsupportedFormat { .. }), "{option}: {fault}");
    }
}

#[test]
fn the_version_of_git_is_checked() {
    let repo = Repo::new();
    assert!(repo.program().version().unwrap().starts_with("2."));
    let old = repo.beside("old-git");
    // Written by a child: a file that this process wrote may still be open in a fork of another test ("text busy").
    let write = "printf '#!/bin/sh\necho git version 2.37.9\n' > \"$0\" && chmod +x \"$0\"";
    assert!(Command::new("sh").args(["-c", write]).arg(&old).status().unwrap().success());
    let fault = Program::new(old).version().unwrap_err();
    assert!(fault.to_string().contains("2.37.9 is too old"), "{fault}");
}

#[test]
fn a_missing_identity_is_explained() {
    let repo = Repo::new();
    assert!(repo.handle().check_identity().is_ok());
    repo.git(&["config", "--unset", "user.name"]);
    repo.git(&["config", "--unset", "user.email"]);
    repo.git(&["config", "user.useConfigOnly", "true"]);
    let fault = repo.handle().check_identity().unwrap_err();
    assert!(matches!(fault, GitError::NoIdentity { .. }), "{fault}");
}

#[test]
fn a_failure_names_the_command_and_what_git_said() {
    let repo = Repo::new();
    let (git, tip) = (repo.handle(), repo.id("main"));
    let nothing = ralph_teams::domain::id::CommitId::new(&"1".repeat(40)).unwrap();
    let fault = git.candidate(&nothing, &tip, "merge").unwrap_err().to_string();
    assert!(fault.contains("merge-tree") && fault.contains(nothing.as_str()), "{fault}");
}
