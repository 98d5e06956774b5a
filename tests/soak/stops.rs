//! Ctrl-C while something is under way that does not end by itself: out within eleven seconds, within about one when
//! asked twice, and the run can be resumed.

use std::path::Path;
use std::time::Duration;

use ralph_teams::scheduler::Event;
use ralph_teams::scheduler::view::TrackState;
use rustix::process::Signal;
use serde_json::json;

use crate::life::{HANG, Life};
use crate::outcome::{Untouched, holds_at_the_end};
use crate::processes::{Process, naming, within};
use crate::site::Site;
use crate::story::Story;

/// A stop in good order: the promise.
const STOP: Duration = Duration::from_secs(11);
/// A stop in a hurry: the promise is a second, the rest is for a busy machine.
const HURRY: Duration = Duration::from_secs(6);

/// A command that says that it began, and never ends until it may.
fn blocks(beside: &Path) -> String {
    let beside = beside.display();
    format!("touch {beside}/began; test -e {beside}/go || sleep 600")
}

/// What is under way: how the site is made, and what to wait for.
struct Scene {
    name: &'static str,
    site: fn() -> Site,
    under_way: fn(&Site),
}

fn began(site: &Site) {
    site.exists("memory/began");
}

const SCENES: [Scene; 7] = [
    Scene { name: "a gate runs", site: with_a_long_gate, under_way: began },
    Scene { name: "the setup runs", site: with_a_long_setup, under_way: began },
    Scene { name: "git checks out", site: with_a_slow_git, under_way: began },
    Scene { name: "a host starts", site: with_a_long_session, under_way: a_host_is_there },
    Scene { name: "a merge is published", site: with_a_slow_publication, under_way: a_publication_waits },
    Scene { name: "a session is deaf", site: with_a_deaf_session, under_way: began },
    Scene { name: "an epic rests", site: with_a_rest, under_way: it_rests },
];

fn with_a_long_gate() -> Site {
    Site::new(|beside| {
        // Not on the base: there the story is not done yet.
        let gate = format!("test ! -e US-001.txt || {{ {}; }}", blocks(beside));
        Story::small(json!(["honest"])).gate("long", &gate)
    })
}

fn with_a_long_setup() -> Site {
    Site::new(|beside| {
        let setup = serde_json::Value::from(blocks(beside));
        Story::small(json!(["honest"])).config(&format!("worktrees:\n  setup: {setup}\n"))
    })
}

/// A filter of the user's makes each check-out of the notes slow.
fn with_a_slow_git() -> Site {
    let mut site = Site::new(|_| Story::small(json!(["honest"])));
    let smudge = format!("{}; cat", blocks(&site.repo.beside("memory")));
    site.repo.git(&["config", "filter.slow.smudge", &smudge]);
    std::fs::create_dir_all(site.repo.dot_git("info")).unwrap();
    std::fs::write(site.repo.dot_git("info/attributes"), "NOTES.md filter=slow\n").unwrap();
    site.before = Untouched::look(&site.repo);
    site
}

fn with_a_long_session() -> Site {
    Site::new(|beside| Story::small(json!(["work", { "wait_for": beside.join("go") }, "honest"])))
}

fn with_a_deaf_session() -> Site {
    Site::new(|beside| {
        let deaf = json!([{ "ignore": ["INT", "TERM", "HUP"] }, { "touch": beside.join("began") },
                          { "wait_for": beside.join("go") }, "honest"]);
        Story::small(deaf)
    })
}

fn a_host_is_there(site: &Site) {
    let came = within(HANG, || site.has_begun() && site.processes().iter().any(Process::is_host));
    assert!(came, "no host came");
}

/// Somebody holds the lock of the loop branch, and git is patient.
fn with_a_slow_publication() -> Site {
    let mut site = Site::new(|beside| Story::small(json!([{ "wait_for": beside.join("work") }, "honest"])));
    site.repo.git(&["config", "core.filesRefLockTimeout", "600000"]);
    site.before = Untouched::look(&site.repo);
    site
}

