//! Reading refs, history and trees.

use ralph_teams::domain::id::CommitId;
use ralph_teams::effects::git::Git;
use ralph_teams::effects::git::read::Head;

use crate::common::repo::Repo;

#[test]
fn names_resolve_to_commits_and_unknown_names_to_nothing() {
    let repo = Repo::new();
    let (git, tip) = (repo.handle(), repo.id("main"));
    repo.git(&["tag", "-a", "v1", "-m", "one"]);
    for name in ["main", "HEAD", "v1", "refs/heads/main", tip.as_str()] {
        assert_eq!(git.resolve(name).unwrap().as_ref(), Some(&tip), "{name}");
    }
    for name in ["nothing", "refs/heads/nothing", "a..b", "", &"1".repeat(40)] {
        assert_eq!(git.resolve(name).unwrap(), None, "{name}");
    }
    assert_eq!(git.branch_tip("main").unwrap(), Some(tip));
    assert_eq!(git.branch_tip("v1").unwrap(), None);
}

#[test]
fn a_ref_that_git_packed_or_moved_is_seen_at_once() {
    let repo = Repo::new();
    let git = repo.handle();
    repo.git(&["pack-refs", "--all"]);
    assert_eq!(git.branch_tip("main").unwrap(), Some(repo.id("main")));
    let next = repo.commit("next");
    assert_eq!(git.branch_tip("main").unwrap(), Some(next));
}

#[test]
fn the_head_is_a_branch_detached_or_unborn() {
    let unborn = Repo::unborn(&[]);
    assert_eq!(unborn.handle().head().unwrap(), Head::Unborn { name: "main".into() });
    assert!(!unborn.handle().has_commits().unwrap());
    let repo = Repo::new();
    let commit = repo.id("main");
    repo.git(&["checkout", "-q", "-b", "topic/a"]);
    assert_eq!(repo.handle().head().unwrap(), Head::Branch { name: "topic/a".into(), commit: commit.clone() });
    repo.git(&["checkout", "-q", "--detach"]);
    assert_eq!(repo.handle().head().unwrap(), Head::Detached(commit));
    assert!(repo.handle().has_commits().unwrap());
}

#[test]
fn ancestry_and_counts_are_those_of_git() {
    let repo = Repo::new();
    let (git, first) = (repo.handle(), repo.id("main"));
    let side = repo.branch_with("ralph/epic/r/a", "main", &[("a", "a")]);
    let second = repo.commit("second");
    let third = repo.commit("third");
    assert!(git.is_ancestor(&first, &third).unwrap());
    assert!(git.is_ancestor(&third, &third).unwrap());
    assert!(!git.is_ancestor(&third, &second).unwrap());
    assert!(!git.is_ancestor(&side, &third).unwrap());
    let nothing = CommitId::new(&"1".repeat(40)).unwrap();
    assert!(!git.is_ancestor(&nothing, &third).unwrap());
    assert!(git.is_ancestor(&first, &nothing).is_err());
    assert!(git.commit_exists(&side).unwrap() && !git.commit_exists(&nothing).unwrap());
    let tree = CommitId::new(&git.tree_of(&first).unwrap()).unwrap();
    assert!(!git.commit_exists(&tree).unwrap(), "a tree is no commit");
    assert_eq!(git.commits_since(&first, &third).unwrap(), 2);
    assert_eq!(git.commits_since(&side, &third).unwrap(), 2);
    assert_eq!(git.commits_since(&third, &first).unwrap(), 0);
}

#[test]
fn trailers_come_from_merge_commits_only() {
    let repo = Repo::new();
    let (git, base) = (repo.handle(), repo.id("main"));
    for epic in ["EPIC-001", "EPIC-002"] {
        repo.branch_with(&format!("side-{epic}"), "main", &[(epic, "x")]);
        let message = format!("Merge {epic}\n\nRalph-Epic: {epic}");
        repo.git(&["merge", "-q", "--no-ff", "-m", &message, &format!("side-{epic}")]);
    }
    let tip = repo.commit("not a merge\n\nRalph-Epic: EPIC-666");
    let values = |since| {
        let found = git.merge_trailers(&tip, since, "Ralph-Epic").unwrap();
        found.into_iter().map(|trailer| trailer.value).collect::<Vec<_>>()
    };
    assert_eq!(values(None), ["EPIC-002", "EPIC-001"]);
    assert_eq!(values(Some(&base)), ["EPIC-002", "EPIC-001"]);
    assert_eq!(values(Some(&repo.id("HEAD~2"))), ["EPIC-002"]);
}

#[test]
fn the_difference_of_two_commits_lists_strange_names_and_can_be_applied() {
    let repo = Repo::new();
    let (git, before) = (repo.handle(), repo.id("main"));
    let names = ["a b", "ünï", "line\nbreak", "\"quoted\""];
    for name in names {
        repo.write(name, "x\n");
    }
    std::fs::write(repo.path().join("binary"), [0, 159, 146, 150]).unwrap();
    std::fs::remove_file(repo.path().join("README.md")).unwrap();
    repo.write("LIESMICH.md", "scratch\n");
    let after = repo.commit("after");
    let mut expected: Vec<_> = names.iter().copied().chain(["binary", "README.md", "LIESMICH.md"]).collect();
    expected.sort_unstable();
    assert_eq!(git.changed_files(&before, &after).unwrap(), expected);
    let patch = repo.beside("patch");
    std::fs::write(&patch, git.diff(&before, &after).unwrap()).unwrap();
    repo.git(&["checkout", "-q", before.as_str()]);
    repo.git(&["apply", "--index", patch.to_str().unwrap()]);
    assert_eq!(repo.git(&["write-tree"]), git.tree_of(&after).unwrap());
}

#[test]
fn branches_are_listed_by_prefix() {
    let repo = Repo::new();
    let (git, tip) = (repo.handle(), repo.id("main"));
    for name in ["ralph/loop/b", "ralph/loop/a", "ralph/epic/a/x", "other"] {
        repo.git(&["branch", name]);
    }
    let found = git.branches("ralph/loop/").unwrap();
    assert_eq!(found, [("ralph/loop/a".to_owned(), tip.clone()), ("ralph/loop/b".to_owned(), tip)]);
}

#[test]
fn a_partial_clone_is_read_and_its_missing_contents_are_fetched_for_a_diff() {
    let origin = Repo::new();
    let before = origin.id("main");
    origin.write("a", "a\n");
    let after = origin.commit("a");
    origin.git(&["config", "uploadpack.allowFilter", "true"]);
    let url = format!("file://{}", origin.path().display());
    origin.git(&["clone", "-q", "--filter=blob:none", "--no-checkout", &url, "../partial"]);
    let git = Git::open(origin.program(), &origin.beside("partial")).unwrap();
    assert!(git.is_ancestor(&before, &after).unwrap());
    assert_eq!(git.changed_files(&before, &after).unwrap(), ["a"]);
    assert!(String::from_utf8(git.diff(&before, &after).unwrap()).unwrap().contains("+a"));
}
