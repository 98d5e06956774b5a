//! Candidates in memory, and publishing them by compare and swap.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Barrier;

use ralph_teams::domain::id::CommitId;
use ralph_teams::effects::git::GitError;
use ralph_teams::effects::git::merge::Candidate;
use ralph_teams::effects::git::refs::Publication;

use crate::common::repo::Repo;

const LOOP: &str = "ralph/loop/r1";

fn conflict(repo: &Repo, tip: &CommitId, onto: &CommitId) -> Vec<String> {
    match repo.handle().candidate(tip, onto, "merge").unwrap() {
        Candidate::Conflict(files) => files,
        Candidate::Clean(commit) => panic!("merged cleanly to {commit}"),
    }
}

#[test]
fn a_candidate_is_on_no_branch_and_has_the_loop_tip_as_first_parent() {
    let repo = Repo::new();
    let git = repo.handle();
    let onto = repo.branch_with(LOOP, "main", &[("a", "a")]);
    let tip = repo.branch_with("ralph/epic/r1/b", "main", &[("b", "b")]);
    let before = git.fingerprint().unwrap();
    let refs = repo.git(&["for-each-ref"]);

    let candidate = git.candidate(&tip, &onto, "Merge EPIC-001\n\nRalph-Epic: EPIC-001\nRalph-Story: US-001").unwrap();

    let Candidate::Clean(commit) = candidate else { panic!("{candidate:?}") };
    assert_eq!(repo.git(&["log", "-1", "--format=%P", commit.as_str()]), format!("{onto} {tip}"));
    assert_eq!(git.merge_trailers(&commit, None, "Ralph-Epic").unwrap()[0].value, "EPIC-001");
    assert_eq!((repo.show(&commit, "a"), repo.show(&commit, "b")), ("a".to_owned(), "b".to_owned()));
    assert_eq!(repo.git(&["for-each-ref"]), refs);
    assert_eq!(before.changes(&git.fingerprint().unwrap()), Vec::<String>::new());
}

#[test]
fn merging_what_is_merged_gives_the_commit_itself() {
    let repo = Repo::new();
    let base = repo.id("main");
    let onto = repo.branch_with(LOOP, "main", &[("a", "a")]);
    assert_eq!(repo.handle().candidate(&base, &onto, "x").unwrap(), Candidate::Clean(onto.clone()));
    assert_eq!(repo.handle().candidate(&onto, &onto, "x").unwrap(), Candidate::Clean(onto));
}

#[test]
fn a_merge_that_could_be_a_fast_forward_is_a_merge_commit_all_the_same() {
    let repo = Repo::new();
    let onto = repo.id("main");
    let tip = repo.branch_with("ralph/epic/r1/a", "main", &[("a", "a")]);
    let Candidate::Clean(commit) = repo.handle().candidate(&tip, &onto, "x").unwrap() else { panic!() };
    assert_ne!(commit, tip);
}

#[test]
fn conflicts_of_content_are_named_also_in_strange_files() {
    let repo = Repo::new();
    let names = ["a b", "ü", "line\nbreak", "tab\tx"];
    for name in names {
        repo.write(name, "1\n");
    }
    repo.commit("base");
    let ours = repo.branch_with(LOOP, "main", &names.map(|name| (name, "ours\n")));
    let theirs = repo.branch_with("theirs", "main", &names.map(|name| (name, "theirs\n")));
    let mut expected = names.map(str::to_owned);
    expected.sort();
    assert_eq!(conflict(&repo, &theirs, &ours), expected);
}

#[test]
fn conflicts_of_rename_and_delete_and_of_both_added_are_named() {
    let repo = Repo::new();
    repo.write("old", &"line\n".repeat(20));
    repo.commit("base");
    repo.git(&["checkout", "-q", "-b", "renamed"]);
    repo.git(&["mv", "old", "new"]);
    repo.write("both", "1");
    let renamed = repo.commit("rename");
    repo.git(&["checkout", "-q", "-b", "deleted", "main"]);
    repo.git(&["rm", "-q", "old"]);
    repo.write("both", "2");
    let deleted = repo.commit("delete");
    assert_eq!(conflict(&repo, &renamed, &deleted), ["both", "new"]);
}

