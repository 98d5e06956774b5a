//! What single steps with git take in a repository of 5,000 files, called through the library.

use std::time::Instant;

use ralph_teams::domain::id::{CommitId, RunId};
use ralph_teams::effects::git::merge::Candidate;
use ralph_teams::effects::git::refs::Publication;
use ralph_teams::effects::worktree::Worktrees;

use crate::Row;
use crate::repo::Repo;

#[path = "../support/prd.rs"]
mod prd;

const N_FILES: usize = 5_000;
const TIMES: usize = 5;

/// The text of a large PRD.
pub fn prd_text(n_epics: usize) -> String {
    prd::text(n_epics)
}

/// The rows of the table.
pub fn rows() -> Vec<Row> {
    let repo = Repo::new();
    for n in 0..N_FILES {
        repo.write(&format!("src/part{:02}/deep/file{n}.txt", n % 50), &format!("file {n}\nof many\n"));
    }
    let base = repo.commit("many files");
    vec![merging(&repo, &base), worktrees(&repo, &base)]
}

fn merging(repo: &Repo, base: &CommitId) -> Row {
    let git = repo.handle();
    let loop_branch = RunId::new("bench").expect("a run id").loop_branch();
    let mut tip = git.create_branch(&loop_branch, base).expect("a branch");
    let mut took = Vec::new();
    for n in 0..TIMES {
        let epic = repo.branch_with(&format!("epic-{n}"), base.as_str(), &[(&format!("src/new{n}.txt"), "new\n")]);
        let began = Instant::now();
        let built = git.candidate(&epic, &tip, "Merge it\n").expect("git works");
        let Candidate::Clean(commit) = built else { panic!("{built:?}") };
        let published = git.publish(&loop_branch, &commit, &tip).expect("git works");
        took.push(began.elapsed().as_secs_f64() * 1_000.0);
        assert_eq!(published, Publication::Published);
        tip = commit;
    }
    row("candidate + publish, 5,000 files", took, "seven git processes at most; nothing is checked out")
}

fn worktrees(repo: &Repo, base: &CommitId) -> Row {
    let worktrees = Worktrees::open(repo.handle(), &repo.worktrees()).expect("a folder");
    let run = RunId::new("bench").expect("a run id");
    let mut took = Vec::new();
    let mut again = Vec::new();
    for n in 0..TIMES {
        let slug = ralph_teams::domain::id::Slug::of(&format!("epic-{n}"));
        let (branch, path) = (run.epic_branch(&slug), repo.worktrees().join("bench").join(slug.as_str()));
        for times in [&mut took, &mut again] {
            let began = Instant::now();
            worktrees.ensure(&branch, base, &path).expect("a worktree");
            times.push(began.elapsed().as_secs_f64() * 1_000.0);
        }
    }
    again.sort_by(f64::total_cmp);
    let note = format!("most of it is the check-out; {:.0} ms when it is there already", again[TIMES / 2]);
    row("a worktree made (`ensure`), 5,000 files", took, &note)
}

fn row(what: &str, mut took: Vec<f64>, note: &str) -> Row {
    took.sort_by(f64::total_cmp);
    let figure = format!("{:.0} ms", took[TIMES / 2]);
    let note = format!("median of {TIMES}, {:.0} to {:.0} ms; {note}", took[0], took[TIMES - 1]);
    Row { what: what.to_owned(), goal: "-", figure, note }
}
