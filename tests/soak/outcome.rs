//! What a run came to, what must hold of it however often it was disturbed, and what may never be touched.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use ralph_teams::scheduler::Event;
use ralph_teams::scheduler::event::ReportFound;
use serde_json::Value;

use crate::common::repo::Repo;
use crate::site::Site;

/// All that the user owns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Untouched {
    head: String,
    refs: String,
    /// Digests.
    index: u64,
    config: u64,
    files: BTreeMap<PathBuf, u64>,
}

fn digest(path: &Path) -> u64 {
    let mut hasher = DefaultHasher::new();
    fs::read(path).unwrap_or_default().hash(&mut hasher);
    hasher.finish()
}

impl Untouched {
    pub fn look(repo: &Repo) -> Self {
        let refs = repo.git(&["for-each-ref", "--format=%(refname) %(objectname)"]);
        let is_users = |line: &&str| !line.starts_with("refs/heads/ralph/") && !line.starts_with("refs/ralph/");
        let mut files = BTreeMap::new();
        collect(&repo.path(), &mut files, &|path| {
            let name = path.strip_prefix(repo.path()).unwrap();
            ![".git", ".ralph-teams", "prd.json"].iter().any(|ours| name.starts_with(ours))
        });
        Self {
            head: fs::read_to_string(repo.dot_git("HEAD")).unwrap(),
            refs: refs.lines().filter(is_users).collect::<Vec<_>>().join("\n"),
            index: digest(&repo.dot_git("index")),
            config: digest(&repo.dot_git("config")),
            files,
        }
    }
}

fn collect(folder: &Path, files: &mut BTreeMap<PathBuf, u64>, wanted: &dyn Fn(&Path) -> bool) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if !wanted(&path) {
            continue;
        }
        if entry.file_type().unwrap().is_dir() {
            collect(&path, files, wanted);
        } else {
            files.insert(path.clone(), digest(&path));
        }
    }
}

/// What a run came to, without names that differ from run to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outcome {
    prd: Value,
    /// Epics in the merges of the loop branch, sorted.
    merged: Vec<String>,
    /// The files on the tip, by name; the lines of notes that two epics wrote are sorted, and one that a session wrote again
    /// counts once.
    tree: BTreeMap<String, Vec<String>>,
    verdict: String,
}

impl Outcome {
    pub fn of(site: &Site) -> Self {
        let tip = site.loop_branch();
        let names = site.repo.git(&["ls-tree", "-r", "--name-only", &tip]);
        let file = |name: &str| {
            let text = site.repo.git(&["cat-file", "blob", &format!("{tip}:{name}")]);
            let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
            if name == "NOTES.md" {
                lines.sort();
                lines.dedup();
            }
            (name.to_owned(), lines)
        };
        let tree = names.lines().filter(|name| *name != "ralph.config.yml").map(file).collect();
        let verdict = fs::read(site.run_dir().join("verdict.json")).expect("a verdict");
        let verdict: Value = serde_json::from_slice(&verdict).expect("a verdict that parses");
        let verdict = verdict["verdict"].as_str().expect("a verdict").to_owned();
        Self { prd: site.prd(), merged: merged(site), tree, verdict }
    }
}

/// The epics that the merges on the loop branch name, with repetitions.
fn merged(site: &Site) -> Vec<String> {
    let format = "--format=%(trailers:key=Ralph-Epic,valueonly)";
    let range = format!("main..{}", site.loop_branch());
    let log = site.repo.git(&["log", "--first-parent", format, &range]);
    let mut merged: Vec<String> = log.lines().filter(|line| !line.is_empty()).map(str::to_owned).collect();
    merged.sort();
    merged
}

/// What holds at any moment, whatever was killed.
pub fn holds_always(site: &Site) {
    let _ = site.prd();
    if site.has_begun() {
        let _ = site.events();
    }
}

/// What holds when a run is over.
pub fn holds_at_the_end(site: &Site) {
    holds_always(site);
    assert_eq!(Untouched::look(&site.repo), site.before, "something of the user's was touched");
    let fsck = site.repo.try_git_in(&site.repo.path(), &["fsck", "--full", "--no-dangling"]);
    let said = [fsck.stdout, fsck.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
    assert!(fsck.status.success() && !said.contains("error"), "git fsck: {said}");
    let merged = merged(site);
    let once: BTreeSet<&String> = merged.iter().collect();
    assert_eq!(once.len(), merged.len(), "merged twice: {merged:?}");
    no_commit_is_lost(site);
    no_worktree_of_a_merged_epic_is_left(site, &merged);
    no_lock_is_left(site);
}

/// Every commit that the runner ever saw on a track's branch can still be reached from a ref.
fn no_commit_is_lost(site: &Site) {
    let reachable = site.repo.git(&["rev-list", "--all"]);
    let reachable: BTreeSet<&str> = reachable.lines().collect();
    for event in site.events() {
        if let Event::Checked { job, checkup } = event {
            let proofs = match &checkup.report {
                ReportFound::Read(proofs) => proofs.clone(),
                ReportFound::Missing | ReportFound::Faulty(_) | ReportFound::NotAsked => Vec::new(),
            };
            let named = proofs.into_iter().filter_map(|proof| proof.commit);
            for commit in named.chain([checkup.tip]) {
                assert!(reachable.contains(commit.as_str()), "{job}: commit {commit} is lost");
            }
        }
    }
}

fn no_worktree_of_a_merged_epic_is_left(site: &Site, merged: &[String]) {
    let list = site.repo.git(&["worktree", "list", "--porcelain"]);
    for epic in merged {
        let branch = format!("branch refs/heads/{}", site.branch(epic));
        assert!(!list.contains(&branch), "the worktree of {epic} is left:\n{list}");
        assert!(!site.worktree(epic).exists(), "the folder of {epic} is left");
    }
}

fn no_lock_is_left(site: &Site) {
    let mut files = BTreeMap::new();
    collect(&site.repo.dot_git(""), &mut files, &|path| {
        !path.ends_with("objects") && !path.ends_with("ralph-teams.lock")
    });
    let locks: Vec<&PathBuf> = files.keys().filter(|path| path.extension().is_some_and(|end| end == "lock")).collect();
    assert!(locks.is_empty(), "locks are left: {locks:?}");
}