#[test]
fn conflicts_of_kind_are_named_and_a_changed_mode_alone_merges() {
    let repo = Repo::new();
    repo.write("run", "x\n");
    let base = repo.commit("base");
    fs::set_permissions(repo.path().join("run"), fs::Permissions::from_mode(0o755)).unwrap();
    let mode = repo.commit("mode");
    repo.git(&["checkout", "-q", "-b", "linked", base.as_str()]);
    fs::remove_file(repo.path().join("run")).unwrap();
    std::os::unix::fs::symlink("README.md", repo.path().join("run")).unwrap();
    let link = repo.commit("link");
    let text = repo.branch_with("text", base.as_str(), &[("run", "y\n")]);
    assert!(!conflict(&repo, &link, &text).is_empty());
    let Candidate::Clean(merged) = repo.handle().candidate(&mode, &text, "x").unwrap() else { panic!() };
    assert!(repo.git(&["ls-tree", merged.as_str(), "run"]).starts_with("100755"));
    assert_eq!(repo.show(&merged, "run"), "y");
}

#[test]
fn histories_without_a_common_commit_are_an_error() {
    let repo = Repo::new();
    let main = repo.id("main");
    repo.git(&["checkout", "-q", "--orphan", "island"]);
    let island = repo.commit("island");
    assert!(repo.handle().candidate(&island, &main, "x").is_err());
}

#[test]
fn publishing_moves_once_and_again_counts_as_done() {
    let repo = Repo::new();
    let (git, old) = (repo.handle(), repo.id("main"));
    assert_eq!(git.create_branch(LOOP, &old).unwrap(), old);
    let next = repo.branch_with("next", "main", &[("a", "a")]);
    let other = repo.branch_with("other", "main", &[("b", "b")]);
    assert_eq!(git.create_branch(LOOP, &next).unwrap(), old, "an existing branch is found, not moved");
    assert_eq!(git.publish(LOOP, &next, &old).unwrap(), Publication::Published);
    assert_eq!(git.publish(LOOP, &next, &old).unwrap(), Publication::Published);
    assert_eq!(git.publish(LOOP, &other, &old).unwrap(), Publication::Moved(Some(next)));
    repo.git(&["branch", "-q", "-D", LOOP]);
    assert_eq!(git.publish(LOOP, &other, &old).unwrap(), Publication::Moved(None));
}

#[test]
fn the_lock_of_a_killed_publisher_does_not_stop_the_next_one() {
    let repo = Repo::new();
    let (git, old) = (repo.handle(), repo.id("main"));
    git.create_branch(LOOP, &old).unwrap();
    let next = repo.branch_with("next", "main", &[("a", "a")]);
    fs::write(repo.dot_git(&format!("refs/heads/{LOOP}.lock")), "").unwrap();
    assert_eq!(git.publish(LOOP, &next, &old).unwrap(), Publication::Published);
    assert_eq!(repo.id(LOOP), next);
}

#[test]
fn of_many_publishers_exactly_one_wins() {
    let repo = Repo::new();
    let (git, old) = (repo.handle(), repo.id("main"));
    git.create_branch(LOOP, &old).unwrap();
    let commits: Vec<CommitId> =
        (0..6).map(|n| repo.branch_with(&format!("c{n}"), "main", &[("a", &n.to_string())])).collect();
    let start = Barrier::new(commits.len());
    let results: Vec<_> = std::thread::scope(|scope| {
        let publish = |commit| {
            let (git, start, old) = (git.clone(), &start, &old);
            scope.spawn(move || {
                start.wait();
                git.publish(LOOP, commit, old).unwrap()
            })
        };
        let threads: Vec<_> = commits.iter().map(publish).collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let winner = git.branch_tip(LOOP).unwrap().unwrap();
    for (commit, result) in commits.iter().zip(&results) {
        let expected =
            if *commit == winner { Publication::Published } else { Publication::Moved(Some(winner.clone())) };
        assert_eq!(*result, expected);
    }
    assert!(commits.contains(&winner));
}

#[test]
fn only_branches_of_the_runner_that_are_checked_out_nowhere_move() {
    let repo = Repo::new();
    let (git, old) = (repo.handle(), repo.id("main"));
    let next = repo.branch_with("next", "main", &[("a", "a")]);
    assert!(matches!(git.publish("main", &next, &old), Err(GitError::NotOurBranch { .. })));
    assert!(matches!(git.create_branch("feature", &old), Err(GitError::NotOurBranch { .. })));
    git.create_branch(LOOP, &old).unwrap();
    assert_eq!(git.checked_out_at(LOOP).unwrap(), None);
    repo.git(&["checkout", "-q", LOOP]);
    assert_eq!(git.checked_out_at(LOOP).unwrap(), Some(repo.path()));
    assert!(matches!(git.publish(LOOP, &next, &old), Err(GitError::CheckedOut { .. })));
    assert_eq!(repo.id(LOOP), old);
}
