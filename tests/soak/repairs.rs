//! What somebody or something did to git's files while the run was away is mended by the next life, or refused with the
//! reason; nothing is lost.

use std::fs;
use std::path::PathBuf;

use rustix::process::Signal;
use serde_json::json;

use crate::outcome::holds_at_the_end;
use crate::site::Site;
use crate::story::Story;

/// A run that was killed while its session, which has committed its story, was at work.
fn killed() -> Site {
    let site = Site::new(|beside| {
        let (ready, go) = (beside.join("ready"), beside.join("go"));
        Story::small(json!(["work", { "touch": ready }, { "wait_for": go }, "honest"]))
    });
    let life = site.first_life(&[]);
    site.exists("memory/ready");
    life.kill();
    site.all_gone();
    fs::write(site.repo.beside("memory/go"), "").unwrap();
    site
}

fn worktree(site: &Site) -> PathBuf {
    site.worktree("EPIC-001")
}

/// The worktree's entry in the repository.
fn entry(site: &Site) -> PathBuf {
    let text = fs::read_to_string(worktree(site).join(".git")).unwrap();
    PathBuf::from(text.trim_end().strip_prefix("gitdir: ").unwrap())
}

fn branch(site: &Site) -> String {
    site.branch("EPIC-001")
}

/// A sabotage: what it is, and how it is done.
type Sabotage = (&'static str, fn(&Site));

const SABOTAGES: [Sabotage; 11] = [
    ("nothing", |_| {}),
    ("an empty commondir", |site| fs::write(entry(site).join("commondir"), "").unwrap()),
    ("a worktree that was never completed", |site| {
        let entry = entry(site);
        fs::write(entry.join("locked"), "initializing").unwrap();
        fs::remove_file(entry.join("index")).unwrap();
        fs::remove_file(worktree(site).join("README.md")).unwrap();
    }),
    ("an entry without HEAD", |site| fs::write(entry(site).join("HEAD"), "").unwrap()),
    ("a deleted worktree", |site| fs::remove_dir_all(worktree(site)).unwrap()),
    ("a deleted .git of the worktree", |site| fs::remove_file(worktree(site).join(".git")).unwrap()),
    ("a deleted entry of the worktree", |site| fs::remove_dir_all(entry(site)).unwrap()),
    ("a stale index.lock", |site| fs::write(entry(site).join("index.lock"), "").unwrap()),
    ("an epic branch with another commit on top", |site| {
        let branch = branch(site);
        let commit = site.repo.git(&["commit-tree", "-p", &branch, "-m", "Somebody's", &format!("{branch}^{{tree}}")]);
        site.repo.git(&["update-ref", &format!("refs/heads/{branch}"), &commit]);
    }),
    ("an epic branch that was put back to its base", |site| {
        site.repo.git(&["update-ref", &format!("refs/heads/{}", branch(site)), "main"]);
    }),
    ("a deleted epic branch", |site| {
        site.repo.git(&["update-ref", "-d", &format!("refs/heads/{}", branch(site))]);
    }),
];

#[test]
fn what_is_broken_between_two_lives_is_mended_by_the_next() {
    for (name, sabotage) in SABOTAGES {
        let site = killed();
        sabotage(&site);
        let end = site.next_life(&[]).end();
        assert_eq!(end.code, Some(0), "{name}: {end:?}");
        assert_eq!(site.prd()["epics"][0]["status"], "completed", "{name}");
        let text = site.repo.git(&["cat-file", "blob", &format!("{}:US-001.txt", site.loop_branch())]);
        assert_eq!(text, "US-001 is done", "{name}");
        holds_at_the_end(&site);
    }
}

/// A run whose first epic is merged, and that was stopped this way while the second one was at work.
fn half_way(signal: Signal) -> Site {
    let site = Site::new(|beside| {
        let (ready, go) = (beside.join("ready"), beside.join("go"));
        Story::in_a_row(&json!(["work", { "touch": ready }, { "wait_for": go }, "honest"]))
    });
    let life = site.first_life(&[]);
    site.exists("memory/ready");
    life.signal(signal);
    let _ = life.end();
    site.all_gone();
    fs::write(site.repo.beside("memory/go"), "").unwrap();
    site
}

#[test]
fn a_loop_branch_that_somebody_moved_or_deleted_is_refused_until_it_is_put_back() {
    for signal in [Signal::KILL, Signal::INT] {
        for deleted in [false, true] {
            let site = half_way(signal);
            let name = format!("refs/heads/{}", site.loop_branch());
            let tip = site.repo.git(&["rev-parse", &name]);
            let sabotage = if deleted { vec!["update-ref", "-d", &name] } else { vec!["update-ref", &name, "main"] };
            site.repo.git(&sabotage);
            let journal = site.run_dir().join("journal.jsonl");
            let before = fs::read(&journal).unwrap();
            let refused = site.next_life(&[]).end();
            assert_eq!(refused.code, Some(3), "{refused:?}");
            assert!(refused.said.contains(&site.loop_branch()) && refused.said.contains(&tip), "{}", refused.said);
            assert_eq!(fs::read(&journal).unwrap(), before, "the journal was written to");
            site.repo.git(&["update-ref", &name, &tip]);
            let end = site.next_life(&[]).end();
            assert_eq!(end.code, Some(0), "{end:?}");
            holds_at_the_end(&site);
        }
    }
}