fn a_publication_waits(site: &Site) {
    site.happens("the loop branch", |event| matches!(event, Event::Opened { .. }));
    std::fs::write(site.repo.dot_git(&format!("refs/heads/{}.lock", site.loop_branch())), "").unwrap();
    std::fs::write(site.repo.beside("memory/work"), "").unwrap();
    let waits = || naming(&site.repo.path()).iter().any(|process| process.command.contains("update-ref"));
    assert!(within(HANG, waits), "nothing is published");
}

/// The provider is overloaded at first.
fn with_a_rest() -> Site {
    Site::new(|beside| {
        let overloaded = json!({ "type": "result", "subtype": "success", "is_error": true, "session_id": "s",
                                 "result": "API Error: 529 overloaded", "num_turns": 1, "duration_ms": 1,
                                 "total_cost_usd": 0.0, "usage": { "input_tokens": 1, "output_tokens": 1 } });
        let script = beside.join("claude.json");
        std::fs::create_dir_all(beside).unwrap();
        let steps = json!({ "EPIC-001/team-lead/1": [{ "stream": [overloaded] }, { "exit": 1 }],
                            "EPIC-001/team-lead/2": ["honest", { "claude": { "session": "s", "text": "done" } }] });
        std::fs::write(&script, steps.to_string()).unwrap();
        let agent = env!("CARGO_BIN_EXE_fake-agent");
        let mut story = Story::small(json!([]));
        story.backend = format!(
            "execution:\n  epicPlanning: false\n  epicValidation: false\n  backend: claude\nbackends:\n  claude:\n    program: {agent}\n    env: {}\n",
            json!({ "FAKE_AGENT_SCRIPT": script })
        );
        story.config("policy:\n  retryDelay: 5\n")
    })
}

fn it_rests(site: &Site) {
    let rests = || site.has_begun() && matches!(site.view().epics[0].state, TrackState::Resting { .. });
    assert!(within(HANG, rests), "it does not rest");
}

/// What was in the way is out of it.
fn let_go(site: &Site) {
    std::fs::write(site.repo.beside("memory/go"), "").unwrap();
    let _ = std::fs::remove_file(site.repo.dot_git(&format!("refs/heads/{}.lock", site.loop_branch())));
}

/// Goes on until it is over, and looks whether everything is there.
fn resumes(name: &str, site: &Site) {
    let_go(site);
    let end = site.next_life(&[]).end();
    assert_eq!(end.code, Some(0), "{name}: {end:?}");
    // Not even a git of the life that was stopped.
    let left = || naming(&site.repo.beside(""));
    assert!(within(HANG, || left().is_empty()), "{name}: still alive: {:#?}", left());
    holds_at_the_end(site);
    assert_eq!(site.prd()["epics"][0]["status"], "completed", "{name}");
}

fn stopped(name: &str, site: &Site, life: Life, limit: Duration) {
    let end = life.end();
    assert_eq!(end.code, Some(130), "{name}: {end:?}");
    assert!(end.took < limit, "{name}: it took {:?}", end.took);
    println!("{name}: stopped within {:?}", end.took);
    // A git that is at work belongs to no job: it may finish by itself, or is ended by the next life.
    let left = || site.processes().iter().any(Process::is_of_a_job);
    assert!(within(HANG, || !left()), "{name}: still alive: {:#?}", site.processes());
}

#[test]
fn one_signal_stops_within_eleven_seconds_whatever_is_under_way() {
    std::thread::scope(|scope| {
        for scene in &SCENES {
            scope.spawn(|| {
                let site = (scene.site)();
                let life = site.first_life(&[]);
                (scene.under_way)(&site);
                life.signal(Signal::INT);
                stopped(scene.name, &site, life, STOP);
                resumes(scene.name, &site);
            });
        }
    });
}

#[test]
fn two_signals_stop_within_about_a_second_whatever_is_under_way() {
    for scene in &SCENES {
        let site = (scene.site)();
        let life = site.first_life(&[]);
        (scene.under_way)(&site);
        life.signal(Signal::INT);
        // Two signals at once may be one; the first one is on the disk before it is acted upon.
        let how = |event: &Event| matches!(event, Event::StopAsked { .. });
        site.happens("the first signal", how);
        life.signal(Signal::INT);
        stopped(scene.name, &site, life, HURRY);
        resumes(scene.name, &site);
    }
}
